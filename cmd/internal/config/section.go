package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/mappings"
)

// section is a map of keys. Each key it is asked for counts as known; done
// reports those that nobody asked for. A nil *section stands for one that is not
// there: it has no keys and reports nothing.
type section struct {
	value
	known map[string]bool
	order []string // known keys, in the order of asking, for the remedy
	later map[string]bool
}

// section opens a map; nil where the key is left out or holds something else.
func (v value) section(remedy string) *section {
	if !v.given() {
		return nil
	}
	n := resolve(v.node)
	if n.Kind != yaml.MappingNode {
		v.faultShowing("", "is "+kindOf(v.node)+", not a map of keys", remedy)
		return nil
	}
	v.node = n
	return &section{value: v, known: map[string]bool{}, later: map[string]bool{}}
}

// get is the value at key; not given where the key is left out.
func (s *section) get(key string) value {
	if s == nil {
		return value{}
	}
	if !s.known[key] {
		s.known[key] = true
		s.order = append(s.order, key)
	}
	if v, ok := s.find(key); ok {
		return v
	}
	return value{r: s.r, path: s.join(key), line: s.line, hidden: s.hidden}
}

// secretly is get for a key whose value must never be quoted.
func (s *section) secretly(key string) value {
	v := s.get(key)
	v.hidden = true
	return v
}

// need is get for a key that must be there.
func (s *section) need(key, remedy string) value {
	v := s.get(key)
	if s != nil && !v.given() && !s.misspelt(key) {
		v.fault("is missing", remedy)
	}
	return v
}

// misspelt reports whether a key stands here that was probably meant to be key:
// done will name it, and to call key missing as well would be one fault too many.
func (s *section) misspelt(keys ...string) bool {
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		for _, key := range keys {
			if written := s.node.Content[i].Value; written != key && mappings.Nearest(written, []string{key}) == key {
				return true
			}
		}
	}
	return false
}

func (s *section) find(key string) (value, bool) {
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		if k := s.node.Content[i]; k.Value == key && k.Kind == yaml.ScalarNode {
			return s.child(k, s.node.Content[i+1]), true
		}
	}
	return value{}, false
}

func (s *section) join(key string) string {
	if s.path == "" {
		return key
	}
	return s.path + "." + key
}

// refuse reports a key that people may expect, with a sentence of its own.
func (s *section) refuse(key, problem, remedy string) {
	if s == nil {
		return
	}
	s.later[key] = true
	if v, ok := s.find(key); ok {
		v.faultShowing("", problem, remedy)
	}
}

// variants are the keys of names that are given, in the order of names.
func (s *section) variants(names ...string) []string {
	var given []string
	for _, name := range names {
		if s.get(name).given() {
			given = append(given, name)
		}
	}
	return given
}

// done reports the keys that nobody asked for. What is written there is not
// shown: a misspelt key may well be a password's.
func (s *section) done() {
	if s == nil {
		return
	}
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		key := s.node.Content[i]
		if key.Kind != yaml.ScalarNode || s.known[key.Value] || s.later[key.Value] || key.Tag == "!!merge" || key.Tag == "!!null" {
			continue
		}
		remedy := "known here: " + strings.Join(s.order, ", ")
		if near := mappings.Nearest(key.Value, s.order); near != "" {
			remedy = fmt.Sprintf("did you mean %s?", near)
		}
		s.child(key, s.node.Content[i+1]).faultShowing("", "unknown key", remedy)
	}
}

// peek opens a map without a word if it is none; its faults are told elsewhere.
func (v value) peek() *section {
	if n := resolve(v.node); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	return v.section("")
}

// sub looks a key up without counting it as known.
func (s *section) sub(key string) value {
	if s == nil {
		return value{}
	}
	v, _ := s.find(key)
	return v
}
