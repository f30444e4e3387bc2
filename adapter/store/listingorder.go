package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// maxBranches bounds how many parts of an index are read side by side. Above it, the
// order of all departments is walked and the others left out on the way.
const maxBranches = 120

// listing is one call of EachDiscrepancy.
type listing struct {
	store       *Store
	tx          *sqlx.Tx
	f           *Filter
	departments []string // nil: all; else sorted
	left        int      // of the limit
	do          func(reconcile.Discrepancy) error
}

// maxFew is how many discrepancies are rather sorted here than looked for in the order
// of an index.
const maxFew = 400

func (l *listing) run(ctx context.Context) error {
	few := l.f.IDs != nil || l.f.Code != ""
	if !few && (l.f.CodePrefix != "" && l.f.Order != ByCode || l.f.Order == ByKind && len(l.departments) == 1) {
		var err error
		if few, err = l.areFew(ctx); err != nil {
			return err
		}
	}
	switch {
	case few:
		return l.few(ctx)
	case l.f.Order == ByKind:
		return l.byKind(ctx)
	}
	return l.sorted(ctx)
}

// areFew reports whether few are there to choose from, of one department or with codes
// that begin so.
func (l *listing) areFew(ctx context.Context) (bool, error) {
	q, err := l.conditions(l.departments)
	if err != nil {
		return false, err
	}
	index := "discrepancies_by_code"
	if len(l.departments) == 1 {
		index = "discrepancies_by_department_code"
	}
	var n int
	err = l.tx.GetContext(ctx, &n, l.store.bind(`SELECT COUNT(*) FROM (SELECT 1 AS one FROM discrepancies `+l.by(index)+q.String()+` LIMIT ?) AS chosen`), append(q.args, maxFew+1)...)
	return n <= maxFew, err
}

// by makes SQLite, which knows nothing of how many rows there are, read an index of what
// stands where it would take another one.
func (l *listing) by(index string) string {
	if l.store.dialect.name != sqlite.name || !l.f.standing() {
		return ""
	}
	return "INDEXED BY " + index + " "
}

