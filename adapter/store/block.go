package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"
)

// Row is one row of a source as it is kept.
type Row struct {
	Code        string   // canonical
	Fingerprint uint64   // of the whole row
	Aliases     []string // canonical codes
	Values      []string // raw, in the order of the layout's inputs
	// SeenFrom is the start of the first accepted poll in which the row was as
	// it is, in UTC milliseconds.
	SeenFrom int64
	// Unreadable: the source has the dossier, but its row was rejected.
	Unreadable bool

	// Department counts the row; it is not kept, since the mapping decides it.
	Department string

	key   Key
	added bool // in this poll
}

// A block holds the rows of one bucket in the order of their keys:
//
//	uvarint layout id, uvarint number of rows, then each row:
//	flags, uvarint SeenFrom, [code], [number of aliases, each], each value
//
// where a text is its uvarint length and its bytes. The whole is S2-compressed.
// Fingerprints stand apart (eight bytes a row, same order), because every poll
// reads all of them and hardly any of the rest.
const (
	flagUnreadable  = 1 << iota // no values
	flagCodeIsFirst             // the code is the first value, letter by letter
	flagAliases
)

var errBlock = errors.New("damaged block; restore the store from its backup")

func appendRow(b []byte, r *Row) []byte {
	var flags byte
	codeIsFirst := len(r.Values) > 0 && r.Values[0] == r.Code
	if r.Unreadable {
		flags |= flagUnreadable
	}
	if codeIsFirst {
		flags |= flagCodeIsFirst
	}
	if len(r.Aliases) > 0 {
		flags |= flagAliases
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(r.SeenFrom))
	if !codeIsFirst {
		b = appendText(b, r.Code)
	}
	if len(r.Aliases) > 0 {
		b = appendTexts(b, r.Aliases)
	}
	return appendTexts(b, r.Values)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTexts(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

// packBlock encodes rows, which must be in key order.
func packBlock(layout int64, rows []Row, scratch []byte) (data, raw []byte) {
	raw = binary.AppendUvarint(scratch[:0], uint64(layout))
	raw = binary.AppendUvarint(raw, uint64(len(rows)))
	for i := range rows {
		raw = appendRow(raw, &rows[i])
	}
	return s2.Encode(nil, raw), raw
}

func packFingerprints(rows []Row) []byte {
	b := make([]byte, 0, 8*len(rows))
	for i := range rows {
		b = binary.LittleEndian.AppendUint64(b, rows[i].Fingerprint)
	}
	return b
}

// unpackBlock decodes a block. Rows share one backing string.
func unpackBlock(data []byte) (layout int64, rows []Row, err error) {
	raw, err := s2.Decode(nil, data)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errBlock, err)
	}
	d := decoder{text: string(raw)}
	layout = int64(d.uvarint())
	n := d.uvarint()
	if n > uint64(len(raw)) {
		return 0, nil, errBlock
	}
	rows = make([]Row, n)
	// One slice for all values: a layout has the same number in each row.
	var values []string
	for i := range rows {
		if i == 1 {
			values = make([]string, 0, len(rows[0].Values)*int(n-1))
		}
		values = d.row(&rows[i], values)
	}
	if d.failed || d.at != len(d.text) {
		return 0, nil, errBlock
	}
	return layout, rows, nil
}

// unpackFingerprints sets the fingerprints of a block's rows.
func unpackFingerprints(data []byte, rows []Row) error {
	if len(data) != 8*len(rows) {
		return errBlock
	}
	for i := range rows {
		rows[i].Fingerprint = binary.LittleEndian.Uint64(data[8*i:])
	}
	return nil
}

// decoder reads what appendRow wrote. After a failure it yields nothing more.
type decoder struct {
	text   string
	at     int
	failed bool
}

func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := uint(0); d.at < len(d.text) && shift < 64; shift += 7 {
		b := d.text[d.at]
		d.at++
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	d.failed = true
	return 0
}

func (d *decoder) cut(n uint64) string {
	if d.failed || n > uint64(len(d.text)-d.at) {
		d.failed = true
		return ""
	}
	s := d.text[d.at : d.at+int(n)]
	d.at += int(n)
	return s
}

func (d *decoder) string() string { return d.cut(d.uvarint()) }

// texts appends a list to into, and returns the list and into grown.
func (d *decoder) texts(into []string) (list, grown []string) {
	n := d.uvarint()
	if n > uint64(len(d.text)) {
		d.failed = true
		return nil, into
	}
	start := len(into)
	for range n {
		into = append(into, d.string())
	}
	return into[start:len(into):len(into)], into
}

func (d *decoder) row(r *Row, values []string) []string {
	flags := d.cut(1)
	if d.failed {
		return values
	}
	r.SeenFrom = int64(d.uvarint())
	if flags[0]&flagCodeIsFirst == 0 {
		r.Code = d.string()
	}
	if flags[0]&flagAliases != 0 {
		r.Aliases, _ = d.texts(nil)
	}
	r.Values, values = d.texts(values)
	r.Unreadable = flags[0]&flagUnreadable != 0
	if flags[0]&flagCodeIsFirst != 0 {
		if len(r.Values) == 0 {
			d.failed = true
			return values
		}
		r.Code = r.Values[0]
	}
	r.key = KeyOf(r.Code)
	return values
}
