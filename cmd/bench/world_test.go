package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
)

func TestWorldIsKeptAndShown(t *testing.T) {
	dir := t.TempDir()
	w, err := newWorld(dir, 2000, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	read := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	all := func() string {
		list, err := files(w.work())
		if err != nil || len(list) != worldFiles {
			t.Fatalf("%d files, error %v; want the platform's and ten offices'", len(list), err)
		}
		var text strings.Builder
		for _, path := range list {
			path = filepath.Join(w.work(), path)
			info, err := os.Stat(path)
			if err != nil || time.Since(info.ModTime()) < time.Minute {
				t.Fatalf("%s: error %v, last written %v: a run would wait for it", path, err, info.ModTime())
			}
			text.WriteString(read(path))
		}
		return text.String()
	}
	seen := map[string]string{}
	for _, name := range []string{today, changed, today} {
		if err := w.show(name); err != nil {
			t.Fatal(err)
		}
		text := all()
		if before, ok := seen[name]; ok && before != text {
			t.Errorf("%s is not what it was", name)
		}
		seen[name] = text
	}
	if seen[today] == seen[changed] {
		t.Error("the changed world is that of today")
	}

	// Another run finds it as it is, unless another program generated it.
	mark := filepath.Join(dir, "world-2000", "today", "platform.csv")
	if err := os.WriteFile(mark, []byte("touched"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := newWorld(dir, 2000, io.Discard)
	if err != nil || read(mark) != "touched" || again.Truth[changed].PlatformRows != w.Truth[changed].PlatformRows {
		t.Errorf("it was generated anew; error %v", err)
	}
	truth := filepath.Join(dir, "world-2000", "truth.json")
	if err := os.WriteFile(truth, []byte(strings.ReplaceAll(read(truth), w.Generator, "other")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newWorld(dir, 2000, io.Discard); err != nil || read(mark) == "touched" {
		t.Errorf("the world of another program was kept; error %v", err)
	}
}

func TestAFullDiskIsSaidBeforehand(t *testing.T) {
	if err := roomFor(t.TempDir(), 1<<60); err == nil || !strings.Contains(err.Error(), "-dir") {
		t.Errorf("error %v, want one that tells the remedy", err)
	}
	if err := roomFor(t.TempDir(), 1); err != nil {
		t.Error(err)
	}
}

func TestLargeFilesAreAllowed(t *testing.T) {
	dir := t.TempDir()
	if _, err := world.WriteBenchCSV(dir, 1000, 1, world.BenchOptions{}); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(dir, "doisoat.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(unlimited(string(config)), "max_file_bytes: "); n != worldFiles {
		t.Errorf("%d of %d sources have no limit", n, worldFiles)
	}
}

func TestDuckDBIsHeldToTheTruth(t *testing.T) {
	kinds := map[string]int{"missing_in_office": 2, "closed_in_progress": 3, "duplicate_code": 1, "invalid_record": 5}
	if err := joinFaults(map[string]int{"missing_in_office": 2, "closed_in_progress": 4, "agree": 90}, kinds); err != nil {
		t.Errorf("the right counts: %v", err)
	}
	err := joinFaults(map[string]int{"missing_in_office": 1, "closed_in_progress": 4}, kinds)
	if err == nil || !strings.Contains(err.Error(), "counts 1 of missing_in_office, the world has 2") {
		t.Errorf("error %v", err)
	}
}

func TestDoisoatIsHeldToTheTruth(t *testing.T) {
	run := func(count string) []byte {
		return []byte(`{"summary": [{"kind": "duplicate_code", "department": "A", "count": 1}, {"kind": "duplicate_code", "department": "B", "count": ` + count +
			`}, {"kind": "backdated_close", "count": 7}], "discrepancies": []}`)
	}
	if err := discrepancyFaults(run("2"), map[string]int{"duplicate_code": 3}); err != nil {
		t.Errorf("the right counts: %v", err)
	}
	if err := discrepancyFaults(run("1"), map[string]int{"duplicate_code": 3}); err == nil {
		t.Error("a discrepancy that is missing was not noticed")
	}
	if err := discrepancyFaults([]byte(`{`), nil); err == nil {
		t.Error("half an answer was taken")
	}
}
