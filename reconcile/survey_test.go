package reconcile_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doisoat/doisoat/reconcile"
)

// surveyed puts dossiers into a survey of June 2018.
func surveyed(w *world, dossiers ...*reconcile.Dossier) reconcile.Findings {
	s := reconcile.NewSurvey(&w.rules, at("2018-06-01", "00:00"), at("2018-07-01", "00:00"))
	for _, d := range dossiers {
		out := w.rules.Compare(d)
		s.Add(&out)
	}
	return s.Findings()
}

// changed is a copy of a dossier with one change.
func changed(d *reconcile.Dossier, change func(platform, office *reconcile.Record)) *reconcile.Dossier {
	c := &reconcile.Dossier{Platform: slices.Clone(d.Platform), Offices: slices.Clone(d.Offices), History: slices.Clone(d.History)}
	change(&c.Platform[0], &c.Offices[0])
	return c
}

func done(rec *reconcile.Record, day, clock string) {
	rec.Status, rec.Group, rec.CompletedAt = reconcile.Resolved, reconcile.Done, reconcile.Moment{Time: at(day, clock)}
}

func onDay(rec *reconcile.Record, day string) {
	done(rec, day, "00:00")
	rec.CompletedAt.DateOnly = true
}

func TestHowLongDossiersStayOpenOnThePlatform(t *testing.T) {
	t.Parallel()
	w, d := plain(t) // Thursday, 5 July 2018
	tests := []struct {
		name             string
		ends             func(platform, office *reconcile.Record)
		both, later      int
		late             int
		delay            time.Duration
		notClosed, inUse int
	}{
		{"both in progress", func(_, _ *reconcile.Record) {}, 0, 0, 0, 0, 0, 1},
		{"at the same moment", func(p, o *reconcile.Record) { done(p, "2018-06-25", "09:00"); done(o, "2018-06-25", "09:00") }, 1, 0, 0, 0, 0, 1},
		{"first on the platform", func(p, o *reconcile.Record) { done(p, "2018-06-25", "09:00"); done(o, "2018-06-26", "09:00") }, 1, 0, 0, 0, 0, 1},
		{"two hours later, over noon", func(p, o *reconcile.Record) { done(p, "2018-06-25", "14:30"); done(o, "2018-06-25", "10:30") }, 1, 1, 0, 2 * time.Hour, 0, 1},
		{"exactly the grace", func(p, o *reconcile.Record) { done(p, "2018-06-26", "09:00"); done(o, "2018-06-25", "09:00") }, 1, 1, 0, 8 * time.Hour, 0, 1},
		{"a minute more", func(p, o *reconcile.Record) { done(p, "2018-06-26", "09:01"); done(o, "2018-06-25", "09:00") }, 1, 1, 1, 8*time.Hour + time.Minute, 0, 1},
		{"over a weekend", func(p, o *reconcile.Record) { done(p, "2018-07-02", "07:30"); done(o, "2018-06-29", "16:30") }, 1, 1, 0, time.Hour, 0, 1},
		{"after closing time", func(p, o *reconcile.Record) { done(p, "2018-06-25", "19:00"); done(o, "2018-06-25", "18:00") }, 1, 1, 0, 0, 0, 1},
		{"the same day", func(p, o *reconcile.Record) { done(p, "2018-06-25", "16:00"); onDay(o, "2018-06-25") }, 1, 0, 0, 0, 0, 1},
		{"the office's day alone, next morning", func(p, o *reconcile.Record) { done(p, "2018-06-26", "08:00"); onDay(o, "2018-06-25") }, 1, 1, 0, time.Hour, 0, 1},
		{"the platform's day alone, next day", func(p, o *reconcile.Record) { onDay(p, "2018-06-26"); done(o, "2018-06-25", "16:00") }, 1, 1, 0, time.Hour, 0, 1},
		{"two days alone", func(p, o *reconcile.Record) { onDay(p, "2018-06-27"); onDay(o, "2018-06-25") }, 1, 1, 1, 16 * time.Hour, 0, 1},
		{"not closed", func(_, o *reconcile.Record) { done(o, "2018-06-25", "09:00") }, 0, 0, 0, 0, 1, 1},
		{"closed after as_of", func(p, o *reconcile.Record) { done(p, "2018-07-05", "12:01"); done(o, "2018-06-25", "09:00") }, 0, 0, 0, 0, 0, 1},
		{"an end that nobody knows", func(p, o *reconcile.Record) {
			done(p, "2018-06-26", "09:00")
			done(o, "2018-06-25", "09:00")
			o.CompletedAt.Time = time.Time{}
		}, 0, 0, 0, 0, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := surveyed(w, changed(d, test.ends)).Total
			want := reconcile.DepartmentFindings{
				Dossiers: 1, Compared: test.inUse, Unusable: 1 - test.inUse, BothEnded: test.both, ClosedLater: test.later, ClosedLate: test.late,
				MedianDelay: test.delay, NinthDelay: test.delay, ResolvedNotClosed: test.notClosed,
			}
			if test.late > 0 {
				want.MedianLate = test.delay
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("expected (-), found (+):\n%s", diff)
			}
		})
	}
}

