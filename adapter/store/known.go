package store

import (
	"encoding/binary"
	"math/bits"
)

// known is the set of row fingerprints of a source's last accepted snapshot, and
// which of them came again. It costs 8 bytes a row and a table of 4-byte slots.
type known struct {
	prints  []uint64 // in the order of the blocks
	starts  []uint32 // first row of each bucket; one more at the end
	slots   []uint32 // open addressing: index+1 into prints, 0 where free
	mask    uint64
	seen    []uint64 // a bit a row
	matched int
}

func newKnown(buckets int) *known {
	return &known{starts: make([]uint32, 1, buckets+1), slots: make([]uint32, 1)}
}

// addBucket appends a bucket's fingerprints; every bucket must be given, in order.
func (k *known) addBucket(data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		k.prints = append(k.prints, binary.LittleEndian.Uint64(data))
	}
	k.starts = append(k.starts, uint32(len(k.prints)))
}

// index makes the set ready for see.
func (k *known) index() {
	size := uint64(1) << bits.Len64(uint64(len(k.prints))*3/2)
	k.slots, k.mask = make([]uint32, size), size-1
	k.seen = make([]uint64, (len(k.prints)+63)/64)
	for i, p := range k.prints {
		at := p & k.mask
		for k.slots[at] != 0 {
			at = (at + 1) & k.mask
		}
		k.slots[at] = uint32(i + 1)
	}
}

// see reports whether the fingerprint is in the set, and marks one row that has
// it. again says that every such row was marked before.
func (k *known) see(p uint64) (there, again bool) {
	if len(k.prints) == 0 {
		return false, false
	}
	for at := p & k.mask; k.slots[at] != 0; at = (at + 1) & k.mask {
		i := k.slots[at] - 1
		if k.prints[i] != p {
			continue
		}
		there = true
		if k.seen[i/64]&(1<<(i%64)) == 0 {
			k.seen[i/64] |= 1 << (i % 64)
			k.matched++
			return true, false
		}
	}
	return there, there
}

func (k *known) wasSeen(i int) bool { return k.seen[i/64]&(1<<(i%64)) != 0 }

// bucket is the range of rows of bucket b.
func (k *known) bucket(b int) (from, to int) {
	if b+1 >= len(k.starts) {
		return 0, 0
	}
	return int(k.starts[b]), int(k.starts[b+1])
}

// unseenIn reports whether a row of bucket b did not come.
func (k *known) unseenIn(b int) bool {
	from, to := k.bucket(b)
	for i := from; i < to; i++ {
		if !k.wasSeen(i) {
			return true
		}
	}
	return false
}

// unindexed keeps what is needed to say that no row came as it was.
func (k *known) unindexed() {
	k.slots, k.mask = make([]uint32, 1), 0
	k.seen = make([]uint64, (len(k.prints)+63)/64)
}
