package store

import (
	"context"
	"encoding/json"
	"fmt"

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
	if err := a.touched(ctx); err != nil {
		return err
	}
	if a.merger.full && !a.rewrite && a.unseen < a.in.known.missingRows() {
		if err := a.untouched(ctx); err != nil {
			return err
		}
	}
	for _, b := range []*bulk{a.blocks, a.prints, a.versions, a.changed, a.aliases} {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	if a.changes > fullCompareAbove {
		if err := a.store.set(ctx, a.tx, settingCompareAll, "yes"); err != nil {
			return err
		}
	}
	return a.dropOldSpace(ctx)
}

// touched merges the buckets that new rows fall into; all where blocks move.
func (a *application) touched(ctx context.Context) error {
	parts, buckets := 1, 1<<a.bits
	if a.bits >= spillBits {
		parts, buckets = spillParts, 1<<(a.bits-spillBits)
	}
	a.done = make([]bool, 1<<a.bits)
	for part := range parts {
		fresh, err := a.in.spill.take(part*spillParts/parts, (part+1)*spillParts/parts)
		if err != nil {
			return err
		}
		for bucket := part * buckets; bucket < (part+1)*buckets; bucket++ {
			end := 0
			for end < len(fresh) && bucketOf(fresh[end].key, a.bits) == bucket {
				end++
			}
			if end > 0 || a.rewrite {
				if err := a.bucket(ctx, bucket, fresh[:end]); err != nil {
					return err
				}
			}
			fresh = fresh[end:]
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
	for bucket, done := range a.done {
		if !done && a.in.known.unseenIn(bucket) {
			if err := a.bucket(ctx, bucket, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle works out which of the rows held came again.
func (in *Incoming) settle(ctx context.Context, tx *sqlx.Tx) error {
	return in.known.settle(func(do func([]byte)) error {
		return in.store.eachPrints(ctx, tx, in.source, func(_ int, data []byte) { do(data) })
	})
}

func (a *application) bucket(ctx context.Context, bucket int, fresh []Row) error {
	a.done[bucket] = true
	oldBucket := bucket >> (a.bits - a.in.source.BucketBits)
	from, to := a.in.known.bucket(oldBucket)
	var old []Row
	if to > from {
		var err error
		if old, err = a.oldRows(ctx, oldBucket); err != nil {
			return err
		}
		if len(old) != to-from {
			return fmt.Errorf("bucket %d of %s: %w", oldBucket, a.in.source.Name, errBlock)
		}
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
	came := func(i int) bool { return a.in.known.came(from+lo+i, old[lo+i].Fingerprint) }
	for i := range old[lo:hi] {
		if !came(i) {
			a.unseen++
		}
	}
	out := a.merger.bucket(old[lo:hi], came, fresh)
	a.records += len(out.rows) - (hi - lo)
	a.repeated += out.repeated
	if out.same && !a.rewrite {
		return nil
	}
	return a.write(ctx, bucket, &out)
}

// oldRows reads a block as it was, in today's layout.
func (a *application) oldRows(ctx context.Context, bucket int) ([]Row, error) {
	if a.read == nil { // it goes with the transaction
		var err error
		if a.read, err = a.tx.PreparexContext(ctx, a.store.bind(blockQuery)); err != nil {
			return nil, err
		}
	}
	layout, rows, err := readBlock(ctx, a.read, blockID(a.in.source.BlockSpace, bucket))
	if err != nil {
		return nil, fmt.Errorf("bucket %d of %s: %w", bucket, a.in.source.Name, err)
	}
	if layout == a.in.layout {
		a.merger.common = nil
		return rows, nil
	}
	positions, err := a.positions(ctx, layout)
	if err != nil {
		return nil, err
	}
	a.merger.common = a.merger.common[:0]
	for now, was := range positions {
		if was >= 0 {
			a.merger.common = append(a.merger.common, now)
		}
	}
	if a.merger.common == nil {
		a.merger.common = []int{}
	}
	for i := range rows {
		if rows[i].Unreadable {
			continue
		}
		rows[i].Values = remapped(rows[i].Values, positions)
	}
	return rows, nil
}

// positions tells, for each input of today's layout, where it stood in another.
func (a *application) positions(ctx context.Context, layout int64) ([]int, error) {
	if p, ok := a.remap[layout]; ok {
		return p, nil
	}
	layouts, err := a.store.layoutInputs(ctx, a.tx, a.in.source.ID)
	if err != nil {
		return nil, err
	}
	p := inputPositions(layouts[layout], layouts[a.in.layout])
	a.remap[layout] = p
	return p, nil
}

func inputPositions(was, now []string) []int {
	positions := make([]int, len(now))
	for i, name := range now {
		positions[i] = -1
		for j, old := range was {
			if old == name {
				positions[i] = j
			}
		}
	}
	return positions
}

func remapped(values []string, positions []int) []string {
	out := make([]string, len(positions))
	for i, at := range positions {
		if at >= 0 && at < len(values) {
			out[i] = values[at]
		}
	}
	return out
}

// write keeps a merged bucket: its block, the versions that are history now, the
// dossiers that changed, and the aliases.
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

// hold keeps what a held snapshot would change, in place of what an earlier held
// one of this source would have.
func (in *Incoming) hold(ctx context.Context, db *sqlx.Tx, snapshot int64) error {
	s := in.store
	if _, err := db.ExecContext(ctx, s.bind(`DELETE FROM held_changes WHERE snapshot_id IN (SELECT id FROM snapshots WHERE source_id = ?)`), in.source.ID); err != nil {
		return err
	}
	if err := in.settle(ctx, db); err != nil {
		return err
	}
	seen, err := json.Marshal(heldHeader{Seen: in.known.bitset(), Rows: in.spill.rows})
	if err != nil {
		return err
	}
	insert := s.bind(`INSERT INTO held_changes (snapshot_id, part, data) VALUES (?, ?, ?)`)
	if _, err := db.ExecContext(ctx, insert, snapshot, heldHeaderPart, seen); err != nil {
		return err
	}
	for part := range spillParts {
		data, err := in.spill.bytes(part)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			continue
		}
		if _, err := db.ExecContext(ctx, insert, snapshot, part, data); err != nil {
			return err
		}
	}
	return nil
}

// heldHeader is the part of a held snapshot that says which of the rows held
// came again.
type heldHeader struct {
	Seen []uint64 `json:"seen"`
	Rows int      `json:"rows"`
}

const heldHeaderPart = -1
