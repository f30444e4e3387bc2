package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/database"
	"github.com/doisoat/doisoat/adapter/rest"
	"github.com/doisoat/doisoat/reconcile"
)

// printedConfig is what may be seen of a Config. It lists what is shown, so that
// a field added elsewhere stays unseen until somebody decides that it may be.
type printedConfig struct {
	Timezone    string              `yaml:"timezone" json:"timezone"`
	Store       string              `yaml:"store" json:"store"`
	Calendar    string              `yaml:"calendar" json:"calendar"`
	Departments []printedDepartment `yaml:"departments" json:"departments"`
	Platform    printedSource       `yaml:"platform" json:"platform"`
	Offices     []printedSource     `yaml:"offices" json:"offices"`
	Rules       printedRules        `yaml:"rules" json:"rules"`
	Deliver     *printedDeliver     `yaml:"deliver,omitempty" json:"deliver,omitempty"`
	Web         printedWeb          `yaml:"web" json:"web"`
}

type printedSource struct {
	Name        string            `yaml:"name" json:"name"`
	Departments []string          `yaml:"departments,omitempty" json:"departments,omitempty"`
	Mapping     string            `yaml:"mapping" json:"mapping"`
	Every       string            `yaml:"every,omitempty" json:"every,omitempty"`
	Full        string            `yaml:"full,omitempty" json:"full,omitempty"`
	MaxDataAge  string            `yaml:"max_data_age,omitempty" json:"max_data_age,omitempty"`
	HTTP        *printedHTTP      `yaml:"http,omitempty" json:"http,omitempty"`
	Database    *printedDatabase  `yaml:"database,omitempty" json:"database,omitempty"`
	Workbook    map[string]string `yaml:"workbook,omitempty" json:"workbook,omitempty"`
}

// printedHTTP shows names of headers, parameters and body keys, never their values.
type printedHTTP struct {
	URL     string            `yaml:"url" json:"url"`
	Auth    string            `yaml:"auth" json:"auth"`
	Headers map[string]Secret `yaml:"headers,omitempty" json:"headers,omitempty"`
	List    string            `yaml:"list" json:"list"`
	Query   map[string]Secret `yaml:"query,omitempty" json:"query,omitempty"`
	Body    any               `yaml:"body,omitempty" json:"body,omitempty"`
	Paging  string            `yaml:"paging" json:"paging"`
	Window  string            `yaml:"window,omitempty" json:"window,omitempty"`
	Since   string            `yaml:"since,omitempty" json:"since,omitempty"`
	One     string            `yaml:"one,omitempty" json:"one,omitempty"`
	Limits  string            `yaml:"limits" json:"limits"`
}

type printedDatabase struct {
	Driver  string `yaml:"driver" json:"driver"`
	URL     Secret `yaml:"url" json:"url"`
	Query   string `yaml:"query" json:"query"`
	Since   string `yaml:"since,omitempty" json:"since,omitempty"`
	One     string `yaml:"one,omitempty" json:"one,omitempty"`
	Timeout string `yaml:"timeout" json:"timeout"`
}

type printedRules struct {
	Grace    map[reconcile.Kind]string `yaml:"grace" json:"grace"`
	Deadline string                    `yaml:"deadline" json:"deadline"`
	Shrink   Threshold                 `yaml:"shrink" json:"shrink"`
	Surge    Threshold                 `yaml:"surge" json:"surge"`
	Correct  string                    `yaml:"correction" json:"correction"`
}

func (c Config) printed() printedConfig {
	p := printedConfig{
		Store: c.Store.String(), Calendar: c.Calendar, Platform: c.Platform.printed(),
		Rules:   printedRules{Grace: map[reconcile.Kind]string{}, Deadline: string(c.Rules.Compare), Shrink: c.Rules.Shrink, Surge: c.Rules.Surge, Correct: c.Rules.Correction.String()},
		Deliver: c.Deliver.printed(), Web: c.Web.printed(),
	}
	if c.Zone != nil {
		p.Timezone = c.Zone.String()
	}
	if p.Calendar == "" {
		p.Calendar = "preset:calendar"
	}
	for _, d := range c.Departments {
		p.Departments = append(p.Departments, d.printed())
	}
	for _, office := range c.Offices {
		p.Offices = append(p.Offices, office.printed())
	}
	for kind, d := range c.Rules.Grace {
		p.Rules.Grace[kind] = d.String()
	}
	return p
}

