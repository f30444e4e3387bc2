package metrics

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestGzippedIsTheWholeOfItsParts packs parts of lengths around the size of a
// stored block, and lets the standard library unpack them, which checks the sum
// and the length.
func TestGzippedIsTheWholeOfItsParts(t *testing.T) {
	noise := make([]byte, 3*storedMax)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	var pack packer
	for _, lengths := range [][2]int{
		{0, 0}, {1, 0}, {0, 1}, {1000, storedMax - 1}, {storedMax, storedMax}, {3 * storedMax, storedMax + 1}, {5, 3 * storedMax},
	} {
		kept, live := pack.packed(noise[:lengths[0]]), unpacked(noise[:lengths[1]])
		in, err := gzip.NewReader(bytes.NewReader(gzipped(&kept, &kept, &live)))
		if err != nil {
			t.Fatalf("%v bytes: %v", lengths, err)
		}
		got, err := io.ReadAll(in)
		want := slices.Concat(kept.plain, kept.plain, live.plain)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v bytes: %d unpacked of %d, %v", lengths, len(got), len(want), err)
		}
	}
}
