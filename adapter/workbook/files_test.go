package workbook

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

const small = "Mã hồ sơ\nA1\n"

// folder makes a folder with these files, each holding one dossier.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(small), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFilesOfAPattern(t *testing.T) {
	dir := folder(t, "so/b.csv", "so/a.csv", "so/~$a.csv.csv", "so/.~lock.x.csv#", "so/readme.pdf", "khac/c.csv", "so/con.csv/d.csv", "so/[2018].csv", "so/"+norm.NFD.String("Sổ.csv"))
	for _, test := range []struct {
		name, path string
		want       []string
		reason     string
	}{
		{"one file", "so/a.csv", []string{"so/a.csv"}, ""},
		{"a pattern, in order, without locks, folders and other kinds", "so/*", []string{"so/" + norm.NFD.String("Sổ.csv"), "so/[2018].csv", "so/a.csv", "so/b.csv"}, ""},
		{"a pattern of folders", "*/[bc].csv", []string{"khac/c.csv", "so/b.csv"}, ""},
		{"a name with brackets", "so/[2018].csv", []string{"so/[2018].csv"}, ""},
		{"a name in the other Unicode form", "so/Sổ.csv", []string{"so/" + norm.NFD.String("Sổ.csv")}, ""},
		{"an absolute path", filepath.Join(dir, "so", "a.csv"), []string{"so/a.csv"}, ""},
		{"no such file", "so/z*.csv", nil, "no file matches so/z*.csv"},
		{"no such folder", "không/z.csv", nil, "không: the folder cannot be read"},
		{"a folder", "so", nil, "so is a folder; write so/*.xlsx"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, rec := poll(t, Config{Path: test.path, Dir: dir}, "Mã hồ sơ")
			var places []string
			for _, row := range rec.rows {
				places = append(places, row.Position.Place)
			}
			if diff := cmp.Diff(test.want, places); diff != "" {
				t.Error(diff)
			}
			if test.reason == "" {
				complete(t, p)
			} else if p.Cause != reconcile.CauseConnect || !strings.Contains(p.Reason, test.reason) || strings.Contains(p.Reason, dir) {
				t.Errorf("%s: %s; want %q", p.Cause, p.Reason, test.reason)
			}
		})
	}
}

func TestAPathOutsideTheFolderShowsNoMachinePath(t *testing.T) {
	dir := folder(t, "so/a.csv")
	p, rec := poll(t, Config{Path: filepath.Join(dir, "so", "a.csv"), Dir: t.TempDir()}, "Mã hồ sơ")
	complete(t, p)
	if got := rec.rows[0].Position.Place; got != "so/a.csv" {
		t.Errorf("place %q", got)
	}
}

