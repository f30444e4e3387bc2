package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// run serves on the network until the test ends.
func (s *site) run(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func statusOf(t *testing.T, method string, addr net.Addr, path, user string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr.String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		r.SetBasicAuth(user, "mật khẩu")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func TestOperationsOnAListenerOfTheirOwn(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("mật khẩu"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, []byte("basic_auth_users:\n  prometheus: "+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	reloads := 0
	s := serve(t, func(o *web.Options) {
		o.Operations = &web.Listener{Listen: "127.0.0.1:0", ConfigFile: file}
		o.Reload = func(context.Context) error { reloads++; return nil }
	})
	s.run(t)
	main, own := s.Addr(), s.OperationsAddr()
	if main.String() == own.String() {
		t.Fatal("there is one listener")
	}
	for _, r := range s.Routes() {
		path := strings.NewReplacer("{$}", "", "{code}", "A", "{id}", "1", "{department}", "KT", "{name}", "a").Replace(r.Pattern)
		here, there := main, own
		if r.Operations {
			here, there = own, main
		}
		if status := statusOf(t, r.Methods[0], there, path, "prometheus"); status != http.StatusNotFound {
			t.Errorf("%s on the other listener: %d", path, status)
		}
		if status := statusOf(t, r.Methods[0], here, path, "prometheus"); status == http.StatusNotFound && r.Operations {
			t.Errorf("%s on its listener: %d", path, status)
		}
	}
	if status := statusOf(t, http.MethodGet, own, "/metrics", ""); status != http.StatusUnauthorized {
		t.Errorf("/metrics without the password of its own file: %d", status)
	}
	if status := statusOf(t, http.MethodGet, main, "/api/v1/openapi.yaml", ""); status != http.StatusOK {
		t.Errorf("the main listener wants the password of the other: %d", status)
	}
	if reloads != 1 {
		t.Errorf("%d reloads", reloads)
	}
	if w := s.ask(t, http.MethodGet, "/", ""); strings.Contains(w.Body.String(), "/metrics") {
		t.Errorf("the page leads to what is elsewhere: %s", w.Body)
	}
}

func TestBothListenersFinishWhatIsUnderWayAndAreFreeAfterwards(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	s := serve(t, func(o *web.Options) {
		o.Operations = &web.Listener{Listen: "127.0.0.1:0"}
		o.Reload = func(context.Context) error { close(entered); <-leave; return nil }
	})
	ctx, stop := context.WithCancel(t.Context())
	served, answer := make(chan error, 1), make(chan int, 1)
	go func() { served <- s.Serve(ctx) }()
	go func() { answer <- statusOf(t, http.MethodPost, s.OperationsAddr(), "/-/reload", "") }()
	<-entered
	stop()
	select {
	case err := <-served:
		t.Fatalf("Serve returned while an answer was under way: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	if got := <-answer; got != http.StatusOK {
		t.Errorf("the answer under way: %d", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	for _, addr := range []net.Addr{s.Addr(), s.OperationsAddr()} {
		l, err := net.Listen("tcp", addr.String())
		if err != nil {
			t.Errorf("%s is taken after the end: %v", addr, err)
			continue
		}
		l.Close()
	}
}

func TestAListenerThatFailsEndsTheOther(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, []byte("http_server_config: {http2: false}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, func(o *web.Options) { o.Operations = &web.Listener{Listen: "127.0.0.1:0", ConfigFile: file} })
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context()); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("serve: %v", err)
	}
	l, err := net.Listen("tcp", s.Addr().String())
	if err != nil {
		t.Fatalf("the main address is still taken: %v", err)
	}
	l.Close()
}

func TestASecondListenerThatCannotBeHadLeavesTheFirstFree(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := first.Addr().String()
	first.Close()
	o := options(serve(t, nil).backend, io.Discard)
	o.Listen, o.Operations = address, &web.Listener{Listen: taken.Addr().String()}
	if _, err := web.New(o); err == nil || !strings.Contains(err.Error(), "web.operations.listen") {
		t.Errorf("new: %v", err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("the first address is taken: %v", err)
	}
	l.Close()
}

func TestRoutesThatCannotBeRightAreFaultsOfNew(t *testing.T) {
	get := []string{http.MethodGet}
	say := func(http.ResponseWriter, *http.Request) {}
	for name, c := range map[string]struct {
		route web.Route
		want  string
	}{
		"a page twice":              {web.Route{Pattern: "/audit", Methods: get, Name: "page_other", Needs: access.SeeAudit, Serve: say}, "it is page_audit's, too"},
		"a name twice":              {web.Route{Pattern: "/other", Methods: get, Name: "page_audit", Needs: access.SeeAudit, Serve: say}, "another is named page_audit"},
		"the name of no route":      {web.Route{Pattern: "/other", Methods: get, Name: "not_found", Needs: access.SeeAudit, Serve: say}, "another is named not_found"},
		"a page among the API":      {web.Route{Pattern: root + "other", Methods: get, Name: "page_other", Needs: access.SeeAudit, Serve: say}, "a page is in the place of the API"},
		"operations of a page":      {web.Route{Pattern: "/metrics", Methods: get, Name: "page_other", Needs: access.SeeAudit, Serve: say}, "it is metrics's, too"},
		"paths that are confused":   {web.Route{Pattern: "/{any}/a", Methods: get, Name: "page_other", Needs: access.SeeAudit, Serve: say}, "conflicts with pattern"},
		"no permission":             {web.Route{Pattern: "/other", Methods: get, Name: "page_other", Serve: say}, `needs ""`},
		"a permission that is none": {web.Route{Pattern: "/other", Methods: get, Name: "page_other", Needs: "root", Serve: say}, `needs "root"`},
		"no handler":                {web.Route{Pattern: "/other", Methods: get, Name: "page_other", Needs: access.SeeAudit}, "is missing"},
		"a path that is none":       {web.Route{Pattern: "/{", Methods: get, Name: "page_other", Needs: access.SeeAudit, Serve: say}, "web: routes: "},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(nil, io.Discard)
			o.Backend, o.Pages = serve(t, nil).backend, pages{[]web.Route{c.route}}
			s, err := web.New(o)
			if err == nil {
				_ = s.Shutdown(t.Context())
				t.Fatal("it is served")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want %q in it", err, c.want)
			}
		})
	}
}

func TestUnknownPathsAreForWhoeverAsks(t *testing.T) {
	s := serve(t, withPages)
	for path, kind := range map[string]string{"/nothing": "text/html; charset=utf-8", root + "nothing": "application/problem+json", "/-/nothing": "text/html; charset=utf-8"} {
		if w := s.ask(t, http.MethodGet, path, ""); w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	if w := serve(t, nil).ask(t, http.MethodGet, "/nothing", ""); w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("without pages: %d %v", w.Code, w.Header())
	}
}
