package config

import (
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// body is a free-form JSON body. A map with the single key "file" anywhere in it
// stands for the secret in that file. No fault quotes anything of a body.
func (v value) body() any {
	if !v.given() {
		return nil
	}
	v.hidden = true
	if ref, ok := v.fileReference(); ok {
		return ref.secretFile().Reveal()
	}
	switch n := resolve(v.node); n.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = v.child(n.Content[i], n.Content[i+1]).body()
		}
		return object
	case yaml.SequenceNode:
		array := make([]any, len(n.Content))
		for i, item := range n.Content {
			array[i] = v.at(i, item).body()
		}
		return array
	default:
		return v.bodyScalar(n)
	}
}

// bodyScalar keeps JSON's types as YAML shows them, save numbers that would not
// survive: YAML reads 010 as eight, and a unit code would lose its zeros.
func (v value) bodyScalar(n *yaml.Node) any {
	const remedy = "put it in double quotes if it is a text, or write a plain decimal number"
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
			return i
		}
		v.fault("is a number that JSON has not or that would lose its zeros", remedy)
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
		v.fault("is a number that JSON has not", remedy)
	default:
		return n.Value
	}
	return nil
}

// texts is a map of free-form texts: headers, a query, form parameters. As in a
// body, {file: PATH} stands for the secret in that file.
func (v value) texts(remedy string) map[string]string {
	return v.textsEach(remedy, func(value, string, string) {})
}

// textsEach is texts; check sees each pair where it stands.
func (v value) textsEach(remedy string, check func(at value, key, text string)) map[string]string {
	v.hidden = true
	s := v.section(remedy)
	if s == nil {
		return nil
	}
	m := make(map[string]string, len(s.node.Content)/2)
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		key := s.node.Content[i].Value
		item := s.child(s.node.Content[i], s.node.Content[i+1])
		if ref, ok := item.fileReference(); ok {
			m[key] = ref.secretFile().Reveal()
			continue
		}
		m[key] = item.textOrEmpty("write a text, or {file: PATH} for a secret")
		check(item, key, m[key])
	}
	return m
}

// headers is texts for HTTP headers.
func (v value) headers() map[string]string {
	return v.textsEach("write header names and values, such as {groupId: \"20143\"}", func(at value, name, text string) {
		if !headerName(name) {
			at.fault("is not the name of a header", "use letters, digits and -")
		}
		if hasControl(text) {
			at.fault("holds a line break or another control character", "write it on one line")
		}
	})
}

// headerName follows RFC 9110's token.
func headerName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	})
}
