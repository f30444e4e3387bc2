package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever the bytes, parsing ends with a configuration or with faults that can
// be shown: one line each, with a problem and, but for the file's own, a place.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/*/*.yaml", "../../../deploy/*.yaml", "../../../deploy/examples/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add([]byte(manySecrets))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := parse("f.yaml", folder, data)
		if err == nil {
			if cfg.Zone == nil || cfg.Store.Driver == "" || cfg.Platform.Protocol() == "" || len(cfg.Departments) == 0 {
				t.Fatalf("loaded without what every configuration has: %v", cfg)
			}
			if cfg.Redacted() == "" {
				t.Fatal("nothing to show")
			}
			return
		}
		var faults Faults
		if !errors.As(err, &faults) || len(faults) == 0 {
			t.Fatalf("error %T, want Faults", err)
		}
		for _, fault := range faults {
			if fault.Problem == "" || fault.Remedy == "" || fault.Line < 0 || strings.ContainsAny(fault.Error(), "\n\r\x1b") {
				t.Fatalf("fault %#v", fault)
			}
		}
	})
}
