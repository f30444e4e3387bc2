// Package container_test builds the image with the real buildah in a storage of its
// own, looks at what is in it and runs it; and reads compose.yaml, whose schema
// .ci/manifests checks. The other images of compose.yaml are not fetched.
package container_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// storage is a container storage that ends with the test.
func storage(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("buildah"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("buildah is missing; run: .ci/need buildah=buildah")
		}
		t.Skip("buildah is missing; run: .ci/need buildah=buildah")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may run an image in the isolation that needs no set-up")
	}
	dir, err := os.MkdirTemp("", "doisoat-container-") // a socket's path has room for 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "storage.conf")
	text := fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", dir+"/root", dir+"/run")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "CONTAINERS_STORAGE_CONF="+conf)
	t.Cleanup(func() {
		for _, args := range [][]string{{"rm", "--all"}, {"rmi", "--all", "--force"}} {
			cmd := exec.Command("buildah", args...)
			cmd.Env = env
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("buildah %s: %v\n%s", args[0], err, out)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return env
}

// try runs a command and gives what it printed to either place.
func try(env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = env
	var told bytes.Buffer
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, out, told.Bytes())
	}
	return string(out), nil
}

func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	out, err := try(env, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

func TestImage(t *testing.T) {
	env := storage(t)
	dir := t.TempDir()
	archive := filepath.Join(dir, "image.tar")
	env = append(env, "VERSION=v1.0.0+test", "SOURCE_DATE_EPOCH=1795000000", "STAGE="+filepath.Join(dir, "stage"))
	if os.Getenv("DOISOAT_TEST_BINARY") != "" { // a static doisoat built before
		env = append(env, "BINARY="+os.Getenv("DOISOAT_TEST_BINARY"))
	}
	name := run(t, env, "./build", "--archive", archive)
	if name != "localhost/doisoat:v1.0.0-test" {
		t.Errorf("the image is called %s", name)
	}
	t.Run("configuration", func(t *testing.T) { testConfiguration(t, env, name) })
	t.Run("content", func(t *testing.T) { testContent(t, archive) })
	t.Run("run", func(t *testing.T) { testRun(t, env, name) })
	t.Run("same bytes again", func(t *testing.T) {
		binary := filepath.Join(dir, "stage/system/usr/bin/doisoat")
		copied := filepath.Join(dir, "doisoat")
		if err := os.Rename(binary, copied); err != nil {
			t.Fatal(err)
		}
		again := filepath.Join(dir, "again.tar")
		run(t, append(env, "BINARY="+copied), "bash", "-c", "umask 077; exec ./build --archive "+again)
		if _, err := try(env, "cmp", archive, again); err != nil {
			t.Error(err)
		}
	})
}

func testConfiguration(t *testing.T, env []string, name string) {
	var image struct {
		OCIv1 struct {
			Config struct {
				User, WorkingDir, StopSignal string
				Entrypoint, Cmd              []string
				ExposedPorts, Volumes        map[string]struct{}
				Labels                       map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(run(t, env, "buildah", "inspect", "--type", "image", name)), &image); err != nil {
		t.Fatal(err)
	}
	c := image.OCIv1.Config
	got := []any{c.User, c.WorkingDir, c.StopSignal, c.Entrypoint, c.Cmd, c.ExposedPorts, c.Volumes, c.Labels["org.opencontainers.image.version"]}
	want := []any{"65532:65532", "/var/lib/doisoat", "SIGTERM", []string{"/usr/bin/doisoat"},
		[]string{"serve", "--config", "/etc/doisoat/doisoat.yaml", "--log-level", "info"},
		map[string]struct{}{"8080/tcp": {}}, map[string]struct{}{"/var/lib/doisoat": {}}, "v1.0.0+test"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the image's configuration (-want +got):\n%s", diff)
	}
}

// testContent lists every file of the image: what is not wanted there must not
// come in unseen.
func testContent(t *testing.T, archive string) {
	got := map[string]string{}
	eachLayer(t, archive, func(h *tar.Header) {
		got[strings.Trim(h.Name, "/")] = fmt.Sprintf("%04o %d:%d", h.Mode&0o7777, h.Uid, h.Gid)
	})
	want := map[string]string{
		"etc": "0755 0:0", "etc/passwd": "0644 0:0", "etc/group": "0644 0:0", "etc/doisoat": "0755 0:0",
		"etc/ssl": "0755 0:0", "etc/ssl/certs": "0755 0:0", "etc/ssl/certs/ca-certificates.crt": "0644 0:0",
		"tmp": "1777 0:0", "usr": "0755 0:0", "usr/bin": "0755 0:0", "usr/bin/doisoat": "0755 0:0",
		"var": "0755 0:0", "var/lib": "0755 0:0", "var/lib/doisoat": "0755 65532:65532",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the image's files (-want +got):\n%s", diff)
	}
}

func eachLayer(t *testing.T, archive string, do func(*tar.Header)) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	outer := tar.NewReader(f)
	for {
		h, err := outer.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || !strings.HasSuffix(h.Name, ".tar") {
			continue
		}
		layer := tar.NewReader(outer)
		for {
			h, err := layer.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			do(h)
		}
	}
}

func testRun(t *testing.T, env []string, name string) {
	etc := t.TempDir()
	config := "store: sqlite:/var/lib/doisoat/doisoat.db\ndepartments: [{code: TP, name: Phòng Tư pháp}]\n" +
		"platform: {name: dvc, mapping: \"preset:tracking-book\", workbook: {path: book.csv, settle: 0s}}\n"
	for file, text := range map[string]string{"doisoat.yaml": config, "book.csv": "Mã hồ sơ,Nhận hồ sơ,Hẹn trả kết quả,Ngày nhận kết quả,Tình trạng\n"} {
		if err := os.WriteFile(filepath.Join(etc, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(etc, 0o755); err != nil {
		t.Fatal(err)
	}
	container := run(t, env, "buildah", "from", name)
	// Into a file: from a pipe buildah's relay may lose what a short life printed.
	printed := filepath.Join(t.TempDir(), "printed")
	inside := func(args ...string) (string, error) {
		_, err := try(env, "bash", append([]string{"-c", `exec "$@" >"$0"`, printed, "buildah", "run", "--isolation", "chroot",
			"--volume", etc + ":/etc/doisoat:ro", container, "--", "/usr/bin/doisoat"}, args...)...)
		out, readErr := os.ReadFile(printed)
		return string(out), errors.Join(err, readErr)
	}
	if out, err := inside("version"); err != nil || !strings.HasPrefix(out, "doisoat ") {
		t.Errorf("version: %v\n%s", err, out)
	}
	if out, err := inside("check", "--config", "/etc/doisoat/doisoat.yaml"); err != nil || !strings.Contains(out, "no fault") {
		t.Errorf("check: %v\n%s", err, out)
	}
	// An empty book is held: status 3. The state must be there all the same.
	_, err := inside("reconcile", "--config", "/etc/doisoat/doisoat.yaml")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("reconcile: %v", err)
	}
	if out, err := inside("snapshot", "list", "--config", "/etc/doisoat/doisoat.yaml"); err != nil || !strings.Contains(out, "held") {
		t.Errorf("the run before left no state: %v\n%s", err, out)
	}
	if _, err := try(env, "buildah", "run", "--isolation", "chroot", container, "--", "/bin/sh", "-c", "true"); err == nil {
		t.Error("there is a shell")
	}
}
