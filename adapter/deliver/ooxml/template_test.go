package ooxml

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	cellOpen  = "<w:tc>"
	cellClose = "</w:tc>"
)

func row(cells ...string) string {
	var b strings.Builder
	b.WriteString("<w:tr>")
	for _, c := range cells {
		b.WriteString(cellOpen + c + cellClose)
	}
	b.WriteString("</w:tr>")
	return b.String()
}

func tbl(rows ...string) string { return "<w:tbl>" + strings.Join(rows, "") + "</w:tbl>" }

func TestWhatATemplateSays(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"a value":                            {p(r("Số: {{so}}")), "Số: 12/PĐĐ\n"},
		"blanks and capitals that Word adds": {p(r("{{ So\u00A0}} {{NGAY\u200B}}")), "12/PĐĐ 02/07/2018\n"},
		"split between runs":                 {p(r("Số: {"), bold("{s"), r("o}"), r("} end")), "Số: 12/PĐĐ end\n"},
		"split with other elements between": {
			p(r("{{s"), `<w:proofErr w:type="spellStart"/>`, "<w:hyperlink>"+r("o")+"</w:hyperlink>", `<w:bookmarkEnd w:id="0"/>`, r("}}")), "12/PĐĐ\n"},
		"two in a run, one moved":        {p(r("{{ngay}}, {{so}}{{so}}")), "02/07/2018, 12/PĐĐ12/PĐĐ\n"},
		"none at all":                    {p(r("Kính gửi")), "Kính gửi\n"},
		"a condition that holds":         {p(r("a{{#neu_x}} b {{so}}{{/neu_x}} c")), "a b 12/PĐĐ c\n"},
		"one that does not":              {p(r("a{{#neu_y}} b {{so}}{{/neu_y}} c")), "a c\n"},
		"its opposite":                   {p(r("a{{^neu_y}} b{{/neu_y}}{{^neu_x}} c{{/neu_x}}")), "a b\n"},
		"one within another":             {p(r("{{#neu_x}}a{{#neu_y}}b{{/neu_y}}c{{/neu_x}}")), "ac\n"},
		"across runs":                    {p(r("a{{#neu"), bold("_y}}b"), r("b{{/neu_y"), bold("}}c")), "ac\n"},
		"paragraphs":                     {p(r("{{#neu_x}}")) + p(r("a")) + p(r("b")) + p(r("{{/neu_x}}")) + p(r("c")), "a\nb\nc\n"},
		"paragraphs left out":            {p(r("{{#neu_y}}")) + p(r("a")) + tbl(row(p(r("b")))) + p(r("{{/neu_y}}")) + p(r("c")), "c\n"},
		"marks at the text's ends":       {p(r("{{#neu_y}}a")) + p(r("b{{/neu_y}}")) + p(r("c")), "c\n"},
		"rows":                           {tbl(row(p(r("head"))), row(p(r("{{#neu_y}}a")), p(r("b{{/neu_y}}"))), row(p(r("c")))), "head\nc\n"},
		"several rows":                   {tbl(row(p(r("{{#neu_x}}a"))), row(p(r("b{{/neu_x}}")))), "a\nb\n"},
		"a row for each item":            {tbl(row(p(r("STT"))), row(p(r("{{hs.stt}}")), p(r("{{hs."), bold("ma}}")))), "STT\n1\nA-1\n2\nB-2\n"},
		"with a value in the row":        {tbl(row(p(r("{{hs.ma}} {{so}}")))), "A-1 12/PĐĐ\nB-2 12/PĐĐ\n"},
		"a row for no item":              {tbl(row(p(r("Mã"))), row(p(r("{{khac.ma}}")))), "Mã\n"},
		"a condition in the row":         {tbl(row(p(r("{{#neu_x}}x{{/neu_x}}{{hs.ma}}")))), "xA-1\nxB-2\n"},
		"a table in a cell":              {tbl(row(p(r("outer")), tbl(row(p(r("{{hs.ma}}"))))+p())), "outer\nA-1\nB-2\n"},
		"text for each item":             {p(r("{{#hs}}{{hs.ma}}; {{/hs}}")), "A-1; B-2; \n"},
		"paragraphs for each item":       {p(r("{{#hs}}")) + p(r("{{hs.stt}}")) + p(r("{{hs.ma}}")) + p(r("{{/hs}}")), "1\nA-1\n2\nB-2\n"},
		"braces that are no placeholder": {p(r("} }} { {")), "} }} { {\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, said(filled(t, test.body, testData()))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPlaceholderLooksLikeTheRunItBeginsIn(t *testing.T) {
	got := filled(t, p(r("Số: "), bold("{{"), r("so}}")), testData())
	want := p(r("Số: "), `<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">12/PĐĐ</w:t></w:r>`, `<w:r><w:t xml:space="preserve"/></w:r>`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A condition parts a run; both parts look as it did.
	got = filled(t, p(bold("a{{#neu_x}}b{{/neu_x}}c")), testData())
	boldRun := func(s string) string {
		return `<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">` + s + `</w:t></w:r>`
	}
	if diff := cmp.Diff(p(boldRun("a"), boldRun("b"), boldRun("c")), got); diff != "" {
		t.Error(diff)
	}
}

func TestValuesAreOnlyText(t *testing.T) {
	data := testData()
	data.Values["so"] = "a<b>&\"{{ngay}}\x00\x1f\u202Ex\r\ny\tz\xff"
	got := filled(t, p(r("{{so}}")), data)
	want := p(`<w:r><w:t xml:space="preserve">a&lt;b&gt;&amp;&quot;{{ngay}}x</w:t><w:br/><w:t xml:space="preserve">y</w:t><w:tab/><w:t xml:space="preserve">z` + "\uFFFD</w:t></w:r>")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsLeftThatWordRefuses(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"a table of which no row stands": {p(r("a")) + tbl(row(p(r("{{khac.ma}}")))), p(r("a"))},
		"a table whose rows are all conditional": {
			tbl(row(p(r("{{#neu_y}}a{{/neu_y}}")), p(r("{{khac.ma}}")))) + p(r("b")), p(r("b"))},
		"a cell of which nothing stands": {
			tbl(row(p(r("{{#neu_y}}")) + p(r("a")) + p(r("{{/neu_y}}")))), tbl(row("<w:p/>"))},
		"a cell's only paragraph": {
			tbl(row(p(r("{{#neu_y}}a{{/neu_y}}")))), tbl(row(p()))},
		"identifiers in what is repeated": {
			tbl(`<w:tr w14:paraId="1"><w:tc><w:p w14:paraId="2"><w:bookmarkStart w:id="0"/>` + r("{{hs.ma}}") + `<w:bookmarkEnd w:id="0"/></w:p></w:tc></w:tr>`),
			tbl(row(p(`<w:r><w:t xml:space="preserve">A-1</w:t></w:r>`)), row(p(`<w:r><w:t xml:space="preserve">B-2</w:t></w:r>`)))},
		"a break between sections of pages": {
			p(r("{{#neu_y}}")) + p(r("a")) + `<w:p><w:pPr><w:sectPr/></w:pPr>` + r("{{/neu_y}}") + `</w:p>` + p(r("b")),
			`<w:p><w:pPr><w:sectPr/></w:pPr></w:p>` + p(r("b"))},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.ReplaceAll(filled(t, test.body, testData()), "<w:p/>", "<w:p></w:p>")
			if diff := cmp.Diff(strings.ReplaceAll(test.want, "<w:p/>", "<w:p></w:p>"), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFaultsOfATemplateAreNamed(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"unknown":                    {p(r("Số: {{soo}}")), `word/document.xml: at "Số: {{soo}}": unknown placeholder {{soo}}; known are {{so}} {{ngay}} {{#neu_x}} {{#neu_y}} {{#hs}} {{hs.stt}} {{hs.ma}} {{#khac}} {{khac.ma}}`},
		"unknown condition":          {p(r("{{#neu_z}}a{{/neu_z}}")), "unknown placeholder {{#neu_z}}"},
		"unknown field":              {tbl(row(p(r("{{hs.ten}}")))), "unknown placeholder {{hs.ten}}"},
		"the opposite of a list":     {p(r("{{^hs}}")), "unknown placeholder {{^hs}}"},
		"without an end":             {p(r("{{so")) + p(r("}}")), `"{{" without "}}" in the same line`},
		"across a line break":        {p("<w:r><w:t>{{s</w:t><w:br/><w:t>o}}</w:t></w:r>"), `"{{" without "}}" in the same line`},
		"a condition without end":    {p(r("{{#neu_x}}a")), "{{#neu_x}} has no {{/neu_x}} after it"},
		"an end without beginning":   {p(r("a{{/neu_x}}")), "{{/neu_x}} ends what did not begin before it"},
		"crossed":                    {p(r("{{#neu_x}}{{#neu_y}}{{/neu_x}}{{/neu_y}}")), "{{/neu_x}} ends what did not begin"},
		"text before the beginning":  {p(r("a{{#neu_x}}b")) + p(r("{{/neu_x}}")), "nothing may stand before it"},
		"text after the end":         {p(r("{{#neu_x}}b")) + p(r("{{/neu_x}}c")), "nothing may stand after it"},
		"cells":                      {tbl(row(p(r("{{#neu_x}}a")), p(r("b{{/neu_x}}")), p(r("c")))), "nothing may stand after it"},
		"between two cells":          {tbl("<w:tr><w:tc>" + p(r("x")) + "</w:tc><w:tc>" + p(r("{{#neu_x}}")) + "</w:tc><w:tc>" + p(r("{{/neu_x}}")) + "</w:tc></w:tr>"), "nothing may stand before it"},
		"in two text boxes of one":   {p("<w:r><w:pict><w:txbxContent>"+p(r("{{#neu_x}}"))+"</w:txbxContent></w:pict></w:r>", "<w:r><w:pict><w:txbxContent>"+p(r("{{/neu_x}}"))+"</w:txbxContent></w:pict></w:r>"), "at the ends of whole table rows"},
		"a field outside of rows":    {p(r("{{hs.ma}}")), "{{hs.ma}} must stand in a table row, or between {{#hs}} and {{/hs}}"},
		"two lists in one row":       {tbl(row(p(r("{{hs.ma}}")), p(r("{{khac.ma}}")))), "two lists, hs and khac"},
		"another element's end":      {"<w:p><w:r></w:p></w:r>", "ends what it did not begin"},
		"a document type definition": {`<!DOCTYPE a [<!ENTITY b "c">]>`, "document type definition"},
		"an entity of nobody's":      {p(r("&b;")), "invalid character entity"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(docx(t, test.body), testVocabulary)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %q", err, test.want)
			}
		})
	}
	// Every fault is told, not only the first.
	_, err := Parse(docx(t, p(r("{{a}}"))+p(r("{{b}}"))), testVocabulary)
	if err == nil || !strings.Contains(err.Error(), "{{a}}") || !strings.Contains(err.Error(), "{{b}}") {
		t.Errorf("both faults should be told: %v", err)
	}
}

func TestFilesThatAreNoTemplate(t *testing.T) {
	types := func(content string) string {
		return `<Types><Override PartName="/word/document.xml" ContentType="` + content + `"/></Types>`
	}
	deep := strings.Repeat("<w:p>", 300) + strings.Repeat("</w:p>", 300)
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"empty":                 {nil, "not a .docx"},
		"text":                  {[]byte("Kính gửi"), "not a .docx"},
		"an old Word file":      {[]byte("\xD0\xCF\x11\xE0\xA1\xB1"), "save it as .docx"},
		"another zip":           {pack(t, "a.txt", "b"), "lacks [Content_Types].xml"},
		"OpenDocument":          {pack(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "<a/>"), "not a .docx"},
		"a spreadsheet":         {pack(t, contentTypesPart, types("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"), "word/document.xml", "<a/>"), "holds no Word document"},
		"a .dotx":               {pack(t, contentTypesPart, types(contentTemplate), "word/document.xml", "<a/>"), "save it as .docx"},
		"a .docm":               {pack(t, contentTypesPart, types("application/vnd.ms-word.document.macroEnabled.main+xml"), "word/document.xml", "<a/>"), "save it as .docx"},
		"another language":      {pack(t, contentTypesPart, types(contentMain), "word/document.xml", "<a/>"), "not in the language of Word documents"},
		"too large when opened": {bomb(t, maxTemplateBytes+1), "unpacks to more than 20 MiB"},
		"too large":             {make([]byte, maxTemplateBytes+1), "larger than 20 MiB"},
		"too deep":              {docx(t, deep), "nested too deeply"},
		"a name that climbs":    {pack(t, "../a", "b"), "no name for a part"},
		"a part twice":          {pack(t, "a.xml", "b", "A.xml", "b"), "there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(test.data, testVocabulary)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %q", err, test.want)
			}
		})
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.docx"), filepath.Join(dir, "bad.docx")
	for path, body := range map[string]string{good: p(r("{{so}}")), bad: p(r("{{soo}}"))} {
		if err := os.WriteFile(path, docx(t, body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Check(good, testVocabulary); err != nil {
		t.Error(err)
	}
	for _, path := range []string{bad, filepath.Join(dir, "none.docx"), dir} {
		if err := Check(path, testVocabulary); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%v: should name %s", err, path)
		}
	}
}

func TestHeadersAndFootersAreFilled(t *testing.T) {
	header := `<w:hdr xmlns:w="` + wordNamespace + `">` + p(r("{{so}}")) + `</w:hdr>`
	footer := `<ftr xmlns="` + wordNamespaceStrict + `"><p><r><t>{{ngay}}</t></r></p></ftr>`
	template, err := Parse(pack(t, contentTypesPart, testTypes, "word/document.xml", wordDocument(p(r("a"))),
		"word/header1.xml", header, "word/footer1.xml", footer, "word/media/image1.png", "{{so}}"), testVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := template.Fill(&b, testData()); err != nil {
		t.Fatal(err)
	}
	parts, err := Parts(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"word/header1.xml": "12/PĐĐ", "word/footer1.xml": "02/07/2018", "word/media/image1.png": "{{so}}"} {
		if !strings.Contains(string(parts[name]), want) {
			t.Errorf("%s: %s", name, parts[name])
		}
	}
}

func TestTheSameDataGivesTheSameBytes(t *testing.T) {
	template, err := Parse(docx(t, p(r("{{so}}"))+tbl(row(p(r("{{hs.ma}}"))))), testVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := template.Fill(b, testData()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the second differs from the first")
	}
}

func TestAMissingValueIsAnErrorNotAHole(t *testing.T) {
	template, err := Parse(docx(t, p(r("{{so}}"))), testVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	err = template.Fill(&bytes.Buffer{}, &Data{})
	if err == nil || !strings.Contains(err.Error(), "{{so}}: nothing was given for it") {
		t.Errorf("got %v", err)
	}
}
