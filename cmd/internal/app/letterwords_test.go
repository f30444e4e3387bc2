package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// everything is a department with a discrepancy in every state there is.
func everything(t *testing.T) *rig {
	t.Helper()
	r := told(t, rigOptions{})
	for _, code := range []string{"A-03", "A-06"} {
		r.stands(t, code)
	}
	ctx := context.Background()
	b := backend{r.Daemon}
	if _, err := b.Waive(ctx, centre, []string{idOf(reconcile.ResolvedNotClosed, "A-03")}, "2018-06-29", "thống nhất với Trung tâm"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Acknowledge(ctx, ofKT, []string{idOf(reconcile.ResolvedNotClosed, "A-06")}, "đang cập nhật"); err != nil {
		t.Fatal(err)
	}
	// One that the office changes at every look.
	r.books["kt-book"].put(openRow("A-04", "KT").closed(r.now()))
	r.read(t)
	r.compared(t)
	r.books["kt-book"].looked = func(code string) {
		if code == "A-04" {
			r.books["kt-book"].alter("A-04", func(x *row) { x.completed = x.completed.Add(time.Minute) })
		}
	}
	r.graceOver(t)
	r.looked(t)
	r.books["kt-book"].looked = nil
	if got := r.states(t, "A-04")[reconcile.ResolvedNotClosed]; got != "unstable" {
		t.Fatalf("A-04 is %q, want it unstable", got)
	}
	// One with a status that the mapping does not know, and one whose grace still runs.
	r.books["kt-book"].alter("A-05", func(x *row) { x.loose = true })
	r.books["kt-book"].put(openRow("A-02", "KT").closed(r.now()))
	r.read(t)
	r.compared(t)
	r.looked(t)
	for code, want := range map[string]map[reconcile.Kind]string{
		"A-01": {reconcile.ResolvedNotClosed: "open"}, "A-02": {reconcile.ResolvedNotClosed: "suspected"}, "A-03": {reconcile.ResolvedNotClosed: "waived"},
		"A-05": {reconcile.UnmappedStatus: "open"}, "A-06": {reconcile.ResolvedNotClosed: "acknowledged"},
	} {
		if diff := gocmp.Diff(want, r.states(t, code)); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", code, diff)
		}
	}
	return r
}

func TestWhatIsListedAndWhatIsRemindedOf(t *testing.T) {
	t.Parallel()
	r := everything(t)
	r.mornings(t)
	l, err := r.store.LastLetter(context.Background(), "KT")
	if err != nil || l == nil {
		t.Fatal(l, err)
	}
	if len(l.Items) != 1 || l.Items[0].Code != "A-01" {
		t.Errorf("the letter reminds of %+v, want A-01 alone", l.Items)
	}
	lines := linesOf(t, r.list(t, "KT"))
	sheets := map[string]string{}
	for code, line := range lines {
		sheets[code] = line.sheet
	}
	want := map[string]string{"A-01": "Cần xử lý trên hệ thống", "A-05": "Cần xác minh", "A-06": "Cần xử lý trên hệ thống"}
	if diff := gocmp.Diff(want, sheets); diff != "" {
		t.Errorf("the list and its sheets (-want +got):\n%s", diff)
	}
	if got := lines["A-06"].cells["Ý kiến của phòng"]; got != "đang cập nhật" {
		t.Errorf("A-06's answer on the list: %q", got)
	}
	if got := [...]string{lines["A-01"].cells["Lần nhắc"], lines["A-05"].cells["Lần nhắc"]}; got[0] != "1" || got[1] == "1" {
		t.Errorf("reminders on the list: A-01 %q, A-05 %q", got[0], got[1])
	}
	app, done := r.current.take()
	defer done()
	file, err := app.LetterFile(l, "docx")
	if err != nil {
		t.Fatal(err)
	}
	words := wordsOf(t, content(t, file))
	for _, code := range []string{"A-02", "A-03", "A-04", "A-05", "A-06"} {
		if strings.Contains(words, code) {
			t.Errorf("the letter names %s", code)
		}
	}
	if !strings.Contains(words, "A-01") || !strings.Contains(words, "1/PĐĐ") || !strings.Contains(strings.ToLower(words), "lần 1") {
		t.Errorf("the letter: %s", words)
	}
	for _, code := range []string{"A-02", "A-03", "A-04"} {
		if text := string(r.list(t, "KT")); strings.Contains(text, code) {
			t.Errorf("the list names %s", code)
		}
	}
}

