package ooxml

import (
	"bytes"
	"testing"
)

// Whatever a template's body is, it is refused or makes documents that are
// well-formed, with the conditions as they are and the other way round.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		p(r("Số: {"), bold("{s"), r("o}}")),
		p(r("{{#neu_x}}")) + p(r("a")) + p(r("{{/neu_x}}")),
		tbl(row(p(r("{{hs.stt}}")), p(r("{{hs.ma}}"))), row(p(r("{{khac.ma}}")))),
		tbl(row(p(r("{{#neu_y}}a")), tbl(row(p(r("{{hs.ma}}"))))+p(r("b{{/neu_y}}")))),
		p(r("{{#hs}}{{hs.ma}}{{#neu_x}}<w:tab/>{{/neu_x}}{{/hs}}")),
		`<w:p><w:pPr><w:sectPr/></w:pPr>` + r("{{/neu_y}}") + `</w:p>`,
		`<w:p><w:r><mc:AlternateContent><w:txbxContent>` + p(r("{{so}}")) + `</w:txbxContent></mc:AlternateContent></w:r></w:p>`,
		p("<w:r><w:t>{{s</w:t><w:br/><w:t>o}}</w:t></w:r>"),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		template, err := Parse(docx(t, body), testVocabulary)
		if err != nil {
			return
		}
		data := testData()
		bodyOf(t, template, data)
		data.Conditions["neu_x"], data.Conditions["neu_y"] = false, true
		data.Lists["hs"], data.Lists["khac"] = nil, data.Lists["hs"]
		bodyOf(t, template, data)
	})
}

// Nothing that is given as a template may make the reader panic or run on.
func FuzzParse(f *testing.F) {
	f.Add(docx(f, p(r("{{so}}"))))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		template, err := Parse(data, testVocabulary)
		if err != nil {
			return
		}
		if err := template.Fill(&bytes.Buffer{}, testData()); err != nil {
			t.Fatalf("what was loaded cannot be filled: %v", err)
		}
	})
}
