package ooxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

type nodeKind int

const (
	elementNode nodeKind = iota
	textNode             // character data
	slotNode             // a placeholder for a value
	markNode             // where a section begins or ends, until sections are made of them
	sectionNode          // children that stand on a condition or once for each item
)

// node is a piece of a part. Names keep the prefix that the file gave them: what is
// not ours to understand must come out as it came in.
type node struct {
	kind          nodeKind
	prefix, local string
	attrs         []xml.Attr
	text          string // of a textNode
	ref           reference
	parent        *node
	children      []*node
}

// budget bounds what all parts of a template may hold.
type budget struct{ nodes int }

// parsePart reads a part into a tree.
func parsePart(data []byte, left *budget) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &node{}
	at, depth := root, 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, errors.New("holds a document type definition, which no word processor writes")
		case xml.StartElement:
			if at == root && len(root.children) > 0 {
				return nil, errors.New("more than one root element")
			}
			n := &node{prefix: token.Name.Space, local: token.Name.Local, attrs: token.Copy().Attr}
			at.add(n)
			at = n
			depth++
			left.nodes--
		case xml.EndElement:
			if at == root || at.prefix != token.Name.Space || at.local != token.Name.Local {
				return nil, fmt.Errorf("</%s> ends what it did not begin", token.Name.Local)
			}
			at = at.parent
			depth--
		case xml.CharData:
			if at != root {
				at.add(&node{kind: textNode, text: string(token)})
				left.nodes--
			}
		}
		if depth > maxDepth || left.nodes < 0 {
			return nil, errors.New("nested too deeply, or of too many elements")
		}
	}
	if at != root || len(root.children) == 0 {
		return nil, errors.New("ends too early")
	}
	root.children[0].parent = nil
	return root.children[0], nil
}

// wordPrefix finds the prefix that stands for WordprocessingML.
func wordPrefix(root *node) (string, bool) {
	for _, a := range root.attrs {
		if a.Value != wordNamespace && a.Value != wordNamespaceStrict {
			continue
		}
		if a.Name.Space == "xmlns" {
			return a.Name.Local, true
		}
		if a.Name.Space == "" && a.Name.Local == "xmlns" {
			return "", true
		}
	}
	return "", false
}

func (n *node) add(child *node) {
	child.parent = n
	n.children = append(n.children, child)
}

func (n *node) index() int {
	for i, c := range n.parent.children {
		if c == n {
			return i
		}
	}
	return -1
}

// replace puts others where n stood.
func (n *node) replace(others ...*node) {
	n.parent.splice(n.index(), 1, others...)
}

// splice puts others in the place of count children from i on.
func (n *node) splice(i, count int, others ...*node) {
	after := append([]*node(nil), n.children[i+count:]...)
	n.children = append(n.children[:i], others...)
	n.children = append(n.children, after...)
	for _, o := range others {
		o.parent = n
	}
}

// clone copies n and everything below it.
func (n *node) clone() *node {
	c := *n
	c.parent, c.children = nil, nil
	for _, child := range n.children {
		c.add(child.clone())
	}
	return &c
}

func (n *node) setAttr(prefix, local, value string) {
	for i := range n.attrs {
		if n.attrs[i].Name.Space == prefix && n.attrs[i].Name.Local == local {
			n.attrs[i].Value = value
			return
		}
	}
	n.attrs = append(n.attrs, xml.Attr{Name: xml.Name{Space: prefix, Local: local}, Value: value})
}

func qualified(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

// writeStart writes an element's start tag; closed ends the element at once.
func (n *node) writeStart(w *writer, closed bool) {
	w.put("<")
	w.put(qualified(n.prefix, n.local))
	for _, a := range n.attrs {
		w.put(" ")
		w.put(qualified(a.Name.Space, a.Name.Local))
		w.put(`="`)
		writeEscaped(w, a.Value)
		w.put(`"`)
	}
	if closed {
		w.put("/")
	}
	w.put(">")
}

func (n *node) writeEnd(w *writer) {
	w.put("</" + qualified(n.prefix, n.local) + ">")
}

// plain is the text below n, for an error that shows where the fault is.
func (n *node) plain() string {
	var b strings.Builder
	var walk func(*node)
	walk = func(n *node) {
		switch n.kind {
		case textNode:
			b.WriteString(n.text)
		case slotNode, markNode:
			b.WriteString(n.ref.String())
		default:
			for _, c := range n.children {
				walk(c)
			}
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
