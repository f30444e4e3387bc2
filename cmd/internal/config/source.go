package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/mappings"
	"github.com/doisoat/doisoat/reconcile"
)

// sourceName is strict, for names go into metrics, file names and commands.
var sourceName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// source reads the platform or one office. names are those taken so far.
func (v value) source(side reconcile.Side, departments []Department, names map[string]value) Source {
	src := Source{Side: side}
	s := v.section("write name, mapping and one of http, database, workbook")
	if s == nil {
		return src
	}
	src.Name = s.sourceName(names)
	if side == reconcile.Office {
		src.Departments = s.officeDepartments(departments)
	} else {
		s.refuse("departments", "the platform names each dossier's department itself", "leave the key out here; map the department in the mapping")
	}
	mapping := s.need("mapping", "name a mapping file, or a shipped one such as preset:opencps")
	src.MappingLine = mapping.line
	src.Mapping = mapping.mapping()
	src.Poll = s.get("poll").poll()
	s.protocol(&src)
	s.done()
	return src
}

func (s *section) protocol(src *Source) {
	kinds := []string{"http", "database", "workbook"}
	switch given := s.variants(kinds...); {
	case len(given) == 0 && !s.misspelt(kinds...):
		s.faultShowing("", "says nothing of how to read it", "add one of http, database, workbook")
	case len(given) > 1:
		s.faultShowing("", "has several ways to be read: "+strings.Join(given, ", "), "keep one; two systems are two sources")
	}
	src.REST = s.get("http").http(src.Name)
	src.Database = s.get("database").database(src.Name)
	src.Workbook = s.get("workbook").workbook(src.Name)
}

func (s *section) sourceName(names map[string]value) string {
	const remedy = "give a short name of letters, digits, - and _, such as land-register"
	v := s.need("name", remedy)
	name := v.text(remedy)
	if name == "" {
		return ""
	}
	if !sourceName.MatchString(name) {
		v.fault("is no source name", "use letters, digits, - and _ only, 40 at most")
	}
	// Without regard to case: some file systems and databases have none.
	if first, taken := names[strings.ToLower(name)]; taken {
		v.fault(fmt.Sprintf("is the name of two sources, first on line %d", first.line), "give each source a name of its own")
	} else {
		names[strings.ToLower(name)] = v
	}
	return name
}

func (s *section) officeDepartments(known []Department) []string {
	const remedy = "list the codes of the departments whose records it keeps, such as [KT]"
	v := s.need("departments", remedy)
	items := v.list(remedy)
	if v.given() && kindOf(v.node) == "a list" && len(items) == 0 {
		v.faultShowing("", "is empty", remedy)
	}
	var codes []string
	for _, item := range items {
		code := item.departmentIn(known, remedy)
		if code != "" && slices.Contains(codes, code) {
			item.fault("appears twice", "keep one of them")
			continue
		}
		if code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

// presetMark begins the name of a shipped mapping.
const presetMark = "preset:"

// mapping is a mapping file's absolute path, or preset:NAME as written. What a
// file says is the mappings package's to judge.
func (v value) mapping() string {
	const remedy = "name a mapping file relative to the configuration's folder, or a shipped one such as preset:opencps"
	text := v.textOrEmpty(remedy)
	name, isPreset := strings.CutPrefix(text, presetMark)
	if !isPreset {
		return v.existing(remedy)
	}
	shipped := mappings.Presets()
	if slices.Contains(shipped, name) {
		return text
	}
	fix := "write one of preset:" + strings.Join(shipped, ", preset:")
	if near := mappings.Nearest(name, shipped); near != "" {
		fix = fmt.Sprintf("did you mean %s%s?", presetMark, near)
	}
	v.fault("is no shipped mapping", fix)
	return ""
}

// Defaults of when a source is read. Five days without any change are more than a
// weekend; longer holidays are for the one who knows them to allow for.
const (
	defaultEvery      = 15 * time.Minute
	defaultMaxDataAge = 5 * 24 * time.Hour
	defaultFull       = "0 1 * * *"
)

// settlePolls fills in when sources are read in full: the platform at one in the
// morning, the offices when the platform is.
func (c *Config) settlePolls() {
	if c.Platform.Poll.Full == "" {
		c.Platform.Poll.Full = defaultFull
	}
	for i := range c.Offices {
		if poll := &c.Offices[i].Poll; poll.Full == "" {
			poll.Full = c.Platform.Poll.Full
		}
	}
}

func (v value) poll() Poll {
	s := v.section(`write {every: 15m, full: "0 1 * * *"}`)
	p := Poll{
		Every:      s.get("every").duration(defaultEvery, time.Second, "write how often to read, such as 15m"),
		Full:       s.get("full").cron(),
		MaxDataAge: s.get("max_data_age").duration(defaultMaxDataAge, time.Minute, "write how old the newest change may grow, such as 120h"),
	}
	s.done()
	return p
}
