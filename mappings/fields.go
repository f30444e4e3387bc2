package mappings

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/unicode/norm"
)

// field is one of the canonical fields of reconcile.Record, in the order in
// which their inputs are numbered; the code comes first.
type field uint8

const (
	fieldCode field = iota
	fieldAliases
	fieldProcedure
	fieldField
	fieldDepartment
	fieldStatus
	fieldReceivedAt
	fieldDueAt
	fieldExtendedDueAt
	fieldCompletedAt
	fieldReturnedAt
	fieldUpdatedAt
	fieldChannel // last, so that files without it number their inputs as they did
	fieldCount
)

var fieldNames = [fieldCount]string{
	"code", "aliases", "procedure", "field", "department", "status",
	"received_at", "due_at", "extended_due_at", "completed_at", "returned_at", "updated_at",
	"channel",
}

func (f field) String() string { return fieldNames[f] }

func fieldNamed(name string) (field, bool) {
	i := slices.Index(fieldNames[:], name)
	return field(i), i >= 0
}

// origin is where a field's raw value comes from: an input as it is, or an
// expression over inputs.
type origin struct {
	input      int         // index into Spec.inputs, if expression is nil
	expression *expression // nil for a plain path
}

// describe is the origin as the mapping file names it, for digests.
func (o origin) describe(inputs []string) string {
	if o.expression != nil {
		return "expr:" + o.expression.source
	}
	return "path:" + inputs[o.input]
}

// input numbers a raw input, once however often it is named.
func (s *Spec) input(name string) int {
	if i := slices.Index(s.inputs, name); i >= 0 {
		return i
	}
	s.inputs = append(s.inputs, name)
	return len(s.inputs) - 1
}

func (s *Spec) parseFields(r *reader, n *yaml.Node) {
	var nodes [fieldCount]*yaml.Node
	for e := range r.entries(n, "fields") {
		f, ok := fieldNamed(e.name)
		if !ok {
			r.fault(e.key, e.path, "", "is no field", didYouMean(e.name, fieldNames[:]))
			continue
		}
		nodes[f] = e.value
	}
	for f := range fieldCount {
		if node := nodes[f]; node != nil {
			s.fields[f] = s.parseOrigins(r, node, f)
		} else if n.Kind == yaml.MappingNode && (f == fieldCode || f == fieldStatus) {
			r.fault(n, "fields."+f.String(), "", "is missing", "name the column, path or heading that holds it")
		}
	}
}

func (s *Spec) parseOrigins(r *reader, n *yaml.Node, f field) []origin {
	path := "fields." + f.String()
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		switch {
		case f == fieldAliases:
			nodes = n.Content
		case f == fieldStatus && (len(n.Content) == 1 || len(n.Content) == 2):
			nodes = n.Content
		case f == fieldStatus:
			r.fault(n, path, "", fmt.Sprintf("is a list of %d", len(n.Content)), "one column, or two: [status, sub-status]")
			return nil
		default:
			r.fault(n, path, "", "is a list", `one column; to take the first that is filled: {expr: 'first(value("a"), value("b"))'}`)
			return nil
		}
	}
	var origins []origin
	for _, node := range nodes {
		if o, ok := s.parseOrigin(r, node, path, f); ok {
			origins = append(origins, o)
		}
	}
	return origins
}

func (s *Spec) parseOrigin(r *reader, n *yaml.Node, path string, f field) (origin, bool) {
	if n.Kind == yaml.MappingNode {
		return s.parseExpression(r, n, path, f)
	}
	written, ok := r.text(n, path, "name a column, a path or a heading")
	if !ok {
		return origin{}, false
	}
	name, ok := inputName(written)
	if !ok {
		r.fault(n, path, written, "is no name of a column, path or heading", "write the name as the source has it, at most 200 characters")
		return origin{}, false
	}
	return origin{input: s.input(name)}, true
}

func (s *Spec) parseExpression(r *reader, n *yaml.Node, path string, f field) (origin, bool) {
	var source *yaml.Node
	before := len(r.faults)
	for e := range r.entries(n, path) {
		if e.name != "expr" {
			r.fault(e.key, e.path, "", "is no setting of a field", didYouMean(e.name, []string{"expr"}))
			continue
		}
		source = e.value
	}
	if source == nil {
		if len(r.faults) == before {
			r.fault(n, path, "", "has no expr", `write {expr: '…'} or the plain name`)
		}
		return origin{}, false
	}
	written, ok := r.text(source, path+".expr", "write an expression")
	if !ok {
		return origin{}, false
	}
	e, err := compileExpression(written, f == fieldAliases, s.input)
	if err != nil {
		line := source.Line
		if err.line > 1 && source.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			line += err.line - 1
		} else if source.Style&yaml.LiteralStyle != 0 {
			line += err.line // the text starts on the line below the |
		}
		r.faults = append(r.faults, Fault{
			File: r.file, Line: line, Key: path + ".expr", Value: written,
			Problem: err.problem, Remedy: err.remedy,
		})
		return origin{}, false
	}
	return origin{expression: e}, true
}

// inputName puts a column's, path's or heading's name into the form in which it
// is asked of a source: NFC, trimmed, blanks within it single.
func inputName(written string) (string, bool) {
	name := norm.NFC.String(strings.Join(strings.FieldsFunc(written, isBlankNotInvisible), " "))
	name = trim(name)
	return name, name != "" && len(name) <= 600 && printable(name) == name
}
