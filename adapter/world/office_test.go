package world

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// everyStatus makes a record of each status, with every field somewhere filled.
func everyStatus() []Record {
	var list []Record
	received := time.Date(2018, 4, 2, 8, 7, 6, 0, vietnam)
	for i, s := range reconcile.Statuses {
		r := Record{
			Code: fmt.Sprintf("000.00.16.H57-180402-%04d", i+1), Procedure: "1.000656", Status: s,
			ReceivedAt: at(received.Add(time.Duration(i) * time.Minute)), DueAt: onDay(received.AddDate(0, 0, 10)),
			UpdatedAt: at(received.AddDate(0, 0, 1)), Note: fmt.Sprintf("Nguyễn Thị Ngộ \"%d\"; ẩn", i),
		}
		if r.ended() {
			r.CompletedAt, r.ExtendedDueAt = at(received.AddDate(0, 0, 3)), at(received.AddDate(0, 0, 20))
		}
		list = append(list, r)
	}
	list[9].ReturnedAt = at(received.AddDate(0, 0, 4))
	list[0].Status, list[0].RawStatus = "", "Chuyển thuế"
	list[2].Garbled, list[2].ReceivedAt = "31/02/2018 08:00:00", reconcile.Moment{}
	return list
}

// formats are all ways an office's file can look.
func formats() map[string]OfficeFormat {
	list := map[string]OfficeFormat{
		"database":     {Form: Database},
		"book":         {Form: Book, Title: "Phòng Tư pháp"},
		"tidy book":    {Form: Book, Title: "Phòng Tư pháp", Tidy: true},
		"comma export": {Form: Export, Delimiter: ','},
		"tab export":   {Form: Export, Delimiter: '\t'},
	}
	for _, e := range Encodings {
		list[string(e)] = OfficeFormat{Form: Export, Encoding: e}
	}
	return list
}

// asRead is what a file gives back: codes in their canonical form, and what a
// land register cannot say.
func asRead(records []Record, f Form) []Record {
	list := append([]Record(nil), records...)
	for i := range list {
		list[i].Code = Canonical(list[i].Code)
		if f == Database && list[i].Status == reconcile.Received {
			list[i].Status = reconcile.Processing
		}
	}
	return list
}

func TestOfficeFilesComeBack(t *testing.T) {
	for name, format := range formats() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sổ # 1?"+format.Form.Extension())
			want := everyStatus()
			for range 2 { // the second time over an existing file
				if err := WriteOffice(path, want, format); err != nil {
					t.Fatal(err)
				}
			}
			got, err := ReadOffice(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(asRead(want, format.Form), asRead(got, "")); diff != "" {
				t.Errorf("-written +read:\n%s", diff)
			}
		})
	}
}

func TestChangeOneRecordAndNoOther(t *testing.T) {
	for name, format := range formats() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "office"+format.Form.Extension())
			if err := WriteOffice(path, everyStatus(), format); err != nil {
				t.Fatal(err)
			}
			want, err := ReadOffice(path)
			if err != nil {
				t.Fatal(err)
			}
			code := want[3].Code
			change := func(r *Record) {
				r.Status, r.CompletedAt = reconcile.Resolved, at(time.Date(2018, 6, 1, 9, 0, 0, 0, vietnam))
				r.DueAt = reconcile.Moment{}
			}
			change(&want[3])
			if err := ChangeOffice(path, strings.ToLower(code), change); err != nil {
				t.Fatal(err)
			}
			got, err := ReadOffice(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after the change:\n%s", diff)
			}
			if err := RemoveFromOffice(path, code); err != nil {
				t.Fatal(err)
			}
			if got, err = ReadOffice(path); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append(want[:3:3], want[4:]...), got); diff != "" {
				t.Errorf("after the removal:\n%s", diff)
			}
			if err := ChangeOffice(path, "none", change); err == nil || !strings.Contains(err.Error(), "none") {
				t.Errorf("changing a record that is not there: %v", err)
			}
		})
	}
}

// The book looks as the sample's do: where things stand, and how untidy it is.
func TestBookLooksAsClerksKeepIt(t *testing.T) {
	dir := t.TempDir()
	if err := Extract(dir, ExtractOptions{}); err != nil {
		t.Fatal(err)
	}
	sample := filepath.Join(dir, "offices/qldt.xlsx")
	records, err := ReadOffice(sample)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		records[i].Code = Canonical(records[i].Code)
	}
	ours := filepath.Join(dir, "ours.xlsx")
	if err := WriteOffice(ours, records, OfficeFormat{Form: Book, Title: "Phòng Quản lý đô thị"}); err != nil {
		t.Fatal(err)
	}
	want, got := look(t, sample), look(t, ours)
	if diff := cmp.Diff(want.fixed, got.fixed); diff != "" {
		t.Errorf("fixed cells (-sample +ours):\n%s", diff)
	}
	for name, share := range want.share {
		if ours := got.share[name]; ours < share*0.5 || ours > share*1.6 {
			t.Errorf("%s: %.2f of the rows, in the sample %.2f", name, ours, share)
		}
	}
}

type bookLook struct {
	fixed map[string]string
	share map[string]float64
}

func look(t *testing.T, path string) bookLook {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(bookSheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	last := rows[len(rows)-1]
	l := bookLook{share: map[string]float64{}, fixed: map[string]string{
		"title": rows[0][0], "period": rows[1][0], "blank": strings.Join(rows[2], "|"), "heading": strings.Join(rows[3], "|"),
		"first number": rows[4][0], "before the total": strings.Join(rows[len(rows)-2], "|"), "total": strings.Join(last, "|"),
	}}
	body := rows[4 : len(rows)-2]
	for _, row := range body {
		for name, hit := range map[string]bool{
			"lower case": strings.Contains(row[1], "h57"), "blanks": strings.Contains(row[1], " "),
			"decomposed": compose(row[8]) != row[8], "date as text": strings.Contains(row[3], "/"),
		} {
			if hit {
				l.share[name] += 1 / float64(len(body))
			}
		}
	}
	return l
}

func TestOfficeErrorsNameFileAndRemedy(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.csv")
	if err := os.WriteFile(broken, []byte("a;b\n1;2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"another form":     {WriteOffice(filepath.Join(dir, "x"), nil, OfficeFormat{Form: "pdf"}), `"pdf"`},
		"another encoding": {WriteOffice(filepath.Join(dir, "x.csv"), nil, OfficeFormat{Form: Export, Encoding: "tcvn3"}), `"tcvn3"`},
		"another ending":   {second(ReadOffice(filepath.Join(dir, "x.pdf"))), "want .db, .xlsx or .csv"},
		"no such file":     {second(ReadOffice(filepath.Join(dir, "x.db"))), "x.db"},
		"no such column":   {second(ReadOffice(broken)), "Mã hồ sơ"},
		"no such book":     {RemoveFromOffice(filepath.Join(dir, "y.xlsx"), "1"), "y.xlsx"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to say %s", name, c.err, c.want)
		}
	}
}

func second(_ []Record, err error) error { return err }

func FuzzWindows1258(f *testing.F) {
	for _, word := range bookWords {
		f.Add(word)
	}
	f.Add("Nguyễn Thị Ngộ ỡ Ặ ỵ")
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := Windows1258.encode(text)
		if err != nil {
			return // not a text of this encoding
		}
		back, encoding, err := decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		if encoding == Windows1258 && back != compose(back) {
			t.Errorf("%q came back as %q, which is not composed", text, back)
		}
	})
}
