package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// listPage asks for a page of five and says briefly what came.
func (p *peer) listPage(token string, page int) string {
	p.t.Helper()
	response, body, err := p.try("GET", fmt.Sprintf("/api/v1/hoso?PageNumber=%d&PageSize=5", page), "", "Authorization", token)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut short"
	case errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF):
		return "dropped"
	case err != nil:
		p.t.Fatal(err)
	case response.StatusCode != 200:
		return strings.TrimSpace(fmt.Sprint(response.StatusCode, " ", response.Header.Get("Retry-After")))
	case strings.HasPrefix(response.Header.Get("Content-Type"), "text/html"):
		return "html"
	}
	var reply struct {
		Data       []nationalRow
		TotalCount int
	}
	if json.Unmarshal([]byte(body), &reply) != nil {
		return "not JSON"
	}
	first := "-"
	if len(reply.Data) > 0 {
		first = reply.Data[0].MaHoSo[len("000.00.16.H57-180402-"):]
	}
	return fmt.Sprintf("%d of %d from %s", len(reply.Data), reply.TotalCount, first)
}

func TestFaultsToOrder(t *testing.T) {
	const fine1, fine2, fine3 = "5 of 15 from 0001", "5 of 15 from 0006", "5 of 15 from 0011"
	for _, c := range []struct {
		name   string
		faults []Fault
		pages  []int
		want   []string
	}{
		{"too many requests, twice", []Fault{{Kind: Refuse, Status: 429, RetryAfter: 1500 * time.Millisecond, Times: 2}},
			[]int{1, 1, 1}, []string{"429 2", "429 2", fine1}},
		{"bad gateway once on each of two pages", []Fault{{Kind: Refuse, Status: 502, Pages: []int{1, 3}, Times: 1}},
			[]int{1, 1, 2, 3, 3}, []string{"502", fine1, fine2, "502", fine3}},
		{"unavailable at every third request", []Fault{{Kind: Refuse, Every: 3}},
			[]int{1, 1, 1, 2, 2, 2}, []string{fine1, fine1, "503", fine2, fine2, "503"}},
		{"one page that stays broken", []Fault{{Kind: Refuse, Status: 500, Pages: []int{2}}},
			[]int{1, 2, 2, 2, 3}, []string{fine1, "500", "500", "500", fine3}},
		{"connection dropped", []Fault{{Kind: Drop, Pages: []int{2}}}, []int{1, 2, 3}, []string{fine1, "dropped", fine3}},
		{"connection dropped in the body", []Fault{{Kind: DropInBody, Times: 1}}, []int{1, 1}, []string{"cut short", fine1}},
		{"body shorter than its length", []Fault{{Kind: ShortBody, Pages: []int{1}}}, []int{1, 2}, []string{"cut short", fine2}},
		{"JSON cut, length right", []Fault{{Kind: CutJSON, Pages: []int{3}}}, []int{2, 3}, []string{fine2, "not JSON"}},
		{"an HTML error page", []Fault{{Kind: HTMLPage, Pages: []int{1}}}, []int{1, 2}, []string{"html", fine2}},
		{"nothing at all", []Fault{{Kind: Empty}}, []int{1}, []string{"0 of 0 from -"}},
		{"a third", []Fault{{Kind: Third}}, []int{1, 2}, []string{"5 of 5 from 0001", "0 of 5 from -"}},
		{"a page that comes again", []Fault{{Kind: Repeat, Pages: []int{2}}}, []int{1, 2, 3}, []string{fine1, fine1, fine3}},
		{"a wrong total", []Fault{{Kind: WrongTotal, Delta: 3}}, []int{1}, []string{"5 of 18 from 0001"}},
		{"tokens that die at every second call", []Fault{{Kind: TokenDies, Every: 2}}, []int{1, 1, 1}, []string{fine1, "401", "401"}},
		{"slow but sound", []Fault{{Kind: Slow, Delay: time.Millisecond}}, []int{1}, []string{fine1}},
		{"two faults in turn", []Fault{{Kind: Refuse, Status: 502, Times: 1}, {Kind: WrongTotal, Delta: -1}},
			[]int{1, 1}, []string{"502", "5 of 14 from 0001"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startPlatform(t, dozen(15), PlatformOptions{Faults: c.faults})
			token := p.bearer()
			var got []string
			for _, page := range c.pages {
				got = append(got, p.listPage(token, page))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			p.SetFaults()
			if got := p.listPage(p.bearer(), 1); got != fine1 {
				t.Errorf("after the faults were lifted: %s", got)
			}
		})
	}
}

func TestFaultsOfLoginAndOneDossier(t *testing.T) {
	p := startPlatform(t, dozen(1), PlatformOptions{})
	token := p.bearer()
	p.SetFaults(Fault{Kind: Refuse, Target: Login, Status: 503, Times: 1}, Fault{Kind: Refuse, Target: One, Status: 500})
	if status, _ := p.do("POST", "/api/tokens", `{}`); status != 503 {
		t.Errorf("log-in: %d, want 503", status)
	}
	if status, _ := p.do("POST", "/api/tokens", `{}`); status != 401 {
		t.Errorf("second log-in: %d, want 401", status)
	}
	if status, _ := p.do("GET", "/api/v1/hoso/000.00.16.H57-180402-0001", "", "Authorization", token); status != 500 {
		t.Errorf("one dossier: %d, want 500", status)
	}
	if got := p.Stats().Struck[Refuse]; got != 2 {
		t.Errorf("%d faults counted, want 2", got)
	}
}

func TestRetryAfterAsADate(t *testing.T) {
	p := startPlatform(t, dozen(1), PlatformOptions{Faults: []Fault{{Kind: Refuse, Status: 429, RetryAfter: 2 * time.Second, RetryAfterAsADate: true}}})
	response, _, err := p.try("GET", "/api/v1/hoso", "", "Authorization", p.bearer())
	if err != nil {
		t.Fatal(err)
	}
	when, err := http.ParseTime(response.Header.Get("Retry-After"))
	if left := time.Until(when); err != nil || left <= 0 || left > 4*time.Second {
		t.Errorf("Retry-After %q is %v away (%v)", response.Header.Get("Retry-After"), left, err)
	}
}

func TestHugePageIsGoodJSON(t *testing.T) {
	p := startPlatform(t, dozen(2), PlatformOptions{Faults: []Fault{{Kind: Huge, Bytes: 1 << 20}}})
	_, body := p.do("GET", "/api/v1/hoso", "", "Authorization", p.bearer())
	if len(body) <= 1<<20 || !json.Valid([]byte(body)) {
		t.Errorf("%d bytes, valid JSON: %v", len(body), json.Valid([]byte(body)))
	}
}

// Chance depends on seed, page and attempt, not on the order of requests.
func TestChanceIsDeterministic(t *testing.T) {
	outcome := func(seed uint64, pages []int) map[int]string {
		p := startPlatform(t, dozen(50), PlatformOptions{Seed: seed, TokenCalls: -1, Faults: []Fault{{Kind: Refuse, Status: 502, Chance: 0.4}}})
		token := p.bearer()
		got := map[int]string{}
		for _, page := range pages {
			got[page] += " " + p.listPage(token, page)
		}
		return got
	}
	forward := outcome(7, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3})
	backward := outcome(7, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 3, 2, 1})
	if diff := cmp.Diff(forward, backward); diff != "" {
		t.Errorf("the order of requests changed the outcome:\n%s", diff)
	}
	if cmp.Equal(forward, outcome(8, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3})) {
		t.Error("another seed gave the same faults")
	}
}

// A client that gives up does not keep a slow platform busy.
func TestSlowAnswerEndsWithItsClient(t *testing.T) {
	p := startPlatform(t, dozen(1), PlatformOptions{Latency: time.Hour})
	request, _ := http.NewRequestWithContext(t.Context(), "GET", p.url+"/api/v1/hoso", nil)
	request.Header.Set("Authorization", p.bearer())
	client := http.Client{Timeout: 20 * time.Millisecond}
	if response, err := client.Do(request); err == nil {
		response.Body.Close()
		t.Error("an answer came within 20 ms, although the latency is an hour")
	}
}
