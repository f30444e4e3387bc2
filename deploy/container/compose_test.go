package container_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

type composeFile struct {
	Services map[string]struct {
		Image       string
		Ports       []string
		Secrets     []string
		Volumes     []string
		Command     []string
		Environment map[string]string
		Healthcheck struct{ Test []string }
		SecurityOpt []string `yaml:"security_opt"`
		MemLimit    string   `yaml:"mem_limit"`
	}
	Secrets map[string]struct{ File string }
	Volumes map[string]struct{}
}

func compose(t *testing.T) (c composeFile, text string) {
	t.Helper()
	data, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c, string(data)
}

// prepared is a folder as prepare leaves it, in place of this one.
func prepared(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	run(t, os.Environ(), "./prepare", dir)
	if err := os.WriteFile(filepath.Join(dir, "secrets/platform"), []byte("hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEveryMountedFileIsThere(t *testing.T) {
	c, _ := compose(t)
	dir := prepared(t)
	exists := func(path string) bool {
		_, here := os.Stat(path)
		_, made := os.Stat(filepath.Join(dir, path))
		return here == nil || made == nil
	}
	for service, s := range c.Services {
		for _, volume := range s.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			if _, named := c.Volumes[from]; !named && !exists(from) {
				t.Errorf("%s mounts %s, which is not there", service, from)
			}
		}
		for _, secret := range s.Secrets {
			if c.Secrets[secret].File == "" {
				t.Errorf("%s takes the secret %s, which is not declared", service, secret)
			}
		}
	}
	for name, s := range c.Secrets {
		if !exists(s.File) {
			t.Errorf("the secret %s is to be in %s, which is not there", name, s.File)
		}
	}
}

func TestPortsAreOpenOnLoopbackOnly(t *testing.T) {
	c, _ := compose(t)
	for service, s := range c.Services {
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s opens %s", service, port)
			}
		}
	}
	if len(c.Services["postgres"].Ports) > 0 {
		t.Error("PostgreSQL is open to the machine")
	}
}

func TestImagesArePinned(t *testing.T) {
	c, _ := compose(t)
	pinned := regexp.MustCompile(`^docker\.io/[a-z]+/[a-z]+:v?[0-9]+\.[0-9]+(\.[0-9]+)?$`)
	for service, s := range c.Services {
		if service != "doisoat" && !pinned.MatchString(s.Image) {
			t.Errorf("%s runs %s", service, s.Image)
		}
		if s.MemLimit == "" || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") && service == "postgres" {
			t.Errorf("%s is not limited", service)
		}
		if service != "doisoat" && len(s.Healthcheck.Test) == 0 {
			t.Errorf("%s has no healthcheck", service)
		}
	}
	if got := slices.Sorted(func(yield func(string) bool) {
		for name := range c.Services {
			if !yield(name) {
				return
			}
		}
	}); !slices.Equal(got, []string{"alertmanager", "doisoat", "grafana", "postgres", "prometheus"}) {
		t.Errorf("the services are %v", got)
	}
}

func TestThereIsNoPasswordInIt(t *testing.T) {
	c, text := compose(t)
	for service, s := range c.Services {
		for key, value := range s.Environment {
			if regexp.MustCompile(`(?i)password|secret|token`).MatchString(key) && !strings.HasPrefix(value, "/run/secrets/") {
				t.Errorf("%s has %s=%s", service, key, value)
			}
		}
	}
	if address := regexp.MustCompile(`://[^/\s]*@`).FindString(text); address != "" {
		t.Errorf("an address with a password: %s", address)
	}
}

func TestPrepareMakesPasswordsUpOnce(t *testing.T) {
	first, second := prepared(t), prepared(t)
	read := func(dir, name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, name := range []string{"secrets/postgres", "secrets/grafana", "secrets/store"} {
		if read(first, name) == read(second, name) || len(read(first, name)) < 32 {
			t.Errorf("%s is not made up", name)
		}
	}
	want := "postgres://doisoat:" + strings.TrimSpace(read(first, "secrets/postgres")) + "@postgres:5432/doisoat?sslmode=disable\n"
	if diff := cmp.Diff(want, read(first, "secrets/store")); diff != "" {
		t.Errorf("the store's address (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(filepath.Join(first, "doisoat.yaml"), []byte("# ours\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := read(first, "secrets/store")
	run(t, os.Environ(), "./prepare", first)
	if read(first, "secrets/store") != before || read(first, "doisoat.yaml") != "# ours\n" {
		t.Error("prepare wrote over what was there")
	}
	info, err := os.Stat(filepath.Join(first, "secrets"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter the folder of the secrets: %v", info.Mode())
	}
}

// The names of the parts differ within compose.yaml, and nothing else.
func TestPrometheusIsConfiguredAsOutside(t *testing.T) {
	load := func(path string) (v any) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("doisoat:8080", "127.0.0.1:8080", "alertmanager:9093", "127.0.0.1:9093").Replace(string(data))
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if diff := cmp.Diff(load("../prometheus/prometheus.yml"), load("prometheus.yml")); diff != "" {
		t.Errorf("deploy/prometheus/prometheus.yml (-) and deploy/container/prometheus.yml (+):\n%s", diff)
	}
}
