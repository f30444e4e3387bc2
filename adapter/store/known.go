package store

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// known is the set of row fingerprints of a source's last accepted snapshot, and
// which of them came again.
//
// see is called for every row of every poll, and nearly all of its time is
// waiting for memory. So the table holds the fingerprints themselves (one place
// to look), and what came is a bit a slot, which stays in the processor's cache.
// Which rows those were is worked out once, by settle, from the blocks as they
// are stored. It costs some ten bytes a row.
type known struct {
	starts []uint32 // first row of each bucket; one more at the end
	rows   int      // of the blocks, and then the loose ones
	packed int      // of the blocks
	marks  int      // rows with noPrint, which never count as seen

	slots   []uint64 // open addressing, at most four fifths full; 0 where free
	marked  []uint64 // a bit a slot: it came
	used    int
	matched int

	loose  []Key    // of each loose row, in order
	hidden []uint64 // a bit a row of the blocks: loose ones stand in its place; nil where none does
	hides  int      // how many rows that is

	seen []uint64 // a bit a row; nil until settled, and where all came
	all  bool     // every row came
}

// newKnown prepares for so many buckets, and about so many rows.
func newKnown(buckets, rows int) *known {
	k := &known{starts: make([]uint32, 1, buckets+1)}
	k.resize(rows + 1)
	return k
}

func (k *known) resize(rows int) {
	old := k.slots
	k.slots = make([]uint64, rows+rows/4+8)
	k.marked = make([]uint64, (len(k.slots)+63)/64)
	k.used = 0
	for _, p := range old {
		if p != 0 {
			k.insert(p)
		}
	}
}

// hide says that loose rows stand in place of some rows of the next bucket.
func (k *known) hide(places []int) {
	for _, at := range places {
		at += k.rows
		for len(k.hidden) <= at/64 {
			k.hidden = append(k.hidden, 0)
		}
		k.hidden[at/64] |= 1 << (at % 64)
		k.hides++
	}
}

func (k *known) isHidden(i int) bool {
	return i/64 < len(k.hidden) && k.hidden[i/64]&(1<<(i%64)) != 0
}

// addLoose makes loose rows known, with the key of each, in order, after the last
// bucket.
func (k *known) addLoose(keys []Key, prints []byte, known bool) {
	k.loose = keys
	k.add(prints, known)
}

// placeOfLoose is the number of the first loose row under a key.
func (k *known) placeOfLoose(key Key) int {
	at, _ := slices.BinarySearch(k.loose, key)
	return k.packed + at
}

// holds is how many rows the source holds.
func (k *known) holds() int { return k.rows - k.hides }

// addBucket counts a bucket's fingerprints, and makes its rows known where known
// is true; every bucket must be given, in order, before the first see.
func (k *known) addBucket(data []byte, known bool) {
	k.add(data, known)
	k.packed = k.rows
	k.starts = append(k.starts, uint32(k.rows))
}

func (k *known) add(data []byte, known bool) {
	for ; len(data) >= 8; data = data[8:] {
		p := binary.LittleEndian.Uint64(data)
		if p == noPrint {
			k.marks++
		} else if known && !k.isHidden(k.rows) {
			k.insert(p)
		}
		k.rows++
	}
}

func (k *known) insert(p uint64) {
	if k.used*5 >= len(k.slots)*4 {
		k.resize(2 * k.used)
	}
	at := k.home(p)
	for k.slots[at] != 0 {
		if k.slots[at] == p {
			return
		}
		at = k.next(at)
	}
	k.slots[at] = p
	k.used++
}

// home is where a fingerprint belongs: its place in the range of all numbers,
// after a multiplication that spreads those that stand close together.
func (k *known) home(p uint64) int {
	at, _ := bits.Mul64(p*0x9E3779B97F4A7C15, uint64(len(k.slots)))
	return int(at)
}

func (k *known) next(at int) int {
	if at++; at == len(k.slots) {
		return 0
	}
	return at
}

// find is the slot of a fingerprint, -1 where it is not held.
func (k *known) find(p uint64) int {
	for at := k.home(p); k.slots[at] != 0; at = k.next(at) {
		if k.slots[at] == p {
			return at
		}
	}
	return -1
}

