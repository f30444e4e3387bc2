package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// serves answers over HTTP, without any job at work.
func (r *rig) serves(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.web.Serve(ctx) }()
	r.ready.Store(true)
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// schemas are those of the document that the daemon itself serves.
type schemas struct{ compiler *jsonschema.Compiler }

func (r *rig) schemas(t *testing.T) schemas {
	t.Helper()
	_, text := r.get(t, "/api/v1/openapi.yaml")
	var parsed any
	if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(parsed)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	s := schemas{jsonschema.NewCompiler()}
	s.compiler.AssertFormat()
	if err := s.compiler.AddResource("https://doisoat.test/openapi.yaml", value); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask gets an answer and holds it against a schema of the document.
func (r *rig) ask(t *testing.T, s schemas, path, schema string) []byte {
	t.Helper()
	code, text := r.get(t, path)
	if code != http.StatusOK {
		t.Fatalf("%s: status %d\n%s", path, code, text)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := s.compiler.Compile("https://doisoat.test/openapi.yaml#/components/schemas/" + schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("%s does not fit the document: %v\n%s", path, err, text)
	}
	return []byte(text)
}

func TestAnswersOfANewInstallationFitTheDocument(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.serves(t)
	s := r.schemas(t)
	r.ask(t, s, "/api/v1/status", "Status")
	r.ask(t, s, "/api/v1/sources", "Sources")
	r.ask(t, s, "/api/v1/discrepancies", "Page")
	if code, _ := r.get(t, "/api/v1/dossiers/NONE"); code != http.StatusNotFound {
		t.Errorf("a dossier that nobody knows: status %d", code)
	}
}

// A history of chance leaves everything there is: failed and held sources, rows
// that cannot be read, dossiers under several codes, what people said.
func TestAnswersAfterALongHistoryFitTheDocument(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 1, "", "{shrink: {percent: 10, count: 2}, surge: {percent: 5, count: 2}, grace: {default: 1h}}")
	h.play(80)
	h.books["kt-book"].breaks(bookFault{empty: true})
	h.readAll(t, "kt-book")
	h.books["tp-book"].breaks(bookFault{cause: reconcile.CauseAuth})
	h.read(t, "tp-book")
	h.compared(t)
	if err := h.draw(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.serves(t)
	s := h.schemas(t)
	h.ask(t, s, "/api/v1/status", "Status")
	h.ask(t, s, "/api/v1/sources", "Sources")
	for _, code := range h.codes {
		if status, _ := h.get(t, "/api/v1/dossiers/"+code); status != http.StatusNotFound {
			h.ask(t, s, "/api/v1/dossiers/"+code, "Dossier")
		}
	}
	h.pagesAreTheList(t, s, 3, "")
	h.pagesAreTheList(t, s, 2, "&all=true")
}

// pagesAreTheList follows the pages to the end.
func (h *history) pagesAreTheList(t *testing.T, s schemas, limit int, more string) {
	t.Helper()
	type entry struct {
		ID    string
		State reconcile.State
	}
	want := []entry{}
	for _, d := range h.listed(t, store.Filter{All: more != ""}) {
		want = append(want, entry{d.ID, d.State})
	}
	got := []entry{}
	next := ""
	for {
		text := h.ask(t, s, fmt.Sprintf("/api/v1/discrepancies?limit=%d%s%s", limit, more, next), "Page")
		var page struct {
			Items []web.Discrepancy `json:"discrepancies"`
			Next  string            `json:"next"`
		}
		if err := json.Unmarshal(text, &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Items) > limit || len(page.Items) == 0 && len(want) > 0 {
			t.Fatalf("%d on a page of %d", len(page.Items), limit)
		}
		for _, d := range page.Items {
			got = append(got, entry{d.ID, d.State})
		}
		if page.Next == "" {
			break
		}
		next = "&cursor=" + url.QueryEscape(page.Next)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("all pages of %d (-the list +pages):\n%s", limit, diff)
	}
}

func TestDossierOfWhichOnlyARejectedRowIsKnown(t *testing.T) {
	t.Parallel()
	r := quiet(t, rigOptions{})
	bad := openRow("A-77", "KT")
	bad.unreadable = true
	r.books["kt-book"].put(bad)
	r.read(t)
	r.compared(t)
	worse := openRow("A-78", "KT") // of a poll that was not accepted
	worse.unreadable = true
	r.books["kt-book"].put(worse)
	r.books["kt-book"].change(func(rows map[string]row) {
		for code := range rows {
			if code != "A-78" {
				delete(rows, code)
			}
		}
	})
	r.books["kt-book"].put(openRow("Z-99", "KT")) // comes after it, and is never handed over
	r.books["kt-book"].breaks(bookFault{partial: true})
	r.readAll(t, "kt-book")
	r.serves(t)
	s := r.schemas(t)
	for _, code := range []string{"A-77", "A-78"} {
		r.ask(t, s, "/api/v1/dossiers/"+code, "Dossier")
	}
}

func TestListTellsWhatWasNotVerifiedSince(t *testing.T) {
	t.Parallel()
	r := quiet(t, rigOptions{})
	r.stands(t, "A-01")
	verified := func() string {
		t.Helper()
		page, err := backend{r.Daemon}.Discrepancies(context.Background(), web.Query{Scope: access.Everything(), Limit: 10})
		if err != nil || len(page.Items) != 1 {
			t.Fatal(page, err)
		}
		return page.Items[0].NotVerifiedSince
	}
	if got := verified(); got != "" {
		t.Errorf("not verified since %q, want it verified", got)
	}
	last := r.newest(t, "kt-book").StartedAt
	r.books["kt-book"].breaks(bookFault{cause: reconcile.CauseConnect})
	r.pass(time.Hour)
	r.read(t)
	if got, want := verified(), last.In(vietnam).Format(time.RFC3339); got != want {
		t.Errorf("not verified since %q, want the last time that the office was read, %s", got, want)
	}
}

func TestStatusTellsSinceWhenASourceFails(t *testing.T) {
	t.Parallel()
	r := quiet(t, rigOptions{})
	r.books["dvc"].breaks(bookFault{cause: reconcile.CauseTimeout})
	r.pass(time.Hour)
	first := r.now().Add(time.Second)
	for range 3 {
		r.read(t, "dvc")
		failing := r.status(t).Guards.NotAccepted
		if want := first.In(vietnam).Format(time.RFC3339); len(failing) != 1 || failing[0].Since != want || failing[0].Cause != reconcile.CauseTimeout {
			t.Fatalf("not accepted: %+v, want the platform since %s", failing, want)
		}
		r.pass(15 * time.Minute)
	}
	r.restart(t)
	if failing := r.status(t).Guards.NotAccepted; len(failing) != 1 || failing[0].Since != first.In(vietnam).Format(time.RFC3339) {
		t.Errorf("not accepted after a restart: %+v, want the same", failing)
	}
	r.books["dvc"].breaks(bookFault{})
	r.read(t)
	if failing := r.status(t).Guards.NotAccepted; len(failing) > 0 {
		t.Errorf("not accepted: %+v, want nothing", failing)
	}
}
