package jobs

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"
)

func TestRiversLogIsOneStepLower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to, hook := logtest.NewNullLogger()
		to.SetLevel(logrus.DebugLevel)
		log := newRiverLog(to)
		log.Debug("fetching")
		log.Info("River client started", "client_id", "a")
		log.Warn("slow")
		log.With("queue", "polls").WithGroup("job").Error("Error fetching jobs", slog.Int("id", 7), "err", "connection refused")
		log.Error("Error fetching jobs", "err", "connection refused")
		log.Error("Completer error", "err", "database is locked (5) (SQLITE_BUSY)")
		time.Sleep(tellEvery)
		log.Error("Error fetching jobs")
		var got []string
		for _, e := range hook.AllEntries() {
			got = append(got, fmt.Sprintf("%s %s %v", e.Level, e.Message, map[string]any(e.Data)))
		}
		want := []string{
			"debug queue: River client started map[river_client_id:a]",
			"warning queue: slow map[]",
			"warning queue: Error fetching jobs map[river_job_err:connection refused river_job_id:7 river_queue:polls]",
			"debug queue: Error fetching jobs map[river_err:connection refused]",
			"debug queue: Completer error map[river_err:database is locked (5) (SQLITE_BUSY)]",
			"warning queue: Error fetching jobs map[]",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}
