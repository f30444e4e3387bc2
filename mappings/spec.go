package mappings

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/reconcile"
)

// Spec is a mapping file that was read without a fault. It is immutable.
type Spec struct {
	name        string
	zone        *time.Location // nil if the file names none
	layouts     []*layout
	missing     []string
	fields      [fieldCount][]origin
	inputs      []string
	statuses    map[string]statusWord // by the folded value
	departments map[string]department // by the folded value
	channels    map[string]channel    // by the folded value
	groups      map[reconcile.Status]reconcile.Group
	skip        []field // a row without any one of these is no record
}

var topKeys = []string{"time", "fields", "statuses", "groups", "departments", "channels", "skip_rows_without"}

// Parse reads a mapping file. name is the file's name for messages. The error
// is a Faults with every mistake in the file.
func Parse(name string, data []byte) (*Spec, error) {
	r := &reader{file: name}
	s := &Spec{name: name}
	root := r.document(data)
	if root == nil {
		return nil, r.faults.err()
	}
	nodes := make(map[string]*yaml.Node, len(topKeys))
	for e := range r.entries(root, "") {
		if !slices.Contains(topKeys, e.name) {
			remedy := didYouMean(e.name, topKeys)
			if _, ok := fieldNamed(e.name); ok {
				remedy = "indent it below fields"
			}
			r.fault(e.key, e.path, "", "is no key of a mapping", remedy)
			continue
		}
		nodes[e.name] = e.value
	}
	if n := nodes["fields"]; n != nil {
		s.parseFields(r, n)
	} else {
		r.fault(root, "fields", "", "is missing", "say which column, path or heading holds each field")
	}
	if n := nodes["time"]; n != nil {
		s.parseTime(r, n)
	}
	if n := nodes["groups"]; n != nil {
		s.parseGroups(r, n)
	}
	if n := nodes["statuses"]; n != nil {
		s.parseStatuses(r, n)
	} else {
		r.fault(root, "statuses", "", "is missing", `say what each status of the source means: {"4": processing, …}`)
	}
	if n := nodes["departments"]; n != nil {
		s.parseDepartments(r, n)
	}
	s.parseChannels(r, nodes["channels"], nodes["fields"])
	if n := nodes["skip_rows_without"]; n != nil {
		s.parseSkip(r, n, nodes["fields"])
	}
	if err := r.faults.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// Maps reports whether the file names a source for a field ("department").
func (s *Spec) Maps(fieldName string) bool {
	f, ok := fieldNamed(fieldName)
	return ok && len(s.fields[f]) > 0
}

func (s *Spec) parseSkip(r *reader, n, fields *yaml.Node) {
	const path = "skip_rows_without"
	for _, item := range r.items(n, path, "name a field: code") {
		name, ok := r.text(item, path, "name a field: code")
		if !ok {
			continue
		}
		f, ok := fieldNamed(name)
		switch {
		case !ok:
			r.fault(item, path, name, "is no field", didYouMean(name, fieldNames[:]))
		case fields != nil && !hasKey(fields, name):
			r.fault(item, path, name, "is not under fields", "name a field that the file maps")
		default:
			s.skip = append(s.skip, f)
		}
	}
}

func hasKey(n *yaml.Node, name string) bool {
	if n.Kind != yaml.MappingNode {
		return true // faulted already
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return true
		}
	}
	return false
}
