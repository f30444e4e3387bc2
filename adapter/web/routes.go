package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// Where pages are that the server itself has to know: it sends whoever has to sign
// in to the first, and whoever has to change a first password to the second, which
// they may leave only by the third.
const (
	LoginPath    = "/login"
	PasswordPath = "/password"
	LogoutPath   = "/logout"
)

const (
	// reloadName is the one route that needs Operate and may be answered without an
	// identity; see operations.
	reloadName = "reload"
	// notFoundName is the handler's name for paths that no route has.
	notFoundName = "not_found"
)

// Routes is every route there is with these pages (nil: none), in no particular
// order; all other paths answer 404. Nothing can be asked of the routes given: they
// are for whoever has to walk the table.
func Routes(pages Pages) []Route {
	return (&Server{options: Options{Pages: pages}}).Routes()
}

// HandlerNames are all names that Options.Instrument is called with for these pages,
// so that their series can be there from the start.
func HandlerNames(pages Pages) []string {
	var names []string
	for _, r := range Routes(pages) {
		names = append(names, r.Name)
	}
	return append(names, notFoundName)
}

// Routes is the table that this server answers by.
func (s *Server) Routes() []Route {
	list := slices.Concat(
		s.stateRoutes(), s.actRoutes(), s.listRoutes(), s.letterRoutes(), s.reportRoutes(), s.operateRoutes(), s.accountRoutes(), s.auditRoutes(), s.operations(),
	)
	if s.options.Pages == nil {
		return append(list, Route{
			Pattern: "/{$}", Methods: get, Name: "landing", Comment: "this page", Needs: access.Anybody, Always: true, Serve: s.landing,
		})
	}
	for _, page := range s.options.Pages.Routes() {
		page.Page = true
		list = append(list, page)
	}
	return list
}

// The methods of the routes outside of the API.
var (
	get    = []string{http.MethodGet}
	change = []string{http.MethodPost, http.MethodPut}
)

// checked finds routes that can never be right, or take another's place.
func checked(routes []Route) error {
	var faults []error
	seen, names := map[string]string{}, map[string]bool{notFoundName: true}
	for _, r := range routes {
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("web: route %s %s: "+format, append([]any{strings.Join(r.Methods, "/"), r.Pattern}, args...)...))
		}
		switch {
		case r.Pattern == "" || len(r.Methods) == 0 || r.Name == "" || r.Serve == nil:
			fault("pattern, methods, name or handler is missing")
			continue
		case !slices.Contains(access.Permissions, r.Needs):
			fault("needs %q, which is no permission", r.Needs)
		case names[r.Name]:
			fault("another is named %s, too", r.Name)
		case r.Page && strings.HasPrefix(r.Pattern, apiPath):
			fault("a page is in the place of the API")
		}
		names[r.Name] = true
		for _, method := range r.Methods {
			if other := seen[method+" "+r.Pattern]; other != "" {
				fault("it is %s's, too", other)
			}
			seen[method+" "+r.Pattern] = r.Name
		}
	}
	return errors.Join(faults...)
}

// byPattern groups the routes that share a path, in the order of the table.
func byPattern(routes []Route) [][]Route {
	var groups [][]Route
	place := map[string]int{}
	for _, r := range routes {
		at, ok := place[r.Pattern]
		if !ok {
			at = len(groups)
			place[r.Pattern] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], r)
	}
	return groups
}

// handler is the mux of one listener with what stands before every route. Patterns
// that the mux cannot tell apart are an error.
func (s *Server) handler(routes []Route, g *guard) (_ http.Handler, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("web: routes: %v", cause)
		}
	}()
	mux := http.NewServeMux()
	counted := func(r *Route, next http.Handler) http.Handler {
		return s.options.Instrument(r.Name, s.recovered(r.Name, next))
	}
	for _, group := range byPattern(routes) {
		served := make([]http.Handler, len(group))
		for i := range group {
			served[i] = counted(&group[i], g.before(&group[i], group))
		}
		mux.HandleFunc(group[0].Pattern, func(w http.ResponseWriter, r *http.Request) {
			for i := range group {
				if group[i].takes(r.Method) {
					served[i].ServeHTTP(w, r)
					return
				}
			}
			served[0].ServeHTTP(w, r) // which answers 405
		})
	}
	unknown := Route{Name: notFoundName, Needs: access.Anybody, Always: true, Page: s.options.Pages != nil, Serve: s.nothing}
	mux.Handle("/", counted(&unknown, g.unknown(&unknown)))
	return s.outermost(mux), nil
}

// nothing answers for paths that no route has.
func (s *Server) nothing(w http.ResponseWriter, r *http.Request) {
	if s.options.Pages != nil && !strings.HasPrefix(r.URL.Path, apiPath) {
		s.options.Pages.Fault(w, r, http.StatusNotFound, "Không có trang này.", "There is no such page.")
		return
	}
	problem{Status: http.StatusNotFound, Detail: "there is nothing at this path; " + apiPath + "openapi.yaml lists what there is"}.write(w, r)
}
