package world

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// The big world's counts are those that the oracle reaches from its files.
func TestBenchWorldHoldsWhatItSays(t *testing.T) {
	for _, changed := range []int{0, 500} {
		dir := t.TempDir()
		truth, err := WriteBenchCSV(dir, 30_000, 3, BenchOptions{Changed: changed})
		if err != nil {
			t.Fatal(err)
		}
		platform := readBench(t, filepath.Join(dir, "platform.csv"), true)
		var offices []OfficeRecords
		rows := 0
		for i := range benchOffices {
			records := readBench(t, filepath.Join(dir, benchFile(i)), false)
			rows += len(records)
			offices = append(offices, OfficeRecords{benchDepartment(i), records})
		}
		got := Decide(Question{AsOf: BenchAsOf, From: BenchAsOf.AddDate(0, -4, 0), To: BenchAsOf, Calendar: Calendar2018()}, platform, offices)
		kinds := map[string]int{}
		for _, f := range got.Open {
			kinds[f.Kind]++
		}
		if diff := cmp.Diff(truth.Kinds, kinds); diff != "" || len(got.Suspected) > 0 {
			t.Errorf("%d changed: kinds (-said +found; %d suspected):\n%s", changed, len(got.Suspected), diff)
		}
		if truth.PlatformRows != len(platform) || truth.OfficeRows != rows || len(kinds) != 12 {
			t.Errorf("said %d and %d rows, found %d and %d, of %d kinds", truth.PlatformRows, truth.OfficeRows, len(platform), rows, len(kinds))
		}
		if perRow := truth.PlatformBytes / int64(truth.PlatformRows); perRow < 105 || perRow > 135 {
			t.Errorf("%d bytes a platform row, want about 120", perRow)
		}
		if perRow := truth.OfficeBytes / int64(truth.OfficeRows); perRow < 95 || perRow > 125 {
			t.Errorf("%d bytes an office row, want about 110", perRow)
		}
		if total := len(got.Open); changed == 0 && (total < 450 || total > 750) {
			t.Errorf("%d discrepancies of 30,000, want about two in a hundred", total)
		}
	}
}

func readBench(t *testing.T, path string, platform bool) []Record {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range table[0] {
		column[name] = i
	}
	var records []Record
	for _, row := range table[1:] {
		r := Record{Code: row[column["code"]]}
		for name, into := range map[string]*reconcile.Moment{
			"received_at": &r.ReceivedAt, "due_at": &r.DueAt, "extended_due_at": &r.ExtendedDueAt,
			"completed_at": &r.CompletedAt, "returned_at": &r.ReturnedAt, "updated_at": &r.UpdatedAt,
		} {
			m, ok := read(row[column[name]], "2006-01-02 15:04", time.DateOnly)
			if !ok {
				t.Fatalf("%s: %q is no date", path, row[column[name]])
			}
			*into = m
		}
		if platform {
			r.Department = row[column["department"]]
			r.Status, r.RawStatus = readNationalStatus(row[column["status"]])
		} else {
			r.Status, r.RawStatus = readLandStatus(row[column["status"]])
		}
		records = append(records, r)
	}
	return records
}

// Changed says in how many rows the files differ, and nothing else does.
func TestBenchWorldChangesSoManyRows(t *testing.T) {
	const n = 20_000
	for _, changed := range []int{1, 7, 1000, n} {
		t.Run(strconv.Itoa(changed), func(t *testing.T) {
			before, after := benchLines(t, n, 0), benchLines(t, n, changed)
			if len(before) != len(after) {
				t.Fatalf("%d rows became %d", len(before), len(after))
			}
			different := 0
			for i := range before {
				if !bytes.Equal(before[i], after[i]) {
					different++
				}
			}
			if different != changed {
				t.Errorf("%d rows differ, want %d", different, changed)
			}
		})
	}
}

// benchLines are the rows of all files of a big world, file by file.
func benchLines(t *testing.T, n, changed int) [][]byte {
	t.Helper()
	dir := t.TempDir()
	if _, err := WriteBenchCSV(dir, n, 11, BenchOptions{Changed: changed}); err != nil {
		t.Fatal(err)
	}
	files := []string{"platform.csv"}
	for i := range benchOffices {
		files = append(files, benchFile(i))
	}
	var lines [][]byte
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, bytes.Split(raw, []byte("\n"))...)
	}
	return lines
}

func TestBenchWorldRefuses(t *testing.T) {
	for _, c := range [][2]int{{0, 0}, {10, 11}, {10, -1}} {
		if _, err := WriteBenchCSV(t.TempDir(), c[0], 1, BenchOptions{Changed: c[1]}); err == nil {
			t.Errorf("%d dossiers with %d changed were written", c[0], c[1])
		}
	}
}

func BenchmarkWriteBenchCSV(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		if _, err := WriteBenchCSV(dir, 100_000, 1, BenchOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}
