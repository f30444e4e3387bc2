package daemontest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// town is a played world with the configuration that points a daemon at it. Its
// departments are
//
//	TNMT, LDTBXH  a database each
//	QLDT          an Excel book
//	TP, KT, TCKH  a CSV file each, in several encodings
type town struct {
	t        testing.TB
	dir      string
	config   string // doisoat.yaml
	world    *world.World
	platform *world.Platform
	url      string
	// watch is called for every request to the platform, before it is answered,
	// and what it gives after.
	watch atomic.Pointer[func(*http.Request) (answered func())]
}

// plan says what a town is like.
type plan struct {
	dossiers int
	store    string        // sqlite:doisoat.db if empty
	every    time.Duration // between polls of each source; 5 s if zero
	latency  time.Duration // of each answer of the platform
	settle   time.Duration // of files; 2 s, as by default, if zero
	sqlite   bool          // offices are databases only, which need no rest to be read
	noSince  bool          // the platform cannot tell what changed
}

// newTown makes a town at rest: its two sides agree about every dossier.
func newTown(t testing.TB, p plan) *town {
	t.Helper()
	if p.every == 0 {
		p.every = 5 * time.Second
	}
	now := time.Now()
	departments := []world.Department{
		{Code: "TP", Name: "Phòng Tư pháp", Weight: 1}, {Code: "TNMT", Name: "Phòng Tài nguyên - môi trường", Weight: 2},
		{Code: "QLDT", Name: "Phòng Quản lý đô thị", Weight: 1}, {Code: "KT", Name: "Phòng Kinh tế", Weight: 1},
		{Code: "TCKH", Name: "Phòng Tài chính kế hoạch", Weight: 1}, {Code: "LDTBXH", Name: "Phòng Lao động, thương binh, xã hội", Weight: 2},
	}
	o := world.Options{
		Seed: 20260701, Dossiers: p.dossiers, From: now.AddDate(0, 0, -70), To: now.AddDate(0, 0, -1), AsOf: now, Mismatch: -1, Departments: departments,
	}
	if p.sqlite {
		o.OfficesAs = string(world.Database)
	}
	w, err := world.Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	tn := &town{t: t, dir: t.TempDir(), world: w}
	tn.config = filepath.Join(tn.dir, "doisoat.yaml")
	if tn.platform, err = w.Serve(world.PlatformOptions{}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if watch := tn.watch.Load(); watch != nil {
			defer (*watch)(r)()
		}
		if p.latency > 0 {
			pause(p.latency)
		}
		tn.platform.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	tn.url, w.PlatformURL = server.URL, server.URL
	if p.store != "" {
		w.Store = p.store
	}
	if err := w.Write(tn.dir); err != nil {
		t.Fatal(err)
	}
	tn.rest()
	tn.rewrite(func(text string) string { return configure(text, p) })
	return tn
}

// sourceHead finds where a source begins in a world's configuration.
var sourceHead = regexp.MustCompile(`(?m)^(  (?:- )?)(name: .*\n)`)

// configure sets what a world's own configuration leaves at its default.
func configure(text string, p plan) string {
	text = sourceHead.ReplaceAllStringFunc(text, func(head string) string {
		indent := "  "
		if strings.HasPrefix(head, "  - ") {
			indent = "    "
		}
		return head + indent + fmt.Sprintf("poll: {every: %s}\n", p.every)
	})
	if p.settle > 0 {
		text = strings.ReplaceAll(text, "workbook: {", fmt.Sprintf("workbook: {settle: %s, ", p.settle))
	}
	if p.noSince {
		text = regexp.MustCompile(`(?m)^      since: .*\n`).ReplaceAllString(text, "")
	}
	return text + "rules: {grace: {default: 0s}}\nweb: {listen: \"127.0.0.1:0\"}\n"
}

// rewrite changes the configuration's text.
func (tn *town) rewrite(change func(string) string) {
	tn.t.Helper()
	text, err := os.ReadFile(tn.config)
	if err == nil {
		err = os.WriteFile(tn.config, []byte(change(string(text))), 0o600)
	}
	if err != nil {
		tn.t.Fatal(err)
	}
}

// beside writes a second configuration over the same world, with a store of its
// own.
func (tn *town) beside(name, store string) string {
	tn.t.Helper()
	text, err := os.ReadFile(tn.config)
	if err != nil {
		tn.t.Fatal(err)
	}
	path := filepath.Join(tn.dir, name)
	text = regexp.MustCompile(`(?m)^store: .*$`).ReplaceAll(text, []byte("store: "+strings.ReplaceAll(store, "$", "$$")))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tn.t.Fatal(err)
	}
	return path
}

