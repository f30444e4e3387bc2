package app

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestASecondDaemonOnOneSQLiteStoreIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doisoat.db")
	for range 2 { // and free again afterwards
		release, err := onlyOne(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := onlyOne(path); err == nil || !strings.Contains(err.Error(), "stop that one") {
			t.Errorf("a second one: %v", err)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
	}
}
