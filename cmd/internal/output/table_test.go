package output

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

func TestRunAsTable(t *testing.T) {
	text := golden(t, "run.txt", func(w io.Writer) error { return Table(w, sampleRun(), each(listed()), 1) })
	fits(t, string(text))
	first, _, _ := strings.Cut(string(text), "\n")
	if !strings.HasPrefix(first, "25 discrepancies are open, 1,200 suspected, 1 acknowledged or waived") {
		t.Errorf("the first line is %q", first)
	}
}

func TestReportAsTable(t *testing.T) {
	text := golden(t, "report.txt", func(w io.Writer) error { return ReportTable(w, sampleReport(), hanoi) })
	fits(t, string(text))
}

func TestNoDiscrepancyIsSaidAtOnce(t *testing.T) {
	var text bytes.Buffer
	r := sampleRun()
	r.Summary, r.Sources = nil, r.Sources[:1]
	if err := Table(&text, r, each(nil), 20); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text.String(), "No discrepancies: both sides say the same. 1,889 dossiers compared, as of 02/07/2018 08:00 (run 12).\n") {
		t.Error(text.String())
	}
	if strings.Contains(text.String(), "explain") {
		t.Error("there is nothing to explain")
	}
}

// Everything foreign is as long as it may be, and meant to disturb.
func TestTablesFitWhateverTheSourcesSay(t *testing.T) {
	code := strings.Repeat("0123456789", 5)
	long := strings.Repeat("Ủy ban nhân dân phường ", 5)
	wide := app.Listed{Discrepancy: reconcile.Discrepancy{
		ID: "3f2a9c0d11e45b67", Kind: reconcile.CompletionDateMismatch, Code: code, Department: code, State: reconcile.StateAcknowledged,
		Since: at("2018-06-13 09:30"), Reason: long,
	}}
	decomposed := wide
	decomposed.Code, decomposed.Department = "HO\u0302\u0300-SO\u031b-01", "PHO\u0300NG"
	hostile := wide
	hostile.Code, hostile.Department = "A\x1b[2J\x1b[31m\rB\n\tC", "D\u202eE\x07"
	list := []app.Listed{wide, decomposed, hostile}
	r := sampleRun()
	r.Departments = []string{code}
	r.Sources = append(r.Sources, Source{Name: code + code, Side: reconcile.Platform, State: reconcile.SnapshotAccepted, Records: 123456789, Rejected: 123456789, DataAsOf: r.AsOf})
	r.Summary = append(r.Summary, store.Summary{Kind: reconcile.BackdatedClose, Department: code + code, State: reconcile.StateOpen, Effect: reconcile.FalseOverdue, Count: 1234567})
	report := sampleReport()
	for i := range 3 {
		row := report.Rows[1]
		row.Name = long
		for _, c := range []*reconcile.Counts{&row.Reported, &row.Verified} {
			c.ResolvedOnTime *= 1000 * (i + 1)
			c.ResolvedLate *= 1000
			c.InProgressOnTime *= 1000
			c.InProgressOverdue *= 1000
		}
		report.Rows = append(report.Rows, row)
		report.Total.Reported.Add(row.Reported)
		report.Total.Verified.Add(row.Verified)
	}
	snapshots := []reconcile.Snapshot{{
		ID: 123456, Source: code, Side: reconcile.Office, State: reconcile.SnapshotPartial, Records: 1234567, Rows: 1234567, Rejected: 1234567, Skipped: 12345,
		Poll: reconcile.Poll{StartedAt: r.AsOf, Reason: long + code + code + code}, AcceptedBy: long,
	}}
	rejected := map[int64][]reconcile.Rejected{123456: {{Position: reconcile.Position{Place: "offices/" + code, Row: 7}, Reason: long}}}
	connection := &app.Connection{
		Source: code, Side: reconcile.Office, Protocol: "http", Rows: 3, Poll: reconcile.Poll{Cause: reconcile.CauseConnect, Reason: long + code + code},
		Rejected: rejected[123456], Unmapped: []string{"Đang xác minh"}, Unknown: []string{"P\x1b03"},
		Records: []reconcile.Record{{Code: code, Department: code, RawStatus: long, ReceivedAt: moment("2018-06-11 08:05")}},
	}
	record := reconcile.Record{Source: code, Side: reconcile.Office, Code: code, Department: long, Status: reconcile.Processing, Group: reconcile.Open, RawStatus: long, ReceivedAt: moment("2018-06-11 08:05")}
	explanation := &app.Explanation{
		Code: code, Codes: []string{code, code + "B"}, AsOf: r.AsOf, Snapshots: snapshots,
		Rows:     []app.ExplainedRow{{Source: code, Raw: []app.RawValue{{Input: "Mã hồ sơ", Value: code + "\x1b[2J"}, {Input: "Tình trạng", Value: long}}, Record: record}},
		Rejected: []app.RejectedRow{{Source: code, Rejected: rejected[123456][0]}},
		Outcome:  reconcile.Outcome{Deadline: reconcile.Deadline{Effect: reconcile.EffectNone}},
		Steps:    []reconcile.Step{{Rule: "status kinds", Fired: true, Why: long + code}},
	}
	for name, write := range map[string]func(io.Writer) error{
		"run":        func(w io.Writer) error { return Table(w, r, each(list), 0) },
		"list":       func(w io.Writer) error { return ListTable(w, hanoi, each(list), 0) },
		"report":     func(w io.Writer) error { return ReportTable(w, report, hanoi) },
		"snapshots":  func(w io.Writer) error { return SnapshotsTable(w, snapshots, rejected, hanoi) },
		"connection": func(w io.Writer) error { return Connection(w, connection, "mappings/book.yaml", hanoi) },
		"explain":    func(w io.Writer) error { return Explain(w, explanation, hanoi) },
		"changes": func(w io.Writer) error {
			return Changes(w, []reconcile.Change{{Discrepancy: hostile.Discrepancy}}, hanoi)
		},
		"check": func(w io.Writer) error {
			return CheckText(w, &Check{Config: code, NotCovered: []string{code, code, code}, YearUnknown: 2031})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			if err := write(&text); err != nil {
				t.Fatal(err)
			}
			fits(t, text.String())
			if strings.ContainsAny(text.String(), "\x1b\r\x07\t\u202e") {
				t.Errorf("a control character of a source reached the terminal: %q", text.String())
			}
		})
	}
}

