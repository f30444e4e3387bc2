package reconcile_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// tape reads a dossier off random bytes; where they end, everything is zero.
type tape struct{ rest []byte }

func (b *tape) byte() byte {
	if len(b.rest) == 0 {
		return 0
	}
	c := b.rest[0]
	b.rest = b.rest[1:]
	return c
}

// moment is unknown, near the others, or anywhere in the years 1 to 9999.
func (b *tape) moment() (m reconcile.Moment) {
	form := b.byte()
	m.DateOnly = form&4 != 0
	switch form % 4 {
	case 0:
		return reconcile.Moment{}
	case 1, 2:
		m.Time = at("2018-07-02", "00:00").Add(time.Duration(int8(b.byte())) * 3 * time.Hour)
	default:
		var raw [8]byte
		for i := range raw {
			raw[i] = b.byte()
		}
		const first, last = -62135596799, 253402300799 // the years 1 to 9999
		m.Time = time.Unix(first+int64(binary.LittleEndian.Uint64(raw[:])%(last-first)), 0).In(vietnam)
	}
	if m.DateOnly {
		y, month, d := m.Time.Date()
		m.Time = time.Date(y, month, d, 0, 0, 0, 0, vietnam)
	}
	return m
}

func (b *tape) record(side reconcile.Side, source string) reconcile.Record {
	statuses := append([]reconcile.Status{""}, reconcile.Statuses...)
	rec := reconcile.Record{
		Source: source, Side: side, Code: string([]byte{'A' + b.byte()%2}), Department: []string{"KT", "TP", ""}[b.byte()%3],
		Status: statuses[int(b.byte())%len(statuses)], Unreadable: b.byte() == 255,
		ReceivedAt: b.moment(), DueAt: b.moment(), ExtendedDueAt: b.moment(), CompletedAt: b.moment(),
		ReturnedAt: b.moment(), UpdatedAt: b.moment(), FirstReadAt: b.moment().Time, ReadAt: b.moment().Time,
	}
	rec.Group, rec.RawStatus = reconcile.DefaultGroup(rec.Status), string(rec.Status)
	return rec
}

func (b *tape) dossier() *reconcile.Dossier {
	d := &reconcile.Dossier{}
	shape := b.byte()
	for range shape % 3 {
		d.Platform = append(d.Platform, b.record(reconcile.Platform, platformSource))
	}
	for range shape / 3 % 3 {
		d.Offices = append(d.Offices, b.record(reconcile.Office, "book-a"))
	}
	if shape&64 != 0 {
		d.Offices = append(d.Offices, b.record(reconcile.Office, "book-b"))
	}
	if shape&128 != 0 {
		v := reconcile.Version{Record: b.record(reconcile.Office, "book-a"), SeenUntil: b.moment().Time}
		d.History = append(d.History, v)
	}
	return d
}

// FuzzCompare: whatever the records say, the rules neither panic nor contradict
// themselves.
func FuzzCompare(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{4, 0, 0, 4, 1, 1, 9, 1, 8, 1, 7, 0, 0, 9, 1, 3, 1, 1, 1, 0, 0, 10, 1, 1, 5, 1, 2, 0, 1, 6, 1, 8, 1, 1, 1})
	f.Add([]byte{200, 1, 1, 9, 3, 255, 255, 255, 255, 255, 255, 255, 127, 5, 7, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	cal := plainHours(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		b := &tape{raw}
		w := &world{}
		asOf := at("2018-07-05", "08:00")
		if m := b.moment(); m.Known() {
			asOf = m.Time
		}
		w.coverAll(asOf)
		w.rules.Calendar = cal
		if b.byte()%2 == 1 {
			w.rules.CompareBy = reconcile.ByDate
		}
		d := b.dossier()
		out, steps := w.rules.Explain(d)
		if diff := cmp.Diff(w.rules.Compare(d), out); diff != "" {
			t.Fatalf("Compare (-), Explain (+):\n%s", diff)
		}
		if out.Code != "" && len(steps) == 0 {
			t.Fatal("nothing was tried")
		}
		consistent(t, &out)
		changes := w.rules.Advance(&out, nil)
		want := len(out.Findings)
		if out.Undecided { // a row that was first read after everything was polled
			want = 0
		}
		if len(changes) != want {
			t.Fatalf("%d findings, all read, undecided %t, %d changes", len(out.Findings), out.Undecided, len(changes))
		}
		kept := keep(nil, changes)
		if again := w.rules.Advance(&out, kept); len(again) > 0 {
			t.Fatalf("the same outcome again: %+v", again)
		}
		turned := &reconcile.Dossier{Platform: slices.Clone(d.Platform), Offices: slices.Clone(d.Offices), History: d.History}
		slices.Reverse(turned.Platform)
		slices.Reverse(turned.Offices)
		if diff := cmp.Diff(outline(&w.rules, d), outline(&w.rules, turned)); diff != "" {
			t.Fatalf("rows in order (-), reversed (+):\n%s", diff)
		}
	})
}

