package world

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// Form is how an office keeps its records.
type Form string

// The forms. Database is a land-register SQLite file, Book an Excel tracking
// book as clerks keep them, Export a CSV file.
const (
	Database Form = "sqlite"
	Book     Form = "xlsx"
	Export   Form = "csv"
)

// Forms lists them.
var Forms = []Form{Database, Book, Export}

// Extension of the form's file, with its dot.
func (f Form) Extension() string {
	if f == Database {
		return ".db"
	}
	return "." + string(f)
}

// OfficeFormat says how an office's file is written. The zero value of
// everything but Form means as the sample's are.
type OfficeFormat struct {
	Form  Form
	Title string // Book: the department, in the title row
	// Period, Book: the second title row; "Quý II năm 2018" if empty.
	Period string
	// Tidy, Book: no lower case, blanks, decomposed Unicode or dates as text.
	Tidy      bool
	Delimiter rune     // Export: ';' if zero
	Encoding  Encoding // Export: UTF-8 with a byte order mark if empty
}

// WriteOffice stores records as an office's file, replacing what stood there.
// Written twice, the same records give the same rows.
func WriteOffice(path string, records []Record, f OfficeFormat) error {
	var err error
	switch f.Form {
	case Database:
		err = writeDatabase(path, records)
	case Book:
		err = writeBook(path, records, f)
	case Export:
		err = writeExport(path, records, f)
	default:
		err = fmt.Errorf("form %q is none of %q", f.Form, Forms)
	}
	if err != nil {
		return fmt.Errorf("office file %s: %w", path, err)
	}
	return nil
}

// ReadOffice reads what WriteOffice wrote, or a file of the sample's kind. The
// file does not say whose records they are: Department stays empty.
func ReadOffice(path string) ([]Record, error) {
	var records []Record
	var err error
	switch formOf(path) {
	case Database:
		records, err = readDatabase(path)
	case Book:
		records, err = readBook(path)
	case Export:
		records, err = readExport(path)
	default:
		err = fmt.Errorf("want .db, .xlsx or .csv")
	}
	if err != nil {
		return nil, fmt.Errorf("office file %s: %w", path, err)
	}
	return records, nil
}

// ChangeOffice changes the first record with this code in an office's file and
// leaves every other row as it is: in a database by UPDATE, in a book or export
// by rewriting the file (a new one is renamed over it).
func ChangeOffice(path, code string, change func(*Record)) error {
	return alter(path, code, func(r *Record) bool { change(r); return true })
}

// RemoveFromOffice deletes the first record with this code.
func RemoveFromOffice(path, code string) error {
	return alter(path, code, func(*Record) bool { return false })
}

// alter hands the record to keep, and stores it as keep leaves it, or deletes
// it where keep reports false.
func alter(path, code string, keep func(*Record) bool) error {
	var err error
	switch formOf(path) {
	case Database:
		err = alterDatabase(path, code, keep)
	case Book:
		err = alterBook(path, code, keep)
	case Export:
		err = alterExport(path, code, keep)
	default:
		err = fmt.Errorf("want .db, .xlsx or .csv")
	}
	if err != nil {
		return fmt.Errorf("office file %s, dossier %s: %w", path, code, err)
	}
	return nil
}

func formOf(path string) Form {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".db":
		return Database
	case ".xlsx":
		return Book
	case ".csv":
		return Export
	}
	return ""
}

// errNoRecord says that nothing is stored under a code.
var errNoRecord = fmt.Errorf("no such record")

// replaceFile writes content beside path and renames it over, so that a reader
// sees the old file or the new one, never half of one.
func replaceFile(path string, content []byte) error {
	next := path + ".new"
	if err := os.WriteFile(next, content, 0o644); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// fields of an office's row, in the order of its columns.
const (
	colCode = iota
	colProcedure
	colReceived
	colDue
	colExtended
	colCompleted
	colReturned
	colStatus
	colUpdated
	colNote
	columns
)

// dates pairs each date column with the record's moment.
func (r *Record) dates() []struct {
	column int
	moment *reconcile.Moment
} {
	return []struct {
		column int
		moment *reconcile.Moment
	}{
		{colReceived, &r.ReceivedAt}, {colDue, &r.DueAt}, {colExtended, &r.ExtendedDueAt},
		{colCompleted, &r.CompletedAt}, {colReturned, &r.ReturnedAt}, {colUpdated, &r.UpdatedAt},
	}
}
