package config

import (
	"time"

	"github.com/doisoat/doisoat/adapter/database"
	"github.com/doisoat/doisoat/adapter/rest"
	"github.com/doisoat/doisoat/adapter/workbook"
	"github.com/doisoat/doisoat/reconcile"
)

// Config is a whole configuration, checked and resolved: paths are absolute,
// secrets read, defaults filled in.
type Config struct {
	File        string         // the file it was read from, as the caller named it
	Zone        *time.Location // key timezone; Asia/Ho_Chi_Minh if left out
	Store       Store          // where doisoat keeps its own state
	Calendar    string         // path of the calendar file; "" is the shipped calendar
	Departments []Department   // in the order of every table; at least one
	Platform    Source         // the one platform
	Offices     []Source       // any number, none among them
	Rules       Rules
	Deliver     *Deliver // nil: nothing is sent
	Web         Web
}

// Sources lists the platform and the offices, the platform first.
func (c *Config) Sources() []Source {
	return append([]Source{c.Platform}, c.Offices...)
}

// Store is the database doisoat keeps its own state in.
type Store struct {
	Driver string // "sqlite" or "postgres"
	Path   string // sqlite: the file's absolute path
	URL    Secret // postgres: the connection URL
}

// Department is one department of the report.
type Department struct {
	Code string // as records name it once mapped; unique
	Name string // as people read it
	// Deliver is where its lists and letters go; nil: they are only shown.
	Deliver *Recipient
}

// Source is one system that is read: the platform or an office. Exactly one of
// REST, Database and Workbook is set.
type Source struct {
	Name        string         // unique among all sources
	Side        reconcile.Side //
	Departments []string       // codes whose records an office keeps; none for the platform
	Mapping     string         // the mapping file's absolute path, or "preset:NAME"
	MappingLine int            // where the configuration names the mapping
	Poll        Poll

	REST     *rest.Config
	Database *database.Config
	Workbook *workbook.Config
}

// Protocol names the kind of source by its key in the file: http, database or workbook.
func (s Source) Protocol() string {
	switch {
	case s.REST != nil:
		return "http"
	case s.Database != nil:
		return "database"
	case s.Workbook != nil:
		return "workbook"
	}
	return ""
}

// Poll is when the daemon reads a source; a single run reads each source once
// whatever it says.
type Poll struct {
	Every time.Duration // between two polls
	// Full is when it is read in full whatever changed, a five-field cron
	// expression in Config.Zone. The platform's is the nightly run's; an office's
	// "" is the same.
	Full string
	// MaxDataAge is how old the newest change that the source tells may grow
	// before it is taken to be stuck.
	MaxDataAge time.Duration
}

// Web is the daemon's HTTP server.
type Web struct {
	Title string // heads the pages

	Listen string // host:port; loopback only, unless the file says otherwise
	// ConfigFile is a web configuration of the Prometheus exporters with TLS and
	// basic auth, an absolute path; "" for neither.
	ConfigFile string
	// Hosts are names, besides its own address, under which it may be asked.
	Hosts      []string
	Operations *Operations // nil: metrics, health and reload are at Listen, too
	Access     Access
}

// Operations is an address of its own for what machines ask: metrics, health and
// reload.
type Operations struct {
	Listen     string // host:port
	ConfigFile string // as of Web
}

// Rules are the numbers that decisions rest on, each at its default where the
// file is silent.
type Rules struct {
	Grace   map[reconcile.Kind]time.Duration // working time; every kind is present
	Compare reconcile.DeadlineCompare
	Shrink  Threshold // a snapshot smaller than the last by more is held
	Surge   Threshold // a run that would open more sends nothing
	// Correction is the working time a department is given to correct what is open.
	Correction time.Duration
}

// Threshold is passed when both its share and its number are.
type Threshold struct {
	Percent float64 `yaml:"percent" json:"percent"` // 0 to 100
	Count   int     `yaml:"count" json:"count"`
}