// rest sets the offices' files back in time: nobody is writing them any more.
func (tn *town) rest() {
	tn.t.Helper()
	past := time.Now().Add(-time.Hour)
	for _, o := range tn.world.Offices {
		if err := os.Chtimes(filepath.Join(tn.dir, o.File()), past, past); err != nil {
			tn.t.Fatal(err)
		}
	}
}

// office is a department's source.
func (tn *town) office(department string) world.Office {
	tn.t.Helper()
	i := slices.IndexFunc(tn.world.Offices, func(o world.Office) bool { return o.Department == department })
	if i < 0 {
		tn.t.Fatalf("no office keeps %s", department)
	}
	return tn.world.Offices[i]
}

func (tn *town) file(department string) string {
	return filepath.Join(tn.dir, tn.office(department).File())
}

// inProgress are the codes of a department's dossiers that both sides are at work on.
func (tn *town) inProgress(department string) []string {
	tn.t.Helper()
	var codes []string
	for _, r := range tn.office(department).Records {
		i := tn.onPlatform(r.Code)
		if i >= 0 && reconcile.DefaultGroup(r.Status) == reconcile.Open && reconcile.DefaultGroup(tn.world.Platform[i].Status) == reconcile.Open {
			codes = append(codes, r.Code)
		}
	}
	if len(codes) < 4 {
		tn.t.Fatalf("only %d dossiers of %s are in progress", len(codes), department)
	}
	return codes
}

func (tn *town) onPlatform(code string) int {
	return slices.IndexFunc(tn.world.Platform, func(r world.Record) bool { return world.Canonical(r.Code) == world.Canonical(code) })
}

// change lets a clerk correct a row of the department's book.
func (tn *town) change(department, code string, change func(*world.Record)) {
	tn.t.Helper()
	err := world.ChangeOffice(tn.file(department), code, func(r *world.Record) {
		r.UpdatedAt = moment(time.Now())
		change(r)
	})
	if err != nil {
		tn.t.Fatal(err)
	}
}

// enter changes a dossier on the platform.
func (tn *town) enter(code string, change func(*world.Record)) {
	tn.t.Helper()
	i := tn.onPlatform(code)
	if i < 0 {
		tn.t.Fatalf("the platform has no %s", code)
	}
	r := &tn.world.Platform[i]
	r.UpdatedAt = moment(time.Now())
	change(r)
	if err := tn.platform.Put(*r); err != nil {
		tn.t.Fatal(err)
	}
}

// resolve finishes a dossier, on either side.
func resolve(at time.Time) func(*world.Record) {
	return func(r *world.Record) { r.Status, r.CompletedAt = reconcile.Resolved, moment(at) }
}

// moment is a time as the systems of a town write it: to the second.
func moment(t time.Time) reconcile.Moment { return reconcile.Moment{Time: t.Truncate(time.Second)} }

// run runs a command of doisoat to its end and gives what it printed.
func run(t testing.TB, args ...string) string {
	t.Helper()
	out, err := tryRun(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryRun(t testing.TB, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("doisoat %s: %w\n%s%s", strings.Join(args, " "), err, out, said.String())
	}
	return string(out), err
}
