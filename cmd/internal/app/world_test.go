package app

import (
	"context"
	"io"
	"net/http/httptest"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

func quietLog() logrus.FieldLogger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}

func openWorld(t *testing.T, dir string) *App {
	t.Helper()
	setup, err := Load(filepath.Join(dir, "doisoat.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(context.Background(), setup, Options{Log: quietLog(), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// found lists what stands in the store as the truth lists it.
func found(t *testing.T, a *App, rules *reconcile.Rules) (open, suspected []world.Finding) {
	t.Helper()
	err := a.EachListed(context.Background(), rules, store.Filter{}, func(l *Listed) error {
		f := world.Finding{Kind: string(l.Kind), Code: l.Code, Department: l.Department, DeadlineEffect: string(l.Effect)}
		if l.State == reconcile.StateSuspected {
			suspected = append(suspected, f)
		} else {
			open = append(open, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]world.Finding{open, suspected} {
		sort.Slice(list, func(i, j int) bool {
			if list[i].Kind != list[j].Kind {
				return list[i].Kind < list[j].Kind
			}
			return list[i].Code < list[j].Code
		})
	}
	return open, suspected
}

func TestSampleWorldGivesItsTruth(t *testing.T) {
	records, err := world.SamplePlatform()
	if err != nil {
		t.Fatal(err)
	}
	platform, err := world.NewPlatform(records, world.PlatformOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(platform)
	defer server.Close()
	dir := t.TempDir()
	if err := world.Extract(dir, world.ExtractOptions{PlatformURL: server.URL}); err != nil {
		t.Fatal(err)
	}
	truth, err := world.LoadTruth(world.Sample(), "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	asOf, err := time.Parse(time.RFC3339, truth.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	a := openWorld(t, dir)
	start := time.Now()
	result, err := a.Reconcile(context.Background(), asOf, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), result.Run.Summary)
	for _, s := range result.Snapshots {
		t.Log(s.Source, s.State, s.Rows, s.Rejected, s.Skipped, s.Reason)
	}
	open, suspected := found(t, a, result.Rules)
	if diff := cmp.Diff(truth.Open, open); diff != "" {
		t.Errorf("open (-truth +found):\n%s", diff)
	}
	if diff := cmp.Diff(truth.Suspected, suspected); diff != "" {
		t.Errorf("suspected (-truth +found):\n%s", diff)
	}
}