// consistent checks what the order of the rules promises of any outcome.
func consistent(t *testing.T, out *reconcile.Outcome) {
	t.Helper()
	count := map[reconcile.Kind]int{}
	identities := map[string]bool{}
	rank := -1
	for _, f := range out.Findings {
		count[f.Kind]++
		identities[reconcile.DiscrepancyID(f.Kind, out.Code, f.Side)] = true
		r := slices.IndexFunc(order, func(group []reconcile.Kind) bool { return slices.Contains(group, f.Kind) })
		if r < rank {
			t.Fatalf("%s comes out of turn: %+v", f.Kind, out.Findings)
		}
		if r <= 2 && rank > r || rank >= 0 && rank <= 2 && r != rank {
			t.Fatalf("%s, though the matter was ended: %+v", f.Kind, out.Findings)
		}
		rank = r
		if f.Reason == "" {
			t.Fatalf("%s without a reason", f.Kind)
		}
	}
	if len(identities) != len(out.Findings) {
		t.Fatalf("an identity twice: %+v", out.Findings)
	}
	status := count[reconcile.ResolvedNotClosed] + count[reconcile.ClosedInProgress] + count[reconcile.OutcomeMismatch] + count[reconcile.PauseMismatch]
	dates := count[reconcile.CompletionDateMismatch] + count[reconcile.DueDateMismatch]
	if status > 1 || status == 1 && dates > 0 {
		t.Fatalf("%d status kinds, %d date kinds", status, dates)
	}
	if missing := count[reconcile.MissingInOffice] + count[reconcile.MissingOnPlatform]; missing > 0 && out.Compared {
		t.Fatal("missing, and yet compared")
	}
	late := func(v *reconcile.Verdict) bool { return v != nil && v.Late }
	want := reconcile.EffectNone
	if d := out.Deadline; d.Reported != nil && d.Verified != nil && late(d.Reported) != late(d.Verified) {
		want = reconcile.HiddenOverdue
		if late(d.Reported) {
			want = reconcile.FalseOverdue
		}
	}
	if out.Deadline.Effect != want {
		t.Fatalf("effect %s of %+v", out.Deadline.Effect, out.Deadline)
	}
}

// order is the law's: each of the first three groups ends the matter.
var order = [][]reconcile.Kind{
	{reconcile.DuplicateCode}, {reconcile.UnmappedStatus}, {reconcile.InvalidRecord},
	{reconcile.DepartmentMismatch},
	{
		reconcile.ResolvedNotClosed, reconcile.ClosedInProgress, reconcile.OutcomeMismatch, reconcile.PauseMismatch,
		reconcile.MissingInOffice, reconcile.MissingOnPlatform,
	},
	{reconcile.CompletionDateMismatch, reconcile.DueDateMismatch},
	{reconcile.Reopened, reconcile.BackdatedClose},
}
