package rest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// reader walks a reply once, noting what the shape asks for and skipping (but
// validating) the rest.
type reader struct {
	page  *page
	shape *shape
	dec   *jsontext.Decoder
	hash  xxhash.Digest // of one item
	all   xxhash.Digest // of the items' hashes
	seed  uint64

	fast     bool // the scanner may try the items
	from, to int  // what the scanner has read; 0 if nothing
}

// read reads a whole reply.
func (r *reader) read(body []byte) error {
	r.page.items, r.page.meta, r.page.found = r.page.items[:0], [metaCount]meta{}, foundNothing
	r.all.ResetWithSeed(r.seed)
	err := r.decode(body)
	if errors.Is(err, errScanned) {
		// What is around the items is for the decoder, as if there were none.
		r.page.frame = append(append(r.page.frame[:0], body[:r.from]...), body[r.to:]...)
		err = r.decode(r.page.frame)
	}
	return err
}

func (r *reader) decode(body []byte) error {
	r.dec = jsontext.NewDecoder(bytes.NewBuffer(body))
	err := r.value(r.shape.root)
	switch {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	}
	if _, err = r.dec.ReadToken(); err == nil {
		return errors.New("more follows after the end of the JSON value")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// errScanned ends a decoding whose items the scanner has read.
var errScanned = errors.New("the items are read already")

func (r *reader) scanned() bool { return r.to > 0 }

// scan reads the items that begin at body[from], if the scanner can. It reports
// false, having read nothing, if it cannot.
func (r *reader) scan(from int) bool {
	p := r.page
	if !utf8.Valid(p.body) {
		return false
	}
	s := scanner{b: p.body}
	i := s.space(from)
	done := i < len(s.b) && s.b[i] == ']'
	for !done {
		s.start()
		end := s.value(i, 0)
		if end < 0 {
			break
		}
		r.note(i, end)
		i = s.space(end)
		if i >= len(s.b) || s.b[i] != ',' {
			done = i < len(s.b) && s.b[i] == ']'
			break
		}
		i = s.space(i + 1)
	}
	if !done {
		p.items = p.items[:0]
		r.all.ResetWithSeed(r.seed)
		return false
	}
	r.from, r.to = from, i
	return true
}

func (r *reader) value(n *node) error {
	kind := r.dec.PeekKind()
	if n.items {
		return r.readItems(kind)
	}
	switch {
	case kind == '{' && n.names != nil:
		return r.object(n)
	case kind == '[' && n.indexes != nil:
		return r.array(n)
	}
	v, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	for _, leaf := range n.leaves {
		r.page.meta[leaf] = metaOf(v)
	}
	return nil
}

func metaOf(v jsontext.Value) meta {
	m := meta{present: true}
	switch v.Kind() {
	case 'n':
		m.null = true
	case '"':
		text, _ := jsontext.AppendUnquote(nil, v)
		m.text = string(text)
	case '0', 't', 'f':
		m.text = string(v)
	}
	return m
}

func (r *reader) object(n *node) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for _, leaf := range n.leaves {
		r.page.meta[leaf] = meta{present: true}
	}
	for r.dec.PeekKind() == '"' {
		name, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		if child := n.names[name.String()]; child != nil {
			err = r.value(child)
		} else {
			err = r.dec.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

func (r *reader) array(n *node) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		switch kind := r.dec.PeekKind(); {
		case kind == ']' || kind == 0:
			_, err := r.dec.ReadToken()
			return err
		default:
			var err error
			if child := n.indexes[i]; child != nil {
				err = r.value(child)
			} else {
				err = r.dec.SkipValue()
			}
			if err != nil {
				return err
			}
		}
	}
}

func (r *reader) readItems(kind jsontext.Kind) error {
	switch {
	case kind == '[':
	case kind == 'n':
		r.page.found = foundNull
		return r.dec.SkipValue()
	case kind == '{' && r.shape.single:
		r.page.found = foundItems
		return r.readItem()
	default:
		r.page.found = foundOther
		return r.dec.SkipValue()
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	r.page.found = foundItems
	if r.fast {
		r.fast = false
		if r.scan(int(r.dec.InputOffset())) {
			return errScanned
		}
	}
	for {
		if kind := r.dec.PeekKind(); kind == ']' || kind == 0 {
			_, err := r.dec.ReadToken()
			return err
		}
		if err := r.readItem(); err != nil {
			return err
		}
	}
}

func (r *reader) readItem() error {
	v, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	end := int(r.dec.InputOffset())
	r.note(end-len(v), end)
	return nil
}

// note keeps an item and hashes it.
func (r *reader) note(start, end int) {
	it := item{start: start, end: end, fingerprint: r.fingerprint(r.page.body[start:end])}
	var fp [8]byte
	binary.LittleEndian.PutUint64(fp[:], it.fingerprint)
	_, _ = r.all.Write(fp[:])
	r.page.items = append(r.page.items, it)
}

func (r *reader) fingerprint(raw []byte) uint64 {
	r.hash.ResetWithSeed(r.seed)
	_, _ = r.hash.Write(raw) // a hash takes everything
	return r.hash.Sum64()
}
