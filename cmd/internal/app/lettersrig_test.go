package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// toFolders has both departments' letters put into folders.
var toFolders = map[string]string{"KT": "{folder: true}", "TP": "{folder: true}"}

const folders = `{hours: always, folder: {path: "{dir}/out"}}`

// told is a rig that sends letters into folders, with one dossier to remind of.
func told(t *testing.T, o rigOptions) *rig {
	t.Helper()
	if o.deliver == "" {
		o.deliver, o.to = folders, toFolders
	}
	r := quiet(t, o)
	if err := os.Mkdir(filepath.Join(r.dir, "out"), 0o750); err != nil {
		t.Fatal(err)
	}
	r.stands(t, "A-01")
	return r
}

// centre and its colleagues are who asks for things in tests.
var (
	centre = &access.Principal{Name: "lan", Role: access.Centre, Via: access.ViaPassword}
	ofKT   = &access.Principal{Name: "kinhte", Role: access.Department, Departments: []string{"KT"}, Via: access.ViaPassword}
	ofTP   = &access.Principal{Name: "tuphap", Role: access.Department, Departments: []string{"TP"}, Via: access.ViaPassword}
	ofBoth = &access.Principal{Name: "haiphong", Role: access.Department, Departments: []string{"KT", "TP"}, Via: access.ViaPassword}
)

// mornings makes the day's letters and sends what is due.
func (r *rig) mornings(t *testing.T) {
	t.Helper()
	if err := r.letters(context.Background(), r.today()); err != nil {
		t.Fatal(err)
	}
	r.delivers(t)
}

// delivers sends what is due.
func (r *rig) delivers(t *testing.T) {
	t.Helper()
	if err := r.deliver(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// goesTo lets time go by until a moment, and reads every source there.
func (r *rig) goesTo(t *testing.T, at time.Time) {
	t.Helper()
	r.pass(at.Sub(r.now()))
	r.read(t)
	r.compared(t)
}

// day is the morning of a day of June 2018.
func day(n int) time.Time { return time.Date(2018, 6, n, 7, 30, 0, 0, vietnam) }

// allLetters are a department's, the oldest first.
func (r *rig) allLetters(t *testing.T, department string) []store.Letter {
	t.Helper()
	list, err := r.store.ListLetters(context.Background(), store.LetterFilter{Department: department})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

func (r *rig) deliveries(t *testing.T) []store.Delivery {
	t.Helper()
	list, err := r.store.ListDeliveries(context.Background(), store.DeliveryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

// byHand is what `doisoat lists` makes.
func (r *rig) byHand(t *testing.T, department string) *Telling {
	t.Helper()
	app, done := r.current.take()
	defer done()
	told, err := app.Told(context.Background(), TellOptions{Department: department, AsOf: r.asOf(), At: r.now(), By: "an"})
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func (r *rig) list(t *testing.T, department string) []byte {
	t.Helper()
	file, err := backend{r.Daemon}.List(context.Background(), access.Everything(), department)
	if err != nil {
		t.Fatal(err)
	}
	return content(t, file)
}

func content(t *testing.T, file *web.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheet is a line of a list: where it stands, and what it says by its columns' titles.
type sheetLine struct {
	sheet string
	row   int
	cells map[string]string
}

// linesOf reads a list as a clerk does.
func linesOf(t *testing.T, text []byte) map[string]sheetLine {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	lines := map[string]sheetLine{}
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for n, row := range rows {
			if slices.Contains(row, "Mã hồ sơ") && slices.Contains(row, "Ý kiến của phòng") {
				titles = row
				continue
			}
			line := sheetLine{sheet, n + 1, map[string]string{}}
			for i, title := range titles {
				if i < len(row) {
					line.cells[title] = row[i]
				}
			}
			if code := line.cells["Mã hồ sơ"]; line.cells["STT"] != "" {
				lines[code] = line
			}
		}
	}
	return lines
}

// filledIn writes answers into a list, by the dossiers' codes.
func filledIn(t *testing.T, text []byte, answers map[string]string) []byte {
	t.Helper()
	lines := linesOf(t, text)
	book, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for code, answer := range answers {
		line, ok := lines[code]
		if !ok {
			t.Fatalf("the list does not name %s", code)
		}
		if err := book.SetCellStr(line.sheet, cellName(t, book, &line), answer); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func cellName(t *testing.T, book *excelize.File, line *sheetLine) string {
	t.Helper()
	rows, err := book.GetRows(line.sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if column := slices.Index(row, "Ý kiến của phòng"); column >= 0 {
			name, err := excelize.CoordinatesToCellName(column+1, line.row)
			if err != nil {
				t.Fatal(err)
			}
			return name
		}
	}
	t.Fatalf("sheet %s has no column for answers", line.sheet)
	return ""
}

var tag = regexp.MustCompile(`<[^>]*>`)

// wordsOf is the text of a Word file, as one line.
func wordsOf(t *testing.T, text []byte) string {
	t.Helper()
	file, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	part, err := file.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	xml, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	spaced := strings.ReplaceAll(string(xml), "</w:p>", " ")
	return strings.Join(strings.Fields(tag.ReplaceAllString(spaced, "")), " ")
}

// idOf is the discrepancy of a dossier of a kind that stands.
func idOf(kind reconcile.Kind, code string) string { return reconcile.DiscrepancyID(kind, code, "") }

func isRefused(err error) bool {
	var refused *web.Refused
	return errors.As(err, &refused)
}

// sql does something behind the daemon's back.
func (r *rig) sql(t *testing.T, statement string) {
	t.Helper()
	if err := r.trySQL(t, statement); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) trySQL(t *testing.T, statement string) error {
	t.Helper()
	db, err := sqlx.Connect("sqlite", "file:"+filepath.Join(r.dir, "doisoat.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// partsOf is all that is packed in a file, in the order of the names.
func partsOf(t *testing.T, text []byte) string {
	t.Helper()
	file, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, part := range file.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		parts[part.Name] = string(content)
	}
	var all strings.Builder
	for _, name := range sortedKeys(parts) {
		all.WriteString(name + "\n" + parts[name] + "\n")
	}
	return all.String()
}
