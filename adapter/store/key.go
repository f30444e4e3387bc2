package store

import "github.com/cespare/xxhash/v2"

// Key is where a dossier stands in the store: 63 bits of its canonical code's
// hash, so that it orders the same in Go and in both databases. Two codes with
// one key are told apart by the code itself.
type Key = int64

// KeyOf is the key of a canonical code.
func KeyOf(code string) Key { return Key(xxhash.Sum64String(code) >> 1) }

const keyBits = 63

// bucketOf is the bucket of a key where a source has 2^bits of them.
func bucketOf(k Key, bits uint) int {
	return int(uint64(k) >> (keyBits - bits))
}

// firstKey is the smallest key of a bucket.
func firstKey(bucket int, bits uint) Key { return Key(bucket) << (keyBits - bits) }

// targetRows is how many rows a block is meant to hold: enough to pack well, few
// enough that changing one row is cheap.
const targetRows = 64

// maxBits keeps source and bucket in one 64-bit id with room to spare.
const maxBits = 24

// bitsFor is the number of bucket bits for so many rows.
func bitsFor(rows int) uint {
	bits := uint(0)
	for bits < maxBits && rows>>bits > targetRows {
		bits++
	}
	return bits
}

// blockID is where the block of a source's bucket stands.
func blockID(source int64, bucket int) int64 { return source<<maxBits | int64(bucket) }

func bucketOfBlock(id int64) int { return int(id & (1<<maxBits - 1)) }
