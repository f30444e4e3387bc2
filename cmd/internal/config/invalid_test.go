package config

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each testdata/invalid-*.yaml holds one mistake; the whole message is compared.
func TestEachMistakeIsToldInOneExactSentence(t *testing.T) {
	expected := maps.Clone(invalidFiles)
	maps.Copy(expected, invalidDeliverFiles)
	maps.Copy(expected, invalidAccessFiles)
	files, err := filepath.Glob("testdata/invalid-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "invalid-"), ".yaml")
		t.Run(name, func(t *testing.T) {
			want, ok := expected[name]
			if !ok {
				t.Fatal("no message is expected of this file; add one to the table")
			}
			cfg, err := Load(file)
			if err == nil {
				t.Fatalf("loaded, want %q", want)
			}
			if cfg != nil {
				t.Error("a faulty configuration was handed out")
			}
			if diff := cmp.Diff(file+want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			var faults Faults
			if !errors.As(err, &faults) || len(faults) != 1 {
				t.Errorf("got %d faults of type %T, want one of Faults", len(faults), err)
			}
			if strings.Contains(err.Error(), "hunter") {
				t.Error("the message quotes a secret")
			}
		})
	}
	for name := range expected {
		if !slices.Contains(files, filepath.Join("testdata", "invalid-"+name+".yaml")) {
			t.Errorf("testdata/invalid-%s.yaml is missing", name)
		}
	}
}

func TestAllMistakesOfAFileAreToldAtOnce(t *testing.T) {
	const file = "testdata/many-mistakes.yaml"
	_, err := Load(file)
	if err == nil {
		t.Fatal("loaded a file full of mistakes")
	}
	want := []string{
		`:1: timezone: Hanoi: is no time zone known here; write an IANA name such as Asia/Ho_Chi_Minh or UTC`,
		`:2: stoer: unknown key; did you mean store?`,
		`:5: departments[1].code: KT: is the code of two departments, first on line 4; give each department a code of its own`,
		`:8: platform.mapping: none.yaml: there is no such file; name a mapping file relative to the configuration's folder, or a shipped one such as preset:opencps`,
		`:10: platform.http.url: ftp://dvc.example.vn: is neither http:// nor https://; give the base address, such as https://dvc.example.vn`,
		`:11: platform.http.auth.basic.password_file: secrets/none: there is no such file; name a readable file that holds the secret, relative to the configuration's folder`,
		`:12: platform.http.list.path: is missing; give the path of the call that lists dossiers, such as /api/v1/hoso`,
		`:14: platform.http.list.paging.page.size: is missing; give how many items one page holds, such as 500`,
		`:15: platform.http.limits.concurrency: 100: is not between 1 and 64; write how many pages to ask for at once, such as 4`,
		`:17: offices[0].name: DVC: is the name of two sources, first on line 7; give each source a name of its own`,
		`:18: offices[0].departments[0]: XX: is not in the list departments; add it there, or use one of its codes`,
		`:20: offices[0].database.driver: db2: is unknown here; write one of postgres, sqlite, mysql, sqlserver, oracle`,
		`:20: offices[0].database.query: is missing; give the SELECT that reads all rows`,
		`:21: rules.grace.default: soon: is not a duration; write working time such as 8h, or 0s for none`,
	}
	for i := range want {
		want[i] = file + want[i]
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestAFileThatCannotBeReadIsAFault(t *testing.T) {
	folder := t.TempDir()
	large := filepath.Join(folder, "large.yaml")
	if err := os.WriteFile(large, make([]byte, maxFileBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(folder, "none.yaml")
	for name, c := range map[string]struct{ path, want string }{
		"missing": {missing, missing + ": there is no such file; name a readable YAML file of at most 4 MiB"},
		"folder":  {folder, folder + ": is not a regular file; name a readable YAML file of at most 4 MiB"},
		"device":  {"/dev/zero", "/dev/zero: is not a regular file; name a readable YAML file of at most 4 MiB"},
		"large":   {large, large + ": is larger than any configuration; name a readable YAML file of at most 4 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(c.path)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
