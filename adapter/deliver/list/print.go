package list

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// paperA4 is the paper size's number (ECMA-376, ST_PaperSize).
const paperA4 = 9

// mostHeader is how many characters of a name a page header shows; Excel takes 255
// in all, with the codes.
const mostHeader = 80

// printed sets a sheet up for paper: A4 landscape, one page wide and so many long
// (0: as many as it takes), department and date above, page numbers below.
func printed(f *excelize.File, sheet string, l *List, long int) error {
	fit := true
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return fmt.Errorf("sheet properties: %w", err)
	}
	size, landscape, wide := paperA4, "landscape", 1
	if err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Size: &size, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &long,
	}); err != nil {
		return fmt.Errorf("page layout: %w", err)
	}
	side, top, edge, centred := 0.4, 0.75, 0.3, true // inches
	if err := f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge, Horizontally: &centred,
	}); err != nil {
		return fmt.Errorf("margins: %w", err)
	}
	if err := f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{
		OddHeader: "&L" + headerText(l.name()) + "&RLập lúc " + words{l.Zone}.time(l.MadeAt),
		OddFooter: "&L" + headerText(sheet) + "&RTrang &P/&N",
	}); err != nil {
		return fmt.Errorf("header and footer: %w", err)
	}
	return nil
}

// headerText keeps a name from being read as a header's codes.
func headerText(name string) string {
	name = clip(strings.Join(strings.Fields(clean(name)), " "), mostHeader)
	return strings.ReplaceAll(name, "&", "&&")
}

// name is what people call the department.
func (l *List) name() string {
	if l.DepartmentName != "" {
		return l.DepartmentName
	}
	return l.Department
}

// titles repeats the heading row on every printed page of a sheet.
func titles(f *excelize.File, sheet string) error {
	if err := f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: "'" + sheet + "'!$1:$1", Scope: sheet,
	}); err != nil {
		return fmt.Errorf("print titles: %w", err)
	}
	return nil
}
