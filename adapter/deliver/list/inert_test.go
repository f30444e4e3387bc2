package list

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

func TestInert(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"a plain text":              {"Đã xong", "Đã xong"},
		"an equals sign":            {"=1+1", "'=1+1"},
		"a plus":                    {"+84", "'+84"},
		"a minus":                   {"-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"},
		"an at":                     {"@SUM(A1)", "'@SUM(A1)"},
		"a tab before":              {"\t=1+1", "'=1+1"},
		"a carriage return before":  {"\r=1+1", "'=1+1"},
		"a nul before":              {"\x00=1+1", "'=1+1"},
		"a line break before":       {"\n=1+1", "'=1+1"},
		"spaces before":             {" \u00a0\u3000=1+1", "'=1+1"},
		"nothing to be seen before": {"\u200b\ufeff\u202e=1+1", "'=1+1"},
		"full width":                {"＝1+1", "'＝1+1"},
		"full width plus":           {"＋1", "'＋1"},
		"full width minus":          {"－1", "'－1"},
		"full width at":             {"＠SUM", "'＠SUM"},
		"the minus sign":            {"−1", "'−1"},
		"an apostrophe before":      {"'=1+1", "''=1+1"},
		"an apostrophe alone":       {"'tạm'", "'tạm'"},
		"control characters":        {"a\x00b\x1f\x7f\u0085c", "abc"},
		"a tab inside":              {"a\tb", "a b"},
		"lines":                     {"a\r\nb\rc", "a\nb\nc"},
		"no UTF-8":                  {"a\xffb", "a\uFFFDb"},
		"turned writing":            {"a\u202eb\u2066c", "abc"},
		"no characters":             {"a\ufffe\uffffb", "ab"},
		"only what is dropped":      {"\x00\t\r\n ", ""},
		"a sign inside":             {"a=1", "a=1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := inert(tc.in); got != tc.want {
				t.Errorf("inert(%q) = %q, want %q", tc.in, got, tc.want)
			}
			if got, want := plain(inert(tc.in)), clean(tc.in); got != want {
				t.Errorf("%q comes back as %q, want %q", tc.in, got, want)
			}
		})
	}
}

func TestClip(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		n    int
		want string
	}{
		"it fits":            {"abc", 3, "abc"},
		"accents count once": {"đđđ", 3, "đđđ"},
		"cut":                {"abcd", 3, "ab…"},
		"a pair is not torn": {"a😀😀", 4, "a😀…"},
		"pairs count twice":  {"😀😀", 4, "😀😀"},
	} {
		t.Run(name, func(t *testing.T) {
			got := clip(tc.in, tc.n)
			if got != tc.want || len(utf16.Encode([]rune(got))) > tc.n {
				t.Errorf("clip(%q, %d) = %q, want %q", tc.in, tc.n, got, tc.want)
			}
		})
	}
}

// TestHostileTextsStayText puts formulas into every field that comes from a source,
// a person or the configuration.
func TestHostileTextsStayText(t *testing.T) {
	const evil = `=HYPERLINK("http://evil.example","x")`
	f := opened(t, written(t, hostileList(evil)))
	seen := 0
	for _, sheet := range f.GetSheetList() {
		for y, row := range rowsOf(t, f, sheet) {
			for x, text := range row {
				cell, err := excelize.CoordinatesToCellName(x+1, y+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
					t.Errorf("%s!%s is the formula %q", sheet, cell, formula)
				}
				if formulaLike(text) && !strings.HasPrefix(text, "'") {
					t.Errorf("%s!%s begins like a formula: %q", sheet, cell, text)
				}
				if strings.Contains(text, "evil.example") {
					seen++
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d cells hold the hostile text: the test tests nothing", seen)
	}
}

// hostileList says these wherever somebody else has a say.
func hostileList(evils ...string) *List {
	var items []Item
	var sources []Freshness
	for i, evil := range evils {
		item := resolved(2 * i)
		item.Code, item.Procedure, item.Note, item.SetBy = evil, evil, evil, evil
		item.Platform.RawStatus, item.Office.RawStatus, item.Office.Status = evil, evil, ""
		other := missing(2*i + 1)
		other.Code = "\t" + evil
		items = append(items, item, other)
		sources = append(sources, Freshness{Name: evil, Side: "=x", Reason: evil})
	}
	l := theList(items...)
	l.Department, l.DepartmentName, l.Organisation, l.Centre = evils[0], evils[0], evils[0], evils[0]
	l.Sources = sources
	return l
}

func TestHostileTextsComeBack(t *testing.T) {
	for _, evil := range []string{"=1+1", "'=1+1", "a|b", "_x0041_", "_x005F_x0041_", "<&>\"'", "1e5", "- x", "a\r\n\r\nb", strings.Repeat("ế", 900)} {
		l := hostileList(evil)
		file := written(t, l)
		answers := readBack(t, file)
		if answers.Department != evil {
			t.Errorf("department %q came back as %q", evil, answers.Department)
		}
		for _, row := range answers.Rows {
			if row.Changed {
				t.Errorf("the note %q counts as changed: %q", evil, row.Text)
			}
			if row.Sheet == onPlatform && row.Text != clean(evil) {
				t.Errorf("the note %q came back as %q", evil, row.Text)
			}
		}
		if len(answers.Rows) != 2 {
			t.Errorf("%q: %d rows came back", evil, len(answers.Rows))
		}
		if bytes.Contains(file, []byte("<f>")) {
			t.Errorf("%q became a formula", evil)
		}
	}
}
