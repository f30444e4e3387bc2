package pages_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web/webtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fingerprint is what changes with every change of a static file.
var fingerprint = regexp.MustCompile(`(/static/[a-z.]+)\.[0-9a-f]{12}\.`)

func TestMainPagesLetterByLetter(t *testing.T) {
	s := open(t)
	code := s.backend.Codes(webtest.Own)[0]
	for name, path := range map[string]string{
		"overview": "/", "list": "/discrepancies?state=open&kind=resolved_not_closed", "dossier": "/dossiers/" + code, "report": "/report?quarter=2018-Q2", "login": "/login", "not-found": "/dossiers/no-such",
	} {
		for _, language := range []string{"vi", "en"} {
			t.Run(name+" "+language, func(t *testing.T) {
				got := fingerprint.ReplaceAllString(s.get("dat-dai", language, path).Body.String(), "$1.")
				file := filepath.Join("testdata", "golden", name+"."+language+".html")
				if *update {
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("(-want +got), go test -update writes it anew\n%s", diff)
				}
			})
		}
	}
}
