package rest

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

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
	frame []byte // the reply without its items, where the scanner has read these
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
	*p = page{buf: p.buf, frame: p.frame, items: p.items[:0], total: -1}
}

// parse reads p.buf as one JSON value of the given shape. Every byte is
// validated: only a reply that is whole and well-formed can say anything,
// least of all that the list ends here.
func (p *page) parse(s *shape, seed uint64) *Fault { return p.parseBy(s, seed, true) }

// parseBy is parse, with the scanner's help or without.
func (p *page) parseBy(s *shape, seed uint64, fast bool) *Fault {
	p.body = bytes.TrimPrefix(p.buf.Bytes(), []byte("\xef\xbb\xbf"))
	switch trimmed := bytes.TrimLeft(p.body, " \t\r\n"); {
	case len(trimmed) == 0:
		return transientf(reconcile.CauseDecode, "the reply is empty")
	case trimmed[0] == '<':
		return transientf(reconcile.CauseDecode, "an HTML or XML page came instead of JSON, perhaps a log-in page or a proxy's notice; check url, path and auth")
	}
	r := reader{page: p, shape: s, seed: seed, fast: fast}
	if err := r.read(p.body); err != nil && !r.scanned() {
		return p.decodeFault(err)
	} else if err != nil { // say what is wrong, and where, in the whole
		r = reader{page: p, shape: s, seed: seed}
		if err := r.read(p.body); err != nil {
			return p.decodeFault(err)
		}
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
