package ooxml

import (
	"bytes"
	"fmt"
)

// op is a step of writing a part.
type op struct {
	literal []byte    // written as it is, if not nil
	ref     reference // else a value, or a section
	body    []op      // of a section, or of a table
	end     []byte    // of a table: literal and end are left out where body writes nothing
	table   bool
}

// program collects a tree's ops.
type program struct {
	c   *compiler
	ops []op
	raw bytes.Buffer
	w   *writer // into raw
}

func (c *compiler) program(nodes ...*node) []op {
	p := &program{c: c}
	p.w = intoMemory(&p.raw)
	for _, n := range nodes {
		p.node(n)
	}
	p.flush()
	return p.ops
}

func (p *program) flush() {
	if raw := p.take(); len(raw) > 0 {
		p.ops = append(p.ops, op{literal: raw})
	}
}

func (p *program) take() []byte {
	_ = p.w.Flush() // into memory; cannot fail
	raw := bytes.Clone(p.raw.Bytes())
	p.raw.Reset()
	return raw
}

func (p *program) node(n *node) {
	switch n.kind {
	case textNode:
		writeEscaped(p.w, n.text)
	case slotNode:
		p.flush()
		p.ops = append(p.ops, op{ref: n.ref})
	case markNode: // a fault was reported
	case sectionNode:
		p.flush()
		p.ops = append(p.ops, op{ref: n.ref, body: p.c.program(n.children...)})
	default:
		if p.c.is(n, "tbl") && p.c.mayBeEmpty(n) {
			p.table(n)
			return
		}
		n.writeStart(p.w, len(n.children) == 0)
		if len(n.children) > 0 {
			for _, child := range n.children {
				p.node(child)
			}
			n.writeEnd(p.w)
		}
	}
}

// mayBeEmpty reports whether every row of a table stands on a condition.
func (c *compiler) mayBeEmpty(table *node) bool {
	sections := false
	for _, child := range table.children {
		if child.kind == sectionNode {
			sections = true
		} else if c.is(child, "tr") || c.is(child, "sdt") {
			return false
		}
	}
	return sections
}

// table leaves out the whole table where it would have no row: Word refuses that.
func (p *program) table(n *node) {
	p.flush()
	n.writeStart(p.w, false)
	rows := 0
	for rows < len(n.children) && n.children[rows].kind != sectionNode {
		p.node(n.children[rows])
		rows++
	}
	begin := p.take()
	body := p.c.program(n.children[rows:]...)
	n.writeEnd(p.w)
	p.ops = append(p.ops, op{table: true, literal: begin, body: body, end: p.take()})
}

// Data is what a template is filled with. Every name of the vocabulary that the
// template uses must be there.
type Data struct {
	Values     map[string]string
	Conditions map[string]bool
	Lists      map[string][]Item
}

// Item is one of a list: what its fields hold.
type Item map[string]string

// filler writes one part.
type filler struct {
	w      *writer
	data   *Data
	prefix string // of WordprocessingML, with its colon
	items  map[string]Item
	// pending begins tables of which no row is written yet.
	pending [][]byte
}

func (f *filler) run(ops []op) error {
	for i := range ops {
		o := &ops[i]
		switch {
		case o.table:
			f.pending = append(f.pending, o.literal)
			depth := len(f.pending)
			if err := f.run(o.body); err != nil {
				return err
			}
			if len(f.pending) < depth { // something was written
				f.literal(o.end)
			} else {
				f.pending = f.pending[:depth-1]
			}
		case o.literal != nil:
			f.literal(o.literal)
		case o.ref.kind == refValue || o.ref.kind == refField:
			if err := f.value(o.ref); err != nil {
				return err
			}
		default:
			if err := f.section(o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *filler) literal(b []byte) {
	for _, begin := range f.pending {
		f.w.put(string(begin))
	}
	f.pending = f.pending[:0]
	_, _ = f.w.Write(b) // Flush tells
}

func (f *filler) value(ref reference) error {
	from := f.data.Values
	name := ref.name
	if ref.kind == refField {
		from, name = f.items[ref.name], ref.item
	}
	value, ok := from[name]
	if !ok {
		return fmt.Errorf("%s: nothing was given for it", ref)
	}
	writeValue(f.w, value, f.prefix)
	return nil
}

func (f *filler) section(o *op) error {
	if o.ref.kind == refList {
		items, ok := f.data.Lists[o.ref.name]
		if !ok {
			return fmt.Errorf("%s: nothing was given for it", o.ref)
		}
		outer := f.items[o.ref.name]
		for _, item := range items {
			f.items[o.ref.name] = item
			if err := f.run(o.body); err != nil {
				return err
			}
		}
		f.items[o.ref.name] = outer
		return nil
	}
	holds, ok := f.data.Conditions[o.ref.name]
	if !ok {
		return fmt.Errorf("%s: nothing was given for it", o.ref)
	}
	if holds == (o.ref.kind == refCondition) {
		return f.run(o.body)
	}
	return nil
}
