package reconcile

// By is what the rows of a report are.
type By string

// The rows of a report.
const (
	ByDepartment By = "department"
	ByField      By = "field" // lĩnh vực, as the platform names it
)

// Bys lists them.
var Bys = []By{ByDepartment, ByField}

// Account is by whose word a figure is counted.
type Account string

// The accounts of a report.
const (
	AccountReported   Account = "reported" // the platform's own
	AccountVerified   Account = "verified" // what it should have said
	AccountDifference Account = "difference"
)

// Accounts lists them.
var Accounts = []Account{AccountReported, AccountVerified, AccountDifference}

// Column is a figure of a report's row.
type Column string

// The columns of the report's table, then those of form II.06a (TT 01/2020/TT-VPCP).
const (
	ColumnTotal             Column = "total"
	ColumnResolvedOnTime    Column = "resolved_on_time"
	ColumnResolvedLate      Column = "resolved_late"
	ColumnInProgressOnTime  Column = "in_progress_on_time"
	ColumnInProgressOverdue Column = "in_progress_overdue"

	ColumnFormReceived          Column = "form_received"
	ColumnFormOnline            Column = "form_received_online"
	ColumnFormInPerson          Column = "form_received_in_person" // and by post
	ColumnFormCarriedOver       Column = "form_carried_over"
	ColumnFormResolved          Column = "form_resolved"
	ColumnFormEarly             Column = "form_resolved_early"
	ColumnFormOnTime            Column = "form_resolved_on_time"
	ColumnFormLate              Column = "form_resolved_late"
	ColumnFormInProgress        Column = "form_in_progress"
	ColumnFormInProgressOnTime  Column = "form_in_progress_on_time"
	ColumnFormInProgressOverdue Column = "form_in_progress_overdue"
)

// Columns lists them.
var Columns = []Column{
	ColumnTotal, ColumnResolvedOnTime, ColumnResolvedLate, ColumnInProgressOnTime, ColumnInProgressOverdue,
	ColumnFormReceived, ColumnFormOnline, ColumnFormInPerson, ColumnFormCarriedOver,
	ColumnFormResolved, ColumnFormEarly, ColumnFormOnTime, ColumnFormLate,
	ColumnFormInProgress, ColumnFormInProgressOnTime, ColumnFormInProgressOverdue,
}
