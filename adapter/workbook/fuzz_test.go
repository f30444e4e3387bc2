package workbook

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// cut reads all records of text with this package's reader.
func cut(r io.Reader, delim byte) ([][]string, error) {
	recs := newRecords(r)
	recs.delim = delim
	var f fields
	var out [][]string
	for {
		record, quoted, err := recs.next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if len(record) == 0 {
			continue // encoding/csv passes over empty lines
		}
		var row []string
		for _, field := range f.split(record, delim, quoted) {
			row = append(row, string(field))
		}
		out = append(out, row)
	}
}

func FuzzRecordsAgainstEncodingCSV(f *testing.F) {
	for _, seed := range []string{"a,b\nc,d\n", "a,\"b\r\n\"\"c\"\"\",\r\n\r\n\"\"\n", "\"a", "a\"b,c", "\"a\" ,b\n", "\"a\"\r", "a\r\r\n", ",\n\"x\",", "\"\"\"\"", "a\rb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := cut(strings.NewReader(text), ',')
		slow, slowErr := cut(iotest.OneByteReader(strings.NewReader(text)), ',')
		if diff := cmp.Diff(got, slow); diff != "" || (err == nil) != (slowErr == nil) {
			t.Fatalf("read byte by byte it differs (%v, %v):\n%s", err, slowErr, diff)
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		want, wantErr := r.ReadAll()
		if wantErr != nil {
			return // this reader takes marks inside plain fields
		}
		if err != nil {
			t.Fatalf("%v, though encoding/csv reads it", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q:\n%s", text, diff)
		}
	})
}

// FuzzXMLAgainstEncodingXML: whatever encoding/xml reads to its end is read
// alike, and no beginning of it passes for the whole.
func FuzzXMLAgainstEncodingXML(f *testing.F) {
	for _, seed := range []string{`<a><b c="d>" e='f'/>x &lt; &#65;<![CDATA[<]]><!-- - --></a>`, "<?xml version='1.0'?>\n<a:b xmlns:a=\"x\">\r\n</a:b> ", "<a", "<a></b>", "<a>&x;</a>", "<!DOCTYPE a><a/>"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		got, err := scanAll(strings.NewReader(text))
		slow, slowErr := scanAll(iotest.OneByteReader(strings.NewReader(text)))
		if (err == nil) != (slowErr == nil) || err == nil && got != slow {
			t.Fatalf("read byte by byte it differs: %v, %v\n%s\n%s", err, slowErr, got, slow)
		}
		want, depth, sound := decodeAll(text)
		if !sound || depth != 0 {
			return
		}
		if err != nil {
			t.Fatalf("%v, though encoding/xml reads it", err)
		}
		if got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		end := strings.LastIndexByte(text, '>')
		if at >= 0 && at < end && !strings.Contains(text[at:], "<!--") && !strings.Contains(text[at:], "<?") {
			if _, err := scanAll(strings.NewReader(text[:at])); err == nil && !strings.Contains(text[at:end], "-->") && !strings.Contains(text[at:end], "?>") {
				t.Fatalf("the first %d bytes pass for the whole", at)
			}
		}
	})
}

func scanAll(r io.Reader) (string, error) {
	var b strings.Builder
	sc := newXMLScanner(r)
	for {
		kind, err := sc.next()
		switch {
		case errors.Is(err, io.EOF):
			return b.String(), nil
		case err != nil:
			return "", err
		case kind == xmlStart:
			b.WriteString("<" + string(sc.name) + ">")
			_ = sc.attr("r")
		case kind == xmlEnd:
			b.WriteString("</" + string(sc.name) + ">")
		default:
			b.Write(sc.text)
		}
	}
}

// decodeAll writes down encoding/xml's raw tokens. sound is false for what this
// package refuses on purpose or need not know.
func decodeAll(text string) (out string, depth int, sound bool) {
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("foreign encoding") }
	roots := 0
	name := func(n xml.Name) string {
		if n.Space != "" && strings.Contains(n.Local, ":") {
			return "\x00"
		}
		return n.Local
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), depth, roots == 1 && !strings.Contains(b.String(), "\x00") && !strings.Contains(text, bom8)
		}
		if err != nil {
			return "", 0, false
		}
		switch x := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
			b.WriteString("<" + name(x.Name) + ">")
		case xml.EndElement:
			depth--
			b.WriteString("</" + name(x.Name) + ">")
		case xml.CharData:
			if depth > 0 {
				b.Write(x)
			} else if len(bytes.TrimSpace(x)) > 0 || strings.Contains(text, "CDATA") {
				return "", 0, false
			}
		case xml.Directive:
			return "", 0, false
		}
	}
}

