package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// memory is a Backend over a few values, without accounts, letters and all that people
// set: webtest has those. It filters and pages as the real one does.
type memory struct {
	Backend  // of what memory has not; nil
	mu       sync.Mutex
	revision string
	list     []reconcile.Discrepancy
	dossiers map[string]*Dossier
	status   Status
	sources  []Source
	err      error
	asked    atomic.Int64 // for data
}

func (m *memory) given() error {
	m.asked.Add(1)
	return m.err
}

func (m *memory) Status(context.Context) (*Status, error) {
	if err := m.given(); err != nil {
		return nil, err
	}
	return &m.status, nil
}

func (m *memory) Record(context.Context, AuditEntry) error { return nil }

func (m *memory) Sources(context.Context, access.Scope) ([]Source, error) {
	return m.sources, m.given()
}

func (m *memory) Dossier(_ context.Context, _ access.Scope, code string) (*Dossier, error) {
	if err := m.given(); err != nil {
		return nil, err
	}
	if d := m.dossiers[code]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("dossier %s: %w", code, ErrNotFound)
}

func (m *memory) Revision(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.revision, nil
}

func (m *memory) Discrepancies(_ context.Context, q Query) (*Page, error) {
	if err := m.given(); err != nil {
		return nil, err
	}
	slices.SortFunc(m.list, func(a, b reconcile.Discrepancy) int { return order(CursorOf(&a), CursorOf(&b)) })
	page := &Page{AsOf: Stamp(now, vietnam), Run: 12}
	for i := range m.list {
		d := &m.list[i]
		switch {
		case len(q.States) > 0 && !slices.Contains(q.States, d.State),
			len(q.States) == 0 && !q.All && d.State == reconcile.StateResolved,
			q.Department != "" && d.Department != q.Department, q.Kind != "" && d.Kind != q.Kind,
			q.Effect != "" && d.Effect != q.Effect, q.Code != "" && d.Code != q.Code, q.Unstable && !d.Unstable,
			q.After != nil && order(CursorOf(d), q.After) <= 0:
			continue
		}
		if len(page.Items) == q.Limit {
			page.Next = &Cursor{Kind: page.Items[q.Limit-1].Kind, Department: page.Items[q.Limit-1].Department,
				Code: page.Items[q.Limit-1].Code, Side: page.Items[q.Limit-1].Side}
			break
		}
		page.Items = append(page.Items, DiscrepancyOf(d, nil, nil, vietnam))
	}
	return page, nil
}

func order(a, b *Cursor) int {
	return cmp.Or(cmp.Compare(slices.Index(reconcile.Kinds, a.Kind), slices.Index(reconcile.Kinds, b.Kind)),
		strings.Compare(a.Department, b.Department), strings.Compare(a.Code, b.Code), cmp.Compare(a.Side, b.Side))
}

// aimed is a path of the pattern.
func aimed(pattern string) string {
	return strings.NewReplacer("{$}", "", "{code}", "000.00.16.H57-180611-0004", "{department}", "VPDKDD", "{id}", "7", "{name}", "justice-book").Replace(pattern)
}

var (
	vietnam = time.FixedZone("+07", 7*60*60)
	now     = time.Date(2018, 7, 2, 1, 0, 0, 0, time.UTC)
)

// site is a server that runs.
type site struct {
	*Server
	backend *memory
	url     string
	client  *http.Client
	log     *lines
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// optionsFor are options with which a server answers everything.
func optionsFor(backend Backend, log io.Writer) Options {
	return Options{
		Listen: "127.0.0.1:0", Version: "0.2.0", Backend: backend,
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
			io.WriteString(w, "doisoat_build_info 1\n")
		}),
		Ready:  func(context.Context) error { return nil },
		Reload: func(context.Context) error { return nil },
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// start serves on a real listener until the test ends.
func start(t *testing.T, change func(*Options, *memory)) *site {
	t.Helper()
	s := &site{backend: full(), log: &lines{}, client: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	options := optionsFor(s.backend, s.log)
	if change != nil {
		change(&options, s.backend)
	}
	var err error
	if s.Server, err = New(options); err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + s.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

// ask sends a request and holds the answer against the OpenAPI document.
func (s *site) ask(t *testing.T, method, path string, headers ...string) answered {
	t.Helper()
	a := s.send(t, method, path, headers...)
	bare, _, _ := strings.Cut(path, "?")
	if fault := theDocument(t).check(method, bare, a); fault != nil {
		t.Errorf("%s %s: the answer is not what openapi.yaml says: %v\n%s", method, path, fault, a.body)
	}
	return a
}

// send sends a request, with headers as name, value, name, value. A header Host
// addresses the server by that name.
func (s *site) send(t *testing.T, method, path string, headers ...string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
			continue
		}
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, string(body)}
}

func (s *site) get(t *testing.T, path string, headers ...string) answered {
	t.Helper()
	return s.ask(t, http.MethodGet, path, headers...)
}

var errOurs = errors.New("disk on fire at /var/lib/secret")

// paged is a backend whose every page is the same.
type paged struct {
	*memory
	page *Page
}

func (p paged) Discrepancies(context.Context, Query) (*Page, error) { return p.page, nil }
