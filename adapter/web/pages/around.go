package pages

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// aroundFor is how long departments and sources are remembered: every page shows
// them, and they change with a poll or a reload at most.
const aroundFor = 2 * time.Second

// maxScopes bounds how many scopes are remembered; there are about as many as
// departments.
const maxScopes = 256

// surrounding is what every page shows.
type surrounding struct {
	departments []web.NamedDepartment
	sources     []web.Source
	at          time.Time
}

// surroundings remember it a short while by scope. Its clock is the machine's own:
// Options.Clock may stand still.
type surroundings struct {
	mu      sync.Mutex
	byScope map[string]surrounding
}

func (s *surroundings) of(ctx context.Context, from web.Backend, scope access.Scope) (surrounding, error) {
	key := "all"
	if !scope.All() {
		key = "only " + strings.Join(scope.Departments(), "\x00")
	}
	s.mu.Lock()
	seen, there := s.byScope[key]
	s.mu.Unlock()
	if there && time.Since(seen.at) < aroundFor {
		return seen, nil
	}
	now := time.Now()
	departments, err := from.Departments(ctx, scope)
	if err != nil {
		return surrounding{}, err
	}
	sources, err := from.Sources(ctx, scope)
	if err != nil {
		return surrounding{}, err
	}
	seen = surrounding{departments, sources, now}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byScope == nil || len(s.byScope) >= maxScopes {
		s.byScope = map[string]surrounding{}
	}
	s.byScope[key] = seen
	return seen, nil
}

// forget makes the next page ask anew, after something was changed.
func (s *surroundings) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byScope = nil
}

// freshness tells how old the data are that a page shows.
type freshness struct {
	// AsOf is of the source read longest ago; "" where one was never read.
	AsOf string
	// Stale are the sources that are not as fresh as they should be, by name.
	Stale []string
	// Never are those of which nothing was ever accepted.
	Never []string
	Any   bool
}

func freshnessOf(sources []web.Source, now time.Time) freshness {
	f := freshness{Any: len(sources) > 0}
	var oldest time.Time
	for i := range sources {
		s := &sources[i]
		at, err := time.Parse(time.RFC3339, s.AsOf)
		if err != nil {
			f.Never = append(f.Never, s.Name)
			continue
		}
		if oldest.IsZero() || at.Before(oldest) {
			oldest, f.AsOf = at, s.AsOf
		}
		if stale(s, now) {
			f.Stale = append(f.Stale, s.Name)
		}
	}
	return f
}

// slack is how many polls in a row may be missed before a page warns, and at least
// for how long.
const (
	slackPolls = 3
	slackLeast = 15 * time.Minute
)

// stale reports whether a source's last poll was not accepted, or polls are overdue.
func stale(s *web.Source, now time.Time) bool {
	if !s.Up {
		return true
	}
	every, err := time.ParseDuration(s.PollEvery)
	if err != nil {
		return false
	}
	last, err := time.Parse(time.RFC3339, s.LastSuccessAt)
	return err == nil && now.Sub(last) > max(slackPolls*every, slackLeast)
}
