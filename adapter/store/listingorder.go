package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

const (
	// maxFew is how many discrepancies are rather sorted here than looked for in the
	// order of an index.
	maxFew = 400
	// maxBranches bounds how many places of an index are gone to one by one. Above it,
	// those of all departments are walked and the others left out on the way.
	maxBranches = 120
)

// listing is one call of EachDiscrepancy.
type listing struct {
	store       *Store
	tx          *sqlx.Tx
	f           *Filter
	departments []string // nil: all; else sorted
	left        int      // of the limit
	do          func(reconcile.Discrepancy) error
}

func (l *listing) run(ctx context.Context) error {
	q, from, err := l.all()
	if err != nil {
		return err
	}
	if few, err := l.areFew(ctx, q, from); err != nil {
		return err
	} else if few {
		return l.few(ctx, q, from)
	}
	if l.f.Order == ByKind {
		return l.byKind(ctx)
	}
	return l.walk(ctx)
}

// kinds are those that may be listed.
func (l *listing) kinds() []reconcile.Kind {
	if l.f.Kind != "" {
		return []reconcile.Kind{l.f.Kind}
	}
	return reconcile.Kinds
}

// branches reports whether kinds and departments can be gone to one by one.
func (l *listing) branches() bool {
	return l.departments != nil && len(l.kinds())*len(l.departments) <= maxBranches
}

// by makes SQLite, which knows nothing of how many rows there are, read an index of what
// stands where it would take another one.
func (l *listing) by(index string) string {
	if l.store.dialect.name != sqlite.name || !l.f.standing() {
		return ""
	}
	return "INDEXED BY " + index + " "
}

// all chooses everything that the filter does, in whatever order; from is what stands
// before it in a statement.
func (l *listing) all() (q *query, from string, err error) {
	if q, err = l.f.conditions(l.store); err != nil {
		return nil, "", err
	}
	switch {
	case l.f.IDs != nil, l.f.Code != "": // the indexes of those are found
	case l.branches():
		from = l.by("discrepancies_by_place")
	case l.f.CodePrefix != "":
		from = l.by("discrepancies_by_code")
	}
	if from == "" && l.f.Kind == "" {
		return q, from, q.within(l.store, "department", l.departments)
	}
	kinds := make([]string, len(l.kinds()))
	for i, kind := range l.kinds() {
		kinds[i] = string(kind)
	}
	clause, arg, err := l.store.anyOf("kind", kinds)
	if err != nil {
		return nil, "", err
	}
	q.where(clause, arg)
	return q, from, q.within(l.store, "department", l.departments)
}

// areFew reports whether there is little to choose from: what was asked for by name, a
// small department, a search for a code.
func (l *listing) areFew(ctx context.Context, q *query, from string) (bool, error) {
	if l.f.IDs != nil || l.f.Code != "" {
		return true, nil
	}
	if l.f.CodePrefix == "" && !l.branches() {
		return false, nil
	}
	var n int
	err := l.tx.GetContext(ctx, &n, l.store.bind(`SELECT COUNT(*) FROM (SELECT 1 AS one FROM discrepancies `+from+q.String()+` LIMIT ?) AS chosen`),
		append(slices.Clone(q.args), maxFew+1)...)
	return n <= maxFew, err
}

// few lists what is so little that it is sorted here.
func (l *listing) few(ctx context.Context, q *query, from string) error {
	list, err := l.store.selectDiscrepancies(ctx, l.tx, from+q.String(), q.args...)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b reconcile.Discrepancy) int { return l.f.Order.Compare(PlaceOf(&a), PlaceOf(&b)) })
	for i := range list {
		if l.f.After != nil && l.f.Order.Compare(PlaceOf(&list[i]), *l.f.After) <= 0 {
			continue
		}
		if err := l.do(list[i]); err != nil {
			return err
		}
	}
	return nil
}

// part chooses what is of a kind ("": any) and of some departments (nil: all). Several
// are not to be looked up by an index, which would give them in another order.
func (l *listing) part(kind reconcile.Kind, departments []string) (*query, error) {
	q, err := l.f.conditions(l.store)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		q.where("kind = ?", string(kind))
	}
	if len(departments) == 1 {
		q.where("department = ?", departments[0])
		return q, nil
	}
	return q, q.within(l.store, l.store.dialect.unindexed+"department", departments)
}

// byKind reads one kind after the other, and within it one department after the other
// where those may be seen only, so that nothing is sorted as a whole.
func (l *listing) byKind(ctx context.Context) error {
	for _, kind := range l.kinds() {
		parts := [][]string{l.departments}
		if l.branches() {
			parts = slices.Collect(slices.Chunk(l.departments, 1))
		}
		for _, departments := range parts {
			q, err := l.part(kind, departments)
			if err != nil {
				return err
			}
			if l.f.After != nil && !l.f.afterPlace(q, kind, departments) {
				continue
			}
			if err := l.each(ctx, q, "discrepancies_by_place", "kind, department, code, side"); err != nil {
				return err
			}
		}
	}
	return nil
}

// afterPlace leaves out of a part of byKind what is not after f.After; false where
// nothing is left.
func (f *Filter) afterPlace(q *query, kind reconcile.Kind, departments []string) bool {
	a := *f.After
	a.Department, a.Code = cleanText(a.Department), cleanText(a.Code)
	place := Place{Kind: kind, Department: a.Department}
	if len(departments) == 1 {
		place.Department = departments[0]
	}
	switch c := ByKind.Compare(place, Place{Kind: a.Kind, Department: a.Department}); {
	case c != 0:
		return c > 0
	case len(departments) == 1:
		q.where("(code, side) > (?, ?)", a.Code, string(a.Side))
	default:
		q.where("(department, code, side) > (?, ?, ?)", a.Department, a.Code, string(a.Side))
	}
	return true
}

// walk lists in the orders that do not begin with the kind, along the index of what
// stands in that order.
func (l *listing) walk(ctx context.Context) error {
	q, err := l.part(l.f.Kind, l.departments)
	if err != nil {
		return err
	}
	columns, index := []string{"since_at", "kind", "department", "code", "side"}, "discrepancies_by_since"
	if l.f.Order == ByCode {
		columns, index = []string{"code", "kind", "department", "side"}, "discrepancies_by_code"
	}
	more, down := ">", ""
	if l.f.Order == ByNewest {
		more, down = "<", " DESC"
	}
	if a := l.f.After; a != nil {
		place := map[string]any{"since_at": a.Since, "kind": string(a.Kind), "department": cleanText(a.Department), "code": cleanText(a.Code), "side": string(a.Side)}
		values := make([]any, len(columns))
		for i, column := range columns {
			values[i] = place[column]
		}
		q.where("("+strings.Join(columns, ", ")+") "+more+" ("+strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")+")", values...)
	}
	order := strings.Join(columns, down+", ") + down
	return l.each(ctx, q, index, order)
}

// each gives what a query chooses in the order of an index: first the ids, which need no
// rows to be looked up, then the rows.
func (l *listing) each(ctx context.Context, q *query, index, order string) error {
	if l.f.Limit == 0 {
		return l.store.eachDiscrepancy(ctx, l.tx, l.by(index)+q.String()+" ORDER BY "+order, q.args, l.do)
	}
	return l.store.eachDiscrepancy(ctx, l.tx, "WHERE id IN (SELECT id FROM discrepancies "+l.by(index)+q.String()+" ORDER BY "+order+" LIMIT ?) ORDER BY "+order,
		append(q.args, l.left), l.do)
}
