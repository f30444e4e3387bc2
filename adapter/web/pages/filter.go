package pages

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// pageSize is how many discrepancies a page shows.
const pageSize = 50

// maxText bounds what is taken from an address, in bytes.
const maxText = 256

// filter is what the list is asked for with, as the address says it. What a form
// leaves empty chooses all; what cannot be read is an error, so that a link that was
// cut off does not choose everything.
type filter struct {
	State      string // one of reconcile.States, "listed" or "all"; "" is all but resolved
	Department string
	Kind       reconcile.Kind
	Effect     reconcile.Effect
	Code       string // how codes begin
	Unstable   bool
	Order      web.Order
	After      string
}

const (
	allStates = "all"
	// listedStates are what a department's own list shows.
	listedStates = "listed"
)

func filterOf(q url.Values) (filter, error) {
	f := filter{
		State: q.Get("state"), Department: q.Get("department"), Kind: reconcile.Kind(q.Get("kind")), Effect: reconcile.Effect(q.Get("effect")),
		Code: strings.TrimSpace(q.Get("code")), Unstable: q.Get("unstable") == "true", Order: web.Order(q.Get("order")), After: q.Get("after"),
	}
	switch {
	case f.State != "" && f.State != allStates && f.State != listedStates && !slices.Contains(reconcile.States, reconcile.State(f.State)),
		f.Kind != "" && !slices.Contains(reconcile.Kinds, f.Kind),
		f.Effect != "" && !slices.Contains(reconcile.Effects, f.Effect),
		!slices.Contains(web.Orders, f.Order),
		!readable(f.Department), !readable(f.Code), len(f.After) > 4*maxText:
		return filter{}, errUnreadable
	}
	return f, nil
}

func readable(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// values write the filter as the shortest address that means it.
func (f *filter) values() url.Values {
	q := url.Values{}
	for _, one := range []struct{ name, value string }{
		{"state", f.State}, {"department", f.Department}, {"kind", string(f.Kind)}, {"effect", string(f.Effect)},
		{"code", f.Code}, {"order", string(f.Order)}, {"after", f.After},
	} {
		if one.value != "" {
			q.Set(one.name, one.value)
		}
	}
	if f.Unstable {
		q.Set("unstable", "true")
	}
	return q
}

// link is the list with the filter changed.
func (f filter) link(change func(*filter)) string {
	f.After = "" // another filter has no place in this one's list
	change(&f)
	if q := f.values().Encode(); q != "" {
		return "/discrepancies?" + q
	}
	return "/discrepancies"
}

// query is what the backend is asked.
func (f *filter) query(scope access.Scope) (web.Query, error) {
	q := web.Query{
		Scope: scope, Department: f.Department, Kind: f.Kind, Effect: f.Effect, CodePrefix: f.Code, Unstable: f.Unstable, Order: f.Order, Limit: pageSize,
	}
	switch f.State {
	case "":
	case allStates:
		q.All = true
	case listedStates:
		q.States = []reconcile.State{reconcile.StateOpen, reconcile.StateAcknowledged}
	default:
		q.States = []reconcile.State{reconcile.State(f.State)}
	}
	if f.After != "" {
		after, err := readPlace(f.After)
		if err != nil {
			return web.Query{}, err
		}
		q.After = after
	}
	return q, nil
}

// Chosen reports whether anything but the order is chosen.
func (f filter) Chosen() bool {
	return cmp.Or(f.State, f.Department, string(f.Kind), string(f.Effect), f.Code) != "" || f.Unstable
}

// place is a cursor as it stands in an address: no secret, and no promise.
type place struct {
	Kind       reconcile.Kind `json:"k"`
	Department string         `json:"d"`
	Code       string         `json:"c"`
	Side       reconcile.Side `json:"s,omitempty"`
	Since      int64          `json:"t,omitempty"`
}

func writePlace(c *web.Cursor) string {
	text, err := json.Marshal(place(*c))
	if err != nil { // strings and a number: it cannot be
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func readPlace(text string) (*web.Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errUnreadable
	}
	var at place
	if json.Unmarshal(raw, &at) != nil || !slices.Contains(reconcile.Kinds, at.Kind) || !readable(at.Department) || !readable(at.Code) || at.Code == "" ||
		at.Side != "" && at.Side != reconcile.Platform && at.Side != reconcile.Office {
		return nil, errUnreadable
	}
	c := web.Cursor(at)
	return &c, nil
}
