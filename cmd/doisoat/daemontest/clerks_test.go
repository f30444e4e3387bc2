package daemontest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// clerks work on both sides, without pause, so that discrepancies open, go and
// come back. They leave alone what only one who looked at the right moment would
// see (a dossier that ended and is live again): the state at the end depends on
// the world at the end alone.
type clerks struct {
	tn     *town
	random *rand.Rand
	codes  map[string][]string // of dossiers that are toggled, by department
	spare  map[string][]string // of those that are resolved once
	files  time.Time           // when a file was last written
	group  sync.WaitGroup
	stop   context.CancelFunc
	deeds  atomic.Int64
}

// busy sets clerks to work until rest is called.
func (tn *town) busy(seed uint64) *clerks {
	tn.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := &clerks{tn: tn, random: rand.New(rand.NewPCG(seed, 1)), codes: map[string][]string{}, spare: map[string][]string{}, stop: cancel}
	for _, department := range []string{"TNMT", "LDTBXH", "QLDT", "TP"} {
		live := tn.inProgress(department)
		half := (len(live) + 1) / 2
		c.codes[department], c.spare[department] = live[:half], live[half:]
	}
	c.group.Go(func() {
		ticker := time.NewTicker(25 * time.Millisecond)
		defer ticker.Stop()
		for ctx.Err() == nil {
			if err := c.act(); err != nil {
				tn.t.Errorf("a clerk: %v", err)
				return
			}
			c.deeds.Add(1)
			<-ticker.C
		}
	})
	tn.t.Cleanup(func() { c.rest() })
	return c
}

// rest lets them go home.
func (c *clerks) rest() {
	c.stop()
	c.group.Wait()
}

// act does one thing, drawn at random.
func (c *clerks) act() error {
	department := []string{"TNMT", "LDTBXH"}[c.random.IntN(2)]
	switch c.random.IntN(9) {
	case 0, 1: // an extension, known to the office alone, or forgotten again
		return c.book(department, toggleExtension)
	case 2:
		return c.book(department, togglePause)
	case 3:
		return c.book(department, func(r *world.Record) {
			if r.RawStatus == "" {
				r.RawStatus = "77" // nobody mapped it
			} else {
				r.RawStatus = ""
			}
		})
	case 4: // a row is lost, or found again
		return c.lose(department)
	case 5:
		return c.platform(department, toggleExtension)
	case 6:
		return c.platform(department, togglePause)
	case 7:
		return c.finish(department)
	default:
		// Files must come to rest now and then, or nobody could ever read them.
		if time.Since(c.files) < 1500*time.Millisecond {
			return nil
		}
		c.files = time.Now()
		return c.book([]string{"QLDT", "TP"}[c.random.IntN(2)], toggleExtension)
	}
}

func toggleExtension(r *world.Record) {
	if r.ExtendedDueAt.Known() {
		r.ExtendedDueAt = reconcile.Moment{}
		return
	}
	r.ExtendedDueAt = moment(r.DueAt.Time.AddDate(0, 0, 7))
}

func togglePause(r *world.Record) {
	if r.Status == reconcile.Supplement {
		r.Status = reconcile.Processing
		return
	}
	r.Status = reconcile.Supplement
}

func (c *clerks) pick(codes []string) string { return codes[c.random.IntN(len(codes))] }

// book changes a row of an office's book, if it is not lost just now.
func (c *clerks) book(department string, change func(*world.Record)) error {
	code := c.pick(c.codes[department])
	if c.tn.office(department).Format.Form == world.Database {
		if lost, err := c.isLost(department, code); lost || err != nil {
			return err
		}
	}
	return world.ChangeOffice(c.tn.file(department), code, func(r *world.Record) {
		r.UpdatedAt = moment(time.Now())
		change(r)
	})
}

