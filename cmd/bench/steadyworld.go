package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jmoiron/sqlx"
)

// steadyWorld is a platform and an office in SQLite databases that tell what
// changed since a moment. They are made once and kept; each measurement goes on
// from how the one before left them.
type steadyWorld struct {
	dir    string
	n      int
	office *sqlx.DB
	next   int // which dossiers change next
}

// steadyDepartments share the dossiers of the one office.
var steadyDepartments = []string{"KT", "TP", "NV", "YT", "TNMT", "QLDT", "GDDT", "TCKH", "LDTBXH", "VPDKDD"}

// newSteadyWorld makes the two databases of n dossiers each below dir, or opens
// those that are there.
func newSteadyWorld(ctx context.Context, dir string, n int) (*steadyWorld, error) {
	w := &steadyWorld{dir: filepath.Join(dir, fmt.Sprintf("steady-%d", n)), n: n}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return nil, err
	}
	for _, side := range []string{"platform", "office"} {
		path := filepath.Join(w.dir, side+".db")
		if _, err := os.Stat(path + ".done"); errors.Is(err, os.ErrNotExist) {
			if err := w.fill(ctx, path); err != nil {
				return nil, fmt.Errorf("steady world: %s: %w", side, err)
			}
		}
	}
	var err error
	if w.office, err = sqlx.ConnectContext(ctx, "sqlite", filepath.Join(w.dir, "office.db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *steadyWorld) fill(ctx context.Context, path string) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := sqlx.ConnectContext(ctx, "sqlite", path+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, `CREATE TABLE HoSo (MaHoSo TEXT PRIMARY KEY, DonVi TEXT, TrangThai TEXT, NgayTiepNhan TEXT, NgayHenTra TEXT,
		NgayKetThuc TEXT, NgayCapNhat TEXT) WITHOUT ROWID`); err != nil {
		return err
	}
	insert, err := tx.PreparexContext(ctx, `INSERT INTO HoSo VALUES (?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	start := time.Now().AddDate(0, -2, 0)
	for i := range w.n {
		received := start.Add(time.Duration(i%40000) * time.Minute)
		if _, err := insert.ExecContext(ctx, steadyCode(i), steadyDepartments[i%len(steadyDepartments)], "processing", stampOf(received),
			stampOf(received.AddDate(0, 6, 0)), "", stampOf(received)); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `CREATE INDEX HoSo_changed ON HoSo (NgayCapNhat)`); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return os.WriteFile(path+".done", nil, 0o600)
}

func steadyCode(i int) string {
	return fmt.Sprintf("000.00.16.H57-26%04d-%06d", i/1_000_000, i%1_000_000)
}

// stampOf writes a moment as the world does, in Vietnam's time.
func stampOf(t time.Time) string {
	return t.In(time.FixedZone("", 7*60*60)).Format("2006-01-02 15:04:05.000")
}

// change turns the status of so many dossiers of the office, spread over all.
func (w *steadyWorld) change(ctx context.Context, dossiers int) error {
	tx, err := w.office.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	now := time.Now()
	update, err := tx.PreparexContext(ctx, `UPDATE HoSo SET TrangThai = CASE TrangThai WHEN 'processing' THEN 'supplement' ELSE 'processing' END,
		NgayCapNhat = ? WHERE MaHoSo = ?`)
	if err != nil {
		return err
	}
	for i := range dossiers {
		at := (w.next + i*(w.n/dossiers)) % w.n
		if _, err := update.ExecContext(ctx, stampOf(now), steadyCode(at)); err != nil {
			return err
		}
	}
	w.next += 7 // others next time
	return tx.Commit()
}

// configure writes the configuration of a daemon on the given store.
func (w *steadyWorld) configure(store string) (string, error) {
	mapping := `time: {zone: Asia/Ho_Chi_Minh, layouts: ["yyyy-MM-dd HH:mm:ss.SSS"], missing: [""]}
fields: {code: MaHoSo, department: DonVi, status: TrangThai, received_at: NgayTiepNhan, due_at: NgayHenTra, completed_at: NgayKetThuc, updated_at: NgayCapNhat}
statuses: {processing: processing, supplement: supplement}
`
	if err := os.WriteFile(filepath.Join(w.dir, "mapping.yaml"), []byte(mapping), 0o600); err != nil {
		return "", err
	}
	text := "store: " + store + "\ndepartments:\n"
	list := ""
	for _, code := range steadyDepartments {
		text += fmt.Sprintf("  - {code: %s, name: %s}\n", code, code)
		list += code + ", "
	}
	source := `mapping: mapping.yaml
%[1]spoll: {every: 5s}
%[1]sdatabase: {driver: sqlite, url: %[2]s.db, query: "SELECT * FROM HoSo", since: "NgayCapNhat >= :since", overlap: 1s, one: "MaHoSo = :code", timeout: 30m}
`
	text += "platform:\n  name: platform\n  " + fmt.Sprintf(source, "  ", "platform")
	text += "offices:\n  - name: office\n    departments: [" + list[:len(list)-2] + "]\n    " + fmt.Sprintf(source, "    ", "office")
	// The overlap is short, so that a round does not read the one before again.
	// Everything opens at once, and a thousand at a time is no surge here.
	text += "rules: {grace: {default: 0s}, surge: {percent: 100, count: 1000000}}\nweb: {listen: \"127.0.0.1:0\"}\n"
	path := filepath.Join(w.dir, "doisoat.yaml")
	return path, os.WriteFile(path, []byte(text), 0o600)
}
