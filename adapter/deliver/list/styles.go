package list

import (
	"fmt"
	"maps"
	"slices"

	"github.com/xuri/excelize/v2"
)

// font is what Vietnamese administration writes in (Decree 30/2020/NĐ-CP); Excel
// brings it, and LibreOffice a font of the same measures.
const font = "Times New Roman"

// styleName names a look of cells.
type styleName int

// The looks. All texts have the format Text, so that whatever is typed over them
// stays text.
const (
	styleNone styleName = iota
	styleHeading
	styleNumber
	styleText
	styleDay
	styleMoment
	styleAnswer
	stylePlain // text that runs on over its neighbours
	styleBold
	styleTitle
	styleSubtitle
	styleLabel
	styleLink
	styleCoverMoment // a moment beside a label, to the left
	stylesEnd
)

// The excelize number formats that are built in.
const (
	formatInteger = 1
	formatText    = 49
)

const (
	fillHeading = "DDEBF7"
	fillAnswer  = "FFF9DB" // where the department writes
	lineColour  = "A6A6A6"
)

// styles are the looks of one workbook, by the number excelize gave them.
type styles [stylesEnd]int

func newStyles(f *excelize.File) (*styles, error) {
	if err := f.SetDefaultFont(font); err != nil {
		return nil, fmt.Errorf("default font: %w", err)
	}
	day, moment := dayCells, momentCells
	grid := func(style excelize.Style) *excelize.Style {
		for _, side := range []string{"left", "right", "top", "bottom"} {
			style.Border = append(style.Border, excelize.Border{Type: side, Color: lineColour, Style: 1})
		}
		if style.Alignment == nil {
			style.Alignment = &excelize.Alignment{Vertical: "top", WrapText: true}
		}
		if style.Font == nil {
			style.Font = &excelize.Font{Family: font, Size: 11}
		}
		return &style
	}
	centred := &excelize.Alignment{Horizontal: "center", Vertical: "top"}
	letters := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: font, Size: size, Bold: bold}
	}
	wrapped := &excelize.Alignment{Vertical: "top", WrapText: true}
	all := map[styleName]*excelize.Style{
		styleHeading: grid(excelize.Style{
			NumFmt:    formatText,
			Font:      letters(11, true),
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fillHeading}},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
		}),
		styleNumber: grid(excelize.Style{NumFmt: formatInteger, Alignment: centred}),
		styleText:   grid(excelize.Style{NumFmt: formatText}),
		styleDay:    grid(excelize.Style{CustomNumFmt: &day, Alignment: centred}),
		styleMoment: grid(excelize.Style{CustomNumFmt: &moment, Alignment: centred}),
		styleAnswer: grid(excelize.Style{
			NumFmt: formatText,
			Fill:   excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fillAnswer}},
		}),
		stylePlain: {NumFmt: formatText, Font: letters(11, false), Alignment: wrapped},
		styleBold:  {NumFmt: formatText, Font: letters(12, true)},
		styleTitle: {NumFmt: formatText, Font: letters(16, true), Alignment: &excelize.Alignment{Horizontal: "center"}},
		styleSubtitle: {NumFmt: formatText, Font: letters(13, true), Alignment: &excelize.Alignment{
			Horizontal: "center", Vertical: "center", WrapText: true,
		}},
		styleLabel: {NumFmt: formatText, Font: letters(11, true), Alignment: wrapped},
		styleLink: grid(excelize.Style{
			NumFmt: formatText,
			Font:   &excelize.Font{Family: font, Size: 11, Color: "1F4E9E", Underline: "single"},
		}),
		styleCoverMoment: {CustomNumFmt: &moment, Font: letters(11, false), Alignment: &excelize.Alignment{
			Horizontal: "left", Vertical: "top",
		}},
	}
	var s styles
	for _, name := range slices.Sorted(maps.Keys(all)) { // the same file each time
		style := all[name]
		id, err := f.NewStyle(style)
		if err != nil {
			return nil, fmt.Errorf("style: %w", err)
		}
		s[name] = id
	}
	return &s, nil
}
