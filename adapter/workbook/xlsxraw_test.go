package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// rawBook writes a workbook part by part, for what no spreadsheet program
// lets one write. cells is the content of sheetData.
func rawBook(t testing.TB, cells string, change func(parts map[string]string)) string {
	t.Helper()
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	parts := map[string]string{
		"_rels/.rels": `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="b" Type="http://x/styles" Target="styles.xml"/><Relationship Id="c" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/workbook.xml":          `<workbook ` + ns + ` xmlns:r="r"><sheets><sheet name="Sổ" sheetId="7" r:id="a"/></sheets></workbook>`,
		"xl/styles.xml":            `<styleSheet ` + ns + `><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":     `<sst ` + ns + `><si><t>Mã hồ sơ</t></si><si><r><t>Giá </t></r><r><t xml:space="preserve">trị</t></r><rPh sb="0" eb="1"><t>đọc</t></rPh></si><si><t>một_x000D_&#10;hai _x005F_x000D_</t></si></sst>`,
		"xl/worksheets/sheet1.xml": `<?xml version="1.0"?><worksheet ` + ns + `><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>` + cells + `</sheetData></worksheet>`,
	}
	if change != nil {
		change(parts)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range parts {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "so.xlsx", out.String())
}

func TestCellsAsOtherProgramsWriteThem(t *testing.T) {
	for _, test := range []struct{ name, cells, want, reject string }{
		{name: "cached text of a formula", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>A1&amp;"&gt;"</f><v>a &lt; b</v></c></row>`, want: "a < b"},
		{name: "cached number of a formula", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><f>NOW()</f><v>43195.41527777778</v></c></row>`, want: "date:2018-04-05T09:58:00"},
		{name: "a formula never calculated", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>NOW()</f></c></row>`, want: ""},
		{name: "inline rich text", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><r><t>Đã </t></r><r><t><![CDATA[<xong>]]></t></r></is></c></row>`, want: "Đã <xong>"},
		{name: "shared text with escapes", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row>`, want: "một\r\nhai _x000D_"},
		{name: "neither rows nor cells numbered", cells: `<row><c><v>1</v></c><c><v>2E0</v></c></row>`, want: "2"},
		{name: "a prefix on every name, comments between", cells: `<x:row r="2" xmlns:x="x"><!-- > --><x:c r="A2"><x:v>1</x:v></x:c><?p ?><x:c r="B2"><x:v>3</x:v></x:c></x:row>`, want: "3"},
		{name: "an exponent", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>1.00000000001E+15</v></c></row>`, want: "1000000000010000"},
		{name: "an ISO date", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="d"><v>2018-04-05T09:58:00.4</v></c></row>`, want: "date:2018-04-05T09:58:00"},
		{name: "an ISO day", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="d"><v>2018-04-05</v></c></row>`, want: "date:2018-04-05"},
		{name: "an error in an unmapped cell", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>5</v></c><c r="D2" t="e"><v>#REF!</v></c></row>`, want: "5"},
		{name: "an error in a mapped cell", cells: `<row r="2"><c r="A2" t="inlineStr"><is><t> a 1</t></is></c><c r="B2" t="e"><v>#N/A</v></c></row>`, reject: "so.xlsx, sheet Sổ, row 2: row: A1: B2 #N/A"},
		{name: "an error in a total", cells: `<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>5</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>Tổng số:</t></is></c><c r="B3" t="e"><v>#REF!</v></c></row>`, want: "5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := rawBook(t, test.cells, nil)
			p, rec := poll(t, Config{Path: path, Dir: filepath.Dir(path)}, "Mã hồ sơ", "Giá trị")
			complete(t, p)
			if test.reject != "" {
				if len(rec.rejected) != 1 || len(rec.rows) != 0 {
					t.Fatalf("rows %v, rejected %v", rec.rows, rec.rejected)
				}
				x := rec.rejected[0]
				head, cell, _ := strings.Cut(test.reject, ": B2 ")
				if got := fmt.Sprintf("%v: %s: %s", x.Position, x.Cause, x.Code); got != head || !strings.Contains(x.Reason, "B2") || !strings.Contains(x.Reason, cell) {
					t.Errorf("rejected %q: %s; want %q", got, x.Reason, test.reject)
				}
				return
			}
			if diff := cmp.Diff([][]string{{"1", test.want}}, rec.values()); diff != "" {
				t.Errorf("values:\n%s", diff)
			}
		})
	}
}

func TestDamagedBooks(t *testing.T) {
	const row = `<row r="2"><c r="A2"><v>1</v></c></row>`
	for _, test := range []struct {
		name, cells string
		change      func(map[string]string)
		reason      string
	}{
		{"XML cut short between rows", row, func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = strings.TrimSuffix(p["xl/worksheets/sheet1.xml"], "</sheetData></worksheet>")
		}, "damaged or cut short"},
		{"XML cut short within a cell", row, func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = strings.TrimSuffix(p["xl/worksheets/sheet1.xml"], "</c></row></sheetData></worksheet>")
		}, "damaged or cut short"},
		{"tags that do not match", row + `<row r="3"><c></row></c>`, nil, "not open"},
		{"a text that is not in the table", `<row r="2"><c r="A2" t="s"><v>99</v></c></row>`, nil, "text 99 of 3"},
		{"the table of texts missing", row, func(p map[string]string) { delete(p, "xl/sharedStrings.xml") }, "text 0 of 0"},
		{"the sheet missing", row, func(p map[string]string) { delete(p, "xl/worksheets/sheet1.xml") }, "missing from the file"},
		{"no workbook in the zip", row, func(p map[string]string) { delete(p, "xl/workbook.xml") }, "no workbook"},
		{"a binary workbook", row, func(p map[string]string) {
			p["_rels/.rels"] = strings.ReplaceAll(p["_rels/.rels"], "workbook.xml", "workbook.bin")
		}, ".xlsb"},
		{"entities that grow", row, func(p map[string]string) {
			p["xl/worksheets/sheet1.xml"] = `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + p["xl/worksheets/sheet1.xml"]
		}, "document type"},
		{"entities that grow in the texts", row, func(p map[string]string) {
			p["xl/sharedStrings.xml"] = `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">]><sst><si><t>&a;</t></si></sst>`
		}, "document type"},
		{"a part that unpacks without end", row, func(p map[string]string) {
			p["xl/styles.xml"] = strings.Repeat(" ", mostPartBytes+1)
		}, "unpacks to far more"},
		{"a column that cannot be", `<row r="2"><c r="AAAA2"><v>1</v></c></row>`, nil, `"AAAA2"`},
		{"a row that cannot be", `<row r="0"><c r="A2"><v>1</v></c></row>`, nil, `number "0"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, _ := poll(t, Config{Path: rawBook(t, test.cells, test.change)}, "Mã hồ sơ")
			if p.EndReached || p.Cause != reconcile.CauseDecode || !strings.Contains(p.Reason, test.reason) || !strings.Contains(p.Reason, "so.xlsx") {
				t.Errorf("end reached %v, %s: %s; want %q", p.EndReached, p.Cause, p.Reason, test.reason)
			}
		})
	}
}

// A book of which bytes are missing or changed must never read as a smaller one.
func TestABookCutOrFlippedAnywhereIsNeverASmallerBook(t *testing.T) {
	whole, err := os.ReadFile("testdata/gddt.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 97 {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 0x55
		for name, content := range map[string][]byte{"cut": whole[:at], "flipped": flipped} {
			p, rec := poll(t, Config{Path: write(t, "so.xlsx", string(content)), Sheet: "Sổ theo dõi"}, bookInputs...)
			if p.EndReached && len(rec.rows) != 16 {
				t.Errorf("%s at %d: complete, with %d rows", name, at, len(rec.rows))
			}
		}
	}
}
