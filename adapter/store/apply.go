package store

import (
	"context"
	"slices"

	"github.com/jmoiron/sqlx"
)

// fullCompareAbove: where one snapshot changes more dossiers than this, they are
// not listed one by one; the next comparison is a full one.
const fullCompareAbove = 50000

// settingCompareAll, while it is "yes", makes the next comparison a full one.
const settingCompareAll = "compare_all"

// run merges the buckets that something new came for or something is missing
// from, and writes what changed.
func (a *application) run(ctx context.Context) error {
	a.loose = a.in.source.Loose
	if a.in.known == nil && !a.rewrite && a.loose+a.in.spill.rows <= looseUpTo(a.records) {
		if err := a.oneByOne(ctx); err != nil {
			return err
		}
		return a.flush(ctx)
	}
	if err := a.touched(ctx); err != nil {
		return err
	}
	if a.merger.full && !a.rewrite && a.unseen < a.in.known.missingRows() {
		if err := a.untouched(ctx); err != nil {
			return err
		}
	}
	if a.loose > 0 {
		a.loose = 0
		if _, err := a.tx.ExecContext(ctx, a.store.bind(`DELETE FROM loose_rows WHERE source_id = ?`), a.in.source.ID); err != nil {
			return err
		}
	}
	if err := a.flush(ctx); err != nil {
		return err
	}
	return a.dropOldSpace(ctx)
}

