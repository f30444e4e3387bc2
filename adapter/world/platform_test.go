package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// peer is a platform behind a real socket.
type peer struct {
	*Platform
	t   *testing.T
	url string
}

func startPlatform(t *testing.T, records []Record, o PlatformOptions) *peer {
	t.Helper()
	p, err := NewPlatform(records, o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return &peer{p, t, server.URL}
}

// do sends a request and returns status and body; headers come in pairs.
func (p *peer) do(method, path, body string, headers ...string) (int, string) {
	p.t.Helper()
	response, raw, err := p.try(method, path, body, headers...)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, raw
}

func (p *peer) try(method, path, body string, headers ...string) (*http.Response, string, error) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response, string(raw), err
}

func (p *peer) bearer() string {
	p.t.Helper()
	status, body := p.do("POST", "/api/tokens", `{"userName":"doisoat","password":"bi-mat"}`)
	var reply struct{ Data struct{ Token string } }
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != 200 || reply.Data.Token == "" {
		p.t.Fatalf("log-in: %d %s %v", status, body, err)
	}
	return "Bearer " + reply.Data.Token
}

// dozen makes n records, each a day later than the one before.
func dozen(n int) []Record {
	var list []Record
	for i := range n {
		received := time.Date(2018, 4, 2, 8, 0, 0, 0, vietnam).AddDate(0, 0, i)
		list = append(list, Record{
			Code: fmt.Sprintf("000.00.16.H57-180402-%04d", i+1), Department: "TP", Field: "TP", Procedure: "1.000656",
			Status: reconcile.Returned, ReceivedAt: at(received), DueAt: at(received.AddDate(0, 0, 10)),
			CompletedAt: at(received.AddDate(0, 0, 5)), ReturnedAt: at(received.AddDate(0, 0, 6)), UpdatedAt: at(received.AddDate(0, 0, 6)),
		})
	}
	return list
}

func codesOf(records []Record) []string {
	codes := []string{}
	for _, r := range records {
		codes = append(codes, r.Code)
	}
	return codes
}

func TestPageStyleHandsOutEveryDossierOnce(t *testing.T) {
	records := dozen(25)
	p := startPlatform(t, records, PlatformOptions{})
	token := p.bearer()
	var got []string
	for page := 1; ; page++ {
		status, body := p.do("GET", fmt.Sprintf("/api/v1/hoso?PageNumber=%d&PageSize=10", page), "", "Authorization", token)
		if status != 200 {
			t.Fatalf("page %d: %d %s", page, status, body)
		}
		var reply struct {
			Data                                          []nationalRow
			CurrentPage, TotalPages, TotalCount, PageSize int
			HasNextPage                                   bool
		}
		if err := json.Unmarshal([]byte(body), &reply); err != nil {
			t.Fatal(err)
		}
		if reply.CurrentPage != page || reply.TotalPages != 3 || reply.TotalCount != 25 || reply.PageSize != 10 || reply.HasNextPage != (page < 3) {
			t.Errorf("page %d: %+v", page, reply)
		}
		for _, row := range reply.Data {
			got = append(got, row.MaHoSo)
		}
		if !reply.HasNextPage {
			break
		}
	}
	if diff := cmp.Diff(codesOf(records), got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int]int{1: 1, 2: 1, 3: 1}, p.Stats().Lists); diff != "" {
		t.Error(diff)
	}
}

func TestPageStyleRefuses(t *testing.T) {
	p := startPlatform(t, dozen(3), PlatformOptions{})
	token := p.bearer()
	for _, c := range []struct {
		name, method, path, body, token string
		want                            int
	}{
		{"a wrong password", "POST", "/api/tokens", `{"userName":"doisoat","password":"x"}`, "", 401},
		{"a log-in that is no JSON", "POST", "/api/tokens", `user=doisoat`, "", 400},
		{"no token", "GET", "/api/v1/hoso", "", "", 401},
		{"an unknown token", "GET", "/api/v1/hoso", "", "Bearer x", 401},
		{"a page of none", "GET", "/api/v1/hoso?PageSize=0", "", token, 400},
		{"a page above a thousand", "GET", "/api/v1/hoso?PageSize=1001", "", token, 400},
		{"page nought", "GET", "/api/v1/hoso?PageNumber=0", "", token, 400},
		{"a lower bound in another layout", "GET", "/api/v1/hoso?updatedFrom=2018-04-02", "", token, 400},
		{"an unknown code", "GET", "/api/v1/hoso/000.00.16.H57-180402-9999", "", token, 404},
		{"a known code", "GET", "/api/v1/hoso/000.00.16.h57-180402-0002", "", token, 200},
		{"a page beyond the last", "GET", "/api/v1/hoso?PageNumber=9", "", token, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, body := p.do(c.method, c.path, c.body, "Authorization", c.token); status != c.want {
				t.Errorf("%d %s, want %d", status, body, c.want)
			}
		})
	}
}

