package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// longestToken bounds one tag or one run of text; a cell holds 32,767 characters.
const longestToken = 4 << 20

// errEntity refuses documents that declare entities: no Excel program writes
// them, and expanding them is how a small file fills the memory.
var errEntity = errors.New("the XML has a document type declaration, which no workbook has")

// xmlKind is the kind of a token.
type xmlKind int

const (
	xmlStart xmlKind = iota
	xmlEnd
	xmlText
)

// xmlScanner reads the XML of a worksheet as a stream of tokens. It knows as
// much of XML as encoding/xml's raw tokens give, a tenfold faster, and as
// strictly where it matters here: a document that ends too early, or whose tags
// do not match, is an error and never an end.
type xmlScanner struct {
	src      io.Reader
	buf      []byte
	pos, end int
	eof      bool

	name  []byte // local name of the tag, valid until the next call
	attrs []byte // its attributes, raw
	text  []byte // of xmlText, entities resolved
	open  []byte // names of the open elements, each behind a zero byte
	depth int
	empty bool // the start tag given last closes itself
	seen  bool // the root element began
	plain []byte
}

func newXMLScanner(src io.Reader) *xmlScanner {
	s := &xmlScanner{src: src, buf: make([]byte, 64<<10)}
	return s
}

// next returns the next start tag, end tag or text. After the root element and
// the end of the stream it returns io.EOF.
func (s *xmlScanner) next() (xmlKind, error) {
	if s.empty {
		s.empty = false
		s.pop()
		return xmlEnd, nil
	}
	for {
		if s.pos == s.end {
			if err := s.fill(); err != nil {
				return 0, err
			}
			if s.pos == s.end {
				if s.depth > 0 || !s.seen {
					return 0, io.ErrUnexpectedEOF
				}
				return 0, io.EOF
			}
		}
		if s.buf[s.pos] != '<' {
			i, err := s.find("<", 0)
			if err != nil {
				return 0, err
			}
			if i < 0 {
				i = s.end - s.pos
			}
			text := s.buf[s.pos : s.pos+i]
			s.pos += i
			if s.depth > 0 {
				return xmlText, s.resolve(text)
			}
			if len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte(bom8)))) > 0 {
				return 0, errors.New("text outside the XML's root element")
			}
			continue
		}
		kind, ok, err := s.markup()
		if err != nil || ok {
			return kind, err
		}
	}
}

// markup reads what begins with "<"; ok is false for comments and the like.
func (s *xmlScanner) markup() (kind xmlKind, ok bool, err error) {
	for s.end-s.pos < len("<![CDATA[") && !s.eof {
		if err := s.fill(); err != nil {
			return 0, false, err
		}
	}
	switch head := s.buf[s.pos:s.end]; {
	case bytes.HasPrefix(head, []byte("<!--")):
		_, err = s.take("-->", 4)
		return 0, false, err
	case bytes.HasPrefix(head, []byte("<![CDATA[")):
		if s.depth == 0 {
			return 0, false, errors.New("text outside the XML's root element")
		}
		text, err := s.take("]]>", 9)
		if err != nil {
			return 0, false, err
		}
		s.text = text[9:]
		return xmlText, true, nil
	case bytes.HasPrefix(head, []byte("<!")):
		return 0, false, errEntity
	case bytes.HasPrefix(head, []byte("<?")):
		_, err = s.take("?>", 2)
		return 0, false, err
	case bytes.HasPrefix(head, []byte("</")):
		tag, err := s.take(">", 2)
		if err != nil {
			return 0, false, err
		}
		name := bytes.TrimRight(tag[2:], " \t\r\n")
		if s.depth == 0 || !bytes.Equal(name, s.top()) {
			return 0, false, fmt.Errorf("the XML closes %q where that is not open", clip(name))
		}
		s.name = local(name)
		s.pop()
		return xmlEnd, true, nil
	}
	tag, err := s.takeTag()
	if err != nil {
		return 0, false, err
	}
	body := tag[1:]
	if s.empty = len(body) > 0 && body[len(body)-1] == '/'; s.empty {
		body = body[:len(body)-1]
	}
	n := bytes.IndexAny(body, " \t\r\n")
	if n < 0 {
		n = len(body)
	}
	name := body[:n]
	if n == 0 || s.depth == 0 && s.seen || s.depth > 1000 {
		return 0, false, fmt.Errorf("the XML has a tag %q that cannot stand there", clip(name))
	}
	s.seen = true
	s.open = append(append(s.open, 0), name...)
	s.depth++
	s.name, s.attrs = local(name), body[n:]
	return xmlStart, true, nil
}

