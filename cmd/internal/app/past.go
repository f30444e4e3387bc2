package app

import (
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

// asKnownAt turns what is stored of a dossier into what was known of it after
// the last accepted polls up to t: rows that came later are left out, and those
// that were replaced or went later stand again. It returns a copy.
func asKnownAt(stored []*store.Dossier, t time.Time) []*store.Dossier {
	at := t.UnixMilli()
	out := make([]*store.Dossier, len(stored))
	for i, d := range stored {
		past := *d
		past.Rows, past.Versions, past.Discrepancies = nil, nil, nil
		current := map[string]bool{} // sources of which a row of today was known then
		for _, row := range d.Rows {
			if row.SeenFrom <= at {
				past.Rows = append(past.Rows, row)
				current[row.Source] = true
			}
		}
		standing := standingAt(d.Versions, current, at)
		for n, v := range d.Versions {
			switch {
			case v.SeenFrom > at:
			case standing[v.Source] == n+1:
				past.Rows = append(past.Rows, v.StoredRow)
			default:
				past.Versions = append(past.Versions, v)
			}
		}
		for _, x := range d.Discrepancies {
			if !x.FirstDetectedAt.After(t) {
				past.Discrepancies = append(past.Discrepancies, x)
			}
		}
		out[i] = &past
	}
	return out
}

// standingAt gives, for each source without a row of today, the number (from 1)
// of the version that stood at the moment; none where it had gone by then.
func standingAt(versions []store.StoredVersion, current map[string]bool, at int64) map[string]int {
	standing := map[string]int{}
	for n, v := range versions { // oldest first: a later one overrides
		if current[v.Source] || v.SeenFrom > at {
			continue
		}
		standing[v.Source] = n + 1
		if v.Gone && v.SeenUntil < at {
			delete(standing, v.Source)
		}
	}
	return standing
}
