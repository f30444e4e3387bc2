package reconcile_test

import (
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// benchWorld is a dossier as most are: one row a side, all dates known.
func benchWorld(b *testing.B) (*world, *reconcile.Dossier) {
	w := &world{}
	w.coverAll(at("2018-07-05", "08:00"))
	w.rules.Calendar = plainHours(b)
	rec := reconcile.Record{
		Source: platformSource, Side: reconcile.Platform, Code: "000.00.16.H57-180618-0001", Department: "KT",
		Status: reconcile.Returned, Group: reconcile.Done, RawStatus: "10",
		ReceivedAt: reconcile.Moment{Time: at("2018-06-18", "08:00")}, DueAt: reconcile.Moment{Time: at("2018-07-02", "17:00")},
		CompletedAt: reconcile.Moment{Time: at("2018-06-29", "10:00")}, ReturnedAt: reconcile.Moment{Time: at("2018-06-29", "15:00")},
		UpdatedAt: reconcile.Moment{Time: at("2018-06-29", "15:01")}, ReadAt: w.rules.AsOf, FirstReadAt: at("2018-06-18", "09:00"),
	}
	d := &reconcile.Dossier{Platform: []reconcile.Record{rec}}
	rec.Source, rec.Side = "book-a", reconcile.Office
	d.Offices = []reconcile.Record{rec}
	return w, d
}

func BenchmarkCompare(b *testing.B) {
	for _, bench := range []struct {
		name     string
		findings int
		change   func(platform, office *reconcile.Record)
	}{
		{"agreeing", 0, func(_, _ *reconcile.Record) {}},
		{"agreeing in progress", 0, func(platform, office *reconcile.Record) {
			platform.Status, platform.Group = reconcile.Processing, reconcile.Open
			office.Status, office.Group = reconcile.Received, reconcile.Open
		}},
		{"disagreeing status", 1, func(platform, _ *reconcile.Record) {
			platform.Status, platform.Group = reconcile.Processing, reconcile.Open
		}},
		{"disagreeing dates", 2, func(platform, _ *reconcile.Record) {
			platform.CompletedAt.Time = platform.CompletedAt.Time.Add(72 * time.Hour)
			platform.DueAt.Time = platform.DueAt.Time.Add(72 * time.Hour)
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			w, d := benchWorld(b)
			bench.change(&d.Platform[0], &d.Offices[0])
			b.ReportAllocs()
			for b.Loop() {
				if out := w.rules.Compare(d); len(out.Findings) != bench.findings {
					b.Fatal(out.Findings)
				}
			}
		})
	}
}

// Most dossiers agree, and a full run compares a million of them: it must not
// make garbage of a single one.
func TestAnAgreeingDossierCostsNoAllocation(t *testing.T) {
	var out reconcile.Outcome
	w, d := plain(t)
	if n := testing.AllocsPerRun(100, func() { out = w.rules.Compare(d) }); n != 0 || len(out.Findings) > 0 {
		t.Errorf("%v allocations, %d findings", n, len(out.Findings))
	}
}

func BenchmarkAdvance(b *testing.B) {
	w, d := benchWorld(b)
	d.Platform[0].Status, d.Platform[0].Group = reconcile.Processing, reconcile.Open
	out := w.rules.Compare(d)
	kept := keep(nil, w.rules.Advance(&out, nil))
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(w.rules.Advance(&out, nil)) != 1 {
				b.Fatal("one is new")
			}
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(w.rules.Advance(&out, kept)) != 0 {
				b.Fatal("nothing changes")
			}
		}
	})
}

// A report scans every dossier that is stored: what it counts must cost little beside
// the comparison itself.
func BenchmarkReport(b *testing.B) {
	w, d := benchWorld(b)
	d.Platform[0].CompletedAt.Time = at("2018-06-30", "10:00")
	d.Platform[0].DueAt.Time, d.Offices[0].DueAt.Time = at("2018-06-29", "17:00"), at("2018-06-29", "17:00")
	out := w.rules.Compare(d)
	from, to := at("2018-04-01", "00:00"), at("2018-07-01", "00:00")
	tally, form := reconcile.NewTally(from, to), reconcile.NewForm(&w.rules, reconcile.ByField, from, to)
	survey, cells := reconcile.NewSurvey(&w.rules, from, to), reconcile.NewCells(&w.rules, reconcile.ByDepartment, from, to)
	in := 0
	for _, bench := range []struct {
		name string
		add  func(*reconcile.Outcome)
	}{
		{"tally", tally.Add}, {"form", form.Add}, {"survey", survey.Add},
		{"cell of a difference", func(out *reconcile.Outcome) {
			if cells.In(out, reconcile.Cell{Total: true, Account: reconcile.AccountDifference, Column: reconcile.ColumnFormLate}) {
				in++
			}
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.add(&out)
			}
		})
	}
	if in == 0 {
		b.Fatal("late on the platform alone, and behind no difference")
	}
}