// take consumes up to and including the first delim at or behind from, and
// returns what stands before it.
func (s *xmlScanner) take(delim string, from int) ([]byte, error) {
	i, err := s.find(delim, from)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		return nil, io.ErrUnexpectedEOF
	}
	taken := s.buf[s.pos : s.pos+i]
	s.pos += i + len(delim)
	return taken, nil
}

// find returns the place of the first delim at or behind from, both counted
// from pos; -1 if the stream ends before.
func (s *xmlScanner) find(delim string, from int) (int, error) {
	for {
		window := s.buf[s.pos:s.end]
		from = min(from, len(window))
		if i := bytes.Index(window[from:], []byte(delim)); i >= 0 {
			return from + i, nil
		}
		if s.eof {
			return -1, nil
		}
		from = max(from, len(window)-len(delim)+1)
		if err := s.fill(); err != nil {
			return -1, err
		}
	}
}

// takeTag consumes a start tag; a ">" inside an attribute's value does not end it.
func (s *xmlScanner) takeTag() ([]byte, error) {
	quote, i := byte(0), 1
	for {
		for ; s.pos+i < s.end; i++ {
			switch b := s.buf[s.pos+i]; {
			case quote != 0:
				if b == quote {
					quote = 0
				}
			case b == '"' || b == '\'':
				quote = b
			case b == '>':
				tag := s.buf[s.pos : s.pos+i]
				s.pos += i + 1
				return tag, nil
			case b == '<':
				return nil, errors.New("the XML has a tag that is not closed")
			}
		}
		if s.eof {
			return nil, io.ErrUnexpectedEOF
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads more; the window keeps its content, and indices relative to pos
// stay valid.
func (s *xmlScanner) fill() error {
	if s.eof {
		return nil
	}
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if s.end >= longestToken {
			return fmt.Errorf("the XML has a tag or text longer than %d bytes", longestToken)
		}
		grown := make([]byte, 2*len(s.buf))
		copy(grown, s.buf)
		s.buf = grown
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.eof = true
			return nil
		}
		if err != nil || n > 0 {
			return err
		}
	}
	return io.ErrNoProgress
}

func (s *xmlScanner) top() []byte { return s.open[bytes.LastIndexByte(s.open, 0)+1:] }

func (s *xmlScanner) pop() {
	s.name = local(s.top())
	s.open = s.open[:bytes.LastIndexByte(s.open, 0)]
	s.depth--
}

// attr returns the attribute with this local name, nil if there is none.
func (s *xmlScanner) attr(name string) []byte {
	rest := s.attrs
	for {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := local(bytes.TrimSpace(rest[:eq]))
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

// resolve sets text to raw with its entities resolved and CR LF made LF.
func (s *xmlScanner) resolve(raw []byte) error {
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		s.text = raw
		return nil
	}
	s.plain = s.plain[:0]
	for len(raw) > 0 {
		switch raw[0] {
		case '\r':
			s.plain = append(s.plain, '\n')
			raw = bytes.TrimPrefix(raw[1:], []byte("\n"))
		case '&':
			end := bytes.IndexByte(raw[:min(len(raw), 16)], ';')
			r, ok := entity(raw[1:max(end, 1)])
			if !ok {
				return errors.New("the XML has an entity that is not defined")
			}
			s.plain = utf8.AppendRune(s.plain, r)
			raw = raw[end+1:]
		default:
			n := bytes.IndexAny(raw, "&\r")
			if n < 0 {
				n = len(raw)
			}
			s.plain = append(s.plain, raw[:n]...)
			raw = raw[n:]
		}
	}
	s.text = s.plain
	return nil
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := string(name[1:]), 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n > 0 && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}

func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

func clip(name []byte) []byte { return name[:min(len(name), 40)] }
