package app

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

func TestLooksAtADossierOfSeveralCodes(t *testing.T) {
	early, late := monday, monday.Add(time.Minute)
	l := looks{}
	l.put(1, "dvc", early)
	l.put(2, "dvc", late)
	l.put(1, "book", time.Time{})
	l.put(2, "book", late)
	l.put(3, "dvc", time.Time{})
	l[4] = nil
	dossier := func(keys ...store.Key) (list []*store.Dossier) {
		for _, key := range keys {
			list = append(list, &store.Dossier{Key: key})
		}
		return list
	}
	cases := map[string]struct {
		keys []store.Key
		want map[string]time.Time
	}{
		"one code, one answer":                       {[]store.Key{1}, map[string]time.Time{"dvc": early}},
		"one code, both answers":                     {[]store.Key{2}, map[string]time.Time{"dvc": late, "book": late}},
		"two codes: the earlier answer, if both are": {[]store.Key{1, 2}, map[string]time.Time{"dvc": early}},
		"one of the codes was not answered for":      {[]store.Key{2, 3}, map[string]time.Time{"book": late}},
		"no answer":                                  {[]store.Key{3}, nil},
		"nobody could be asked":                      {[]store.Key{4}, nil},
		"not looked at":                              {[]store.Key{5}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := gocmp.Diff(c.want, l.of(dossier(c.keys...))); diff != "" {
				t.Errorf("looks (-want +got):\n%s", diff)
			}
		})
	}
	l.put(3, "dvc", late)
	if diff := gocmp.Diff(map[string]time.Time{"dvc": late}, l.of(dossier(3))); diff != "" {
		t.Errorf("an answer takes the place of none:\n%s", diff)
	}
}

func TestKeptAsItWasBeforeTheLook(t *testing.T) {
	wake := monday.Add(time.Hour)
	suspected := func(id, values string, unstable bool) reconcile.Discrepancy {
		return reconcile.Discrepancy{ID: id, State: reconcile.StateSuspected, Values: values, Unstable: unstable, WakeAt: wake}
	}
	open := suspected("open", "new", false)
	open.State = reconcile.StateOpen
	kept := []reconcile.Discrepancy{suspected("same", "v", false), suspected("moved", "new", false), suspected("unstable", "v", true), open}
	before := map[string]string{"same": "v", "moved": "old", "unstable": "v", "open": "old"}
	moved, unstable := suspected("moved", "old", false), suspected("unstable", "v", true)
	moved.WakeAt, unstable.WakeAt = time.Time{}, time.Time{}
	want := []reconcile.Discrepancy{kept[0], moved, unstable, open}
	if diff := gocmp.Diff(want, asBefore(kept, before)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if kept[1].Values != "new" || !kept[2].WakeAt.Equal(wake) {
		t.Error("what was read from the store was changed in place")
	}
}

// How long corrections take is counted of what was open, and of nothing else.
func TestCorrectionIsCountedOfWhatWasOpen(t *testing.T) {
	t.Parallel()
	r := quiet(t, rigOptions{})
	const counted = `doisoat_correction_duration_seconds_count{kind="resolved_not_closed"} `
	r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
	r.read(t)
	r.compared(t)
	r.books["dvc"].put(openRow("A-01", "KT").closed(r.now()))
	r.read(t)
	r.compared(t)
	shows(t, r.scrape(t), counted+"0")
	r.stands(t, "A-02")
	r.pass(time.Hour)
	r.books["dvc"].put(openRow("A-02", "KT").closed(r.now()))
	r.read(t)
	r.compared(t)
	shows(t, r.scrape(t), counted+"1")
}
