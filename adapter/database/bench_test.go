package database

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// counter takes rows and keeps none, as the store does.
type counter struct {
	rows   int
	held   bool
	memory bool
	most   uint64
}

func (c *counter) Seen(uint64) bool {
	c.rows++
	if c.memory && c.rows%20000 == 0 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		c.most = max(c.most, m.HeapAlloc)
	}
	return c.held
}
func (c *counter) Row(reconcile.Row) error         { return nil }
func (c *counter) Reject(reconcile.Rejected) error { return nil }
func (c *counter) Skip(string)                     {}

func TestMemoryDoesNotGrowWithTheResult(t *testing.T) {
	const rows = 200000 // 45 MB as the servers hold them
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, rows)
		cfg := p.config("SELECT * FROM dossiers")
		cfg.StatementTimeout = 10 * time.Minute // the race detector, on a busy machine
		s := newSource(t, cfg, "code", "status", "changed")
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		c := counter{memory: true}
		result, err := s.Poll(context.Background(), reconcile.PollRequest{}, &c)
		if err != nil || !result.EndReached || c.rows != rows {
			t.Fatalf("%d rows, %+v, error %v", c.rows, result, err)
		}
		if c.most > before.HeapAlloc+8<<20 {
			t.Errorf("the heap grew from %d to %d kB", before.HeapAlloc>>10, c.most>>10)
		}
	})
}

// go test -bench Poll -benchtime 3x ./adapter/database/
func BenchmarkPoll(b *testing.B) {
	const rows = 100000
	for _, name := range peerNames {
		p := newPeer(b, name)
		p.fill(b, rows)
		for _, held := range []bool{false, true} {
			state := map[bool]string{false: "new", true: "unchanged"}[held]
			b.Run(name+"/"+state, func(b *testing.B) {
				s := newSource(b, p.config("SELECT * FROM dossiers"), "code", "status", "changed")
				b.ReportAllocs()
				for b.Loop() {
					c := counter{held: held}
					if result, err := s.Poll(context.Background(), reconcile.PollRequest{}, &c); err != nil || c.rows != rows {
						b.Fatalf("%d rows, %+v, error %v", c.rows, result, err)
					}
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
