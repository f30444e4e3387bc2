package main

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
)

// Every kind of source reads the whole sample, and every store takes it; the
// servers where the machine has them.
func TestRates(t *testing.T) {
	var out bytes.Buffer
	if err := ratesMain(context.Background(), []string{"1200", "1"}, &out); err != nil {
		t.Fatal(err)
	}
	var got measured
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Rows < 1100 || len(got.Sources) != 6 || len(got.Stores) != 2 {
		t.Fatalf("%+v", got)
	}
	for _, r := range append(got.Sources, got.Stores...) {
		if r.Absent == "" && (r.New <= 0 || r.Known <= 0) {
			t.Errorf("%+v", r)
		}
		if r.Absent != "" && r.Name != "PostgreSQL" && r.Name != "MariaDB" {
			t.Errorf("%s needs no server: %s", r.Name, r.Absent)
		}
	}
}

func TestRatesRefuseOddArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"x", "1"}, {"1000"}} {
		if err := ratesMain(context.Background(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v were taken", args)
		}
	}
}
