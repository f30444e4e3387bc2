package config

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // small machines and containers have no zone files
	"unicode"

	"github.com/doisoat/doisoat/reconcile"
)

// Defaults of the top-level keys.
const (
	defaultZone  = "Asia/Ho_Chi_Minh"
	defaultStore = "sqlite:doisoat.db"
)

func (r *reader) root(v value, c *Config) {
	s := v.section("write keys such as departments, platform and offices")
	if s == nil {
		return
	}
	c.Zone = s.get("timezone").zone(nil)
	r.zone = c.Zone
	c.Store = s.store()
	c.Calendar = s.get("calendar").existing("name a calendar file, or leave the key out for the shipped calendar")
	deliver := s.get("deliver")
	c.Deliver = deliver.deliver()
	c.Departments = s.departments(deliver, c.Deliver)
	names := map[string]value{}
	if platform := s.need("platform", "describe the one platform: name, mapping and one of http, database, workbook"); platform.given() {
		if resolve(platform.node) != nil && kindOf(platform.node) == "a list" {
			platform.faultShowing("", "is a list", "there is exactly one platform: write its keys without the leading -")
		} else {
			c.Platform = platform.source(reconcile.Platform, nil, names)
		}
	}
	for _, office := range s.get("offices").list("write a list of offices, each with name, departments, mapping and one of http, database, workbook") {
		c.Offices = append(c.Offices, office.source(reconcile.Office, c.Departments, names))
	}
	c.settlePolls()
	c.Rules = s.get("rules").rules()
	c.Web = s.get("web").web(c.Departments)
	c.settleTitle()
	s.done()
}

// zone is a time zone by its IANA name; fallback, or else Vietnam's, where the
// key is left out.
func (v value) zone(fallback *time.Location) *time.Location {
	const remedy = "write an IANA name such as Asia/Ho_Chi_Minh or UTC"
	if fallback == nil {
		fallback, _ = time.LoadLocation(defaultZone) // embedded: cannot be missing
	}
	name := v.text(remedy)
	if name == "" {
		return fallback
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // Local would depend on the machine
		v.fault("is no time zone known here", remedy)
		return fallback
	}
	return zone
}

func (s *section) store() Store {
	const remedy = "write sqlite:PATH or postgres://USER@HOST/DATABASE?sslmode=…"
	text, given := s.secret("store")
	v := s.secretly("store")
	if !v.given() {
		v = s.get("store_file")
		v.hidden = true
	}
	if !given {
		text = defaultStore
	}
	raw := text.Reveal()
	scheme, rest, _ := strings.Cut(raw, ":")
	switch {
	case raw == "": // its fault is reported
	case scheme == "sqlite":
		if path := strings.TrimPrefix(rest, "//"); strings.Trim(path, "/") != "" && !strings.ContainsAny(path, "?\x00") && path != ":memory:" {
			return Store{Driver: "sqlite", Path: s.r.absolute(path)}
		}
		v.fault("names no file for sqlite", "write sqlite:PATH, the path relative to the configuration's folder")
	case scheme == "postgres" || scheme == "postgresql":
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" && u.Query().Get("host") == "" || strings.Trim(u.Path, "/") == "" {
			v.fault("is no complete PostgreSQL URL", "write postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=…, best in a file named by store_file")
			break
		}
		return Store{Driver: "postgres", URL: text}
	default:
		v.fault("names neither SQLite nor PostgreSQL", remedy)
	}
	return Store{}
}

func (s *section) departments(deliver value, all *Deliver) []Department {
	const remedy = "write a list such as - {code: KT, name: Phòng Kinh tế}"
	v := s.need("departments", remedy)
	items := v.list(remedy)
	if v.given() && kindOf(v.node) == "a list" && len(items) == 0 {
		v.faultShowing("", "is empty", remedy)
	}
	var known []Department
	firstLine := map[string]int{}
	for _, item := range items {
		d := item.section(remedy)
		code := d.need("code", "give the short code that records carry once mapped, such as KT")
		dep := Department{
			Code: code.text("give the short code that records carry once mapped, such as KT"),
			Name: d.need("name", "give the name that people read, such as Phòng Kinh tế").text("give the name that people read, such as Phòng Kinh tế"),
		}
		dep.Deliver = d.get("deliver").recipient(dep.Code, deliver, all)
		d.done()
		if dep.Code == "" {
			continue
		}
		if !departmentCode(dep.Code) {
			code.fault("is no department code", "use letters, digits, . - and _, 40 at most")
		} else if line, twice := firstLine[strings.ToUpper(dep.Code)]; twice {
			code.fault(fmt.Sprintf("is the code of two departments, first on line %d", line), "give each department a code of its own")
		}
		firstLine[strings.ToUpper(dep.Code)] = code.line
		known = append(known, dep)
	}
	return known
}

// departmentCode allows Vietnamese letters and dots: some sites use the
// national unit codes (000.00.16.H57).
func departmentCode(s string) bool {
	return len([]rune(s)) <= 40 && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(".-_", r)
	})
}
