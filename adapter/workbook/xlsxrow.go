package workbook

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/doisoat/doisoat/reconcile"
)

// row judges one row of a sheet and hands it on.
func (t *sheetTable) row(num int, cells []cell) error {
	t.plain = t.plain[:0]
	filled := false
	for _, c := range cells {
		t.plain = append(t.plain, c.text)
		filled = filled || len(bytes.TrimSpace(c.text)) > 0
	}
	if !filled {
		// Counted only when another row follows: books end in thousands of them.
		if t.blanks++; t.blanks&(1<<14-1) == 0 {
			return t.ctx.Err()
		}
		return nil
	}
	for ; t.blanks > 0; t.blanks-- {
		t.sink.Skip(skipBlank)
	}
	first := t.first
	t.first = false
	switch {
	case isTotal(t.plain):
		t.sink.Skip(skipTotal)
		return nil
	case t.want.isHeading(t.layout, t.plain), first && isNumbering(t.plain):
		t.sink.Skip(skipHeading)
		return nil
	}
	fingerprint := t.fingerprint(cells)
	if !t.sink.Seen(fingerprint) {
		if err := t.hand(fingerprint, num, cells); err != nil {
			return err
		}
	}
	return t.count(0)
}

// fingerprint hashes all cells of the row as they are stored, each with its
// column and what kind of value it is: the same number is another value once it
// is formatted as a date.
func (t *sheetTable) fingerprint(cells []cell) uint64 {
	t.hashed = t.hashed[:0]
	for column, c := range cells {
		if len(c.text) == 0 {
			continue
		}
		t.hashed = binary.LittleEndian.AppendUint16(t.hashed, uint16(column))
		t.hashed = append(t.hashed, byte(c.kind), c.digits)
		t.hashed = binary.LittleEndian.AppendUint32(t.hashed, uint32(len(c.text)))
		t.hashed = append(t.hashed, c.text...)
	}
	t.digest.ResetWithSeed(t.seed)
	t.digest.Write(t.hashed)
	return t.digest.Sum64()
}

// hand converts the wanted cells and gives the row to the sink. A failed formula
// in one of them makes the row unreadable; elsewhere it does not matter.
func (t *sheetTable) hand(fingerprint uint64, num int, cells []cell) error {
	t.scratch = t.scratch[:0]
	clear(t.spans)
	failed := -1
	for _, p := range t.picks {
		if p.column >= len(cells) {
			continue
		}
		c := cells[p.column]
		if c.kind == cellError {
			if failed < 0 {
				failed = p.column
			}
			continue
		}
		from := len(t.scratch)
		t.scratch = c.appendValue(t.scratch, t.book.date1904)
		t.spans[p.input] = [2]int{from, len(t.scratch)}
	}
	all := string(t.scratch)
	for input, span := range t.spans {
		t.values[input] = all[span[0]:span[1]]
	}
	where := reconcile.Position{Place: t.place, Row: num}
	if failed >= 0 {
		return t.sink.Reject(reconcile.Rejected{Position: where, Cause: rejectRow, Code: canonicalCode(t.values[0]),
			Reason: fmt.Sprintf("the cell %s%d shows the error %s; correct its formula or write the value", columnName(failed), num, clip(cells[failed].text))})
	}
	return t.sink.Row(reconcile.Row{Fingerprint: fingerprint, Position: where, Values: t.values})
}
