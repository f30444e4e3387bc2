package workbook

import "bytes"

// fields splits one raw record. The slices point into record, or into scratch
// where a quoted field had to be rewritten. Both results are reused.
type fields struct {
	list    [][]byte
	scratch []byte
}

// split cuts a record that next has found sound. quoted as next said.
func (f *fields) split(record []byte, delim byte, quoted bool) [][]byte {
	f.list, f.scratch = f.list[:0], f.scratch[:0]
	for {
		if quoted && len(record) > 0 && record[0] == '"' {
			field, rest := f.unquote(record[1:])
			f.list = append(f.list, field)
			if i := bytes.IndexByte(rest, delim); i >= 0 {
				record = rest[i+1:]
				continue
			}
			return f.list
		}
		i := bytes.IndexByte(record, delim)
		if i < 0 {
			f.list = append(f.list, record)
			return f.list
		}
		f.list = append(f.list, record[:i])
		record = record[i+1:]
	}
}

// unquote reads up to the closing mark; rest is what follows it. Doubled marks
// become one, CR LF becomes LF, as encoding/csv does it.
func (f *fields) unquote(record []byte) (field, rest []byte) {
	start := len(f.scratch)
	for {
		i := bytes.IndexByte(record, '"')
		if i < 0 { // next has seen to it that this does not happen
			return append(f.scratch[start:], record...), nil
		}
		f.scratch = appendLF(f.scratch, record[:i])
		record = record[i+1:]
		if len(record) == 0 || record[0] != '"' {
			return f.scratch[start:len(f.scratch):len(f.scratch)], record
		}
		f.scratch = append(f.scratch, '"')
		record = record[1:]
	}
}

func appendLF(dst, text []byte) []byte {
	for {
		i := bytes.Index(text, []byte("\r\n"))
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i+1:]
	}
}

// formulaText undoes ="000123", by which exports keep Excel from reading a code
// as a number.
func formulaText(field []byte) []byte {
	if n := len(field); n >= 3 && field[0] == '=' && field[1] == '"' && field[n-1] == '"' {
		return field[2 : n-1]
	}
	return field
}

// blank tells a record that holds nothing but delimiters and blanks.
func blank(record []byte, delim byte) bool {
	for i := 0; i < len(record); i++ {
		switch b := record[i]; {
		case b == delim, b == ' ', b == '\t', b == '"', b == '\r', b == '\n':
		case b == 0xC2 && i+1 < len(record) && record[i+1] == 0xA0:
			i++
		default:
			return false
		}
	}
	return true
}
