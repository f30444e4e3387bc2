package workbook

import "strings"

// style is what a number format says about the number under it.
type style struct {
	date   bool
	digits int // a format such as 00000: leading zeros up to so many digits; else 0
}

// builtInStyle judges the formats that have a number instead of a text
// (ECMA-376 part 1, 18.8.30; 27–36 and 50–58 are the East Asian dates, 71–81
// the Thai ones). 46 is a duration, [h]:mm:ss, and no date.
func builtInStyle(id int) style {
	return style{date: id >= 14 && id <= 22 || id >= 27 && id <= 36 || id == 45 || id == 47 || id >= 50 && id <= 58 || id >= 71 && id <= 81}
}

// styleOf judges a format's text: it is a date if its first section has a
// letter of a date or time outside quotation marks and brackets.
func styleOf(code string) style {
	if n := len(code); n >= 2 && n <= 30 && strings.Trim(code, "0") == "" {
		return style{digits: n}
	}
	if strings.EqualFold(code, "general") {
		return style{}
	}
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			return style{}
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return style{}
			}
			i += end + 1
		case '\\', '_', '*': // the next character stands for itself
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return style{}
			}
			if inside := strings.ToLower(code[i+1 : i+end]); inside != "" && strings.Trim(inside, "hms") == "" {
				return style{} // elapsed time: a duration
			}
			i += end
		case 'd', 'D', 'm', 'M', 'y', 'Y', 'h', 'H', 's', 'S':
			return style{date: true}
		}
	}
	return style{}
}
