package mappings

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/expr-lang/expr"
	"golang.org/x/text/unicode/norm"
)

// helperNames are the functions an expression may call.
var helperNames = []string{
	"value", "first", "join", "split", "trim", "trim_prefix", "trim_suffix",
	"before", "after", "replace", "upper", "lower", "same", "match", "extract",
}

// helpers makes the functions known to the expression compiler. patterns holds
// every regular expression of the expression, compiled.
func helpers(patterns map[string]*regexp.Regexp) []expr.Option {
	one := new(func(string) string)
	two := new(func(string, string) string)
	three := new(func(string, string, string) string)
	some := new(func(...string) string)
	return []expr.Option{
		helper("value", one, func([]string) (any, error) {
			return nil, errors.New("value needs a name in quotes")
		}),
		helper("first", some, func(a []string) (any, error) {
			for _, s := range a {
				if trim(s) != "" {
					return s, nil
				}
			}
			return "", nil
		}),
		helper("join", new(func(string, ...string) string), func(a []string) (any, error) {
			var filled []string
			for _, s := range a[1:] {
				if s != "" {
					filled = append(filled, s)
				}
			}
			return strings.Join(filled, a[0]), nil
		}),
		helper("split", new(func(string, string) []string), func(a []string) (any, error) {
			return strings.Split(a[0], a[1]), nil
		}),
		helper("trim", one, func(a []string) (any, error) { return trim(a[0]), nil }),
		helper("trim_prefix", two, func(a []string) (any, error) { return strings.TrimPrefix(a[0], a[1]), nil }),
		helper("trim_suffix", two, func(a []string) (any, error) { return strings.TrimSuffix(a[0], a[1]), nil }),
		helper("before", two, func(a []string) (any, error) {
			head, _, _ := strings.Cut(a[0], a[1])
			return head, nil
		}),
		helper("after", two, func(a []string) (any, error) {
			if _, tail, ok := strings.Cut(a[0], a[1]); ok {
				return tail, nil
			}
			return "", nil
		}),
		helper("replace", three, func(a []string) (any, error) {
			if grown := len(a[0]) + strings.Count(a[0], a[1])*max(0, len(a[2])-len(a[1])); grown > maxExpressionText {
				return nil, errTooLong
			}
			return strings.ReplaceAll(a[0], a[1], a[2]), nil
		}),
		helper("upper", one, func(a []string) (any, error) { return strings.ToUpper(norm.NFC.String(a[0])), nil }),
		helper("lower", one, func(a []string) (any, error) { return strings.ToLower(norm.NFC.String(a[0])), nil }),
		helper("same", new(func(string, string) bool), func(a []string) (any, error) { return fold(a[0]) == fold(a[1]), nil }),
		helper("match", new(func(string, string) bool), func(a []string) (any, error) {
			return patterns[a[1]].MatchString(a[0]), nil
		}),
		helper("extract", two, func(a []string) (any, error) {
			found := patterns[a[1]].FindStringSubmatch(a[0])
			switch {
			case found == nil:
				return "", nil
			case len(found) > 1:
				return found[1], nil
			}
			return found[0], nil
		}),
	}
}

// helper wraps a function on texts, bounding what goes in.
func helper(name string, signature any, f func([]string) (any, error)) expr.Option {
	return expr.Function(name, func(params ...any) (any, error) {
		args := make([]string, len(params))
		size := 0
		for i, p := range params {
			s, ok := p.(string)
			if !ok {
				return nil, fmt.Errorf("%s takes texts, not %T", name, p)
			}
			if size += len(s); size > maxExpressionText {
				return nil, errTooLong
			}
			args[i] = s
		}
		return f(args)
	}, signature)
}
