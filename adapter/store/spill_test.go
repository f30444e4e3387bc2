package store

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A large poll must not need the memory of all its rows.
func TestSpillBoundsMemory(t *testing.T) {
	const rows = 400000 // some 50 MB
	dir := t.TempDir()
	s := newSpill(dir)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	status := strings.Repeat("đang xử lý ", 8)
	for i := range rows {
		code := fmt.Sprintf("000.00.16.H57-%07d", i)
		row := Row{Code: code, Fingerprint: uint64(i) + 1, Values: []string{code, status, fmt.Sprint(i)}, key: KeyOf(code)}
		if err := s.add(&row); err != nil {
			t.Fatal(err)
		}
	}
	if grown := int64(heap()) - int64(before); grown > 24<<20 {
		t.Errorf("%d rows set aside take %d MB of memory", rows, grown>>20)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("files left for whoever looks: %v, error %v", names, err)
	}
	total := 0
	for part := range spillParts {
		got, err := s.take(part, part+1)
		if err != nil {
			t.Fatal(err)
		}
		total += len(got)
		if !slices.IsSortedFunc(got, func(a, b Row) int { return cmp.Compare(a.key, b.key) }) {
			t.Fatalf("part %d is not in order", part)
		}
		for _, r := range got {
			if want := fmt.Sprintf("000.00.16.H57-%07d", r.Fingerprint-1); r.Code != want || r.Values[1] != status {
				t.Fatalf("%s came back as %v", want, r)
			}
		}
	}
	if total != rows || s.rows != rows {
		t.Errorf("%d rows set aside, %d came back", rows, total)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	if err := s.close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// Where an open file cannot be removed, it is when it is closed.
func TestSpillRemovesItsFile(t *testing.T) {
	s := newSpill(t.TempDir())
	var err error
	if s.file, err = os.CreateTemp(s.dir, "doisoat-poll-*"); err != nil {
		t.Fatal(err)
	}
	s.named = true
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if names, err := os.ReadDir(s.dir); err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, error %v", names, err)
	}
}

func TestSpillWithoutAFolder(t *testing.T) {
	s := newSpill(filepath.Join(t.TempDir(), "none"))
	var err error
	for i := 0; err == nil && i < 100000; i++ {
		err = s.add(&Row{Code: fmt.Sprint(i), Values: []string{strings.Repeat("x", 500)}})
	}
	if err == nil || !strings.Contains(err.Error(), "set rows aside") || !strings.Contains(err.Error(), "none") {
		t.Errorf("error %v", err)
	}
}

func TestSpillCutShort(t *testing.T) {
	s := newSpill(t.TempDir())
	row := Row{Code: "A", Values: []string{"A"}}
	if err := s.add(&row); err != nil {
		t.Fatal(err)
	}
	if err := s.flush(&s.parts[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.file.Truncate(1); err != nil {
		t.Fatal(err)
	}
	if rows, err := s.take(0, 1); err == nil || !strings.Contains(err.Error(), "set aside") {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}
