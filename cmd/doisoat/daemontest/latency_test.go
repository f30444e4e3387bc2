package daemontest

import (
	"slices"
	"testing"
	"time"
)

// A change in an office's book is told by doisoat_discrepancies within one poll
// interval and a second, of databases and of workbooks alike: no later than that
// for the most part, and never by more than a busy machine's delay.
func TestHowSoonAChangeIsTold(t *testing.T) {
	const (
		every  = 5 * time.Second
		rounds = 3
		delay  = 5 * time.Second // of a machine that does much else
	)
	onBoth(t, func(t *testing.T, store string) {
		tn := newTown(t, plan{dossiers: 900, store: store, every: every})
		p := start(t, tn.config)
		within(t, 30*time.Second, "the first night's run is done", func() error { return p.has(1, "doisoat_runs_total", `run="nightly"`) })
		tookBy := map[string][]time.Duration{}
		for round := range rounds {
			// At any moment of the interval: a poll may just be over.
			pause(time.Duration(round) * every / rounds)
			for _, department := range []string{"TNMT", "QLDT"} {
				tn.change(department, tn.inProgress(department)[round], resolve(time.Now()))
			}
			took := map[string]time.Duration{}
			began := time.Now()
			within(t, every+delay, "both changes are told", func() error {
				for _, department := range []string{"TNMT", "QLDT"} {
					if took[department] > 0 {
						continue
					}
					err := p.has(float64(round+1), "doisoat_discrepancies", `department="`+department+`"`, `kind="resolved_not_closed"`, `state="open"`)
					if err != nil {
						return err
					}
					took[department] = time.Since(began)
				}
				return nil
			})
			for department, d := range took {
				tookBy[department] = append(tookBy[department], d)
			}
		}
		for department, what := range map[string]string{"TNMT": "database", "QLDT": "workbook"} {
			took := tookBy[department]
			slices.Sort(took)
			t.Logf("%s: told after %v", what, took)
			if median := took[len(took)/2]; median > every+time.Second {
				t.Errorf("a change in a %s was told after %s for the most part, more than %s", what, median, every+time.Second)
			}
		}
	})
}