func TestALongCodeIsBrokenNeverCut(t *testing.T) {
	code := "000.00.16.H57-180611-0004-ABCDEFGHIJKLMNOPQRSTUVWX"
	var text bytes.Buffer
	list := []app.Listed{{Discrepancy: reconcile.Discrepancy{ID: "3f2a9c0d11e45b67", Kind: reconcile.CompletionDateMismatch, Code: code, Department: "VPDKDD", State: reconcile.StateAcknowledged}}}
	if err := ListTable(&text, hanoi, each(list), 0); err != nil {
		t.Fatal(err)
	}
	// The pieces of the code's column, one below the other, are the code.
	var joined string
	for i, line := range strings.Split(text.String(), "\n") {
		if i > 0 && len(line) > 18 {
			joined += strings.Fields(line[18:])[0]
		}
	}
	if joined != code {
		t.Errorf("the code came out as %q:\n%s", joined, &text)
	}
}

func TestALimitedListSaysWhetherThereIsMore(t *testing.T) {
	for _, c := range []struct {
		have, limit, rows int
		more              bool
	}{{5, 5, 5, false}, {6, 5, 5, true}, {4, 5, 4, false}, {6, 0, 6, false}, {listChunk + 1, 0, listChunk + 1, false}} {
		var list []app.Listed
		for i := range c.have {
			list = append(list, app.Listed{Discrepancy: reconcile.Discrepancy{ID: fmt.Sprintf("%016x", i), Kind: reconcile.DuplicateCode, Code: "A"}})
		}
		var text bytes.Buffer
		if err := ListTable(&text, hanoi, each(list), c.limit); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(text.String(), "duplicate_code"); got != c.rows {
			t.Errorf("%d of %d, limit %d", got, c.have, c.limit)
		}
		if got := strings.Contains(text.String(), "--limit 0"); got != c.more {
			t.Errorf("%d of limit %d: more is %t", c.have, c.limit, got)
		}
	}
}

func TestNumbersAndDaysAsPeopleWriteThem(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", -7: "-7", 999: "999", 1000: "1,000", -1234: "-1,234", 1234567: "1,234,567"} {
		if got := number(n); got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
	}
	// A day has no time of day, and no zone that could move it to another day.
	for text, got := range map[string]string{
		"11/06/2018":       momentShown(reconcile.Moment{Time: onDay("2018-06-11").Time.UTC().Truncate(24*3600e9).AddDate(0, 0, 1), DateOnly: true}, hanoi),
		"11/06/2018 08:05": momentShown(moment("2018-06-11 08:05"), hanoi),
		"-":                momentShown(reconcile.Moment{}, hanoi),
	} {
		if got != text {
			t.Errorf("%q, want %q", got, text)
		}
	}
}
