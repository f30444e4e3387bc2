package rest

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doisoat/doisoat/reconcile"
)

// What a reply may say besides its items; the numbers of the leaves in a
// shape's tree.
const (
	metaTotal = iota
	metaNext
	metaHasNext
	metaOK
	metaExpired
	metaToken
	metaCount
)

// shape says where in a reply things are. It is shared by all workers.
type shape struct {
	root   *node
	paths  [metaCount]string
	asked  [metaCount]bool
	items  string // path to the array
	list   bool   // the reply has items
	single bool   // one object in the array's place is one item
}

type metaPath struct {
	leaf int
	path string
}

func newShape(items *string, single bool, metas ...metaPath) (*shape, error) {
	s := &shape{root: &node{}, single: single}
	for _, m := range metas {
		n, err := s.root.add(m.path)
		if err != nil {
			return nil, err
		}
		n.leaves = append(n.leaves, m.leaf)
		s.paths[m.leaf], s.asked[m.leaf] = m.path, true
	}
	if items != nil {
		n, err := s.root.add(*items)
		if err != nil {
			return nil, err
		}
		n.items, s.items, s.list = true, *items, true
	}
	return s, nil
}

// found tells what stood where the items should be.
type found int

const (
	foundNothing found = iota
	foundNull
	foundOther
	foundItems
)

// item is one element of the array: where it is in the body, and its hash.
type item struct {
	start, end  int
	fingerprint uint64
}

// meta is what a reply says at one of a shape's paths.
type meta struct {
	present bool // also for null
	null    bool
	text    string // of a scalar
}

// page is one reply, read and validated to its end.
type page struct {
	buf   bytes.Buffer
	body  []byte
	items []item
	hash  uint64 // of all items in their order
	found found
	meta  [metaCount]meta
	total int    // declared in this reply; -1 if it is not
	link  string // address of the next page, by the Link header
	bytes int64
}

func (p *page) reset() {
	p.buf.Reset()
	*p = page{buf: p.buf, items: p.items[:0], total: -1}
}

// parse reads p.buf as one JSON value of the given shape. Every byte is
// validated: only a reply that is whole and well-formed can say anything,
// least of all that the list ends here.
func (p *page) parse(s *shape, seed uint64) *Fault {
	p.body = bytes.TrimPrefix(p.buf.Bytes(), []byte("\xef\xbb\xbf"))
	switch trimmed := bytes.TrimLeft(p.body, " \t\r\n"); {
	case len(trimmed) == 0:
		return transientf(reconcile.CauseDecode, "the reply is empty")
	case trimmed[0] == '<':
		return transientf(reconcile.CauseDecode, "an HTML or XML page came instead of JSON, perhaps a log-in page or a proxy's notice; check url, path and auth")
	}
	r := reader{page: p, shape: s, dec: jsontext.NewDecoder(bytes.NewBuffer(p.body)), seed: seed}
	r.hash.ResetWithSeed(seed)
	r.all.ResetWithSeed(seed)
	err := r.value(s.root)
	if err == nil {
		if _, err = r.dec.ReadToken(); err == nil {
			err = errors.New("more follows after the end of the JSON value")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	} else if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return p.decodeFault(err)
	}
	p.hash = r.all.Sum64()
	return p.readTotal(s)
}

func (p *page) decodeFault(err error) *Fault {
	where := ""
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		where = " at byte " + strconv.FormatInt(syntax.ByteOffset, 10)
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return transientf(reconcile.CauseDecode, "the reply was cut short: its JSON does not end")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return faultf(reconcile.CauseDecode, "the reply's JSON gives a name twice in one object%s; ask the system's operators to correct it", where)
	case !utf8.Valid(p.body):
		return faultf(reconcile.CauseDecode, "the reply is not UTF-8%s; ask the system's operators for UTF-8", where)
	}
	return transientf(reconcile.CauseDecode, "the reply is not valid JSON%s", where)
}

func (p *page) readTotal(s *shape) *Fault {
	m := p.meta[metaTotal]
	if strings.TrimSpace(m.text) == "" { // absent, null or blank: the source does not say
		return nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(m.text), 64)
	if err != nil || f != float64(int(f)) {
		return faultf(reconcile.CauseSchema, "the declared total at %s is not a whole number; correct list.total", s.paths[metaTotal])
	}
	if f >= 0 { // some systems write -1 for "not counted"
		p.total = int(f)
	}
	return nil
}

// reader walks a reply once, noting what the shape asks for and skipping (but
// validating) the rest.
type reader struct {
	page  *page
	shape *shape
	dec   *jsontext.Decoder
	hash  xxhash.Digest // of one item
	all   xxhash.Digest // of the items' hashes
	seed  uint64
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
	r.hash.ResetWithSeed(r.seed)
	_, _ = r.hash.Write(v) // a hash takes everything
	it := item{start: end - len(v), end: end, fingerprint: r.hash.Sum64()}
	var fp [8]byte
	for i := range fp {
		fp[i] = byte(it.fingerprint >> (8 * i))
	}
	_, _ = r.all.Write(fp[:])
	r.page.items = append(r.page.items, it)
	return nil
}
