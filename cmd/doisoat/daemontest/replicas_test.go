package daemontest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
)

// slots counts the polls of a source that began within the given time, and how many
// of them began in a slot in which another had begun.
func slots(t testing.TB, url, source string, from, to time.Time, every time.Duration) (polls, doubled int) {
	t.Helper()
	db := opened(t, url)
	defer db.Close()
	var began []int64
	if err := db.Select(&began, db.Rebind(`SELECT p.started_at FROM snapshots p JOIN sources s ON s.id = p.source_id
		WHERE s.name = ? AND p.mode <> 'reread' AND p.started_at BETWEEN ? AND ? ORDER BY p.started_at`), source, from.UnixMilli(), to.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	// Where the slots of a source lie within its interval (adapter/jobs, shift).
	h := fnv.New64a()
	h.Write([]byte(source))
	shift := int64(h.Sum64() % uint64(every.Milliseconds()))
	seen := map[int64]bool{}
	for _, at := range began {
		slot := (at - shift) / every.Milliseconds()
		if seen[slot] {
			doubled++
		}
		seen[slot] = true
	}
	return len(began), doubled
}

// Two processes on one database share the work: each does some of it, and no poll
// is done twice for one slot.
func TestTwoProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	const every, slotsToSee = time.Second, 10
	store := newDatabase(t)
	tn := newTown(t, plan{dossiers: 600, store: store, every: every, sqlite: true})
	a, b := start(t, tn.config), start(t, tn.config)
	awaitRun := func(p *process) error {
		_, found, err := p.metric("doisoat_run_last_success_timestamp_seconds", `run="nightly"`)
		if err == nil && !found {
			err = errors.New("no nightly run")
		}
		return err
	}
	within(t, 30*time.Second, "the first night's run is seen by both", func() error { return errors.Join(awaitRun(a), awaitRun(b)) })
	if n := len(a.said("kind=nightly", "msg=run ")) + len(b.said("kind=nightly", "msg=run ")); n != 1 {
		t.Errorf("%d nightly runs were made", n)
	}

	from, asked := time.Now(), tn.platform.Stats().Lists[1]
	pollsBefore := len(a.said("msg=poll")) + len(b.said("msg=poll"))
	pause(slotsToSee * every)
	to := time.Now()
	for _, source := range []string{"dvc-hue", "tnmt", "qldt", "tp", "kt", "tckh", "ldtbxh"} {
		polls, doubled := slots(t, store, source, from, to, every)
		if most := int(to.Sub(from)/every) + 1; doubled > 0 || polls > most || polls < slotsToSee/3 { // a busy machine skips slots
			t.Errorf("%s: %d polls within %s, %d of them in another's slot", source, polls, to.Sub(from), doubled)
		}
	}
	// As the platform counts them: each poll asks for its first page once.
	if n, most := tn.platform.Stats().Lists[1]-asked, int(to.Sub(from)/every)+2; n > most {
		t.Errorf("the platform was polled %d times within %s", n, to.Sub(from))
	}
	ofA, ofB := len(a.said("msg=poll")), len(b.said("msg=poll"))
	t.Logf("polls: %d by the one, %d by the other", ofA, ofB)
	if all := ofA + ofB - pollsBefore; ofA*10 < all || ofB*10 < all {
		t.Errorf("polls: %d by the one, %d by the other", ofA, ofB)
	}

	// What the one finds, both tell.
	tn.change("TNMT", tn.inProgress("TNMT")[0], resolve(time.Now()))
	for _, p := range []*process{a, b} {
		within(t, 15*time.Second, "both tell the change", func() error {
			return p.has(1, "doisoat_discrepancies", `department="TNMT"`, `state="open"`)
		})
	}
	// One that ends in good order hands over at once.
	a.end(30 * time.Second)
	tn.change("TNMT", tn.inProgress("TNMT")[1], resolve(time.Now()))
	within(t, 15*time.Second, "the one that is left goes on", func() error {
		return b.has(2, "doisoat_discrepancies", `department="TNMT"`, `state="open"`)
	})
}

