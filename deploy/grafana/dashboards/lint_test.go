package dashboards_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/deploy/grafana/dashboards"
	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

type dashboard struct {
	UID, Title, Description string
	SchemaVersion           int
	ID                      *int
	Links                   []struct{ URL string }
	Templating              struct {
		List []struct {
			Name, Type string
			Query      any
			Datasource *datasource
		}
	}
	Annotations struct {
		List []struct {
			Expr       string
			Datasource *datasource
		}
	}
	Panels []panel
}

type datasource struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               *datasource
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []struct {
		Expr, RefID string
		Datasource  *datasource
	}
	FieldConfig struct {
		Defaults struct {
			Unit  string
			Links []struct{ URL string }
		}
	}
}

// each runs a test for every dashboard; text is its JSON.
func each(t *testing.T, test func(t *testing.T, d dashboard, text string)) {
	t.Helper()
	names, err := dashboards.Names()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"doisoat-department.json", "doisoat-operations.json", "doisoat-overview.json"}, names); diff != "" {
		t.Fatalf("dashboards (-want +got):\n%s", diff)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			data, err := dashboards.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			var d dashboard
			if err := json.Unmarshal(data, &d); err != nil {
				t.Fatal(err)
			}
			test(t, d, string(data))
		})
	}
}

// A dashboard takes the data source that the reader chose, everywhere.
func TestNoDataSourceIsNamed(t *testing.T) {
	each(t, func(t *testing.T, d dashboard, text string) {
		want := datasource{"prometheus", "${datasource}"}
		check := func(where string, have *datasource) {
			if have == nil || *have != want {
				t.Errorf("%s: data source %v, want %v", where, have, want)
			}
		}
		for _, v := range d.Templating.List {
			if v.Type != "datasource" {
				check("variable "+v.Name, v.Datasource)
			}
		}
		for _, a := range d.Annotations.List {
			check("annotation "+a.Expr, a.Datasource)
		}
		for _, p := range d.Panels {
			if p.Type == "row" {
				continue
			}
			check(p.Title, p.Datasource)
			for _, target := range p.Targets {
				check(p.Title+" "+target.RefID, target.Datasource)
			}
		}
		for _, uid := range regexp.MustCompile(`"uid": "([^"]*)"`).FindAllStringSubmatch(text, -1) {
			if uid[1] != "${datasource}" && uid[1] != d.UID {
				t.Errorf("names the uid %q", uid[1])
			}
		}
	})
}

func TestPanelsSayWhatTheyShow(t *testing.T) {
	each(t, func(t *testing.T, d dashboard, _ string) {
		if d.SchemaVersion < 39 || d.ID != nil || d.Title == "" || d.Description == "" {
			t.Errorf("schemaVersion %d, id %v, title %q, description %q", d.SchemaVersion, d.ID, d.Title, d.Description)
		}
		ids, titles := map[int]bool{}, map[string]bool{}
		for _, p := range d.Panels {
			if ids[p.ID] || p.ID == 0 {
				t.Errorf("%s: id %d is another panel's", p.Title, p.ID)
			}
			ids[p.ID] = true
			if p.Title == "" || titles[p.Title] {
				t.Errorf("title %q is missing, or twice", p.Title)
			}
			titles[p.Title] = true
			if p.Type == "row" {
				continue
			}
			if !strings.HasSuffix(p.Description, ".") {
				t.Errorf("%s: description %q is no sentence", p.Title, p.Description)
			}
			if p.FieldConfig.Defaults.Unit == "" {
				t.Errorf("%s has no unit", p.Title)
			}
			refs := map[string]bool{}
			for _, target := range p.Targets {
				if refs[target.RefID] || target.RefID == "" || target.Expr == "" {
					t.Errorf("%s: target %q %q", p.Title, target.RefID, target.Expr)
				}
				refs[target.RefID] = true
			}
			if len(refs) == 0 {
				t.Errorf("%s asks nothing", p.Title)
			}
		}
	})
}