func TestTokenDiesAfterItsCalls(t *testing.T) {
	p := startPlatform(t, dozen(1), PlatformOptions{TokenCalls: 3})
	token := p.bearer()
	for call := range 5 {
		want := 200
		if call >= 3 {
			want = 401
		}
		if status, _ := p.do("GET", "/api/v1/hoso", "", "Authorization", token); status != want {
			t.Errorf("call %d: %d, want %d", call+1, status, want)
		}
	}
	if status, _ := p.do("GET", "/api/v1/hoso", "", "Authorization", p.bearer()); status != 200 {
		t.Errorf("a new token does not work: %d", status)
	}
	token = p.bearer()
	p.KillTokens()
	if status, _ := p.do("GET", "/api/v1/hoso", "", "Authorization", token); status != 401 {
		t.Errorf("a killed token works: %d", status)
	}
	if got := p.Stats().Logins; got != 3 {
		t.Errorf("%d log-ins counted, want 3", got)
	}
}

func TestIncrementalListIsInclusive(t *testing.T) {
	records := dozen(10)
	p := startPlatform(t, records, PlatformOptions{})
	from := records[6].UpdatedAt.Time.Format(nationalLayout)
	_, body := p.do("GET", "/api/v1/hoso?updatedFrom="+from, "", "Authorization", p.bearer())
	var reply struct {
		Data       []nationalRow
		TotalCount int
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil {
		t.Fatal(err)
	}
	if reply.TotalCount != 4 || len(reply.Data) != 4 || reply.Data[0].MaHoSo != records[6].Code {
		t.Errorf("got %s", body)
	}
}

func TestPlatformChangesWhileItServes(t *testing.T) {
	records := dozen(50)
	p := startPlatform(t, records, PlatformOptions{TokenCalls: -1})
	token := p.bearer()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 20 {
				if status, _ := p.do("GET", "/api/v1/hoso?PageSize=50", "", "Authorization", token); status != 200 {
					t.Errorf("status %d", status)
				}
			}
		})
	}
	changed := records[3]
	changed.Status = reconcile.Processing
	for range 50 {
		if err := p.Put(changed); err != nil {
			t.Error(err)
		}
		p.Remove(records[7].Code)
		p.SetFaults(Fault{Kind: Slow, Delay: time.Microsecond})
	}
	readers.Wait()
	if p.Remove("nothing") {
		t.Error("a dossier that was not there was removed")
	}
	if p.Len() != 49 {
		t.Errorf("%d rows, want 49", p.Len())
	}
	_, body := p.do("GET", "/api/v1/hoso/"+changed.Code, "", "Authorization", token)
	if !strings.Contains(body, `"TrangThaiHoSo":"4"`) {
		t.Errorf("the change did not arrive: %s", body)
	}
}

func TestRawAndDoubledRows(t *testing.T) {
	records := dozen(2)
	p := startPlatform(t, append(records, records[1]), PlatformOptions{})
	token := p.bearer()
	p.PutRaw("z-1", time.Time{}, json.RawMessage(`{"MaHoSo":"Z-1","TrangThaiHoSo":null}`))
	if _, body := p.do("GET", "/api/v1/hoso/Z-1", "", "Authorization", token); strings.TrimSpace(body) != `{"MaHoSo":"Z-1","TrangThaiHoSo":null}` {
		t.Errorf("raw row: %s", body)
	}
	_, body := p.do("GET", "/api/v1/hoso/"+records[1].Code, "", "Authorization", token)
	var both []nationalRow
	if err := json.Unmarshal([]byte(body), &both); err != nil || len(both) != 2 {
		t.Errorf("doubled code: %s (%v)", body, err)
	}
}

