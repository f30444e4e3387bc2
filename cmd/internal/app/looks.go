package app

import (
	"maps"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// looks are the second looks at single dossiers that a run rests on, by key. A
// dossier that nobody could be asked for is among them, with none.
type looks map[store.Key][]look

// look is one source that was asked for one code of a dossier.
type look struct {
	source string
	at     time.Time // zero where it gave no answer that counts
}

func (l looks) keys() []store.Key {
	return slices.Sorted(maps.Keys(l))
}

// put keeps how one source answered for a code, in place of what it said before.
func (l looks) put(key store.Key, source string, at time.Time) {
	list := l[key]
	if i := slices.IndexFunc(list, func(x look) bool { return x.source == source }); i >= 0 {
		list[i].at = at
		return
	}
	l[key] = append(list, look{source, at})
}

// of is which sources were looked at for the whole of this dossier, and when: of
// codes that aliases join, every one that the source was asked for must have been
// answered, and the earliest answer counts. nil for none.
func (l looks) of(stored []*store.Dossier) map[string]time.Time {
	if len(l) == 0 {
		return nil
	}
	var all map[string]time.Time
	silent := map[string]bool{}
	for _, d := range stored {
		for _, one := range l[d.Key] {
			if one.at.IsZero() {
				silent[one.source] = true
				continue
			}
			if all == nil {
				all = map[string]time.Time{}
			}
			if at, ok := all[one.source]; !ok || one.at.Before(at) {
				all[one.source] = one.at
			}
		}
	}
	for source := range silent {
		delete(all, source)
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// asBefore gives what is kept of a dossier as it was when the sources were asked.
// Between that and this run another run may have met what the look found, and
// written it down as if nobody had looked. What is unstable waits for its next
// look, and this is it.
func asBefore(kept []reconcile.Discrepancy, before map[string]string) []reconcile.Discrepancy {
	copied := false
	for i := range kept {
		d := kept[i]
		values, asked := before[d.ID]
		if d.State != reconcile.StateSuspected || !d.Unstable && (!asked || values == d.Values) {
			continue
		}
		if !copied {
			kept, copied = slices.Clone(kept), true
		}
		kept[i].WakeAt = time.Time{}
		if asked {
			kept[i].Values = values
		}
	}
	return kept
}
