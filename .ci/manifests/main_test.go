package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	kubernetes = "../../deploy/kubernetes"
	container  = "../../deploy/container"
)

func TestWhatIsShippedHasNoFault(t *testing.T) {
	var out bytes.Buffer
	err := check(&out, []string{kubernetes + "/daemon", kubernetes + "/nightly", container + "/compose.yaml"})
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
}

// changed is a copy of deploy/kubernetes with one text of one file replaced.
func changed(t *testing.T, file, from, to string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(kubernetes)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, file)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), from) == 0 {
		t.Fatalf("%s does not hold %q", file, from)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOneMistakeOneSentence(t *testing.T) {
	for _, tt := range []struct{ name, folder, file, from, to, want string }{
		{"unknown field", "daemon", "daemon/deployment.yaml", "enableServiceLinks:", "enableServiceLink:", `unknown field "spec.template.spec.enableServiceLink"`},
		{"wrong case", "daemon", "daemon/deployment.yaml", "readOnlyRootFilesystem:", "readonlyRootFilesystem:", "readonlyRootFilesystem"},
		{"doubled key", "daemon", "daemon/deployment.yaml", "replicas: 2", "replicas: 2\n  replicas: 3", `mapping key "replicas" already defined`},
		{"wrong type", "daemon", "daemon/deployment.yaml", "replicas: 2", "replicas: two", "replicas"},
		{"unknown kind", "daemon", "daemon/service.yaml", "kind: Service", "kind: Sarvice", "does not know"},
		{"unknown field of the operator's", "daemon", "daemon/servicemonitor.yaml", "scrapeTimeout:", "scrape_timeout:", "scrape_timeout"},
		{"rule with an unknown field", "daemon", "daemon/prometheusrule.yaml", "expr:", "expression:", "expression"},
		{"token", "daemon", "daemon/deployment.yaml", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "is given a token"},
		{"unknown account", "nightly", "nightly/cronjob.yaml", "serviceAccountName: doisoat", "serviceAccountName: other", "which is not there"},
		{"root", "daemon", "daemon/deployment.yaml", "runAsUser: 65532", "runAsUser: 0", "runAsNonRoot"},
		{"capabilities", "nightly", "nightly/cronjob.yaml", "drop: [ALL]", "drop: []", "no capabilities"},
		{"no limit", "nightly", "nightly/cronjob.yaml", "limits: {memory: 1Gi}", "limits: {}", "a limit of memory"},
		{"image without tag", "daemon", "site/kustomization.yaml", `, newTag: "1.0.0"`, "", "is not pinned"},
		{"unmounted volume", "daemon", "daemon/deployment.yaml", "{name: tmp, mountPath", "{name: temp, mountPath", "no volume of the pod"},
		{"probe of another path", "daemon", "daemon/deployment.yaml", "path: /-/ready", "path: /ready", "asks for /ready"},
		{"probe of another port", "daemon", "daemon/deployment.yaml", "path: /-/ready, port: operations", "path: /-/ready, port: http", "which is not there"},
		{"service without pods", "daemon", "daemon/service.yaml", "selector: {app.kubernetes.io/name: doisoat,", "selector: {app.kubernetes.io/name: other,", "selects no pod"},
		{"service without port", "daemon", "daemon/service.yaml", "targetPort: operations", "targetPort: http", "which no container has"},
		{"budget without pods", "daemon", "daemon/poddisruptionbudget.yaml", "name: doisoat, app", "name: other, app", "selects no pod"},
		{"policy without pods", "daemon", "base/networkpolicy.yaml", "matchLabels: {app.kubernetes.io/name: doisoat}", "matchLabels: {app.kubernetes.io/name: other}", "selects no pod"},
		{"monitor of another port", "daemon", "daemon/servicemonitor.yaml", "port: operations", "port: http", "does not have"},
		{"job by another name", "daemon", "daemon/servicemonitor.yaml", "jobLabel: app.kubernetes.io/name", "jobLabel: app.kubernetes.io/component", "the rules ask for doisoat"},
		{"the cluster's hour", "nightly", "nightly/cronjob.yaml", "  timeZone: Asia/Ho_Chi_Minh\n", "", "no timeZone"},
		{"two at a time", "nightly", "nightly/cronjob.yaml", "concurrencyPolicy: Forbid", "concurrencyPolicy: Allow", "two runs at a time"},
		{"no time to end", "daemon", "daemon/deployment.yaml", "terminationGracePeriodSeconds: 40", "terminationGracePeriodSeconds: 30", "less than 35 s"},
		{"secret that is not there", "daemon", "site/kustomization.yaml", ", secrets/land-register", "", "has no land-register"},
		{"another namespace", "daemon", "daemon/kustomization.yaml", "namespace: doisoat", "namespace: default", "and not in doisoat"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := changed(t, tt.file, tt.from, tt.to)
			err := check(&bytes.Buffer{}, []string{filepath.Join(dir, tt.folder)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %q in: %v", tt.want, err)
			}
		})
	}
}

func TestComposeIsReadStrictly(t *testing.T) {
	data, err := os.ReadFile(container + "/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, from, to, want string }{
		{"unknown key", "mem_limit: 256m", "memory_limit: 256m", "memory_limit"},
		{"unknown secret", "secrets: [grafana]", "secrets: [graphana]", "graphana"},
		{"unknown network", "networks: [store]", "networks: [stores]", "stores"},
		{"no duration", "stop_grace_period: 60s", "stop_grace_period: sixty", "stop_grace_period"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "compose.yaml")
			text := strings.Replace(string(data), tt.from, tt.to, 1)
			if text == string(data) {
				t.Fatalf("compose.yaml does not hold %q", tt.from)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := check(&bytes.Buffer{}, []string{path}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %q in: %v", tt.want, err)
			}
		})
	}
}