func TestOpenCPSRange(t *testing.T) {
	records := dozen(7)
	records[0].Status, records[0].CompletedAt, records[0].ReturnedAt = reconcile.Payment, reconcile.Moment{}, reconcile.Moment{}
	records[0].ReceivedAt = at(records[0].ReceivedAt.Time.Add(time.Minute))
	records[1].Status = reconcile.Resolved
	p := startPlatform(t, records, PlatformOptions{Style: OpenCPSStyle})
	request := func(query string, headers ...string) (int, []opencpsRow, int) {
		t.Helper()
		r, _ := http.NewRequest("GET", p.url+"/o/rest/v2/dossiers"+query, nil)
		r.SetBasicAuth("doisoat", "bi-mat")
		r.Header.Set("groupId", "20143")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var reply struct {
			Total int
			Data  []opencpsRow
		}
		if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, reply.Data, reply.Total
	}
	status, rows, total := request("?start=2&end=5")
	if status != 200 || total != 7 || len(rows) != 3 || rows[0].DossierNo != records[2].Code {
		t.Errorf("a range: %d %d %v", status, total, rows)
	}
	if _, rows, _ = request("?start=5&end="); len(rows) != 7 {
		t.Errorf("an empty end gave %d rows, want everything", len(rows))
	}
	want := opencpsRow{
		DossierNo: records[1].Code, ServiceCode: "1.000656", GovAgencyCode: "TP", DossierStatus: "releasing",
		ReceiveDate: "03/04/2018 08:00:00", DueDate: "13/04/2018 08:00:00", ReleaseDate: "08/04/2018 08:00:00",
		FinishDate: "09/04/2018 08:00:00", ModifiedDate: "09/04/2018 08:00:00",
	}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Error(diff)
	}
	if rows[0].DossierStatus != "waiting" || rows[0].DossierSubStatus != "pay" {
		t.Errorf("payment is %s/%s, want waiting/pay", rows[0].DossierStatus, rows[0].DossierSubStatus)
	}
	if status, _, _ = request("", "groupId", "1"); status != 403 {
		t.Errorf("another group: %d, want 403", status)
	}
	if status, _, _ = request("", "Authorization", "Basic eDp5"); status != 401 {
		t.Errorf("wrong credentials: %d, want 401", status)
	}
	if status, _, _ = request("?start=5&end=2"); status != 400 {
		t.Errorf("a range backwards: %d, want 400", status)
	}
	if status, _, _ = request("/nothing"); status != 404 {
		t.Errorf("an unknown dossier: %d, want 404", status)
	}
}

func TestDVCQGSession(t *testing.T) {
	p := startPlatform(t, dozen(5), PlatformOptions{Style: DVCQGStyle, TokenCalls: 8})
	call := func(path, body string, headers ...string) (verdict string, reply dvcqgReply) {
		t.Helper()
		status, raw := p.do("POST", path, body, headers...)
		if err := json.Unmarshal([]byte(raw), &reply); err != nil || status != 200 {
			t.Fatalf("%d %s %v", status, raw, err)
		}
		return fmt.Sprintf("%v (%T)", reply.ErrorCode, reply.ErrorCode), reply
	}
	credentials := `{"username":"doisoat","password":"bi-mat"}`
	if verdict, _ := call("/mapi/login", credentials); !strings.HasPrefix(verdict, codeWrongCall) {
		t.Errorf("without dstcode: %s", verdict)
	}
	if verdict, _ := call("/mapi/login", `{"username":"doisoat","password":"x"}`, "dstcode", "a"); !strings.HasPrefix(verdict, codeWrongLogin) {
		t.Errorf("wrong password: %s", verdict)
	}
	_, login := call("/mapi/login", credentials, "dstcode", "a")
	list := `{"session":"` + login.Session + `","madonvi":"h","service":"DanhSachHoSo","page":%s,"pagesize":2}`
	verdicts := map[string]bool{}
	for i, page := range []string{"1", `"2"`, "3"} {
		verdict, reply := call("/mapi/g", fmt.Sprintf(list, page))
		verdicts[verdict] = true
		if want := min(2, 5-2*i); reply.Total != 5 || len(reply.Result) != want {
			t.Errorf("page %s: %d of %d rows, want %d", page, len(reply.Result), reply.Total, want)
		}
	}
	if diff := cmp.Diff(map[string]bool{"0 (float64)": true, "0 (string)": true, "00 (string)": true}, verdicts); diff != "" {
		t.Errorf("the three ways to say fine: %s", diff)
	}
	one := `{"session":"` + login.Session + `","madonvi":"h","service":"ChiTietHoSo","mahoso":"000.00.16.H57-180402-0004"}`
	if _, reply := call("/mapi/g", one); len(reply.Result) != 1 || !bytes.Contains(reply.Result[0], []byte("180402-0004")) {
		t.Errorf("one: %s", reply.Result)
	}
	for name, body := range map[string]string{
		"no unit":         `{"session":"` + login.Session + `","service":"DanhSachHoSo"}`,
		"no such service": `{"session":"` + login.Session + `","madonvi":"h","service":"x"}`,
		"page nought":     fmt.Sprintf(list, "0"),
		"not JSON":        `session=1`,
	} {
		if verdict, _ := call("/mapi/g", body); !strings.HasPrefix(verdict, codeWrongCall) {
			t.Errorf("%s: %s", name, verdict)
		}
	}
	call("/mapi/g", one)
	if verdict, _ := call("/mapi/g", one); !strings.HasPrefix(verdict, codeSessionExpired) {
		t.Errorf("a dead session: %s", verdict)
	}
}

func TestNewPlatformRefusesAnUnknownStyle(t *testing.T) {
	if _, err := NewPlatform(nil, PlatformOptions{Style: "soap"}); err == nil || !strings.Contains(err.Error(), "soap") {
		t.Errorf("error %v", err)
	}
}
