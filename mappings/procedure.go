package mappings

import "strings"

// procedureCode strips what an agency appends to a procedure's national code:
// "1.000948.H38" and "1.000948.000.00.00.H22" are both 1.000948.
func procedureCode(raw string) string {
	code := text(raw)
	cut := strings.LastIndexByte(code, '.')
	if cut <= 0 || !isProvince(code[cut+1:]) {
		return code
	}
	code = code[:cut]
	for _, width := range [...]int{2, 2, 3} {
		group := strings.LastIndexByte(code, '.')
		if group <= 0 || len(code)-group-1 != width || !allDigits(code[group+1:]) {
			return stripped(raw, cut)
		}
		code = code[:group]
	}
	return code
}

// stripped is the code without its province only: the unit's groups were not
// all there, so what stands before the province is the code's own.
func stripped(raw string, cut int) string { return text(raw)[:cut] }

// isProvince recognises the letter-and-number code of a ministry or province: H38, G04.
func isProvince(s string) bool {
	return len(s) >= 2 && len(s) <= 4 && (s[0]|0x20) >= 'a' && (s[0]|0x20) <= 'z' && allDigits(s[1:])
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
