package list

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Bounds of one part's XML. encoding/xml expands no entities of a document's own;
// what declares any is refused all the same.
const (
	mostDepth = 64
	mostToken = 1 << 20 // bytes between two opening brackets
)

// xmlPart reads the elements of one part in order.
type xmlPart struct {
	in    io.Closer
	xml   *xml.Decoder
	depth int
}

func (a *archive) openXML(name string, most int64) (*xmlPart, error) {
	in, err := a.open(name, most)
	if err != nil {
		return nil, err
	}
	return &xmlPart{in: in, xml: xml.NewDecoder(&brackets{in: in})}, nil
}

func (p *xmlPart) close() { _ = p.in.Close() } // read only: nothing can be lost

// next is the next start, end or text; io.EOF when the part is over and its
// checksum was right.
func (p *xmlPart) next() (xml.Token, error) {
	for {
		token, err := p.xml.Token()
		if err != nil {
			return nil, xmlFault(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if p.depth++; p.depth > mostDepth {
				return nil, damaged("its elements are nested too deep")
			}
			return t, nil
		case xml.EndElement:
			p.depth--
			return t, nil
		case xml.CharData:
			return t, nil
		case xml.Directive:
			return nil, refuse("Tệp chứa khai báo XML không an toàn, không đọc.", "the file declares a document type or entities")
		}
	}
}

// each calls do with every start element; what do reads of it is over then.
func (p *xmlPart) each(do func(xml.StartElement) error) error {
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := do(start); err != nil {
				return err
			}
		}
	}
}

// xmlFault leaves the end, faults and read errors as they are, and makes a fault of
// what is no XML.
func xmlFault(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	return damaged(err.Error())
}

// attr is an attribute by its local name: programs choose the prefixes.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// brackets refuses an element or a text that goes on for too long: the decoder
// would gather all of it.
type brackets struct {
	in    io.Reader
	since int
}

func (b *brackets) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	rest := p[:n]
	for {
		i := bytes.IndexByte(rest, '<')
		if i < 0 {
			b.since += len(rest)
			break
		}
		if b.since+i > mostToken {
			b.since += i
			break
		}
		b.since, rest = 0, rest[i+1:]
	}
	if b.since > mostToken {
		return 0, damaged(fmt.Sprintf("an element of it is longer than %d bytes", mostToken))
	}
	return n, err
}
