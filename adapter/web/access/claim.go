package access

import (
	"net/url"
	"strings"
	"unicode"
)

// claimed is the claim of that name, else what its dots lead to.
func claimed(claims map[string]any, name string) (any, bool) {
	if value, has := claims[name]; has {
		return value, true
	}
	first, rest, dotted := strings.Cut(name, ".")
	inner, ok := claims[first].(map[string]any)
	if !dotted || !ok {
		return nil, false
	}
	return claimed(inner, rest)
}

// texts is a claim that is one text or a list of them; what is neither is left out.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, one := range value {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}

// maxPath bounds a path that is remembered in a cookie.
const maxPath = 1500

// LocalPath is text where it leads to a page of this service and nowhere else, and
// "/" where it does not. Browsers take "//host" and "/\host" for another host, and
// drop tabs and line ends before they look.
func LocalPath(text string) string {
	if len(text) > maxPath || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") ||
		strings.ContainsRune(text, '\\') || strings.ContainsFunc(text, unicode.IsControl) {
		return "/"
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "/"
	}
	return text
}
