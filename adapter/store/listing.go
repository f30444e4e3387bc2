package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// Filter chooses discrepancies; empty fields choose all.
type Filter struct {
	States     []reconcile.State // none: all but resolved
	All        bool              // resolved ones too
	Department string
	// Departments is whose discrepancies may be seen at all: nil for everybody's,
	// else only of those given, which may be none. What belongs to no department is
	// seen with nil only.
	Departments []string
	Kind        reconcile.Kind
	Effect      reconcile.Effect
	Code        string   // canonical
	CodePrefix  string   // canonical: codes that begin so
	IDs         []string // nil: all
	Unstable    bool     // only those that change at every look
	Order       Order
	Limit       int // 0: no limit
	// After leaves out everything up to and with this place in the order.
	After *Place
}

// Order is how a list is sorted. Texts are compared by byte, on both databases.
type Order string

// The orders. Each ends in what makes a discrepancy one of its own, so that it has one
// place. Those that only choose what stands are read from an index; with resolved
// ones, only ByKind is.
const (
	ByKind   Order = ""       // kind (as in reconcile.Kinds), department, code, side
	BySince  Order = "since"  // since, kind (by its name), department, code, side
	ByNewest Order = "-since" // BySince backwards, in all of its parts
	ByCode   Order = "code"   // code, kind (by its name), department, side
)

// Place is where a discrepancy stands in the order of EachDiscrepancy.
type Place struct {
	Kind             reconcile.Kind
	Department, Code string
	Side             reconcile.Side
	Since            int64 // UTC milliseconds, 0 where unknown; for BySince and ByNewest only
}

// PlaceOf is the place of a discrepancy in any order.
func PlaceOf(d *reconcile.Discrepancy) Place {
	return Place{Kind: d.Kind, Department: d.Department, Code: d.Code, Side: d.Side, Since: millis(d.Since)}
}

// Compare tells which of two places comes first in the order.
func (o Order) Compare(a, b Place) int {
	kind, department := strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Department, b.Department)
	code, side := strings.Compare(a.Code, b.Code), strings.Compare(string(a.Side), string(b.Side))
	switch o {
	case ByCode:
		return cmp.Or(code, kind, department, side)
	case BySince:
		return cmp.Or(cmp.Compare(a.Since, b.Since), kind, department, code, side)
	case ByNewest:
		return BySince.Compare(b, a)
	}
	return cmp.Or(cmp.Compare(slices.Index(reconcile.Kinds, a.Kind), slices.Index(reconcile.Kinds, b.Kind)), department, code, side)
}

// errEnough ends a listing at its limit.
var errEnough = errors.New("enough")

// EachDiscrepancy gives the discrepancies that the filter chooses, in its order, all
// of them as they were at one moment. It ends with the error that do returns.
func (s *Store) EachDiscrepancy(ctx context.Context, f Filter, do func(reconcile.Discrepancy) error) error {
	departments, some := f.scope()
	if !some {
		return nil
	}
	var failed error // of do, which is not the store's
	l := listing{store: s, f: &f, departments: departments, left: f.Limit}
	l.do = func(d reconcile.Discrepancy) error {
		if failed = do(d); failed != nil {
			return failed
		}
		if l.left--; f.Limit > 0 && l.left == 0 {
			return errEnough
		}
		return nil
	}
	err := s.read(ctx, "discrepancies", func(tx *sqlx.Tx) error {
		l.tx = tx
		return l.run(ctx)
	})
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, errEnough):
		return nil
	}
	return err
}

// scope is the departments that may be listed, nil for all; some is false where
// nothing can be.
func (f *Filter) scope() (departments []string, some bool) {
	if f.IDs != nil && len(f.IDs) == 0 {
		return nil, false
	}
	if f.Departments == nil {
		if f.Department == "" {
			return nil, true
		}
		return []string{cleanText(f.Department)}, true
	}
	for _, department := range f.Departments {
		if department = cleanText(department); department != "" && (f.Department == "" || department == cleanText(f.Department)) {
			departments = append(departments, department)
		}
	}
	slices.Sort(departments)
	departments = slices.Compact(departments)
	return departments, len(departments) > 0
}

// standing reports whether nothing that is resolved is chosen.
func (f *Filter) standing() bool {
	if len(f.States) > 0 {
		return !slices.Contains(f.States, reconcile.StateResolved)
	}
	return !f.All
}

// conditions are those on the discrepancy itself, without departments and place.
func (f *Filter) conditions(s *Store) (*query, error) {
	q := newQuery()
	if f.standing() {
		q.where("state <> 'resolved'") // in these letters: the indexes of what stands are for it
	}
	if len(f.States) > 0 {
		states := make([]any, len(f.States))
		for i, state := range f.States {
			states[i] = string(state)
		}
		q.where("state IN ("+strings.TrimSuffix(strings.Repeat("?,", len(states)), ",")+")", states...)
	}
	if f.Effect != "" {
		q.where("deadline_effect = ?", string(f.Effect))
	}
	if f.Unstable {
		q.where("unstable = 1")
	}
	if f.Code != "" {
		q.where("dossier_key = ? AND code = ?", KeyOf(f.Code), cleanText(f.Code))
	}
	if f.CodePrefix != "" {
		prefix := cleanText(f.CodePrefix)
		q.where("code >= ?", prefix)
		if end := afterPrefix(prefix); end != "" {
			q.where("code < ?", end)
		}
	}
	if f.IDs != nil {
		clause, arg, err := s.anyOf("id", f.IDs)
		if err != nil {
			return nil, err
		}
		q.where(clause, arg)
	}
	return q, nil
}

// afterPrefix is the first text after all that begin with prefix; "" if none is. In
// UTF-8 the order of bytes is that of the letters' numbers.
func afterPrefix(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		for next := last + 1; next <= utf8.MaxRune; next++ {
			if utf8.ValidRune(next) {
				return prefix + string(next)
			}
		}
	}
	return ""
}
