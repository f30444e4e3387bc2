package metrics

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"

	"github.com/doisoat/doisoat/reconcile"
)

// province is a province as it stands after a year, everything in it that can be.
func province(t testing.TB, departments int) *Metrics {
	t.Helper()
	c := bigConfig(departments)
	m := build(t, c)
	m.Set(bigState(c, 5000))
	bigEvents(m, c)
	for _, handler := range []string{"pages", "api", "metrics", "health"} {
		m.Instrument(handler, nil)
	}
	return m
}

func TestSeriesStayWithinTheBudget(t *testing.T) {
	for _, departments := range []int{1, 30, 63, 64, 90, 190} {
		t.Run(fmt.Sprintf("%d departments with a source each", departments), func(t *testing.T) {
			text, _ := scraped(t, province(t, departments).Handler(), string(expfmt.FmtText))
			n := len(seriesOf(text))
			t.Logf("%d series", n)
			if n >= SeriesBudget {
				t.Errorf("%d series; the budget is %d", n, SeriesBudget)
			}
		})
	}
}

func TestEveryDepartmentAndKindIsThereFromTheStart(t *testing.T) {
	c := bigConfig(190)
	text, _ := scraped(t, build(t, c).Handler(), string(expfmt.FmtText))
	seen := map[string]bool{}
	for _, line := range seriesOf(text) {
		seen[line] = true
	}
	for _, d := range c.Departments {
		for _, k := range reconcile.Kinds {
			if series := fmt.Sprintf(`doisoat_discrepancies{department="%s",kind="%s",state="open"} 0`, d, k); !seen[series] {
				t.Fatalf("not shown: %s", series)
			}
		}
	}
	for _, s := range c.Sources {
		for _, d := range servedBy(&s) {
			if series := fmt.Sprintf(`doisoat_source_up{department="%s",source="%s"} 0`, d, s.Name); !seen[series] {
				t.Errorf("not shown: %s", series)
			}
		}
		if series := fmt.Sprintf(`doisoat_source_polls_total{mode="full",source="%s"} 0`, s.Name); !seen[series] {
			t.Errorf("not shown: %s", series)
		}
	}
}

func TestATownIsFilledWhollyWithZeros(t *testing.T) {
	l := newLayout(bigConfig(30))
	for group := range fillings {
		if !l.fill[group] {
			t.Errorf("group %d is not filled for 30 departments", group)
		}
	}
}

// TestDataBringsNoLabelValues feeds what a hostile or broken source could make of
// every input, and finds no trace of it on the page.
func TestDataBringsNoLabelValues(t *testing.T) {
	m := build(t, smallConfig())
	s := smallState()
	const evil = "000.00.16.H57-180611-0004"
	h := m.Handler()
	count := func() int {
		m.Set(s)
		text, _ := scraped(t, h, string(expfmt.FmtText))
		for _, trace := range []string{evil, "\xff", "Nguyễn", "700", "0200", `""`} {
			for _, line := range seriesOf(text) {
				labels, _, labelled := strings.Cut(line, "} ")
				if labelled && strings.Contains(labels, trace) && (trace != `""` || !strings.Contains(labels, `department=""`)) {
					t.Errorf("%q in a label: %s", trace, line)
				}
			}
		}
		return len(seriesOf(text))
	}
	hostile := func(value string) {
		in := KindIn{reconcile.Kind(value), value}
		s.Discrepancies[Standing{in.Kind, value, reconcile.State(value)}]++
		s.Effects[DepartmentEffect{reconcile.Effect(value), value}]++
		s.Effects[DepartmentEffect{reconcile.FalseOverdue, value}]++
		s.PastCorrection[in]++
		s.Oldest[in] = at
		s.Totals[in] = Totals{1, 1, 1}
		s.Dossiers[SourceStatus{"dvc", reconcile.Status(value)}]++
		s.Dossiers[SourceStatus{value, reconcile.Status(value)}]++
		s.Compared[value]++
		s.Uncovered[value]++
		s.Sources[value] = SourceState{Up: true, LastAttempt: at, Records: 5, Unmapped: map[string]int{value: 1}}
		s.Sources["dvc"].Unmapped[value]++
		s.Runs[Run(value)] = RunState{LastStart: at}
		s.Runs[RunNightly].Took[Phase(value)] = 1
		s.Outbox[value] = OutboxState{Pending: 1, Dead: 1, OldestPending: at}
		for _, source := range []string{"dvc", value} {
			m.PollEnded(Poll{
				Source: source, Mode: reconcile.Mode(value), Cause: reconcile.Cause(value), Refused: Refusal(value),
				Answers: map[string]int{value: 1, "700": 1, "0200": 1, "-1": 1}, Rejected: map[string]int{value: 1},
			})
			m.RereadEnded(source, map[string]int{value: 1})
		}
		m.RunEnded(Run(value), RunFailure(value))
		m.Corrected(reconcile.Kind(value), 1)
		m.DeliveryEnded(value, value, true)
	}
	before := count()
	hostile(evil)
	first := count()
	for i := range 500 {
		hostile(fmt.Sprintf("%s\n%d", evil, i))
		hostile(fmt.Sprintf("Nguyễn Văn A \xff %d\x00\"}", i))
		hostile(fmt.Sprint(600 + i))
	}
	hostile("")
	after := count()
	if after != first {
		t.Errorf("%d series of 1500 hostile values, %d of one", after, first)
	}
	if first-before > 60 {
		t.Errorf("one hostile value makes %d series", first-before)
	}
}
