package world

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

const landSchema = `CREATE TABLE HoSoDangKy (SoBienNhan TEXT, MaThuTuc TEXT, TrangThai INTEGER, NgayNhan TEXT, NgayHenTra TEXT, NgayGiaHan TEXT,
 NgayHoanThanh TEXT, NgayTraKetQua TEXT, NgayCapNhat TEXT)`

// openDatabase opens an office's register; mode is SQLite's own: ro, rw, rwc.
func openDatabase(path, mode string) (*sql.DB, error) {
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=" + mode + "&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func writeDatabase(path string, records []Record) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := openDatabase(path, "rwc")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(landSchema); err != nil {
		return err
	}
	noted := hasNotes(records)
	if noted {
		if _, err := db.Exec("ALTER TABLE HoSoDangKy ADD COLUMN GhiChu TEXT"); err != nil {
			return err
		}
	}
	names := landColumns[:colNote]
	if noted {
		names = landColumns[:]
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit this does nothing
	insert, err := tx.Prepare(fmt.Sprintf("INSERT INTO HoSoDangKy (%s) VALUES (%s)",
		strings.Join(names, ","), strings.TrimSuffix(strings.Repeat("?,", len(names)), ",")))
	if err != nil {
		return err
	}
	for _, r := range records {
		if _, err := insert.Exec(landValues(r)[:len(names)]...); err != nil {
			return fmt.Errorf("dossier %s: %w", r.Code, err)
		}
	}
	return tx.Commit()
}

// landValues are the columns' values, in the order of landColumns; a date that
// is not there is NULL.
func landValues(r Record) []any {
	values := make([]any, columns)
	values[colCode], values[colProcedure], values[colStatus] = r.Code, r.Procedure, landStatus(r)
	for _, d := range r.dates() {
		if d.moment.Known() {
			values[d.column] = write(*d.moment, landLayout, landDay)
		}
	}
	if r.Garbled != "" {
		values[colReceived] = r.Garbled
	}
	if r.Note != "" {
		values[colNote] = r.Note
	}
	return values
}

// hasNotes reports whether a column for notes is needed at all.
func hasNotes(records []Record) bool {
	for _, r := range records {
		if r.Note != "" {
			return true
		}
	}
	return false
}

func readDatabase(path string) (records []Record, err error) {
	db, err := openDatabase(path, "ro")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	records, _, err = queryDatabase(db)
	return records, err
}

// queryDatabase reads all rows, and the row id of each.
func queryDatabase(db *sql.DB) (records []Record, ids []int64, err error) {
	noted := 0
	if err := db.QueryRow("SELECT count(*) FROM pragma_table_info('HoSoDangKy') WHERE name = 'GhiChu'").Scan(&noted); err != nil {
		return nil, nil, err
	}
	names := append([]string(nil), landColumns[:]...)
	if noted == 0 {
		names[colNote] = "NULL"
	}
	rows, err := db.Query("SELECT rowid," + strings.Join(names, ",") + " FROM HoSoDangKy ORDER BY rowid")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id int64
		var values [columns]sql.NullString
		into := []any{&id}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		r := Record{Code: values[colCode].String, Procedure: values[colProcedure].String, Note: values[colNote].String}
		r.Status, r.RawStatus = readLandStatus(values[colStatus].String)
		for _, d := range r.dates() {
			m, ok := read(values[d.column].String, landLayout, landDay)
			if !ok {
				r.Garbled = values[d.column].String
				continue
			}
			*d.moment = m
		}
		records, ids = append(records, r), append(ids, id)
	}
	return records, ids, rows.Err()
}

func alterDatabase(path, code string, keep func(*Record) bool) (err error) {
	db, err := openDatabase(path, "rw")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	records, ids, err := queryDatabase(db)
	if err != nil {
		return err
	}
	for i, r := range records {
		if Canonical(r.Code) != Canonical(code) {
			continue
		}
		if !keep(&r) {
			_, err = db.Exec("DELETE FROM HoSoDangKy WHERE rowid = ?", ids[i])
			return err
		}
		names := landColumns[:colNote]
		set := strings.Join(names, " = ?, ") + " = ?"
		_, err = db.Exec("UPDATE HoSoDangKy SET "+set+" WHERE rowid = ?", append(landValues(r)[:colNote], ids[i])...)
		return err
	}
	return errNoRecord
}
