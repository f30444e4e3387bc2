package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// maxRejected is how many rejected rows a page shows.
const maxRejected = 200

// sourcesBody is how the sources are doing.
type sourcesBody struct {
	Items    []sourceLine
	Guards   web.Guards
	Warnings []string
	Held     bool
}

func (p *Pages) sources(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "sources.title")
	if err != nil {
		return err
	}
	list, err := p.options.Backend.Sources(r.Context(), v.Who.Scope())
	if err != nil {
		return err
	}
	status, err := p.options.Backend.Status(r.Context())
	if err != nil {
		return err
	}
	g := status.Guards
	return p.page(w, r, "sources", v, sourcesBody{
		Items: p.linesOf(list), Guards: g, Warnings: status.Warnings, Held: len(g.HeldRuns)+len(g.HeldSnapshots)+len(g.NotAccepted) > 0,
	})
}

// sourceBody is one source.
type sourceBody struct {
	sourceLine
	Rows     []web.RejectedRow
	More     bool // rows that are not shown
	Holdings []holding
	Lacks    []lack
}

// holding is how many rows are held in a status.
type holding struct {
	Status reconcile.Status // "" where the mapping does not know it
	Count  int
}

// lack is what the mapping does not know, with the line that would mend it.
type lack struct {
	web.Unmapped
	Line string
}

func (p *Pages) source(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "source.title")
	if err != nil {
		return err
	}
	list, err := p.options.Backend.Sources(r.Context(), v.Who.Scope())
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	at := slices.IndexFunc(list, func(s web.Source) bool { return s.Name == name })
	if at < 0 {
		return web.ErrNotFound
	}
	rejected, err := p.options.Backend.Rejected(r.Context(), name, maxRejected+1)
	if err != nil {
		return err
	}
	v.Title += " " + name
	body := sourceBody{sourceLine: p.linesOf(list[at : at+1])[0], Rows: rejected}
	if body.More = len(rejected) > maxRejected; body.More {
		body.Rows = rejected[:maxRejected]
	}
	for _, status := range append(slices.Clone(reconcile.Statuses), "") {
		key := string(status)
		if status == "" {
			key = "unmapped"
		}
		if n := body.Statuses[key]; n > 0 {
			body.Holdings = append(body.Holdings, holding{status, n})
		}
	}
	for _, one := range body.Unmapped {
		body.Lacks = append(body.Lacks, lack{one, mappingLine(one)})
	}
	return p.page(w, r, "source", v, body)
}

// sections are the mapping's parts that hold values of a field.
var sections = map[string]string{"status": "statuses", "department": "departments"}

// mappingLine is what to add to the mapping: the value as YAML, and where the
// meaning goes. "" where the value is not kept.
func mappingLine(u web.Unmapped) string {
	section := sections[u.Field]
	if section == "" || u.Value == "" {
		return ""
	}
	meaning := "processing"
	if u.Field == "department" {
		meaning = "KT"
	}
	return fmt.Sprintf("%s:\n  %s: %s", section, yamlKey(u.Value), meaning)
}

// yamlKey writes a foreign text as a double-quoted scalar, which can hold anything.
func yamlKey(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e || c == 0xfeff:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Meanings are what a status can be mapped to, with what it means.
func (sourceBody) Meanings() []reconcile.Status { return reconcile.Statuses }

func (p *Pages) pollSource(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := p.options.Backend.PollNow(r.Context(), access.From(r.Context()), name); err != nil {
		return err
	}
	p.around.forget()
	return done(w, r, "/sources/"+url.PathEscape(name), "poll_asked", -1)
}

func (p *Pages) acceptSnapshot(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.options.Backend.AcceptSnapshot(r.Context(), access.From(r.Context()), id); err != nil {
		return err
	}
	p.around.forget()
	return done(w, r, "/sources", "snapshot_accepted", -1)
}

func (p *Pages) releaseRun(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.options.Backend.ReleaseRun(r.Context(), access.From(r.Context()), id); err != nil {
		return err
	}
	p.around.forget()
	return done(w, r, "/sources", "run_released", -1)
}