// see reports whether a row with this fingerprint is held, and marks it as come.
// again says that it had come before.
func (k *known) see(p uint64) (there, again bool) {
	if p == noPrint {
		return false, false
	}
	at := k.find(p)
	if at < 0 {
		return false, false
	}
	word, bit := &k.marked[at/64], uint64(1)<<(at%64)
	if *word&bit != 0 {
		return true, true
	}
	*word |= bit
	k.matched++
	return true, false
}

// everyRowCame reports whether nothing is missing; settle need not be fed then.
func (k *known) everyRowCame() bool { return k.marks == 0 && k.matched == k.rows }

// settle works out which rows came; nothing may be seen afterwards. It takes the
// buckets' fingerprints as addBucket did, and then those of the loose rows.
func (k *known) settle(each func(do func(data []byte)) error) error {
	if k.seen != nil || k.all {
		return nil
	}
	if k.everyRowCame() {
		k.all = true
		return nil
	}
	k.seen = make([]uint64, (k.rows+63)/64)
	missing := k.missing()
	i := 0
	return each(func(data []byte) {
		for ; len(data) >= 8; data = data[8:] {
			if p := binary.LittleEndian.Uint64(data); p != noPrint && !k.isHidden(i) && missing.cameAgain(p) {
				k.seen[i/64] |= 1 << (i % 64)
			}
			i++
		}
	})
}

// manyMissing is from how many missing fingerprints on the table itself is asked
// for each row, rather than a list of them.
const manyMissing = 1 << 16

// missing is the fingerprints that did not come.
type missing struct {
	known  *known
	list   map[uint64]bool // nil where there are too many, or none are known at all
	filter [1 << 10]uint64 // nearly all rows came: it answers for them at once
}

func (k *known) missing() *missing {
	m := &missing{known: k}
	if k.used == 0 || k.used-k.matched > manyMissing {
		return m
	}
	m.list = make(map[uint64]bool, k.used-k.matched)
	for at, p := range k.slots {
		if p != 0 && k.marked[at/64]&(1<<(at%64)) == 0 {
			m.list[p] = true
			m.filter[p>>6&(1<<10-1)] |= 1 << (p & 63)
		}
	}
	return m
}

func (m *missing) cameAgain(p uint64) bool {
	if m.list == nil {
		at := m.known.find(p)
		return at >= 0 && m.known.marked[at/64]&(1<<(at%64)) != 0
	}
	return m.filter[p>>6&(1<<10-1)]&(1<<(p&63)) == 0 || !m.list[p]
}

// bitset is a bit for each row that came. It needs settle.
func (k *known) bitset() []uint64 {
	if !k.all {
		return k.seen
	}
	seen := make([]uint64, (k.rows+63)/64)
	for i := range k.rows {
		seen[i/64] |= 1 << (i % 64)
	}
	return seen
}

// came reports whether row i, which has this fingerprint, came.
func (k *known) came(i int, p uint64) bool {
	switch {
	case k.seen != nil:
		return k.seen[i/64]&(1<<(i%64)) != 0
	case k.all:
		return true
	case p == noPrint:
		return false
	}
	at := k.find(p)
	return at >= 0 && k.marked[at/64]&(1<<(at%64)) != 0
}

// missingRows is how many rows did not come; more where rows have one
// fingerprint.
func (k *known) missingRows() int {
	if k.seen == nil {
		return k.rows - k.matched
	}
	n := k.rows
	for _, word := range k.seen {
		n -= bits.OnesCount64(word)
	}
	return n
}

// bucket is the range of rows of bucket b.
func (k *known) bucket(b int) (from, to int) {
	if b+1 >= len(k.starts) {
		return 0, 0
	}
	return int(k.starts[b]), int(k.starts[b+1])
}

// unseenIn reports whether a row of bucket b did not come. It needs settle.
func (k *known) unseenIn(b int) bool {
	from, to := k.bucket(b)
	for i := from; i < to; i++ {
		if !k.all && k.seen[i/64]&(1<<(i%64)) == 0 {
			return true
		}
	}
	return false
}
