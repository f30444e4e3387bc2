package web

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGoldenAnswers(t *testing.T) {
	s := start(t, nil)
	for name, path := range map[string]string{
		"status.json": "/api/v1/status", "sources.json": "/api/v1/sources", "dossier.json": "/api/v1/dossiers/000.00.16.H57-180611-0004",
		"discrepancies.json": "/api/v1/discrepancies?kind=unmapped_status&department=KT&all=true&limit=3", "landing.html": "/",
		"bad-request.json": "/api/v1/discrepancies?limit=5000&stat=open", "not-found.json": "/api/v1/dossiers/none", "no-path.json": "/api/v2/status",
		"foreign-method.json": "/-/reload", "healthy.txt": "/-/healthy", "ready.txt": "/-/ready",
	} {
		t.Run(name, func(t *testing.T) {
			got := s.get(t, path, requestIDHeader, "golden-request").body
			if strings.HasSuffix(name, ".json") {
				var text bytes.Buffer
				if err := json.Indent(&text, []byte(got), "", "  "); err != nil {
					t.Fatal(err)
				}
				got = text.String()
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// decoded is a page as a client reads it.
func decoded(t *testing.T, a answered) pageBody {
	t.Helper()
	var page pageBody
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return page
}

func TestPagesTogetherAreTheWholeListOnce(t *testing.T) {
	s := start(t, nil)
	for _, filter := range []string{"", "all=true", "state=open,waived", "kind=unmapped_status", "department=KT&all=true", "unstable=true", "effect=none"} {
		var want []string
		for _, d := range decoded(t, s.get(t, discrepanciesPath+"?limit=1000&"+filter)).Items {
			want = append(want, d.ID)
		}
		if len(want) == 0 {
			t.Fatalf("%q chooses nothing", filter)
		}
		for _, limit := range []string{"1", "2", "7", "1000"} {
			var got []string
			address := discrepanciesPath + "?limit=" + limit
			if filter != "" {
				address += "&" + filter
			}
			for pages := 0; address != ""; pages++ {
				if pages > len(want) {
					t.Fatalf("%q by %s does not end", filter, limit)
				}
				a := s.get(t, address)
				page := decoded(t, a)
				for _, d := range page.Items {
					got = append(got, d.ID)
				}
				address = nextOf(t, a.header.Get("Link"), page.Next)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q by %s (-whole +pages):\n%s", filter, limit, diff)
			}
		}
	}
}

// nextOf is the address in the Link header, which must name the same place as the
// body.
func nextOf(t *testing.T, link, cursor string) string {
	t.Helper()
	if link == "" && cursor == "" {
		return ""
	}
	address, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	if !ok {
		t.Fatalf("Link: %s", link)
	}
	u, err := url.Parse(address)
	if err != nil || u.Query().Get("cursor") != cursor {
		t.Fatalf("Link %s and next %s, %v", link, cursor, err)
	}
	return address
}

func TestAnAnswerAtHandIsNotGivenAgain(t *testing.T) {
	s := start(t, nil)
	first := s.get(t, discrepanciesPath+"?state=open&limit=2")
	tag := first.header.Get("ETag")
	asked := s.backend.asked.Load()
	for name, c := range map[string]struct {
		path, match string
		want        int
	}{
		"the same":                     {"?state=open&limit=2", tag, http.StatusNotModified},
		"the same, asked another way":  {"?limit=2&state=open&all=false", tag, http.StatusNotModified},
		"marked weak by a proxy":       {"?state=open&limit=2", "W/" + tag, http.StatusNotModified},
		"one of several":               {"?state=open&limit=2", `"other", ` + tag, http.StatusNotModified},
		"anything":                     {"?state=open&limit=2", "*", http.StatusNotModified},
		"another answer at hand":       {"?state=open&limit=2", `"other"`, http.StatusOK},
		"another filter":               {"?state=waived&limit=2", tag, http.StatusOK},
		"another length of the page":   {"?state=open&limit=3", tag, http.StatusOK},
		"nothing sensible":             {"?state=open&limit=2", "'", http.StatusOK},
		"the next page":                {"?" + strings.SplitAfterN(first.header.Get("Link")[1:strings.Index(first.header.Get("Link"), ">")], "?", 2)[1], tag, http.StatusOK},
		"a request that is at fault":   {"?state=opened", tag, http.StatusBadRequest},
		"quotes forgotten by a client": {"?state=open&limit=2", strings.Trim(tag, `"`), http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			before := s.backend.asked.Load()
			a := s.get(t, discrepanciesPath+c.path, "If-None-Match", c.match)
			if a.status != c.want || a.status == http.StatusNotModified && (a.body != "" || a.header.Get("ETag") != tag || s.backend.asked.Load() != before) {
				t.Errorf("%d %v, asked %d times", a.status, a.header, s.backend.asked.Load()-before)
			}
		})
	}
	if asked != 1 {
		t.Errorf("the first answer asked the backend %d times", asked)
	}
	s.backend.mu.Lock()
	s.backend.revision = "12-8"
	s.backend.mu.Unlock()
	if a := s.get(t, discrepanciesPath+"?state=open&limit=2", "If-None-Match", tag); a.status != http.StatusOK || a.header.Get("ETag") == tag {
		t.Errorf("after a change: %d, ETag %s", a.status, a.header.Get("ETag"))
	}
}

func TestTheOtherAnswersAreKnownByTheirContent(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/api/v1/status", "/api/v1/sources", "/api/v1/dossiers/000.00.16.H57-180611-0004", "/api/v1/openapi.yaml"} {
		tag := s.get(t, path).header.Get("ETag")
		if a := s.get(t, path, "If-None-Match", tag); a.status != http.StatusNotModified {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	tag := s.get(t, "/api/v1/status").header.Get("ETag")
	s.backend.status.Warnings = nil
	if a := s.get(t, "/api/v1/status", "If-None-Match", tag); a.status != http.StatusOK {
		t.Errorf("after a change: %d", a.status)
	}
}

func TestWhatGoesWrongInsideStaysInside(t *testing.T) {
	s := start(t, func(_ *Options, m *memory) { m.err = errOurs })
	for _, path := range []string{"/api/v1/status", "/api/v1/sources", discrepanciesPath, "/api/v1/dossiers/A"} {
		a := s.get(t, path)
		if a.status != http.StatusInternalServerError || strings.Contains(a.body, "disk") || a.header.Get("ETag") != "" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v %s", path, a.status, a.header, a.body)
		}
		id := a.header.Get(requestIDHeader)
		if log := s.log.String(); id == "" || !strings.Contains(a.body, id) || !strings.Contains(log, `cause="disk on fire at /var/lib/secret" request_id=`+id) {
			t.Errorf("%s: request %s is not to be found in the log:\n%s", path, id, log)
		}
	}
}

func TestAnUnknownDossierIsNotFound(t *testing.T) {
	s := start(t, nil)
	for _, code := range []string{"none", "%E1%BB%8D", "a%2Fb", "%3Cscript%3E"} {
		if a := s.get(t, "/api/v1/dossiers/"+code); a.status != http.StatusNotFound || strings.Contains(a.body, "script") {
			t.Errorf("%s: %d %s", code, a.status, a.body)
		}
	}
}

func TestTextThatIsNotUTF8IsMended(t *testing.T) {
	s := start(t, func(_ *Options, m *memory) {
		m.list = []reconcile.Discrepancy{{Kind: reconcile.UnmappedStatus, Code: "A", State: reconcile.StateOpen, Effect: reconcile.EffectNone,
			Since: now, FirstDetectedAt: now, Reason: "status \xff"}}
	})
	if got := decoded(t, s.get(t, discrepanciesPath)).Items[0].Reason; got != "status \ufffd" {
		t.Errorf("reason %q", got)
	}
}

func TestReload(t *testing.T) {
	var fault error
	s := start(t, func(o *Options, _ *memory) { o.Reload = func(context.Context) error { return fault } })
	if a := s.ask(t, http.MethodPost, "/-/reload"); a.status != http.StatusOK || a.body != "the configuration was reloaded.\n" {
		t.Errorf("%d %q", a.status, a.body)
	}
	fault = errOurs
	want := "the configuration was not reloaded, the old one stays in force:\n" + errOurs.Error() + "\n"
	if a := s.ask(t, http.MethodPut, "/-/reload"); a.status != http.StatusInternalServerError || a.body != want {
		t.Errorf("%d %q", a.status, a.body)
	}
}
