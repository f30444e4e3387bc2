package web

import (
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
	for _, r := range Routes(nil) {
		path := strings.ReplaceAll(r.Pattern, "{$}", "")
		for _, method := range r.Methods {
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
	for _, r := range Routes(nil) {
		id, _ := theDocument(t).at("paths", strings.ReplaceAll(r.Pattern, "{$}", ""), strings.ToLower(r.Methods[0]), "operationId")
		if id != r.Name {
			t.Errorf("%s: operationId %q, handler %q", r.Pattern, id, r.Name)
		}
	}
}

func TestEveryParameterOfTheDocumentIsTakenAndTheReverse(t *testing.T) {
	page := []string{"before", "limit"}
	want := map[string][]string{
		"discrepancies": discrepancyParameters, "letters": append([]string{"department"}, page...), "letters/{id}/file": {"format"},
		"deliveries": append([]string{"state"}, page...), "report": reportParameters, "report/dossiers": slices.Concat(reportParameters, cellParameters),
		"report/file": append(slices.Clone(reportParameters), "format"), "sources/{name}/rejected": {"limit"}, "audit": append([]string{"actor", "action"}, page...),
	}
	for path := range theDocument(t).object("paths") {
		for method := range theDocument(t).object("paths", path) {
			var got []string
			list, _ := theDocument(t).at("paths", path, method, "parameters")
			parameters, _ := list.([]any)
			for _, p := range parameters {
				parameter := followed(t, p.(map[string]any))
				if parameter["in"] == "query" {
					got = append(got, parameter["name"].(string))
				}
				if parameter["name"] == "limit" {
					schema := parameter["schema"].(map[string]any)
					bounds := []string{asText(schema["minimum"]), asText(schema["default"]), asText(schema["maximum"])}
					if diff := cmp.Diff([]string{"1", strconv.Itoa(DefaultLimit), strconv.Itoa(MaxLimit)}, bounds); diff != "" {
						t.Errorf("limit of %s (-code +document):\n%s", path, diff)
					}
				}
			}
			var taken []string
			if method == "get" {
				taken = want[strings.TrimPrefix(path, apiPath)]
			}
			if diff := cmp.Diff(taken, got); diff != "" {
				t.Errorf("%s %s: parameters (-code +document):\n%s", method, path, diff)
			}
		}
	}
	// What the code takes is what it names when it is asked for another.
	s := start(t, nil)
	for path, names := range want {
		a := s.get(t, apiPath+aimed(path)+"?nonsense=1")
		if !strings.Contains(a.body, "unknown; there are "+strings.Join(names, ", ")+`"`) {
			t.Errorf("%s takes others than %v: %s", path, names, a.body)
		}
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
	for _, name := range HandlerNames(nil) {
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