func TestOneBadFileDoesNotHideTheOthers(t *testing.T) {
	dir := folder(t, "a.csv", "b.csv", "c.csv", "d.csv")
	for _, name := range []string{"a.csv", "c.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("Mã hồ sơ\n\"A9"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, rec := poll(t, Config{Path: "*.csv", Dir: dir}, "Mã hồ sơ")
	if p.EndReached || p.Cause != reconcile.CauseDecode || !strings.Contains(p.Reason, "a.csv, row 2") || !strings.Contains(p.Reason, "c.csv, row 2") {
		t.Errorf("%s: %s", p.Cause, p.Reason)
	}
	if len(rec.rows) != 2 {
		t.Errorf("%d rows of the sound files", len(rec.rows))
	}
}

func TestWaitingForAFile(t *testing.T) {
	for _, test := range []struct {
		name   string
		age    time.Duration // of the file when the poll starts
		lock   string
		during func(path string) // in parallel
		took   time.Duration
		cause  reconcile.Cause
		reason string
	}{
		{name: "at rest", age: time.Hour},
		{name: "just written", age: 500 * time.Millisecond, took: 1500 * time.Millisecond},
		{name: "a share whose clock is ahead", age: -time.Hour, took: 2 * time.Second},
		{name: "written again while waiting", age: time.Second, during: func(path string) {
			time.Sleep(900 * time.Millisecond)
			touch(path, time.Now())
		}, took: 2900 * time.Millisecond},
		{name: "written without end", age: 0, during: func(path string) {
			for range 59 {
				time.Sleep(500 * time.Millisecond)
				touch(path, time.Now())
			}
		}, took: 30 * time.Second, cause: reconcile.CauseChanging, reason: "a.csv is still being written"},
		{name: "Excel's lock goes away", age: time.Hour, lock: "~$a.csv", during: func(path string) {
			time.Sleep(3 * time.Second)
			os.Remove(filepath.Join(filepath.Dir(path), "~$a.csv"))
		}, took: 3 * time.Second},
		{name: "Excel's lock stays", age: time.Hour, lock: "~$a.csv", took: 30 * time.Second, cause: reconcile.CauseChanging, reason: "~$a.csv lies beside it"},
		{name: "LibreOffice's lock stays", age: time.Hour, lock: ".~lock.a.csv#", took: 30 * time.Second, cause: reconcile.CauseChanging, reason: "delete .~lock.a.csv# if nobody"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := folder(t, "a.csv")
				path := filepath.Join(dir, "a.csv")
				touch(path, time.Now().Add(-test.age))
				if test.lock != "" {
					if err := os.WriteFile(filepath.Join(dir, test.lock), nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if test.during != nil {
					go test.during(path)
				}
				start := time.Now()
				p, rec := pollSettled(t, Config{Path: "a.csv", Dir: dir})
				if took := time.Since(start); took < test.took || took > test.took+lockPoll {
					t.Errorf("took %v, want %v", took, test.took)
				}
				if p.Cause != test.cause || p.EndReached != (test.cause == "") || !strings.Contains(p.Reason, test.reason) {
					t.Errorf("%s: %s", p.Cause, p.Reason)
				}
				if (len(rec.rows) == 1) != (test.cause == "") {
					t.Errorf("%d rows", len(rec.rows))
				}
			})
		})
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := folder(t, "a.csv", "~$a.csv")
		src, err := New(Config{Path: "a.csv", Dir: dir}, []string{"Mã hồ sơ"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := src.Poll(ctx, reconcile.PollRequest{}, &recorder{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAFileThatGrowsWhileItIsRead(t *testing.T) {
	dir := folder(t, "a.csv")
	rec := &recorder{onRow: func(reconcile.Row) error {
		out, err := os.OpenFile(filepath.Join(dir, "a.csv"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer out.Close()
		_, err = out.WriteString("A2\n")
		return err
	}}
	p := pollInto(t, Config{Path: "a.csv", Dir: dir}, rec, reconcile.PollRequest{}, "Mã hồ sơ")
	if p.EndReached || p.Cause != reconcile.CauseChanging || !strings.Contains(p.Reason, "still being written") {
		t.Errorf("%s: %s", p.Cause, p.Reason)
	}
}

func touch(path string, at time.Time) {
	if err := os.Chtimes(path, at, at); err != nil {
		panic(err)
	}
}

// pollSettled polls with the waiting times that are the default.
func pollSettled(t *testing.T, cfg Config) (reconcile.Poll, *recorder) {
	t.Helper()
	src, err := New(cfg, []string{"Mã hồ sơ"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{}
	p, err := src.Poll(t.Context(), reconcile.PollRequest{}, rec)
	if err != nil {
		t.Fatal(err)
	}
	return p, rec
}

func TestAnswersCountFilesOpened(t *testing.T) {
	dir := folder(t, "a.csv", "b.csv", "c.csv", "d.csv")
	put(t, filepath.Join(dir, "c.csv"), "Mã hồ sơ\n\"A9")
	do(t, os.Remove(filepath.Join(dir, "d.csv")))
	do(t, os.Symlink("nowhere", filepath.Join(dir, "d.csv")))
	p, _ := poll(t, Config{Path: "[abc].csv", Dir: dir}, "Mã hồ sơ")
	if p.Requests != 3 || p.Answers["ok"] != 2 || p.Answers["error"] != 1 {
		t.Errorf("%d requests, %v", p.Requests, p.Answers)
	}
	p, _ = poll(t, Config{Path: "a.csv", Dir: dir}, "Mã hồ sơ")
	if p.Requests != 1 || len(p.Answers) != 1 || p.Answers["ok"] != 1 {
		t.Errorf("%d requests, %v", p.Requests, p.Answers)
	}
}
