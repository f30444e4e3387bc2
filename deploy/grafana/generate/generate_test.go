package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The dashboards that people install are those that this program writes.
func TestDashboardsAreUpToDate(t *testing.T) {
	made := files()
	if len(made) != 3 {
		t.Fatalf("%d dashboards, want 3", len(made))
	}
	for name, want := range made {
		have, err := os.ReadFile("../dashboards/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(have)); diff != "" {
			t.Errorf("%s: run go run ./deploy/grafana/generate deploy/grafana/dashboards (-want +file):\n%s", name, diff)
		}
	}
}
