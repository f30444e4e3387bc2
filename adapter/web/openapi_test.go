package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryRouteIsInTheDocumentAndTheReverse(t *testing.T) {
	var want []string
	for _, r := range routes() {
		path := strings.ReplaceAll(r.pattern, "{$}", "")
		for _, method := range r.methods {
			want = append(want, strings.ToLower(method)+" "+path)
		}
	}
	var got []string
	for path := range theDocument(t).object("paths") {
		for method := range theDocument(t).object("paths", path) {
			got = append(got, method+" "+path)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes and openapi.yaml (-routes +document):\n%s", diff)
	}
}

func TestEveryOperationIsNamedAfterItsHandler(t *testing.T) {
	for _, r := range routes() {
		id, _ := theDocument(t).at("paths", strings.ReplaceAll(r.pattern, "{$}", ""), strings.ToLower(r.methods[0]), "operationId")
		if id != r.name {
			t.Errorf("%s: operationId %q, handler %q", r.pattern, id, r.name)
		}
	}
}

// produce makes a server answer an operation with a status.
func produce(t *testing.T, r *route, method string, status int) answered {
	t.Helper()
	path := strings.ReplaceAll(strings.ReplaceAll(r.pattern, "{$}", ""), "{code}", "000.00.16.H57-180611-0004")
	var change func(*Options, *memory)
	var headers []string
	switch status {
	case http.StatusNotModified:
		s := start(t, nil)
		return s.ask(t, method, path, "If-None-Match", s.ask(t, method, path).header.Get("ETag"))
	case http.StatusBadRequest:
		path += "?nonsense=1"
	case http.StatusForbidden:
		headers = []string{"Host", "evil.example"}
	case http.StatusMethodNotAllowed:
		method = http.MethodDelete
	case http.StatusNotFound:
		change = func(o *Options, m *memory) { o.Reload, m.dossiers = nil, nil }
	case http.StatusInternalServerError:
		change = func(o *Options, m *memory) { o.Reload, m.err = func(context.Context) error { return errOurs }, errOurs }
	case http.StatusServiceUnavailable:
		change = func(o *Options, _ *memory) {
			o.Ready = func(context.Context) error { return errors.New("the store is being opened") }
		}
	}
	return start(t, change).ask(t, method, path, headers...)
}

func TestEveryAnswerInTheDocumentIsReallyGivenAndFits(t *testing.T) {
	for _, r := range routes() {
		path := strings.ReplaceAll(r.pattern, "{$}", "")
		for _, method := range r.methods {
			for code := range theDocument(t).object("paths", path, strings.ToLower(method), "responses") {
				status, err := strconv.Atoi(code)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(method+path+" "+code, func(t *testing.T) {
					if got := produce(t, &r, method, status); got.status != status { // ask holds it against the schema
						t.Errorf("status %d, want %d: %s", got.status, status, got.body)
					}
				})
			}
		}
	}
}

func TestEveryParameterOfTheDocumentIsTakenAndTheReverse(t *testing.T) {
	list, _ := theDocument(t).at("paths", discrepanciesPath, "get", "parameters")
	var got []string
	for _, p := range list.([]any) {
		parameter := p.(map[string]any)
		if parameter["in"] == "query" {
			got = append(got, parameter["name"].(string))
		}
		if parameter["name"] == "limit" {
			schema := parameter["schema"].(map[string]any)
			bounds := []string{asText(schema["minimum"]), asText(schema["default"]), asText(schema["maximum"])}
			if diff := cmp.Diff([]string{"1", strconv.Itoa(DefaultLimit), strconv.Itoa(MaxLimit)}, bounds); diff != "" {
				t.Errorf("limit (-code +document):\n%s", diff)
			}
		}
	}
	if diff := cmp.Diff(discrepancyParameters, got); diff != "" {
		t.Errorf("parameters (-code +document):\n%s", diff)
	}
}

func TestHandlerNamesAreFewAndEachIsUsedForItsRoute(t *testing.T) {
	used := map[string]int{}
	s := start(t, func(o *Options, _ *memory) {
		o.Instrument = func(name string, next http.Handler) http.Handler {
			used[name]++
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Handler", name)
				next.ServeHTTP(w, r)
			})
		}
	})
	want := map[string]int{}
	for _, name := range HandlerNames() {
		want[name]++
	}
	if diff := cmp.Diff(want, used); diff != "" {
		t.Errorf("instrumented (-HandlerNames +used):\n%s", diff)
	}
	for path, name := range map[string]string{
		"/": "landing", "/api/v1/dossiers/A": "dossier", "/api/v1/dossiers/A%2FB": "dossier", "/nothing": notFoundName, "/api/v1/dossiers/": notFoundName,
		"/-/healthy": "healthy", "/api/v1/status?x=1": "status",
	} {
		if got := s.get(t, path).header.Get("X-Handler"); got != name {
			t.Errorf("%s is counted under %q, want %q", path, got, name)
		}
	}
	if got := s.get(t, "/-/healthy", "Host", "evil.example").header.Get("X-Handler"); got != "healthy" {
		t.Errorf("a refused request is counted under %q", got)
	}
}

func asText(v any) string {
	if s, ok := v.(interface{ String() string }); ok {
		return s.String()
	}
	return ""
}

func TestWhatIsShownOfAStatusOnlyFitsWhereNothingIsSet(t *testing.T) {
	s := start(t, func(_ *Options, m *memory) {
		*m = memory{status: Status{
			StartedAt: Stamp(now, time.UTC), Store: StoreStatus{Kind: "sqlite"}, Config: ConfigStatus{LoadedAt: Stamp(now, time.UTC)},
		}, dossiers: map[string]*Dossier{"A": {AsOf: Stamp(now, time.UTC), Deadline: Deadline{Reported: NoVerdict, Verified: NoVerdict, Effect: "none"}}}}
	})
	for _, path := range slices.Sorted(maps.Keys(map[string]bool{"/api/v1/status": true, "/api/v1/sources": true, "/api/v1/discrepancies": true, "/api/v1/dossiers/A": true})) {
		a := s.get(t, path)
		if a.status != http.StatusOK || strings.Contains(strings.ReplaceAll(a.body, `"last_attempt":null`, ""), ":null") {
			t.Errorf("%s: %d, a list is null: %s", path, a.status, a.body)
		}
	}
}
