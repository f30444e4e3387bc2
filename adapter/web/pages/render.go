package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

//go:embed templates
var sources embed.FS

// shared are the templates that others are made of: the layout, and pieces that
// several pages have. All others are pages.
var shared = []string{"templates/layout.html", "templates/pieces.html", "templates/acts.html", "templates/records.html"}

// parse makes every page in every language; what a template shows of a language it
// asks from its functions, which are the language's.
func parse(files *assets, zone *time.Location) (map[language]map[string]*template.Template, error) {
	names, err := fs.Glob(sources, "templates/*.html")
	if err != nil {
		return nil, err
	}
	all := map[language]map[string]*template.Template{}
	for _, l := range languages {
		base, err := template.New("").Option("missingkey=zero").Funcs(functions(l, files, zone)).ParseFS(sources, shared...)
		if err != nil {
			return nil, fmt.Errorf("pages: templates: %w", err)
		}
		all[l] = map[string]*template.Template{}
		for _, name := range names {
			page, err := base.Clone()
			if err == nil {
				page, err = page.ParseFS(sources, name)
			}
			if err != nil {
				return nil, fmt.Errorf("pages: template %s: %w", name, err)
			}
			all[l][strings.TrimSuffix(path.Base(name), ".html")] = page
		}
	}
	return all, nil
}

// functions are what templates call.
func functions(l language, files *assets, zone *time.Location) template.FuncMap {
	text := words[l]
	f := template.FuncMap{
		"t":      text.say,
		"lang":   func() string { return string(l) },
		"asset":  files.address,
		"moment": func(s string) string { return moment(s, zone) },
		"day":    func(s string) string { return day(s, zone) },
		"last":   func(s string) string { return lastDay(s, zone) },
		"num":    func(n any) (string, error) { return shownNumber(n, l) },
		"signed": func(n int) string { return signed(n, l) },
		"hours":  func(s string) string { return hours(s, l) },
		"add":    func(a, b int) int { return a + b },
		"join":   strings.Join,
		"seg":    url.PathEscape,
		"pair":   func(a, b any) [2]any { return [2]any{a, b} },
		"count":  func(key string, n int) (string, error) { return text.say(key, number(n, l)) },
	}
	maps.Copy(f, labels(text, l))
	return f
}

// say is the phrase of a key; an unknown one is an error, so that no page can show it.
func (t phrases) say(key string, args ...any) (string, error) {
	phrase, there := t[key]
	if !there {
		return "", fmt.Errorf("no phrase %q", key)
	}
	if len(args) == 0 {
		return phrase, nil
	}
	return fmt.Sprintf(phrase, args...), nil
}

func shownNumber(n any, l language) (string, error) {
	switch n := n.(type) {
	case int:
		return number(n, l), nil
	case int64:
		return number(n, l), nil
	}
	return "", fmt.Errorf("%T is no whole number", n)
}

// labels name the constants of the rules, the store and the server.
func labels(text phrases, l language) template.FuncMap {
	of := func(prefix string) func(any) (string, error) {
		return func(v any) (string, error) { return text.say(prefix + fmt.Sprint(v)) }
	}
	return template.FuncMap{
		"kind": func(k reconcile.Kind) (string, error) {
			if l == vi {
				return known(reconcile.KindLabels, k)
			}
			return text.say("kind." + string(k))
		},
		"state": func(s reconcile.State) (string, error) {
			if l == vi {
				return known(reconcile.StateLabels, s)
			}
			return text.say("state." + string(s))
		},
		"effect": func(e reconcile.Effect) (string, error) {
			if l == vi {
				return known(reconcile.EffectLabels, e)
			}
			return text.say("effect." + string(e))
		},
		"status": func(s reconcile.Status) (string, error) {
			switch {
			case s == "":
				return text.say("status.unmapped")
			case l == vi:
				return known(reconcile.StatusLabels, s)
			}
			return text.say("status." + string(s))
		},
		"verdict":  of("verdict."),
		"role":     of("role."),
		"via":      of("via."),
		"side":     of("side."),
		"snapshot": of("snapshot."),
		"mode":     of("mode."),
		"cause":    of("cause."),
		"protocol": of("protocol."),
		"delivery": of("delivery."),
		"outcome":  of("outcome."),
		"column":   of("column."),
		"account":  of("account."),
		// What the core says in English of where a date comes from, or why a day is
		// not worked, has a translation; what has none is shown as it is.
		"translated": func(s string) string {
			if phrase, there := text["core."+s]; there {
				return phrase
			}
			return s
		},
		"channel": func(s string) string {
			if phrase, there := text["channel."+s]; there {
				return phrase
			}
			return s
		},
	}
}

func known[K ~string](table map[K]string, key K) (string, error) {
	if label, there := table[key]; there {
		return label, nil
	}
	return "", fmt.Errorf("no label for %q", key)
}

// render answers with a page. It is made whole before any of it is sent, so that a
// fault in a template is a fault, not half a page.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name string, v *view) error {
	var b bytes.Buffer
	page, there := p.templates[v.Language][name]
	if !there {
		return fmt.Errorf("pages: no template %q", name)
	}
	if err := page.ExecuteTemplate(&b, "layout", v); err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", string(v.Language))
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(b.Bytes()) // the client went away
	return nil
}
