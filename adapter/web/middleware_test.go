package web

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestAPanicIsAnsweredLoggedAndSurvived(t *testing.T) {
	var do func(http.ResponseWriter)
	s := start(t, func(o *Options, _ *memory) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { do(w) })
	})
	do = func(http.ResponseWriter) { panic("no such luck") }
	resp, err := s.client.Get(s.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "luck") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if log := s.log.String(); !strings.Contains(log, `msg="panic in a handler" handler=metrics cause="no such luck"`) || !strings.Contains(log, "middleware_test.go") {
		t.Errorf("the log says: %s", log)
	}
	do = func(w http.ResponseWriter) {
		io.WriteString(w, strings.Repeat("half ", 1000))
		panic("in the middle")
	}
	if resp, err := s.client.Get(s.url + "/metrics"); err == nil {
		if _, err := io.ReadAll(resp.Body); err == nil {
			t.Error("half an answer looks like a whole one")
		}
		resp.Body.Close()
	}
	do = func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	if resp, err := s.client.Get(s.url + "/metrics"); err == nil {
		resp.Body.Close()
		t.Error("an aborted answer came")
	}
	if a := s.get(t, "/-/healthy"); a.status != http.StatusOK {
		t.Errorf("afterwards: %d", a.status)
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/", "/api/v1/status", "/api/v1/status?bad=1", "/nothing", "/-/healthy", "/-/reload", "/metrics", "//api"} {
		header := s.send(t, http.MethodGet, path).header
		for _, h := range securityHeaders {
			if header.Get(h[0]) != h[1] {
				t.Errorf("%s: %s is %q", path, h[0], header.Get(h[0]))
			}
		}
		if csp := header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

func TestARequestKeepsASensibleIdOfItsOwn(t *testing.T) {
	s := start(t, nil)
	ours := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	for given, kept := range map[string]bool{
		"0af7651916cd43dd8448eb211c80319c": true, "a-b.c_d1": true, "short": false, "": false, "with blank in it": false, strings.Repeat("a", 65): false,
		`"quoted and long"`: false,
	} {
		got := s.get(t, "/-/healthy", requestIDHeader, given).header.Get(requestIDHeader)
		if kept != (got == given) || !kept && !ours.MatchString(got) {
			t.Errorf("id %q became %q", given, got)
		}
	}
}

func TestTheAccessLogIsForDebuggingAndLeavesTheQueryOut(t *testing.T) {
	s := start(t, nil)
	s.get(t, "/api/v1/discrepancies?code=SECRET", requestIDHeader, "request-1")
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(s.log.String(), "request_id=request-1") && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // the line comes after the answer
	}
	log := s.log.String()
	if !regexp.MustCompile(`level=DEBUG msg=request method=GET path=/api/v1/discrepancies status=200 bytes=\d+ seconds=\S+ remote=127\S+ request_id=request-1`).MatchString(log) ||
		strings.Contains(log, "SECRET") {
		t.Errorf("the log says: %s", log)
	}
}

func TestWhoListensToTheWorldWithoutPasswordsIsWarned(t *testing.T) {
	open := start(t, func(o *Options, _ *memory) { o.Listen = "0.0.0.0:0" })
	open.url = strings.Replace(open.url, "[::]", "127.0.0.1", 1)
	if a := open.get(t, "/-/healthy", "Host", "doisoat.svc"); a.status != http.StatusOK {
		t.Errorf("by any name: %d", a.status)
	}
	if log := open.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "whoever reaches this address") {
		t.Errorf("the log says: %s", log)
	}
	if closed := start(t, nil); strings.Contains(closed.log.String(), "level=WARN") {
		t.Errorf("on loopback the log says: %s", closed.log.String())
	}
}

func TestTheLandingPageAsksNobodyElse(t *testing.T) {
	a := start(t, nil).get(t, "/")
	for _, foreign := range []string{"http:", "https:", "//", "<script", "<style", "style=", "src=", "<link"} {
		if strings.Contains(strings.ToLower(a.body), foreign) {
			t.Errorf("%q is on the page", foreign)
		}
	}
	for _, r := range Routes(nil) {
		if r.Name != "landing" && !strings.Contains(a.body, r.Pattern) {
			t.Errorf("%s is not on the page", r.Pattern)
		}
	}
}
