package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestTheHostMustBeANameOfThisServer(t *testing.T) {
	loop, anywhere := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, &net.TCPAddr{IP: net.IPv4zero, Port: 8080}
	six := &net.TCPAddr{IP: net.IPv6loopback}
	for name, c := range map[string]struct {
		addr  net.Addr
		hosts []string
		host  string
		want  bool
	}{
		"loopback by address":                 {loop, nil, "127.0.0.1:8080", true},
		"loopback by IPv6 address":            {six, nil, "[::1]:8080", true},
		"loopback by IPv6 address, no port":   {six, nil, "[::1]", true},
		"loopback by name":                    {loop, nil, "localhost:8080", true},
		"loopback by name, written oddly":     {loop, nil, "LocalHost.", true},
		"loopback by a name that was rebound": {loop, nil, "evil.example:8080", false},
		"loopback by a name like it":          {loop, nil, "localhost.evil.example", false},
		"loopback by an address not its own":  {loop, nil, "192.0.2.1", false},
		"loopback by a configured name":       {loop, []string{"Doisoat.Example"}, "doisoat.example:443", true},
		"loopback without any name":           {loop, nil, "", true},
		"anywhere by any name":                {anywhere, nil, "doisoat.svc", true},
		"anywhere by another name":            {anywhere, []string{"doisoat.example"}, "evil.example", false},
		"anywhere by a configured name":       {anywhere, []string{"doisoat.example:8443"}, "doisoat.example", true},
		"anywhere by address":                 {anywhere, []string{"doisoat.example"}, "10.1.2.3:8080", true},
		"anywhere from inside the pod":        {anywhere, []string{"doisoat.example"}, "localhost:8080", true},
	} {
		g := newGuard(&Options{Hosts: c.hosts}, &Listener{}, c.addr)
		if got := g.knows(c.host); got != c.want {
			t.Errorf("%s: Host %q known: %v, want %v", name, c.host, got, c.want)
		}
	}
}

func FuzzHost(f *testing.F) {
	for _, host := range []string{"", "localhost", "127.0.0.1:80", "[::1]:80", "evil.example", "127.0.0.1.evil.example", "[::1%25lo]", ":80"} {
		f.Add(host)
	}
	g := newGuard(&Options{}, &Listener{}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	f.Fuzz(func(t *testing.T, host string) {
		if !g.knows(host) {
			return
		}
		name := hostName(host)
		ip, _, _ := strings.Cut(name, "%") // an IPv6 zone
		if name != "" && name != "localhost" && !net.ParseIP(ip).IsLoopback() {
			t.Errorf("%q is taken for a name of this machine", host)
		}
	})
}

func TestEveryRouteRefusesAForeignHost(t *testing.T) {
	s := start(t, nil)
	for _, r := range Routes(nil) {
		path := aimed(r.Pattern)
		if a := s.ask(t, r.Methods[0], path, "Host", "evil.example"); a.status != http.StatusForbidden || !strings.Contains(a.body, "web.hosts") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := s.send(t, http.MethodGet, "/nothing", "Host", "evil.example"); a.status != http.StatusForbidden {
		t.Errorf("an unknown path: %d", a.status)
	}
}

func TestOtherSitesCannotReload(t *testing.T) {
	reloads := 0
	s := start(t, func(o *Options, _ *memory) { o.Reload = func(context.Context) error { reloads++; return nil } })
	for name, c := range map[string]struct {
		method  string
		headers []string
		want    int
	}{
		"curl":                         {http.MethodPost, nil, http.StatusOK},
		"curl, PUT":                    {http.MethodPut, nil, http.StatusOK},
		"this site's own page":         {http.MethodPost, []string{"Sec-Fetch-Site", "same-origin", "Origin", s.url}, http.StatusOK},
		"another site's page":          {http.MethodPost, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"another site, an old browser": {http.MethodPost, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		"a link":                       {http.MethodGet, nil, http.StatusMethodNotAllowed},
		"an image":                     {http.MethodGet, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			before := reloads
			a := s.ask(t, c.method, "/-/reload", c.headers...)
			if done := reloads - before; a.status != c.want || (done == 1) != (c.want == http.StatusOK) {
				t.Errorf("%d, %d reloads: %s", a.status, done, a.body)
			}
		})
	}
}

func TestMethodsAreThoseOfTheRoute(t *testing.T) {
	s := start(t, nil)
	if got := s.get(t, "/-/reload").header.Get("Allow"); got != "POST, PUT" {
		t.Errorf("Allow of /-/reload: %q", got)
	}
	if got := s.ask(t, http.MethodPost, "/api/v1/status").header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow of /api/v1/status: %q", got)
	}
	old := []string{"landing", "openapi", "status", "sources", "discrepancies", "dossier", "me", "metrics", "healthy", "ready"}
	for _, r := range Routes(nil) {
		path := aimed(r.Pattern)
		if !r.takes(http.MethodGet) || !slices.Contains(old, r.Name) {
			continue
		}
		whole, head := s.get(t, path), s.ask(t, http.MethodHead, path)
		if head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Type") != whole.header.Get("Content-Type") ||
			head.header.Get("ETag") != whole.header.Get("ETag") {
			t.Errorf("HEAD %s: %d with %d bytes, %v", path, head.status, len(head.body), head.header)
		}
	}
}

func TestBeforeReadinessOnlyTheStoredIsWithheld(t *testing.T) {
	reason := errors.New("the last known state is being loaded")
	s := start(t, func(o *Options, _ *memory) { o.Ready = func(context.Context) error { return reason } })
	for _, r := range Routes(nil) {
		path := aimed(r.Pattern)
		want := http.StatusOK
		if strings.HasPrefix(path, apiPath) && r.Name != "openapi" || r.Name == "ready" {
			want = http.StatusServiceUnavailable
		}
		a := s.ask(t, r.Methods[0], path)
		if a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
		if want == http.StatusServiceUnavailable && !strings.Contains(a.body, reason.Error()) {
			t.Errorf("%s does not say why: %s", path, a.body)
		}
		if !r.Always && a.header.Get("Retry-After") != "5" {
			t.Errorf("%s: Retry-After %q", path, a.header.Get("Retry-After"))
		}
	}
	if n := s.backend.asked.Load(); n != 0 {
		t.Errorf("the backend was asked %d times", n)
	}
	if a := s.get(t, "/-/ready"); a.body != "doisoat is not ready: the last known state is being loaded\n" {
		t.Errorf("/-/ready says %q", a.body)
	}
	reason = nil
	if a := s.get(t, "/-/ready"); a.status != http.StatusOK || a.body != "doisoat is ready.\n" {
		t.Errorf("/-/ready, then: %d %q", a.status, a.body)
	}
}

func TestARequestIsBounded(t *testing.T) {
	s := start(t, func(o *Options, _ *memory) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, "%d %v", n, err)
		})
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/metrics", strings.NewReader(strings.Repeat("x", maxBody+1)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if want := fmt.Sprintf("%d http: request body too large", maxBody); string(body) != want {
		t.Errorf("a large body: %q, want %q", body, want)
	}
	if a := s.send(t, http.MethodGet, "/-/healthy", "X-Long", strings.Repeat("x", maxHeaderBytes+8192)); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a large header: %d", a.status)
	}
}
