package jobs

import (
	"testing"
	"time"
)

// TestIdleLoad tells what an idle queue with standard settings costs the database.
// A statement counts twice here, prepared and executed. The limit is generous: what
// it guards against is a loop gone wild.
func TestIdleLoad(t *testing.T) {
	onPostgres(t, func(t *testing.T, d database) {
		q, _ := d.queue(t, work{}, func(o *Options) { o.FetchEvery, o.Heartbeat = 0, 0 })
		start(t, q)
		transactions := func() (n int) {
			if err := d.store.QueryRow(`SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		const period = 8 * time.Second
		time.Sleep(3 * time.Second) // what starting costs
		from := transactions()
		time.Sleep(period)
		rate := float64(transactions()-from) / period.Seconds()
		t.Logf("%.1f transactions a second when idle", rate)
		if rate > 40 {
			t.Errorf("%.1f transactions a second when idle", rate)
		}
	})
}
