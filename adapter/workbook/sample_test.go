package workbook

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

var bookInputs = []string{"Mã hồ sơ", "Thủ tục", "Tình trạng", "Ngày nhận", "Ngày hẹn trả", "Gia hạn đến", "Ngày hoàn thành", "Ngày trả kết quả", "Cập nhật"}

// composed is values in NFC: the sample books mix both Unicode forms, and raw
// values come as they are.
func composed(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = norm.NFC.String(v)
	}
	return out
}

func TestTheBooksThatClerksKeep(t *testing.T) {
	for _, test := range []struct {
		name, place string
		cfg         Config
		rows        int
		skipped     map[string]int
		last        []string
		at          int
	}{
		{"a book with titles, a total row and text dates", "tp.xlsx, sheet Sổ theo dõi", Config{Path: "tp.xlsx", Sheet: "Sổ theo dõi", HeaderRow: 4}, 70,
			map[string]int{"total": 1}, []string{"000.00.16.h57-180528-0014", "1.001193", "Đã giải quyết", "date:2018-05-28T11:08:00",
				"08/06/2018 17:00:00", "", "date:2018-06-01T16:47:00", "", "01/06/2018 16:52:00"}, 74},
		{"the heading row found by itself", "tp.xlsx, sheet Sổ theo dõi", Config{Path: "tp.xlsx"}, 70, map[string]int{"total": 1}, nil, 74},
		{"a small book", "gddt.xlsx, sheet Sổ theo dõi", Config{Path: "gddt.xlsx", Sheet: "Sổ*"}, 16, map[string]int{"total": 1}, nil, 20},
		{"a CSV file with a byte-order mark and semicolons", "nv.csv", Config{Path: "nv.csv"}, 3, nil, nil, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.Dir = "testdata"
			p, rec := poll(t, test.cfg, bookInputs...)
			complete(t, p)
			if len(rec.rows) != test.rows || len(rec.rejected) != 0 {
				t.Fatalf("%d rows, %d rejected; want %d and none", len(rec.rows), len(rec.rejected), test.rows)
			}
			if diff := cmp.Diff(test.skipped, rec.skipped); diff != "" {
				t.Errorf("skipped:\n%s", diff)
			}
			last := rec.rows[len(rec.rows)-1]
			if diff := cmp.Diff(reconcile.Position{Place: test.place, Row: test.at}, last.Position); diff != "" {
				t.Errorf("position:\n%s", diff)
			}
			if test.last != nil {
				if diff := cmp.Diff(test.last, composed(last.Values)); diff != "" {
					t.Errorf("values:\n%s", diff)
				}
			}
			for _, row := range rec.rows {
				if !strings.Contains(strings.ToUpper(strings.ReplaceAll(row.Values[0], " ", "")), "H57-18") {
					t.Errorf("%v: code %q", row.Position, row.Values[0])
				}
			}
			if p.DeclaredTotal != -1 || p.Pages != 1 || p.Mode != reconcile.Full {
				t.Errorf("poll says %+v", p)
			}

			again := &recorder{known: map[uint64]bool{}}
			for _, row := range rec.rows {
				again.known[row.Fingerprint] = true
			}
			complete(t, pollInto(t, test.cfg, again, reconcile.PollRequest{Seed: 7}, bookInputs...))
			if len(again.rows) != 0 || !slices.Equal(rec.prints, again.prints) {
				t.Errorf("read again, %d rows are new", len(again.rows))
			}
			other := &recorder{known: again.known}
			pollInto(t, test.cfg, other, reconcile.PollRequest{Seed: 8}, bookInputs...)
			if len(other.rows) != test.rows {
				t.Errorf("under another seed %d rows are new, want all", len(other.rows))
			}
		})
	}
}
