package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var discrepancyTests = []test{
	{"a discrepancy keeps every field", everyField},
	{"filters and their order", filters},
	{"the summary counts everything", summary},
	{"a run replaces all but identity and first detection", upsert},
	{"the same discrepancy twice in one run", putTwice},
	{"what a person says, after somebody else did", said},
	{"discrepancies that time alone may change", due},
}

func full(id string) reconcile.Discrepancy {
	at := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
	return reconcile.Discrepancy{
		ID: id, Kind: reconcile.Reopened, Code: "Đ.TP-1", Side: reconcile.Office, Department: "TNMT", State: reconcile.StateOpen,
		Effect: reconcile.HiddenOverdue, Reason: "sổ của phòng: \"đã trả\"", Since: at(1), SinceFrom: "the office's end",
		FirstDetectedAt: at(2), OpenedAt: at(3), ResolvedAt: at(4), Reopened: 2, Values: "abc", SetBy: "Lan", Note: "chờ thuế",
		WaivedUntil: at(5), WaivedValues: "abd", WakeAt: at(6),
	}
}

func get(t *testing.T, db *Database, id string) reconcile.Discrepancy {
	t.Helper()
	d, err := db.Store.GetDiscrepancy(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func everyField(t *testing.T, db *Database) {
	want := full("id-1")
	bare := reconcile.Discrepancy{ID: "id-2", Code: "X"}
	save(t, db, want, bare)
	same(t, "discrepancy", want, get(t, db, "id-1"))
	same(t, "bare one", bare, get(t, db, "id-2"))
	if _, err := db.Store.GetDiscrepancy(t.Context(), "id-3"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

func filters(t *testing.T, db *Database) {
	var all []reconcile.Discrepancy
	add := func(kind reconcile.Kind, department, code string, side reconcile.Side, state reconcile.State) {
		all = append(all, reconcile.Discrepancy{ID: fmt.Sprint(len(all)), Kind: kind, Department: department, Code: code, Side: side, State: state})
	}
	// Departments and codes in the order of bytes, which no language's own order is.
	add(reconcile.DueDateMismatch, "", "B", "", reconcile.StateOpen)                           // 0
	add(reconcile.DueDateMismatch, "A-B", "B", "", reconcile.StateAcknowledged)                // 1
	add(reconcile.DueDateMismatch, "AB", "a", "", reconcile.StateSuspected)                    // 2
	add(reconcile.DueDateMismatch, "AB", "Đ", "", reconcile.StateOpen)                         // 3
	add(reconcile.DueDateMismatch, "Z", "B", "", reconcile.StateWaived)                        // 4
	add(reconcile.DueDateMismatch, "a", "B", "", reconcile.StateOpen)                          // 5
	add(reconcile.DueDateMismatch, "Ă", "B", "", reconcile.StateResolved)                      // 6
	add(reconcile.DueDateMismatch, "Đ", "000.1", "", reconcile.StateOpen)                      // 7
	add(reconcile.InvalidRecord, "AB", "Đ", reconcile.Office, reconcile.StateOpen)             // 8
	add(reconcile.InvalidRecord, "AB", "Đ", reconcile.Platform, reconcile.StateOpen)           // 9
	add(reconcile.ResolvedNotClosed, "Đất đai", "000.00.16", "", reconcile.StateOpen)          // 10
	add(reconcile.ResolvedNotClosed, "Đất đai", "000.00.16.H57", "", reconcile.StateResolved)  // 11
	add(reconcile.ResolvedNotClosed, "đất đai", "000.00.16.H57", "", reconcile.StateSuspected) // 12
	for i := len(all) - 1; i >= 0; i-- {
		save(t, db, all[i])
	}
	tests := []struct {
		name   string
		filter store.Filter
		want   []int
	}{
		{"none", store.Filter{}, []int{10, 12, 0, 1, 2, 3, 4, 5, 7, 8, 9}},
		{"all", store.Filter{All: true}, []int{10, 11, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"states", store.Filter{States: []reconcile.State{reconcile.StateResolved, reconcile.StateWaived}}, []int{11, 4, 6}},
		{"states before all", store.Filter{States: []reconcile.State{reconcile.StateSuspected}, All: true}, []int{12, 2}},
		{"department", store.Filter{Department: "Đất đai"}, []int{10}},
		{"department, all", store.Filter{Department: "Đất đai", All: true}, []int{10, 11}},
		{"kind", store.Filter{Kind: reconcile.InvalidRecord}, []int{8, 9}},
		{"code", store.Filter{Code: "Đ"}, []int{3, 8, 9}},
		{"code and kind", store.Filter{Code: "Đ", Kind: reconcile.DueDateMismatch}, []int{3}},
		{"limit", store.Filter{Limit: 2}, []int{10, 12}},
		{"nothing", store.Filter{Kind: reconcile.Reopened}, nil},
	}
	for _, test := range tests {
		var got []int
		if err := db.Store.EachDiscrepancy(t.Context(), test.filter, func(d reconcile.Discrepancy) error {
			var n int
			if _, err := fmt.Sscan(d.ID, &n); err != nil {
				return err
			}
			got = append(got, n)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		same(t, test.name, test.want, got)
	}
	stop := errors.New("enough")
	if err := db.Store.EachDiscrepancy(t.Context(), store.Filter{}, func(reconcile.Discrepancy) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

func summary(t *testing.T, db *Database) {
	list := []reconcile.Discrepancy{
		{ID: "1", Kind: reconcile.DueDateMismatch, Department: "Đ", State: reconcile.StateOpen, Effect: reconcile.EffectNone},
		{ID: "2", Kind: reconcile.DueDateMismatch, Department: "Z", State: reconcile.StateOpen, Effect: reconcile.EffectNone},
		{ID: "3", Kind: reconcile.DueDateMismatch, Department: "Z", State: reconcile.StateOpen, Effect: reconcile.EffectNone},
		{ID: "4", Kind: reconcile.DueDateMismatch, Department: "Z", State: reconcile.StateOpen, Effect: reconcile.FalseOverdue},
		{ID: "5", Kind: reconcile.DueDateMismatch, Department: "a", State: reconcile.StateResolved, Effect: reconcile.EffectNone},
		{ID: "6", Kind: reconcile.DuplicateCode, Department: "", State: reconcile.StateOpen, Effect: reconcile.EffectNone},
	}
	save(t, db, list...)
	got, err := db.Store.Summarize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "summary", []store.Summary{
		{Kind: reconcile.DueDateMismatch, Department: "Z", State: reconcile.StateOpen, Effect: reconcile.FalseOverdue, Count: 1},
		{Kind: reconcile.DueDateMismatch, Department: "Z", State: reconcile.StateOpen, Effect: reconcile.EffectNone, Count: 2},
		{Kind: reconcile.DueDateMismatch, Department: "a", State: reconcile.StateResolved, Effect: reconcile.EffectNone, Count: 1},
		{Kind: reconcile.DueDateMismatch, Department: "Đ", State: reconcile.StateOpen, Effect: reconcile.EffectNone, Count: 1},
		{Kind: reconcile.DuplicateCode, Department: "", State: reconcile.StateOpen, Effect: reconcile.EffectNone, Count: 1},
	}, got)
}

func upsert(t *testing.T, db *Database) {
	first := full("id")
	save(t, db, first)
	next := reconcile.Discrepancy{ID: "id", Kind: first.Kind, Code: first.Code, Side: first.Side, State: reconcile.StateResolved,
		FirstDetectedAt: day.AddDate(1, 0, 0), ResolvedAt: day.AddDate(0, 1, 0), Department: "KT"}
	many := []reconcile.Discrepancy{next}
	for i := range 60 { // so many go another way on PostgreSQL
		many = append(many, full(fmt.Sprint("other ", i)))
	}
	save(t, db, many...)
	want := next
	want.FirstDetectedAt = first.FirstDetectedAt
	same(t, "replaced", want, get(t, db, "id"))
	want.Department = "YT"
	want.FirstDetectedAt = day
	save(t, db, want)
	want.FirstDetectedAt = first.FirstDetectedAt
	same(t, "replaced alone", want, get(t, db, "id"))
	events, err := db.Store.ListEvents(t.Context(), "id")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "events", 3, len(events))
	same(t, "first event", reconcile.Event{DiscrepancyID: "id", At: day, Actor: "doisoat", To: reconcile.StateOpen, Why: "found"}, events[0])
}

func putTwice(t *testing.T, db *Database) {
	var many []reconcile.Discrepancy
	for i := range 60 {
		many = append(many, full(fmt.Sprint(i)))
	}
	again := full("7")
	again.State, again.FirstDetectedAt = reconcile.StateAcknowledged, day.AddDate(1, 0, 0)
	save(t, db, append(many, again)...)
	again.FirstDetectedAt = full("7").FirstDetectedAt
	same(t, "the later word", again, get(t, db, "7"))
}

func said(t *testing.T, db *Database) {
	d := full("id")
	d.ResolvedAt = time.Time{}
	save(t, db, d)
	looked := get(t, db, "id")
	first, err := looked.Acknowledge("Lan", "seen", day)
	if err != nil {
		t.Fatal(err)
	}
	second, err := looked.Acknowledge("Minh", "seen too", day)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Store.SaveChanges(t.Context(), []reconcile.Change{first}); err != nil {
		t.Fatal(err)
	}
	before := dump(t, db)
	says(t, db.Store.SaveChanges(t.Context(), []reconcile.Change{second}), "id", "acknowledged now", "was open", "look at it again")
	missing := second
	missing.Discrepancy.ID = "none"
	if err := db.Store.SaveChanges(t.Context(), []reconcile.Change{missing}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	same(t, "tables", before, dump(t, db))
	// A run in between that changed the values makes a word on them stale, too.
	looked = get(t, db, "id")
	moved := looked
	moved.Values = "new"
	save(t, db, moved)
	stale, err := looked.Waive("Lan", "right as it is", day.AddDate(0, 1, 0), day)
	if err != nil {
		t.Fatal(err)
	}
	says(t, db.Store.SaveChanges(t.Context(), []reconcile.Change{stale}), "look at it again")
	same(t, "who said it", "Lan", get(t, db, "id").SetBy)
	events, err := db.Store.ListEvents(t.Context(), "id")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "last word", first.Event, events[1])
}

func due(t *testing.T, db *Database) {
	list := make([]reconcile.Discrepancy, 4)
	for i, code := range []string{"A", "A", "B", "C"} {
		list[i] = reconcile.Discrepancy{ID: fmt.Sprint(i), Code: code, WakeAt: day.Add(time.Duration(i) * time.Hour)}
	}
	list[3].WakeAt = time.Time{}
	save(t, db, list...)
	for hours, want := range []int{1, 1, 2, 2} {
		keys, err := db.Store.DueKeys(t.Context(), day.Add(time.Duration(hours)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("after hours: ", hours), want, len(keys))
	}
}
