package list

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
)

// numberFormat is what has to be known of how numbers are shown.
type numberFormat struct{ day, clock, percent bool }

// readFormats reads the number formats of the cell styles.
func (b *book) readFormats(name string) error {
	if b.archive.parts[name] == nil {
		return nil
	}
	part, err := b.archive.openXML(name, mostPartBytes)
	if err != nil {
		return err
	}
	defer part.close()
	own := map[int]numberFormat{}
	inside := false // the list of cell styles, and not that of named ones
	return part.each(func(e xml.StartElement) error {
		id, _ := strconv.Atoi(attr(e, "numFmtId")) // without one it is General, which is 0
		switch e.Name.Local {
		case "numFmt":
			own[id] = formatOf(attr(e, "formatCode"))
		case "cellXfs":
			inside = true
		case "cellStyles", "cellStyleXfs", "dxfs":
			inside = false
		case "xf":
			if inside {
				f, ok := own[id]
				if !ok {
					f = builtIn(id)
				}
				b.formats = append(b.formats, f)
			}
		}
		return nil
	})
}

// builtIn are the formats that files name by number only (ECMA-376, 18.8.30).
func builtIn(id int) numberFormat {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return numberFormat{day: true}
	case id == 22:
		return numberFormat{day: true, clock: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return numberFormat{clock: true}
	case id == 9, id == 10:
		return numberFormat{percent: true}
	}
	return numberFormat{}
}

// formatOf looks for the letters of days and hours in a format's first section,
// outside of what is quoted.
func formatOf(code string) (f numberFormat) {
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			return f
		case '"', '[':
			closing := c
			if c == '[' {
				closing = ']'
			}
			end := strings.IndexByte(code[i+1:], closing)
			if end < 0 {
				return f
			}
			if inner := strings.ToLower(code[i+1 : i+1+end]); c == '[' && inner != "" && strings.Trim(inner, "hms") == "" {
				f.clock = true // [h]:mm, hours that go on
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		case 'd', 'D', 'y', 'Y':
			f.day = true
		case 'h', 'H', 's', 'S':
			f.clock = true
		case '%':
			f.percent = true
		}
	}
	return f
}

// shown is a cell's text as people see it: dates the Vietnamese way, other numbers
// without grouping. ok is false for a reference to a text that is not there.
func (b *book) shown(c *gridCell) (text string, ok bool) {
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(c.value))
		if err != nil {
			return "", false
		}
		text, ok = b.strings.at(i)
		return unescape(text), ok
	case "inlineStr", "str":
		return unescape(c.value), true
	case "b":
		if truth(strings.TrimSpace(c.value)) {
			return "TRUE", true
		}
		return "FALSE", true
	case "d":
		if t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(c.value, "Z")); err == nil {
			return shownTime(t, numberFormat{day: true, clock: true}), true
		}
		return c.value, true
	case "e":
		return c.value, true
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(c.value), 64)
	if err != nil {
		return c.value, true
	}
	var f numberFormat
	if c.style >= 0 && c.style < len(b.formats) {
		f = b.formats[c.style]
	}
	return b.shownNumber(n, f), true
}

func (b *book) shownNumber(n float64, f numberFormat) string {
	switch {
	case (f.day || f.clock) && n >= 0 && n < 2958466: // the day after 31/12/9999
		if b.date1904 {
			n += 1462
		}
		// In seconds and days: a Duration does not reach from 1899 to 9999.
		seconds := int(math.Round(n * 86400))
		return shownTime(dayZero.AddDate(0, 0, seconds/86400).Add(time.Duration(seconds%86400)*time.Second), f)
	case f.percent:
		return general(n*100) + "%"
	}
	return general(n)
}

func shownTime(t time.Time, f numberFormat) string {
	midnight := t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0
	switch {
	case !f.day:
		return t.Format("15:04")
	case f.clock && !midnight:
		return t.Format(momentWords)
	}
	return t.Format(dayWords)
}

// general shows a number to the fifteen digits that spreadsheets know.
func general(n float64) string {
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64); err == nil {
		n = rounded
	}
	if math.Abs(n) >= 1e15 {
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
