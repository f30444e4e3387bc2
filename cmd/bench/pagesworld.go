package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	// pagesApart is how many dossiers there are to each that the two sides disagree
	// about: of a million, fifty thousand.
	pagesApart = 20
	// pagesDepartments are as many as a province has communes and departments.
	pagesDepartments = 130
	// pagesLarge is the department that has a tenth of all discrepancies on its list.
	pagesLarge = "CN-DAT-DAI"
)

// pagesWorld is a platform and an office in SQLite databases that disagree about
// one dossier in pagesApart, in as many ways as two tables can. It is made once and
// kept; nothing changes it.
type pagesWorld struct {
	dir string
	n   int
}

func newPagesWorld(ctx context.Context, dir string, n int) (*pagesWorld, error) {
	w := &pagesWorld{dir: filepath.Join(dir, fmt.Sprintf("pages-%d", n)), n: n}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return nil, err
	}
	for _, side := range []string{"platform", "office"} {
		path := filepath.Join(w.dir, side+".db")
		if _, err := os.Stat(path + ".done"); err == nil {
			continue
		} else if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if err := w.fill(ctx, path, side == "office"); err != nil {
			return nil, fmt.Errorf("pages' world: %s: %w", side, err)
		}
	}
	return w, nil
}

// discrepancies is how many there are, listed how many of them are the large
// department's.
func (w *pagesWorld) discrepancies() int { return (w.n + pagesApart - 1) / pagesApart }

func (w *pagesWorld) listed() int { return (w.discrepancies() + 9) / 10 }

func (w *pagesWorld) fill(ctx context.Context, path string, office bool) (err error) {
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
	if _, err := tx.ExecContext(ctx, `CREATE TABLE HoSo (MaHoSo TEXT PRIMARY KEY, ThuTuc TEXT, LinhVuc TEXT, DonVi TEXT, TrangThai TEXT,
		NgayTiepNhan TEXT, NgayHenTra TEXT, NgayKetThuc TEXT, NgayCapNhat TEXT) WITHOUT ROWID`); err != nil {
		return err
	}
	insert, err := tx.PreparexContext(ctx, `INSERT INTO HoSo VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	now := time.Now().Truncate(time.Hour)
	for i := range w.n {
		platform, own := w.dossier(i, now)
		d := platform
		if office {
			d = own
		}
		if d == nil {
			continue
		}
		if _, err := insert.ExecContext(ctx, steadyCode(i), d.procedure, d.field, d.department, d.status, stampOf(d.received), stampOf(d.due),
			d.completed, stampOf(d.updated)); err != nil {
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

// pagesDossier is a dossier as one side keeps it.
type pagesDossier struct {
	procedure, field, department, status string
	received, due, updated               time.Time
	completed                            string
}

var pagesFields = [...][2]string{
	{"Đất đai", "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất"},
	{"Hộ tịch", "Đăng ký khai sinh có yếu tố nước ngoài"},
	{"Thành lập và hoạt động của doanh nghiệp", "Đăng ký thay đổi nội dung đăng ký hộ kinh doanh"},
	{"Bảo trợ xã hội", "Trợ giúp xã hội thường xuyên tại cộng đồng"},
	{"Quy hoạch xây dựng", "Cấp giấy phép xây dựng nhà ở riêng lẻ"},
}

// dossier is dossier i on both sides; nil where one has none. The two differ in one
// thing at most, so that there is one discrepancy a dossier.
func (w *pagesWorld) dossier(i int, now time.Time) (platform, office *pagesDossier) {
	mixed := i*31 + i/pagesApart*17 // those that differ must not all be alike
	field := pagesFields[mixed%len(pagesFields)]
	received := now.AddDate(0, 0, -80).Add(time.Duration(mixed%70*24*60+i%480) * time.Minute)
	base := pagesDossier{
		procedure: field[1], field: field[0], department: pagesDepartment(i), status: "processing", received: received,
		due: received.AddDate(0, 6, 0), updated: received,
	}
	ended := received.AddDate(0, 0, 5)
	if i%10 < 7 { // most are done, in time
		base.status, base.completed = "resolved", stampOf(ended)
	}
	a, b := base, base
	if i%pagesApart != 0 {
		return &a, &b
	}
	n := i / pagesApart
	live, done := base, base
	live.status, live.completed = "processing", ""
	done.status, done.completed = "resolved", stampOf(ended)
	late := received.AddDate(0, 0, 6) // over for whoever is not done
	switch (n + n/10) % 8 {
	case 0: // done and not closed: looks late, and is not
		a, b = live, done
		a.due, b.due = late, late
	case 1: // closed and not done: looks in time, and is not
		a, b = done, live
		a.due, b.due = late, late
	case 2:
		a, b = live, done
	case 3:
		a, b = live, live
		b.due = b.due.AddDate(0, 0, 10)
	case 4:
		return &live, nil
	case 5:
		return nil, &live
	case 6:
		a, b = done, done
		b.completed = stampOf(ended.AddDate(0, 0, 3))
	case 7:
		a, b = live, live
		b.status = "supplement"
	}
	return &a, &b
}

// pagesDepartment is whose dossier i is: a tenth is the large department's, of those
// that the sides disagree about exactly.
func pagesDepartment(i int) string {
	n := i / pagesApart
	if n%10 == 0 {
		return pagesLarge
	}
	return pagesName((n*7 + n/10) % (pagesDepartments - 1))
}

func pagesName(k int) string { return fmt.Sprintf("XA-%03d", k+1) }

// configure writes the configuration of a daemon on the given store.
func (w *pagesWorld) configure(store string) (string, error) {
	mapping := `time: {zone: Asia/Ho_Chi_Minh, layouts: ["yyyy-MM-dd HH:mm:ss.SSS"], missing: [""]}
fields: {code: MaHoSo, procedure: ThuTuc, field: LinhVuc, department: DonVi, status: TrangThai, received_at: NgayTiepNhan, due_at: NgayHenTra,
  completed_at: NgayKetThuc, updated_at: NgayCapNhat}
statuses: {processing: processing, supplement: supplement, resolved: resolved}
`
	if err := os.WriteFile(filepath.Join(w.dir, "mapping.yaml"), []byte(mapping), 0o600); err != nil {
		return "", err
	}
	names := []string{pagesLarge}
	for k := range pagesDepartments - 1 {
		names = append(names, pagesName(k))
	}
	text := "store: " + store + "\ndepartments:\n"
	for _, code := range names {
		text += fmt.Sprintf("  - {code: %s, name: \"Ủy ban nhân dân %s\"}\n", code, code)
	}
	source := `mapping: mapping.yaml
%[1]spoll: {every: 10s}
%[1]sdatabase: {driver: sqlite, url: %[2]s.db, query: "SELECT * FROM HoSo", since: "NgayCapNhat >= :since", overlap: 1s, one: "MaHoSo = :code", timeout: 30m}
`
	text += "platform:\n  name: platform\n  " + fmt.Sprintf(source, "  ", "platform")
	text += "offices:\n  - name: office\n    departments: [" + strings.Join(names, ", ") + "]\n    " + fmt.Sprintf(source, "    ", "office")
	// Everything opens at once, and that is no surge here.
	text += "rules: {grace: {default: 0s}, surge: {percent: 100, count: 1000000}}\nweb: {listen: \"127.0.0.1:0\"}\n"
	path := filepath.Join(w.dir, "doisoat.yaml")
	return path, os.WriteFile(path, []byte(text), 0o600)
}
