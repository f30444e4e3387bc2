package metrics

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/doisoat/doisoat/reconcile"
)

// at is a moment of the worlds below: 2 July 2018, 08:00 in Vietnam.
var at = time.Date(2018, 7, 2, 1, 0, 0, 0, time.UTC)

// smallConfig has a platform, an office of its own department, and one that keeps
// the books of two.
func smallConfig() Config {
	return Config{
		Departments: []string{"TP", "KT"},
		Channels:    []string{"mail"},
		Sources: []Source{
			{Name: "dvc", Side: reconcile.Platform, Protocol: "http", Incremental: true, Interval: 15 * time.Minute, MaxDataAge: 26 * time.Hour},
			{Name: "book", Side: reconcile.Office, Protocol: "workbook", Departments: []string{"TP", "KT"}, Interval: time.Hour},
		},
	}
}

func smallState() *State {
	return &State{
		Discrepancies: map[Standing]int{
			{reconcile.ResolvedNotClosed, "KT", reconcile.StateOpen}:      3,
			{reconcile.ResolvedNotClosed, "KT", reconcile.StateSuspected}: 1,
			{reconcile.MissingInOffice, "TP", StateUnstable}:              2,
			{reconcile.MissingInOffice, "TP", reconcile.StateResolved}:    99,
		},
		Effects: map[DepartmentEffect]int{
			{reconcile.FalseOverdue, "KT"}: 2,
			{reconcile.EffectNone, "KT"}:   7,
		},
		PastCorrection: map[KindIn]int{{reconcile.ResolvedNotClosed, "KT"}: 1},
		Oldest:         map[KindIn]time.Time{{reconcile.ResolvedNotClosed, "KT"}: at.Add(-48 * time.Hour)},
		Totals:         map[KindIn]Totals{{reconcile.ResolvedNotClosed, "KT"}: {Opened: 5, Resolved: 2, Reopened: 1}},
		Dossiers:       map[SourceStatus]int{{"dvc", reconcile.Processing}: 40, {"dvc", ""}: 1, {"gone", reconcile.Returned}: 5},
		Compared:       map[string]int{"KT": 38},
		Uncovered:      map[string]int{"TP": 3},
		Sources: map[string]SourceState{
			"dvc": {
				Up: true, LastAttempt: at, LastSuccess: at, LastComplete: at.Add(-7 * time.Hour), DataAt: at.Add(-1500 * time.Millisecond),
				Records: 41, Unmapped: map[string]int{"status": 1},
			},
			"book": {LastAttempt: at.Add(-time.Minute), SnapshotHeld: 1},
		},
		Runs: map[Run]RunState{
			RunNightly: {
				LastStart: at.Add(-7 * time.Hour), LastSuccess: at.Add(-6 * time.Hour), Next: at.Add(17 * time.Hour),
				Took: map[Phase]time.Duration{PhasePoll: 90 * time.Second, PhaseCompare: 2500 * time.Millisecond}, Compared: 1, Skipped: 1,
			},
			RunIncremental: {InProgress: true, LastStart: at},
		},
		RunsHeld: 1,
		Outbox:   map[string]OutboxState{"KT": {Pending: 2, Dead: 1, OldestPending: at.Add(-time.Hour)}},
	}
}

// smallEvents records one of everything.
func smallEvents(m *Metrics) {
	m.PollEnded(Poll{
		Source: "dvc", Mode: reconcile.Incremental, Took: 1500 * time.Millisecond,
		Answers: map[string]int{"200": 3, "503": 1}, Rejected: map[string]int{"date": 2},
	})
	m.PollEnded(Poll{
		Source: "book", Mode: reconcile.Full, Took: 3 * time.Second,
		Cause: reconcile.CauseTimeout, Refused: Partial, Answers: map[string]int{"error": 1},
	})
	m.RereadEnded("dvc", map[string]int{"200": 2})
	m.RunEnded(RunNightly, RunDone)
	m.RunEnded(RunNightly, RunStore)
	m.Corrected(reconcile.ResolvedNotClosed, 12*time.Hour)
	m.DeliveryEnded("mail", "KT", true)
	m.ConfigReloaded(false, at.Add(time.Hour))
}

// bigConfig is a province: so many departments with an office each, a third of
// which can be polled incrementally.
func bigConfig(departments int) Config {
	c := Config{Channels: []string{"mail", "folder"}}
	c.Sources = append(c.Sources, Source{
		Name: "dvc-tinh", Side: reconcile.Platform, Protocol: "http", Incremental: true, Interval: 15 * time.Minute, MaxDataAge: 26 * time.Hour,
	})
	for i := range departments {
		code := fmt.Sprintf("XA%03d", i)
		c.Departments = append(c.Departments, code)
		c.Sources = append(c.Sources, Source{
			Name: "so-" + strings.ToLower(code), Side: reconcile.Office, Protocol: "database", Departments: []string{code},
			Incremental: i%3 == 0, Interval: time.Hour, MaxDataAge: 26 * time.Hour,
		})
	}
	return c
}

