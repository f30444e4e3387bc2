//go:build unix

package database

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

// A folder in which nothing may be written, as a share that is mounted
// read-only: SQLite could not make what it needs to read a file in
// write-ahead mode. Root may write everywhere, so the test runs itself again as nobody.
func TestSQLiteInReadOnlyFolder(t *testing.T) {
	const folderVariable = "DOISOAT_TEST_READONLY_FOLDER"
	if folder := os.Getenv(folderVariable); folder != "" {
		for _, mode := range []string{"delete", "wal"} {
			got := poll(t, newSource(t, sqliteConfig(filepath.Join(folder, mode+".db"), "SELECT * FROM dossiers"), "code"), reconcile.PollRequest{})
			if len(got.rows) != 3 {
				t.Errorf("%s: %d rows", mode, len(got.rows))
			}
			pollFails(t, newSource(t, sqliteConfig(filepath.Join(folder, "pending.db"), "SELECT * FROM dossiers"), "code"), reconcile.CauseConnect)
		}
		return
	}
	folder, err := os.MkdirTemp("", "doisoat-readonly") // t.TempDir's parent is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o755); _ = os.RemoveAll(folder) })
	for _, mode := range []string{"delete", "wal"} {
		p := &peer{"sqlite", filepath.Join(folder, mode+".db"), connectPeer(t, "sqlite", filepath.Join(folder, mode+".db"))}
		p.exec(t, "PRAGMA journal_mode = "+mode)
		p.fill(t, 3)
		if mode == "wal" {
			copyFile(t, p.url, filepath.Join(folder, "pending.db"))
			copyFile(t, p.url+"-wal", filepath.Join(folder, "pending.db-wal"))
		}
		if err := p.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(folder, "test")
	copyFile(t, os.Args[0], program)
	for path, mode := range map[string]os.FileMode{program: 0o755, folder: 0o555} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-test.run=^TestSQLiteInReadOnlyFolder$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = []string{folderVariable + "=" + folder, "TMPDIR=/tmp"}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
