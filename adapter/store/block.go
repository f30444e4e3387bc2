package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cespare/xxhash/v2"
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
	// seenUntil is the start of the last poll in which the row was as it is, where
	// a later one found it unreadable; else 0. Its fingerprint is then noPrint.
	seenUntil int64

	// Department counts the row; it is not kept, since the mapping decides it.
	Department string

	key   Key
	added bool // in this poll
}

// A block holds the rows of one bucket in the order of their keys:
//
//	uvarint layout id, uvarint number of rows, then each row:
//	flags, uvarint SeenFrom, [uvarint seenUntil], [code],
//	[number of aliases, each], number of values, each
//
// where a text is its uvarint length and its bytes. The whole is S2-compressed.
// Fingerprints stand apart (eight bytes a row, same order), because every poll
// reads all of them and hardly any of the rest.
const (
	flagUnreadable  = 1 << iota // no values
	flagCodeIsFirst             // the code is the first value, letter by letter
	flagAliases
	flagSeenUntil
)

// noPrint is the fingerprint of rows that must not be taken for one that comes:
// marks of rejected rows, rows of which only a rejected one came since, and rows
// that have not come since the layout changed.
const noPrint = 0

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
	if r.seenUntil != 0 {
		flags |= flagSeenUntil
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(r.SeenFrom))
	if r.seenUntil != 0 {
		b = binary.AppendUvarint(b, uint64(r.seenUntil))
	}
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

// maxBlock bounds what a block may unpack to: PostgreSQL stores no more in one
// value, and a damaged length must not take all memory.
const maxBlock = 1 << 30

// decompress undoes the compression of a block.
func decompress(data []byte) ([]byte, error) {
	if n, err := s2.DecodedLen(data); err != nil || n > maxBlock {
		return nil, errBlock
	}
	raw, err := s2.Decode(nil, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBlock, err)
	}
	return raw, nil
}

// smallestRow is how many bytes a row takes at least: flags, SeenFrom, the length
// of its code, the number of its values.
const smallestRow = 4

// unpackBlock decodes a block. Rows share one backing string.
func unpackBlock(data []byte) (layout int64, rows []Row, err error) {
	raw, err := decompress(data)
	if err != nil {
		return 0, nil, err
	}
	d := decoder{text: string(raw)}
	layout = int64(d.uvarint())
	n := d.uvarint()
	if n > uint64(len(raw)/smallestRow) {
		return 0, nil, errBlock
	}
	rows = make([]Row, n)
	// One slice for all values: a layout has the same number in each row.
	var values []string
	for i := range rows {
		if i == 1 {
			// A value takes a byte at least, whatever a damaged block says.
			values = make([]string, 0, min(len(rows[0].Values)*int(n-1), len(d.text)-d.at))
		}
		values = d.row(&rows[i], values)
	}
	if d.failed || d.at != len(d.text) {
		return 0, nil, errBlock
	}
	return layout, rows, nil
}

// unpackSome decodes only the rows of a block that wanted lets through, by key.
// scratch is memory to work in; it is returned for the next call.
func unpackSome(data, scratch []byte, wanted func(Key) bool, take func(layout int64, row Row)) ([]byte, error) {
	if n, err := s2.DecodedLen(data); err != nil || n > maxBlock {
		return scratch, errBlock
	}
	raw, err := s2.Decode(scratch[:cap(scratch)], data)
	if err != nil {
		return scratch, fmt.Errorf("%w: %w", errBlock, err)
	}
	d := skimmer{raw: raw}
	layout := int64(d.uvarint())
	for range d.uvarint() {
		from := d.at
		code := d.row()
		if d.failed {
			break
		}
		if wanted(Key(xxhash.Sum64(code) >> 1)) {
			one := decoder{text: string(raw[from:d.at])}
			var row Row
			one.row(&row, nil)
			if one.failed || one.at != len(one.text) {
				return raw, errBlock
			}
			take(layout, row)
		}
	}
	if d.failed || d.at != len(raw) {
		return raw, errBlock
	}
	return raw, nil
}

// skimmer walks over rows without making anything of them but their codes.
type skimmer struct {
	raw    []byte
	at     int
	failed bool
}

func (d *skimmer) uvarint() uint64 {
	v, n := binary.Uvarint(d.raw[d.at:])
	if n <= 0 {
		d.failed = true
		d.at = len(d.raw)
		return 0
	}
	d.at += n
	return v
}

func (d *skimmer) byte() byte {
	if d.at >= len(d.raw) {
		d.failed = true
		return 0
	}
	d.at++
	return d.raw[d.at-1]
}

func (d *skimmer) text() []byte {
	n := d.uvarint()
	if n > uint64(len(d.raw)-d.at) {
		d.failed = true
		d.at = len(d.raw)
		return nil
	}
	d.at += int(n)
	return d.raw[d.at-int(n) : d.at]
}

// row passes over a row and gives its code.
func (d *skimmer) row() (code []byte) {
	flags := d.byte()
	d.uvarint() // SeenFrom
	if flags&flagSeenUntil != 0 {
		d.uvarint()
	}
	if flags&flagCodeIsFirst == 0 {
		code = d.text()
	}
	if flags&flagAliases != 0 {
		for n := d.uvarint(); n > 0 && !d.failed; n-- {
			d.text()
		}
	}
	n := d.uvarint()
	if flags&flagCodeIsFirst != 0 {
		if n == 0 {
			d.failed = true
			return nil
		}
		code = d.text()
		n--
	}
	for ; n > 0 && !d.failed; n-- {
		d.text()
	}
	return code
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

func (d *decoder) fingerprint() uint64 {
	if s := d.cut(8); len(s) == 8 {
		return binary.LittleEndian.Uint64([]byte(s))
	}
	return 0
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
	if flags[0]&flagSeenUntil != 0 {
		r.seenUntil = int64(d.uvarint())
	}
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
