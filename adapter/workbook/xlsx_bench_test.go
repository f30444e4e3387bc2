package workbook

import (
	"context"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

const benchBookRows = 20_000

func bigBook(b *testing.B) string {
	return saveBook(b, "big.xlsx", func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		row := []any{}
		for _, name := range benchInputs {
			row = append(row, name)
		}
		for i := range benchBookRows + 1 {
			if i > 0 {
				row = []any{fmt.Sprintf("000.00.16.H57-180409-%05d", i), "1.001612", "TNMT", 10, 43199.6, 43222.7, 43201.33, 43201.42, 43201.43}
			}
			if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkBook(b *testing.B) {
	src, err := New(Config{Path: bigBook(b), Settle: 1}, benchInputs, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		sink := &counter{}
		p, err := src.Poll(context.Background(), reconcile.PollRequest{Seed: 1}, sink)
		if err != nil || !p.EndReached || sink.count != benchBookRows {
			b.Fatalf("%v %+v %d rows", err, p, sink.count)
		}
	}
	b.ReportMetric(float64(benchBookRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkExcelizeRows reads the same book the way excelize streams it.
func BenchmarkExcelizeRows(b *testing.B) {
	path := bigBook(b)
	for b.Loop() {
		f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
		if err != nil {
			b.Fatal(err)
		}
		rows, err := f.Rows("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			if _, err := rows.Columns(); err != nil {
				b.Fatal(err)
			}
		}
		rows.Close()
		f.Close()
	}
	b.ReportMetric(float64(benchBookRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
