package app

import (
	"context"
	"maps"
	"slices"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// unmappedLook is how many dossiers are looked at for the status values that a
// mapping lacks.
const unmappedLook = 500

// unmappedStatuses are the status values that mappings lack, as the sources write
// them, by source, with how many of the dossiers looked at have each.
func (a *App) unmappedStatuses(ctx context.Context, counts map[string]map[reconcile.Status]int) (map[string]map[string]int, error) {
	lacking := false
	for _, statuses := range counts {
		lacking = lacking || statuses[""] > 0
	}
	if !lacking {
		return nil, nil
	}
	rules, err := a.Rules(ctx, a.now(), TrustNobody)
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]int{}
	err = a.EachListed(ctx, rules, store.Filter{Kind: reconcile.UnmappedStatus, Limit: unmappedLook}, func(l *Listed) error {
		for _, rec := range [...]*reconcile.Record{l.Platform, l.Office} {
			if rec == nil || rec.Mapped() || rec.RawStatus == "" {
				continue
			}
			if found[rec.Source] == nil {
				found[rec.Source] = map[string]int{}
			}
			found[rec.Source][rec.RawStatus]++
		}
		return nil
	})
	return found, err
}

// unmappedOf lists what a source's mapping lacks: each value that is known, and how
// many rows are left.
func (p *picture) unmappedOf(source string) []web.Unmapped {
	list := []web.Unmapped{}
	left := p.dossiers[source][""]
	values := p.unmapped[source]
	for _, value := range slices.Sorted(maps.Keys(values)) {
		list = append(list, web.Unmapped{Field: "status", Value: value, Count: values[value]})
		left -= values[value]
	}
	if left > 0 {
		list = append(list, web.Unmapped{Field: "status", Count: left})
	}
	return list
}
