package webtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// Revision implements web.DiscrepancyBackend.
func (b *Backend) Revision(context.Context) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strconv.Itoa(b.revision), b.err
}

// Discrepancies implements web.DiscrepancyBackend.
func (b *Backend) Discrepancies(_ context.Context, q web.Query) (*web.Page, error) {
	unlock, err := b.begin("Discrepancies")
	defer unlock()
	if err != nil {
		return nil, err
	}
	var chosen []*item
	for i := range b.items {
		if it := &b.items[i]; chooses(&q, it) {
			chosen = append(chosen, it)
		}
	}
	slices.SortFunc(chosen, func(x, y *item) int {
		return compare(q.Order, web.CursorOf(&x.Discrepancy), web.CursorOf(&y.Discrepancy))
	})
	page := &web.Page{AsOf: b.stamp(june(30, 1)), Run: 12, Items: []web.Discrepancy{}}
	for i, it := range chosen {
		if q.After != nil && compare(q.Order, web.CursorOf(&it.Discrepancy), q.After) <= 0 {
			continue
		}
		if len(page.Items) == q.Limit {
			page.Next = web.CursorOf(&chosen[i-1].Discrepancy)
			break
		}
		page.Items = append(page.Items, b.shown(it))
	}
	return page, nil
}

func chooses(q *web.Query, it *item) bool {
	switch {
	case !q.Scope.Sees(it.Department),
		len(q.States) > 0 && !slices.Contains(q.States, it.State),
		len(q.States) == 0 && !q.All && it.State == reconcile.StateResolved,
		q.Department != "" && q.Department != it.Department, q.Kind != "" && q.Kind != it.Kind, q.Effect != "" && q.Effect != it.Effect,
		q.Code != "" && canonical(q.Code) != it.Code, !strings.HasPrefix(it.Code, canonical(q.CodePrefix)), q.Unstable && !it.Unstable:
		return false
	}
	return true
}

func canonical(code string) string { return strings.ToUpper(strings.Join(strings.Fields(code), "")) }

func compare(order web.Order, x, y *web.Cursor) int {
	byKind := cmp.Or(cmp.Compare(slices.Index(reconcile.Kinds, x.Kind), slices.Index(reconcile.Kinds, y.Kind)), strings.Compare(x.Department, y.Department),
		strings.Compare(x.Code, y.Code), strings.Compare(string(x.Side), string(y.Side)))
	switch order {
	case web.BySince:
		return cmp.Or(cmp.Compare(x.Since, y.Since), byKind)
	case web.ByNewest:
		return cmp.Or(cmp.Compare(y.Since, x.Since), byKind)
	case web.ByCode:
		return cmp.Or(strings.Compare(x.Code, y.Code), byKind)
	}
	return byKind
}

func (b *Backend) shown(it *item) web.Discrepancy {
	d := web.DiscrepancyOf(&it.Discrepancy, it.platform, it.office, Vietnam)
	d.NotVerifiedSince = b.stamp(it.notVerified)
	return d
}

// Departments implements web.OverviewBackend.
func (b *Backend) Departments(_ context.Context, scope access.Scope) ([]web.NamedDepartment, error) {
	unlock, err := b.begin("Departments")
	defer unlock()
	return visible(scope), err
}

// Overview implements web.OverviewBackend.
func (b *Backend) Overview(_ context.Context, scope access.Scope) (*web.Overview, error) {
	unlock, err := b.begin("Overview")
	defer unlock()
	if err != nil {
		return nil, err
	}
	o := &web.Overview{AsOf: b.stamp(june(30, 1)), Run: 12, Sources: b.sources(scope)}
	for _, department := range visible(scope) {
		o.Departments = append(o.Departments, b.overviewOf(department))
	}
	for n := range 90 {
		day := b.now.AddDate(0, 0, n-89)
		share := len(o.Departments)
		o.Days = append(o.Days, web.DayOverview{
			Day: day.Format("2006-01-02"), Open: share * (4 + (n*7)%13), Opened: share * (n % 4), Resolved: share * (n % 3), FalseOverdue: share * (n % 5), HiddenOverdue: share * (n % 2),
		})
	}
	if scope.All() {
		run := b.nightly()
		o.Nightly, o.Guards = &run, b.guards()
	}
	return o, nil
}

func (b *Backend) overviewOf(department web.NamedDepartment) web.DepartmentOverview {
	o := web.DepartmentOverview{NamedDepartment: department, Compared: 600}
	for _, kind := range reconcile.Kinds {
		k := web.KindOverview{Kind: kind}
		for i := range b.items {
			it := &b.items[i]
			if it.Department != department.Code || it.Kind != kind {
				continue
			}
			switch it.State {
			case reconcile.StateSuspected:
				k.Suspected++
			case reconcile.StateOpen:
				k.Open++
				k.Past++
				if since := b.stamp(it.Since); o.OldestSince == "" || since < o.OldestSince {
					o.OldestSince = since
				}
			case reconcile.StateAcknowledged:
				k.Acknowledged++
			case reconcile.StateWaived:
				k.Waived++
			}
			if it.Unstable {
				k.Unstable++
			}
			if it.State == reconcile.StateOpen || it.State == reconcile.StateAcknowledged {
				switch it.Effect {
				case reconcile.FalseOverdue:
					o.FalseOverdue++
				case reconcile.HiddenOverdue:
					o.HiddenOverdue++
				}
			}
		}
		if k.Suspected+k.Open+k.Acknowledged+k.Waived > 0 {
			o.Kinds = append(o.Kinds, k)
		}
	}
	return o
}

// act finds the discrepancies within scope: all of them, or ErrNotFound.
func (b *Backend) found(scope access.Scope, ids []string) ([]*item, error) {
	var found []*item
	for _, id := range ids {
		at := slices.IndexFunc(b.items, func(it item) bool { return it.ID == id && scope.Sees(it.Department) })
		if at < 0 {
			return nil, fmt.Errorf("discrepancy %s: %w", id, web.ErrNotFound)
		}
		found = append(found, &b.items[at])
	}
	return found, nil
}
