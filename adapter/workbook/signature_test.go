package workbook

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSignature(t *testing.T) {
	old := time.Now().Add(-time.Hour)
	putOld := func(t *testing.T, path, content string) {
		put(t, path, content)
		touch(path, old)
	}
	for _, test := range []struct {
		name   string
		same   bool
		cfg    func(*Config)
		inputs []string
		change func(t *testing.T, dir string)
	}{
		{name: "nothing changed", same: true},
		{name: "a file that does not match", same: true, change: func(t *testing.T, dir string) { put(t, filepath.Join(dir, "x.pdf"), "x") }},
		{name: "other inputs", inputs: []string{"Ngày nhận"}},
		{name: "another heading row", cfg: func(c *Config) { c.HeaderRow = 2 }},
		{name: "another delimiter", cfg: func(c *Config) { c.Delimiter = ";" }},
		{name: "another size", change: func(t *testing.T, dir string) { putOld(t, filepath.Join(dir, "a.csv"), small+"\n") }},
		{name: "the same size and time", change: func(t *testing.T, dir string) { putOld(t, filepath.Join(dir, "a.csv"), "Mã hồ sơ\nB9\n") }},
		{name: "another file in its place", change: func(t *testing.T, dir string) {
			putOld(t, filepath.Join(dir, "a.csv~"), small)
			do(t, os.Rename(filepath.Join(dir, "a.csv~"), filepath.Join(dir, "a.csv")))
		}},
		{name: "a file more", change: func(t *testing.T, dir string) { putOld(t, filepath.Join(dir, "c.csv"), small) }},
		{name: "a file less", change: func(t *testing.T, dir string) { do(t, os.Remove(filepath.Join(dir, "b.csv"))) }},
		{name: "another name", change: func(t *testing.T, dir string) {
			do(t, os.Rename(filepath.Join(dir, "b.csv"), filepath.Join(dir, "c.csv")))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := folder(t, "a.csv", "b.csv")
			touch(filepath.Join(dir, "a.csv"), old)
			touch(filepath.Join(dir, "b.csv"), old)
			if info, err := os.Stat(filepath.Join(dir, "a.csv")); err != nil || identity(info) == "" && test.change != nil {
				t.Skip("this system tells size and time only")
			}
			cfg := Config{Path: "*.csv", Dir: dir}
			before := signature(t, cfg)
			if test.change != nil {
				test.change(t, dir)
			}
			if test.cfg != nil {
				test.cfg(&cfg)
			}
			if after := signature(t, cfg, test.inputs...); (before == after) != test.same {
				t.Errorf("before %s, after %s", before, after)
			}
		})
	}
}

func signature(t *testing.T, cfg Config, inputs ...string) string {
	t.Helper()
	src, err := New(cfg, append([]string{"Mã hồ sơ"}, inputs...), nil)
	do(t, err)
	s, err := src.Signature(t.Context())
	do(t, err)
	return s
}

func TestSignatureVouchesForFilesAtRestOnly(t *testing.T) {
	for name, disturb := range map[string]func(dir string){
		"just written": func(dir string) { touch(filepath.Join(dir, "a.csv"), time.Now()) },
		"of tomorrow":  func(dir string) { touch(filepath.Join(dir, "a.csv"), time.Now().Add(24*time.Hour)) },
		"open in another program": func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, "~$a.csv"), nil, 0o600); err != nil {
				panic(err)
			}
		},
		"gone": func(dir string) {
			if err := os.Remove(filepath.Join(dir, "a.csv")); err != nil {
				panic(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, "a.csv")
			touch(filepath.Join(dir, "a.csv"), time.Now().Add(-time.Hour))
			disturb(dir)
			src, err := New(Config{Path: "a.csv", Dir: dir}, []string{"Mã hồ sơ"}, nil)
			do(t, err)
			if sign, err := src.Signature(t.Context()); err == nil || sign != "" {
				t.Errorf("signature %q", sign)
			}
		})
	}
}
