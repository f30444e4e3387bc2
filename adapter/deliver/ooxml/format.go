package ooxml

// Align is how lines stand between the margins.
type Align string

// The alignments.
const (
	Left    Align = "" // also what a style says
	Center  Align = "center"
	Right   Align = "right"
	Justify Align = "both"
)

// Format is how a paragraph looks. Sizes are points, lengths millimetres; zero is
// the document's default.
type Format struct {
	Align           Align
	Bold, Italic    bool
	Size            float64
	Before, After   float64 // points above and below
	FirstLine       float64 // indent of the first line
	Indent          float64 // of all lines
	KeepNext        bool    // on the same page as the next paragraph
	PageBreakBefore bool
	Heading         int // 1 or 2: stands in the reader's outline
	// DotsTo is where dotted leaders of tabulators end.
	DotsTo []float64
	// LineUnder makes an empty paragraph a line, as wide as Indent leaves on both sides.
	LineUnder bool
}

// Span is a piece of a paragraph that looks different from the rest.
type Span struct {
	Text         string
	Bold, Italic bool
	Size         float64
}

// Plain is a paragraph's text without anything special.
func Plain(text string) []Span { return []Span{{Text: text}} }

// Merge is a cell's part in a vertical merge.
type Merge int

// The parts.
const (
	Single    Merge = iota
	MergeDown       // the first of the cells made one
	MergedUp        // one of those below it
)

// Cell is a cell of a table: one paragraph, or several.
type Cell struct {
	Text   string
	Format Format
	Body   []Paragraph // instead of Text
	Span   int         // columns; 0 is one
	Merge  Merge
	Shade  string // RRGGBB
	Top    bool   // stand at the top; in the middle otherwise
}

// Paragraph is one of a cell's.
type Paragraph struct {
	Format Format
	Spans  []Span
}

// TableFormat is how a table looks.
type TableFormat struct {
	Widths  []float64 // of the columns, millimetres
	Borders bool
	Size    float64 // of the text, points
	Padding float64 // left and right within cells, millimetres; 0 is 1.2
}

// Page is a page's size and margins: A4, millimetres.
type Page struct {
	Landscape                bool
	Top, Bottom, Left, Right float64
}

// Width is what margins leave, in millimetres.
func (p Page) Width() float64 {
	if p.Landscape {
		return 297 - p.Left - p.Right
	}
	return 210 - p.Left - p.Right
}