// What a source does not confirm any more stands on the list, marked; no letter
// reminds of it.
func TestStaleSourceIsMarkedAndNotRemindedOf(t *testing.T) {
	for name, trouble := range map[string]func(*rig){
		"the office cannot be reached": func(r *rig) { r.books["kt-book"].breaks(bookFault{cause: reconcile.CauseConnect}) },
		"the platform hands out half":  func(r *rig) { r.books["dvc"].breaks(bookFault{partial: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := told(t, rigOptions{noSince: []string{"dvc", "kt-book"}})
			trouble(r)
			r.goesTo(t, day(6))
			r.mornings(t)
			r.hasLetters(t, "a source is stale")
			lines := linesOf(t, r.list(t, "KT"))
			said := strings.Join(valuesOf(lines["A-01"].cells), " | ")
			if !strings.Contains(strings.ToLower(said), "chưa") || !strings.Contains(said, "05/06/2018") {
				t.Errorf("A-01 on the list does not say since when it is not verified: %s", said)
			}
			var refused *web.Refused
			if _, err := (backend{r.Daemon}).SendLetter(context.Background(), centre, "KT"); !errors.As(err, &refused) {
				t.Errorf("asked for: %v, want it refused", err)
			}
			for _, b := range r.books {
				b.breaks(bookFault{})
			}
			r.pass(time.Hour)
			r.readAll(t)
			r.mornings(t)
			r.hasLetters(t, "it is read again", seenLetter{"2018-06-06", "1/PĐĐ", "doisoat", 1, 1})
		})
	}
}

func valuesOf(cells map[string]string) []string {
	var list []string
	for _, title := range sortedKeys(cells) {
		list = append(list, title+": "+cells[title])
	}
	return list
}

// The department resolved in time; what is overdue is the platform's figure.
func TestFalseOverdueIsThePlatformsFigure(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{})
	late := openRow("A-07", "KT")
	late.due = monday.AddDate(0, 0, -4)
	r.both("kt-book", late)
	r.books["kt-book"].put(late.closed(monday.AddDate(0, 0, -6)))
	r.read(t)
	r.compared(t)
	r.pass(r.workingHours(9).Sub(r.now()))
	r.read(t)
	r.compared(t)
	r.looked(t)
	told := r.byHand(t, "KT")
	words := wordsOf(t, content(t, told.Letter))
	_, rest, found := strings.Cut(words, "A. Số liệu của hệ thống cần chỉnh cho đúng (không tính là phòng giải quyết chậm)")
	figures, others, split := strings.Cut(rest, "C. Sai lệch khác")
	if !found || !split || !strings.Contains(figures, "A-07") || strings.Contains(figures, "A-01") || strings.Contains(others, "A-07") {
		t.Errorf("the letter does not word A-07, and it alone, as the platform's figure:\n%s", words)
	}
	if strings.Contains(words, "B. Hồ sơ thực tế quá hạn") {
		t.Errorf("the letter calls somebody late:\n%s", words)
	}
	line := linesOf(t, content(t, told.List))["A-07"]
	if got := line.cells["Ảnh hưởng đến hạn"]; got != reconcile.EffectLabels[reconcile.FalseOverdue] {
		t.Errorf("its effect on the list: %q", got)
	}
	forms, err := backend{r.Daemon}.Apology(context.Background(), access.Everything(), "KT")
	if !errors.Is(err, web.ErrNotFound) {
		t.Errorf("forms of apology: %v, %v; nobody is late", forms, err)
	}
}

// A letter says for ever what it said when it was made.
func TestOldLetterKeepsItsWords(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{})
	r.mornings(t)
	b := backend{r.Daemon}
	l := r.allLetters(t, "KT")[0]
	before := map[string]string{}
	get := func(format string) string {
		file, err := b.LetterFile(context.Background(), access.Only("KT"), l.ID, format)
		if err != nil {
			t.Fatal(err)
		}
		text := content(t, file)
		if format == "xlsx" { // whose parts are packed in any order
			return partsOf(t, text)
		}
		return string(text)
	}
	for _, format := range LetterFormats {
		before[format] = get(format)
	}
	ended := r.books["kt-book"].rows["A-01"]
	ended.updated = r.now()
	r.books["dvc"].put(ended)
	r.pass(3 * time.Hour)
	r.read(t)
	r.compared(t)
	if got := r.states(t, "A-01"); len(got) > 0 {
		t.Fatalf("A-01 still stands: %v", got)
	}
	for _, format := range LetterFormats {
		if get(format) != before[format] {
			t.Errorf("the %s of the letter is another one now", format)
		}
	}
	shown, err := b.Letter(context.Background(), access.Only("KT"), l.ID)
	if err != nil || shown.Items[0].State != reconcile.StateResolved {
		t.Errorf("the letter's page: %+v, %v; want it to tell that A-01 is resolved", shown, err)
	}
	for who, scope := range map[string]access.Scope{"TP": access.Only("TP"), "nobody": access.Only()} {
		if _, err := b.LetterFile(context.Background(), scope, l.ID, "pdf"); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("%s gets another department's letter: %v", who, err)
		}
	}
}
