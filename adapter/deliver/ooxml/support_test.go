package ooxml

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

const testTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Override PartName="/word/document.xml" ContentType="` + contentMain + `"/>` +
	`<Override PartName="/word/header1.xml" ContentType="` + contentHeader + `"/>` +
	`<Override PartName="/word/footer1.xml" ContentType="` + contentFooter + `"/></Types>`

var testVocabulary = &Vocabulary{
	Values:     []Name{{"so", "number"}, {"ngay", "day"}},
	Conditions: []Name{{"neu_x", "x holds"}, {"neu_y", "y holds"}},
	Lists: []List{
		{Name{"hs", "dossiers"}, []Name{{"stt", ""}, {"ma", ""}}},
		{Name{"khac", "others"}, []Name{{"ma", ""}}},
	},
}

func testData() *Data {
	return &Data{
		Values:     map[string]string{"so": "12/PĐĐ", "ngay": "02/07/2018"},
		Conditions: map[string]bool{"neu_x": true, "neu_y": false},
		Lists: map[string][]Item{
			"hs":   {{"stt": "1", "ma": "A-1"}, {"stt": "2", "ma": "B-2"}},
			"khac": {},
		},
	}
}

// pack makes a package of parts given as name, content, name, content …
func pack(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	p := newPacker(&b)
	for i := 0; i < len(parts); i += 2 {
		if err := p.write(parts[i], []byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wordDocument(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="` + wordNamespace + `"><w:body>` + body + `</w:body></w:document>`
}

// docx makes a document of a body.
func docx(t testing.TB, body string) []byte {
	t.Helper()
	return pack(t, contentTypesPart, testTypes, "word/document.xml", wordDocument(body))
}

// filled fills a body with the test's data and gives the body back.
func filled(t testing.TB, body string, data *Data) string {
	t.Helper()
	template, err := Parse(docx(t, body), testVocabulary)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return bodyOf(t, template, data)
}

func bodyOf(t testing.TB, template *Template, data *Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := template.Fill(&b, data); err != nil {
		t.Fatalf("fill: %v", err)
	}
	parts, err := Parts(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	document := string(parts["word/document.xml"])
	wellFormed(t, document)
	_, body, ok := strings.Cut(document, "<w:body>")
	if !ok {
		return ""
	}
	body, _, _ = strings.Cut(body, "</w:body>")
	return strings.TrimSuffix(body, `<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr></w:p>`)
}

func wellFormed(t testing.TB, document string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, document)
		}
	}
}

// p is a paragraph of runs.
func p(runs ...string) string {
	return "<w:p>" + strings.Join(runs, "") + "</w:p>"
}

func r(text string) string { return "<w:r><w:t>" + text + "</w:t></w:r>" }

func bold(text string) string {
	return "<w:r><w:rPr><w:b/></w:rPr><w:t>" + text + "</w:t></w:r>"
}

var spoken = regexp.MustCompile(`<w:t(?: [^>]*[^>/])?>([^<]*)</w:t>`)

// said is the text of a body: a line for each paragraph.
func said(body string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(body, "</w:p>") {
		line := ""
		for _, match := range spoken.FindAllStringSubmatch(paragraph, -1) {
			line += match[1]
		}
		if line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// bomb is a package with a part that unpacks to size bytes.
func bomb(t testing.TB, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 1<<20)
	for written := 0; written < size; written += len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