func TestPanelsDoNotOverlap(t *testing.T) {
	each(t, func(t *testing.T, d dashboard, _ string) {
		taken := map[[2]int]string{}
		for _, p := range d.Panels {
			g := p.GridPos
			if g.W < 1 || g.H < 1 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
				t.Errorf("%s stands outside the grid: %+v", p.Title, g)
				continue
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" {
						t.Fatalf("%s stands on %s", p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	})
}

// builtIn are Grafana's own variables.
var builtIn = []string{"__rate_interval", "__range", "__url_time_range", "__field", "__data", "__all"}

func TestVariablesAreDefinedAndUsed(t *testing.T) {
	each(t, func(t *testing.T, d dashboard, text string) {
		defined := map[string]bool{}
		for _, v := range d.Templating.List {
			defined[v.Name] = true
		}
		used := map[string]bool{}
		for _, m := range regexp.MustCompile(`\$\{?([A-Za-z_]+)`).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(builtIn, m[1]) {
				used[m[1]] = true
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(defined)), slices.Sorted(maps.Keys(used))); diff != "" {
			t.Errorf("variables (-defined +used):\n%s", diff)
		}
	})
}

func TestLinksLeadToADashboard(t *testing.T) {
	uids := map[string]map[string]bool{} // the variables of each
	each(t, func(_ *testing.T, d dashboard, _ string) {
		uids[d.UID] = map[string]bool{}
		for _, v := range d.Templating.List {
			uids[d.UID][v.Name] = true
		}
	})
	each(t, func(t *testing.T, d dashboard, _ string) {
		var links []string
		for _, l := range d.Links {
			links = append(links, l.URL)
		}
		for _, p := range d.Panels {
			for _, l := range p.FieldConfig.Defaults.Links {
				links = append(links, l.URL)
			}
		}
		if len(links) < 2 {
			t.Errorf("leads to %d other dashboards", len(links))
		}
		for _, l := range links {
			uid, query, _ := strings.Cut(strings.TrimPrefix(l, "/d/"), "?")
			if uids[uid] == nil {
				t.Errorf("%s leads nowhere", l)
			}
			for _, m := range regexp.MustCompile(`var-([a-z]+)=|\$\{([a-z]+):queryparam\}`).FindAllStringSubmatch(query, -1) {
				if name := m[1] + m[2]; !uids[uid][name] {
					t.Errorf("%s hands over %s, which that dashboard does not know", l, name)
				}
			}
		}
	})
}

// A fixed window shows other figures at another zoom or scrape interval, or none.
func TestRatesFollowTheScrapeInterval(t *testing.T) {
	each(t, func(t *testing.T, d dashboard, _ string) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				for _, m := range regexp.MustCompile(`\[([^\]]*)\]`).FindAllStringSubmatch(target.Expr, -1) {
					if m[1] != "$__rate_interval" && m[1] != "$__range" {
						t.Errorf("%s: the window [%s] is fixed: %s", p.Title, m[1], target.Expr)
					}
				}
			}
		}
	})
}

var values = dashboards.Values{Job: "doisoat", Department: "KT", RateInterval: "20m", Range: "24h"}

// Prometheus's own parser reads every expression.
func TestExpressionsParse(t *testing.T) {
	queries, err := dashboards.Queries()
	if err != nil {
		t.Fatal(err)
	}
	type rule struct{ Record, Expr string }
	var rules []rule
	for i, q := range queries {
		rules = append(rules, rule{fmt.Sprintf("query_%d", i), q.Fill(values)})
	}
	data, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "panels", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "rules.yaml"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, ok := monitortest.Run(t, folder, "promtool", "check", "rules", "rules.yaml"); !ok {
		t.Errorf("promtool check rules:\n%s", out)
	}
}

// What the panels ask for is what adapter/metrics documents.
func TestMetricsExist(t *testing.T) {
	known, err := os.ReadFile("../../../adapter/metrics/METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile("../../prometheus/doisoat.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	asked := string(rules)
	queries, err := dashboards.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		asked += q.Expr + "\n"
	}
	// Not what rules record, which stands between colons; nor the groups of rules.
	for _, m := range regexp.MustCompile(`(?:^|[^:a-z])(doisoat_[a-z_]+)`).FindAllStringSubmatch(asked, -1) {
		name := strings.TrimSuffix(m[1], "_bucket")
		if !strings.Contains(string(known), "`"+name+"`") {
			t.Errorf("%s is no metric", name)
		}
	}
}

// Each panel that may be empty is one that there is.
func TestEmptyPanelsAreKnown(t *testing.T) {
	queries, err := dashboards.Queries()
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]int{}
	for _, q := range queries {
		reasons[q.EmptyBecause]++
	}
	if reasons[""] < 40 {
		t.Errorf("only %d of %d questions must have an answer", reasons[""], len(queries))
	}
	for _, title := range dashboards.Quiet() {
		if !slices.ContainsFunc(queries, func(q dashboards.Query) bool { return q.Panel == title }) {
			t.Errorf("%q may be empty and is no panel", title)
		}
	}
}
