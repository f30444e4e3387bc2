package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// listed is a rig whose department KT has three to answer for.
func answering(t *testing.T, url string) *rig {
	t.Helper()
	r := quiet(t, rigOptions{store: url})
	for _, code := range []string{"A-01", "A-02", "A-03"} {
		r.books["kt-book"].put(openRow(code, "KT").closed(r.now()))
	}
	r.books["tp-book"].put(openRow("B-01", "TP").closed(r.now()))
	r.read(t)
	r.compared(t)
	r.graceOver(t)
	r.looked(t)
	for _, code := range []string{"A-01", "A-02", "A-03", "B-01"} {
		r.isIn(t, code, reconcile.StateOpen, "", "")
	}
	return r
}

// isIn holds a dossier's discrepancy against what is wanted of it.
func (r *rig) isIn(t *testing.T, code string, state reconcile.State, note, by string) {
	t.Helper()
	for _, d := range r.listed(t, storeAll) {
		if d.ID != idOf(reconcile.ResolvedNotClosed, code) {
			continue
		}
		if d.State != state || d.Note != note || d.SetBy != by {
			t.Errorf("%s is %s, %q by %q; want %s, %q by %q", code, d.State, d.Note, d.SetBy, state, note, by)
		}
		return
	}
	t.Errorf("%s has no discrepancy", code)
}

// uploads hands a list in.
func (r *rig) uploads(who *access.Principal, text []byte) (*web.AnswersTaken, error) {
	return backend{r.Daemon}.Answers(context.Background(), who, bytes.NewReader(text), int64(len(text)))
}

// refuses wants a list refused for these reasons, and nothing changed by it.
func (r *rig) refuses(t *testing.T, who *access.Principal, text []byte, words ...string) {
	t.Helper()
	before := r.listed(t, storeAll)
	taken, err := r.uploads(who, text)
	var refused *web.Refused
	if !errors.As(err, &refused) {
		t.Errorf("taken: %+v, %v; want it refused", taken, err)
		return
	}
	for _, word := range words {
		if !strings.Contains(strings.Join(refused.En, "\n"), word) && !strings.Contains(strings.Join(refused.Vi, "\n"), word) {
			t.Errorf("it does not tell %q:\n%s\n%s", word, strings.Join(refused.En, "\n"), strings.Join(refused.Vi, "\n"))
		}
	}
	if len(refused.Vi) != len(refused.En) {
		t.Errorf("not the same in both languages: %q, %q", refused.Vi, refused.En)
	}
	if diff := gocmp.Diff(before, r.listed(t, storeAll)); diff != "" {
		t.Errorf("a list that was refused changed something:\n%s", diff)
	}
}

func TestListIsFilledInAndTaken(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := answering(t, url)
		made := r.now()
		list := r.list(t, "KT")
		r.pass(2 * time.Hour)
		answered := filledIn(t, list, map[string]string{"A-01": "  Đã trả kết quả, chưa kịp cập nhật ", "A-02": "=HYPERLINK(1)"})
		taken, err := r.uploads(ofKT, answered)
		want := &web.AnswersTaken{Department: "KT", MadeAt: web.Stamp(made, vietnam), Acknowledged: 2, Empty: 1}
		if diff := gocmp.Diff(want, taken); diff != "" || err != nil {
			t.Fatalf("taken (-want +got): %v\n%s", err, diff)
		}
		r.isIn(t, "A-01", reconcile.StateAcknowledged, "Đã trả kết quả, chưa kịp cập nhật", "kinhte")
		r.isIn(t, "A-02", reconcile.StateAcknowledged, "=HYPERLINK(1)", "kinhte")
		r.isIn(t, "A-03", reconcile.StateOpen, "", "")

		// The same file again, from the mail of yesterday, changes nothing.
		before := r.listed(t, storeAll)
		r.pass(time.Hour)
		if taken, err = r.uploads(ofKT, answered); err != nil || taken.Acknowledged != 0 || taken.Unchanged != 2 || taken.Empty != 1 {
			t.Errorf("taken again: %+v, %v", taken, err)
		}
		if diff := gocmp.Diff(before, r.listed(t, storeAll)); diff != "" {
			t.Errorf("taken again it changed something:\n%s", diff)
		}

		// A new list carries the answers, as text; left as they are they are no new ones.
		next := r.list(t, "KT")
		lines := linesOf(t, next)
		if got := lines["A-02"].cells["Ý kiến của phòng"]; !strings.HasSuffix(got, "=HYPERLINK(1)") {
			t.Errorf("the answer on the next list: %q", got)
		}
		if taken, err = r.uploads(ofBoth, filledIn(t, next, map[string]string{"A-03": "chờ bổ sung"})); err != nil || taken.Acknowledged != 1 || taken.Unchanged != 2 {
			t.Errorf("the next list: %+v, %v", taken, err)
		}
		r.isIn(t, "A-01", reconcile.StateAcknowledged, "Đã trả kết quả, chưa kịp cập nhật", "kinhte")
		r.isIn(t, "A-03", reconcile.StateAcknowledged, "chờ bổ sung", "haiphong")

		// Another word on the same.
		if taken, err = r.uploads(ofKT, filledIn(t, next, map[string]string{"A-01": "đã cập nhật xong"})); err != nil || taken.Acknowledged != 1 {
			t.Errorf("another word: %+v, %v", taken, err)
		}
		r.isIn(t, "A-01", reconcile.StateAcknowledged, "đã cập nhật xong", "kinhte")
		r.goesTo(t, r.workingHours(10))
		r.isIn(t, "A-01", reconcile.StateAcknowledged, "đã cập nhật xong", "kinhte")
	})
}

func TestListsThatAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	r := answering(t, "")
	lists := map[string][]byte{"KT": r.list(t, "KT"), "TP": r.list(t, "TP")}
	answer := func(code string) []byte {
		department := map[byte]string{'A': "KT", 'B': "TP"}[code[0]]
		return filledIn(t, lists[department], map[string]string{code: "đã xong"})
	}
	for name, c := range map[string]struct {
		who   *access.Principal
		text  []byte
		words []string
	}{
		"another department's":               {ofTP, answer("A-01"), []string{"another department's", "KT", "phòng khác"}},
		"a department that is none any more": {centre, []byte(strings.Repeat("x", 100)), nil},
		"no workbook":                        {ofKT, []byte("STT,Mã hồ sơ\n1,A-01\n"), nil},
		"an empty file":                      {ofKT, nil, nil},
		"half a file":                        {ofKT, answer("A-01")[:2000], nil},
	} {
		t.Run(name, func(t *testing.T) { r.refuses(t, c.who, c.text, c.words...) })
	}
	if taken, err := r.uploads(ofBoth, answer("B-01")); err != nil || taken.Department != "TP" || taken.Acknowledged != 1 {
		t.Errorf("who is of both departments: %+v, %v", taken, err)
	}
	if taken, err := r.uploads(centre, answer("A-03")); err != nil || taken.Acknowledged != 1 {
		t.Errorf("the centre: %+v, %v", taken, err)
	}
}

// An old file is refused with its rows and reasons, and what of it would hold is not
// taken either.
func TestAnswersToWhatHasChanged(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, *rig)
		words  []string
	}{
		"the values are others now": {func(_ *testing.T, r *rig) {
			r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now().AddDate(0, 0, -3)))
		}, []string{"A-01", "row 5", "dòng 5", "values have changed", "số liệu"}},
		"it is resolved": {func(_ *testing.T, r *rig) {
			r.books["dvc"].put(openRow("A-01", "KT").closed(r.now()))
			r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
		}, []string{"A-01", "resolved already", "đã được xử lý xong"}},
		"it is waived": {func(t *testing.T, r *rig) {
			t.Helper()
			if _, err := (backend{r.Daemon}).Waive(context.Background(), centre, []string{idOf(reconcile.ResolvedNotClosed, "A-01")}, "2018-06-29", "đã thống nhất"); err != nil {
				t.Fatal(err)
			}
		}, []string{"A-01", "waived", "tạm không nhắc"}},
		"it is another department's": {func(_ *testing.T, r *rig) {
			moved := openRow("A-01", "TP").closed(r.now())
			r.books["dvc"].put(openRow("A-01", "TP"))
			r.books["kt-book"].remove("A-01")
			r.books["tp-book"].put(moved)
		}, []string{"A-01"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, "")
			line := linesOf(t, r.list(t, "KT"))["A-01"]
			text := filledIn(t, r.list(t, "KT"), map[string]string{"A-01": "đã xong", "A-02": "đã xong"})
			c.change(t, r)
			r.pass(time.Hour)
			r.readAll(t)
			r.compared(t)
			r.looked(t)
			for i := range c.words {
				c.words[i] = strings.ReplaceAll(c.words[i], " 5", fmt.Sprintf(" %d", line.row))
			}
			r.refuses(t, ofKT, text, c.words...)
			r.isIn(t, "A-02", reconcile.StateOpen, "", "")
		})
	}
}

// Two people of two departments hand in their lists at once.
func TestTwoDepartmentsAnswerAtOnce(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := answering(t, url)
		files := map[*access.Principal][]byte{
			ofKT: filledIn(t, r.list(t, "KT"), map[string]string{"A-01": "kt", "A-02": "kt", "A-03": "kt"}),
			ofTP: filledIn(t, r.list(t, "TP"), map[string]string{"B-01": "tp"}),
		}
		ended := make(chan error, 2*len(files))
		for range 2 {
			for who, text := range files {
				go func() {
					_, err := r.uploads(who, text)
					ended <- err
				}()
			}
		}
		for range cap(ended) {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		for _, code := range []string{"A-01", "A-02", "A-03"} {
			r.isIn(t, code, reconcile.StateAcknowledged, "kt", "kinhte")
		}
		r.isIn(t, "B-01", reconcile.StateAcknowledged, "tp", "tuphap")
	})
}
