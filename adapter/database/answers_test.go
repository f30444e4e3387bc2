package database

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func TestAnswersAreCounted(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 5000)
		count := func(query string, got *sink, ctx context.Context) map[string]int {
			result, _ := newSource(t, p.config(query), "code").Poll(ctx, reconcile.PollRequest{}, got)
			sum := 0
			for _, n := range result.Answers {
				sum += n
			}
			if sum != result.Requests {
				t.Errorf("%d requests, but answers %v", result.Requests, result.Answers)
			}
			return result.Answers
		}
		whole := count("SELECT * FROM dossiers", &sink{}, t.Context())
		if whole["ok"] < 2 || len(whole) != 1 {
			t.Errorf("a whole poll: %v", whole)
		}
		refused := count("SELECT * FROM khong_co", &sink{}, t.Context())
		if refused["error"] != 1 {
			t.Errorf("a table that is not there: %v", refused)
		}
		full := count("SELECT * FROM dossiers", &sink{onRow: func(int) error { return errors.New("disk full") }}, t.Context())
		if diff := cmp.Diff(whole, full); diff != "" {
			t.Errorf("the sink's error is none of the source: %s", diff)
		}
		ctx, cancel := context.WithCancel(t.Context())
		stopped := count("SELECT * FROM dossiers", &sink{onRow: func(n int) error {
			if n == 3 {
				cancel()
			}
			return nil
		}}, ctx)
		cancel()
		if stopped["error"] != 0 {
			t.Errorf("what we broke off ourselves counts as an error: %v", stopped)
		}
	})
}
