package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/adapter/rest"
)

var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

// whence says, for each placeholder, what gives its value.
var whence = map[string]string{
	"${session}": "add auth.login or auth.oauth2, which fetches it",
	"${from}":    "add paging.window, which gives it",
	"${to}":      "add paging.window, which gives it",
	"${since}":   "add list.since, which gives it",
}

// placeholders holds what is filled into requests against what there is to be
// filled in: a ${session} nobody fetches would be sent as it stands, and a token
// that nothing carries would be of no use. Texts are not quoted: they may be secrets.
func (s *section) placeholders(cfg *rest.Config) {
	filled := map[string]bool{
		"${session}": cfg.Auth.Login != nil || cfg.Auth.OAuth2 != nil,
		"${from}":    cfg.List.Window != nil,
		"${to}":      cfg.List.Window != nil,
		"${since}":   cfg.List.Since != nil,
	}
	l := cfg.List
	used := textsOf(cfg.Headers, l.Path, l.Query, l.Body)
	s.get("list").filled(used, filled)
	if o := cfg.One; o != nil {
		texts := textsOf(o.Path, o.Query, o.Body)
		s.get("one").filled(texts, map[string]bool{"${session}": filled["${session}"]})
		if o.Path != "" && !slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, "{code}") }) {
			s.get("one").faultShowing("", "does not say which dossier is meant", "use {code} in path, query or body")
		}
		used = append(used, texts...)
	}

	sent := func(name string) bool {
		return slices.ContainsFunc(used, func(t string) bool { return strings.Contains(t, name) })
	}
	list := s.get("list").peek()
	if w := l.Window; w != nil && (w.From == "" && !sent("${from}") || w.To == "" && !sent("${to}")) {
		at := list.sub("paging").peek().sub("window")
		if !at.given() {
			at = list.sub("window")
		}
		at.faultShowing("", "does not say how its bounds are sent", "name the parameters in from and to, or use ${from} and ${to} in query or body")
	}
	// With windows, an incremental poll may simply begin with a later one.
	if l.Since != nil && l.Since.Param == "" && l.Window == nil && !sent("${since}") {
		list.sub("since").faultShowing("", "does not say how the moment is sent", "name the parameter in param, or use ${since} in query or body")
	}
	if login := cfg.Auth.Login; login != nil && login.Header == "" && login.Prefix == "" && !sent("${session}") {
		s.get("auth").peek().sub("login").faultShowing("", "fetches a token that nothing sends", "name the header that carries it, or use ${session} in list.query or list.body")
	}
}

// filled reports placeholders in texts that are unknown or have no value.
func (v value) filled(texts []string, filled map[string]bool) {
	for _, text := range texts {
		for _, name := range placeholder.FindAllString(text, -1) {
			switch can, knows := filled[name]; {
			case !knows && whence[name] == "":
				v.faultShowing("", "holds a placeholder that is unknown", "use ${session}, ${from}, ${to} or ${since}")
			case !knows:
				v.faultShowing("", "uses "+name+", which has no value here", "use it in list only")
			case !can:
				v.faultShowing("", "uses "+name+", which nothing fills in", whence[name])
			}
		}
	}
}

// textsOf lists all texts within a request's parts, sorted so that faults come
// in the same order each time.
func textsOf(parts ...any) []string {
	var texts []string
	for _, part := range parts {
		switch p := part.(type) {
		case string:
			texts = append(texts, p)
		case []any:
			texts = append(texts, textsOf(p...)...)
		case map[string]any:
			for _, item := range p {
				texts = append(texts, textsOf(item)...)
			}
		case map[string]string:
			for _, item := range p {
				texts = append(texts, item)
			}
		}
	}
	slices.Sort(texts)
	return texts
}
