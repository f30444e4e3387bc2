package store

import (
	"slices"
)

// Merging is the heart of taking a snapshot in: the rows a bucket held, those of
// them that came again, and the new ones, become the rows it holds from now on,
// the versions that are history, and the dossiers that changed.

// merged is what becomes of one bucket.
type merged struct {
	rows     []Row
	removed  []Row // old rows that are in rows no longer, replaced ones too
	versions []version
	changed  []Key
	// same: the rows are letter by letter those held before.
	same bool
	// repeated counts new rows that came more than once.
	repeated int
}

// version is a row that is no longer as it was.
type version struct {
	row   Row
	until int64 // start of the last poll in which it was
	gone  bool
}

// merger merges the buckets of one poll.
type merger struct {
	full bool // rows that did not come are gone
	// match: nothing was known of what is held while the poll ran, so rows that
	// came again as they were are among the fresh ones.
	match     bool
	startedAt int64 // of the poll
	seenUntil int64 // start of the last accepted full poll before it
	// common are the positions of inputs that old and new rows both have; nil
	// where the layout is the same.
	common []int
}

// bucket merges one bucket. old and fresh are in key order; seen tells which of
// old came again.
func (m *merger) bucket(old []Row, seen func(i int) bool, fresh []Row) merged {
	out := merged{rows: make([]Row, 0, len(old)+len(fresh)), same: true}
	for i, j := 0, 0; i < len(old) || j < len(fresh); {
		key, code := m.next(old, i, fresh, j)
		iEnd, jEnd := i, j
		for iEnd < len(old) && old[iEnd].key == key && old[iEnd].Code == code {
			iEnd++
		}
		for jEnd < len(fresh) && fresh[jEnd].key == key && fresh[jEnd].Code == code {
			jEnd++
		}
		switch {
		case m.match && j == jEnd: // most of what an incremental poll meets
			out.rows = append(out.rows, old[i:iEnd]...)
		case m.match:
			came, left := cameAgain(&out, old[i:iEnd], fresh[j:jEnd])
			m.dossier(&out, old[i:iEnd], func(n int) bool { return came[n] }, left)
		default:
			m.dossier(&out, old[i:iEnd], func(n int) bool { return seen(i + n) }, fresh[j:jEnd])
		}
		i, j = iEnd, jEnd
	}
	return out
}

// cameAgain tells which old rows of a dossier are among the fresh ones, and what of
// those is left.
func cameAgain(out *merged, old, fresh []Row) (came []bool, left []Row) {
	came, left = make([]bool, len(old)), make([]Row, 0, len(fresh))
	for i := range fresh {
		at := -1
		if fresh[i].Fingerprint != noPrint {
			at = slices.IndexFunc(old, func(o Row) bool { return o.Fingerprint == fresh[i].Fingerprint })
		}
		switch {
		case at < 0:
			left = append(left, fresh[i])
		case came[at]:
			out.repeated++
		default:
			came[at] = true
		}
	}
	return came, left
}

// next is the smaller of the two heads.
func (m *merger) next(old []Row, i int, fresh []Row, j int) (Key, string) {
	switch {
	case i == len(old):
		return fresh[j].key, fresh[j].Code
	case j == len(fresh), old[i].key < fresh[j].key,
		old[i].key == fresh[j].key && old[i].Code <= fresh[j].Code:
		return old[i].key, old[i].Code
	}
	return fresh[j].key, fresh[j].Code
}

// dossier merges the rows of one code.
func (m *merger) dossier(out *merged, old []Row, seen func(i int) bool, fresh []Row) {
	if len(old) == 1 && len(fresh) == 0 && seen(0) { // nearly always
		out.rows = append(out.rows, old[0])
		return
	}
	// A row that could not be read says only that the dossier is there: what is
	// held of it stays, and where nothing is held the mark itself is kept.
	fresh, rejected := withoutMarks(fresh, slices.ContainsFunc(old, func(r Row) bool { return !r.Unreadable }))
	if len(old) > 0 && len(fresh) > 0 && fresh[0].Unreadable { // a mark again
		out.rows = append(out.rows, old...)
		return
	}
	start := len(out.rows)
	var left []Row // old rows that did not come as they were
	for i := range old {
		switch {
		case seen(i):
			out.rows = append(out.rows, old[i])
		case len(fresh) == 0 && rejected:
			out.rows = append(out.rows, m.unreadable(out, old[i]))
		case len(fresh) == 0 && !m.full:
			out.rows = append(out.rows, old[i])
		default:
			left = append(left, old[i])
		}
	}
	changed := false
	var added []Row
	for i := range fresh {
		if i > 0 && fresh[i].Fingerprint == fresh[i-1].Fingerprint {
			if !fresh[i].Unreadable { // rejected rows may differ: nobody could tell
				out.repeated++
			}
			continue
		}
		out.same = false
		row := fresh[i]
		row.SeenFrom, row.added = m.startedAt, true
		// A row of the same content is the same row: something changed that
		// the mapping does not read.
		if at := slices.IndexFunc(left, func(o Row) bool { return m.equal(&o, &row) }); at >= 0 {
			row.SeenFrom = left[at].SeenFrom
			out.removed = append(out.removed, left[at])
			left = slices.Delete(left, at, at+1)
		} else {
			changed = true
		}
		added = append(added, row)
	}
	gone := len(added) == 0 && len(out.rows) == start
	for _, row := range left {
		out.same, changed = false, true
		out.removed = append(out.removed, row)
		if !row.Unreadable {
			out.versions = append(out.versions, version{row: row, until: m.until(&row), gone: gone})
		}
	}
	out.rows = append(out.rows, added...)
	slices.SortStableFunc(out.rows[start:], func(a, b Row) int {
		switch {
		case a.Fingerprint < b.Fingerprint:
			return -1
		case a.Fingerprint > b.Fingerprint:
			return 1
		}
		return 0
	})
	switch {
	case !changed:
	case len(old) > 0:
		out.changed = append(out.changed, old[0].key)
	default:
		out.changed = append(out.changed, fresh[0].key)
	}
}

// until is the start of the last poll in which an old row was as it is.
func (m *merger) until(old *Row) int64 {
	if old.seenUntil != 0 {
		return old.seenUntil
	}
	return max(m.seenUntil, old.SeenFrom)
}

// unreadable keeps an old row of whose dossier only rejected rows came. What the
// source holds now is not known, so the row was seen until the poll before, and
// is to be read again even where it comes as it was.
func (m *merger) unreadable(out *merged, old Row) Row {
	if !old.Unreadable && old.seenUntil == 0 {
		old.seenUntil, old.Fingerprint = m.until(&old), noPrint
		out.same = false
	}
	return old
}

// withoutMarks drops the marks of rejected rows where something readable stands
// beside them: a new row, or one held from before.
func withoutMarks(fresh []Row, held bool) (rows []Row, rejected bool) {
	marks := 0
	for i := range fresh {
		if fresh[i].Unreadable {
			marks++
		}
	}
	if marks == 0 || (marks == len(fresh) && !held) {
		return fresh, marks > 0
	}
	rows = make([]Row, 0, len(fresh)-marks)
	for i := range fresh {
		if !fresh[i].Unreadable {
			rows = append(rows, fresh[i])
		}
	}
	return rows, true
}

// equal compares what the mapping reads.
func (m *merger) equal(old, now *Row) bool {
	if old.Unreadable || now.Unreadable {
		return old.Unreadable && now.Unreadable
	}
	if m.common == nil {
		return slices.Equal(old.Values, now.Values)
	}
	for _, i := range m.common {
		if old.Values[i] != now.Values[i] {
			return false
		}
	}
	return true
}