func TestWhatASurveyCounts(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	past := reconcile.Moment{Time: at("2018-07-03", "17:00")}
	tests := []struct {
		name   string
		change func(d *reconcile.Dossier)
		want   reconcile.DepartmentFindings
	}{
		{"received in another month", func(d *reconcile.Dossier) { d.Platform[0].ReceivedAt.Time = at("2018-07-01", "00:00") }, reconcile.DepartmentFindings{}},
		{"overdue on both sides", func(d *reconcile.Dossier) { d.Platform[0].DueAt, d.Offices[0].DueAt = past, past }, reconcile.DepartmentFindings{Dossiers: 1, Compared: 1, ReportedLate: 1}},
		{"falsely overdue", func(d *reconcile.Dossier) {
			d.Platform[0].DueAt, d.Offices[0].DueAt = past, past
			done(&d.Offices[0], "2018-07-02", "09:00")
		}, reconcile.DepartmentFindings{Dossiers: 1, Compared: 1, ReportedLate: 1, FalseOverdue: 1, ResolvedNotClosed: 1}},
		{"hidden lateness", func(d *reconcile.Dossier) {
			d.Platform[0].DueAt, d.Offices[0].DueAt = past, past
			done(&d.Platform[0], "2018-07-02", "09:00")
		}, reconcile.DepartmentFindings{Dossiers: 1, Compared: 1, HiddenOverdue: 1, ClosedInProgress: 1}},
		{"refused on the platform on a late day is in no column", func(d *reconcile.Dossier) {
			d.Platform[0].DueAt, d.Offices[0].DueAt = past, reconcile.Moment{}
			done(&d.Platform[0], "2018-07-04", "09:00")
			d.Platform[0].Status, d.Platform[0].Group = reconcile.Refused, reconcile.Dropped
			d.Offices[0].ExtendedDueAt = reconcile.Moment{Time: at("2018-07-09", "17:00")}
		}, reconcile.DepartmentFindings{Dossiers: 1, Compared: 1, ClosedInProgress: 1}},
		{"registered on the one side and refused on the other", func(d *reconcile.Dossier) {
			d.Platform[0].Status, d.Platform[0].Group = reconcile.Registered, reconcile.Pending
			d.Offices[0].Status, d.Offices[0].Group = reconcile.Refused, reconcile.Dropped
		}, reconcile.DepartmentFindings{}},
		{"no due date", func(d *reconcile.Dossier) {
			d.Platform[0].DueAt, d.Offices[0].DueAt = reconcile.Moment{}, reconcile.Moment{}
		}, reconcile.DepartmentFindings{Dossiers: 1, Compared: 1, UnknownDue: 1}},
		{"a status that is not mapped", func(d *reconcile.Dossier) { d.Offices[0].Status, d.Offices[0].Group = "", "" }, reconcile.DepartmentFindings{Dossiers: 1, Unusable: 1}},
		{"on the platform alone", func(d *reconcile.Dossier) { d.Offices = nil }, reconcile.DepartmentFindings{Dossiers: 1, NotCompared: 1}},
		{"of a department without an office", func(d *reconcile.Dossier) { d.Offices, d.Platform[0].Department = nil, "YT" }, reconcile.DepartmentFindings{Dossiers: 1, NotCovered: 1}},
		{"a row that cannot be read", func(d *reconcile.Dossier) {
			d.Offices = append(d.Offices[:0:0], reconcile.Record{Unreadable: true, Source: "book-a", Side: reconcile.Office, Code: "H57-1"})
		}, reconcile.DepartmentFindings{Dossiers: 1, NotCompared: 1}},
		{"another office's row beside one that cannot be read", func(d *reconcile.Dossier) {
			d.Offices = append(d.Offices, reconcile.Record{Unreadable: true, Source: "book-b", Side: reconcile.Office, Code: "H57-1"})
		}, reconcile.DepartmentFindings{Dossiers: 1, NotCompared: 1}},
		{"backdated on both sides is one dossier", func(d *reconcile.Dossier) {
			for _, list := range [][]reconcile.Record{d.Platform, d.Offices} {
				was := list[0]
				d.History = append(d.History, reconcile.Version{Record: was, SeenFrom: early, SeenUntil: at("2018-07-03", "09:00")})
				done(&list[0], "2018-06-25", "09:00")
			}
		}, reconcile.DepartmentFindings{Dossiers: 1, Compared: 1, BackdatedClose: 1, BothEnded: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := changed(d, func(_, _ *reconcile.Record) {})
			test.change(c)
			if diff := cmp.Diff(test.want, surveyed(w, c).Total); diff != "" {
				t.Errorf("expected (-), found (+):\n%s", diff)
			}
		})
	}
}