// Of two processes the one is killed in the middle of a poll: the other takes the
// job over within two minutes, and nothing is lost.
func TestAKilledProcessesPollIsTakenOver(t *testing.T) {
	t.Parallel()
	store := newDatabase(t)
	tn := newTown(t, plan{dossiers: 600, store: store, every: 2 * time.Second, sqlite: true, noSince: true})
	both := []*process{start(t, tn.config), start(t, tn.config)}
	within(t, 30*time.Second, "the first night's run is done", func() error {
		if len(both[0].said("kind=nightly", "msg=run "))+len(both[1].said("kind=nightly", "msg=run ")) == 0 {
			return errors.New("no line tells of it")
		}
		return nil
	})
	// The poll takes seconds.
	tn.platform.SetFaults(world.Fault{Kind: world.Slow, Delay: 3 * time.Second})
	code := tn.inProgress("TNMT")[0]
	tn.enter(code, resolve(time.Now()))
	db := opened(t, store)
	defer db.Close()
	var holder string
	within(t, 30*time.Second, "the platform is being polled", func() error {
		var holders []string
		if err := db.Select(&holders, `SELECT attempted_by[array_upper(attempted_by, 1)] FROM river_job
			WHERE state = 'running' AND kind = 'poll' AND args->>'source' = 'dvc-hue' AND attempted_at < now() - interval '500 ms'`); err != nil {
			return stop(err)
		}
		if len(holders) != 1 {
			return fmt.Errorf("%d polls of it are under way", len(holders))
		}
		holder = holders[0]
		return nil
	})
	victim, survivor := both[0], both[1]
	if strings.Contains(holder, fmt.Sprintf("-%d-", survivor.pid())) {
		victim, survivor = survivor, victim
	}
	if !strings.Contains(holder, fmt.Sprintf("-%d-", victim.pid())) {
		t.Fatalf("%s polls, which is neither of %d and %d", holder, victim.pid(), survivor.pid())
	}
	polled := len(survivor.said("msg=poll", "source=dvc-hue", "state=accepted"))
	victim.kill()
	killed := time.Now()
	tn.platform.SetFaults()
	within(t, 2*time.Minute, "the platform's poll is taken over", func() error {
		if n := len(survivor.said("msg=poll", "source=dvc-hue", "state=accepted")); n <= polled {
			return fmt.Errorf("%d polls of it by the survivor, as before", n)
		}
		return nil
	})
	t.Logf("taken over %s after the kill", time.Since(killed).Round(100*time.Millisecond))
	if len(survivor.said("job taken over")) == 0 {
		t.Error("no line tells that the job was taken over")
	}
	within(t, 15*time.Second, "what was being read is found", func() error {
		return survivor.has(1, "doisoat_discrepancies", `department="TNMT"`, `kind="closed_in_progress"`, `state="open"`)
	})
	// The other sources were read all the while.
	if polls, _ := slots(t, store, "tnmt", killed, time.Now(), 2*time.Second); polls < int(time.Since(killed)/(2*time.Second))*2/3 {
		t.Errorf("only %d polls of another source within %s", polls, time.Since(killed))
	}
	if err := differs(tn.undisturbed(), readState(t, store)); err != nil {
		t.Error(err)
	}
	checkHistory(t, store)
}

// A database that drops its connections, as at a restart, costs a daemon some
// seconds and nothing else.
func TestLostConnectionsAreMadeUpFor(t *testing.T) {
	t.Parallel()
	store := newDatabase(t)
	tn := newTown(t, plan{dossiers: 600, store: store, every: time.Second, sqlite: true})
	p := start(t, tn.config)
	awaitNight(t, p)
	db := opened(t, store)
	defer db.Close()
	for range 4 {
		pause(500 * time.Millisecond)
		if _, err := db.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
	}
	tn.change("TNMT", tn.inProgress("TNMT")[0], resolve(time.Now()))
	took := within(t, 30*time.Second, "a change is told again", func() error {
		return p.has(1, "doisoat_discrepancies", `department="TNMT"`, `state="open"`)
	})
	t.Logf("told after %s", took.Round(100*time.Millisecond))
	since := time.Now()
	for _, o := range tn.world.Offices {
		within(t, 20*time.Second, "every source is read again", func() error {
			if polls, _ := slots(t, store, o.Name, since, time.Now(), time.Second); polls == 0 {
				return errors.New(o.Name + " is not")
			}
			return nil
		})
	}
	if err := differs(tn.undisturbed(), readState(t, store)); err != nil {
		t.Error(err)
	}
	checkHistory(t, store)
}
