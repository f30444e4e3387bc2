package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/doisoat/doisoat/reconcile"
)

// How many discrepancies a page holds.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// maxText bounds a code or a department, in bytes. The longest real code has 50
// characters.
const maxText = 256

// parameters reads a request's query. It finds every fault, not only the first.
type parameters struct {
	values url.Values
	bad    []badParameter
}

func parametersOf(raw string) *parameters {
	p := &parameters{}
	var err error
	if p.values, err = url.ParseQuery(raw); err != nil {
		p.fault("query", "cannot be read: %v; write special characters as %%XX and separate parameters by &", err)
	}
	return p
}

func (p *parameters) fault(name, format string, args ...any) {
	p.bad = append(p.bad, badParameter{name, fmt.Sprintf(format, args...)})
}

// known finds parameters that the route does not have: a filter that is misspelt
// must not choose everything.
func (p *parameters) known(names ...string) {
	var unknown []string
	for name := range p.values {
		if !slices.Contains(names, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		if len(names) == 0 {
			p.fault(shown(name), "unknown; this path has no parameters")
			continue
		}
		p.fault(shown(name), "unknown; there are %s", strings.Join(names, ", "))
	}
}

// text is the value of a parameter that may be given once; "" if it is not there.
func (p *parameters) text(name string) string {
	values, there := p.values[name]
	switch {
	case !there:
		return ""
	case len(values) > 1:
		p.fault(name, "given %d times; give it once", len(values))
	case values[0] == "":
		p.fault(name, "empty; leave it out to choose all")
	case !readable(values[0]):
		p.fault(name, "not readable text of at most %d bytes in UTF-8", maxText)
	default:
		return values[0]
	}
	return ""
}

func readable(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// shown is a client's text short enough for an error.
func shown(s string) string {
	const longest = 40
	if s = strings.ToValidUTF8(s, "\ufffd"); utf8.RuneCountInString(s) > longest {
		s = string([]rune(s)[:longest]) + "…"
	}
	return s
}

// oneOf is a parameter's value out of a list.
func oneOf[T ~string](p *parameters, name string, list []T) T {
	value := p.text(name)
	if value != "" && !slices.Contains(list, T(value)) {
		p.fault(name, "%q is none of them; there are %s", shown(value), joined(list))
		return ""
	}
	return T(value)
}

// someOf is the values of a parameter that may be repeated or hold several with
// commas between; in the order of the list, none twice.
func someOf[T ~string](p *parameters, name string, list []T) []T {
	var chosen []T
	for _, value := range p.values[name] {
		for one := range strings.SplitSeq(value, ",") {
			one = strings.TrimSpace(one)
			if !slices.Contains(list, T(one)) {
				p.fault(name, "%q is none of them; there are %s", shown(one), joined(list))
				return nil
			}
			chosen = append(chosen, T(one))
		}
	}
	var ordered []T
	for _, one := range list {
		if slices.Contains(chosen, one) {
			ordered = append(ordered, one)
		}
	}
	return ordered
}

func joined[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}

// yes is false where the parameter is not there.
func (p *parameters) yes(name string) bool {
	value := p.text(name)
	if value != "" && value != "true" && value != "false" {
		p.fault(name, "%q is neither true nor false", shown(value))
	}
	return value == "true"
}

// limit is how many a page holds.
func (p *parameters) limit() int {
	value := p.text("limit")
	if value == "" {
		return DefaultLimit
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > MaxLimit {
		p.fault("limit", "%q is no whole number from 1 to %d", shown(value), MaxLimit)
		return DefaultLimit
	}
	return n
}

// needed is oneOf for a parameter that must be given.
func needed[T ~string](p *parameters, name string, list []T) T {
	if !p.values.Has(name) {
		p.fault(name, "missing; one of %s", joined(list))
		return ""
	}
	return oneOf(p, name, list)
}

// before is the number of the last item of the page before; 0 for the first page.
func (p *parameters) before() int64 {
	value := p.text("before")
	if value == "" {
		return 0
	}
	return p.positive("before", value)
}

// numbered is the number that the path ends in.
func (p *parameters) numbered(r *http.Request) int64 { return p.positive("id", r.PathValue("id")) }

func (p *parameters) positive(name, value string) int64 {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 1 {
		p.fault(name, "%q is no whole number above 0", shown(value))
	}
	return n
}

// at reports whether one of the parameters is at fault already.
func (p *parameters) at(names ...string) bool {
	return slices.ContainsFunc(p.bad, func(b badParameter) bool { return slices.Contains(names, b.Name) })
}

// refused answers 400 where a parameter is at fault.
func (p *parameters) refused(w http.ResponseWriter, r *http.Request) bool {
	if len(p.bad) == 0 {
		return false
	}
	names := make([]string, len(p.bad))
	for i, b := range p.bad {
		names[i] = b.Name
	}
	problem{Status: http.StatusBadRequest, Detail: "cannot be answered for its parameters: " + strings.Join(names, ", "), Parameters: p.bad}.write(w, r)
	return true
}

// discrepancyParameters are all that /api/v1/discrepancies has.
var discrepancyParameters = []string{"state", "all", "department", "kind", "effect", "code", "code_prefix", "unstable", "order", "limit", "cursor"}

// queryOf reads the filter, and the place in the list where it goes on.
func queryOf(p *parameters) Query {
	p.known(discrepancyParameters...)
	q := Query{
		States: someOf(p, "state", reconcile.States), Department: p.text("department"),
		Kind: oneOf(p, "kind", reconcile.Kinds), Effect: oneOf(p, "effect", reconcile.Effects),
		Code: p.text("code"), CodePrefix: p.text("code_prefix"), Unstable: p.yes("unstable"), Order: oneOf(p, "order", Orders[1:]),
		Limit: p.limit(),
	}
	if q.Code != "" && q.CodePrefix != "" {
		p.fault("code_prefix", "code names the dossier already; leave one of the two out")
	}
	if q.All = p.yes("all"); q.All && len(p.values["state"]) > 0 {
		p.fault("all", "state names the states already; leave one of the two out")
	}
	if token := p.values["cursor"]; len(token) == 1 {
		after, err := parseCursor(token[0], q.filter())
		if err == nil && after.Since != 0 && !q.bySince() {
			err = errCursor
		}
		if err != nil {
			p.fault("cursor", "%v", err)
		}
		q.After = after
	} else if len(token) > 1 {
		p.fault("cursor", "given %d times; give it once", len(token))
	}
	return q
}

// filter writes what the query chooses, without limit and place, the same for
// every way of asking for it.
func (q *Query) filter() string {
	values := url.Values{}
	add := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	add("state", strings.ReplaceAll(joined(q.States), " ", ""))
	if q.All {
		add("all", "true")
	}
	add("department", q.Department)
	add("kind", string(q.Kind))
	add("effect", string(q.Effect))
	add("code", q.Code)
	add("code_prefix", q.CodePrefix)
	if q.Unstable {
		add("unstable", "true")
	}
	add("order", string(q.Order))
	return values.Encode()
}

func (q *Query) bySince() bool { return q.Order == BySince || q.Order == ByNewest }

// token writes a place in the list that the query chooses.
func (q *Query) token(place *Cursor) string {
	needed := *place
	if !q.bySince() {
		needed.Since = 0
	}
	return needed.token(q.filter())
}

// address writes the whole query, the place in the list included.
func (q *Query) address(after *Cursor) string {
	filter := q.filter()
	address := "limit=" + strconv.Itoa(q.Limit)
	if filter != "" {
		address = filter + "&" + address
	}
	if after != nil {
		address += "&cursor=" + q.token(after)
	}
	return address
}