// bigState is a year after the start of bigConfig: every kind in every state, each
// department with a few of them. dossiers are those of each source.
func bigState(c Config, dossiers int) *State {
	s := &State{
		Discrepancies: map[Standing]int{}, Effects: map[DepartmentEffect]int{}, PastCorrection: map[KindIn]int{},
		Oldest: map[KindIn]time.Time{}, Totals: map[KindIn]Totals{}, Dossiers: map[SourceStatus]int{},
		Compared: map[string]int{}, Uncovered: map[string]int{}, Sources: map[string]SourceState{},
		Runs: smallState().Runs, Outbox: map[string]OutboxState{},
	}
	kinds := len(reconcile.Kinds)
	for i, d := range c.Departments {
		s.Compared[d] = dossiers
		if i%2 == 0 {
			s.Effects[DepartmentEffect{shownEffects[i/2%2], d}] = i
		}
		for n := range 2 + i%2 { // open: two or three kinds of fourteen
			in := KindIn{reconcile.Kinds[(i+n*5)%kinds], d}
			s.Discrepancies[Standing{in.Kind, d, reconcile.StateOpen}] = 1 + i%7
			s.Oldest[in] = at.Add(-time.Duration(i+n) * time.Hour)
			if n == 0 && i%2 == 0 {
				s.PastCorrection[in] = 1
			}
		}
		s.Discrepancies[Standing{reconcile.Kinds[i%kinds], d, shownStates[i/kinds%len(shownStates)]}]++
		if i%3 == 0 {
			s.Discrepancies[Standing{reconcile.Kinds[(i+3)%kinds], d, reconcile.StateSuspected}] = 2
		}
		for n := range 3 + i%2 { // ever seen: three or four
			s.Totals[KindIn{reconcile.Kinds[(i+n*5)%kinds], d}] = Totals{Opened: int64(40 + n), Resolved: int64(30 + n)}
		}
		if i%2 == 0 {
			s.Totals[KindIn{reconcile.Kinds[i%kinds], d}] = Totals{Opened: 40, Resolved: 30, Reopened: 1}
		}
		if i%20 == 0 {
			s.Outbox[d] = OutboxState{Pending: 1, OldestPending: at}
		}
	}
	for i, source := range c.Sources {
		s.Sources[source.Name] = SourceState{
			Up: i%50 != 0, LastAttempt: at, LastSuccess: at, LastComplete: at, DataAt: at, Records: dossiers,
		}
		for n := range 4 {
			s.Dossiers[SourceStatus{source.Name, reconcile.Statuses[(i+3*n)%10]}] = dossiers / 4
		}
	}
	return s
}

// bigEvents is a day of polls with a few that went wrong.
func bigEvents(m *Metrics, c Config) {
	for i, source := range c.Sources {
		answers := map[string]int{goodAnswer(source.Protocol): 20}
		m.PollEnded(Poll{Source: source.Name, Mode: reconcile.Full, Took: time.Duration(i) * 100 * time.Millisecond, Answers: answers})
		if source.Incremental {
			m.PollEnded(Poll{Source: source.Name, Mode: reconcile.Incremental, Took: time.Second, Answers: answers})
		}
		switch {
		case i%10 == 0:
			m.PollEnded(Poll{
				Source: source.Name, Mode: reconcile.Full, Took: time.Second, Cause: reconcile.CauseTimeout,
				Refused: Partial, Answers: map[string]int{"error": 1}, Rejected: map[string]int{"date": 1},
			})
		case i%20 == 7:
			m.PollEnded(Poll{Source: source.Name, Mode: reconcile.Full, Took: time.Second, Refused: Shrunk, Answers: answers})
		}
	}
	for i, k := range reconcile.Kinds {
		m.Corrected(k, time.Duration(i)*time.Hour)
	}
}

// build makes Metrics in a registry of their own.
func build(t testing.TB, c Config) *Metrics {
	t.Helper()
	m, err := New(prometheus.NewRegistry(), Options{Version: "1.2.3", Revision: "abc", Config: c, ConfigLoadedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// scraped asks the handler for its text in a format, without compression.
func scraped(t testing.TB, h http.Handler, accept string) (string, http.Header) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("GET /metrics: %d, %v: %s", w.Code, err, body)
	}
	return string(body), w.Result().Header
}

// ours is the exposition text of the doisoat_* metrics, without the one that names
// the machine and the Go version.
func ours(t testing.TB, m *Metrics, format expfmt.Format) string {
	t.Helper()
	gathered, err := m.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	into := expfmt.NewEncoder(&text, format)
	for _, f := range gathered {
		if strings.HasPrefix(f.GetName(), "doisoat_") && f.GetName() != "doisoat_build_info" {
			if err := into.Encode(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	return text.String()
}

// seriesOf are the lines of text that are series.
func seriesOf(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "#") })
}