func FuzzNumbersAndDates(f *testing.F) {
	for _, seed := range []string{"12", "12.0", "0.30000000000000004", "1E+11", "43195.41527777778", "60", "59.9999999", "-1", "NaN", "1e400", "2958465.99999999", "007", " 5 ", "0x1p-2"} {
		f.Add(seed, false, 0)
	}
	f.Fuzz(func(t *testing.T, raw string, date1904 bool, digits int) {
		for kind := cellText; kind <= cellError; kind++ {
			c := cell{kind: kind, digits: byte(digits), text: []byte(raw)}
			out := string(c.appendValue([]byte("#"), date1904))
			if !strings.HasPrefix(out, "#") {
				t.Fatalf("%q overwrote what was there: %q", raw, out)
			}
			if kind == cellDate && strings.HasPrefix(out, "#date:") {
				m, ok := reconcile.ParseRealDate(out[1:], time.UTC)
				if !ok || m.Time.Year() < 1900 || m.Time.Year() > 9999 || m.Time.Nanosecond() != 0 {
					t.Fatalf("%q is written as %q, which reads as %v", raw, out, m)
				}
			}
			if kind == cellNumber && out != "#"+strings.TrimSpace(raw) {
				again := cell{kind: cellNumber, text: []byte(out[1:])}
				if twice := string(again.appendValue(nil, false)); digits == 0 && twice != out[1:] {
					t.Fatalf("%q is written as %q, that as %q", raw, out, twice)
				}
			}
		}
	})
}

func FuzzHeadingFinder(f *testing.F) {
	f.Add("SỔ\nMã hồ sơ;Ngày;\n;nhận;hẹn trả\n1;2;3", 0)
	f.Add("Mã hồ sơ;Ngày nhận\nx;y", 1)
	f.Fuzz(func(t *testing.T, text string, headerRow int) {
		var rows []headRow
		for i, line := range strings.Split(text, "\n") {
			rows = append(rows, headRow{i + 1, strings.Split(line, ";")})
		}
		w := newWanted([]string{"Mã hồ sơ", "Ngày nhận", "Gia hạn"}, []string{"Ngày nhận"})
		l, m, ok := w.find(rows, headerRow)
		if !ok {
			if m.explain() == "" {
				t.Fatal("nothing found, and no reason")
			}
			return
		}
		if l.columns[0] < 0 || l.columns[1] < 0 || l.last < l.first || l.last > l.first+1 || headerRow > 0 && l.first != headerRow && l.last != headerRow {
			t.Fatalf("found %+v", l)
		}
		for _, c := range l.columns {
			if c >= l.width {
				t.Fatalf("column %d of %d", c, l.width)
			}
		}
	})
}

// FuzzCSVFile: no bytes make the poll fail otherwise than by a reason.
func FuzzCSVFile(f *testing.F) {
	f.Add([]byte("sep=;\nMã hồ sơ;b\n\"x\n\";1\nTổng;2\n;;\n"), "")
	f.Add([]byte(bomLE+"M\x00a\x00"), "")
	f.Add([]byte("Ma;\xf0\xec\r"), enc1258)
	f.Add([]byte("a\x00;\x00"), encLE)
	f.Fuzz(func(t *testing.T, content []byte, encoding string) {
		src, err := New(Config{Path: "a.csv", Encoding: encoding}, []string{"Mã hồ sơ", "b"}, nil)
		if err != nil {
			return
		}
		rec := &recorder{}
		r := &run{ctx: t.Context(), cfg: src.cfg, want: src.want, sink: rec}
		err = r.csv(file{show: "a.csv"}, bytes.NewReader(content), int64(len(content)))
		if err != nil {
			if x, ok := errors.AsType[*fault](err); !ok || x.cause == "" || !strings.Contains(x.text, "a.csv") {
				t.Fatalf("%v", err)
			}
		}
		for _, row := range rec.rows {
			if len(row.Values) != 2 || row.Position.Row < 1 {
				t.Fatalf("row %+v", row)
			}
		}
	})
}

func FuzzSheet(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c s="1"><v>5</v></c><c t="inlineStr"><is><t>_x0041_</t></is></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<a><row r="9"/><row><c t="str"><v>_x00</v></c><c r="ZZ1" s="-4"><v>1</v></c></row></a>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		b := &book{styles: []style{{}, {date: true}}, strings: sharedStrings{text: []byte("Mã"), ends: []uint32{3}}}
		rows := newSheetRows(b, bytes.NewReader(content))
		for range 1000 {
			num, cells, err := rows.next()
			if err != nil {
				return
			}
			if len(cells) > mostColumns || num < 1 {
				t.Fatalf("row %d has %d cells", num, len(cells))
			}
			for _, c := range cells {
				c.appendValue(nil, false)
			}
		}
	})
}
