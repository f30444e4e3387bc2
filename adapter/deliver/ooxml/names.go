package ooxml

// Namespaces of WordprocessingML: the one every word processor writes, and the one
// of Word's "Strict Open XML".
const (
	wordNamespace       = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	wordNamespaceStrict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
)

const (
	contentTypesPart = "[Content_Types].xml"
	contentPrefix    = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	contentMain      = contentPrefix + "document.main+xml"
	contentTemplate  = contentPrefix + "template.main+xml"
	contentHeader    = contentPrefix + "header+xml"
	contentFooter    = contentPrefix + "footer+xml"
	contentFootnotes = contentPrefix + "footnotes+xml"
	contentEndnotes  = contentPrefix + "endnotes+xml"
	contentStyles    = contentPrefix + "styles+xml"
	contentSettings  = contentPrefix + "settings+xml"
	contentCore      = "application/vnd.openxmlformats-package.core-properties+xml"
)

// Bounds of a template. A letterhead with a coat of arms has about 200 kB.
const (
	maxTemplateBytes = 20 << 20 // of the file, and of all its parts unpacked
	maxParts         = 1000
	maxNodes         = 400_000 // elements and texts of all parts that are filled
	maxDepth         = 200
)
