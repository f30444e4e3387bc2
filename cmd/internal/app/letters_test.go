package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// seenLetter is what matters of a letter.
type seenLetter struct {
	Day, Label, By string
	Times, Count   int
}

func seenLetters(list []store.Letter) []seenLetter {
	seen := []seenLetter{}
	for _, l := range list {
		seen = append(seen, seenLetter{l.Day, l.Label, l.MadeBy, l.Times, l.Count})
	}
	return seen
}

func (r *rig) hasLetters(t *testing.T, when string, want ...seenLetter) {
	t.Helper()
	if diff := gocmp.Diff(append([]seenLetter{}, want...), seenLetters(r.allLetters(t, "KT"))); diff != "" {
		t.Fatalf("%s: letters to KT (-want +got):\n%s", when, diff)
	}
	if others := r.allLetters(t, "TP"); len(others) > 0 {
		t.Fatalf("%s: letters to TP, which has nothing to correct: %+v", when, others)
	}
}

// arrived counts the files in the folder of a department.
func (r *rig) arrived(t *testing.T, department string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.dir, "out", department))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A discrepancy is reminded of once a working day at most, whoever asks.
func TestLettersOfAWeek(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := told(t, rigOptions{store: url})
		first := seenLetter{"2018-06-05", "1/PĐĐ", "doisoat", 1, 1}
		r.mornings(t)
		r.hasLetters(t, "the first day", first)
		if files := r.arrived(t, "KT"); len(files) != 3 {
			t.Errorf("arrived: %v, want the letter twice and the list", files)
		}

		// Asked again on that day: by the schedule, the command and the page.
		r.pass(time.Hour)
		r.mornings(t)
		r.byHand(t, "KT")
		l, err := backend{r.Daemon}.SendLetter(context.Background(), centre, "KT")
		if err != nil || l.Number != "1/PĐĐ" || l.Times != 1 || len(l.Deliveries) != 1 {
			t.Fatalf("the page gets %+v, %v; want the letter of that day", l, err)
		}
		r.delivers(t)
		r.hasLetters(t, "asked again", first)
		if sent := r.deliveries(t); len(sent) != 1 || sent[0].State != store.DeliverySent || sent[0].Attempts != 1 {
			t.Errorf("deliveries: %+v, want one that was sent once", sent)
		}
		if times, err := r.store.ReminderTimes(context.Background(), []string{idOf(reconcile.ResolvedNotClosed, "A-01")}); err != nil || times[idOf(reconcile.ResolvedNotClosed, "A-01")] != 1 {
			t.Errorf("reminders: %v, %v; want one", times, err)
		}

		// Nothing changed: nothing goes by itself, but whoever asks has it, as lần 2.
		r.goesTo(t, day(6))
		r.mornings(t)
		r.hasLetters(t, "a day on which nothing changed", first)
		if l, err = (backend{r.Daemon}).SendLetter(context.Background(), centre, "KT"); err != nil || l.Times != 2 || l.Items[0].Times != 2 {
			t.Fatalf("asked for: %+v, %v; want lần 2", l, err)
		}
		second := seenLetter{"2018-06-06", "2/PĐĐ", "lan", 2, 1}
		r.hasLetters(t, "asked for", first, second)
		r.delivers(t)
		if files := r.arrived(t, "KT"); len(files) != 6 {
			t.Errorf("arrived: %v", files)
		}

		// Another one opens: that is something new.
		r.stands(t, "A-02")
		r.goesTo(t, day(8))
		r.mornings(t)
		friday := seenLetter{"2018-06-08", "3/PĐĐ", "doisoat", 3, 2}
		r.hasLetters(t, "another one opened", first, second, friday)
		items, err := r.store.LastLetter(context.Background(), "KT")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, item := range items.Items {
			got[item.Code] = item.Times
		}
		if diff := gocmp.Diff(map[string]int{"A-01": 3, "A-02": 1}, got); diff != "" {
			t.Errorf("how often each was reminded of (-want +got):\n%s", diff)
		}
	})
}

func TestSaturdayCountsToFriday(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{})
	r.goesTo(t, day(9)) // a Saturday
	r.mornings(t)
	r.hasLetters(t, "on Saturday, by itself")
	told := r.byHand(t, "KT")
	if told.List.Name != "KT-danh-sach-2018-06-08.xlsx" || told.Letter == nil || told.Letter.Name != "KT-phieu-don-doc-2018-06-08.docx" {
		t.Errorf("files: %+v", told)
	}
	r.hasLetters(t, "on Saturday, by hand", seenLetter{"2018-06-08", "1/PĐĐ", "an", 1, 1})
	r.goesTo(t, day(10))
	r.byHand(t, "KT")
	r.hasLetters(t, "on Sunday, by hand", seenLetter{"2018-06-08", "1/PĐĐ", "an", 1, 1})

	// Friday's was printed and never sent, so Monday's says it again, and is sent.
	r.goesTo(t, day(11))
	r.mornings(t)
	r.hasLetters(t, "on Monday", seenLetter{"2018-06-08", "1/PĐĐ", "an", 1, 1}, seenLetter{"2018-06-11", "2/PĐĐ", "doisoat", 2, 1})
	if files := r.arrived(t, "KT"); len(files) != 3 || !strings.Contains(strings.Join(files, " "), "2018-06-11") {
		t.Errorf("arrived: %v, want Monday's", files)
	}
}

