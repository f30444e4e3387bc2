package webtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/adapter/web"
)

// Shot aims a route at things of the department Foreign.
type Shot struct {
	Method string // "" is the route's first
	Path   string // with the query
	Type   string // of the body; "" where there is none
	Body   string
	// Open: the route is for everybody and leaves out what is another's. Then an
	// answer without anything of Foreign's is right, too. Otherwise the only right
	// answers are 403 and 404, and where Refused is set 409 and 422.
	Open    bool
	Refused bool
	// Prepare makes the Backend ready for it; nil where it is.
	Prepare func(*Backend)
	// Nothing says why there is nothing of any department's behind the route; then
	// nobody has to find anything there.
	Nothing string
}

// Target is a server over a Backend that nothing was done to yet, with a Gate.
type Target struct {
	Handler http.Handler
	Backend *Backend
	Close   func()
}

// Trespass sends a clerk of Own along every route to things of Foreign, and returns
// every way in. A route that has no shot is one, so that a new route cannot be
// forgotten; shots are by the route's name. That a shot is aimed well is shown by an
// operator, who must find something of Foreign's there.
func Trespass(routes []web.Route, shots map[string]Shot, fresh func() (*Target, error)) error {
	var faults []error
	known := map[string]bool{}
	for _, r := range routes {
		known[r.Name] = true
		shot, ok := shots[r.Name]
		if !ok {
			faults = append(faults, fmt.Errorf("route %s (%s) is not aimed at another department's things", r.Name, r.Pattern))
			continue
		}
		if shot.Method == "" {
			shot.Method = r.Methods[0]
		}
		if err := shot.at(fresh); err != nil {
			faults = append(faults, fmt.Errorf("route %s, %s %s: %w", r.Name, shot.Method, shot.Path, err))
		}
	}
	for name := range shots {
		if !known[name] {
			faults = append(faults, fmt.Errorf("there is no route %s to aim", name))
		}
	}
	return errors.Join(faults...)
}

func (s *Shot) at(fresh func() (*Target, error)) error {
	operator, err := fresh()
	if err != nil {
		return err
	}
	defer operator.Close()
	s.prepare(operator.Backend)
	found := s.send(operator, "van-hanh")
	if s.Nothing == "" {
		if found.Code >= http.StatusBadRequest {
			return fmt.Errorf("is aimed badly: an operator is answered %d %s", found.Code, found.Body)
		}
		if s.Method == http.MethodGet && !s.betrayed(found) {
			return errors.New("is aimed badly: an operator finds nothing of " + Foreign)
		}
	}
	// What an operator read must not be kept and given to the next; what one changed
	// is not to be found.
	clerk := operator
	if s.Method != http.MethodGet {
		if clerk, err = fresh(); err != nil {
			return err
		}
		defer clerk.Close()
		s.prepare(clerk.Backend)
	}
	before := clerk.Backend.State()
	got := s.send(clerk, "dat-dai")
	switch {
	case s.betrayed(got):
		return fmt.Errorf("a clerk of %s is told things of %s: %d %s", Own, Foreign, got.Code, got.Body)
	case clerk.Backend.State() != before && s.Nothing == "":
		return fmt.Errorf("a clerk of %s changes things of %s (answer %d)", Own, Foreign, got.Code)
	case s.Open || s.Nothing != "", got.Code == http.StatusForbidden, got.Code == http.StatusNotFound, s.Refused && (got.Code == http.StatusConflict || got.Code == http.StatusUnprocessableEntity):
		return nil
	}
	return fmt.Errorf("a clerk of %s is answered %d, want 403 or 404: %s", Own, got.Code, got.Body)
}

func (s *Shot) prepare(b *Backend) {
	if s.Prepare != nil {
		s.Prepare(b)
	}
}

// send sends the shot in somebody's name, as a browser on our own page does.
func (s *Shot) send(to *Target, name string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), s.Method, s.Path, strings.NewReader(s.Body))
	r.Host = "localhost"
	r.Header.Set("Cookie", CookieName+"="+name)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if s.Type != "" {
		r.Header.Set("Content-Type", s.Type)
	}
	w := httptest.NewRecorder()
	to.Handler.ServeHTTP(w, r)
	return w
}

// betrayed reports whether an answer holds anything of Foreign's that was not said in
// the request: a page may repeat what was asked for.
func (s *Shot) betrayed(w *httptest.ResponseRecorder) bool {
	body := w.Body.String()
	for name, values := range w.Header() {
		body += name + strings.Join(values, "\n")
	}
	signs := []string{Mark(Foreign), nameOf(Foreign), sourceOf(Foreign)}
	if w.Code == http.StatusOK {
		code := CodeOf(Foreign, 0)
		signs = append(signs, code[:len(code)-3], `"`+Foreign+`"`, fields[1])
	}
	return slices.ContainsFunc(signs, func(sign string) bool {
		return strings.Contains(body, sign) && !strings.Contains(s.Path+s.Body, strings.Trim(sign, `"`))
	})
}

// State is everything that people can change, the audit trail left out, as one text
// to compare.
func (b *Backend) State() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var text strings.Builder
	for i := range b.items {
		fmt.Fprintf(&text, "%+v %+v\n", b.items[i].Discrepancy, b.items[i].events)
	}
	fmt.Fprint(&text, b.letters, b.deliveries, b.accounts, b.passwords, b.tokens, b.held, b.heldRuns, b.polled)
	return text.String()
}
