package list

import "testing"

func TestShown(t *testing.T) {
	date, moment, clock := numberFormat{day: true}, numberFormat{day: true, clock: true}, numberFormat{clock: true}
	b := &book{
		formats: []numberFormat{{}, date, moment, clock, {percent: true}},
		strings: sharedStrings{text: []byte("mộthai"), ends: []uint32{5, 8}},
	}
	late := &book{formats: b.formats, date1904: true}
	for name, tc := range map[string]struct {
		book *book
		cell gridCell
		want string
	}{
		"a shared text":        {b, gridCell{kind: "s", value: "1"}, "hai"},
		"a text":               {b, gridCell{kind: "str", value: "x_x000D_y"}, "x\ry"},
		"an escape of itself":  {b, gridCell{kind: "inlineStr", value: "_x005F_x0041_"}, "_x0041_"},
		"no escape":            {b, gridCell{kind: "inlineStr", value: "_xyz_ _x00"}, "_xyz_ _x00"},
		"a number":             {b, gridCell{value: "12.5"}, "12.5"},
		"a whole number":       {b, gridCell{value: "120000"}, "120000"},
		"a number's noise":     {b, gridCell{value: "0.30000000000000004"}, "0.3"},
		"a huge number":        {b, gridCell{value: "1e300"}, "1e+300"},
		"a date":               {b, gridCell{value: "43263", style: 1}, "12/06/2018"},
		"a date with a time":   {b, gridCell{value: "43263.75", style: 2}, "12/06/2018 18:00"},
		"midnight":             {b, gridCell{value: "43263", style: 2}, "12/06/2018"},
		"a time":               {b, gridCell{value: "0.5", style: 3}, "12:00"},
		"the last day":         {b, gridCell{value: "2958465", style: 1}, "31/12/9999"},
		"no such day":          {b, gridCell{value: "1e18", style: 1}, "1e+18"},
		"a negative day":       {b, gridCell{value: "-1", style: 1}, "-1"},
		"counted from 1904":    {late, gridCell{value: "41801", style: 1}, "12/06/2018"},
		"a share":              {b, gridCell{value: "0.125", style: 4}, "12.5%"},
		"a style that is none": {b, gridCell{value: "1", style: 99}, "1"},
		"yes":                  {b, gridCell{kind: "b", value: "1"}, "TRUE"},
		"no":                   {b, gridCell{kind: "b", value: "0"}, "FALSE"},
		"an ISO date":          {b, gridCell{kind: "d", value: "2018-06-12T00:00:00"}, "12/06/2018"},
		"no number":            {b, gridCell{kind: "n", value: "abc"}, "abc"},
		"not a number":         {b, gridCell{kind: "n", value: "NaN", style: 1}, "NaN"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := tc.book.shown(&tc.cell); got != tc.want || !ok {
				t.Errorf("shown as %q, %v; want %q", got, ok, tc.want)
			}
		})
	}
	for _, ref := range []string{"2", "-1", "x", ""} {
		if got, ok := b.shown(&gridCell{kind: "s", value: ref}); ok {
			t.Errorf("the shared text %q is %q", ref, got)
		}
	}
}

func TestFormats(t *testing.T) {
	for code, want := range map[string]numberFormat{
		"General": {}, "0.00": {}, "#,##0 \"đồng\"": {}, `0\d`: {}, "_d0": {}, "[Red]0": {}, "@": {},
		"dd/mm/yyyy": {day: true}, "[$-42A]dd/MM/yyyy;@": {day: true}, `d"th"`: {day: true},
		"dd/mm/yyyy hh:mm": {day: true, clock: true}, "[h]:mm": {clock: true}, "h:mm AM/PM": {clock: true},
		"0%": {percent: true}, `"unclosed`: {}, "[h": {}, "": {}, "0;dd": {},
	} {
		if got := formatOf(code); got != want {
			t.Errorf("format %q is %+v, want %+v", code, got, want)
		}
	}
	for id, want := range map[int]numberFormat{0: {}, 9: {percent: true}, 14: {day: true}, 22: {day: true, clock: true}, 20: {clock: true}, 49: {}, 58: {day: true}} {
		if got := builtIn(id); got != want {
			t.Errorf("format %d is %+v, want %+v", id, got, want)
		}
	}
}

func TestReferences(t *testing.T) {
	for ref, want := range map[string]span{
		"A1": {1, 1, 1, 1}, "$B$2:c10": {2, 2, 3, 10}, "XFD1048576": {16384, 1 << 20, 16384, 1 << 20}, "A:C": {1, 0, 3, 0},
	} {
		if got, ok := parseSpan(ref); !ok || got != want {
			t.Errorf("%q is %+v, %v; want %+v", ref, got, ok, want)
		}
	}
	for _, ref := range []string{"", "1", ":", "A1:", "A-", "ABCDE1"} {
		if got, ok := parseSpan(ref); ok {
			t.Errorf("%q is %+v", ref, got)
		}
	}
}
