package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

func idsOf(codes ...string) []string {
	ids := make([]string, len(codes))
	for i, code := range codes {
		ids[i] = idOf(reconcile.ResolvedNotClosed, code)
	}
	return ids
}

// What one of them does not allow is done to none.
func TestActsAreOfAllOrNone(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := answering(t, url)
		b, ctx := backend{r.Daemon}, context.Background()
		nothing := func(name string, do func() ([]web.Discrepancy, error), is func(error) bool) {
			t.Helper()
			before := r.listed(t, storeAll)
			set, err := do()
			if !is(err) || set != nil {
				t.Errorf("%s: %v, %v", name, set, err)
			}
			if diff := gocmp.Diff(before, r.listed(t, storeAll)); diff != "" {
				t.Errorf("%s: something was set:\n%s", name, diff)
			}
		}
		notFound := func(err error) bool { return errors.Is(err, web.ErrNotFound) }
		refused := func(err error) bool { var r *web.Refused; return errors.As(err, &r) }

		nothing("another department's among one's own", func() ([]web.Discrepancy, error) { return b.Acknowledge(ctx, ofKT, idsOf("A-01", "B-01"), "xong") }, notFound)
		nothing("one that never was", func() ([]web.Discrepancy, error) {
			return b.Acknowledge(ctx, centre, append(idsOf("A-01"), "none"), "xong")
		}, notFound)
		nothing("waived for another department", func() ([]web.Discrepancy, error) { return b.Waive(ctx, ofKT, idsOf("B-01"), "2018-06-29", "xong") }, notFound)
		nothing("a day that is over", func() ([]web.Discrepancy, error) { return b.Waive(ctx, centre, idsOf("A-01"), "2018-06-01", "xong") }, refused)
		nothing("a day far away", func() ([]web.Discrepancy, error) { return b.Waive(ctx, centre, idsOf("A-01"), "2019-07-01", "xong") }, refused)
		nothing("no day at all", func() ([]web.Discrepancy, error) { return b.Waive(ctx, centre, idsOf("A-01"), "29/06/2018", "xong") }, refused)
		nothing("taken back though nothing was said", func() ([]web.Discrepancy, error) { return b.TakeBack(ctx, centre, idsOf("A-01"), "nhầm") }, refused)

		set, err := b.Acknowledge(ctx, ofKT, idsOf("A-03", "A-01"), "đang làm")
		if err != nil || len(set) != 2 || set[0].ID != idsOf("A-03")[0] || set[1].ID != idsOf("A-01")[0] || set[0].State != reconcile.StateAcknowledged || set[0].Note != "đang làm" {
			t.Fatalf("set, in the order asked: %+v, %v", set, err)
		}
		r.isIn(t, "A-01", reconcile.StateAcknowledged, "đang làm", "kinhte")
		r.isIn(t, "A-02", reconcile.StateOpen, "", "")

		if _, err := b.Waive(ctx, centre, idsOf("A-02"), "2018-06-29", "chờ"); err != nil {
			t.Fatal(err)
		}
		nothing("acknowledged though one is waived", func() ([]web.Discrepancy, error) { return b.Acknowledge(ctx, ofKT, idsOf("A-03", "A-02"), "xong") }, refused)
	})
}

// A waiver holds up to and with its last day; what was said can be taken back.
func TestWaiverEndsAndIsTakenBack(t *testing.T) {
	t.Parallel()
	r := answering(t, "")
	b, ctx := backend{r.Daemon}, context.Background()
	today := r.now().Format(time.DateOnly)
	if _, err := b.Waive(ctx, centre, idsOf("A-01"), today, "chỉ hôm nay"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Waive(ctx, centre, idsOf("A-02", "A-03"), "2018-06-08", "đến thứ sáu"); err != nil {
		t.Fatal(err)
	}
	states := func(when string, want ...string) {
		t.Helper()
		for i, code := range []string{"A-01", "A-02", "A-03"} {
			if got := r.states(t, code)[reconcile.ResolvedNotClosed]; got != want[i] {
				t.Errorf("%s: %s is %s, want %s", when, code, got, want[i])
			}
		}
	}
	states("at once", "waived", "waived", "waived")
	if _, err := b.TakeBack(ctx, centre, idsOf("A-03"), "đặt nhầm"); err != nil {
		t.Fatal(err)
	}
	states("one is taken back", "waived", "waived", "open")
	r.goesTo(t, time.Date(2018, 6, 8, 23, 50, 0, 0, vietnam))
	r.looked(t)
	states("at the end of its last day", "open", "waived", "open")
	r.goesTo(t, time.Date(2018, 6, 9, 0, 10, 0, 0, vietnam))
	r.looked(t)
	states("the day after", "open", "open", "open")
	events, err := r.store.ListEvents(ctx, idsOf("A-03")[0])
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range events {
		if e.Actor == "lan" {
			said = append(said, string(e.To)+": "+e.Why)
		}
	}
	if len(said) != 2 || !strings.Contains(said[0], "đến thứ sáu") || !strings.Contains(said[1], "đặt nhầm") {
		t.Errorf("the history tells %q", said)
	}
}
