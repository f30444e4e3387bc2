package rest

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// extractor takes the inputs out of one item. The item has been validated by
// the page's decoder, so this walk need not check anything; it skips what no
// path asks for without looking at it. One string is allocated an item.
//
// null and what is absent give ""; numbers keep their text; an array of scalars
// gives its non-empty values separated by "\n", and a path that goes on below
// an array of objects is followed in each; an object gives "".
type extractor struct {
	root   *node
	texts  [][]byte // of each input, reused from item to item
	values []string
	joined []byte
	name   []byte
	// first holds, by node, the members of the first object met there in their
	// order: most items are made alike, and comparing is cheaper than looking up.
	first [][]member
}

type member struct {
	name  string
	child *node
}

func newExtractor(inputs []string) (*extractor, error) {
	root, err := compilePaths(inputs)
	if err != nil {
		return nil, err
	}
	return &extractor{root: root, texts: make([][]byte, len(inputs)), values: make([]string, len(inputs)), first: make([][]member, root.number(0))}, nil
}

// fork gives an extractor of the same paths for another goroutine.
func (e *extractor) fork() *extractor {
	return &extractor{root: e.root, texts: make([][]byte, len(e.texts)), values: make([]string, len(e.values)), first: make([][]member, len(e.first))}
}

// item returns the inputs' values, valid until the next call. raw must be one
// valid JSON value.
func (e *extractor) item(raw []byte) []string {
	for i := range e.texts {
		e.texts[i] = e.texts[i][:0]
	}
	e.value(raw, 0, e.root)
	e.joined = e.joined[:0]
	for _, t := range e.texts {
		e.joined = append(e.joined, t...)
	}
	all, at := string(e.joined), 0
	for i, t := range e.texts {
		e.values[i] = all[at : at+len(t)]
		at += len(t)
	}
	return e.values
}

// value walks the value at b[i] and returns where it ends.
func (e *extractor) value(b []byte, i int, n *node) int {
	i = skipSpace(b, i)
	switch b[i] {
	case '{':
		if n.names == nil {
			return skipValue(b, i)
		}
		return e.object(b, i+1, n)
	case '[':
		return e.array(b, i+1, n, n.indexes)
	}
	end := skipValue(b, i)
	for _, leaf := range n.leaves {
		e.add(leaf, b[i:end])
	}
	return end
}

func (e *extractor) object(b []byte, i int, n *node) int {
	for k := 0; ; k++ {
		i = skipSpace(b, i)
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		}
		end := skipString(b, i)
		name := b[i+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			e.name, _ = jsontext.AppendUnquote(e.name[:0], b[i:end])
			name = e.name
		}
		child := e.child(n, k, name)
		i = skipSpace(b, end) + 1 // the colon
		if child == nil {
			i = skipValue(b, i)
		} else {
			i = e.value(b, i, child)
		}
	}
}

// child finds the node of the member that is number k of an object at n.
func (e *extractor) child(n *node, k int, name []byte) *node {
	alike := e.first[n.id]
	if k < len(alike) && alike[k].name == string(name) {
		return alike[k].child
	}
	child := n.names[string(name)]
	if k == len(alike) && k < mostAlike {
		e.first[n.id] = append(alike, member{string(name), child})
	}
	return child
}

// mostAlike bounds what is kept of the first object met at a node.
const mostAlike = 256

// array follows its numbered elements where indexes has them, and what n asks
// for in every element. Lists within the list are flattened for the latter.
func (e *extractor) array(b []byte, i int, n *node, indexes map[int]*node) int {
	for k := 0; ; k++ {
		i = skipSpace(b, i)
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i++
		}
		if child := indexes[k]; child != nil {
			e.value(b, i, child)
		}
		if i = skipSpace(b, i); b[i] == '[' {
			i = e.array(b, i+1, n, nil)
		} else {
			i = e.value(b, i, n)
		}
	}
}

func (e *extractor) add(leaf int, raw []byte) {
	if raw[0] == 'n' || len(raw) == 2 && raw[0] == '"' {
		return
	}
	text := e.texts[leaf]
	if len(text) > 0 {
		text = append(text, '\n')
	}
	switch {
	case raw[0] != '"':
		text = append(text, raw...)
	case bytes.IndexByte(raw, '\\') < 0:
		text = append(text, raw[1:len(raw)-1]...)
	default:
		text, _ = jsontext.AppendUnquote(text, raw)
	}
	e.texts[leaf] = text
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; ; i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
}

// skipValue returns where the value at or after b[i] ends, without recursion.
func skipValue(b []byte, i int) int {
	i = skipSpace(b, i)
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; ; {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	}
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}
