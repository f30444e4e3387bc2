package pdf

import (
	_ "embed" // the fonts
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Noto Sans, under the SIL Open Font License (fonts/OFL.txt).
var (
	//go:embed fonts/NotoSans-Regular.ttf
	regular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	bold []byte
)

const (
	family    = "NotoSans"
	pointMM   = 25.4 / 72
	leading   = 1.32 // distance of lines, in sizes of the font
	ascent    = 1.0  // of the font below the top of its line, in sizes
	pageAlias = "{nb}"
)

// Page is a page's margins: A4, millimetres.
type Page struct {
	Landscape                bool
	Top, Bottom, Left, Right float64
}

// Width is what the margins leave.
func (p Page) Width() float64 {
	if p.Landscape {
		return 297 - p.Left - p.Right
	}
	return 210 - p.Left - p.Right
}

func (p Page) height() float64 {
	if p.Landscape {
		return 210
	}
	return 297
}

// Options are what holds for a whole document.
type Options struct {
	Title   string
	Created time.Time // the document's date; no clock is read
	Page    Page
	Size    float64 // of the text, points; 11 if zero
	Header  string  // at the top of every page but the first
	Footer  string  // at the foot of every page, beside "Trang X/Y"
}

// Document is being laid out, from top to bottom. The first error stays and is told
// by Write.
type Document struct {
	f      *fpdf.Fpdf
	o      Options
	page   Page
	y      float64 // of what comes next
	number int
	widths *[2]fontWidths
}

// New begins a document with its first page.
func New(o Options) *Document {
	if o.Size == 0 {
		o.Size = 11
	}
	f := fpdf.New("P", "mm", "A4", "")
	f.SetAutoPageBreak(false, 0)
	f.SetCellMargin(0)
	f.SetCreationDate(o.Created)
	f.SetModificationDate(o.Created)
	f.SetCatalogSort(true)
	f.SetTitle(clean(o.Title), true)
	f.SetProducer("doisoat", true)
	f.SetLang("vi-VN")
	f.AliasNbPages(pageAlias)
	f.AddUTF8FontFromBytes(family, "", regular)
	f.AddUTF8FontFromBytes(family, "B", bold)
	f.SetLineWidth(0.15)
	d := &Document{f: f, o: o, page: o.Page, widths: measured()}
	d.breakPage()
	return d
}

// Section begins a new page that looks otherwise, and so do those after it.
func (d *Document) Section(page Page) {
	d.page = page
	d.breakPage()
}

// Page is the page that is being laid out.
func (d *Document) Page() Page { return d.page }

// Write ends the document and writes it.
func (d *Document) Write(w io.Writer) error {
	if err := d.f.Output(w); err != nil {
		return fmt.Errorf("write pdf: %w", err)
	}
	return nil
}

func (d *Document) breakPage() {
	orientation := "P"
	if d.page.Landscape {
		orientation = "L"
	}
	d.f.AddPageFormat(orientation, d.f.GetPageSizeStr("A4"))
	d.number++
	const size = 8
	foot := d.page.height() - d.page.Bottom + 7
	page := fmt.Sprintf("Trang %d/", d.number)
	right := d.page.Left + d.page.Width()
	// Three figures' room for the number of pages, known only at the end.
	at := right - d.width(page+"000", size, false)
	d.line(at, foot, page+pageAlias, size, false)
	d.line(d.page.Left, foot, d.fit(clean(d.o.Footer), size, at-d.page.Left-3), size, false)
	if d.number > 1 && d.o.Header != "" {
		d.line(d.page.Left, d.page.Top-6, d.fit(clean(d.o.Header), size, d.page.Width()), size, false)
	}
	d.y = d.page.Top
}

// left is the height that the page still has.
func (d *Document) left() float64 { return d.page.height() - d.page.Bottom - d.y }

// line draws one line of text; y is the line's top.
func (d *Document) line(x, y float64, text string, size float64, isBold bool) {
	if text == "" {
		return
	}
	style := ""
	if isBold {
		style = "B"
	}
	d.f.SetFont(family, style, size)
	d.f.Text(x, y+size*pointMM*ascent, text)
}

// fit cuts text to a width.
func (d *Document) fit(text string, size, width float64) string {
	if d.width(text, size, false) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && d.width(string(runes)+"…", size, false) > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
