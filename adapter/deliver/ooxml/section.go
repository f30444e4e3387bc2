package ooxml

import "slices"

// sections turns pairs of marks into sections.
func (c *compiler) sections(root *node) {
	var marks []*node
	var collect func(*node)
	collect = func(n *node) {
		for _, child := range n.children {
			if child.kind == markNode {
				marks = append(marks, child)
			}
			collect(child)
		}
	}
	collect(root)
	var open []*node
	for _, m := range marks {
		if m.ref.begins() {
			open = append(open, m)
			continue
		}
		if len(open) == 0 || open[len(open)-1].ref.name != m.ref.name {
			c.fault(m, "%s ends what did not begin before it, or begins within something that has not ended", m.ref)
			return
		}
		begin := open[len(open)-1]
		open = open[:len(open)-1]
		if !c.enclose(begin, m) {
			return
		}
	}
	for _, m := range open {
		c.fault(m, "%s has no {{/%s}} after it", m.ref, m.ref.name)
	}
}

// enclose makes a section of what stands between two marks.
func (c *compiler) enclose(begin, end *node) bool {
	if begin.parent == end.parent {
		p := begin.parent
		whole := begin.ref.kind != refList && c.is(p, "p") && !c.speaks(p, nil, begin) && !c.speaks(p, end, nil) && !c.onlyParagraph(p)
		from, to := begin.index(), end.index()
		section := &node{kind: sectionNode, ref: begin.ref}
		between := slices.Clone(p.children[from+1 : to])
		if whole {
			// Nothing but the section is in the paragraph: it goes with it.
			p.splice(from, to-from+1, between...)
			p.replace(section)
			section.add(p)
			return true
		}
		p.splice(from, to-from+1, section)
		for _, child := range between {
			section.add(child)
		}
		return true
	}
	first, last := branches(begin, end)
	if c.is(first.parent, "tr") { // from one cell to another: the row
		first, last = first.parent, first.parent
	}
	common := first.parent
	if common == nil || c.within(common, "p") {
		c.fault(begin, "%s and {{/%s}} must stand in one paragraph, in two paragraphs of the same text, or at the ends of whole table rows", begin.ref, begin.ref.name)
		return false
	}
	if c.speaks(first, nil, begin) {
		c.fault(begin, "%s reaches beyond its paragraph or row, so nothing may stand before it there", begin.ref)
		return false
	}
	if c.speaks(last, end, nil) {
		c.fault(end, "%s began in another paragraph or row, so nothing may stand after it there", end.ref)
		return false
	}
	drop := func(mark, branch *node) bool {
		mark.parent.splice(mark.index(), 1)
		return c.is(branch, "p") && !c.speaks(branch, nil, nil)
	}
	from, to := first.index(), last.index()
	dropFirst, dropLast := drop(begin, first), drop(end, last)
	inside := slices.Clone(common.children[from : to+1])
	var before, after []*node
	if dropFirst {
		inside = inside[1:]
		before = c.kept(first)
	}
	if dropLast {
		inside = inside[:len(inside)-1]
		after = c.kept(last)
	}
	section := &node{kind: sectionNode, ref: begin.ref}
	common.splice(from, to-from+1, slices.Concat(before, []*node{section}, after)...)
	for _, child := range inside {
		section.add(child)
	}
	return true
}

// kept is the paragraph of a mark that is empty without it: it stays only where it
// also ends a section of pages.
func (c *compiler) kept(p *node) []*node {
	for _, child := range p.children {
		if c.is(child, "pPr") && slices.ContainsFunc(child.children, func(n *node) bool { return c.is(n, "sectPr") }) {
			return []*node{p}
		}
	}
	return nil
}

// branches are the two children of the nearest common ancestor, on the way to a and b.
func branches(a, b *node) (*node, *node) {
	way := map[*node]*node{} // from an ancestor of a to its child on the way
	for n := a; n.parent != nil; n = n.parent {
		way[n.parent] = n
	}
	for n := b; ; n = n.parent {
		if first, ok := way[n.parent]; ok {
			return first, n
		}
	}
}

// within reports whether n is such an element or stands in one.
func (c *compiler) within(n *node, local string) bool {
	for ; n != nil; n = n.parent {
		if c.is(n, local) {
			return true
		}
		if c.is(n, "txbxContent") {
			return false // a text box has paragraphs of its own
		}
	}
	return false
}

// speaks reports whether n shows anything after one mark and before another; nil
// stands for its beginning and end.
func (c *compiler) speaks(n, after, before *node) bool {
	started, stopped, yes := after == nil, false, false
	var walk func(*node)
	walk = func(n *node) {
		for _, child := range n.children {
			if stopped {
				return
			}
			switch {
			case child == before:
				stopped = true
				return
			case child == after:
				started = true
			case child.kind == textNode:
				yes = yes || started && n.prefix == c.word && n.local == "t" && !blank(child.text)
			case child.kind == markNode:
			case child.kind != elementNode:
				yes = yes || started
			default:
				if started && (child.local == "drawing" || child.local == "pict" || child.local == "object" || c.is(child, "instrText")) {
					yes = true
				}
				walk(child)
			}
		}
	}
	walk(n)
	return yes
}

func blank(s string) bool {
	for _, r := range s {
		if r != ' ' && r != '\t' && r != '\n' && r != '\u00A0' {
			return false
		}
	}
	return true
}

// onlyParagraph reports whether p is all that its cell, heading or text box holds:
// there must be one.
func (c *compiler) onlyParagraph(p *node) bool {
	count := 0
	for _, child := range p.parent.children {
		if c.is(child, "p") || c.is(child, "tbl") || child.kind == sectionNode {
			count++
		}
	}
	return count == 1
}
