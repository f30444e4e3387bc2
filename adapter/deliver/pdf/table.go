package pdf

import "math"

// Cell is a cell of a table.
type Cell struct {
	Text  string
	Align Align
	Bold  bool
	Span  int  // columns; 0 is one
	Rows  int  // rows; 0 is one. Only in headings
	Below bool // covered by a cell of a row above; only in headings
	Shade bool
	Top   bool // stand at the top; in the middle otherwise
}

// TableFormat is how a table looks.
type TableFormat struct {
	Widths []float64 // of the columns, millimetres
	Size   float64   // of the text, points
	Header [][]Cell  // repeated on every page
}

// Table is a table being laid out, row by row.
type Table struct {
	d      *Document
	f      TableFormat
	header []float64 // heights
	begun  bool
}

const (
	paddingX = 1.0
	paddingY = 0.7
)

// Table begins a table.
func (d *Document) Table(f TableFormat) *Table {
	if f.Size == 0 {
		f.Size = d.o.Size - 2
	}
	t := &Table{d: d, f: f}
	t.header = t.headerHeights()
	return t
}

// laid is a cell with its text broken into lines.
type laid struct {
	Cell
	x, width float64
	lines    []string
}

func (t *Table) lay(cells []Cell) []laid {
	all := make([]laid, 0, len(cells))
	column, x := 0, t.d.page.Left
	for _, c := range cells {
		width := 0.0
		for range max(c.Span, 1) {
			if column < len(t.f.Widths) {
				width += t.f.Widths[column]
				column++
			}
		}
		l := laid{Cell: c, x: x, width: width}
		if !c.Below {
			l.lines = t.d.wrap(clean(c.Text), t.f.Size, c.Bold, width-2*paddingX, 0)
		}
		all = append(all, l)
		x += width
	}
	return all
}

func (t *Table) lineHeight() float64 { return t.f.Size * pointMM * leading }

func (t *Table) heightOf(lines int) float64 { return float64(lines)*t.lineHeight() + 2*paddingY }

// headerHeights gives each row of the heading what its own cells need, and the last
// row what a cell over several of them needs beyond that.
func (t *Table) headerHeights() []float64 {
	heights := make([]float64, len(t.f.Header))
	for i, row := range t.f.Header {
		for _, c := range t.lay(row) {
			if c.Rows <= 1 && !c.Below {
				heights[i] = max(heights[i], t.heightOf(len(c.lines)))
			}
		}
		heights[i] = max(heights[i], t.heightOf(1))
	}
	for i, row := range t.f.Header {
		for _, c := range t.lay(row) {
			if last := i + c.Rows - 1; c.Rows > 1 && last < len(heights) {
				have := 0.0
				for _, h := range heights[i : last+1] {
					have += h
				}
				heights[last] += max(0, t.heightOf(len(c.lines))-have)
			}
		}
	}
	return heights
}

func (t *Table) writeHeader() {
	for i, row := range t.f.Header {
		for _, c := range t.lay(row) {
			if c.Below {
				continue
			}
			height := 0.0
			for _, h := range t.header[i:min(i+max(c.Rows, 1), len(t.header))] {
				height += h
			}
			t.cell(c, height, 0, len(c.lines))
		}
		t.d.y += t.header[i]
	}
}

// Row writes a row.
func (t *Table) Row(cells ...Cell) {
	row := t.lay(cells)
	lines := 1
	for _, c := range row {
		lines = max(lines, len(c.lines))
	}
	header := 0.0
	for _, h := range t.header {
		header += h
	}
	// A row that no page holds need not begin on a new one.
	page := t.d.page.height() - t.d.page.Top - t.d.page.Bottom - header
	height := t.heightOf(lines)
	if height > page {
		height = t.heightOf(min(lines, 3))
	}
	if !t.begun {
		t.begun = true
		if t.d.left() < header+height {
			t.d.breakPage()
		}
		t.writeHeader()
	} else if t.d.left() < height {
		t.d.breakPage()
		t.writeHeader()
	}
	for from := 0; from < lines; {
		room := int(math.Floor((t.d.left() - 2*paddingY) / t.lineHeight()))
		to := min(lines, from+max(room, 1))
		height := t.heightOf(to - from)
		for _, c := range row {
			t.cell(c, height, from, to)
		}
		t.d.y += height
		if from = to; from < lines { // higher than a page
			t.d.breakPage()
			t.writeHeader()
		}
	}
}

// cell draws a cell and some of its lines.
func (t *Table) cell(c laid, height float64, from, to int) {
	if c.Shade {
		t.d.f.SetFillColor(232, 236, 240)
		t.d.f.Rect(c.x, t.d.y, c.width, height, "FD")
		t.d.f.SetFillColor(0, 0, 0) // else every text sets its colour
	} else {
		t.d.f.Rect(c.x, t.d.y, c.width, height, "D")
	}
	lines := c.lines[min(from, len(c.lines)):min(to, len(c.lines))]
	y := t.d.y + paddingY
	if !c.Top {
		y = t.d.y + (height-float64(len(lines))*t.lineHeight())/2
	}
	for _, text := range lines {
		f := Format{Align: c.Align, Size: t.f.Size, Bold: c.Bold}
		t.d.line(t.d.aligned(f, text, c.x+paddingX, c.width-2*paddingX), y, text, t.f.Size, c.Bold)
		y += t.lineHeight()
	}
}

// Close ends the table; one without rows shows its heading.
func (t *Table) Close() {
	if !t.begun {
		t.begun = true
		t.writeHeader()
	}
}
