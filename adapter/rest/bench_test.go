package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// nothing is a sink that knows no row and keeps none.
type nothing struct{ rows int }

func (n *nothing) Seen(uint64) bool                { return false }
func (n *nothing) Row(reconcile.Row) error         { n.rows++; return nil }
func (n *nothing) Reject(reconcile.Rejected) error { return nil }
func (n *nothing) Skip(string)                     {}

func wideDossier(i int) map[string]any {
	d := map[string]any{}
	for f := range 24 {
		d[fmt.Sprintf("TruongSo%02d", f)] = fmt.Sprintf("giá trị %d-%d", f, i)
	}
	for _, name := range []string{"MaTTHC", "MaLinhVuc", "DonViXuLy", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra"} {
		d[name] = "20180702120000"
	}
	d["MaHoSo"], d["TrangThaiHoSo"] = code(i), i%10
	return d
}

var wideInputs = []string{"MaHoSo", "MaTTHC", "MaLinhVuc", "DonViXuLy", "TrangThaiHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra"}

func widePages(b *testing.B, pages, size int) [][]byte {
	bodies := make([][]byte, pages)
	for p := range bodies {
		var items []any
		for i := range size {
			items = append(items, wideDossier(p*size+i))
		}
		body, err := json.Marshal(map[string]any{"data": items, "totalCount": pages * size})
		if err != nil {
			b.Fatal(err)
		}
		bodies[p] = body
	}
	return bodies
}

// BenchmarkPages polls a platform with 50 ms latency and 500 dossiers a page,
// and lets a bare client with the same concurrency fetch the same pages and
// throw them away.
func BenchmarkPages(b *testing.B) {
	const total, size = 100, 500
	bodies := widePages(b, total, size)
	url := serve(b, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond) // the latency of a province's line
		_, _ = w.Write(bodies[number(r, "PageNumber")-1])
	})
	for _, concurrency := range []int{1, 4, 8} {
		var bare float64
		b.Run(fmt.Sprintf("bare-%d", concurrency), func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}
			for b.Loop() {
				var next atomic.Int32
				var wg sync.WaitGroup
				for range concurrency {
					wg.Go(func() {
						for p := next.Add(1); p <= total; p = next.Add(1) {
							resp, err := client.Get(fmt.Sprintf("%s?PageNumber=%d", url, p))
							if err != nil {
								b.Error(err)
								return
							}
							_, _ = io.Copy(io.Discard, resp.Body)
							_ = resp.Body.Close()
						}
					})
				}
				wg.Wait()
			}
			bare = float64(total*b.N) / b.Elapsed().Seconds()
			b.ReportMetric(bare, "pages/s")
		})
		b.Run(fmt.Sprintf("poll-%d", concurrency), func(b *testing.B) {
			cfg := pageConfig(url, size)
			cfg.Limits.Concurrency = concurrency
			s := source(b, cfg, wideInputs...)
			b.ReportAllocs()
			for b.Loop() {
				sink := &nothing{}
				p, err := s.Poll(context.Background(), reconcile.PollRequest{}, sink)
				if err != nil || !p.EndReached || sink.rows != total*size {
					b.Fatalf("%v %s, %d rows", err, p.Reason, sink.rows)
				}
			}
			rate := float64(total*b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "pages/s")
			b.ReportMetric(rate/bare, "of-bare")
		})
	}
}

// BenchmarkItems reads one page from memory, all of its rows being new.
func BenchmarkItems(b *testing.B) {
	const size = 500
	body := widePages(b, 1, size)[0]
	items := "data"
	s, err := newShape(&items, false, metaPath{metaTotal, "totalCount"})
	if err != nil {
		b.Fatal(err)
	}
	e, err := newExtractor(wideInputs)
	if err != nil {
		b.Fatal(err)
	}
	p := &page{}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		p.reset()
		p.buf.Write(body)
		if f := p.parse(s, 1); f != nil {
			b.Fatal(f)
		}
		h := handover{sink: &nothing{}, inputs: e}
		if err := h.page(p, "page 1", func(item) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/row")
}
