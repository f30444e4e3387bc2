package web

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

// BenchmarkPage is a page of a thousand through everything but the network.
func BenchmarkPage(b *testing.B) {
	backend := full()
	platform, office := records()
	page := Page{AsOf: Stamp(now, vietnam), Run: 12}
	for i := range MaxLimit {
		d := backend.list[i%len(backend.list)]
		d.Code = fmt.Sprintf("000.00.16.H57-180611-%04d", i)
		d.Reason = "resolved in land-register since 25/06/2018 10:30, processing on the platform"
		page.Items = append(page.Items, DiscrepancyOf(&d, platform, office, vietnam))
	}
	page.Next = &Cursor{Kind: reconcile.UnmappedStatus, Code: "A"}
	for name, headers := range map[string]http.Header{"given": {}, "unchanged": {"If-None-Match": {"*"}}} {
		b.Run(name, func(b *testing.B) {
			o := optionsFor(paged{backend, &page}, io.Discard)
			o.Logger = slog.New(slog.DiscardHandler)
			s, err := New(o)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Shutdown(b.Context())
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost/api/v1/discrepancies?limit=1000", nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header, r.Host = headers, "localhost"
			for b.Loop() {
				w := &recorder{header: http.Header{}}
				s.doors[0].http.Handler.ServeHTTP(w, r)
				if w.status >= http.StatusBadRequest {
					b.Fatal(w.body.String())
				}
			}
		})
	}
}
