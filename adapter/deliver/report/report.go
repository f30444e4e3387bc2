package report

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Report is a period's report. Days and moments are shown in Zone.
type Report struct {
	Parent string // cơ quan chủ quản; "" leaves its line out
	Centre string // the organisation that reports
	Place  string
	Number string    // "" leaves room for it
	Day    time.Time // of the document; zero: the day of AsOf
	Signer Signer

	From, To time.Time // days, both included
	AsOf     time.Time // the moment at which dossiers are judged
	By       reconcile.By

	// Rows are written in the order given. The totals are theirs.
	Rows     []Row
	Findings []string
	Sources  []Source
	Unread   []string // sources of which nothing was ever read
	// Differences are the dossiers that the two accounts count differently, those of a
	// row together. It is gone through once for each document; nil is none.
	Differences iter.Seq2[Difference, error]
	Zone        *time.Location
}

// Signer signs the report.
type Signer struct {
	Title string
	Name  string
}

// Row is a department or a field.
type Row struct {
	Name               string
	Reported, Verified reconcile.Counts
	// FormReported and FormVerified are the row of form II.06a.
	FormReported, FormVerified reconcile.FormCounts
	// UnknownDue and UnknownEnd count dossiers verified as in time only because a
	// date is not known.
	UnknownDue, UnknownEnd int
}

// Source is where figures come from.
type Source struct {
	Name    string
	ReadAt  time.Time // of the last accepted poll
	Records int
	Stale   bool // older than it should be
}

// Difference is a dossier that the two accounts count differently.
type Difference struct {
	Row                string // the Name of its row
	Code               string
	Reported, Verified string // see VerdictText
	Effect             reconcile.Effect
	Reason             string
}

// VerdictText says in which column of the table a dossier is; nil is none.
func VerdictText(v *reconcile.Verdict) string {
	switch {
	case v == nil:
		return "Không có"
	case v.Ended && v.Late:
		return "Đã giải quyết, quá hạn"
	case v.Ended:
		return "Đã giải quyết, đúng hạn"
	case v.Late:
		return "Đang giải quyết, quá hạn"
	}
	return "Đang giải quyết, trong hạn"
}

// Formats are what Write knows.
var Formats = []string{"docx", "xlsx", "pdf"}

// Write writes the report in one of Formats.
func Write(w io.Writer, r *Report, format string) error {
	switch format {
	case "docx":
		return WriteDocx(w, r)
	case "xlsx":
		return WriteXlsx(w, r)
	case "pdf":
		return WritePDF(w, r)
	}
	return fmt.Errorf("report: %q is no format; docx, xlsx and pdf are", format)
}

func (r *Report) check() error {
	if r.Zone == nil || r.From.IsZero() || r.To.IsZero() || r.AsOf.IsZero() {
		return errors.New("report: From, To, AsOf and Zone must be given")
	}
	if r.To.Before(r.From) {
		return errors.New("report: To lies before From")
	}
	return nil
}

// total adds all rows up.
func (r *Report) total() Row {
	total := Row{Name: "Tổng số"}
	for i := range r.Rows {
		row := &r.Rows[i]
		total.Reported.Add(row.Reported)
		total.Verified.Add(row.Verified)
		addForm(&total.FormReported, row.FormReported)
		addForm(&total.FormVerified, row.FormVerified)
		total.UnknownDue += row.UnknownDue
		total.UnknownEnd += row.UnknownEnd
	}
	return total
}

func addForm(to *reconcile.FormCounts, f reconcile.FormCounts) {
	to.Online += f.Online
	to.InPerson += f.InPerson
	to.CarriedOver += f.CarriedOver
	to.Early += f.Early
	to.OnTime += f.OnTime
	to.Late += f.Late
	to.InProgressOnTime += f.InProgressOnTime
	to.InProgressOverdue += f.InProgressOverdue
}

// differences goes through the dossiers behind the differences.
func (r *Report) differences() iter.Seq2[Difference, error] {
	if r.Differences == nil {
		return func(func(Difference, error) bool) {}
	}
	return r.Differences
}
