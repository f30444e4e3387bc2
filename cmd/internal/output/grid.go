package output

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid is a table that fits in Width: columns that may hold long names are
// narrowed, and wrap.
type grid struct {
	header []string
	right  []int    // columns of numbers, counted from 1
	give   []narrow // columns that may be narrowed, first those to be narrowed first
	rows   [][]any  // a string, a safe, or something fmt can write
	footer []any
}

// narrow says how far a column may shrink. Codes break anywhere, so that nothing
// is left out; names break at blanks.
type narrow struct {
	column, least int
	code          bool
}

func (g *grid) add(cells ...any) { g.rows = append(g.rows, cells) }

// width of the whole grid, of columns of these widths.
func gridWidth(columns []int) int {
	sum := 2 * (len(columns) - 1)
	for _, n := range columns {
		sum += n
	}
	return sum
}

// natural is how wide each column would like to be.
func (g *grid) natural() []int {
	widths := make([]int, len(g.header))
	measure := func(cells []any) {
		for i, cell := range cells {
			widths[i] = max(widths[i], text.LongestLineLen(fmt.Sprint(show(cell))))
		}
	}
	for i, name := range g.header {
		widths[i] = width(name)
	}
	for _, row := range g.rows {
		measure(row)
	}
	measure(g.footer)
	return widths
}

// excess is by how much the grid is too wide when all that may give has given.
func (g *grid) excess() int {
	widths := g.natural()
	for _, n := range g.give {
		widths[n.column-1] = min(widths[n.column-1], n.least)
	}
	return gridWidth(widths) - Width
}

// print writes the grid.
func (p *printer) print(g *grid) {
	widths := g.natural()
	configs := make([]table.ColumnConfig, len(widths))
	for i := range configs {
		configs[i].Number = i + 1
	}
	for _, n := range g.right {
		c := &configs[n-1]
		c.Align, c.AlignHeader, c.AlignFooter = text.AlignRight, text.AlignRight, text.AlignRight
	}
	for _, n := range g.give {
		excess := gridWidth(widths) - Width
		if excess <= 0 {
			break
		}
		c := &configs[n.column-1]
		widths[n.column-1] = min(widths[n.column-1], max(n.least, widths[n.column-1]-excess))
		c.WidthMax, c.WidthMaxEnforcer = widths[n.column-1], text.WrapSoft
		if n.code {
			c.WidthMaxEnforcer = text.WrapHard
		}
	}
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header, style.Format.Footer = text.FormatDefault, text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.SetColumnConfigs(configs)
	header := make([]any, len(g.header))
	for i, name := range g.header {
		header[i] = safe(name)
	}
	t.AppendHeader(shown(header))
	for _, row := range g.rows {
		t.AppendRow(shown(row))
	}
	if g.footer != nil {
		t.AppendFooter(shown(g.footer))
	}
	p.printf("%s\n", safe(t.Render()))
}

func shown(cells []any) table.Row {
	row := make(table.Row, len(cells))
	for i, cell := range cells {
		row[i] = show(cell)
	}
	return row
}
