package rest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

// nothing is a sink that knows no row and keeps none.
type nothing struct{ rows int }

func (n *nothing) Seen(uint64) bool                { return false }
func (n *nothing) Row(reconcile.Row) error         { n.rows++; return nil }
func (n *nothing) Reject(reconcile.Rejected) error { return nil }
func (n *nothing) Skip(string)                     {}

func wideDossier(i int) map[string]any {
	d := map[string]any{}
	for f := range 24 {
		d[fmt.Sprintf("TruongSo%02d", f)] = fmt.Sprintf("giá trị %d-%d", f, i)
	}
	for _, name := range []string{"MaTTHC", "MaLinhVuc", "DonViXuLy", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra"} {
		d[name] = "20180702120000"
	}
	d["MaHoSo"], d["TrangThaiHoSo"] = code(i), i%10
	return d
}

var wideInputs = []string{"MaHoSo", "MaTTHC", "MaLinhVuc", "DonViXuLy", "TrangThaiHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra"}

func widePages(b *testing.B, pages, size int) [][]byte {
	bodies := make([][]byte, pages)
	for p := range bodies {
		var items []any
		for i := range size {
			items = append(items, wideDossier(p*size+i))
		}
		body, err := json.Marshal(map[string]any{"data": items, "totalCount": pages * size})
		if err != nil {
			b.Fatal(err)
		}
		bodies[p] = body
	}
	return bodies
}

// BenchmarkItems reads one page from memory, all of its rows being new.
func BenchmarkItems(b *testing.B) {
	const size = 500
	body := widePages(b, 1, size)[0]
	items := "data"
	s, err := newShape(&items, false, metaPath{metaTotal, "totalCount"})
	if err != nil {
		b.Fatal(err)
	}
	e, err := newExtractor(wideInputs)
	if err != nil {
		b.Fatal(err)
	}
	p := &page{}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		p.reset()
		p.buf.Write(body)
		if f := p.parse(s, 1); f != nil {
			b.Fatal(f)
		}
		h := handover{sink: &nothing{}, inputs: e}
		if err := h.page(p, "page 1", func(item) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/row")
}
