package ooxml

import (
	"bytes"
	"fmt"
)

// The parts that are the same, or nearly so, in every document.
const (
	partTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="` + contentMain + `"/>` +
		`<Override PartName="/word/styles.xml" ContentType="` + contentStyles + `"/>` +
		`<Override PartName="/word/settings.xml" ContentType="` + contentSettings + `"/>` +
		`<Override PartName="/word/footer1.xml" ContentType="` + contentFooter + `"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="` + contentCore + `"/></Types>`

	packageRels = relsHead +
		`<Relationship Id="rId1" Type="` + relType + `officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
		`</Relationships>`

	documentRels = relsHead +
		`<Relationship Id="rId1" Type="` + relType + `styles" Target="styles.xml"/>` +
		`<Relationship Id="rId2" Type="` + relType + `settings" Target="settings.xml"/>` +
		`<Relationship Id="rId3" Type="` + relType + `footer" Target="footer1.xml"/>` +
		`</Relationships>`

	// Compatibility mode 15: else Word opens the file as one of an old version.
	settings = xmlHead + `<w:settings ` + xmlWord + `><w:defaultTabStop w:val="720"/><w:compat>` +
		`<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>` +
		`</w:compat></w:settings>`
)

func escaped(s string) string {
	var b bytes.Buffer
	w := intoMemory(&b)
	writeEscaped(w, Clean(s))
	_ = w.Flush() // into memory; cannot fail
	return b.String()
}

func coreProperties(title string) []byte {
	return []byte(xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + escaped(title) + `</dc:title><dc:creator>doisoat</dc:creator>` +
		`<dc:language>vi-VN</dc:language></cp:coreProperties>`)
}

func styles(o Options) []byte {
	font, size := escaped(o.Font), half(o.Size)
	style := func(id, name, more string) string {
		return `<w:style w:type="paragraph" w:styleId="` + id + `"><w:name w:val="` + name + `"/>` +
			`<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/>` + more + `</w:style>`
	}
	heading := func(level int) string {
		return style(fmt.Sprintf("Heading%d", level), fmt.Sprintf("heading %d", level),
			fmt.Sprintf(`<w:pPr><w:keepNext/><w:outlineLvl w:val="%d"/></w:pPr><w:rPr><w:b/></w:rPr>`, level-1))
	}
	return []byte(xmlHead + `<w:styles ` + xmlWord + `><w:docDefaults><w:rPrDefault><w:rPr>` +
		`<w:rFonts w:ascii="` + font + `" w:hAnsi="` + font + `" w:eastAsia="` + font + `" w:cs="` + font + `"/>` +
		`<w:sz w:val="` + size + `"/><w:szCs w:val="` + size + `"/><w:lang w:val="vi-VN"/></w:rPr></w:rPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
		heading(1) + heading(2) + style("Footer", "footer", "") + `</w:styles>`)
}

// footer stands on every page, at the right, so that it needs no page's width.
func footer(o Options) []byte {
	const run = `<w:r><w:rPr><w:sz w:val="20"/><w:szCs w:val="20"/></w:rPr>`
	field := func(name string) string {
		return run + `<w:fldChar w:fldCharType="begin"/></w:r>` + run + `<w:instrText xml:space="preserve"> ` + name + ` </w:instrText></w:r>` +
			run + `<w:fldChar w:fldCharType="separate"/></w:r>` + run + `<w:t>1</w:t></w:r>` + run + `<w:fldChar w:fldCharType="end"/></w:r>`
	}
	text := func(s string) string { return run + `<w:t xml:space="preserve">` + escaped(s) + `</w:t></w:r>` }
	line := text(o.Footer)
	if !o.Unnumbered {
		if o.Footer != "" {
			line += text(" · ")
		}
		line += text("Trang ") + field("PAGE") + text("/") + field("NUMPAGES")
	}
	return []byte(xmlHead + `<w:ftr ` + xmlWord + `><w:p><w:pPr><w:pStyle w:val="Footer"/><w:jc w:val="right"/></w:pPr>` + line + `</w:p></w:ftr>`)
}
