package ooxml

import "maps"

// repeats wraps each table row that speaks of a list's items into a section of that
// list, innermost rows first.
func (c *compiler) repeats(n *node, within map[string]bool) {
	if n.kind == sectionNode && n.ref.kind == refList {
		within = maps.Clone(within)
		if within == nil {
			within = map[string]bool{}
		}
		within[n.ref.name] = true
	}
	for _, child := range append([]*node(nil), n.children...) {
		c.repeats(child, within)
	}
	if !c.is(n, "tr") {
		return
	}
	used := map[string]bool{}
	listsUsed(n, used)
	list := ""
	for name := range used {
		switch {
		case within[name]:
		case list != "" && list != name:
			c.fault(n, "a row speaks of two lists, %s and %s; it can be repeated for one", min(list, name), max(list, name))
			return
		default:
			list = name
		}
	}
	if list == "" || n.parent == nil {
		return
	}
	section := &node{kind: sectionNode, ref: reference{kind: refList, name: list}}
	n.replace(section)
	section.add(n)
}

// listsUsed are the lists of whose items n speaks outside sections of these lists.
func listsUsed(n *node, used map[string]bool) {
	for _, child := range n.children {
		if child.kind == slotNode && child.ref.kind == refField {
			used[child.ref.name] = true
		}
		if child.kind == sectionNode && child.ref.kind == refList {
			inner := map[string]bool{}
			listsUsed(child, inner)
			delete(inner, child.ref.name)
			maps.Copy(used, inner)
			continue
		}
		listsUsed(child, used)
	}
}

// strays reports fields of a list that stand in no row and no section of it.
func (c *compiler) strays(n *node, within map[string]bool) {
	if n.kind == sectionNode && n.ref.kind == refList {
		within = maps.Clone(within)
		if within == nil {
			within = map[string]bool{}
		}
		within[n.ref.name] = true
	}
	if n.kind == slotNode && n.ref.kind == refField && !within[n.ref.name] {
		c.fault(n, "%s must stand in a table row, or between {{#%s}} and {{/%s}}", n.ref, n.ref.name, n.ref.name)
	}
	for _, child := range n.children {
		c.strays(child, within)
	}
}

// tidy makes what can disappear disappear without leaving what Word refuses: a cell
// must end with a paragraph; and what is repeated must carry no identifiers.
func (c *compiler) tidy(n *node, repeated bool) {
	if n.kind == sectionNode && n.ref.kind == refList {
		repeated = true
	}
	var children []*node
	for _, child := range n.children {
		if repeated && (c.is(child, "bookmarkStart") || c.is(child, "bookmarkEnd")) {
			continue
		}
		c.tidy(child, repeated)
		children = append(children, child)
	}
	n.children = children
	if repeated {
		var attrs = n.attrs[:0:0]
		for _, a := range n.attrs {
			if a.Name.Local != "paraId" && a.Name.Local != "textId" {
				attrs = append(attrs, a)
			}
		}
		n.attrs = attrs
	}
	if c.is(n, "body") {
		last := len(n.children)
		for last > 0 && (c.is(n.children[last-1], "sectPr") || n.children[last-1].kind == textNode) {
			last--
		}
		if last == 0 || !c.is(n.children[last-1], "p") {
			n.splice(last, 0, c.tiny())
		}
	}
	if c.is(n, "tc") || c.is(n, "hdr") || c.is(n, "ftr") || c.is(n, "txbxContent") {
		if len(n.children) == 0 || !c.is(n.children[len(n.children)-1], "p") {
			n.add(&node{prefix: c.word, local: "p"})
		}
	}
}

// tiny is the smallest paragraph there can be, so that it begins no page.
func (c *compiler) tiny() *node {
	spacing := &node{prefix: c.word, local: "spacing"}
	for _, a := range [][2]string{{"before", "0"}, {"after", "0"}, {"line", "20"}, {"lineRule", "exact"}} {
		spacing.setAttr(c.word, a[0], a[1])
	}
	properties := &node{prefix: c.word, local: "pPr"}
	properties.add(spacing)
	p := &node{prefix: c.word, local: "p"}
	p.add(properties)
	return p
}
