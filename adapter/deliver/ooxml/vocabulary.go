package ooxml

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Name is a word that templates may use, and what it stands for in the words of
// whoever edits templates.
type Name struct {
	Name  string // lower case
	Means string
}

// Vocabulary is what placeholders may be called.
type Vocabulary struct {
	Values     []Name
	Conditions []Name
	Lists      []List
}

// List is something that a template may repeat: its fields are written
// {{list.field}}.
type List struct {
	Name
	Fields []Name
}

// Known writes every placeholder there is, for an error about one there is not.
func (v *Vocabulary) Known() string {
	var all []string
	for _, n := range v.Values {
		all = append(all, "{{"+n.Name+"}}")
	}
	for _, n := range v.Conditions {
		all = append(all, "{{#"+n.Name+"}}")
	}
	for _, l := range v.Lists {
		all = append(all, "{{#"+l.Name.Name+"}}")
		for _, f := range l.Fields {
			all = append(all, "{{"+l.Name.Name+"."+f.Name+"}}")
		}
	}
	return strings.Join(all, " ")
}

func has(names []Name, name string) bool {
	return slices.ContainsFunc(names, func(n Name) bool { return n.Name == name })
}

func (v *Vocabulary) list(name string) *List {
	for i := range v.Lists {
		if v.Lists[i].Name.Name == name {
			return &v.Lists[i]
		}
	}
	return nil
}

type refKind int

const (
	refValue     refKind = iota // {{so}}
	refField                    // {{hs.ma}}
	refCondition                // {{#neu_x}}
	refNot                      // {{^neu_x}}
	refList                     // {{#hs}}
	refEnd                      // {{/neu_x}}, {{/hs}}
)

// reference is what a placeholder refers to.
type reference struct {
	kind refKind
	name string // of the value, condition or list
	item string // the field's name, of a refField
}

func (r reference) String() string {
	switch r.kind {
	case refField:
		return "{{" + r.name + "." + r.item + "}}"
	case refCondition, refList:
		return "{{#" + r.name + "}}"
	case refNot:
		return "{{^" + r.name + "}}"
	case refEnd:
		return "{{/" + r.name + "}}"
	}
	return "{{" + r.name + "}}"
}

func (r reference) begins() bool {
	return r.kind == refCondition || r.kind == refNot || r.kind == refList
}

// resolve reads what stands between the braces. Word likes to put capitals, wide
// and invisible blanks where nobody asked for them.
func (v *Vocabulary) resolve(inner string) (reference, error) {
	name := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf) {
			return -1
		}
		return r
	}, inner))
	unknown := func() (reference, error) {
		return reference{}, fmt.Errorf("unknown placeholder {{%s}}; known are %s", strings.TrimSpace(inner), v.Known())
	}
	if rest, ok := strings.CutPrefix(name, "#"); ok {
		switch {
		case has(v.Conditions, rest):
			return reference{kind: refCondition, name: rest}, nil
		case v.list(rest) != nil:
			return reference{kind: refList, name: rest}, nil
		}
		return unknown()
	}
	if rest, ok := strings.CutPrefix(name, "^"); ok {
		if !has(v.Conditions, rest) {
			return unknown()
		}
		return reference{kind: refNot, name: rest}, nil
	}
	if rest, ok := strings.CutPrefix(name, "/"); ok {
		if !has(v.Conditions, rest) && v.list(rest) == nil {
			return unknown()
		}
		return reference{kind: refEnd, name: rest}, nil
	}
	if list, field, ok := strings.Cut(name, "."); ok {
		if l := v.list(list); l == nil || !has(l.Fields, field) {
			return unknown()
		}
		return reference{kind: refField, name: list, item: field}, nil
	}
	if !has(v.Values, name) {
		return unknown()
	}
	return reference{kind: refValue, name: name}, nil
}
