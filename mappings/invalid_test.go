package mappings

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each file under testdata holds one mistake, and beside it, in a file ending
// in .want, stands the exact message a clerk is shown.
func TestOneMistakeGivesOneExactMessage(t *testing.T) {
	kinds := []struct {
		folder string
		parse  func(name string, data []byte) error
	}{
		{"mapping", func(name string, data []byte) error { _, err := Parse(name, data); return err }},
		{"calendar", func(name string, data []byte) error { _, err := ParseCalendar(name, data); return err }},
	}
	for _, kind := range kinds {
		files, err := filepath.Glob(filepath.Join("testdata", kind.folder, "invalid-*.yaml"))
		if err != nil || len(files) < 20 {
			t.Fatalf("%s: %d files, %v", kind.folder, len(files), err)
		}
		for _, file := range files {
			t.Run(kind.folder+"/"+filepath.Base(file), func(t *testing.T) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				got := kind.parse("m.yaml", data)
				if got == nil {
					t.Fatal("no fault was found")
				}
				if os.Getenv("UPDATE_WANT") != "" {
					if err := os.WriteFile(file+".want", []byte(got.Error()+"\n"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file + ".want")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got.Error()+"\n"); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}