func (s Source) printed() printedSource {
	p := printedSource{Name: s.Name, Departments: s.Departments, Mapping: s.Mapping, Full: s.Poll.Full}
	if s.Poll.Every > 0 {
		p.Every, p.MaxDataAge = s.Poll.Every.String(), s.Poll.MaxDataAge.String()
	}
	if s.REST != nil {
		p.HTTP = printREST(s.REST)
	}
	if s.Database != nil {
		p.Database = printDatabase(s.Database)
	}
	if w := s.Workbook; w != nil {
		p.Workbook = map[string]string{"path": w.Path}
		for key, text := range map[string]string{"sheet": w.Sheet, "delimiter": w.Delimiter, "encoding": w.Encoding} {
			if text != "" {
				p.Workbook[key] = text
			}
		}
		if w.HeaderRow > 0 {
			p.Workbook["header_row"] = fmt.Sprint(w.HeaderRow)
		}
	}
	return p
}

func printDatabase(d *database.Config) *printedDatabase {
	return &printedDatabase{Driver: d.Driver, URL: Secret(d.URL), Query: d.Query, Since: d.Since, One: d.One, Timeout: d.StatementTimeout.String()}
}

func printREST(c *rest.Config) *printedHTTP {
	p := &printedHTTP{
		URL: c.URL, Auth: authWay(c.Auth), Headers: hideTexts(c.Headers),
		List: c.List.Method + " " + c.List.Path, Query: hideTexts(c.List.Query), Body: hideBody(c.List.Body),
		Paging: pagingWay(c.List.Paging),
		Limits: fmt.Sprintf("%d at once, %g a second, %s each, %d retries, %d bytes a page",
			c.Limits.Concurrency, c.Limits.PerSecond, c.Limits.Timeout, max(c.Limits.Retries, 0), c.Limits.MaxPageBytes),
	}
	if w := c.List.Window; w != nil {
		p.Window = fmt.Sprintf("%s from %s on", w.Max, w.Start.Format(time.DateOnly))
	}
	if s := c.List.Since; s != nil {
		p.Since = fmt.Sprintf("%s, %s back", s.Layout, s.Overlap)
	}
	if c.One != nil {
		p.One = c.One.Method + " " + c.One.Path
	}
	return p
}

func authWay(a rest.Auth) string {
	switch {
	case a.Basic != nil:
		return "basic " + hiddenSecret
	case a.Bearer != "":
		return "bearer " + hiddenSecret
	case a.Header != nil:
		return "header " + a.Header.Name + ": " + hiddenSecret
	case a.OAuth2 != nil:
		return "oauth2 " + hiddenSecret + " at " + a.OAuth2.TokenURL
	case a.Login != nil:
		return "login " + hiddenSecret + " at " + a.Login.Path
	}
	return "none"
}

func pagingWay(p rest.Paging) string {
	switch {
	case p.Page != nil:
		return fmt.Sprintf("page %s of %d, the first is %d", p.Page.Param, p.Page.Size, p.Page.First)
	case p.Range != nil:
		return fmt.Sprintf("range %s to %s of %d", p.Range.Start, p.Range.End, p.Range.Size)
	case p.Offset != nil:
		return fmt.Sprintf("offset %s, limit %s of %d", p.Offset.Offset, p.Offset.Limit, p.Offset.Size)
	case p.Cursor != nil:
		return fmt.Sprintf("cursor %s from %s", p.Cursor.Param, p.Cursor.Next)
	case p.Link != nil:
		return "link"
	}
	return "none"
}

func hideTexts(m map[string]string) map[string]Secret {
	hidden := make(map[string]Secret, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		hidden[key] = Secret(m[key])
	}
	return hidden
}

// hideBody keeps a body's keys and hides every value.
func hideBody(body any) any {
	switch b := body.(type) {
	case nil:
		return nil
	case map[string]any:
		hidden := make(map[string]any, len(b))
		for key, item := range b {
			hidden[key] = hideBody(item)
		}
		return hidden
	case []any:
		hidden := make([]any, len(b))
		for i, item := range b {
			hidden[i] = hideBody(item)
		}
		return hidden
	}
	return hiddenSecret
}
