package daemontest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kills is how often TestKillStorm kills, on each store, unless DOISOAT_TEST_KILLS
// says otherwise.
const kills = 20

// However often the daemon is killed while the world changes under it, in polls and
// in runs, nightly ones too: once the world is at rest its state is that of one run
// that nobody disturbed over a fresh store, and no event of what happened on the way
// is lost or doubled.
func TestKillStorm(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		n := kills
		if text := os.Getenv("DOISOAT_TEST_KILLS"); text != "" {
			var err error
			if n, err = strconv.Atoi(text); err != nil {
				t.Fatal(err)
			}
		}
		s := &storm{
			t: t, store: store, random: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2)), asked: make(chan struct{}, 1000), answered: make(chan struct{}, 1000),
			hit:  map[string]int{},
			town: newTown(t, plan{dossiers: 900, store: store, every: time.Second, settle: 200 * time.Millisecond, latency: 10 * time.Millisecond}),
		}
		watch := s.watched
		s.town.watch.Store(&watch)
		c := s.town.busy(s.random.Uint64())
		for i := range n {
			if i == n/5 { // until here it was the first night's run, over and over
				p := start(t, s.town.config)
				awaitNight(t, p)
				p.kill()
			}
			s.life(i)
		}
		c.rest()
		t.Logf("%d kills, %d deeds of clerks; at work when killed: %v", n, c.deeds.Load(), s.hit)
		if s.hit["nothing"] > n/2 {
			t.Errorf("too few of %d kills came in the middle of something: %v", n, s.hit)
		}
		s.newDay() // the next start makes a whole nightly run
		p := start(t, s.town.config)
		s.town.settles(p, store)
		within(t, 60*time.Second, "the night's run is done", func() error { return p.has(1, "doisoat_runs_total", `run="nightly"`) })
		p.end(30 * time.Second)
		if err := differs(s.town.undisturbed(), readState(t, s.town.storeAt(store))); err != nil {
			t.Errorf("after the nightly run: %v", err)
		}
		events := checkHistory(t, s.town.storeAt(store))
		t.Logf("%d events", events)
		if events < 2*n {
			t.Errorf("only %d events", events)
		}
	})
}

// storm kills one daemon after the other over one town.
type storm struct {
	t               *testing.T
	town            *town
	store           string
	random          *rand.Rand
	asked, answered chan struct{} // the platform was
	hit             map[string]int
}

func (s *storm) watched(*http.Request) func() {
	signal := func(c chan struct{}) {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	signal(s.asked)
	return func() { signal(s.answered) }
}

// life is one daemon from its start to its end: at any moment, or soon after the
// platform was asked or had answered, which is in a poll or what follows from it.
func (s *storm) life(i int) {
	s.t.Helper()
	p := launch(s.t, s.town.config)
	after, most := (<-chan struct{})(nil), 1500*time.Millisecond
	switch s.random.IntN(4) {
	case 0:
	case 1:
		after, most = s.asked, 20*time.Millisecond
	default:
		after, most = s.answered, 150*time.Millisecond
	}
	if after != nil {
		// The logging in is the first that the platform hears; later polls are to be hit, too.
		for range 1 + s.random.IntN(8) {
			select {
			case <-after:
			case <-p.ended:
			case <-time.After(5 * time.Second):
			}
		}
	}
	pause(time.Duration(s.random.Int64N(int64(most))))
	select {
	case <-p.ended:
		s.t.Fatalf("life %d ended by itself: %s\n%s", i, p.cmd.ProcessState, p.tail(30))
	default:
	}
	p.kill()
	for len(s.asked) > 0 {
		<-s.asked
	}
	for len(s.answered) > 0 {
		<-s.answered
	}
	s.aftermath(i%4 == 3)
}

// aftermath notes what was going on. On PostgreSQL it does at once what another
// process would do only when the dead one has been silent for long enough (a
// test of its own shows that it does): here there is no other, and no time.
func (s *storm) aftermath(newDay bool) {
	s.t.Helper()
	db := opened(s.t, s.town.storeAt(s.store))
	defer db.Close()
	var kinds []string
	if err := db.Select(&kinds, `SELECT kind FROM river_job WHERE state = 'running'`); err != nil {
		if strings.Contains(err.Error(), "river_job") {
			return // killed before there were any tables
		}
		s.t.Fatal(err)
	}
	for _, kind := range kinds {
		s.hit[kind]++
	}
	if len(kinds) == 0 {
		s.hit["nothing"]++
	}
	if !strings.HasPrefix(s.store, "sqlite:") {
		if _, err := db.Exec(`UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state = 'running'`); err != nil {
			s.t.Fatal(err)
		}
	}
	if newDay {
		s.newDay()
	}
}

// newDay makes the last nightly run one of a day long gone.
func (s *storm) newDay() {
	s.t.Helper()
	db := opened(s.t, s.town.storeAt(s.store))
	defer db.Close()
	for _, statement := range []string{
		`UPDATE runs SET day = '2001-01-01' WHERE kind = 'nightly'`, `DELETE FROM river_job WHERE kind = 'nightly' AND state <> 'running'`,
	} {
		if _, err := db.Exec(statement); err != nil {
			s.t.Fatal(fmt.Errorf("%s: %w", statement, err))
		}
	}
}
