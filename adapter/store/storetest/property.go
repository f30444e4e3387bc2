package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var propertyTests = []test{{"any sequence of polls leaves what a simple model says", anySequence}}

// anySequence takes random polls into the store and into the model. All tries
// share one database, which is emptied before each.
func anySequence(t *testing.T, db *Database) {
	most := 0
	if db.Store.Kind() == "postgres" { // the same code runs; a server only makes it slow
		most = 15
	}
	try := 0
	rapid.Check(t, func(rt *rapid.T) {
		if try++; most > 0 && try > most {
			return
		}
		empty(rt, db)
		s := &sequence{rt: rt, db: db, model: newModel(), prefix: fmt.Sprintf("T%d-", try)}
		s.book = newBook(rt, db, fmt.Sprint("book ", try))
		for range rapid.IntRange(1, 12).Draw(rt, "polls") {
			if s.held != nil && rapid.IntRange(0, 2).Draw(rt, "accept") == 0 {
				s.accept()
			} else {
				s.poll()
			}
			s.check()
		}
	})
}

type sequence struct {
	rt     *rapid.T
	db     *Database
	book   *book
	model  *model
	prefix string
	rows   []row // what the source holds
	held   *heldModel
}

// heldModel is what the model would be if a held snapshot were accepted.
type heldModel struct {
	id      int64
	snap    reconcile.Snapshot
	model   *model
	overrun bool
	inputs  []string
	digest  string
}

func (s *sequence) draw(name string, n int) int { return rapid.IntRange(0, n-1).Draw(s.rt, name) }

var drawnLayouts = []struct {
	digest string
	inputs []string
}{
	{"v1", []string{"code", "department", "status"}},
	{"v2", []string{"status", "alias", "department", "code"}},
	{"v3", []string{"department", "code"}},
	{"v4", []string{"department", "code", "alias"}},
}

// drawRow draws a row of few codes and few values, so that they meet.
func (s *sequence) drawRow() row {
	r := row{
		code:       fmt.Sprint(s.prefix, s.draw("code", 12)),
		department: []string{"TP", "NV"}[s.draw("department", 2)],
		status:     []string{"processing", "resolved"}[s.draw("status", 2)],
		hidden:     []string{"", "x", "y"}[s.draw("hidden", 3)],
	}
	if n := s.draw("alias", 6); n < 2 {
		r.alias = fmt.Sprint(s.prefix, "old ", n)
	}
	return r
}

func (s *sequence) drawReading() reading {
	var r reading
	switch s.draw("how much changes", 8) {
	case 0:
		s.rows = nil
	case 1:
		s.rows = s.rows[:len(s.rows)/2]
	case 2: // nothing
	default:
		for range s.draw("changes", 5) {
			if len(s.rows) > 0 && s.draw("removed", 2) == 0 {
				at := s.draw("row", len(s.rows))
				s.rows = slices.Delete(slices.Clone(s.rows), at, at+1)
			}
			s.rows = append(slices.Clone(s.rows), s.drawRow())
		}
	}
	r.rows = slices.Clone(s.rows)
	if s.draw("incremental", 2) == 0 {
		r.mode = reconcile.Incremental
		r.whole = s.draw("begins like a full poll", 3) == 0
		r.rows = slices.DeleteFunc(r.rows, func(row) bool { return s.draw("left out", 2) == 0 })
	}
	for range s.draw("rejected", 3) {
		code := fmt.Sprint(s.prefix, s.draw("rejected code", 12))
		if s.draw("rejected how", 3) > 0 { // in place of its row
			r.rows = slices.DeleteFunc(r.rows, func(row row) bool { return row.code == code })
		}
		r.rejected = append(r.rejected, reconcile.Rejected{Code: code, Cause: "date"})
	}
	if s.draw("rejected without a code", 6) == 0 {
		r.rejected = append(r.rejected, reconcile.Rejected{Cause: "code"})
	}
	r.skipped = s.draw("skipped", 3)
	r.rows = rapid.Permutation(r.rows).Draw(s.rt, "order")
	switch s.draw("fault", 12) {
	case 0:
		r.broken = reconcile.CauseHTTP5xx
	case 1:
		r.repeated = "page 2"
	case 2:
		r.total = 1 + s.draw("total", 20)
	}
	return r
}

