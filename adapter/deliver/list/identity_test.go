package list

import (
	"strings"
	"testing"
	"time"
)

func TestHeadingMark(t *testing.T) {
	for _, department := range []string{"VPDKDD", "", "a|b", "=1", "Phòng Tư pháp", "a\nb"} {
		want := origin{department, madeAt.Add(123 * time.Nanosecond)}
		got, format, ours := parseHeading(want.heading())
		if !ours || format != Format || got.department != want.department || !got.madeAt.Equal(want.madeAt) {
			t.Errorf("%q comes back as %+v, %d, %v", want.heading(), got, format, ours)
		}
		if strings.ContainsAny(want.heading(), "\n ") {
			t.Errorf("the mark %q holds white space", want.heading())
		}
	}
	good := origin{"TP", madeAt}.heading()
	for text, want := range map[string]struct {
		format int
		ours   bool
	}{
		"":                                   {0, false},
		"Ghi chú":                            {0, false},
		"doisoat-list":                       {0, false},
		"doisoat-list|x":                     {0, true},
		"doisoat-list|0|x":                   {0, true},
		"doisoat-list|7":                     {7, true},
		strings.Replace(good, "TP", "TQ", 1): {0, true},
		good + "|":                           {0, true},
		good[:len(good)-1]:                   {0, true},
	} {
		if _, format, ours := parseHeading(text); format != want.format || ours != want.ours {
			t.Errorf("%q is taken for format %d, ours %v; want %d, %v", text, format, ours, want.format, want.ours)
		}
	}
}

func TestRowMark(t *testing.T) {
	from := origin{"TP", madeAt}
	want := mark{id: "a|b %=", values: "v|1", given: given("Đã xong")}
	got, sum, ok := parseMark(want.in(from, " 000.00-1 "))
	if !ok || got != want || sum != want.sum(from, "000.00-1") {
		t.Errorf("%+v comes back as %+v", want, got)
	}
	for name, other := range map[string]string{
		"another code":        want.sum(from, "000.00-2"),
		"another department":  want.sum(origin{"TN", madeAt}, "000.00-1"),
		"another list":        want.sum(origin{"TP", madeAt.Add(time.Second)}, "000.00-1"),
		"another discrepancy": mark{"b", want.values, want.given}.sum(from, "000.00-1"),
		"other values":        mark{want.id, "w", want.given}.sum(from, "000.00-1"),
		"another answer":      mark{want.id, want.values, ""}.sum(from, "000.00-1"),
	} {
		if sum == other {
			t.Errorf("%s goes unnoticed", name)
		}
	}
	for _, text := range []string{"a|b|c", "|b|c|d", "a|b|c|d|e", "%zz|b|c|d", "a|%zz|c|d"} {
		if got, _, ok := parseMark(text); ok {
			t.Errorf("%q is taken for the mark %+v", text, got)
		}
	}
}

func TestSameCode(t *testing.T) {
	for text, want := range map[string]string{
		" 000.00.16.h57 - 0001\n": "000.00.16.H57-0001",
		"'=1":                     "=1",
		"he\u0302":                "HÊ",
	} {
		if got := sameCode(text); got != want {
			t.Errorf("%q is compared as %q, want %q", text, got, want)
		}
	}
}
