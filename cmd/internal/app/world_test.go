package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// played is a world whose platform is being served, opened.
type played struct {
	*App
	world    *world.World
	platform *world.Platform
	dir      string
}

// play writes a generated world and opens it. storeURL is "" for SQLite.
func play(t *testing.T, o world.Options, p world.PlatformOptions, storeURL string) *played {
	t.Helper()
	w, err := world.Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	p.Style = o.Style
	platform, err := w.Serve(p)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)
	w.PlatformURL = server.URL
	if storeURL != "" {
		w.Store = storeURL
	}
	dir := t.TempDir()
	if err := w.Write(dir); err != nil {
		t.Fatal(err)
	}
	settle(t, dir)
	return &played{App: openWorld(t, dir), world: w, platform: platform, dir: dir}
}

// settle makes every file old enough to be read at once.
func settle(t *testing.T, dir string) {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func openWorld(t *testing.T, dir string) *App {
	t.Helper()
	setup, err := Load(filepath.Join(dir, "doisoat.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	if rest := setup.Config.Platform.REST; rest != nil {
		rest.Limits.Retries = 2 // a platform that stays broken is waited for long enough
	}
	a, err := Open(context.Background(), setup, Options{Log: log, Migrate: true, TempDir: t.TempDir()})
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

func asOf(t *testing.T, truth world.Truth) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, truth.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// run reconciles at the truth's moment.
func (p *played) run(t *testing.T) *Result {
	t.Helper()
	result, err := p.Reconcile(context.Background(), asOf(t, p.world.Truth), false)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// accepted fails the test where a source was not accepted.
func accepted(t *testing.T, r *Result) {
	t.Helper()
	for i := range r.Snapshots {
		if s := &r.Snapshots[i]; s.State != reconcile.SnapshotAccepted {
			t.Errorf("%s is %s (%s): %s", s.Source, s.State, s.Cause, s.Reason)
		}
	}
}

// found lists what stands in the store as the truth lists it.
func found(t *testing.T, a *App, rules *reconcile.Rules) (open, suspected []world.Finding) {
	t.Helper()
	open, suspected = []world.Finding{}, []world.Finding{}
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
	return open, suspected
}

// isTrue compares discrepancies and both tables with the truth.
func isTrue(t *testing.T, a *App, rules *reconcile.Rules, truth world.Truth) {
	t.Helper()
	open, suspected := found(t, a, rules)
	for _, c := range []struct {
		name         string
		truth, found []world.Finding
	}{{"open", truth.Open, open}, {"suspected", truth.Suspected, suspected}} {
		for _, list := range [][]world.Finding{c.truth, c.found} {
			slices.SortFunc(list, func(a, b world.Finding) int {
				return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Department, b.Department))
			})
		}
		if diff := gocmp.Diff(append([]world.Finding{}, c.truth...), c.found); diff != "" {
			t.Errorf("%s (-truth +found):\n%s", c.name, diff)
		}
	}
	day := func(s string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, s, a.Config.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	report, err := a.Report(context.Background(), ReportOptions{From: day(truth.Period[0]), To: day(truth.Period[1]), AsOf: rules.AsOf})
	if err != nil {
		t.Fatal(err)
	}
	reported, verified := map[string]world.Four{}, map[string]world.Four{}
	four := func(c reconcile.Counts) world.Four {
		return world.Four{c.ResolvedOnTime, c.ResolvedLate, c.InProgressOnTime, c.InProgressOverdue}
	}
	for _, row := range report.Rows {
		reported[row.Department], verified[row.Department] = four(row.Reported), four(row.Verified)
	}
	if diff := gocmp.Diff(truth.Reported, reported); diff != "" {
		t.Errorf("reported table (-truth +found):\n%s", diff)
	}
	if diff := gocmp.Diff(truth.Verified, verified); diff != "" {
		t.Errorf("verified table (-truth +found):\n%s", diff)
	}
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
	settle(t, dir)
	truth, err := world.LoadTruth(world.Sample(), "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	a := openWorld(t, dir)
	result, err := a.Reconcile(context.Background(), asOf(t, truth), false)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, result)
	isTrue(t, a, result.Rules, truth)
	if got := result.Run.Summary.ComparedTotal(); got != 1894 {
		t.Errorf("compared %d dossiers, want the 1894 that both sides have", got)
	}
}

func TestOtherWorldsGiveTheirTruth(t *testing.T) {
	cases := map[string]struct {
		world    world.Options
		platform world.PlatformOptions
	}{
		"another seed":             {world: world.Options{Seed: 2}},
		"OpenCPS":                  {world: world.Options{Seed: 3, Style: world.OpenCPSStyle}},
		"national portal":          {world: world.Options{Seed: 4, Style: world.DVCQGStyle}},
		"everything in Excel":      {world: world.Options{Seed: 5, OfficesAs: string(world.Book)}},
		"everything in CSV":        {world: world.Options{Seed: 6, OfficesAs: string(world.Export)}},
		"unreadable rows":          {world: world.Options{Seed: 7, Rejected: true, PersonData: true}},
		"department not connected": {world: world.Options{Seed: 12, NotCovered: []string{"TP", "VPDKDD"}}},
		"half of it wrong":         {world: world.Options{Seed: 9, Mismatch: 0.5}},
		"30,000 dossiers":          {world: world.Options{Seed: 10, Dossiers: 30_000}},
		"a troubled platform": {world: world.Options{Seed: 11}, platform: world.PlatformOptions{TokenCalls: 3, Faults: []world.Fault{
			{Kind: world.Refuse, Status: 429, RetryAfter: time.Second, Pages: []int{2}, Times: 1},
			{Kind: world.Refuse, Status: 502, Pages: []int{3, 5}, Times: 1},
			{Kind: world.Drop, Pages: []int{4}, Times: 1},
			{Kind: world.ShortBody, Pages: []int{6}, Times: 1},
			{Kind: world.DropInBody, Pages: []int{7}, Times: 1},
			{Kind: world.CutJSON, Pages: []int{8}, Times: 1},
		}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && c.world.Dossiers > 10_000 {
				t.Skip("large; left out by -short")
			}
			p := play(t, c.world, c.platform, "")
			result := p.run(t)
			accepted(t, result)
			isTrue(t, p.App, result.Rules, p.world.Truth)
		})
	}
}

func TestPostgresStoreGivesTheTruth(t *testing.T) {
	p := play(t, world.Options{Seed: 13, Dossiers: 5000}, world.PlatformOptions{}, postgresStore(t))
	result := p.run(t)
	accepted(t, result)
	isTrue(t, p.App, result.Rules, p.world.Truth)
	before := p.kept(t)
	accepted(t, p.run(t))
	if diff := gocmp.Diff(before, p.kept(t)); diff != "" {
		t.Errorf("the second run changed discrepancies:\n%s", diff)
	}
}

// postgresStore makes a database of its own for the test.
func postgresStore(t *testing.T) string {
	t.Helper()
	server := os.Getenv("DOISOAT_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("DOISOAT_TEST_POSTGRES is not set; run the tests through make test")
		}
		t.Skip("needs PostgreSQL; run: make test")
	}
	db, err := sqlx.Connect("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("app_%d", time.Now().UnixNano())
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