func (s *sequence) poll() {
	if s.draw("layout changes", 6) == 0 {
		l := drawnLayouts[s.draw("layout", len(drawnLayouts))]
		s.book.digest, s.book.inputs = l.digest, l.inputs
	}
	r := s.drawReading()
	next := s.model.take(s.book.name, s.book, r)
	want := reconcile.Snapshot{Poll: s.book.poll(r), Rows: len(r.rows), Rejected: len(r.rejected), Skipped: r.skipped}
	prints := map[uint64]bool{}
	for _, row := range r.rows {
		prints[s.book.print(row)] = true
	}
	want.Distinct = len(prints) + len(r.rejected) + r.skipped
	want.Records, want.Departments = next.records()
	want.Judge(s.model.last, shrink)

	got := s.book.take(r)
	if got.State != want.State || got.Reason != want.Reason || got.Rows != want.Rows || got.Rejected != want.Rejected {
		s.rt.Fatalf("got %+v\nwant %+v", got, want)
	}
	if got.State == reconcile.SnapshotAccepted || got.State == reconcile.SnapshotHeld {
		s.same("distinct, records", []int{want.Distinct, want.Records}, []int{got.Distinct, got.Records})
		s.same("departments", want.Departments, got.Departments)
	}
	switch got.State {
	case reconcile.SnapshotAccepted:
		next.last, s.model = &got, next
		if s.held != nil {
			s.held.overrun = true
		}
	case reconcile.SnapshotHeld:
		s.held = &heldModel{id: got.ID, snap: got, model: next, inputs: s.book.inputs, digest: s.book.digest}
	}
}

func (s *sequence) accept() {
	held := s.held
	s.held = nil
	// departmentOf is asked about the layout of the held snapshot.
	inputs, digest := s.book.inputs, s.book.digest
	s.book.inputs, s.book.digest = held.inputs, held.digest
	got, err := s.book.accept(held.id)
	s.book.inputs, s.book.digest = inputs, digest
	if held.overrun {
		if err == nil {
			s.rt.Fatal("an overtaken snapshot was accepted")
		}
		return
	}
	if err != nil {
		s.rt.Fatal(err)
	}
	s.same("departments", held.snap.Departments, got.Departments)
	held.model.last, s.model = got, held.model
}

// check compares everything that is kept of the source.
func (s *sequence) check() {
	list := read(s.rt, s.db.Store, uint(s.draw("bits", 5)))
	for i := range list {
		list[i].Rows = slices.DeleteFunc(list[i].Rows, func(r store.StoredRow) bool { return r.Source != s.book.name })
		list[i].Versions = slices.DeleteFunc(list[i].Versions, func(v store.StoredVersion) bool { return v.Source != s.book.name })
	}
	s.same("rows", s.model.lines(s.book.name), lines(list))
	s.byKey(list)

	var kept [][2]store.Key
	rows, err := s.db.SQL.Queryx(s.db.SQL.Rebind("SELECT dossier_key, alias_key FROM aliases WHERE source_id = (SELECT id FROM sources WHERE name = ?)"), s.book.name)
	if err != nil {
		s.rt.Fatal(err)
	}
	for rows.Next() {
		var p [2]store.Key
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			s.rt.Fatal(err)
		}
		kept = append(kept, p)
	}
	if err := rows.Err(); err != nil {
		s.rt.Fatal(err)
	}
	want := map[[2]store.Key]bool{}
	for pair := range s.model.aliases() {
		want[[2]store.Key{store.KeyOf(pair[0]), store.KeyOf(pair[1])}] = true
	}
	got := map[[2]store.Key]bool{}
	for _, p := range kept {
		got[p] = true
	}
	s.same("aliases", want, got)

	var keys []store.Key
	if err := s.db.SQL.Select(&keys, "SELECT DISTINCT dossier_key FROM changed_dossiers"); err != nil {
		s.rt.Fatal(err)
	}
	var codes []string
	for _, code := range s.codes() {
		if slices.Contains(keys, store.KeyOf(code)) {
			codes = append(codes, code)
		}
	}
	s.same("changed", slices.Sorted(maps.Keys(s.model.changed)), codes)
}

// byKey makes sure that looking dossiers up finds what reading all of them does.
func (s *sequence) byKey(list []store.Dossier) {
	reader, err := s.db.Store.NewReader(s.rt.Context())
	if err != nil {
		s.rt.Fatal(err)
	}
	var keys []store.Key
	for _, code := range s.codes() {
		keys = append(keys, store.KeyOf(code))
	}
	slices.Sort(keys)
	got, err := reader.ReadKeys(s.rt.Context(), keys, nil)
	if err != nil {
		s.rt.Fatal(err)
	}
	s.same("looked up", lines(list), lines(got))
}

func (s *sequence) codes() []string {
	codes := []string{s.prefix + "old 0", s.prefix + "old 1"}
	for n := range 12 {
		codes = append(codes, fmt.Sprint(s.prefix, n))
	}
	slices.SortFunc(codes, strings.Compare)
	return codes
}

func (s *sequence) same(what string, want, got any) {
	s.rt.Helper()
	before := failures{}
	same(&before, what, want, got)
	if before.text != "" {
		s.rt.Fatal(before.text)
	}
}

// failures keeps what a check says, so that a property can stop at it.
type failures struct{ text string }

func (f *failures) Helper()                      {}
func (f *failures) Error(args ...any)            { f.text = fmt.Sprint(args...) }
func (f *failures) Errorf(s string, args ...any) { f.text = fmt.Sprintf(s, args...) }
func (f *failures) Fatal(args ...any)            { f.Error(args...) }
func (f *failures) Fatalf(s string, args ...any) { f.Errorf(s, args...) }
