package pdf

import (
	"strings"
	"sync"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"
)

// Align is how lines stand between the margins.
type Align int

// The alignments.
const (
	Left Align = iota
	Center
	Right
)

// Format is how a paragraph looks. Sizes are points, lengths millimetres; zero is
// the document's default.
type Format struct {
	Align         Align
	Bold          bool
	Size          float64
	Before, After float64 // points above and below
	FirstLine     float64 // indent of the first line
	Indent        float64 // of all lines
	KeepNext      bool    // on the same page as what follows
	LineUnder     float64 // width of a line under the text, millimetres
}

// Paragraph is a text and how it looks. A line feed ends a line.
type Paragraph struct {
	Format Format
	Text   string
}

// clean makes a text that the font can show: composed letters (the font has them,
// and no way to place a mark over a letter), no control characters or marks of
// direction, nothing beyond the basic plane.
func clean(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] >= ' ' && s[i] < 0x7F || s[i] == '\n'
	}
	if ascii && !strings.Contains(s, pageAlias) {
		return s
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u00A0' || r == '\u202F' || r == '\u2007':
			return ' '
		case r < ' ', r >= 0x7F && r < 0xA0, r == 0xFEFF, r == 0xFFFE, r == 0xFFFF, r == 0xAD,
			r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
			return -1
		case r >= 0xFF01 && r <= 0xFF5E: // full-width forms, which the font lacks
			return r - 0xFF01 + '!'
		case r > 0xFFFF:
			return '\uFFFD'
		}
		return r
	}, norm.NFC.String(s))
	// What stands for the number of pages must not come from a text.
	return strings.ReplaceAll(s, pageAlias, "{ nb}")
}

// width measures a text.
func (d *Document) width(text string, size float64, isBold bool) float64 {
	font := &d.widths[0]
	if isBold {
		font = &d.widths[1]
	}
	total := 0
	for _, r := range text {
		total += int(font[min(r, 0xFFFF)])
	}
	return float64(total) / 1000 * pointMM * size
}

// fontWidths are the widths of the basic plane's letters in a font, in thousandths of
// its size.
type fontWidths [1 << 16]uint16

// measured are the widths of both fonts, measured once.
var measured = sync.OnceValue(func() *[2]fontWidths {
	all := &[2]fontWidths{}
	for i, font := range [][]byte{regular, bold} {
		f := fpdf.New("P", "mm", "A4", "") // without a page, so it only measures
		f.AddUTF8FontFromBytes(family, "", font)
		f.SetFont(family, "", 10)
		for r := range all[i] {
			all[i][r] = uint16(f.GetStringSymbolWidth(string(rune(r))))
		}
	}
	return all
})

// wrap breaks a text into lines of at most width, the first of which begins at an
// indent. A word that is wider than a line is broken wherever it must be.
func (d *Document) wrap(text string, size float64, isBold bool, width, indent float64) []string {
	var lines []string
	space := d.width(" ", size, isBold)
	for part := range strings.SplitSeq(text, "\n") {
		var line strings.Builder
		used, room := 0.0, width-indent
		indent = 0
		finish := func() {
			lines = append(lines, line.String())
			line.Reset()
			used, room = 0, width
		}
		for word := range strings.FieldsSeq(part) {
			w := d.width(word, size, isBold)
			if line.Len() > 0 && used+space+w > room {
				finish()
			}
			if line.Len() > 0 {
				line.WriteByte(' ')
				used += space
			}
			for w > room && utf8.RuneCountInString(word) > 1 { // only at the beginning of a line
				head := d.head(word, size, isBold, room)
				line.WriteString(head)
				word = word[len(head):]
				w = d.width(word, size, isBold)
				finish()
			}
			line.WriteString(word)
			used += w
		}
		finish()
	}
	return lines
}

// head is as much of a word as fits, after a hyphen, dot or stroke if there is one
// near the end, and never nothing.
func (d *Document) head(word string, size float64, isBold bool, room float64) string {
	end, good, used := 0, 0, 0.0
	for i, r := range word {
		w := d.width(string(r), size, isBold)
		if used+w > room && i > 0 {
			break
		}
		used += w
		end = i + len(string(r))
		if strings.ContainsRune("-./_", r) {
			good = end
		}
	}
	if good*2 > end && end < len(word) {
		return word[:good]
	}
	return word[:end]
}

// Paragraph writes a paragraph across the page.
func (d *Document) Paragraph(f Format, text string) {
	d.paragraph(f, text, d.page.Left, d.page.Width(), true)
}

// paragraph writes within a column; breaking tells whether it may begin new pages.
func (d *Document) paragraph(f Format, text string, x, width float64, breaking bool) {
	if f.Size == 0 {
		f.Size = d.o.Size
	}
	height := f.Size * pointMM * leading
	lines := d.wrap(clean(text), f.Size, f.Bold, width-f.Indent, f.FirstLine)
	d.y += f.Before * pointMM
	need := height
	if f.KeepNext {
		need = height*float64(len(lines)) + 25
	}
	if breaking && d.left() < need {
		d.breakPage()
	}
	for i, text := range lines {
		if breaking && d.left() < height {
			d.breakPage()
		}
		at := x + f.Indent
		if i == 0 {
			at += f.FirstLine
		}
		d.line(d.aligned(f, text, at, width-f.Indent), d.y, text, f.Size, f.Bold)
		d.y += height
	}
	if f.LineUnder > 0 {
		d.f.Line(x+(width-f.LineUnder)/2, d.y+0.6, x+(width+f.LineUnder)/2, d.y+0.6)
		d.y += 1.2
	}
	d.y += f.After * pointMM
}

func (d *Document) aligned(f Format, text string, x, width float64) float64 {
	switch f.Align {
	case Center:
		return x + (width-d.width(text, f.Size, f.Bold))/2
	case Right:
		return x + width - d.width(text, f.Size, f.Bold)
	}
	return x
}

// Columns writes paragraphs side by side, on one page; widths are millimetres.
func (d *Document) Columns(widths []float64, columns ...[]Paragraph) {
	high := 0.0
	for i, column := range columns {
		height := 0.0
		for _, p := range column {
			size := p.Format.Size
			if size == 0 {
				size = d.o.Size
			}
			lines := d.wrap(clean(p.Text), size, p.Format.Bold, widths[i]-p.Format.Indent, p.Format.FirstLine)
			height += float64(len(lines))*size*pointMM*leading + (p.Format.Before+p.Format.After)*pointMM
		}
		high = max(high, height)
	}
	if d.left() < high {
		d.breakPage()
	}
	top, bottom, x := d.y, d.y, d.page.Left
	for i, column := range columns {
		d.y = top
		for _, p := range column {
			d.paragraph(p.Format, p.Text, x, widths[i], false)
		}
		bottom = max(bottom, d.y)
		x += widths[i]
	}
	d.y = bottom
}

// Space leaves points empty.
func (d *Document) Space(points float64) { d.y += points * pointMM }

// Break begins a new page.
func (d *Document) Break() { d.breakPage() }
