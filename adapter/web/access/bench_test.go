package access

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// What finding out who asks costs each request.
func BenchmarkIdentify(b *testing.B) {
	w := newWorld(b)
	w.person("lan", Centre)
	text := w.token(1, func(*StoredToken) {})
	signedIn := w.browser(office)
	signedIn.mustLogin("lan")
	for name, header := range map[string][2]string{
		"session": {"Cookie", cookieName + "=" + signedIn.cookies[cookieName]}, "token": {"Authorization", "Bearer " + text},
	} {
		b.Run(name, func(b *testing.B) {
			r := request(office, header[0], header[1])
			handler := w.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if p, err := w.Identify(r); nameOf(p) != "lan" || err != nil {
					b.Error(p, err)
				}
			}))
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
