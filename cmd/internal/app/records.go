package app

import (
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/mappings"
	"github.com/doisoat/doisoat/reconcile"
)

type (
	mappingTable = mappings.Table
	fieldError   = mappings.FieldError
)

// translator turns what the store holds into the records the rules compare. It
// is made for one run, and each goroutine needs its own.
type translator struct {
	app      *App
	coverage *reconcile.Coverage
	layouts  map[int64][]string
	// positions remaps values of an older layout; by source and layout.
	positions map[layoutOf][]int
	dossier   reconcile.Dossier
	held      []store.Held // the rows of dossier
}

type layoutOf struct {
	source string
	layout int64
}

func (a *App) translator(coverage *reconcile.Coverage, layouts map[int64][]string) *translator {
	return &translator{app: a, coverage: coverage, layouts: layouts, positions: map[layoutOf][]int{}}
}

// dossierOf is the dossier of one or more codes; more than one where aliases
// join them. What it returns is valid until the next call.
func (t *translator) dossierOf(stored ...*store.Dossier) *reconcile.Dossier {
	d := &t.dossier
	d.Platform, d.Offices, d.History = d.Platform[:0], d.Offices[:0], d.History[:0]
	t.held = t.held[:0]
	for _, src := range t.app.sources { // rows of one source must stand together
		for _, s := range stored {
			for i := range s.Rows {
				if s.Rows[i].Source != src.Name {
					continue
				}
				list := &d.Offices
				if src.Side == reconcile.Platform {
					list = &d.Platform
				}
				*list = append(*list, reconcile.Record{})
				rec := &(*list)[len(*list)-1]
				t.record(src, &s.Rows[i], rec)
				t.held = append(t.held, store.Held{SourceID: s.Rows[i].SourceID, Status: rec.Status})
			}
		}
	}
	for _, s := range stored {
		for i := range s.Versions {
			v := &s.Versions[i]
			src := t.app.byName[v.Source]
			if src == nil {
				continue // a source that is no longer configured
			}
			version := reconcile.Version{SeenFrom: moment(v.SeenFrom), SeenUntil: moment(v.SeenUntil), Gone: v.Gone}
			t.record(src, &v.StoredRow, &version.Record)
			d.History = append(d.History, version)
		}
	}
	return d
}

// record applies today's mapping to what is stored. What it cannot read is there,
// but nothing is said of it.
func (t *translator) record(src *source, row *store.StoredRow, rec *reconcile.Record) {
	values := t.values(src, row)
	if row.Unreadable || src.table.Record(values, rec) != nil {
		*rec = reconcile.Record{Unreadable: true}
	}
	// The code is the one the row was taken in by.
	rec.Source, rec.Side, rec.Code = src.Name, src.Side, row.Code
	rec.FirstReadAt = moment(row.SeenFrom)
	rec.ReadAt = rec.FirstReadAt
	if at := t.coverage.Sources[src.Name].FullAt; at.After(rec.ReadAt) {
		rec.ReadAt = at
	}
}

// values is the row's raw values in the order of the mapping's inputs today.
func (t *translator) values(src *source, row *store.StoredRow) []string {
	key := layoutOf{src.Name, row.Layout}
	positions, known := t.positions[key]
	if !known {
		positions = remapping(t.layouts[row.Layout], src.inputs)
		t.positions[key] = positions
	}
	if positions == nil {
		return row.Values
	}
	values := make([]string, len(positions))
	for i, at := range positions {
		if at >= 0 && at < len(row.Values) {
			values[i] = row.Values[at]
		}
	}
	return values
}

// remapping tells where each of now's inputs stands in was; nil where both are
// the same, -1 where it is not stored.
func remapping(was, now []string) []int {
	same := len(was) == len(now)
	positions := make([]int, len(now))
	for i, name := range now {
		positions[i] = -1
		for j, old := range was {
			if old == name {
				positions[i] = j
				break
			}
		}
		same = same && positions[i] == i
	}
	if same {
		return nil
	}
	return positions
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
