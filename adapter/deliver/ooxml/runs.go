package ooxml

import (
	"fmt"
	"strings"
)

// compiler turns one part's tree into a program.
type compiler struct {
	vocabulary *Vocabulary
	word       string // the prefix of WordprocessingML
	faults     []error
}

func (c *compiler) fault(at *node, format string, args ...any) {
	where := at
	for where.parent != nil && !c.is(where, "p") {
		where = where.parent
	}
	text := []rune(where.plain())
	if len(text) > 80 {
		text = append(text[:80], '…')
	}
	c.faults = append(c.faults, fmt.Errorf("at %q: %w", string(text), fmt.Errorf(format, args...)))
}

func (c *compiler) is(n *node, local string) bool {
	return n.kind == elementNode && n.local == local && n.prefix == c.word
}

// placeholders finds the placeholders of every paragraph below n.
func (c *compiler) placeholders(n *node) {
	if c.is(n, "p") {
		c.paragraph(n)
	}
	for _, child := range append([]*node(nil), n.children...) {
		c.placeholders(child)
	}
}

// piece is a text element of a paragraph, and where its text begins in the
// paragraph's.
type piece struct {
	element *node
	start   int
}

// pieces joins the texts of a paragraph. Whatever else a run holds (a tabulator, a
// picture) parts them: a placeholder does not reach across it.
func (c *compiler) pieces(paragraph *node) (string, []piece) {
	var text strings.Builder
	var all []piece
	var walk func(*node)
	walk = func(n *node) {
		for _, child := range n.children {
			switch {
			case child.kind != elementNode || c.is(child, "p"):
			case c.is(child, "t") && c.is(n, "r"):
				all = append(all, piece{child, text.Len()})
				for _, t := range child.children {
					text.WriteString(t.text)
				}
			default:
				walk(child)
				if c.is(n, "r") && !c.is(child, "rPr") && !c.is(child, "lastRenderedPageBreak") {
					text.WriteByte('\n')
				}
			}
		}
	}
	walk(paragraph)
	return text.String(), all
}

// found is a placeholder within a paragraph's text.
type found struct {
	from, to int
	ref      reference
}

func (c *compiler) paragraph(p *node) {
	text, pieces := c.pieces(p)
	if !strings.Contains(text, "{{") {
		return
	}
	var all []found
	for at := 0; ; {
		open := strings.Index(text[at:], "{{")
		if open < 0 {
			break
		}
		open += at
		length := strings.Index(text[open:], "}}")
		if length < 0 || strings.Contains(text[open:open+length], "\n") {
			c.fault(p, `"{{" without "}}" in the same line`)
			return
		}
		at = open + length + 2
		ref, err := c.vocabulary.resolve(text[open+2 : at-2])
		if err != nil {
			c.fault(p, "%w", err)
			continue
		}
		all = append(all, found{open, at, ref})
	}
	runs := map[*node]bool{} // those that marks part
	for i, pc := range pieces {
		end := len(text)
		if i+1 < len(pieces) {
			end = pieces[i+1].start
		}
		if c.cut(pc, text, end, all) {
			runs[pc.element.parent] = true
		}
	}
	for _, pc := range pieces { // in order; each run once
		if run := pc.element.parent; runs[run] {
			delete(runs, run)
			c.part(run)
		}
	}
}

// cut puts placeholders into a text element: each stands where it begins, and its
// remainder disappears from the elements it reached into. It tells whether a mark is
// among them.
func (c *compiler) cut(pc piece, text string, end int, all []found) (marks bool) {
	own := 0 // the element's text; up to end there may also be other content's "\n"
	for _, t := range pc.element.children {
		own += len(t.text)
	}
	end = min(end, pc.start+own)
	var children []*node
	at, touched := pc.start, false
	keep := func(to int) {
		if to > at {
			children = append(children, &node{kind: textNode, text: text[at:to]})
		}
	}
	for _, f := range all {
		if f.to <= pc.start || f.from >= end {
			continue
		}
		touched = true
		keep(min(f.from, end))
		if f.from >= pc.start {
			kind := slotNode
			if f.ref.begins() || f.ref.kind == refEnd {
				kind, marks = markNode, true
			}
			children = append(children, &node{kind: kind, ref: f.ref})
		}
		at = min(f.to, end)
	}
	if !touched {
		return false
	}
	keep(end)
	pc.element.children = nil
	for _, child := range children {
		pc.element.add(child)
	}
	pc.element.setAttr("xml", "space", "preserve")
	return marks
}

// part cuts a run at its marks, so that the marks become siblings of runs.
func (c *compiler) part(run *node) {
	var pieces []*node
	var current *node
	begin := func() {
		current = &node{prefix: run.prefix, local: run.local, attrs: run.attrs}
		for _, child := range run.children {
			if c.is(child, "rPr") {
				current.add(child.clone())
			}
		}
	}
	flush := func() {
		for _, child := range current.children {
			if !c.is(child, "rPr") {
				pieces = append(pieces, current)
				break
			}
		}
		begin()
	}
	begin()
	for _, child := range run.children {
		switch {
		case c.is(child, "rPr"):
			continue
		case !c.is(child, "t"):
			current.add(child)
			continue
		}
		text := &node{prefix: child.prefix, local: child.local, attrs: child.attrs}
		finish := func() {
			if len(text.children) > 0 {
				current.add(text)
			}
			text = &node{prefix: child.prefix, local: child.local, attrs: child.attrs}
		}
		for _, piece := range child.children {
			if piece.kind != markNode {
				text.add(piece)
				continue
			}
			finish()
			flush()
			pieces = append(pieces, piece)
		}
		finish()
	}
	flush()
	run.replace(pieces...)
}
