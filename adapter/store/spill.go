package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/s2"
)

// spill sets rows aside while a poll runs, and gives them back by key, so that
// memory does not grow with the poll. Rows are cut by the top bits of their key
// into parts; a part that grows is compressed and written to a temporary file.
type spill struct {
	parts [spillParts]spillPart
	file  *os.File
	named bool // file still has its name
	dir   string
	size  int64
	rows  int
	raw   []byte
}

type spillPart struct {
	buffer []byte
	chunks []chunk
}

type chunk struct{ at, length int64 }

const (
	spillBits   = 6
	spillParts  = 1 << spillBits
	spillBuffer = 128 << 10
)

func newSpill(dir string) *spill { return &spill{dir: dir} }

// add keeps a copy of the row.
func (s *spill) add(r *Row) error {
	p := &s.parts[int(uint64(r.key)>>(keyBits-spillBits))]
	p.buffer = appendSpilled(p.buffer, r)
	s.rows++
	if len(p.buffer) < spillBuffer {
		return nil
	}
	return s.flush(p)
}

// appendSpilled is what decodeSpilled reads.
func appendSpilled(b []byte, r *Row) []byte {
	b = binary.LittleEndian.AppendUint64(b, r.Fingerprint)
	b = appendText(b, r.Department)
	return appendRow(b, r)
}

func (s *spill) flush(p *spillPart) error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "doisoat-poll-*")
		if err != nil {
			return fmt.Errorf("set rows aside: %w", err)
		}
		s.file = f
		// Without a name it goes away with the process, whatever happens; where an
		// open file cannot lose its name, close removes it.
		s.named = os.Remove(f.Name()) != nil
	}
	s.raw = s2.Encode(s.raw[:cap(s.raw)], p.buffer)
	if _, err := s.file.WriteAt(s.raw, s.size); err != nil {
		return fmt.Errorf("set rows aside: %w; is there room in the temporary folder?", err)
	}
	p.chunks = append(p.chunks, chunk{s.size, int64(len(s.raw))})
	s.size += int64(len(s.raw))
	p.buffer = p.buffer[:0]
	return nil
}

// take gives the rows of parts [from, to) in key order; rows of one key by code,
// then by fingerprint, so that the order in which they came does not matter.
func (s *spill) take(from, to int) ([]Row, error) {
	var rows []Row
	for i := from; i < to; i++ {
		data, err := s.bytes(i)
		if err != nil {
			return nil, err
		}
		if rows, err = decodeSpilled(data, rows); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		switch {
		case a.key != b.key:
			if a.key < b.key {
				return -1
			}
			return 1
		case a.Code != b.Code:
			return strings.Compare(a.Code, b.Code)
		case a.Fingerprint < b.Fingerprint:
			return -1
		case a.Fingerprint > b.Fingerprint:
			return 1
		}
		return 0
	})
	return rows, nil
}

// bytes is a part as it was written, uncompressed.
func (s *spill) bytes(part int) ([]byte, error) {
	p := &s.parts[part]
	var data []byte
	for _, c := range p.chunks {
		packed := make([]byte, c.length)
		if _, err := s.file.ReadAt(packed, c.at); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read rows set aside: %w", err)
		}
		chunk, err := s2.Decode(nil, packed)
		if err != nil {
			return nil, fmt.Errorf("read rows set aside: %w", err)
		}
		if data == nil {
			data = make([]byte, 0, len(p.chunks)*len(chunk)+len(p.buffer))
		}
		data = append(data, chunk...)
	}
	return append(data, p.buffer...), nil
}

func decodeSpilled(data []byte, rows []Row) ([]Row, error) {
	d := decoder{text: string(data)}
	var values []string
	for d.at < len(d.text) && !d.failed {
		r := Row{Fingerprint: d.fingerprint()}
		r.Department = d.string()
		if cap(values)-len(values) < 16 {
			values = make([]string, 0, 4096)
		}
		values = d.row(&r, values)
		rows = append(rows, r)
	}
	if d.failed {
		return nil, errors.New("rows set aside are damaged")
	}
	return rows, nil
}

func (s *spill) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	s.file = nil
	return err
}
