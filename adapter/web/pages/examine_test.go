package pages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/doisoat/doisoat/adapter/web"
)

// void are the elements that have no end.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// examine holds a page against what every page keeps: balanced elements, ids that
// are there once, labels for inputs, tables with heads, links that lead somewhere, no
// inline script or style, nothing from another host.
func examine(t *testing.T, routes []web.Route, page string) {
	t.Helper()
	balanced(t, page)
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, forIDs, referred := map[string]int{}, map[string]bool{}, []string{}
	var fields []*html.Node
	mux := muxOf(routes)
	var walk func(n *html.Node, inLabel bool)
	walk = func(n *html.Node, inLabel bool) {
		if n.Type == html.ElementNode {
			a := map[string]string{}
			for _, one := range n.Attr {
				a[one.Key] = one.Val
			}
			if id, there := a["id"]; there {
				ids[id]++
				if id == "" || strings.ContainsAny(id, " <>\"'") {
					t.Errorf("<%s id=%q>", n.Data, id)
				}
			}
			for name := range a {
				if strings.HasPrefix(name, "on") || name == "style" || name == "srcdoc" {
					t.Errorf("<%s> has the attribute %s", n.Data, name)
				}
			}
			for _, name := range []string{"aria-describedby", "aria-labelledby"} {
				referred = append(referred, strings.Fields(a[name])...)
			}
			switch n.Data {
			case "label":
				inLabel = true
				if a["for"] != "" {
					forIDs[a["for"]] = true
				}
			case "input", "select", "textarea":
				if a["type"] != "hidden" && !inLabel && a["aria-label"] == "" {
					fields = append(fields, n)
				}
			case "script":
				if n.FirstChild != nil || a["src"] == "" {
					t.Error("inline script")
				}
			case "style", "iframe", "object", "base":
				t.Errorf("<%s> in a page", n.Data)
			case "img":
				if _, there := a["alt"]; !there {
					t.Error("picture without alt")
				}
			case "table":
				if !has(n, "caption") || !has(n, "th") {
					t.Error("table without caption or heads")
				}
			case "th":
				if a["scope"] == "" {
					t.Errorf("th without scope: %s", textOf(n))
				}
			case "button":
				if textOf(n) == "" && a["aria-label"] == "" {
					t.Error("button without a name")
				}
			case "a":
				if textOf(n) == "" {
					t.Errorf("link without text to %s", a["href"])
				}
			}
			for _, name := range []string{"href", "src", "action", "formaction", "hx-get"} {
				if to, there := a[name]; there {
					method := http.MethodGet
					if name == "formaction" || name == "action" && a["method"] == "post" {
						method = http.MethodPost
					}
					leads(t, mux, method, to)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inLabel)
		}
	}
	walk(root, false)
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q is there %d times", id, n)
		}
	}
	for _, id := range referred {
		if ids[id] == 0 {
			t.Errorf("aria refers to %q, which is not there", id)
		}
	}
	for _, n := range fields {
		if id := attribute(n, "id"); id == "" || !forIDs[id] {
			t.Errorf("<%s name=%q id=%q> has no label", n.Data, attribute(n, "name"), id)
		}
	}
	for _, landmark := range []string{"main", "header", "h1"} {
		if !has(root, landmark) {
			t.Errorf("no <%s>", landmark)
		}
	}
}

// balanced finds elements that are not closed, or closed twice: a browser mends them,
// each in its own way.
func balanced(t *testing.T, page string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	var stack []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(stack) > 0 {
				t.Errorf("not closed: %v", stack)
			}
			return
		case html.StartTagToken:
			if name, _ := z.TagName(); !slices.Contains(void, string(name)) {
				stack = append(stack, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(stack) == 0 || stack[len(stack)-1] != string(name) {
				t.Fatalf("</%s> closes %v", name, stack)
			}
			stack = stack[:len(stack)-1]
		}
	}
}

func muxOf(routes []web.Route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range routes {
		for _, method := range r.Methods {
			mux.HandleFunc(method+" "+r.Pattern, func(http.ResponseWriter, *http.Request) {})
		}
	}
	return mux
}

// leads finds links to elsewhere, and to where there is no route.
func leads(t *testing.T, mux *http.ServeMux, method, to string) {
	t.Helper()
	u, err := url.Parse(to)
	switch {
	case err != nil:
		t.Errorf("link %q: %v", to, err)
	case u.Scheme != "" || u.Host != "":
		t.Errorf("link %q leads to another host", to)
	case u.Path == "" && u.Fragment != "":
	default:
		if _, pattern := mux.Handler(httptest.NewRequest(method, u.RequestURI(), nil)); pattern == "" {
			t.Errorf("%s %q leads to no route", method, to)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, element string) bool {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == element {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
