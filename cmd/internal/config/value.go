package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/mappings"
)

// reader gathers faults while a file is read.
type reader struct {
	file   string
	folder string // absolute; relative paths start here
	zone   *time.Location
	faults Faults
}

// value is one place in the file: a key with what is written there, or a key
// that is not there (node is nil).
type value struct {
	r      *reader
	path   string
	line   int // of the key
	node   *yaml.Node
	hidden bool // may be a secret: faults never quote it
}

func (v value) given() bool { return v.node != nil }

func (v value) child(key, node *yaml.Node) value {
	path := keyText(key.Value)
	if v.path != "" {
		path = v.path + "." + path
	}
	return value{r: v.r, path: path, line: key.Line, node: node, hidden: v.hidden}
}

func (v value) at(i int, node *yaml.Node) value {
	return value{r: v.r, path: fmt.Sprintf("%s[%d]", v.path, i), line: node.Line, node: node, hidden: v.hidden}
}

// fault reports what is wrong here and shows what is written, unless that may be
// a secret.
func (v value) fault(problem, remedy string) {
	shown := ""
	if n := resolve(v.node); n != nil && n.Kind == yaml.ScalarNode && n.Tag != "!!null" && !v.hidden {
		shown = quoteIfOdd(n.Value)
	}
	v.faultShowing(shown, problem, remedy)
}

// faultShowing reports a fault with a value of the caller's making.
func (v value) faultShowing(shown, problem, remedy string) {
	v.r.faults = append(v.r.faults, Fault{File: v.r.file, Line: v.line, Key: v.path, Value: shown, Problem: problem, Remedy: remedy})
}

// text is the value as written; "" where the key is left out. remedy tells what
// belongs here.
func (v value) text(remedy string) string {
	s := v.textOrEmpty(remedy)
	if v.given() && s == "" && v.scalar() {
		v.fault("is empty", remedy)
	}
	return s
}

// textOrEmpty is text where "" is a meaningful value.
func (v value) textOrEmpty(remedy string) string {
	switch {
	case !v.given():
		return ""
	case !v.scalar():
		v.faultShowing("", "is "+kindOf(v.node)+", not a text", remedy)
		return ""
	}
	return resolve(v.node).Value
}

// scalar reports whether the value is a single one, not a list, map or nothing.
func (v value) scalar() bool {
	n := resolve(v.node)
	return n != nil && n.Kind == yaml.ScalarNode && n.Tag != "!!null"
}

// integer is a whole number from low to high, or fallback where the key is left out.
func (v value) integer(fallback, low, high int, remedy string) int {
	s := v.text(remedy)
	if s == "" {
		return fallback
	}
	n, err := strconv.Atoi(s)
	switch {
	case err != nil:
		v.fault("is not a whole number", remedy)
	case n < low || n > high:
		v.fault(fmt.Sprintf("is not between %d and %d", low, high), remedy)
	default:
		return n
	}
	return fallback
}

// number is a decimal number from low to high, or fallback where the key is left out.
func (v value) number(fallback, low, high float64, remedy string) float64 {
	s := v.text(remedy)
	if s == "" {
		return fallback
	}
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || n != n:
		v.fault("is not a number", remedy)
	case n < low || n > high:
		v.fault(fmt.Sprintf("is not between %g and %g", low, high), remedy)
	default:
		return n
	}
	return fallback
}

// maxDuration keeps sums of durations from running over.
const maxDuration = 100 * 366 * 24 * time.Hour

// duration is a time such as 90s, 15m or 8h of at least low, or fallback where
// the key is left out.
func (v value) duration(fallback, low time.Duration, remedy string) time.Duration {
	s := v.text(remedy)
	if s == "" {
		return fallback
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil && strings.HasSuffix(s, "d"):
		v.fault("is not a duration: days are written in hours", remedy)
	case err != nil:
		v.fault("is not a duration", remedy)
	case d < 0:
		v.fault("is negative", remedy)
	case d < low:
		v.fault("is shorter than "+low.String(), remedy)
	case d > maxDuration:
		v.fault("is longer than a century", remedy)
	default:
		return d
	}
	return fallback
}

// choice is one of the words allowed, or fallback where the key is left out.
func (v value) choice(fallback string, allowed ...string) string {
	remedy := "write one of " + strings.Join(allowed, ", ")
	s := v.text(remedy)
	if s == "" {
		return fallback
	}
	for _, word := range allowed {
		if s == word {
			return s
		}
	}
	if near := mappings.Nearest(s, allowed); near != "" {
		remedy = fmt.Sprintf("did you mean %s? (%s)", near, remedy)
	}
	v.fault("is unknown here", remedy)
	return fallback
}

// list is the items of a list; nil where the key is left out.
func (v value) list(remedy string) []value {
	if !v.given() {
		return nil
	}
	n := resolve(v.node)
	if n.Kind != yaml.SequenceNode {
		v.faultShowing("", "is "+kindOf(v.node)+", not a list", remedy)
		return nil
	}
	items := make([]value, len(n.Content))
	for i, item := range n.Content {
		items[i] = v.at(i, item)
	}
	return items
}

func kindOf(node *yaml.Node) string {
	switch n := resolve(node); {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a map of keys"
	case n.Tag == "!!null":
		return "empty"
	}
	return "a single value"
}

// quoteIfOdd shows a value as written where that is unambiguous on one line.
func quoteIfOdd(s string) string {
	if len([]rune(s)) > 80 {
		s = string([]rune(s)[:77]) + "…"
	}
	if s == "" || s != strings.TrimSpace(s) || strings.Contains(s, ": ") || hasControl(s) {
		return strconv.Quote(s)
	}
	return s
}

// keyText shows a key in a path; a foreign one may hold anything.
func keyText(s string) string {
	if s == "" || strings.ContainsAny(s, ".: \"") || hasControl(s) || len(s) > 60 {
		return quoteIfOdd(strconv.Quote(s))
	}
	return s
}

func hasControl(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\ufeff' })
}