func (a *application) flush(ctx context.Context) error {
	for _, b := range []*bulk{a.blocks, a.prints, a.looseRows, a.versions, a.changed, a.aliases} {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	if a.changes > fullCompareAbove {
		return a.store.set(ctx, a.tx, settingCompareAll, "yes")
	}
	return nil
}

// touched merges the buckets that new rows fall into, or that rows are loose of; all
// where blocks move.
func (a *application) touched(ctx context.Context) error {
	loose, err := a.looseBuckets(ctx)
	if err != nil {
		return err
	}
	parts := 1 // what is in memory at once
	for parts < spillParts && parts < 1<<a.bits && a.in.spill.rows/parts > 1<<14 {
		parts *= 2
	}
	if a.merger.full {
		a.done = make([]bool, 1<<a.bits)
	}
	for part := range parts {
		fresh, err := a.in.spill.take(part*spillParts/parts, (part+1)*spillParts/parts)
		if err != nil {
			return err
		}
		last := 1<<a.bits/parts*(part+1) - 1
		var todo []piece
		for bucket := 1 << a.bits / parts * part; a.rewrite && bucket <= last; bucket++ {
			todo = append(todo, piece{bucket: bucket})
		}
		for len(loose) > 0 && loose[0] <= last {
			if !a.rewrite {
				todo = append(todo, piece{bucket: loose[0]})
			}
			loose = loose[1:]
		}
		if err := a.pieces(ctx, withFresh(todo, fresh, a.bits)); err != nil {
			return err
		}
	}
	return nil
}

// withFresh adds what came to the buckets it falls into, in order.
func withFresh(todo []piece, fresh []Row, bits uint) []piece {
	out := make([]piece, 0, len(todo))
	for len(todo) > 0 || len(fresh) > 0 {
		p := piece{bucket: 1 << bits}
		if len(todo) > 0 {
			p = todo[0]
		}
		if len(fresh) > 0 {
			p.bucket = min(p.bucket, bucketOf(fresh[0].key, bits))
		}
		if len(todo) > 0 && p.bucket == todo[0].bucket {
			todo = todo[1:]
		}
		end := 0
		for end < len(fresh) && bucketOf(fresh[end].key, bits) == p.bucket {
			end++
		}
		p.fresh, fresh = fresh[:end], fresh[end:]
		out = append(out, p)
	}
	return out
}

// looseBuckets are the buckets that rows are loose of, in order.
func (a *application) looseBuckets(ctx context.Context) ([]int, error) {
	if a.in.source.Loose == 0 {
		return nil, nil
	}
	var keys []Key
	if a.in.known != nil {
		keys = a.in.known.loose
	} else if err := a.tx.SelectContext(ctx, &keys, a.store.bind(`SELECT dossier_key FROM loose_rows WHERE source_id = ? ORDER BY dossier_key`), a.in.source.ID); err != nil {
		return nil, err
	}
	buckets := make([]int, len(keys))
	for i, key := range keys {
		buckets[i] = bucketOf(key, a.bits)
	}
	return slices.Compact(buckets), nil
}

// piece is a bucket to merge, and what came for it.
type piece struct {
	bucket int
	fresh  []Row
}

// pieces merges buckets, which must be in order.
func (a *application) pieces(ctx context.Context, todo []piece) error {
	for some := range slices.Chunk(todo, heldBlocks) {
		if err := a.fetch(ctx, some); err != nil {
			return err
		}
		for _, p := range some {
			if err := a.bucket(ctx, p.bucket, p.fresh); err != nil {
				return err
			}
		}
	}
	return nil
}

// untouched merges the buckets that nothing new came for, but from which a row
// is missing. As a rule there are none: a row that changed is missing where its
// new content came.
func (a *application) untouched(ctx context.Context) error {
	if err := a.in.settle(ctx, a.tx); err != nil {
		return err
	}
	var todo []piece
	for bucket, done := range a.done {
		if !done && a.in.known.unseenIn(bucket) {
			todo = append(todo, piece{bucket: bucket})
		}
	}
	return a.pieces(ctx, todo)
}

// settle works out which of the rows held came again.
func (in *Incoming) settle(ctx context.Context, tx *sqlx.Tx) error {
	return in.known.settle(func(do func([]byte)) error {
		if err := in.store.eachPrints(ctx, tx, in.source, func(_ int, data []byte) { do(data) }); err != nil {
			return err
		}
		return in.store.eachLoose(ctx, tx, in.source, looseAll, nil, func(l looseRows) { do(packFingerprints(l.rows)) })
	})
}

// bucket merges one bucket of those last fetched.
func (a *application) bucket(ctx context.Context, bucket int, fresh []Row) error {
	if a.done != nil {
		a.done[bucket] = true
	}
	old, places, err := a.oldRows(ctx, a.oldBucket(bucket))
	if err != nil {
		return err
	}
	// On a rewrite several new buckets come out of an old one.
	lo, hi := 0, len(old)
	if a.bits != a.in.source.BucketBits {
		for lo < len(old) && bucketOf(old[lo].key, a.bits) < bucket {
			lo++
		}
		hi = lo
		for hi < len(old) && bucketOf(old[hi].key, a.bits) == bucket {
			hi++
		}
	}
	var came func(i int) bool
	if a.in.known != nil {
		came = func(i int) bool { return a.in.known.came(places(lo+i), old[lo+i].Fingerprint) }
		for i := range old[lo:hi] {
			if !came(i) {
				a.unseen++
			}
		}
	}
	out := a.merger.bucket(old[lo:hi], came, fresh)
	a.records += len(out.rows) - (hi - lo)
	a.repeated += out.repeated
	if out.same && !a.rewrite && !a.unpacked.loose {
		return nil
	}
	return a.write(ctx, bucket, &out)
}

func (a *application) oldBucket(bucket int) int { return bucket >> (a.bits - a.in.source.BucketBits) }

// write keeps a merged bucket.
func (a *application) write(ctx context.Context, bucket int, out *merged) error {
	id := blockID(a.space, bucket)
	if len(out.rows) > 0 || !a.rewrite {
		var data []byte
		data, a.scratch = packBlock(a.in.layout, out.rows, a.scratch)
		if err := a.blocks.add(ctx, id, data); err != nil {
			return err
		}
		if err := a.prints.add(ctx, id, packFingerprints(out.rows)); err != nil {
			return err
		}
	}
	return a.account(ctx, out)
}

// account keeps what follows from a merge: the versions that are history now, the
// dossiers that changed, the aliases and the numbers by department.
func (a *application) account(ctx context.Context, out *merged) error {
	for i := range out.rows {
		row := &out.rows[i]
		if !row.added {
			continue
		}
		if !row.Unreadable {
			a.won[row.Department]++
		}
		for _, alias := range row.Aliases {
			if err := a.aliases.add(ctx, a.in.source.ID, row.key, KeyOf(alias)); err != nil {
				return err
			}
		}
	}
	for i := range out.removed {
		if !out.removed[i].Unreadable {
			a.lost[a.in.departmentOf(out.removed[i].Values)]++
		}
	}
	for _, v := range out.versions {
		if err := a.versions.add(ctx, v.row.key, a.in.source.ID, v.row.Code, a.in.layout, appendTexts(nil, v.row.Values),
			v.row.SeenFrom, v.until, boolInt(v.gone)); err != nil {
			return err
		}
	}
	if err := a.dropAliases(ctx, out); err != nil {
		return err
	}
	for _, key := range out.changed {
		if err := a.change(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// change marks a dossier for the next comparison.
func (a *application) change(ctx context.Context, key Key) error {
	if a.changes++; a.changes > fullCompareAbove {
		return nil
	}
	return a.changed.add(ctx, key, a.in.source.ID)
}

// dropAliases forgets the aliases that no row of their dossier has any longer.
// What they joined must be compared again, each by itself.
func (a *application) dropAliases(ctx context.Context, out *merged) error {
	type pair struct{ dossier, alias Key }
	gone := map[pair]bool{}
	for i := range out.removed {
		for _, alias := range out.removed[i].Aliases {
			gone[pair{out.removed[i].key, KeyOf(alias)}] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	for i := range out.rows {
		for _, alias := range out.rows[i].Aliases {
			delete(gone, pair{out.rows[i].key, KeyOf(alias)})
		}
	}
	if err := a.aliases.flush(ctx); err != nil {
		return err
	}
	query := a.store.bind(`DELETE FROM aliases WHERE source_id = ? AND dossier_key = ? AND alias_key = ?`)
	for p := range gone {
		if _, err := a.tx.ExecContext(ctx, query, a.in.source.ID, p.dossier, p.alias); err != nil {
			return err
		}
		for _, key := range []Key{p.dossier, p.alias} {
			if err := a.change(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropOldSpace removes the blocks that a rewrite left behind.
func (a *application) dropOldSpace(ctx context.Context) error {
	old := a.in.source.BlockSpace
	if !a.rewrite || old == 0 {
		return nil
	}
	for _, table := range []string{"record_blocks", "fingerprint_blocks"} {
		if _, err := a.tx.ExecContext(ctx, a.store.bind("DELETE FROM "+table+" WHERE id >= ? AND id < ?"), blockID(old, 0), blockID(old+1, 0)); err != nil {
			return err
		}
	}
	return nil
}

// departmentCounts is how many rows each department has from now on.
func (a *application) departmentCounts() map[string]int {
	counts := map[string]int{}
	if a.in.previous != nil {
		for department, n := range a.in.previous.Departments {
			counts[department] = n
		}
	}
	for department, n := range a.won {
		counts[department] += n
	}
	for department, n := range a.lost {
		counts[department] -= n
	}
	for department, n := range counts {
		if n <= 0 {
			delete(counts, department)
		}
	}
	return counts
}
