package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var letterTests = []test{
	{"a letter keeps every field", everyLetterField},
	{"a department has one letter a day", oneLetterADay},
	{"reminders are counted by discrepancy, one a day", reminderTimes},
	{"numbers run within the year and leave none out", letterNumbers},
	{"letters registered at once have numbers of their own", lettersAtOnce},
	{"no letter is made while a run is held", letterHeld},
	{"letters in scope, in pages", letterPages},
	{"a letter of thousands of discrepancies", longLetter},
}

func newLetter(department, onDay string, ids ...string) store.NewLetter {
	n := store.NewLetter{
		Department: department, Day: onDay, Year: 2018, MadeAt: day, MadeBy: "lan", AnswerBy: day.AddDate(0, 0, 3), ListDigest: "digest",
		Label:    func(number int) string { return fmt.Sprintf("%02d/PĐĐ-TTHCC", number) },
		Document: func(l *store.Letter) ([]byte, error) { return []byte(l.Label), nil },
		Deliveries: []store.NewDelivery{
			{Channel: "email", MessageID: func(id int64) string { return fmt.Sprintf("%d.email", id) }},
			{Channel: "folder", MessageID: func(id int64) string { return fmt.Sprintf("%d.folder", id) }, NotBefore: day.Add(time.Hour)},
		},
	}
	for i, id := range ids {
		n.Items = append(n.Items, store.NewItem{DiscrepancyID: id, Code: "H-" + id, Kind: reconcile.Kinds[i%3], Effect: reconcile.FalseOverdue})
	}
	return n
}

