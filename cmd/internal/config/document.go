package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// A document is refused beyond these bounds before anything in it is read: each
// alias counts as what it stands for, so a few lines of nested aliases cannot
// unfold into millions.
const (
	maxNodes = 200_000
	maxDepth = 40
)

// document parses the file's one document and checks what holds for every key of
// it: no key twice, no merge keys, no tags of a foreign kind, no alias bombs.
func (r *reader) document(data []byte) (value, bool) {
	whole := value{r: r, line: 1}
	if line := foreignByte(data); line > 0 {
		whole.line = line
		whole.fault("holds bytes that are not text in UTF-8", "save the file as plain text in UTF-8")
		return whole, false
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		r.syntax(err)
		return whole, false
	}
	var first, second yaml.Node
	switch err := loader.Load(&first); {
	case errors.Is(err, io.EOF):
		whole.fault("the file is empty", "write at least departments and platform")
		return whole, false
	case err != nil:
		r.syntax(err)
		return whole, false
	}
	switch err := loader.Load(&second); {
	case err == nil:
		v := value{r: r, line: second.Line}
		v.fault("a second document begins here", "keep one document a file; delete this line and what follows")
		return whole, false
	case !errors.Is(err, io.EOF):
		r.syntax(err)
		return whole, false
	}
	if first.Kind != yaml.DocumentNode || len(first.Content) != 1 {
		whole.fault("the file is empty", "write at least departments and platform")
		return whole, false
	}
	whole.node = first.Content[0]
	walk := walker{budget: maxNodes}
	if !walk.check(whole, 0) {
		return whole, false
	}
	whole.node = resolve(whole.node)
	return whole, true
}

// syntax reports that the bytes are not YAML. Only the library's fixed phrases
// are passed on: what it quotes from the file might be a password that was left
// without quotes.
func (r *reader) syntax(err error) {
	v, problem := value{r: r}, "cannot be read as YAML"
	var load *yaml.LoadError
	if errors.As(err, &load) {
		v.line = load.Mark.Line
		problem = "is not YAML: " + load.Message
		if strings.Contains(load.Message, "unknown anchor") {
			problem = "is not YAML: a value that begins with * refers to an anchor that is not there"
		} else if strings.Contains(load.Message, "alias") {
			problem = "is not YAML: its anchors and aliases cannot be resolved"
		}
	}
	v.fault(problem, "check the indentation, and put values with special characters in double quotes")
}

// foreignByte is the line of the first byte that belongs in no text in UTF-8, 0
// if there is none. The YAML library would not tell the line.
func foreignByte(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1, r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return line
		case r == '\n':
			line++
		}
		data = data[size:]
	}
	return 0
}

type walker struct{ budget int }

// check visits every node below v, through aliases; false ends the reading.
func (w *walker) check(v value, depth int) bool {
	w.budget--
	if w.budget < 0 || depth > maxDepth {
		v.path = ""
		v.faultShowing("", "the document unfolds into too many values or too many levels", "use fewer anchors and aliases, and none inside itself")
		return false
	}
	if v.node.Kind == yaml.AliasNode {
		v.node = v.node.Alias
		return v.node != nil && w.check(v, depth+1)
	}
	if !plainTag(v.node.Tag) {
		v.faultShowing("", "has a tag of its own", "remove the word that begins with !, or put the value in double quotes")
	}
	switch v.node.Kind {
	case yaml.SequenceNode:
		for i, item := range v.node.Content {
			if !w.check(v.at(i, item), depth+1) {
				return false
			}
		}
	case yaml.MappingNode:
		return w.mapping(v, depth)
	}
	return true
}

func (w *walker) mapping(v value, depth int) bool {
	firstLine := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, node := v.node.Content[i], v.node.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || key.Tag == "!!null" {
			bad := value{r: v.r, path: v.path, line: key.Line}
			bad.fault("a key here is not a plain word", "write keys as words; lists, maps and << are not possible as keys")
			continue
		}
		child := v.child(key, node)
		if line, twice := firstLine[key.Value]; twice {
			child.faultShowing("", fmt.Sprintf("appears twice, first on line %d", line), "keep one of them")
		} else {
			firstLine[key.Value] = key.Line
		}
		if !w.check(child, depth+1) {
			return false
		}
	}
	return true
}

func plainTag(tag string) bool {
	switch tag {
	case "", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp":
		return true
	}
	return false
}

// resolve follows aliases; check has made sure that they end.
func resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
