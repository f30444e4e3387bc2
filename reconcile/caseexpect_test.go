package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// compared puts what a case expects and what was decided side by side. Findings
// are compared in full; of everything else, what the case or its "given" names.
func (c *stage) compared(expect []field) (want, got []string) {
	c.t.Helper()
	all := c.decided()
	keys := maps.Clone(c.expects)
	wantEvents, gotEvents := []string{}, []string{}
	named, events := false, false
	for _, f := range expect {
		kind, _, _ := strings.Cut(f.key, " ")
		switch {
		case f.key == "nothing":
			named = true
		case slices.Contains(reconcile.Kinds, reconcile.Kind(kind)):
			named = true
			want = append(want, f.key+": "+f.value)
		case f.key == "event":
			events = true
			wantEvents = append(wantEvents, "event: "+f.value)
		case f.key == "no event":
			events = true
		default:
			if _, ok := all[f.key]; !ok {
				c.t.Fatalf("nothing called %q can be expected", f.key)
			}
			keys[f.key] = f.value
		}
	}
	if !named {
		c.t.Fatal(`a case says which findings it expects, or "nothing"`)
	}
	got = c.findings()
	slices.Sort(want)
	slices.Sort(got)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		want = append(want, key+": "+keys[key])
		if key == "reason" && strings.Contains(all[key], keys[key]) {
			all[key] = keys[key]
		}
		got = append(got, key+": "+all[key])
	}
	if events {
		for _, ch := range c.changes {
			if e := ch.Event; e.To != "" {
				gotEvents = append(gotEvents, strings.TrimSpace(fmt.Sprintf("event: %s %s → %s: %s", ch.Discrepancy.Kind, e.From, e.To, e.Why)))
			}
		}
		want, got = append(want, wantEvents...), append(got, gotEvents...)
	}
	return want, got
}

// findings are the discrepancies as they are kept now, and the findings that
// were not taken up.
func (c *stage) findings() (lines []string) {
	name := func(kind reconcile.Kind, side reconcile.Side) string {
		return strings.TrimSpace(string(kind) + " " + string(side))
	}
	ids := map[string]bool{}
	for _, d := range c.kept {
		ids[d.ID] = true
		line := name(d.Kind, d.Side) + ": " + string(d.State)
		if d.Standing() {
			line += fmt.Sprintf(", since %s, %s, %s", d.Since.In(vietnam).Format(caseLayout), d.Effect, d.Department)
		}
		if d.Reopened > 0 {
			line += fmt.Sprintf(", came back %d×", d.Reopened)
		}
		if d.Unstable {
			line += ", unstable"
		}
		if d.State == reconcile.StateWaived {
			line += ", until " + d.WaivedUntil.In(vietnam).Format(caseLayout)
		}
		lines = append(lines, line)
	}
	for _, f := range c.out.Findings {
		if !ids[reconcile.DiscrepancyID(f.Kind, c.out.Code, f.Side)] {
			lines = append(lines, name(f.Kind, f.Side)+": not taken up")
		}
	}
	return lines
}

// decided is everything else a case can be about.
func (c *stage) decided() map[string]string {
	out := &c.out
	yes := map[bool]string{true: "yes", false: "no"}
	source := func(rec *reconcile.Record) string {
		if rec == nil {
			return "none"
		}
		return rec.Source
	}
	verdict := func(v *reconcile.Verdict) string {
		if v == nil {
			return "none"
		}
		s := shown(v)
		if v.UnknownDue {
			s += ", due unknown"
		}
		if v.UnknownEnd {
			s += ", end unknown"
		}
		return s
	}
	due := "none"
	if m := out.Deadline.Due; m.DateOnly {
		due = m.Time.Format("02/01/2006")
	} else if m.Known() {
		due = m.Time.In(vietnam).Format(caseLayout)
	}
	var reasons []string
	for _, f := range out.Findings {
		reasons = append(reasons, f.Reason)
	}
	return map[string]string{
		"code": out.Code, "department": out.Department,
		"office": source(out.Pair.Office), "further offices": fmt.Sprint(len(out.Pair.OtherOffices)),
		"reported": verdict(out.Deadline.Reported), "verified": verdict(out.Deadline.Verified),
		"due": due + ", " + out.Deadline.DueFrom, "effect": string(out.Deadline.Effect),
		"compared": yes[out.Compared], "not covered": yes[out.NotCovered], "undecided": yes[out.Undecided],
		"look first": yes[out.Look],
		"look again": yes[c.rules.Unverified(out)],
		"counted":    c.counted(), "form": c.form(), "row by field": reconcile.NewCells(&c.rules, reconcile.ByField, c.from, c.to).Row(out),
		"wakes": c.wakes(), "reason": strings.Join(reasons, "; "),
	}
}

// wakes is the earliest moment at which time alone may change something.
func (c *stage) wakes() string {
	var next time.Time
	for _, d := range c.kept {
		if !d.WakeAt.IsZero() && (next.IsZero() || d.WakeAt.Before(next)) {
			next = d.WakeAt
		}
	}
	switch {
	case next.IsZero():
		return "never"
	case next.Equal(next.Truncate(time.Minute)):
		return next.In(vietnam).Format(caseLayout)
	}
	if next.UnixMilli() == 1 { // a moment that has always come
		return "in every run"
	}
	return "right after " + next.In(vietnam).Format(caseLayout)
}

// counted is the column of the table, by the platform's account and in truth.
func (c *stage) counted() string {
	tally := reconcile.NewTally(c.from, c.to)
	tally.Add(&c.out)
	row := tally.Rows()[c.out.Department]
	column := func(n reconcile.Counts) string {
		switch (reconcile.Counts{ResolvedOnTime: n.ResolvedOnTime, ResolvedLate: n.ResolvedLate, InProgressOnTime: n.InProgressOnTime, InProgressOverdue: n.InProgressOverdue}) {
		case reconcile.Counts{ResolvedOnTime: 1}:
			return "resolved on time"
		case reconcile.Counts{ResolvedLate: 1}:
			return "resolved late"
		case reconcile.Counts{InProgressOnTime: 1}:
			return "in progress on time"
		case reconcile.Counts{InProgressOverdue: 1}:
			return "in progress overdue"
		}
		return "nowhere"
	}
	return column(row.Reported) + " / " + column(row.Verified)
}

// form is where the dossier stands in form II.06a, by the platform's account and in
// truth.
func (c *stage) form() string {
	_, row := countedForm(&c.rules, reconcile.ByDepartment, c.from, c.to, &c.out)
	words := func(counts reconcile.FormCounts) string {
		line := lineOf(c.t, counts)
		if line == (formLine{}) {
			return "nowhere"
		}
		return line.Received + ", " + line.Standing
	}
	return words(row.Reported) + " / " + words(row.Verified)
}
