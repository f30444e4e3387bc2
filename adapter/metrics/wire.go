package metrics

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// formats are the encodings that are kept: those that Prometheus asks for. Any
// other is made anew for each scrape.
var formats = [wires]expfmt.Format{
	expfmt.FmtText, expfmt.FmtOpenMetrics_0_0_1, expfmt.FmtOpenMetrics_1_0_0, expfmt.FmtProtoDelim,
}

const wires = 4

// keptAs is the index of the format in formats, or -1 where it is not kept. The
// escaping that a format may ask for concerns only names unlike ours.
func keptAs(format expfmt.Format) int {
	for i, f := range formats {
		if strings.HasPrefix(string(format), string(f)) {
			return i
		}
	}
	return -1
}

// wire is a part of an answer as it goes over the wire: plain, and as blocks of a
// deflate stream that is not yet at its end.
type wire struct{ plain, deflated []byte }

// encode writes families. It fails where one of them has no name, or a metric of
// another type than its own.
func encode(format expfmt.Format, families []*dto.MetricFamily, last bool) ([]byte, error) {
	var text bytes.Buffer
	into := expfmt.NewEncoder(&text, format)
	for _, f := range families {
		if err := into.Encode(f); err != nil {
			return nil, fmt.Errorf("encode %s: %w", f.GetName(), err)
		}
	}
	if end, ok := into.(expfmt.Closer); ok && last {
		_ = end.Close() // it writes to a buffer, which refuses nothing
	}
	return text.Bytes(), nil
}

// packer compresses. It keeps the compressors for the next time, since each brings
// a megabyte of tables.
type packer struct{ pool sync.Pool }

// packed is a wire that is kept for many scrapes, and so worth compressing.
func (p *packer) packed(plain []byte) wire {
	pack, ok := p.pool.Get().(*flate.Writer)
	if !ok {
		pack, _ = flate.NewWriter(nil, flate.BestSpeed) // a level that exists
	}
	defer p.pool.Put(pack)
	var deflated bytes.Buffer
	pack.Reset(&deflated)
	_, _ = pack.Write(plain)
	_ = pack.Flush() // ends on a byte, so that more can follow
	return wire{plain, deflated.Bytes()}
}

// unpacked is a wire for a single scrape: small, and stored in the deflate stream
// as it is (RFC 1951, 3.2.4).
func unpacked(plain []byte) wire {
	stored := make([]byte, 0, len(plain)+5*(1+len(plain)/storedMax))
	for part := range slices.Chunk(plain, storedMax) {
		stored = append(stored, 0)
		stored = binary.LittleEndian.AppendUint16(stored, uint16(len(part)))
		stored = binary.LittleEndian.AppendUint16(stored, ^uint16(len(part)))
		stored = append(stored, part...)
	}
	return wire{plain, stored}
}

// storedMax is how many bytes a stored block can hold.
const storedMax = 65535

// gzipHead begins a gzip file (RFC 1952): deflate, no name, no time, any system.
const gzipHead = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// gzipped makes one gzip file of several wires.
func gzipped(parts ...*wire) []byte {
	length := len(gzipHead) + 13
	for _, p := range parts {
		length += len(p.deflated)
	}
	file := append(make([]byte, 0, length), gzipHead...)
	var sum, size uint32
	for _, p := range parts {
		file = append(file, p.deflated...)
		sum = crc32.Update(sum, crc32.IEEETable, p.plain)
		size += uint32(len(p.plain))
	}
	file = append(file, 1, 0, 0, 0xff, 0xff) // a last block, stored and empty (RFC 1951, 3.2.4)
	file = binary.LittleEndian.AppendUint32(file, sum)
	return binary.LittleEndian.AppendUint32(file, size)
}
