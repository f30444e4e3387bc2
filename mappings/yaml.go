package mappings

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxFileBytes bounds a mapping or calendar file. The longest known one has
// 20 KB; anything near this is not a mapping.
const maxFileBytes = 1 << 20

// reader walks a file's YAML tree and gathers every fault it meets. It reads
// the tree by hand because only so can all faults be told at once, each with
// its line and the word that was probably meant.
type reader struct {
	file   string
	faults Faults
}

func (r *reader) fault(n *yaml.Node, key, value, problem, remedy string) {
	line := 0
	if n != nil {
		line = n.Line
	}
	r.faults = append(r.faults, Fault{File: r.file, Line: line, Key: key, Value: value, Problem: problem, Remedy: remedy})
}

// document parses data into the single mapping that a file must be. nil means
// that nothing more can be said about the file.
func (r *reader) document(data []byte) *yaml.Node {
	if len(data) > maxFileBytes {
		r.fault(nil, "", "", fmt.Sprintf("has %d bytes", len(data)), fmt.Sprintf("at most %d", maxFileBytes))
		return nil
	}
	if line, ok := firstInvalidUTF8(data); ok {
		r.faults = append(r.faults, Fault{File: r.file, Line: line, Problem: "is no UTF-8 text", Remedy: "save the file with the encoding UTF-8"})
		return nil
	}
	// Without the single-document option the loader itself refuses a second one.
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		r.syntax(err, data)
		return nil
	}
	root := &doc
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if root.Kind == 0 || isNull(root) {
		r.fault(nil, "", "", "is empty", startFrom)
		return nil
	}
	r.refuseReferences(root)
	if root.Kind != yaml.MappingNode {
		r.fault(root, "", root.Value, "is "+kindName(root), "the file must be a list of `key: value`")
		return nil
	}
	return root
}

const startFrom = "start from one of the shipped files"

// syntax turns the YAML parser's error into a fault.
func (r *reader) syntax(err error, data []byte) {
	f := Fault{File: r.file, Problem: "is no valid YAML: " + printable(err.Error()), Remedy: "check the indentation, the quotes and the brackets of this line and the one above"}
	var le *yaml.LoadError
	if errors.As(err, &le) && le.Message != "" {
		f.Line, f.Problem = le.Mark.Line, "is no valid YAML: "+printable(le.Message)
	}
	switch message := err.Error(); {
	case strings.Contains(message, "no documents"):
		f.Problem, f.Remedy = "is empty", startFrom
	case strings.Contains(message, "found multiple"):
		f.Line = secondDocument(data)
		f.Problem, f.Remedy = "begins a second document", "remove the `---` line and what follows"
	case f.Line > 0 && tabIndented(data, f.Line):
		f.Problem, f.Remedy = "is indented with a tab", "indent with blanks"
	}
	r.faults = append(r.faults, f)
}

func firstInvalidUTF8(data []byte) (line int, ok bool) {
	if utf8.Valid(data) {
		return 0, false
	}
	line = 1
	for part := range bytes.Lines(data) {
		if !utf8.Valid(part) {
			break
		}
		line++
	}
	return line, true
}

// secondDocument is the line of the mark behind which a second document begins.
func secondDocument(data []byte) int {
	line, content := 0, false
	for part := range bytes.Lines(data) {
		line++
		mark := bytes.HasPrefix(part, []byte("---")) || bytes.HasPrefix(part, []byte("..."))
		if mark && content {
			return line
		}
		trimmed := bytes.TrimSpace(part)
		content = content || len(trimmed) > 0 && trimmed[0] != '#'
	}
	return 0
}

func tabIndented(data []byte, wanted int) bool {
	line := 0
	for part := range bytes.Lines(data) {
		if line++; line == wanted {
			indent := part[:len(part)-len(bytes.TrimLeft(part, " \t"))]
			return bytes.ContainsRune(indent, '\t')
		}
	}
	return false
}

// refuseReferences faults anchors, aliases and tags. None of them is needed,
// and without them no file can grow when it is read, or contain itself.
func (r *reader) refuseReferences(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.fault(n, "", "*"+n.Value, "is a reference", "write the value itself")
		return
	case n.Anchor != "":
		r.fault(n, "", "&"+n.Anchor, "is an anchor", "write the value itself wherever it is needed")
	case n.Style&yaml.TaggedStyle != 0:
		r.fault(n, "", n.ShortTag(), "is a type tag", "write the value without it")
	}
	for _, c := range n.Content {
		r.refuseReferences(c)
	}
}

// entry is one `key: value` of a mapping.
type entry struct {
	key   *yaml.Node
	value *yaml.Node
	name  string // the key's text
	path  string // dotted, for faults
}

// entries yields the pairs of a mapping, without those whose key is no text or
// was there before; these are faults.
func (r *reader) entries(n *yaml.Node, path string) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		if n.Kind != yaml.MappingNode {
			if n.Kind != yaml.AliasNode { // faulted already
				r.fault(n, path, n.Value, "is "+kindName(n), "indent `key: value` lines below it")
			}
			return
		}
		lines := make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			switch {
			case key.Kind == yaml.AliasNode:
				continue
			case key.Kind != yaml.ScalarNode:
				r.fault(key, path, "", "a key is "+kindName(key), "a key must be a word")
				continue
			case isNull(key):
				r.fault(key, path, key.Value, "is no key", `write "" for an empty value of the source, or the word in quotes`)
				continue
			}
			e := entry{key: key, value: value, name: key.Value, path: join(path, key.Value)}
			if first, ok := lines[e.name]; ok {
				r.fault(key, e.path, "", fmt.Sprintf("stands here a second time (first in line %d)", first), "keep one of the two")
				continue
			}
			lines[e.name] = key.Line
			if !yield(e) {
				return
			}
		}
	}
}

// text reads a scalar as it is written. Numbers and dates are taken by their
// text; null is a fault.
func (r *reader) text(n *yaml.Node, path, wanted string) (string, bool) {
	switch {
	case n.Kind == yaml.AliasNode:
		return "", false
	case n.Kind != yaml.ScalarNode:
		r.fault(n, path, "", "is "+kindName(n), wanted)
		return "", false
	case isNull(n):
		r.fault(n, path, n.Value, "has no value", wanted+", or remove the line")
		return "", false
	}
	return n.Value, true
}

// items returns the elements of a list; a single scalar counts as a list of one.
func (r *reader) items(n *yaml.Node, path, wanted string) []*yaml.Node {
	switch {
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.ScalarNode && !isNull(n):
		return []*yaml.Node{n}
	case n.Kind != yaml.AliasNode:
		r.fault(n, path, n.Value, "is "+kindName(n), wanted)
	}
	return nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a set of `key: value`"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if isNull(n) {
			return "empty"
		}
		return "a single value"
	}
	return "nothing readable"
}