// A letter that was made by hand before the daemon made its own is the day's letter,
// and is sent all the same.
func TestLetterMadeByHandIsSentByTheDaemon(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := told(t, rigOptions{store: url})
		by := r.byHand(t, "KT")
		if got := r.deliveries(t); len(got) > 0 {
			t.Fatalf("made by hand it is on its way: %+v", got)
		}
		r.pass(time.Hour)
		for range 2 {
			r.mornings(t)
		}
		r.hasLetters(t, "after the daemon's", seenLetter{"2018-06-05", "1/PĐĐ", "an", 1, 1})
		sent := r.deliveries(t)
		if len(sent) != 1 || sent[0].State != store.DeliverySent || !sent[0].CreatedAt.Equal(r.now()) {
			t.Fatalf("deliveries: %+v, want one, waiting since it was asked for", sent)
		}
		for _, name := range r.arrived(t, "KT") {
			if !strings.HasSuffix(name, ".docx") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(r.dir, "out", "KT", name))
			if err != nil {
				t.Fatal(err)
			}
			if wordsOf(t, text) != wordsOf(t, content(t, by.Letter)) {
				t.Error("what was sent is not what was printed")
			}
		}
	})
}

func TestUnchangedListIsSentWhereThatIsWanted(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{deliver: `{hours: always, unchanged: true, folder: {path: "{dir}/out"}}`, to: toFolders})
	r.mornings(t)
	r.goesTo(t, day(6))
	r.mornings(t)
	r.hasLetters(t, "the second day", seenLetter{"2018-06-05", "1/PĐĐ", "doisoat", 1, 1}, seenLetter{"2018-06-06", "2/PĐĐ", "doisoat", 2, 1})
}

func TestDepartmentWithoutAChannelIsSentNothing(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{deliver: folders, to: map[string]string{"TP": "{folder: true}"}})
	r.mornings(t)
	r.hasLetters(t, "KT has no channel")
	l, err := backend{r.Daemon}.SendLetter(context.Background(), centre, "KT")
	if err != nil || len(l.Deliveries) > 0 {
		t.Fatalf("%+v, %v; want a letter to be printed", l, err)
	}
}

// What the breaker holds back waits, letters and deliveries, until it is released.
func TestHeldRunHoldsLettersAndDeliveries(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := told(t, rigOptions{store: url, rules: "{surge: {percent: 10, count: 20}}"})
		r.goesTo(t, day(6))
		app, done := r.current.take()
		// Registered, and then the breaker trips before it is sent.
		if _, _, err := app.MakeLetter(context.Background(), LetterOptions{Department: "KT", AsOf: r.asOf(), At: r.now(), By: "an", Send: true}); err != nil {
			t.Fatal(err)
		}
		done()
		for i := 10; i < 40; i++ {
			r.books["dvc"].alter("B-"+string(rune('0'+i/10))+string(rune('0'+i%10)), func(x *row) { x.loose = true })
		}
		r.pass(time.Minute)
		r.read(t)
		run := r.compared(t)
		if run == nil || !run.Held {
			t.Fatalf("the run: %+v, want it held", run)
		}
		r.delivers(t)
		if waiting := r.deliveries(t); len(waiting) != 1 || waiting[0].State != store.DeliveryPending || waiting[0].Attempts > 0 {
			t.Fatalf("deliveries while a run is held: %+v", waiting)
		}
		r.goesTo(t, day(7))
		if err := r.letters(context.Background(), r.today()); !errors.Is(err, store.ErrHeld) {
			t.Errorf("the day's letters: %v, want them to wait", err)
		}
		var refused *web.Refused
		if _, err := (backend{r.Daemon}).SendLetter(context.Background(), centre, "KT"); !errors.As(err, &refused) {
			t.Errorf("asked for by a person: %v, want it refused", err)
		}
		if lines := linesOf(t, r.list(t, "KT")); len(lines) != 1 {
			t.Errorf("the list can be looked at: %v", lines)
		}
		if files := r.arrived(t, "KT"); len(files) > 0 {
			t.Errorf("arrived while a run is held: %v", files)
		}

		if err := (backend{r.Daemon}).ReleaseRun(context.Background(), &access.Principal{Name: "an", Role: access.Operator}, run.ID); err != nil {
			t.Fatal(err)
		}
		r.mornings(t)
		if sent := r.deliveries(t); len(sent) != 1 || sent[0].State != store.DeliverySent {
			t.Errorf("after the release: %+v, want what waited sent", sent)
		}
		if others := r.allLetters(t, "TP"); len(others) != 0 {
			t.Errorf("letters to TP: %+v; an unmapped status is no omission of its", seenLetters(others))
		}
	})
}
