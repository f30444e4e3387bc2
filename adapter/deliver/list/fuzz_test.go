package list

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"
	"unicode/utf8"
)

// FuzzRead reads anything: it never panics, and refuses with reasons in both
// languages or gives rows that keep what Answers promises.
func FuzzRead(f *testing.F) {
	noted := resolved(1)
	noted.Note = "- Đã cập nhật"
	file := written(f, theList(noted, resolved(2), missing(3)))
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add(emptyZip(f))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, file []byte) {
		check(t, file)
	})
}

// FuzzReadSheet puts any XML in place of a sheet and of the shared texts, which no
// mutation of packed bytes ever reaches.
func FuzzReadSheet(f *testing.F) {
	from := origin{"VPDKDD", madeAt}
	heading := `<row r="1"><c r="B1" t="s"><v>0</v></c><c r="M1" t="inlineStr"><is><r><t>Ý kiến</t></r><r><t> của phòng</t></r></is></c><c t="str"><v>` + from.heading() + `</v></c></row>`
	row := `<row r="2"><c r="B2" t="str"><v>` + code(1) + `</v></c><c r="M2" s="1"><f>1</f><v>43263.5</v></c><c r="N2" t="str"><v>` + mark{id: "ab", values: "v"}.in(from, code(1)) + `</v></c></row>`
	merged := `<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>`
	f.Add(worksheet+heading+row+theEnd, `<sst><si><t>Mã hồ sơ</t><rPh sb="0" eb="1"><t>x</t></rPh></si></sst>`)
	f.Add(worksheet+row+heading+`</sheetData>`+merged+`</worksheet>`, `<sst><si><r><t>M_x00E3_</t></r></si></sst>`)
	f.Add(laughing+worksheet, "<sst/>")
	f.Fuzz(func(t *testing.T, sheet, strings string) {
		check(t, stored(t, sheet, strings))
	})
}

// stored is a small workbook of one sheet, not packed: most of the time would go
// into packing and unpacking.
func stored(t *testing.T, sheet, strings string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range map[string]string{
		"xl/workbook.xml": `<workbook><sheets><sheet name="a" id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="x/worksheet" Target="a.xml"/><Relationship Id="b" Type="x/sharedStrings" Target="b.xml"/>` +
			`<Relationship Id="c" Type="x/styles" Target="c.xml"/></Relationships>`,
		"xl/a.xml": sheet, "xl/b.xml": strings,
		"xl/c.xml": `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
	} {
		to, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(to, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const laughing = `<!DOCTYPE a [<!ENTITY a "ha">]>`

func check(t *testing.T, file []byte) {
	t.Helper()
	answers, err := Read(bytes.NewReader(file), int64(len(file)), zone)
	if err != nil {
		fault, ok := errors.AsType[*Fault](err)
		if !ok || len(fault.Vi) == 0 || len(fault.Vi) != len(fault.En) {
			t.Fatalf("Read fails with %v, which is no Fault with its reasons", err)
		}
		return
	}
	seen := map[string]bool{}
	for _, row := range answers.Rows {
		if seen[row.ID] {
			t.Errorf("%s comes twice", row.ID)
		}
		seen[row.ID] = true
		if !utf8.ValidString(row.Text) || row.Text != clean(row.Text) {
			t.Errorf("the answer %q is not clean", row.Text)
		}
	}
}
