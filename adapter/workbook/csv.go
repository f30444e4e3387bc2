package workbook

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// csvTable is the reading of one CSV file. Rows whose bytes are those of last
// time cost a search for the line end and a hash; nothing is allocated for them.
type csvTable struct {
	*run
	file     file
	recs     *records
	read     *countingReader
	encoding string
	head     csvHead
	picks    []pick

	num     int // of the row at hand
	blanks  int // blank rows not yet followed by another
	digest  xxhash.Digest
	seed    uint64
	fields  fields
	scratch []byte
	spans   [][2]int
	values  []string
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// csv reads one CSV file.
func (r *run) csv(f file, in io.ReaderAt, size int64) error {
	sample := make([]byte, min(size, 64<<10))
	if _, err := in.ReadAt(sample, 0); err != nil && !errors.Is(err, io.EOF) {
		return faultf(reconcile.CauseConnect, "%s: cannot be read: %v", f.show, bare(err))
	}
	encoding, skip, err := detect(sample, int64(len(sample)) == size, r.cfg.Encoding, f.show)
	if err != nil {
		return err
	}
	read := &countingReader{r: io.NewSectionReader(in, int64(skip), size-int64(skip))}
	text := decoding(read, encoding)
	if wide := encoding == encLE || encoding == encBE; !wide && bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		text = macLines{text}
	}
	t := &csvTable{run: r, file: f, read: read, encoding: encoding, recs: newRecords(text),
		values: make([]string, len(r.want.inputs)), spans: make([][2]int, len(r.want.inputs))}
	if err := t.begin(); err != nil {
		return err
	}
	r.pages++
	if r.found != nil {
		r.found(f.show, t.head.layout)
		return nil
	}
	return t.rows()
}

// begin finds the heading and moves the reading behind it.
func (t *csvTable) begin() error {
	for !t.recs.eof && t.recs.end < headWindow {
		t.recs.fill()
	}
	if t.recs.err != nil {
		return t.broken(t.recs.err)
	}
	given, _ := parseDelimiter(t.cfg.Delimiter) // checked by New
	window := t.recs.buf[:t.recs.end]
	head, err := t.want.findHead(window, t.recs.eof, t.cfg.HeaderRow, given, t.file.show)
	if err != nil {
		return err
	}
	if head.layout.columns == nil {
		return faultf(reconcile.CauseSchema, "%s: %s", t.file.show, head.miss.explain())
	}
	t.head, t.num, t.recs.delim = head, head.layout.last, head.delim
	t.picks = picks(head.layout.columns)
	t.seed = layoutSeed(t.req.Seed, "csv", t.encodingName(), string(head.delim), strings.Join(head.layout.names, "\x00"), fmt.Sprint(head.layout.columns))
	t.recs.advance(head.offset)
	return nil
}

// encodingName is the same whether UTF-8 was proven or merely not refuted.
func (t *csvTable) encodingName() string {
	if t.encoding == encASCII {
		return encUTF8
	}
	return t.encoding
}

// layoutSeed mixes everything into the seed that decides what a row's bytes
// mean, so that a change of it makes all rows new.
func layoutSeed(seed uint64, parts ...string) uint64 {
	d := xxhash.NewWithSeed(seed)
	for _, part := range parts {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(part)))
		d.Write(n[:])
		d.WriteString(part)
	}
	return d.Sum64()
}

// rows reads all rows behind the heading.
func (t *csvTable) rows() error {
	first := true
	for {
		record, quoted, err := t.recs.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			t.num++
			return t.broken(err)
		}
		t.num++
		if blank(record, t.recs.delim) {
			if t.blanks++; t.blanks&(1<<14-1) == 0 && t.ctx.Err() != nil {
				return t.ctx.Err()
			}
			continue
		}
		for ; t.blanks > 0; t.blanks-- {
			t.sink.Skip(skipBlank)
		}
		if reason := t.classify(record, quoted, first); reason != "" {
			t.sink.Skip(reason)
			first = false
			continue
		}
		first = false
		t.digest.ResetWithSeed(t.seed)
		t.digest.Write(record)
		fingerprint := t.digest.Sum64()
		if !t.sink.Seen(fingerprint) {
			if err := t.hand(fingerprint, record, quoted); err != nil {
				return err
			}
		}
		if err := t.count(t.read.n); err != nil {
			return err
		}
	}
}

// classify says why a record is no row, "" if it is one. A look at a few bytes
// spares nearly every row the splitting.
func (t *csvTable) classify(record []byte, quoted, first bool) string {
	delim := t.recs.delim
	start := record
	for len(start) > 0 && (start[0] == delim || start[0] == '"' || start[0] == ' ' || start[0] == '=') {
		start = start[1:]
	}
	total := mayBeTotal(start)
	code := t.head.layout.columns[0]
	heading := !startsWithDigit(start) && (code < 0 || t.resemblesHeading(record, code))
	if !total && !heading && !first {
		return ""
	}
	cells := t.fields.split(record, delim, quoted)
	switch {
	case total && isTotal(cells):
		return skipTotal
	case heading && t.want.isHeading(t.head.layout, cells), first && isNumbering(cells):
		return skipHeading
	}
	return ""
}

// resemblesHeading compares the letter the code column starts with.
func (t *csvTable) resemblesHeading(record []byte, column int) bool {
	for range column {
		i := bytes.IndexByte(record, t.recs.delim)
		if i < 0 {
			return true // a quoted field with delimiters in it: look closer
		}
		record = record[i+1:]
	}
	record = bytes.TrimLeft(record, "\" ")
	return len(record) > 0 && (record[0]|0x20 == t.want.normal[0][0]|0x20 || record[0] >= utf8.RuneSelf)
}

// broken turns an error of the record reader into a fault at this row.
func (t *csvTable) broken(err error) error {
	switch {
	case errors.Is(err, errQuote):
		return faultf(reconcile.CauseDecode, "%s, row %d: %v; close or double the mark that begins there, or export the file again", t.file.show, t.num, err)
	case errors.Is(err, errLong):
		return faultf(reconcile.CauseDecode, "%s, row %d: %v; it is no row of a table, export the file again", t.file.show, t.num, err)
	}
	return faultf(reconcile.CauseConnect, "%s: reading broke off after row %d: %v", t.file.show, t.num, bare(err))
}
