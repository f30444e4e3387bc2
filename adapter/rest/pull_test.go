package rest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

const (
	pullPages              = 120
	pullSize               = 500
	pullUser, pullPassword = "doisoat", "chỉ để thử"
	// playPlatform makes this test binary the platform of BenchmarkPull.
	playPlatform = "DOISOAT_TEST_PLAY_PLATFORM"
)

func TestMain(m *testing.M) {
	if os.Getenv(playPlatform) == "" {
		os.Exit(m.Run())
	}
	if err := serveWorld(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serveWorld serves the world's platform, 50 ms away, until its input ends.
func serveWorld() error {
	at := func(day int) reconcile.Moment {
		return reconcile.Moment{Time: time.Date(2018, 4, 1+day%90, 8, 30, 0, 0, time.FixedZone("+07", 7*60*60))}
	}
	records := make([]world.Record, pullPages*pullSize)
	for i := range records {
		records[i] = world.Record{
			Code: fmt.Sprintf("000.00.16.H57-%06d-%04d", 180401+i/10000, i%10000), Procedure: "1.000948.000.00.00.H57", Field: "Đất đai", Department: "VPDKDD",
			Status: reconcile.Statuses[i%len(reconcile.Statuses)], Note: "Nguyễn Thị Ngọc Ánh, tổ dân phố 4, phường Tứ Hạ",
			ReceivedAt: at(i), DueAt: at(i + 10), CompletedAt: at(i + 8), ReturnedAt: at(i + 9), UpdatedAt: at(i + 9),
		}
	}
	platform, err := world.NewPlatform(records, world.PlatformOptions{User: pullUser, Password: pullPassword, TokenCalls: -1, Latency: 50 * time.Millisecond})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: platform, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(listener); err != nil && err != http.ErrServerClosed {
		return err
	}
	return nil
}

// startWorld starts the platform in a process of its own and returns its address.
func startWorld(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), playPlatform+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func worldConfig(url string, concurrency int) Config {
	cfg := pageConfig(url, pullSize)
	cfg.Auth.Login = &Login{
		Path: "api/tokens", Body: map[string]any{"userName": pullUser, "password": pullPassword},
		Token: "data.token", Header: "Authorization", Prefix: "Bearer ",
	}
	cfg.Limits.Concurrency = concurrency
	return cfg
}

// BenchmarkPull polls the world's platform, 50 ms away and in a process of its
// own, and beside it, turn by turn, has a bare client with the same concurrency
// fetch the same pages and throw them away. Both log in and connect anew each
// time ("first"), or keep what they had ("again", as the daemon does).
//
//	go test -run '^$' -bench Pull ./adapter/rest/
//
// of-bare is the poll's pages a second as a share of the bare client's: the
// median of all turns, so that what else the machine does counts for less.
func BenchmarkPull(b *testing.B) {
	url := startWorld(b)
	for _, fresh := range []bool{true, false} {
		for _, concurrency := range []int{4, 8} {
			name := map[bool]string{true: "first", false: "again"}[fresh]
			b.Run(fmt.Sprintf("%s-at-%d", name, concurrency), func(b *testing.B) {
				var bare, ours time.Duration
				var shares []float64
				var client *bareClient
				var s *Source
				for b.Loop() {
					if fresh || s == nil {
						client, s = newBareClient(concurrency), source(b, worldConfig(url, concurrency), wideInputs...)
						if !fresh {
							pull(b, s)
							client.pull(b, url)
						}
					}
					start := time.Now()
					client.pull(b, url)
					middle := time.Now()
					pull(b, s)
					end := time.Now()
					bare, ours = bare+middle.Sub(start), ours+end.Sub(middle)
					shares = append(shares, middle.Sub(start).Seconds()/end.Sub(middle).Seconds())
					if fresh {
						client.http.CloseIdleConnections()
						_ = s.Close()
					}
				}
				b.ReportMetric(float64(pullPages*b.N)/ours.Seconds(), "pages/s")
				b.ReportMetric(float64(pullPages*b.N)/bare.Seconds(), "bare-pages/s")
				slices.Sort(shares)
				b.ReportMetric(shares[len(shares)/2], "of-bare")
			})
		}
	}
}

func pull(b *testing.B, s *Source) {
	sink := &nothing{}
	p, err := s.Poll(context.Background(), reconcile.PollRequest{}, sink)
	if err != nil || !p.EndReached || sink.rows != pullPages*pullSize {
		b.Fatalf("%v %s, %d rows", err, p.Reason, sink.rows)
	}
}

// bareClient is what anybody would write to fetch the pages and no more. It is
// told how many there are.
type bareClient struct {
	http        *http.Client
	concurrency int
	token       string
}

func newBareClient(concurrency int) *bareClient {
	return &bareClient{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}, concurrency: concurrency}
}

func (c *bareClient) pull(b *testing.B, url string) {
	if c.token == "" {
		c.login(b, url)
	}
	var next atomic.Int32
	var workers sync.WaitGroup
	for range c.concurrency {
		workers.Go(func() {
			for p := next.Add(1); p <= pullPages; p = next.Add(1) {
				req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/api/v1/hoso?PageNumber=%d&PageSize=%d", url, p, pullSize), nil)
				if err != nil {
					b.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+c.token)
				resp, err := c.http.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					b.Errorf("status %d", resp.StatusCode)
				}
			}
		})
	}
	workers.Wait()
}

func (c *bareClient) login(b *testing.B, url string) {
	body, err := json.Marshal(map[string]string{"userName": pullUser, "password": pullPassword})
	if err != nil {
		b.Fatal(err)
	}
	resp, err := c.http.Post(url+"/api/tokens", "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var reply struct{ Data struct{ Token string } }
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || reply.Data.Token == "" {
		b.Fatalf("no token: %v", err)
	}
	c.token = reply.Data.Token
}
