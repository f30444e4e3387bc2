package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// reportBody is the period's report.
type reportBody struct {
	*web.Report
	Period   period
	Quarters []choice
	Tables   []figures // reported, verified, difference
	Forms    []figures // form II.06a: reported, verified
	Files    []fileLink
}

// figures are one table of the report by one account.
type figures struct {
	Account reconcile.Account
	Columns []reconcile.Column
	Lines   []figureLine
	Form    bool
}

// figureLine is a department or field, or the total.
type figureLine struct {
	Code, Name string
	Total      bool
	Cells      []figure
}

// figure is one number, with the dossiers behind it.
type figure struct {
	Count  int
	Link   string // "" where no dossier is behind it
	Signed bool
}

type fileLink struct{ Format, Link string }

// tableColumns are those of the report's own table, formColumns those of form II.06a.
var (
	tableColumns = reconcile.Columns[:slices.Index(reconcile.Columns, reconcile.ColumnFormReceived)]
	formColumns  = reconcile.Columns[slices.Index(reconcile.Columns, reconcile.ColumnFormReceived):]
)

func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "report.title")
	if err != nil {
		return err
	}
	chosen, query := p.periodOf(r.URL.Query(), v)
	body := reportBody{Period: chosen, Quarters: p.quarters(chosen.Quarter, v)}
	if len(chosen.Faults) > 0 {
		return p.answer(w, r, http.StatusUnprocessableEntity, "report", v, body)
	}
	if body.Report, err = p.options.Backend.Report(r.Context(), v.Who.Scope(), query); err != nil {
		return err
	}
	for _, account := range reconcile.Accounts {
		body.Tables = append(body.Tables, tableOf(body.Report, account, tableColumns, &chosen))
		if account != reconcile.AccountDifference {
			body.Forms = append(body.Forms, tableOf(body.Report, account, formColumns, &chosen))
		}
	}
	for _, format := range []string{"docx", "xlsx", "pdf"} {
		q := chosen.values()
		q.Set("format", format)
		body.Files = append(body.Files, fileLink{format, "/report/file?" + q.Encode()})
	}
	return p.page(w, r, "report", v, body)
}

func tableOf(report *web.Report, account reconcile.Account, columns []reconcile.Column, chosen *period) figures {
	table := figures{Account: account, Columns: columns, Form: columns[0] == reconcile.ColumnFormReceived}
	line := func(row *web.ReportRow, total bool) figureLine {
		l := figureLine{Code: row.Department, Name: row.Name, Total: total}
		for _, column := range columns {
			f := figure{Count: countOf(row, account, column), Signed: account == reconcile.AccountDifference}
			// A difference of nothing may still be made of dossiers: some more, some fewer.
			if f.Count != 0 || f.Signed && countOf(row, reconcile.AccountReported, column) != 0 {
				q := chosen.values()
				q.Set("account", string(account))
				q.Set("column", string(column))
				if total {
					q.Set("total", "true")
				} else {
					q.Set("row", row.Department)
				}
				f.Link = "/report/dossiers?" + q.Encode()
			}
			l.Cells = append(l.Cells, f)
		}
		return l
	}
	for i := range report.Rows {
		table.Lines = append(table.Lines, line(&report.Rows[i], false))
	}
	table.Lines = append(table.Lines, line(&report.Total, true))
	return table
}

// countOf is a figure of a row; of the difference, verified less reported.
func countOf(row *web.ReportRow, account reconcile.Account, column reconcile.Column) int {
	switch account {
	case reconcile.AccountReported:
		return countIn(&row.Reported, &row.FormReported, column)
	case reconcile.AccountVerified:
		return countIn(&row.Verified, &row.FormVerified, column)
	}
	return countIn(&row.Verified, &row.FormVerified, column) - countIn(&row.Reported, &row.FormReported, column)
}

func countIn(c *reconcile.Counts, f *reconcile.FormCounts, column reconcile.Column) int {
	switch column {
	case reconcile.ColumnTotal:
		return c.Total()
	case reconcile.ColumnResolvedOnTime:
		return c.ResolvedOnTime
	case reconcile.ColumnResolvedLate:
		return c.ResolvedLate
	case reconcile.ColumnInProgressOnTime:
		return c.InProgressOnTime
	case reconcile.ColumnInProgressOverdue:
		return c.InProgressOverdue
	case reconcile.ColumnFormReceived:
		return f.Online + f.InPerson + f.CarriedOver
	case reconcile.ColumnFormOnline:
		return f.Online
	case reconcile.ColumnFormInPerson:
		return f.InPerson
	case reconcile.ColumnFormCarriedOver:
		return f.CarriedOver
	case reconcile.ColumnFormResolved:
		return f.Early + f.OnTime + f.Late
	case reconcile.ColumnFormEarly:
		return f.Early
	case reconcile.ColumnFormOnTime:
		return f.OnTime
	case reconcile.ColumnFormLate:
		return f.Late
	case reconcile.ColumnFormInProgress:
		return f.InProgressOnTime + f.InProgressOverdue
	case reconcile.ColumnFormInProgressOnTime:
		return f.InProgressOnTime
	case reconcile.ColumnFormInProgressOverdue:
		return f.InProgressOverdue
	}
	return 0
}

// cellBody is the dossiers behind a figure.
type cellBody struct {
	Period     period
	Cell       web.Cell
	Name       string
	Items      []web.CellDossier
	Next, Back string
}

func (p *Pages) reportDossiers(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "cell.title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	chosen, query := p.periodOf(q, v)
	cell := web.Cell{Row: q.Get("row"), Total: q.Get("total") == "true", Account: reconcile.Account(q.Get("account")), Column: reconcile.Column(q.Get("column"))}
	after := q.Get("after")
	if len(chosen.Faults) > 0 || !slices.Contains(reconcile.Accounts, cell.Account) || !slices.Contains(reconcile.Columns, cell.Column) || !readable(cell.Row) || !readable(after) || cell.Total && cell.Row != "" {
		return errUnreadable
	}
	page, err := p.options.Backend.ReportDossiers(r.Context(), v.Who.Scope(), query, cell, after, pageSize)
	if err != nil {
		return err
	}
	body := cellBody{Period: chosen, Cell: cell, Items: page.Items, Back: "/report?" + chosen.values().Encode()}
	switch {
	case cell.Total:
		body.Name = v.say("total")
	case chosen.By == reconcile.ByDepartment:
		body.Name = v.NameOf(cell.Row)
	default:
		body.Name = cell.Row
	}
	if page.Next != "" {
		q.Set("after", page.Next)
		body.Next = "/report/dossiers?" + q.Encode()
	}
	return p.page(w, r, "cell", v, body)
}

func (p *Pages) reportFile(w http.ResponseWriter, r *http.Request) error {
	chosen, query := p.periodOf(r.URL.Query(), p.bare(r))
	format := r.URL.Query().Get("format")
	if len(chosen.Faults) > 0 || !slices.Contains([]string{"docx", "xlsx", "pdf"}, format) {
		return errUnreadable
	}
	return download(w, r, func(ctx context.Context) (*web.File, error) {
		return p.options.Backend.ReportFile(ctx, scopeOf(r), query, format)
	})
}
