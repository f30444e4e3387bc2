package workbook

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// recorder is a Sink that keeps everything.
type recorder struct {
	known    map[uint64]bool
	prints   []uint64
	rows     []reconcile.Row
	rejected []reconcile.Rejected
	skipped  map[string]int
	onRow    func(reconcile.Row) error
}

func (r *recorder) Seen(fp uint64) bool {
	r.prints = append(r.prints, fp)
	return r.known[fp]
}

func (r *recorder) Row(row reconcile.Row) error {
	row.Values = slices.Clone(row.Values)
	r.rows = append(r.rows, row)
	if r.onRow != nil {
		return r.onRow(row)
	}
	return nil
}

func (r *recorder) Reject(x reconcile.Rejected) error {
	r.rejected = append(r.rejected, x)
	return nil
}

func (r *recorder) Skip(reason string) {
	if r.skipped == nil {
		r.skipped = map[string]int{}
	}
	r.skipped[reason]++
}

// values are those of all rows, in order.
func (r *recorder) values() [][]string {
	var out [][]string
	for _, row := range r.rows {
		out = append(out, row.Values)
	}
	return out
}

// poll builds a source over path and polls it once, without waiting.
func poll(t *testing.T, cfg Config, inputs ...string) (reconcile.Poll, *recorder) {
	t.Helper()
	rec := &recorder{}
	return pollInto(t, cfg, rec, reconcile.PollRequest{Mode: reconcile.Full, Seed: 7}, inputs...), rec
}

func pollInto(t *testing.T, cfg Config, rec *recorder, req reconcile.PollRequest, inputs ...string) reconcile.Poll {
	t.Helper()
	if cfg.Settle == 0 {
		cfg.Settle = time.Nanosecond // tests write their files themselves
	}
	src, err := New(cfg, inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := src.Poll(context.Background(), req, rec)
	if err != nil {
		t.Fatalf("poll: %v", err)
	}
	return p
}

// complete fails the test unless the end was reached.
func complete(t *testing.T, p reconcile.Poll) {
	t.Helper()
	if !p.EndReached || p.Cause != "" || p.Reason != "" {
		t.Fatalf("poll is not complete: %s: %s", p.Cause, p.Reason)
	}
}

// write puts content into a new file and returns its path.
func write(t testing.TB, name string, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// saveBook writes a workbook that fill made and returns its path.
func saveBook(t testing.TB, name string, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	path := filepath.Join(t.TempDir(), name)
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// rowsOf writes rows of cells to a sheet, from row first on.
func rowsOf(t testing.TB, f *excelize.File, sheet string, first int, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		ref, err := excelize.CoordinatesToCellName(1, first+i)
		if err == nil {
			err = f.SetSheetRow(sheet, ref, &row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
