// Package kubernetes_test keeps prometheusrule.yaml the same as the rules that
// Prometheus reads by itself, and the site's example loadable. The strict check
// against the API's types is .ci/manifests, a module of its own.
package kubernetes_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

var update = flag.Bool("update", false, "write daemon/prometheusrule.yaml anew")

const (
	rules = "../prometheus/doisoat.rules.yaml"
	rule  = "daemon/prometheusrule.yaml"
	head  = `# Made from deploy/prometheus/doisoat.rules.yaml; do not edit it, edit that and run
#
#   go test ./deploy/kubernetes -update
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: doisoat
  labels: {app.kubernetes.io/name: doisoat}
spec:
`
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// indented is the rules from their groups on, as they stand under spec.
func indented(t *testing.T) string {
	t.Helper()
	text := read(t, rules)
	start := regexp.MustCompile(`(?m)^groups:`).FindStringIndex(text)
	if start == nil {
		t.Fatalf("%s has no groups", rules)
	}
	var b strings.Builder
	for line := range strings.Lines(text[start[0]:]) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestTheOperatorReadsTheSameRules(t *testing.T) {
	want := head + indented(t)
	if *update {
		if err := os.WriteFile(rule, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(rule, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, read(t, rule)); diff != "" {
		t.Errorf("%s is not made from %s as it is now; run: go test ./deploy/kubernetes -update\n%s", rule, rules, diff)
	}
	// And not only the text: what is read is the same.
	var plain struct{ Groups any }
	var wrapped struct{ Spec struct{ Groups any } }
	if err := yaml.Unmarshal([]byte(read(t, rules)), &plain); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(read(t, rule)), &wrapped); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain.Groups, wrapped.Spec.Groups); diff != "" || plain.Groups == nil {
		t.Errorf("%s (-) and %s (+):\n%s", rules, rule, diff)
	}
}

// The configurations that sites begin with must be without fault, but for what they
// are to be changed to.
func TestTheConfigurationsToBeginWithLoad(t *testing.T) {
	program := os.Getenv("DOISOAT_TEST_BINARY") // one built before
	if program == "" {
		program = filepath.Join(t.TempDir(), "doisoat")
		cmd := exec.Command("go", "build", "-trimpath", "-o", program, "../../cmd/doisoat")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, path := range []string{"site/doisoat.yaml", "../container/doisoat.example.yaml", "../deb/doisoat.yaml"} {
		t.Run(path, func(t *testing.T) {
			dir := t.TempDir()
			text := regexp.MustCompile(`/run/secrets/(doisoat/)?|secrets/`).ReplaceAllString(read(t, path), "")
			for name, secret := range map[string]string{
				"store": "postgres://doisoat:hidden@postgres:5432/doisoat?sslmode=require", "platform": "hidden",
				"land-register": "postgres://doisoat:hidden@192.0.2.20:5432/dk?sslmode=require",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(secret), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			file := filepath.Join(dir, "doisoat.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(program, "check", "--config", file).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// A real secret must never be committed in the example's place.
func TestTheExampleHoldsNoSecret(t *testing.T) {
	files, err := filepath.Glob("site/secrets/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no secrets: %v", err)
	}
	for _, file := range files {
		if !strings.Contains(read(t, file), "CHANGE-ME") {
			t.Errorf("%s does not look like an example", file)
		}
	}
}
