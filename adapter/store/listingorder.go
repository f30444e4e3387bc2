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

func (l *listing) run(ctx context.Context) error {
	switch {
	case l.f.IDs != nil, l.f.Code != "":
		return l.few(ctx)
	case l.f.Order == ByKind:
		return l.byKind(ctx)
	}
	return l.sorted(ctx)
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

// parts are the sequences that together are what may be listed, in their order; one
// of all kinds and departments where there were too many.
func (l *listing) parts(kinds []reconcile.Kind) []part {
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
	for _, p := range l.parts(reconcile.Kinds) {
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
		if err := l.each(ctx, []*query{q}, "kind, department, code, side"); err != nil {
			return err
		}
	}
	return nil
}

// each gives what the queries choose together, in an order in which each of them is
// read from an index: first the ids, which need no rows to be looked up, then the rows.
func (l *listing) each(ctx context.Context, queries []*query, order string) error {
	if l.f.Limit == 0 && len(queries) == 1 {
		return l.store.eachDiscrepancy(ctx, l.tx, queries[0].String()+" ORDER BY "+order, queries[0].args, l.do)
	}
	var ids []string
	var args []any
	for _, q := range queries {
		text := "SELECT id, since_at, kind, department, code, side FROM discrepancies " + q.String() + " ORDER BY " + order
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

// sorted lists in the orders that do not begin with the kind.
func (l *listing) sorted(ctx context.Context) error {
	order, kinds := "since_at, kind, department, code, side", []reconcile.Kind{""}
	switch l.f.Order {
	case ByNewest:
		order = strings.ReplaceAll(order, ",", " DESC,") + " DESC"
	case ByCode:
		order = "code, kind, department, side"
		if l.departments != nil {
			kinds = reconcile.Kinds // by the index of places
		}
	}
	parts := l.parts(kinds)
	if l.f.Limit == 0 || len(parts) > 1 && !parts[0].one {
		parts = []part{{kind: l.f.Kind}} // one walk, or a sort of all
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
	return l.each(ctx, queries, order)
}

// after leaves out of a part what is not after f.After, in a way that its index helps
// with: what is the same in all of the part is compared here.
func (f *Filter) after(q *query, p part) {
	a := *f.After
	a.Department, a.Code = cleanText(a.Department), cleanText(a.Code)
	more := ">"
	if f.Order == ByNewest {
		more = "<"
	}
	of := Place{Kind: p.kind, Department: p.department}
	switch {
	case f.Order == ByCode && p.one: // kind and department are given
		switch c := ByCode.Compare(of, Place{Kind: a.Kind, Department: a.Department}); {
		case c < 0:
			q.where("code > ?", a.Code)
		case c > 0:
			q.where("code >= ?", a.Code)
		default:
			q.where("(code, side) > (?, ?)", a.Code, string(a.Side))
		}
	case f.Order == ByCode:
		q.where("(code, kind, department, side) > (?, ?, ?, ?)", a.Code, string(a.Kind), a.Department, string(a.Side))
	case p.one:
		of.Kind = a.Kind
		switch c := f.Order.Compare(of, Place{Kind: a.Kind, Department: a.Department}); {
		case c < 0:
			q.where("(since_at, kind) "+more+" (?, ?)", a.Since, string(a.Kind))
		case c > 0:
			q.where("(since_at, kind) "+more+"= (?, ?)", a.Since, string(a.Kind))
		default:
			q.where("(since_at, kind, code, side) "+more+" (?, ?, ?, ?)", a.Since, string(a.Kind), a.Code, string(a.Side))
		}
	default:
		q.where("(since_at, kind, department, code, side) "+more+" (?, ?, ?, ?, ?)", a.Since, string(a.Kind), a.Department, a.Code, string(a.Side))
	}
}
