package storetest

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// day is when the first poll of a test starts; each one after it a day later.
var day = time.Date(2018, 7, 2, 1, 0, 0, 0, time.UTC)

var shrink = reconcile.Limits{Percent: 10, Count: 5}

// row is a row as a source sends it. hidden is a column that no mapping reads.
type row struct {
	code, department, status, hidden string
	alias                            string
}

// tester is what both a test and one try of a property are.
type tester interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// book is a source under test: what it sends next, and when.
type book struct {
	t      tester
	db     *Database
	name   string
	side   reconcile.Side
	digest string
	inputs []string
	at     time.Time // start of the next poll
}

func newBook(t tester, db *Database, name string) *book {
	return &book{t: t, db: db, name: name, side: reconcile.Office, digest: "v1", inputs: []string{"code", "department", "status"}, at: day}
}

// reading is one poll of a book.
type reading struct {
	rows     []row
	rejected []reconcile.Rejected
	skipped  int
	mode     reconcile.Mode // "" is full
	total    int            // 0: none declared
	broken   reconcile.Cause
	repeated string
	whole    bool // begins like a full poll, though it is an incremental one
}

func (b *book) ref() store.SourceRef {
	return store.SourceRef{Name: b.name, Side: b.side, Layout: store.Layout{Digest: b.digest, Inputs: b.inputs}}
}

func (b *book) departmentOf(values []string) string {
	if at := slices.Index(b.inputs, "department"); at >= 0 && at < len(values) {
		return values[at]
	}
	return ""
}

// print is the fingerprint of the whole row, as an adapter would make it.
func (b *book) print(r row) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s|%+v", b.digest, r) // a hash never fails
	return h.Sum64()
}

// aliasOf is the row's alias, where the mapping reads it.
func (b *book) aliasOf(r row) string {
	if slices.Contains(b.inputs, "alias") {
		return r.alias
	}
	return ""
}

func (b *book) values(r row) []string {
	values := make([]string, len(b.inputs))
	for i, input := range b.inputs {
		values[i] = map[string]string{"code": r.code, "department": r.department, "status": r.status, "alias": r.alias}[input]
	}
	return values
}

// begin starts a poll and hands the rows over, without finishing it.
func (b *book) begin(r reading) *store.Incoming {
	b.t.Helper()
	begin := b.db.Store.Begin
	if r.mode == reconcile.Incremental && !r.whole {
		begin = b.db.Store.BeginIncremental
	}
	in, err := begin(context.Background(), b.ref(), b.departmentOf)
	if err != nil {
		b.t.Fatal(err)
	}
	b.fill(in, r)
	return in
}

func (b *book) fill(in *store.Incoming, r reading) {
	b.t.Helper()
	for _, row := range r.rows {
		print := b.print(row)
		if in.Seen(print) {
			continue
		}
		add := store.Row{Code: row.code, Fingerprint: print, Values: b.values(row), Department: row.department}
		if alias := b.aliasOf(row); alias != "" {
			add.Aliases = []string{alias}
		}
		if err := in.Add(&add); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, rejected := range r.rejected {
		if err := in.Reject(rejected); err != nil {
			b.t.Fatal(err)
		}
	}
	for range r.skipped {
		in.Skip()
	}
}

// poll is what the source says of a reading.
func (b *book) poll(r reading) reconcile.Poll {
	p := reconcile.Poll{
		Mode: r.mode, StartedAt: b.at, EndedAt: b.at.Add(time.Minute), EndReached: r.broken == "", Cause: r.broken,
		Repeated: r.repeated, DeclaredTotal: -1, Pages: 1, Requests: 1,
	}
	if p.Mode == "" {
		p.Mode = reconcile.Full
	}
	if r.total != 0 {
		p.DeclaredTotal = r.total
	}
	if r.broken != "" {
		p.Reason = "the connection broke"
	}
	return p
}

// finish ends a poll; the next one starts a day later.
func (b *book) finish(in *store.Incoming, r reading) reconcile.Snapshot {
	b.t.Helper()
	snap, err := in.Finish(context.Background(), b.poll(r), shrink)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.at = b.at.AddDate(0, 0, 1)
	return snap
}

// take polls once from beginning to end.
func (b *book) take(r reading) reconcile.Snapshot {
	b.t.Helper()
	return b.finish(b.begin(r), r)
}

// accepted is take, where the snapshot must be accepted.
func (b *book) accepted(r reading) reconcile.Snapshot {
	b.t.Helper()
	snap := b.take(r)
	if snap.State != reconcile.SnapshotAccepted {
		b.t.Fatalf("snapshot is %s: %s", snap.State, snap.Reason)
	}
	return snap
}

// accept lets a held snapshot through.
func (b *book) accept(id int64) (*reconcile.Snapshot, error) {
	return b.db.Store.AcceptSnapshot(context.Background(), id, "Lan", b.at,
		func(_ string, values []string) string { return b.departmentOf(values) })
}

// dossiers is n rows of a department, in progress.
func dossiers(department string, from, n int) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{code: fmt.Sprintf("%s-%05d", department, from+i), department: department, status: "processing"}
	}
	return rows
}