// However the dossiers are shared out, the findings are the same, and they agree with
// the table; the delays are those that a sorted list has.
func TestASurveyInParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		from, to := drawPeriod(t)
		parts := make([]*reconcile.Survey, 3)
		for i := range parts {
			parts[i] = reconcile.NewSurvey(&w.rules, from, to)
		}
		whole, tally := reconcile.NewSurvey(&w.rules, from, to), reconcile.NewTally(from, to)
		for range rapid.IntRange(0, 8).Draw(t, "dossiers") {
			out := w.rules.Compare(drawReported(t, w.rules.AsOf))
			whole.Add(&out)
			tally.Add(&out)
			rapid.SampledFrom(parts).Draw(t, "part").Add(&out)
		}
		parts[0].Merge(parts[1])
		parts[2].Merge(parts[0])
		one, other := whole.Findings(), parts[2].Findings()
		if diff := cmp.Diff(one, other); diff != "" {
			t.Fatalf("at once (-), in parts (+):\n%s", diff)
		}
		table := tally.Rows()
		for _, d := range one.Departments {
			row := table[d.Department]
			if late := row.Reported.ResolvedLate + row.Reported.InProgressOverdue; late != d.ReportedLate || row.UnknownDue != d.UnknownDue || row.UnknownEnd != d.UnknownEnd {
				t.Fatalf("the table has %+v, the findings %+v", row, d)
			}
			if d.Dossiers != d.Compared+d.Unusable+d.NotCovered+d.NotCompared || d.ClosedLate > d.ClosedLater || d.ClosedLater > d.BothEnded ||
				d.BothEnded > d.Compared || d.FalseOverdue > d.ReportedLate || d.MedianDelay > d.NinthDelay {
				t.Fatalf("%+v", d)
			}
		}
		for _, s := range one.Sentences(nil) {
			if !isSentence(s.Vi) || !isSentence(s.En) {
				t.Fatalf("%q, %q", s.Vi, s.En)
			}
		}
	})
}

func TestMedianAndNinthTenth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &world{}
		w.coverAll(at("2018-07-05", "12:00"))
		w.rules.Calendar = plainHours(&testing.T{})
		w.rules.Grace = map[reconcile.Kind]time.Duration{reconcile.ResolvedNotClosed: 100 * time.Minute}
		minutes := rapid.SliceOfN(rapid.IntRange(1, 200), 1, 20).Draw(t, "minutes")
		s := reconcile.NewSurvey(&w.rules, at("2018-06-01", "00:00"), at("2018-07-01", "00:00"))
		for _, m := range minutes {
			rec := reconcile.Record{Source: "book-a", Side: reconcile.Office, Code: "H57-1", Department: "KT", ReceivedAt: reconcile.Moment{Time: early}, ReadAt: w.rules.AsOf}
			done(&rec, "2018-06-25", "07:00")
			d := &reconcile.Dossier{Offices: []reconcile.Record{rec}}
			rec.Source, rec.Side = platformSource, reconcile.Platform
			rec.CompletedAt.Time = rec.CompletedAt.Time.Add(time.Duration(m)*time.Minute - time.Second) // a minute that has begun counts
			d.Platform = []reconcile.Record{rec}
			out := w.rules.Compare(d)
			s.Add(&out)
		}
		// The least delay that so many tenths do not exceed, by trying each.
		least := func(minutes []int, tenths int) time.Duration {
			best := 1 << 30
			for _, m := range minutes {
				within := 0
				for _, other := range minutes {
					if other <= m {
						within++
					}
				}
				if within*10 >= len(minutes)*tenths {
					best = min(best, m)
				}
			}
			return time.Duration(best) * time.Minute
		}
		var late []int
		for _, m := range minutes {
			if m > 100 {
				late = append(late, m)
			}
		}
		got := s.Findings().Total
		if got.ClosedLate != len(late) || len(late) > 0 && got.MedianLate != least(late, 5) {
			t.Fatalf("of %v: %d late, median %v", minutes, got.ClosedLate, got.MedianLate)
		}
		if got.MedianDelay != least(minutes, 5) || got.NinthDelay != least(minutes, 9) || got.ClosedLater != len(minutes) {
			t.Fatalf("of %v: median %v, nine tenths %v, %d later", minutes, got.MedianDelay, got.NinthDelay, got.ClosedLater)
		}
	})
}

