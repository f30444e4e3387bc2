package storetest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// model is what a source should hold, worked out the simple way: dossier by
// dossier, without blocks, keys or files.
type model struct {
	inputs   []string
	digest   string
	dossiers map[string][]modelRow
	versions map[string][]string // as lines() writes them
	changed  map[string]bool
	last     *reconcile.Snapshot // accepted
	fullAt   int64
}

type modelRow struct {
	print       uint64 // 0: a mark, unreadable since, or last read in another layout
	values      []string
	alias       string
	department  string
	from, until int64
	unreadable  bool
}

func newModel() *model {
	return &model{dossiers: map[string][]modelRow{}, versions: map[string][]string{}, changed: map[string]bool{}}
}

func (m *model) clone() *model {
	c := *m
	c.dossiers, c.versions, c.changed = map[string][]modelRow{}, map[string][]string{}, maps.Clone(m.changed)
	for code, rows := range m.dossiers {
		c.dossiers[code] = slices.Clone(rows)
	}
	for code, list := range m.versions {
		c.versions[code] = slices.Clone(list)
	}
	return &c
}

// arrival is what a poll brings of one dossier.
type arrival struct {
	rows     []modelRow // each fingerprint once, in their order
	rejected bool
	came     int // rows and rejected ones, each time they came
}

// take is the state after a poll, were it accepted. source names the book in
// the versions' lines.
func (m *model) take(source string, b *book, r reading) *model {
	next := m.clone()
	at := b.at.UnixMilli()
	full := r.mode != reconcile.Incremental
	arrivals := map[string]*arrival{}
	of := func(code string) *arrival {
		if arrivals[code] == nil {
			arrivals[code] = &arrival{}
		}
		return arrivals[code]
	}
	for _, row := range r.rows {
		a := of(row.code)
		a.came++
		print := b.print(row)
		if !slices.ContainsFunc(a.rows, func(m modelRow) bool { return m.print == print }) {
			a.rows = append(a.rows, modelRow{print: print, values: b.values(row), alias: b.aliasOf(row), department: row.department, from: at})
		}
	}
	for _, rejected := range r.rejected {
		if rejected.Code != "" {
			a := of(rejected.Code)
			a.rejected = true
			a.came++
		}
	}
	// What is looked up one by one is not seen to where nobody reads what changed.
	lookedUp := r.mode == reconcile.Incremental && !r.whole && m.digest == b.digest
	common := next.relayout(b)
	for code := range next.dossiers {
		of(code)
	}
	before := next.aliases()
	for code, a := range arrivals {
		slices.SortFunc(a.rows, func(x, y modelRow) int { return cmp.Compare(x.print, y.print) })
		if lookedUp && a.came == 1 && next.looksAlike(code, a) {
			continue
		}
		next.dossier(source, code, a, full, common, at)
		if len(next.dossiers[code]) == 0 {
			delete(next.dossiers, code)
		}
	}
	after := next.aliases()
	for pair := range before {
		if !after[pair] { // what they joined stands alone again
			next.changed[pair[0]], next.changed[pair[1]] = true, true
		}
	}
	if full {
		next.fullAt = at
	}
	return next
}

// relayout brings what is held into the book's layout, and tells which inputs
// old and new rows both have.
func (m *model) relayout(b *book) (common []int) {
	was := m.inputs
	for i, input := range b.inputs {
		if m.digest == b.digest || slices.Contains(was, input) {
			common = append(common, i)
		}
	}
	if m.digest != b.digest {
		for _, rows := range m.dossiers {
			for n := range rows {
				values := make([]string, len(b.inputs))
				for i, input := range b.inputs {
					if at := slices.Index(was, input); at >= 0 && !rows[n].unreadable {
						values[i] = rows[n].values[at]
					}
				}
				rows[n].values, rows[n].print = values, 0
				if rows[n].unreadable {
					rows[n].values = nil
				}
			}
		}
	}
	m.inputs, m.digest = b.inputs, b.digest
	return common
}

// looksAlike reports whether the one row that came is, but for what the mapping does
// not read, the one row held.
func (m *model) looksAlike(code string, a *arrival) bool {
	held := m.dossiers[code]
	return len(held) == 1 && len(a.rows) == 1 && !held[0].unreadable && held[0].until == 0 &&
		slices.Equal(held[0].values, a.rows[0].values)
}

func (m *model) dossier(source, code string, a *arrival, full bool, common []int, at int64) {
	held := m.dossiers[code]
	var kept, left, fresh []modelRow
	for _, old := range held {
		if old.print != 0 && slices.ContainsFunc(a.rows, func(r modelRow) bool { return r.print == old.print }) {
			kept = append(kept, old)
		} else {
			left = append(left, old)
		}
	}
	for _, r := range a.rows {
		if !slices.ContainsFunc(kept, func(old modelRow) bool { return old.print == r.print }) {
			fresh = append(fresh, r)
		}
	}
	switch {
	case len(fresh) == 0 && a.rejected && len(held) == 0:
		m.dossiers[code] = []modelRow{{unreadable: true, from: at}}
		m.changed[code] = true
		return
	case len(fresh) == 0 && a.rejected:
		for i := range left {
			if !left[i].unreadable && left[i].until == 0 {
				left[i].until, left[i].print = max(m.fullAt, left[i].from), 0
			}
		}
		m.keep(code, append(kept, left...))
		return
	case len(fresh) == 0 && !full:
		return
	}
	for i := range fresh {
		at := slices.IndexFunc(left, func(old modelRow) bool {
			return !old.unreadable && !slices.ContainsFunc(common, func(n int) bool { return old.values[n] != fresh[i].values[n] })
		})
		if at < 0 {
			m.changed[code] = true
			continue
		}
		fresh[i].from = left[at].from
		left = slices.Delete(left, at, at+1)
	}
	gone := len(kept)+len(fresh) == 0
	for _, old := range left {
		m.changed[code] = true
		if old.unreadable {
			continue
		}
		until := old.until
		if until == 0 {
			until = max(m.fullAt, old.from)
		}
		text := code + " was " + source + ":" + strings.Join(old.values, ",") + " " + since(old.from) + "–" + since(until)
		if gone {
			text += " gone"
		}
		m.versions[code] = append(m.versions[code], text)
	}
	m.keep(code, append(kept, fresh...))
}

func (m *model) keep(code string, rows []modelRow) {
	slices.SortStableFunc(rows, func(x, y modelRow) int { return cmp.Compare(x.print, y.print) })
	m.dossiers[code] = rows
}

func (m *model) records() (n int, departments map[string]int) {
	departments = map[string]int{}
	for _, rows := range m.dossiers {
		n += len(rows)
		for _, r := range rows {
			if !r.unreadable {
				departments[r.department]++
			}
		}
	}
	return n, departments
}

func (m *model) aliases() map[[2]string]bool {
	out := map[[2]string]bool{}
	for code, rows := range m.dossiers {
		for _, r := range rows {
			if r.alias != "" {
				out[[2]string{code, r.alias}] = true
			}
		}
	}
	return out
}

// lines is what the store should read, in the order of lines().
func (m *model) lines(source string) []string {
	var out []string
	codes := slices.Sorted(maps.Keys(m.dossiers))
	for code := range m.versions {
		if m.dossiers[code] == nil {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	for _, code := range codes {
		for _, r := range m.dossiers[code] {
			text := code + " " + source + ":" + strings.Join(r.values, ",")
			if r.unreadable {
				text += "unreadable"
			}
			out = append(out, text+" "+since(r.from))
		}
		out = append(out, m.versions[code]...)
	}
	return out
}
