package rest

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// vars are the values that a poll fills into its requests.
type vars struct {
	session, from, to, since, code string
}

const (
	varSession = "${session}"
	varFrom    = "${from}"
	varTo      = "${to}"
	varSince   = "${since}"
	varCode    = "{code}"
)

// fill replaces the placeholders in s; escape, if not nil, is applied to each
// value. A value that itself looks like a placeholder stays as it is.
func (v vars) fill(s string, escape func(string) string) string {
	if !strings.Contains(s, "{") {
		return s
	}
	if escape == nil {
		escape = func(s string) string { return s }
	}
	pairs := []string{varSession, escape(v.session), varFrom, escape(v.from), varTo, escape(v.to), varSince, escape(v.since)}
	if v.code != "" {
		pairs = append(pairs, varCode, escape(v.code))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// fillBody returns a deep copy of a JSON body with all texts filled in.
func (v vars) fillBody(body any) any {
	switch b := body.(type) {
	case string:
		return v.fill(b, nil)
	case map[string]any:
		out := make(map[string]any, len(b))
		for k, x := range b {
			out[k] = v.fillBody(x)
		}
		return out
	case []any:
		out := make([]any, len(b))
		for i, x := range b {
			out[i] = v.fillBody(x)
		}
		return out
	}
	return body
}

// normalBody turns the maps a YAML reader may give into those of JSON.
func normalBody(body any) (any, error) {
	switch b := body.(type) {
	case map[any]any:
		out := make(map[string]any, len(b))
		for k, x := range b {
			y, err := normalBody(x)
			if err != nil {
				return nil, err
			}
			out[fmt.Sprint(k)] = y
		}
		return out, nil
	case map[string]string:
		out := make(map[string]any, len(b))
		for k, x := range b {
			out[k] = x
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(b))
		for k, x := range b {
			y, err := normalBody(x)
			if err != nil {
				return nil, err
			}
			out[k] = y
		}
		return out, nil
	case []any:
		out := make([]any, len(b))
		for i, x := range b {
			y, err := normalBody(x)
			if err != nil {
				return nil, err
			}
			out[i] = y
		}
		return out, nil
	case nil, string, bool, int, int64, uint64, float64:
		return b, nil
	}
	return nil, fmt.Errorf("a body holds objects, lists, texts, numbers and booleans, not %T", body)
}

// placeholders lists all of ${…} in a text or body.
func placeholders(body any) []string {
	var found []string
	switch b := body.(type) {
	case string:
		found = regexp.MustCompile(`\$\{[^{}]*\}`).FindAllString(b, -1)
	case map[string]any:
		for _, x := range b {
			found = append(found, placeholders(x)...)
		}
	case map[string]string:
		for _, x := range b {
			found = append(found, placeholders(x)...)
		}
	case []any:
		for _, x := range b {
			found = append(found, placeholders(x)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// pathEscape keeps a filled-in value within one step of a path.
func pathEscape(s string) string { return url.PathEscape(s) }
