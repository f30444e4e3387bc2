package world

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// BenchOptions say how the big world differs from itself.
type BenchOptions struct {
	// Changed is in how many dossiers one side's row differs from what the same
	// seed gives with Changed 0; every other byte is the same.
	Changed int
}

// BenchTruth is how many dossiers of each kind of discrepancy a big world
// holds. All are older than any grace.
type BenchTruth struct {
	Kinds                      map[string]int
	PlatformRows, OfficeRows   int
	PlatformBytes, OfficeBytes int64
}

// BenchAsOf is the moment a big world is meant to be compared at.
var BenchAsOf = time.Date(2018, 7, 2, 8, 0, 0, 0, vietnam)

// benchOffices is how many offices share the dossiers, evenly.
const benchOffices = 10

// WriteBenchCSV writes a world of n dossiers a side as CSV exports into dir:
// platform.csv (about 120 bytes a row, statuses by national number), ten
// offices/office-….csv (about 110, statuses as a land register numbers them),
// doisoat.yaml and mappings. About two dossiers in a hundred disagree. Columns
// are plain (code, status, due_at …) and dates are written yyyy-MM-dd HH:mm in
// all files, so that SQL can compare them as they stand. It streams: memory
// does not grow with n.
func WriteBenchCSV(dir string, n int, seed uint64, o BenchOptions) (BenchTruth, error) {
	truth, err := writeBench(dir, n, seed, o)
	if err != nil {
		return BenchTruth{}, fmt.Errorf("writing the benchmark's world to %s: %w", dir, err)
	}
	return truth, nil
}

func writeBench(dir string, n int, seed uint64, o BenchOptions) (truth BenchTruth, err error) {
	if n < 1 || o.Changed < 0 || o.Changed > n {
		return truth, fmt.Errorf("%d dossiers, %d of them changed: want at least one, and no more changed than there are", n, o.Changed)
	}
	for _, sub := range []string{"mappings", "offices"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return truth, err
		}
	}
	for name, content := range map[string]string{
		"doisoat.yaml": benchConfig(), "mappings/platform.yaml": benchMapping(true), "mappings/office.yaml": benchMapping(false),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return truth, err
		}
	}
	platform, err := newSink(filepath.Join(dir, "platform.csv"), "code,procedure,department,status,received_at,due_at,extended_due_at,completed_at,returned_at,updated_at\n")
	if err != nil {
		return truth, err
	}
	defer func() { err = errors.Join(err, platform.Close()) }()
	var offices [benchOffices]*sink
	for i := range offices {
		s, err := newSink(filepath.Join(dir, benchFile(i)), "code,procedure,status,received_at,due_at,extended_due_at,completed_at,returned_at,updated_at\n")
		if err != nil {
			return truth, err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		offices[i] = s
	}

	truth.Kinds = map[string]int{}
	var platformRow, officeRow []byte
	for i := range n {
		d := benchDossier(i, n, seed)
		// Spread evenly: the k-th change falls where k·n/changed passes an index.
		if o.Changed > 0 && i*o.Changed/n != (i+1)*o.Changed/n {
			d.touch()
		}
		if d.kind != "" {
			truth.Kinds[d.kind]++
		}
		if d.kind != "missing_on_platform" {
			platformRow = d.platform.append(platformRow[:0], d, true)
			if err := platform.write(platformRow); err != nil {
				return truth, err
			}
		}
		if d.kind != "missing_in_office" {
			officeRow = d.office.append(officeRow[:0], d, false)
			if d.kind == "duplicate_code" {
				second := d.office
				second.live(natProcessing)
				officeRow = second.append(officeRow, d, false)
				truth.OfficeRows++
			}
			truth.OfficeRows++
			if err := offices[d.home].write(officeRow); err != nil {
				return truth, err
			}
		}
	}
	truth.PlatformRows = n - truth.Kinds["missing_on_platform"]
	truth.PlatformBytes = platform.bytes
	for _, s := range offices {
		truth.OfficeBytes += s.bytes
	}
	return truth, nil
}

// sink is a file written through a buffer, counting.
type sink struct {
	file  *os.File
	out   *bufio.Writer
	bytes int64
}

func newSink(path, heading string) (*sink, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	s := &sink{file: file, out: bufio.NewWriterSize(file, 1<<18)}
	return s, s.write([]byte(heading))
}

func (s *sink) write(row []byte) error {
	s.bytes += int64(len(row))
	_, err := s.out.Write(row)
	return err
}

// Close flushes and closes the file.
func (s *sink) Close() error { return errors.Join(s.out.Flush(), s.file.Close()) }

func benchFile(i int) string { return fmt.Sprintf("offices/office-%02d.csv", i) }

func benchDepartment(i int) string { return fmt.Sprintf("PHONG%02d", i) }

func benchConfig() string {
	text := "timezone: Asia/Ho_Chi_Minh\nstore: sqlite:doisoat.db\ndepartments:\n"
	for i := range benchOffices {
		text += fmt.Sprintf("  - {code: %s, name: \"Phòng số %d\"}\n", benchDepartment(i), i)
	}
	text += "platform:\n  name: platform\n  mapping: mappings/platform.yaml\n  workbook: {path: platform.csv}\noffices:\n"
	for i := range benchOffices {
		text += fmt.Sprintf("  - name: office-%02d\n    departments: [%s]\n    mapping: mappings/office.yaml\n    workbook: {path: %s}\n", i, benchDepartment(i), benchFile(i))
	}
	return text
}

func benchMapping(platform bool) string {
	text := `time: {zone: Asia/Ho_Chi_Minh, layouts: ["yyyy-MM-dd HH:mm"], missing: [""]}
fields: {code: code, procedure: procedure, status: status, received_at: received_at, due_at: due_at, extended_due_at: extended_due_at,
  completed_at: completed_at, returned_at: returned_at, updated_at: updated_at`
	if platform {
		return text + `, department: department}
statuses: {"1": registered, "2": received, "3": refused, "4": processing, "5": supplement, "6": payment, "7": withdrawn, "8": stopped,
  "9": resolved, "10": returned}
`
	}
	return text + `}
statuses: {"0": registered, "1": processing, "2": supplement, "3": payment, "4": resolved, "5": returned, "6": withdrawn, "7": stopped, "8": refused}
`
}
