package metrics

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/doisoat/doisoat/reconcile"
)

// Config is what of the configuration becomes label values. Each of them is
// there from the first scrape on.
type Config struct {
	Departments []string // codes
	Sources     []Source
	Channels    []string // of delivery; none where nothing is delivered
}

// Source is one configured source.
type Source struct {
	Name     string
	Side     reconcile.Side
	Protocol string // "http", "database" or "workbook"
	// Departments are the codes of those it serves: one series each. The platform
	// serves none, and has one series with an empty department; so has an office
	// that names none.
	Departments []string
	Incremental bool          // it is polled incrementally, too
	Interval    time.Duration // between two polls
	MaxDataAge  time.Duration // how old its newest record may be; 0 for no such limit
}

func (c *Config) validate() error {
	var faults []error
	seen := make(map[string]bool, len(c.Sources))
	for _, s := range c.Sources {
		switch {
		case s.Name == "":
			faults = append(faults, errors.New("metrics: a source without a name; give it one"))
		case seen[s.Name]:
			faults = append(faults, fmt.Errorf("metrics: source %q: configured twice; a label must tell them apart", s.Name))
		}
		seen[s.Name] = true
		faults = append(faults, notUTF8("source", s.Name), notUTF8("protocol", s.Protocol))
		for _, d := range s.Departments {
			faults = append(faults, notUTF8("department", d))
		}
	}
	for _, d := range c.Departments {
		if d == "" {
			faults = append(faults, errors.New("metrics: a department without a code; give it one"))
		}
		faults = append(faults, notUTF8("department", d))
	}
	for _, name := range c.Channels {
		faults = append(faults, notUTF8("channel", name))
	}
	return errors.Join(faults...)
}

func notUTF8(what, value string) error {
	if utf8.ValidString(value) {
		return nil
	}
	return fmt.Errorf("metrics: %s %q: not UTF-8, so it can be no label; save the configuration as UTF-8", what, value)
}

// layout is a Config taken apart into the label sets that metrics have. It never
// changes once made.
type layout struct {
	departments []string
	channels    []string
	sources     []Source
	pairs       []pair
	legs        []leg

	isDepartment, isChannel map[string]bool
	bySource                map[string]*Source
	fill                    map[filling]bool
}

// pair is one source as one department sees it; the label set of most source
// metrics.
type pair struct{ source, department string }

// leg is one way in which a source is polled.
type leg struct {
	source string
	mode   reconcile.Mode
}

func newLayout(c Config) *layout {
	l := &layout{
		departments:  distinct(c.Departments),
		channels:     distinct(c.Channels),
		isDepartment: map[string]bool{},
		isChannel:    map[string]bool{},
		bySource:     make(map[string]*Source, len(c.Sources)),
	}
	for _, d := range l.departments {
		l.isDepartment[d] = true
	}
	for _, name := range l.channels {
		l.isChannel[name] = true
	}
	for _, s := range c.Sources {
		s.Departments = servedBy(&s)
		l.sources = append(l.sources, s)
	}
	for i := range l.sources {
		s := &l.sources[i]
		l.bySource[s.Name] = s
		for _, d := range s.Departments {
			l.pairs = append(l.pairs, pair{s.Name, d})
		}
		l.legs = append(l.legs, leg{s.Name, reconcile.Full})
		if s.Incremental {
			l.legs = append(l.legs, leg{s.Name, reconcile.Incremental})
		}
	}
	l.fill = planFill(l)
	return l
}

// servedBy is the departments of a source as its label values: never none.
func servedBy(s *Source) []string {
	if s.Side == reconcile.Platform || len(s.Departments) == 0 {
		return []string{""}
	}
	return distinct(s.Departments)
}

// department is the label value of a department that the data names.
func (l *layout) department(code string) string {
	if l.isDepartment[code] {
		return code
	}
	return other
}

func (l *layout) channel(name string) string {
	if l.isChannel[name] {
		return name
	}
	return other
}

// distinct sorts a copy and leaves out doubles.
func distinct(values []string) []string {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