func register(t *testing.T, s *store.Store, n store.NewLetter) *store.Letter {
	t.Helper()
	l, created, err := s.RegisterLetter(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if !created {
		t.Fatalf("letter %s was there", l.Label)
	}
	return l
}

func everyLetterField(t *testing.T, db *Database) {
	ctx := t.Context()
	h := newHook(t, db)
	before, err := db.Store.Revision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := newLetter("TP", "2018-07-02", "b", "a")
	var given store.Letter
	n.Document = func(l *store.Letter) ([]byte, error) {
		given = *l
		return []byte("tài liệu\x00"), nil
	}
	got := register(t, db.Store, n)
	want := store.Letter{ID: got.ID, Year: 2018, Number: 1, Label: "01/PĐĐ-TTHCC", Department: "TP", Day: "2018-07-02", Times: 1, MadeAt: day, MadeBy: "lan",
		AnswerBy: day.AddDate(0, 0, 3), ListDigest: "digest", Count: 2, Items: []store.LetterItem{
			{DiscrepancyID: "b", Code: "H-b", Kind: reconcile.Kinds[0], Effect: reconcile.FalseOverdue, Times: 1},
			{DiscrepancyID: "a", Code: "H-a", Kind: reconcile.Kinds[1], Effect: reconcile.FalseOverdue, Times: 1},
		}}
	same(t, "as the document is told", want, given)
	want.Document = []byte("tài liệu\x00")
	same(t, "as it is returned", want, *got)
	for what, get := range map[string]func() (*store.Letter, error){
		"by its number": func() (*store.Letter, error) { return db.Again(t).GetLetter(ctx, nil, got.ID) },
		"in scope":      func() (*store.Letter, error) { return db.Store.GetLetter(ctx, []string{"NV", "TP"}, got.ID) },
		"of the day":    func() (*store.Letter, error) { return db.Store.LetterOf(ctx, "TP", "2018-07-02") },
		"the last":      func() (*store.Letter, error) { return db.Store.LastLetter(ctx, "TP") },
	} {
		l, err := get()
		if err != nil {
			t.Fatal(err)
		}
		same(t, what, &want, l)
	}
	for what, get := range map[string]func() (*store.Letter, error){
		"of another day": func() (*store.Letter, error) { return db.Store.LetterOf(ctx, "TP", "2018-07-03") },
		"of another":     func() (*store.Letter, error) { return db.Store.LastLetter(ctx, "NV") },
	} {
		if l, err := get(); l != nil || err != nil {
			t.Errorf("%s: %v, error %v", what, l, err)
		}
	}
	for _, scope := range [][]string{{}, {"NV"}, {""}} {
		if _, err := db.Store.GetLetter(ctx, scope, got.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("scope %q: error %v", scope, err)
		}
	}
	if _, err := db.Store.GetLetter(ctx, nil, 12345); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	same(t, "queued", 1, h.deliver)
	same(t, "what others saw meanwhile", []int{0}, h.outsideTables)
	if after, err := db.Store.Revision(ctx); err != nil || after == before {
		t.Errorf("the revision is still %s, error %v", after, err)
	}
}

func oneLetterADay(t *testing.T, db *Database) {
	ctx := t.Context()
	first := register(t, db.Store, newLetter("TP", "2018-07-02", "a", "b"))
	unchanged := dump(t, db)
	h := newHook(t, db)
	again, created, err := db.Store.RegisterLetter(ctx, newLetter("TP", "2018-07-02", "c"))
	if err != nil || created {
		t.Errorf("created %t, error %v", created, err)
	}
	same(t, "the same letter", first, again)
	same(t, "queued", 0, h.deliver)
	same(t, "tables", unchanged, dump(t, db))
	register(t, db.Store, newLetter("NV", "2018-07-02", "c"))
	register(t, db.Store, newLetter("TP", "2018-07-03", "a"))
	same(t, "queued with new ones", 2, h.deliver)
	quiet := newLetter("TP", "2018-07-04", "a")
	quiet.Deliveries = nil
	register(t, db.Store, quiet)
	same(t, "queued without channels", 2, h.deliver)

	// Nothing of a letter that fails is kept, its number is the next one's.
	unchanged = dump(t, db)
	failure := errors.New("no")
	faults := map[string]func(*store.NewLetter){
		"its document": func(n *store.NewLetter) {
			n.Document = func(*store.Letter) ([]byte, error) { return nil, failure }
		},
		"two deliveries of one name": func(n *store.NewLetter) { n.Deliveries[1].MessageID = n.Deliveries[0].MessageID },
		"twice the same":             func(n *store.NewLetter) { n.Items = append(n.Items, n.Items[0]) },
		"the queue":                  func(*store.NewLetter) { h.failure = failure },
	}
	for name, damage := range faults {
		n := newLetter("TP", "2018-07-05", "a")
		damage(&n)
		if l, created, err := db.Store.RegisterLetter(ctx, n); err == nil || created || l != nil {
			t.Errorf("%s: it was registered", name)
		}
		h.failure = nil
		same(t, name, unchanged, dump(t, db))
	}
	same(t, "number", 5, register(t, db.Store, newLetter("TP", "2018-07-05", "a")).Number)
}

func reminderTimes(t *testing.T, db *Database) {
	told := func(l *store.Letter) string {
		words := []string{fmt.Sprint("lần ", l.Times)}
		for _, item := range l.Items {
			words = append(words, fmt.Sprint(item.DiscrepancyID, item.Times))
		}
		return strings.Join(words, " ")
	}
	same(t, "first", "lần 1 a1 b1", told(register(t, db.Store, newLetter("TP", "2018-07-02", "a", "b"))))
	same(t, "second", "lần 2 c1 a2", told(register(t, db.Store, newLetter("TP", "2018-07-03", "c", "a"))))
	// b went to another department within the day on which c was reminded of.
	same(t, "another's, the same day", "lần 2 b2 d1", told(register(t, db.Store, newLetter("NV", "2018-07-03", "b", "c", "d"))))
	same(t, "third", "lần 3 a3 b3 c2", told(register(t, db.Store, newLetter("TP", "2018-07-04", "a", "b", "c"))))
	unchanged := dump(t, db)
	for _, ids := range [][]string{{"a", "c"}, {}} {
		if _, _, err := db.Store.RegisterLetter(t.Context(), newLetter("NV", "2018-07-04", ids...)); !errors.Is(err, store.ErrNothingToRemind) {
			t.Errorf("%q: error %v", ids, err)
		}
	}
	same(t, "tables", unchanged, dump(t, db))
	times, err := db.Store.ReminderTimes(t.Context(), []string{"a", "b", "c", "d", "never"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "times", map[string]int{"a": 3, "b": 3, "c": 2, "d": 1}, times)
	if times, err = db.Store.ReminderTimes(t.Context(), nil); err != nil || len(times) > 0 {
		t.Errorf("of nothing: %v, error %v", times, err)
	}
}

func letterNumbers(t *testing.T, db *Database) {
	for _, step := range []struct {
		year, number int
	}{{2018, 1}, {2018, 2}, {2019, 1}, {2018, 3}, {2019, 2}} {
		n := newLetter("TP", fmt.Sprintf("%d-01-%02d", step.year, step.number), "a")
		n.Year = step.year
		l := register(t, db.Store, n)
		same(t, fmt.Sprint(step), []int{step.year, step.number}, []int{l.Year, l.Number})
	}
}

func lettersAtOnce(t *testing.T, db *Database) {
	const each = 12
	stores := []*store.Store{db.Store, db.Again(t), db.Store}
	var mu sync.Mutex
	var numbers []int
	new := 0
	var writers sync.WaitGroup
	for _, s := range stores {
		writers.Go(func() {
			for i := range each { // all of them the same letters
				l, created, err := s.RegisterLetter(t.Context(), newLetter(fmt.Sprint("department ", i), "2018-07-02", fmt.Sprint(i)))
				if err != nil {
					t.Error(err)
					continue
				}
				mu.Lock()
				if created {
					new++
					numbers = append(numbers, l.Number)
				}
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	slices.Sort(numbers)
	want := make([]int, each)
	for i := range want {
		want[i] = i + 1
	}
	same(t, "new ones", each, new)
	same(t, "numbers", want, numbers)
	same(t, "deliveries", 2*each, count(t, db, "SELECT COUNT(*) FROM deliveries"))
}

func holdRun(t *testing.T, db *Database) *store.Run {
	t.Helper()
	run := &store.Run{}
	write(t, db, run, func(*store.RunWriter) error {
		run.Held = true
		return nil
	})
	return run
}

func letterHeld(t *testing.T, db *Database) {
	ctx := t.Context()
	first := register(t, db.Store, newLetter("TP", "2018-07-02", "a"))
	run := holdRun(t, db)
	if _, _, err := db.Store.RegisterLetter(ctx, newLetter("TP", "2018-07-03", "a")); !errors.Is(err, store.ErrHeld) {
		t.Errorf("error %v", err)
	}
	if l, created, err := db.Store.RegisterLetter(ctx, newLetter("TP", "2018-07-02", "a")); err != nil || created || l.ID != first.ID {
		t.Errorf("one that there is: %v, created %t, error %v", l, created, err)
	}
	if _, err := db.Store.ReleaseRun(ctx, run.ID, "Lan", day); err != nil {
		t.Fatal(err)
	}
	same(t, "number", 2, register(t, db.Store, newLetter("TP", "2018-07-03", "a")).Number)
}

func letterPages(t *testing.T, db *Database) {
	for i := range 12 {
		register(t, db.Store, newLetter([]string{"TP", "NV", "Đ"}[i%3], fmt.Sprintf("2018-07-%02d", 2+i/3), "a"+fmt.Sprint(i)))
	}
	list := func(f store.LetterFilter) (numbers []int, last int64) {
		t.Helper()
		letters, err := db.Store.ListLetters(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			if l.Items != nil || l.Document != nil {
				t.Error("a list of letters has what they told")
			}
			numbers, last = append(numbers, l.Number), l.ID
		}
		return numbers, last
	}
	for name, test := range map[string]struct {
		filter store.LetterFilter
		want   []int
	}{
		"a department's":       {store.LetterFilter{Department: "NV"}, []int{11, 8, 5, 2}},
		"in scope":             {store.LetterFilter{Departments: []string{"NV", "Đ"}, Limit: 3}, []int{12, 11, 9}},
		"a department outside": {store.LetterFilter{Departments: []string{"NV", "Đ"}, Department: "TP"}, nil},
		"of none":              {store.LetterFilter{Departments: []string{}}, nil},
	} {
		got, _ := list(test.filter)
		same(t, name, test.want, got)
	}
	var all []int
	for before := int64(0); ; {
		page, last := list(store.LetterFilter{Limit: 5, Before: before})
		if all, before = append(all, page...), last; len(page) < 5 {
			break
		}
	}
	same(t, "pages", []int{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, all)
}

func longLetter(t *testing.T, db *Database) {
	ids := make([]string, 6000)
	for i := range ids {
		ids[i] = fmt.Sprint("id ", i)
	}
	register(t, db.Store, newLetter("TP", "2018-07-02", ids[:3000]...))
	l := register(t, db.Store, newLetter("TP", "2018-07-03", ids...))
	same(t, "its times", []int{2, 2, 1, 6000}, []int{l.Times, l.Items[2999].Times, l.Items[3000].Times, l.Count})
	got, err := db.Store.GetLetter(t.Context(), nil, l.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "letter", l, got)
	times, err := db.Store.ReminderTimes(t.Context(), ids)
	if err != nil || len(times) != len(ids) {
		t.Errorf("%d were reminded of, error %v", len(times), err)
	}
}