// few lists what is so little that it is sorted here.
func (l *listing) few(ctx context.Context) error {
	q, err := l.conditions(l.departments)
	if err != nil {
		return err
	}
	if l.f.Kind != "" {
		q.where("kind = ?", string(l.f.Kind))
	}
	list, err := l.store.selectDiscrepancies(ctx, l.tx, q.String(), q.args...)
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

// conditions are those of the filter, for some departments (nil: all). Several are
// not to be looked up by an index, which would give them in another order.
func (l *listing) conditions(departments []string) (*query, error) {
	q, err := l.f.conditions(l.store)
	switch {
	case err != nil || departments == nil:
	case len(departments) == 1:
		q.where("department = ?", departments[0])
	default:
		err = q.within(l.store, l.store.dialect.unindexed+"department", departments)
	}
	return q, err
}

// part is one of the sequences of an order: a kind, a department, both, or neither.
type part struct {
	kind       reconcile.Kind
	department string
	one        bool // department counts
}

// parts are the sequences that together are what may be listed of some kinds ("": any),
// in their order; of all departments where there were too many.
func (l *listing) parts(kinds ...reconcile.Kind) []part {
	if l.f.Kind != "" {
		kinds = []reconcile.Kind{l.f.Kind}
	}
	var list []part
	for _, kind := range kinds {
		if l.departments == nil || len(kinds)*len(l.departments) > maxBranches {
			list = append(list, part{kind: kind})
			continue
		}
		for _, department := range l.departments {
			list = append(list, part{kind, department, true})
		}
	}
	return list
}

// query chooses the discrepancies of a part.
func (l *listing) query(p part) (*query, error) {
	departments := l.departments
	if p.one {
		departments = []string{p.department}
	}
	q, err := l.conditions(departments)
	if err == nil && p.kind != "" {
		q.where("kind = ?", string(p.kind))
	}
	return q, err
}

// byKind reads one part after the other, each from its index, so that nothing is sorted
// as a whole.
func (l *listing) byKind(ctx context.Context) error {
	for _, p := range l.parts(reconcile.Kinds...) {
		q, err := l.query(p)
		if err != nil {
			return err
		}
		if after := l.f.After; after != nil {
			place := Place{Kind: p.kind, Department: after.Department}
			if p.one {
				place.Department = p.department
			}
			switch c := ByKind.Compare(place, Place{Kind: after.Kind, Department: after.Department}); {
			case c < 0:
				continue
			case c > 0:
			case p.one:
				q.where("(code, side) > (?, ?)", cleanText(after.Code), string(after.Side))
			default:
				q.where("(department, code, side) > (?, ?, ?)", cleanText(after.Department), cleanText(after.Code), string(after.Side))
			}
		}
		if err := l.each(ctx, []*query{q}, "discrepancies_by_place", "kind, department, code, side"); err != nil {
			return err
		}
	}
	return nil
}

// each gives what the queries choose together, in an order in which each of them is
// read from an index: first the ids, which need no rows to be looked up, then the rows.
func (l *listing) each(ctx context.Context, queries []*query, index, order string) error {
	if l.f.Limit == 0 && len(queries) == 1 {
		return l.store.eachDiscrepancy(ctx, l.tx, l.by(index)+queries[0].String()+" ORDER BY "+order, queries[0].args, l.do)
	}
	var ids []string
	var args []any
	columns := strings.ReplaceAll(order, " DESC", "") // and no others, which the index has not
	for _, q := range queries {
		text := "SELECT id, " + columns + " FROM discrepancies " + l.by(index) + q.String() + " ORDER BY " + order
		args = append(args, q.args...)
		if l.f.Limit > 0 {
			text += " LIMIT ?"
			args = append(args, l.left)
		}
		ids = append(ids, "SELECT * FROM ("+text+") AS part")
	}
	text := "WHERE id IN (SELECT id FROM (" + strings.Join(ids, " UNION ALL ") + ") AS parts ORDER BY " + order
	if l.f.Limit > 0 {
		text += " LIMIT ?"
		args = append(args, l.left)
	}
	return l.store.eachDiscrepancy(ctx, l.tx, text+") ORDER BY "+order, args, l.do)
}

// sorted lists in the orders that do not begin with the kind: all departments that may
// be seen side by side.
func (l *listing) sorted(ctx context.Context) error {
	order, index, one := "since_at, kind, department, code, side", "discrepancies_by_since", "discrepancies_by_department"
	switch l.f.Order {
	case ByNewest:
		order = strings.ReplaceAll(order, ",", " DESC,") + " DESC"
	case ByCode:
		order, index, one = "code, kind, department, side", "discrepancies_by_code", "discrepancies_by_department_code"
	}
	parts := l.parts("")
	if l.f.Limit == 0 && len(parts) > 1 {
		parts = []part{{kind: l.f.Kind}}
	}
	if parts[0].one {
		index = one
	}
	queries := make([]*query, len(parts))
	for i, p := range parts {
		var err error
		if queries[i], err = l.query(p); err != nil {
			return err
		}
		if l.f.After != nil {
			l.f.after(queries[i], p)
		}
	}
	return l.each(ctx, queries, index, order)
}

// after leaves out of a part what is not after f.After, in a way that its index helps
// with: where the part is of one department, that is compared here.
func (f *Filter) after(q *query, p part) {
	first, value, more := "since_at", any(f.After.Since), ">"
	rest, values := "code, side", []any{cleanText(f.After.Code), string(f.After.Side)}
	switch f.Order {
	case ByCode:
		first, value, rest, values = "code", values[0], "side", values[1:]
	case ByNewest:
		more = "<"
	}
	department := cleanText(f.After.Department)
	columns, args := "("+first+", kind", []any{value, string(f.After.Kind)}
	switch c := strings.Compare(p.department, department); {
	case !p.one:
		columns, args = columns+", department, "+rest, append(append(args, department), values...)
	case c == 0:
		columns, args = columns+", "+rest, append(args, values...)
	case (c > 0) == (more == ">"):
		more += "="
	}
	q.where(columns+") "+more+" ("+strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")+")", args...)
}
