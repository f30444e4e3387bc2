package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	startBuffer = 256 << 10
	// longestRecord bounds one CSV record, and with it the memory of a poll.
	longestRecord = 1 << 20
)

var (
	errQuote = errors.New("a quotation mark is not closed, or closed in the middle of a field")
	errLong  = fmt.Errorf("the row is longer than %d bytes", longestRecord)
)

// records cuts a CSV stream into raw records without looking at their fields.
// Only a record that holds a quotation mark is read byte by byte.
type records struct {
	src        io.Reader
	delim      byte
	buf        []byte
	start, end int
	quote      int // next quotation mark at or after start; end if none is buffered
	eof        bool
	err        error // of src, other than io.EOF
}

func newRecords(src io.Reader) *records {
	return &records{src: src, buf: make([]byte, startBuffer)}
}

// next returns the next record without its line end, and whether it holds a
// quotation mark. The record is valid until the following call. It may be
// empty. At the end it returns io.EOF; errQuote and errLong concern the record
// that starts here.
func (r *records) next() (record []byte, quoted bool, err error) {
	searched := 0 // bytes from start known to hold no line end
	for {
		window := r.buf[r.start:r.end]
		i := bytes.IndexByte(window[searched:], '\n')
		if i >= 0 {
			i += searched
		}
		switch {
		case i < 0 && !r.eof:
			if len(window) > longestRecord {
				return nil, false, r.tooLong()
			}
			searched = len(window)
			r.fill()
			continue
		case i < 0 && r.err != nil:
			return nil, false, r.err
		case i < 0 && len(window) == 0:
			return nil, false, io.EOF
		case i < 0:
			i = len(window)
		}
		if r.quote >= r.start+i {
			r.advance(min(r.start+i+1, r.end))
			return chomp(window[:i]), false, nil
		}
		return r.nextQuoted()
	}
}

// nextQuoted returns the record at start, which holds a quotation mark, so that
// its line end may stand inside a field.
func (r *records) nextQuoted() ([]byte, bool, error) {
	for {
		window := r.buf[r.start:r.end]
		n, err := recordEnd(window, r.delim, r.eof)
		switch {
		case err != nil:
			return nil, true, err
		case n >= 0:
			record := window[:n]
			r.advance(min(r.start+n+1, r.end))
			return chomp(record), true, nil
		case r.err != nil:
			return nil, true, r.err
		case len(window) > longestRecord:
			return nil, true, r.tooLong()
		}
		r.fill()
	}
}

// tooLong names the likelier cause of an endless record.
func (r *records) tooLong() error {
	if r.quote < r.end {
		return errQuote
	}
	return errLong
}

// advance moves start to pos and finds the next quotation mark.
func (r *records) advance(pos int) {
	r.start = pos
	if r.quote < pos {
		r.quote = indexOr(r.buf[pos:r.end], '"') + pos
	}
}

// fill reads more, making room first.
func (r *records) fill() {
	if r.start > 0 {
		r.quote -= r.start
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	if r.end == len(r.buf) {
		grown := make([]byte, 2*len(r.buf))
		copy(grown, r.buf)
		r.buf = grown
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		if r.quote == r.end {
			r.quote += indexOr(r.buf[r.end:r.end+n], '"')
		}
		r.end += n
		if err != nil {
			r.eof = true
			if !errors.Is(err, io.EOF) {
				r.err = err
			}
			return
		}
		if n > 0 {
			return
		}
	}
	r.eof, r.err = true, io.ErrNoProgress
}

func indexOr(b []byte, c byte) int {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return i
	}
	return len(b)
}

func chomp(record []byte) []byte {
	if n := len(record); n > 0 && record[n-1] == '\r' {
		return record[:n-1]
	}
	return record
}

// recordEnd finds the line end of the record at the start of window, -1 if more
// must be read first. A field is quoted only when the mark is its first byte;
// a mark inside a plain field is text (`Công ty "An"`). A quoted field must be
// closed and followed by the delimiter: a forgotten mark would otherwise
// swallow the rows up to the next one.
func recordEnd(window []byte, delim byte, eof bool) (int, error) {
	i := 0
	for {
		if i < len(window) && window[i] == '"' {
			after, err := closing(window, i+1, delim, eof)
			if err != nil || after < 0 {
				return -1, err
			}
			i = after
		}
		for i < len(window) && window[i] != delim && window[i] != '\n' {
			i++
		}
		switch {
		case i == len(window) && eof:
			return i, nil
		case i == len(window):
			return -1, nil
		case window[i] == '\n':
			return i, nil
		}
		i++
	}
}

// closing returns the position after the field whose content starts at i: that
// of the delimiter, the line end or the end of the stream. -1: read more.
func closing(window []byte, i int, delim byte, eof bool) (int, error) {
	for {
		j := bytes.IndexByte(window[i:], '"')
		if j < 0 {
			if eof {
				return -1, errQuote
			}
			return -1, nil
		}
		i += j + 1
		if i < len(window) && window[i] == '"' {
			i++
			continue
		}
		if i == len(window) && !eof {
			return -1, nil // the next byte may double the mark
		}
		for i < len(window) && (window[i] == ' ' || window[i] == '\t' && delim != '\t') {
			i++
		}
		switch {
		case i == len(window) && !eof:
			return -1, nil
		case i == len(window), window[i] == delim, window[i] == '\n':
			return i, nil
		case window[i] == '\r' && i+1 == len(window):
			if eof {
				return i, nil
			}
			return -1, nil
		case window[i] == '\r' && window[i+1] == '\n':
			return i, nil
		}
		return -1, errQuote
	}
}
