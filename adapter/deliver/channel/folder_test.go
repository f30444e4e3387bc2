package channel

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Names of the files of letter in a folder.
const (
	listInFolder = "Danh sách hồ sơ cần xử lý _KT_ 02-07-2018--letter-12-email@doisoat.example.vn.xlsx"
	pdfInFolder  = "phieu-don-doc--letter-12-email@doisoat.example.vn.pdf"
)

// tree is every file below a folder with its content.
func tree(t testing.TB, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, relErr := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = string(content)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestFolderHoldsEachFileOnceHoweverOftenItIsDelivered(t *testing.T) {
	base := t.TempDir()
	channel := Folder(FolderConfig{Path: base})
	m := letter(t)
	// What an attempt left that was killed.
	leaving := filepath.Join(base, "KT", "."+listInFolder+".part")
	if err := os.MkdirAll(filepath.Dir(leaving), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(leaving, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	next := letter(t)
	next.ID, next.Files = "letter-13-email@doisoat.example.vn", next.Files[1:]
	if err := channel.Send(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"KT/" + listInFolder: string(contentOf(t, m.Files[0])),
		"KT/" + pdfInFolder:  string(contentOf(t, m.Files[1])),
		"KT/phieu-don-doc--letter-13-email@doisoat.example.vn.pdf": string(contentOf(t, m.Files[1])),
	}
	if diff := cmp.Diff(want, tree(t, base)); diff != "" {
		t.Errorf("files (-want +got):\n%.2000s", diff)
	}
	info, err := os.Stat(filepath.Join(base, "KT", pdfInFolder))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if err := channel.Close(); err != nil {
		t.Error(err)
	}
}

func TestFolderOfAnotherName(t *testing.T) {
	base := t.TempDir()
	m := letter(t)
	m.Files = nil
	if err := Folder(FolderConfig{Path: base, Into: "Phòng Kinh tế"}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	files := tree(t, base)
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	for name, content := range files {
		if !strings.HasPrefix(name, "Phòng Kinh tế/Phiếu đôn đốc số 12_PĐĐ-TTHCC") || !strings.HasSuffix(name, "--letter-12-email@doisoat.example.vn.txt") ||
			!strings.Contains(content, m.Text) || len(filepath.Base(name)) > 255 {
			t.Errorf("%s: %s", name, content)
		}
	}
}

func TestFoldersThatCannotBeWrittenTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		prepare func(t *testing.T) FolderConfig
		final   bool
		words   []string
	}{
		{"a share that is away", func(t *testing.T) FolderConfig {
			return FolderConfig{Path: filepath.Join(t.TempDir(), "share")}
		}, false, []string{"it is not there; mount the share"}},
		{"a file", func(*testing.T) FolderConfig { return FolderConfig{Path: file} }, false, []string{"not a directory"}},
		{"the department's is a file", func(t *testing.T) FolderConfig {
			base := t.TempDir()
			if err := os.WriteFile(filepath.Join(base, "KT"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return FolderConfig{Path: base}
		}, false, []string{"KT", "must be a folder"}},
		{"the department's leads out", func(t *testing.T) FolderConfig {
			base := t.TempDir()
			if err := os.Symlink(t.TempDir(), filepath.Join(base, "KT")); err != nil {
				t.Fatal(err)
			}
			return FolderConfig{Path: base}
		}, false, []string{"KT", "no link that leads out"}},
		{"the department's leads out by a way back", func(t *testing.T) FolderConfig {
			base := t.TempDir()
			if err := os.Symlink("../..", filepath.Join(base, "KT")); err != nil {
				t.Fatal(err)
			}
			return FolderConfig{Path: base}
		}, false, []string{"KT", "no link that leads out"}},
		{"a name with a way out", func(t *testing.T) FolderConfig { return FolderConfig{Path: t.TempDir(), Into: "../TP"} }, true, []string{"no name of a folder"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, Folder(test.prepare(t)).Send(t.Context(), letter(t)), test.final, test.words...)
		})
	}
}

// A link that somebody laid in a file's place is replaced, not followed.
func TestFolderDoesNotWriteThroughLinks(t *testing.T) {
	base, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(base, "KT"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pdfInFolder, "." + pdfInFolder + ".part"} {
		if err := os.Symlink(outside, filepath.Join(base, "KT", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Folder(FolderConfig{Path: base}).Send(t.Context(), letter(t)); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(outside); err != nil || string(content) != "mine" {
		t.Errorf("a file outside was written: %q %v", content, err)
	}
	info, err := os.Lstat(filepath.Join(base, "KT", pdfInFolder))
	if err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v %v", info, err)
	}
}

func TestFolderShowsNoHalfFiles(t *testing.T) {
	base := t.TempDir()
	m := letter(t)
	m.Files[0].Write = func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		return errors.New("list is gone")
	}
	expect(t, Folder(FolderConfig{Path: base}).Send(t.Context(), m), false, "list is gone")
	ctx, cancel := context.WithCancel(t.Context())
	m.Files[0].Write = func(w io.Writer) error {
		cancel()
		_, err := w.Write(make([]byte, 1<<20))
		return err
	}
	expect(t, Folder(FolderConfig{Path: base}).Send(ctx, m), false, "interrupted")
	if files := tree(t, base); len(files) != 0 {
		t.Errorf("left: %d files", len(files))
	}
}

func TestADiskThatIsFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if err := fill(t.Context(), full, letter(t).Files[1]); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error %v", err)
	}
}

func TestNamesOfFiles(t *testing.T) {
	m := &Message{ID: "l-1@h"}
	for name, want := range map[string]string{
		"list.xlsx":                    "list--l-1@h.xlsx",
		"../../etc/passwd":             "_.._etc_passwd--l-1@h",
		`..\..\a.xlsx`:                 "_.._a--l-1@h.xlsx",
		"-rf.pdf":                      "rf--l-1@h.pdf",
		".htaccess":                    "l-1@h.htaccess",
		"a\x00b\u202egpj.exe":          "a_b_gpj--l-1@h.exe",
		"CON: <đối soát>?.docx":        "CON_ _đối soát__--l-1@h.docx",
		"x. .pdf ":                     "x--l-1@h.pdf",
		"...":                          "l-1@h",
		"noending":                     "noending--l-1@h",
		"a.an ending that is too long": "a--l-1@h",
	} {
		if got := m.fileName(File{Name: name}); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// Whatever a file is called, its name in a folder is one step of a path, and carries
// the message's ID.
func FuzzFileName(f *testing.F) {
	for _, name := range []string{listName, "../x", ".", "..", "", "\xff\xfe", strings.Repeat("ế", 300) + ".xlsx", "a/b\\c:d"} {
		f.Add(name)
	}
	m := &Message{ID: "letter-12-folder@doisoat.example.vn", Department: "KT"}
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, name string) {
		got := m.fileName(File{Name: name})
		if len(got) > 250 || !strings.Contains(got, m.ID) || strings.ContainsAny(got, "/\\\x00\n") || strings.HasPrefix(got, ".") || strings.HasPrefix(got, "-") || !filepath.IsLocal(got) {
			t.Fatalf("%q becomes %q", name, got)
		}
		if err := os.WriteFile(filepath.Join(folder, got), nil, 0o600); err != nil {
			t.Fatalf("%q becomes %q: %v", name, got, err)
		}
		if into, err := m.subfolder(name); err == nil && (!filepath.IsLocal(into) || strings.ContainsAny(into, "/\\") || strings.HasPrefix(into, ".")) {
			t.Fatalf("%q is taken for a folder, %q", name, into)
		}
	})
}
