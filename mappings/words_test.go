package mappings

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestCanonicalCode(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"canonical already", "000.00.16.H57-180702-0001", "000.00.16.H57-180702-0001"},
		{"lower case", "000.00.16.h57-180702-0001", "000.00.16.H57-180702-0001"},
		{"blanks within and around", "  000.00.16.H57 -180702\t-0001\n", "000.00.16.H57-180702-0001"},
		{"no-break space and narrow one", "H57\u00a0-1\u202f", "H57-1"},
		{"zero width, byte order mark, soft hyphen", "\ufeffH57\u200b-\u200d1\u00ad", "H57-1"},
		{"direction mark copied from a page", "\u200eH57-1\u202c", "H57-1"},
		{"vietnamese letters", "đất-ơ-ư/1", "ĐẤT-Ơ-Ư/1"},
		{"decomposed", norm.NFD.String("đất-ở-1"), "ĐẤT-Ở-1"},
		{"mark behind a zero-width blank", "a\u200b\u0301", "Á"},
		{"nothing but blanks", " \u00a0\u200b", ""},
		{"empty", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := CanonicalCode(test.raw); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCanonicalCodeOfACanonicalCodeIsTheSameMemory(t *testing.T) {
	raw := "000.00.16.H57-180702-0001"
	if n := testing.AllocsPerRun(100, func() { _ = CanonicalCode(raw) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFold(t *testing.T) {
	tests := []struct {
		name, a, b string
		same       bool
	}{
		{"case", "Đang giải quyết", "ĐANG GIẢI QUYẾT", true},
		{"unicode form", "Đang giải quyết", norm.NFD.String("đang giải quyết"), true},
		{"double and odd blanks", "Đang\u00a0 giải\tquyết", " Đang giải quyết ", true},
		{"invisible characters", "Đang giải\u200b quyết", "Đang giải quyết", true},
		{"horned letters", "chờ trả lời ở xã", "CHỜ TRẢ LỜI Ở XÃ", true},
		{"another tone is another word", "Đã trả", "Đã trá", false},
		{"d is not đ", "Da tra", "Đa tra", false},
		{"leading zero counts", "4", "04", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if same := fold(test.a) == fold(test.b); same != test.same {
				t.Errorf("%q, %q: same is %v", fold(test.a), fold(test.b), same)
			}
		})
	}
}

func TestProcedureCode(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"1.000948", "1.000948"},
		{" 1.000948.H38 ", "1.000948"},
		{"1.000948.h38", "1.000948"},
		{"1.000948.000.00.00.H22", "1.000948"},
		{"1.004221.000.00.00.H57", "1.004221"},
		{"2.000633.000.00.00.G04", "2.000633"},
		{"1.000948.00.00.H22", "1.000948.00.00"},
		{"1.000948.0001", "1.000948.0001"},
		{"BTP-HTI-277285", "BTP-HTI-277285"},
		{"Đăng ký khai sinh", "Đăng ký khai sinh"},
		{".H38", ".H38"},
		{"", ""},
	}
	for _, test := range tests {
		if got := procedureCode(test.raw); got != test.want {
			t.Errorf("%q: got %q, want %q", test.raw, got, test.want)
		}
	}
}

func TestNearestWord(t *testing.T) {
	tests := []struct {
		written    string
		candidates []string
		want       string
	}{
		{"recieved", statusNames, "received"},
		{"Processing ", statusNames, "processing"},
		{"payed", statusNames, ""},
		{"dueat", fieldNames[:], "due_at"},
		{"departement", fieldNames[:], "department"},
		{"xyz", statusNames, ""},
		{"", statusNames, ""},
	}
	for _, test := range tests {
		if got := Nearest(test.written, test.candidates); got != test.want {
			t.Errorf("%q: got %q, want %q", test.written, got, test.want)
		}
	}
}

func TestDistanceCountsASwapOnce(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"kitten", "sitting", 3}, {"url", "uri", 1}} {
		if got := editDistance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := editDistance([]rune(c.b), []rune(c.a)); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
