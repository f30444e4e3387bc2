package world

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Style is which interface the platform shows.
type Style string

// The styles. All serve the same dossiers, so that the truth is the same.
const (
	PageStyle    Style = "page"    // a provincial system: log-in for a token, PageNumber and PageSize
	OpenCPSStyle Style = "opencps" // OpenCPS v2: basic authentication, a range start–end
	DVCQGStyle   Style = "dvcqg"   // the national portal's adapter: POST, the session in the body
)

// Styles lists them.
var Styles = []Style{PageStyle, OpenCPSStyle, DVCQGStyle}

// PlatformOptions say how the platform behaves. The zero value is the sample's
// page style.
type PlatformOptions struct {
	Style          Style  // PageStyle if empty
	User, Password string // the sample's if empty
	TokenCalls     int    // calls after which a token or session dies; 40 if zero, never if negative
	MaxPageSize    int    // 1000 if zero; OpenCPS has no limit
	Latency        time.Duration
	GroupID        string // OpenCPS: the required header; "20143" if empty
	Faults         []Fault
	Seed           uint64 // of the faults that strike by chance
}

// Platform plays the province's central system. It is an http.Handler, safe
// for concurrent use, and may be changed while it serves.
type Platform struct {
	options PlatformOptions
	routes  *http.ServeMux

	mu      sync.Mutex
	entries []entry
	tokens  map[string]int // calls left
	issued  int
	faults  []*armed
	stats   Stats
}

// entry is one row the platform serves, ready in its style.
type entry struct {
	code    string // canonical
	updated time.Time
	raw     json.RawMessage
}

// Stats count what the platform was asked.
type Stats struct {
	Requests int         // all of them, refused ones included
	Logins   int         // tokens and sessions given out
	Ones     int         // requests for a single dossier
	Lists    map[int]int // by page number: list requests let in
	Struck   map[FaultKind]int
}

// NewPlatform makes a platform that holds these records, in this order.
func NewPlatform(records []Record, o PlatformOptions) (*Platform, error) {
	if o.Style == "" {
		o.Style = PageStyle
	}
	if o.User == "" {
		o.User, o.Password = sampleUser, samplePassword
	}
	if o.TokenCalls == 0 {
		o.TokenCalls = 40
	}
	if o.MaxPageSize == 0 {
		o.MaxPageSize = 1000
	}
	if o.GroupID == "" {
		o.GroupID = "20143"
	}
	p := &Platform{options: o, routes: http.NewServeMux(), tokens: map[string]int{}}
	p.stats = Stats{Lists: map[int]int{}, Struck: map[FaultKind]int{}}
	switch o.Style {
	case PageStyle:
		p.pageRoutes()
	case OpenCPSStyle:
		p.opencpsRoutes()
	case DVCQGStyle:
		p.dvcqgRoutes()
	default:
		return nil, fmt.Errorf("platform style %q is none of %q", o.Style, Styles)
	}
	if err := p.SetRecords(records); err != nil {
		return nil, err
	}
	p.SetFaults(o.Faults...)
	return p, nil
}

// ServeHTTP answers as the style does.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.stats.Requests++
	p.mu.Unlock()
	p.routes.ServeHTTP(w, r)
}

// SetRecords replaces everything the platform holds.
func (p *Platform) SetRecords(records []Record) error {
	entries := make([]entry, 0, len(records))
	for _, r := range records {
		e, err := p.render(r)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.entries = entries
	return nil
}

// Put stores a record in the place of the first one with its code, or behind all others.
func (p *Platform) Put(r Record) error {
	e, err := p.render(r)
	if err != nil {
		return err
	}
	p.put(e)
	return nil
}

// PutRaw stores a row exactly as given, in the style's own words: for rows that
// no Record can say. updated is what incremental requests go by.
func (p *Platform) PutRaw(code string, updated time.Time, raw json.RawMessage) {
	p.put(entry{Canonical(code), updated, raw})
}

func (p *Platform) put(e entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(p.entries, func(old entry) bool { return old.code == e.code }); i >= 0 {
		p.entries[i] = e
		return
	}
	p.entries = append(p.entries, e)
}

// Remove deletes every row with this code and reports whether there was one.
func (p *Platform) Remove(code string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(p.entries)
	p.entries = slices.DeleteFunc(p.entries, func(e entry) bool { return e.code == Canonical(code) })
	return len(p.entries) < before
}

// Len is how many rows the platform holds.
func (p *Platform) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.entries)
}

// Stats returns the counts so far.
func (p *Platform) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Lists, s.Struck = map[int]int{}, map[FaultKind]int{}
	for page, n := range p.stats.Lists {
		s.Lists[page] = n
	}
	for kind, n := range p.stats.Struck {
		s.Struck[kind] = n
	}
	return s
}

// render writes a record in the platform's style.
func (p *Platform) render(r Record) (entry, error) {
	encode := EncodeNational
	if p.options.Style == OpenCPSStyle {
		encode = EncodeOpenCPS
	}
	raw, err := encode(r)
	return entry{Canonical(r.Code), r.UpdatedAt.Time, raw}, err
}

// find returns the rows under a code; several where the code is doubled.
func (p *Platform) find(code string) []json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Ones++
	rows := []json.RawMessage{}
	for _, e := range p.entries {
		if e.code == Canonical(code) {
			rows = append(rows, e.raw)
		}
	}
	return rows
}

// listing is one page of the list, as asked for and then as found.
type listing struct {
	number      int // 1-based: what faults go by
	first, size int // 0-based index of the first row; rows at most
	since       time.Time

	items []json.RawMessage
	total int
}

// fill looks up the page's rows.
func (p *Platform) fill(l *listing, struck []Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Lists[l.number]++
	visible := p.entries
	if !l.since.IsZero() {
		visible = nil
		for _, e := range p.entries {
			if !e.updated.Before(l.since) {
				visible = append(visible, e)
			}
		}
	}
	first := l.first
	for _, f := range struck {
		switch f.Kind {
		case Empty:
			visible = nil
		case Third:
			visible = visible[:len(visible)/3]
		case Repeat:
			first = max(0, first-l.size)
		}
	}
	l.total = len(visible)
	from := min(first, len(visible))
	l.items = []json.RawMessage{}
	for _, e := range visible[from:min(from+l.size, len(visible))] {
		l.items = append(l.items, e.raw)
	}
	for _, f := range struck {
		if f.Kind == WrongTotal {
			l.total += f.Delta
		}
	}
}
