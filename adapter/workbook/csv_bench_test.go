package workbook

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/doisoat/doisoat/reconcile"
)

const benchRows = 200_000

// export writes a CSV file as a platform exports it: nine columns, 120 bytes a row.
func export(b *testing.B) (path string, size int64) {
	var text strings.Builder
	text.WriteString("MaHoSo,MaTTHC,LinhVuc,TrangThai,NgayTiepNhan,NgayHenTra,NgayKetThuc,NgayTra,CapNhat\n")
	for i := range benchRows {
		fmt.Fprintf(&text, "000.00.16.H57-180%03d-%05d,1.00%04d,TNMT,10,20180409150700,20180502170000,20180411080600,20180411100600,2018041110%04d\n",
			i%1000, i/10, i%10000, i%10000)
	}
	path = write(b, "export.csv", text.String())
	return path, int64(text.Len())
}

var benchInputs = []string{"MaHoSo", "MaTTHC", "LinhVuc", "TrangThai", "NgayTiepNhan", "NgayHenTra", "NgayKetThuc", "NgayTra", "CapNhat"}

// counter is a Sink that holds every row or none.
type counter struct {
	seen  bool
	count int
	sum   uint64
}

func (c *counter) Seen(fp uint64) bool             { c.count++; c.sum += fp; return c.seen }
func (c *counter) Row(row reconcile.Row) error     { _ = row.Values[8]; return nil }
func (c *counter) Reject(reconcile.Rejected) error { return errors.New("rejected") }
func (c *counter) Skip(string)                     {}

func benchmarkPoll(b *testing.B, seen bool) {
	path, size := export(b)
	src, err := New(Config{Path: path, Settle: 1}, benchInputs, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		sink := &counter{seen: seen}
		p, err := src.Poll(context.Background(), reconcile.PollRequest{Seed: 1}, sink)
		if err != nil || !p.EndReached || sink.count != benchRows {
			b.Fatalf("%v %+v %d rows", err, p, sink.count)
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkCSVKnownRows(b *testing.B) { benchmarkPoll(b, true) }
func BenchmarkCSVNewRows(b *testing.B)   { benchmarkPoll(b, false) }

// BenchmarkPlainReading is the floor: the bytes, cut at line ends and hashed.
func BenchmarkPlainReading(b *testing.B) {
	path, size := export(b)
	b.SetBytes(size)
	buf := make([]byte, 256<<10)
	for b.Loop() {
		in, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		var sum uint64
		kept := 0
		for {
			n, err := in.Read(buf[kept:])
			rest := buf[:kept+n]
			for {
				i := bytes.IndexByte(rest, '\n')
				if i < 0 {
					break
				}
				sum += xxhash.Sum64(rest[:i])
				rest = rest[i+1:]
			}
			kept = copy(buf, rest)
			if err != nil {
				break
			}
		}
		in.Close()
		if sum == 0 {
			b.Fatal("nothing read")
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkEncodingCSV(b *testing.B) {
	path, size := export(b)
	b.SetBytes(size)
	for b.Loop() {
		in, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		r := csv.NewReader(in)
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		in.Close()
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
