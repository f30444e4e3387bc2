package list

import (
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Heights in points. Rows get one of their own, for LibreOffice does not find the
// height of wrapped rows when it opens such a file, and so prints texts over each
// other.
const (
	lineHeight = 15
	mostHeight = 409 // Excel's own bound
)

// heightOf is how high a row has to be to show all of its texts.
func heightOf(values []any) float64 {
	lines := 1
	for i, spec := range columns {
		cell, _ := values[i].(excelize.Cell)
		if text, ok := cell.Value.(string); ok {
			lines = max(lines, wrapped(text, int(spec.width)))
		}
	}
	return points(lines)
}

// height is how high a cell has to be that holds so many characters a line. Cells
// that are merged never find it themselves.
func height(text string, holds int) float64 { return points(wrapped(text, holds)) }

func points(lines int) float64 { return min(float64(max(lines, 1)*lineHeight)+2, mostHeight) }

// wrapped counts the lines of a text in a column that holds so many characters, as
// spreadsheets wrap: between words, and inside one that is longer than a line.
func wrapped(text string, holds int) int {
	lines := 0
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines++
		used := 0
		for word := range strings.FieldsSeq(paragraph) {
			n := utf8.RuneCountInString(word)
			switch {
			case used == 0:
				used = n
			case used+1+n <= holds:
				used += 1 + n
			default:
				lines++
				used = n
			}
			for ; used > holds; used -= holds {
				lines++
			}
		}
	}
	return lines
}
