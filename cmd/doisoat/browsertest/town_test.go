package browsertest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/cmd/internal/app"
)

// monday is when the shipped quarter's report was written: Monday, 2 July 2018.
var monday = time.Date(2018, 7, 2, 8, 0, 0, 0, time.FixedZone("+07", 7*60*60))

// people are the accounts of the town.
var people = []web.NewAccount{
	{Name: "dothi", Display: "Nguyễn Thị Hạnh", Role: "department", Departments: []string{"QLDT"}},
	{Name: "tuphap", Display: "Trần Văn Minh", Role: "department", Departments: []string{"TP"}},
	{Name: "trungtam", Display: "Lê Thị Thu Hà", Role: "centre"},
	{Name: "vanhanh", Display: "Phạm Quốc Bảo", Role: "operator"},
}

// town is the shipped world with a daemon over it.
type town struct {
	dir, url string
	// passwords are the first ones, by account.
	passwords map[string]string
	ahead     atomic.Int64 // how far the moment of decisions was set on, in nanoseconds
}

// delivering has letters written into a folder when somebody asks for one.
const delivering = `
deliver:
  at: "0 0 1 1 *"
  hours: always
  number: "{number}/PĐĐ-TTHCC"
  organisation: {parent: ỦY BAN NHÂN DÂN THỊ XÃ HƯƠNG TRÀ, name: TRUNG TÂM HÀNH CHÍNH CÔNG, place: Hương Trà}
  folder: {path: letters}
web: {title: Trung tâm Hành chính công thị xã Hương Trà}
`

// open plays the town, compares it once, makes the accounts and serves it until the
// test ends.
func open(t *testing.T) *town {
	t.Helper()
	tn := &town{dir: t.TempDir(), passwords: map[string]string{}}
	records, err := world.SamplePlatform()
	if err != nil {
		t.Fatal(err)
	}
	platform, err := world.NewPlatform(records, world.PlatformOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)
	if err := world.Extract(tn.dir, world.ExtractOptions{PlatformURL: server.URL}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(tn.dir, "doisoat.yaml")
	if err := errors.Join(rest(filepath.Join(tn.dir, "offices")), os.Mkdir(filepath.Join(tn.dir, "letters"), 0o750), configure(path)); err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(&toTest{t: t})
	setup, err := app.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	tn.prepare(t, setup, log)
	began := time.Now()
	d, err := app.NewDaemon(t.Context(), setup, app.DaemonOptions{
		ConfigFile: path, Listen: "127.0.0.1:0", Migrate: true, Version: "1.0.0", Log: log,
		AsOf: func() time.Time { return monday.Add(time.Since(began) + time.Duration(tn.ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	tn.url = "http://" + d.Addr()
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		end()
		if err := errors.Join(<-ended, d.Close()); err != nil {
			t.Errorf("the daemon: %v", err)
		}
	})
	within(t, "the daemon is ready", func() error {
		response, err := client.Get(tn.url + "/-/ready")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
	return tn
}

// prepare compares once, and makes the accounts, as the command line does.
func (tn *town) prepare(t *testing.T, setup *app.Setup, log logrus.FieldLogger) {
	t.Helper()
	a, err := app.Open(t.Context(), setup, app.Options{Log: log, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := a.Reconcile(t.Context(), monday, true); err != nil {
		t.Fatal(err)
	}
	for _, who := range people {
		_, password, err := a.AddAccount(t.Context(), who, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		tn.passwords[who.Name] = password
	}
}

// configure gives every department of the town a folder for its letters.
func configure(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  - {code: ") {
			lines[i] = strings.TrimSuffix(line, "}") + ", deliver: {folder: true}}"
		}
	}
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")+delivering), 0o600)
}

// rest sets files back in time: nobody is writing them any more.
func rest(dir string) error {
	past := time.Now().Add(-time.Hour)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, past, past)
	})
}

// client asks the daemon beside the browser.
var client = http.Client{Timeout: 30 * time.Second}

// tomorrow sets the moment of decisions on by a day.
func (tn *town) tomorrow() { tn.ahead.Add(int64(24 * time.Hour)) }

// patience is how long something may take that is waited for: a machine that builds
// and tests other things beside is slow.
const patience = time.Minute

// within waits until a condition is no error any more.
func within(t testing.TB, what string, condition func() error) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("not so after %s: %s: %v", patience, what, err)
		case <-look.C:
		}
	}
}

// toTest writes a log into a test's own, until the test has ended.
type toTest struct {
	mu sync.Mutex
	t  *testing.T
}

func (w *toTest) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.t.Context().Err() == nil { // from then on it may be over at any time
		w.t.Log(string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
