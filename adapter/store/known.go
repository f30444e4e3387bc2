package store

import (
	"encoding/binary"
	"math/bits"
)

// known is the set of row fingerprints of a source's last accepted snapshot, and
// which of them came again.
//
// see is called for every row of every poll, and nearly all of its time is
// waiting for memory. So the table holds the fingerprints themselves (one place
// to look), and what was seen is a bit a slot, which stays in the processor's
// cache. Which rows those were is worked out once, by settle. It costs 8 bytes a
// row and 8 a slot, of which there are one and a half to three a row.
type known struct {
	prints []uint64 // in the order of the blocks; 0 is a row that never counts as seen
	starts []uint32 // first row of each bucket; one more at the end

	slots   []uint64 // open addressing; 0 where free
	mask    uint64
	came    []uint64 // a bit a slot
	matched int

	seen []uint64 // a bit a row; nil until settle
}

func newKnown(buckets, rows int) *known {
	return &known{prints: make([]uint64, 0, rows), starts: make([]uint32, 1, buckets+1), slots: make([]uint64, 1)}
}

// addBucket appends a bucket's fingerprints; every bucket must be given, in order.
func (k *known) addBucket(data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		k.prints = append(k.prints, binary.LittleEndian.Uint64(data))
	}
	k.starts = append(k.starts, uint32(len(k.prints)))
}

// index makes the set ready for see. Without it no row counts as known.
func (k *known) index() {
	size := uint64(1) << bits.Len64(uint64(len(k.prints))*3/2)
	k.slots, k.mask = make([]uint64, size), size-1
	k.came = make([]uint64, (size+63)/64)
	for _, p := range k.prints {
		if p == 0 {
			continue
		}
		at := p & k.mask
		for k.slots[at] != 0 && k.slots[at] != p {
			at = (at + 1) & k.mask
		}
		k.slots[at] = p
	}
}

// see reports whether a row with this fingerprint is held, and marks it as come.
// again says that it had come before.
func (k *known) see(p uint64) (there, again bool) {
	if p == 0 {
		return false, false
	}
	for at := p & k.mask; k.slots[at] != 0; at = (at + 1) & k.mask {
		if k.slots[at] != p {
			continue
		}
		word, bit := &k.came[at/64], uint64(1)<<(at%64)
		if *word&bit != 0 {
			return true, true
		}
		*word |= bit
		k.matched++
		return true, false
	}
	return false, false
}

// settle works out which rows came; nothing may be seen afterwards.
func (k *known) settle() {
	if k.seen != nil {
		return
	}
	k.seen = make([]uint64, (len(k.prints)+63)/64)
	missing := k.missing()
	// Few fingerprints are missing as a rule: a small filter answers for the rest.
	var filter [1 << 10]uint64
	for p := range missing {
		filter[p>>6&(1<<10-1)] |= 1 << (p & 63)
	}
	for i, p := range k.prints {
		if p == 0 || len(k.came) == 0 {
			continue
		}
		if filter[p>>6&(1<<10-1)]&(1<<(p&63)) != 0 && missing[p] {
			continue
		}
		k.seen[i/64] |= 1 << (i % 64)
	}
}

// missing is the fingerprints that did not come.
func (k *known) missing() map[uint64]bool {
	out := map[uint64]bool{}
	for at, p := range k.slots {
		if p != 0 && k.came[at/64]&(1<<(at%64)) == 0 {
			out[p] = true
		}
	}
	return out
}

// wasSeen reports whether row i came. It needs settle.
func (k *known) wasSeen(i int) bool { return k.seen[i/64]&(1<<(i%64)) != 0 }

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
		if !k.wasSeen(i) {
			return true
		}
	}
	return false
}