// held is what the store holds, a line a row and a version, in order of code.
func held(t tester, db *Database) []string {
	t.Helper()
	return lines(read(t, db.Store, 0))
}

// read reads all dossiers in 2^bits ranges.
func read(t tester, s *store.Store, bits uint) []store.Dossier {
	t.Helper()
	reader, err := s.NewReader(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var all []store.Dossier
	for n := range 1 << bits {
		part, err := reader.ReadRange(context.Background(), n, bits)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part...)
	}
	return all
}

// lines is dossiers in the order of their codes.
func lines(list []store.Dossier) []string {
	out := describe(list)
	slices.SortStableFunc(out, func(a, b string) int {
		a, _, _ = strings.Cut(a, " ")
		b, _, _ = strings.Cut(b, " ")
		return strings.Compare(a, b)
	})
	return out
}

// describe is dossiers as they come, a line a row, a version and a discrepancy.
func describe(list []store.Dossier) []string {
	var out []string
	for _, d := range list {
		for i := range d.Rows {
			out = append(out, d.Code+" "+line(&d.Rows[i])+" "+since(d.Rows[i].SeenFrom))
		}
		for _, v := range d.Versions {
			text := d.Code + " was " + line(&v.StoredRow) + " " + since(v.SeenFrom) + "–" + since(v.SeenUntil)
			if v.Gone {
				text += " gone"
			}
			out = append(out, text)
		}
		for _, x := range d.Discrepancies {
			out = append(out, d.Code+" "+string(x.Kind))
		}
	}
	return out
}

func line(r *store.StoredRow) string {
	text := r.Source + ":" + strings.Join(r.Values, ",")
	if r.Unreadable {
		text += "unreadable"
	}
	return text
}

// since is a moment as the number of its day in the test, the first being 1.
func since(ms int64) string {
	if ms == 0 {
		return "?"
	}
	return fmt.Sprintf("d%d", 1+int(time.UnixMilli(ms).Sub(day)/(24*time.Hour)))
}

// tables are all tables but those of goose.
var tables = []string{
	"settings", "sources", "layouts", "snapshots", "rejected_rows", "record_blocks", "fingerprint_blocks", "row_versions",
	"aliases", "held_changes", "changed_dossiers", "outcome_blocks", "discrepancies", "discrepancy_events", "runs",
	"loose_rows", "loose_outcomes", "waiting_dossiers", "looks", "discrepancy_totals", "day_counts",
	"accounts", "sessions", "api_tokens", "audit_entries", "letters", "letter_items", "reminders", "deliveries",
}

// dump is every row of every table but the named ones.
func dump(t tester, db *Database, without ...string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range tables {
		if slices.Contains(without, table) {
			continue
		}
		rows, err := db.SQL.Queryx("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.SliceScan()
			if err != nil {
				t.Fatal(err)
			}
			out[table] = append(out[table], fmt.Sprintf("%q", values))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(out[table])
	}
	return out
}

// empty deletes everything but the settings.
func empty(t tester, db *Database) {
	t.Helper()
	for _, table := range slices.Backward(tables) { // those that are referred to come first
		if table == "settings" {
			continue
		}
		if _, err := db.SQL.Exec("DELETE FROM " + table); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t tester, db *Database, query string) int {
	t.Helper()
	var n int
	if err := db.SQL.Get(&n, query); err != nil {
		t.Fatal(err)
	}
	return n
}

// changed is the codes, of those given, that wait for a comparison.
func changed(t tester, db *Database, codes ...string) []string {
	t.Helper()
	var keys []store.Key
	if err := db.SQL.Select(&keys, "SELECT DISTINCT dossier_key FROM changed_dossiers"); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, code := range codes {
		if at := slices.Index(keys, store.KeyOf(code)); at >= 0 {
			out = append(out, code)
			keys = slices.Delete(keys, at, at+1)
		}
	}
	if len(keys) > 0 {
		out = append(out, fmt.Sprintf("and %d others", len(keys)))
	}
	return out
}

// forget makes the store think that everything was compared.
func forget(t tester, db *Database) {
	t.Helper()
	if _, err := db.SQL.Exec("DELETE FROM changed_dossiers"); err != nil {
		t.Fatal(err)
	}
}

func same(t tester, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// says fails unless err says all of the words.
func says(t tester, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("error %v does not say %q", err, word)
		}
	}
}