func TestTheSlowestDepartmentsFirst(t *testing.T) {
	t.Parallel()
	of := func(department string, late int, median time.Duration) reconcile.DepartmentFindings {
		return reconcile.DepartmentFindings{Department: department, ClosedLate: late, MedianLate: median}
	}
	f := reconcile.Findings{Departments: []reconcile.DepartmentFindings{
		of("A", 1, 9*time.Hour), of("B", 0, 90*time.Hour), of("C", 2, time.Hour), of("D", 2, 3*time.Hour), of("E", 2, 3*time.Hour),
	}}
	var got []string
	for _, d := range f.Slowest() {
		got = append(got, d.Department)
	}
	if want := []string{"D", "E", "C", "A"}; !slices.Equal(got, want) || len(f.Departments) != 5 {
		t.Errorf("%q, not %q", got, want)
	}
}

// sentenceCases are the findings whose wording testdata/findings.txt shows.
func sentenceCases() []struct {
	name string
	f    reconcile.Findings
} {
	base := func(total reconcile.DepartmentFindings, departments ...reconcile.DepartmentFindings) reconcile.Findings {
		return reconcile.Findings{
			From: at("2018-04-01", "00:00"), To: at("2018-07-01", "00:00"), DayLength: 8 * time.Hour, LateAfter: 8 * time.Hour,
			Total: total, Departments: departments,
		}
	}
	full := reconcile.DepartmentFindings{
		Dossiers: 1907, Compared: 1850, Unusable: 3, NotCovered: 1, NotCompared: 53, ReportedLate: 273, FalseOverdue: 68, HiddenOverdue: 19,
		ResolvedNotClosed: 24, ClosedInProgress: 1, BackdatedClose: 2, UnknownDue: 4, UnknownEnd: 5,
		BothEnded: 1400, ClosedLater: 320, ClosedLate: 61, MedianDelay: 11 * time.Minute, NinthDelay: 3*time.Hour + 20*time.Minute, MedianLate: 19 * time.Hour,
	}
	land := reconcile.DepartmentFindings{Department: "VPDKDD", BothEnded: 900, ClosedLater: 250, ClosedLate: 60, MedianDelay: 9 * time.Minute, MedianLate: 20 * time.Hour}
	nobody := reconcile.DepartmentFindings{BothEnded: 2, ClosedLater: 1, ClosedLate: 1, MedianDelay: 9 * time.Hour, MedianLate: 9 * time.Hour}
	agreed := reconcile.DepartmentFindings{Dossiers: 1, Compared: 1, BothEnded: 1}
	many := base(full)
	for i := range 12 {
		many.Departments = append(many.Departments, reconcile.DepartmentFindings{Department: fmt.Sprintf("P%02d", i), BothEnded: 1000, ClosedLater: 30, ClosedLate: 12 - i, MedianLate: 9 * time.Hour})
	}
	return []struct {
		name string
		f    reconcile.Findings
	}{
		{"nothing received", base(reconcile.DepartmentFindings{})},
		{"a quarter", base(full, nobody, land)},
		{"all is well", base(agreed, agreed)},
		{"closed later, but in time", base(reconcile.DepartmentFindings{Dossiers: 2, Compared: 2, ReportedLate: 1, BothEnded: 2, ClosedLater: 1, MedianDelay: time.Minute, NinthDelay: time.Minute})},
		{"nothing was compared", base(reconcile.DepartmentFindings{Dossiers: 5, NotCompared: 5, ReportedLate: 2})},
		{"nothing has ended", base(reconcile.DepartmentFindings{Dossiers: 2000, Compared: 1999, NotCompared: 1})},
		{"more departments than are named", many},
	}
}

func TestFindingsInWords(t *testing.T) {
	t.Parallel()
	names := map[string]string{"VPDKDD": "Chi nhánh văn phòng đăng ký đất đai"}
	var b strings.Builder
	for _, c := range sentenceCases() {
		fmt.Fprintf(&b, "== %s\n", c.name)
		for _, s := range c.f.Sentences(func(code string) string {
			if name := names[code]; name != "" {
				return name
			}
			return "Phòng " + code
		}) {
			if !isSentence(s.Vi) || !isSentence(s.En) {
				t.Errorf("%q, %q", s.Vi, s.En)
			}
			fmt.Fprintf(&b, "%s\n    %s\n", s.Vi, s.En)
		}
	}
	const file = "testdata/findings.txt"
	if os.Getenv("UPDATE_WANT") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("expected (-), said (+):\n%s", diff)
	}
}