func (c *clerks) platform(department string, change func(*world.Record)) error {
	r := &c.tn.world.Platform[c.tn.onPlatform(c.pick(c.codes[department]))]
	r.UpdatedAt = moment(time.Now())
	change(r)
	return c.tn.platform.Put(*r)
}

// finish resolves a dossier in the office; some time later, the platform is told.
func (c *clerks) finish(department string) error {
	spare := c.spare[department]
	if len(spare) == 0 {
		return nil
	}
	i := c.random.IntN(len(spare))
	code := spare[i]
	at := c.tn.onPlatform(code)
	var found *world.Record
	if err := world.ChangeOffice(c.tn.file(department), code, func(r *world.Record) {
		if !r.CompletedAt.Known() {
			r.UpdatedAt = moment(time.Now())
			resolve(time.Now())(r)
			return
		}
		found = r
	}); err != nil || found == nil {
		return err
	}
	r := &c.tn.world.Platform[at]
	r.UpdatedAt = moment(time.Now())
	resolve(found.CompletedAt.Time)(r)
	c.spare[department] = append(append([]string{}, spare[:i]...), spare[i+1:]...)
	return c.tn.platform.Put(*r)
}

// registry opens an office's own database.
func (c *clerks) registry(department string) (*sqlx.DB, error) {
	return sqlx.Open("sqlite", "file:"+c.tn.file(department)+"?_pragma=busy_timeout(10000)")
}

const lost = `CREATE TABLE IF NOT EXISTS MatHoSo AS SELECT * FROM HoSoDangKy WHERE 0`

func (c *clerks) isLost(department, code string) (bool, error) {
	db, err := c.registry(department)
	if err != nil {
		return false, err
	}
	defer db.Close()
	n := 0
	if _, err := db.Exec(lost); err != nil {
		return false, err
	}
	err = db.Get(&n, `SELECT COUNT(*) FROM MatHoSo WHERE SoBienNhan = ?`, code)
	return n > 0, err
}

// lose takes a row out of an office's database, or puts it back.
func (c *clerks) lose(department string) error {
	code := c.pick(c.codes[department])
	away, err := c.isLost(department, code)
	if err != nil {
		return err
	}
	from, to := "HoSoDangKy", "MatHoSo"
	if away {
		from, to = to, from
	}
	db, err := c.registry(department)
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range []string{"INSERT INTO %[2]s SELECT * FROM %[1]s WHERE SoBienNhan = ?", "DELETE FROM %[1]s WHERE SoBienNhan = ?"} {
		if _, err := tx.Exec(fmt.Sprintf(statement, from, to), code); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// The clerks really make a mess, and an undisturbed daemon follows them.
func TestAnUndisturbedDaemonFollowsTheClerks(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		tn := newTown(t, plan{dossiers: 900, store: store, every: time.Second, settle: 200 * time.Millisecond})
		p := start(t, tn.config)
		awaitNight(t, p)
		c := tn.busy(7)
		within(t, 60*time.Second, "they have done something", func() error {
			if n := c.deeds.Load(); n < 80 {
				return fmt.Errorf("%d deeds", n)
			}
			return nil
		})
		c.rest()
		tn.settles(p, store)
		events := checkHistory(t, tn.storeAt(store))
		t.Logf("%d deeds, %d events", c.deeds.Load(), events)
		if events < 20 {
			t.Errorf("only %d events", events)
		}
	})
}

// settles waits until the daemon's state is that of an undisturbed run over the
// world, which is at rest.
func (tn *town) settles(p *process, store string) {
	tn.t.Helper()
	want := tn.undisturbed()
	if len(want.Standing) < 5 {
		tn.t.Errorf("only %d discrepancies stand: %v", len(want.Standing), want.Standing)
	}
	within(tn.t, 30*time.Second, "the state settles", func() error {
		if p.hasEnded() {
			return stop(fmt.Errorf("the daemon ended: %s", p.cmd.ProcessState))
		}
		return differs(want, readState(tn.t, tn.storeAt(store)))
	})
}
