package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// names lists a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestAResultIsThereWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.json")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	content := func() string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	flags := outputFlags{Output: path}

	to, err := flags.begin(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err = to.write(func(w io.Writer) error {
		fmt.Fprint(w, "half")
		return broken
	})
	if !errors.Is(err, broken) || content() != "old" || len(names(t, dir)) != 1 {
		t.Errorf("%v, %q, %v", err, content(), names(t, dir))
	}

	if to, err = flags.begin(io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := to.drop(); err != nil || content() != "old" || len(names(t, dir)) != 1 {
		t.Errorf("dropped: %v, %q, %v", err, content(), names(t, dir))
	}

	if to, err = flags.begin(io.Discard); err != nil {
		t.Fatal(err)
	}
	err = to.write(func(w io.Writer) error {
		_, err := fmt.Fprint(w, "new")
		return err
	})
	if err != nil || content() != "new" || len(names(t, dir)) != 1 {
		t.Errorf("%v, %q, %v", err, content(), names(t, dir))
	}
	if err := to.drop(); err != nil || content() != "new" {
		t.Errorf("dropping what is in place: %v, %q", err, content())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestTheFormatFollowsTheFilesEnding(t *testing.T) {
	for _, c := range []struct{ format, output, want string }{
		{"", "", "table"}, {"", "a.json", "json"}, {"", "A.XLSX", "xlsx"}, {"", "a.txt", "table"}, {"", "a", "table"}, {"json", "a.csv", "json"},
		{"pdf", "", ""}, {"table", "a.xlsx", "table"}, {"", "a.pdf", "table"},
	} {
		flags := outputFlags{Format: c.format, Output: c.output}
		err := flags.resolve(&outlet{file: os.Stdout}, "table", "json", "csv", "xlsx")
		var exit *exitError
		switch {
		case c.want == "" && (!errors.As(err, &exit) || exit.status != exitUsage):
			t.Errorf("%+v: %v, want a usage error", c, err)
		case c.want != "" && (err != nil || flags.Format != c.want):
			t.Errorf("%+v: %q, %v", c, flags.Format, err)
		}
	}
}
