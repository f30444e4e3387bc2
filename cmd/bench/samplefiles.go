package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"
)

// writeXLSX writes the sample as a workbook with real dates, as offices keep
// them, and returns its path.
func (s *sample) writeXLSX() (string, error) {
	book := excelize.NewFile()
	defer book.Close() //nolint:errcheck // it is in memory
	style, err := book.NewStyle(&excelize.Style{NumFmt: 22})
	if err != nil {
		return "", fmt.Errorf("sample: %w", err)
	}
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return "", fmt.Errorf("sample: %w", err)
	}
	cells := make([]any, len(s.columns))
	for i, name := range s.columns {
		cells[i] = name
	}
	if err := w.SetRow("A1", cells); err != nil {
		return "", fmt.Errorf("sample: %w", err)
	}
	for n, row := range s.rows {
		for i, text := range row {
			cells[i] = text
			if i < firstDate {
				continue
			}
			if cells[i], err = moment(text); err != nil {
				return "", err
			}
			if cells[i] != nil {
				cells[i] = excelize.Cell{StyleID: style, Value: cells[i]}
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", n+2), cells); err != nil {
			return "", fmt.Errorf("sample: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return "", fmt.Errorf("sample: %w", err)
	}
	path := filepath.Join(s.dir, "book.xlsx")
	return path, book.SaveAs(path)
}

// moment is a date of the sample as a database or workbook holds it; nil for none.
func moment(text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	return t, nil
}

// pages is the sample as a platform's JSON replies; one without records is the last.
func (s *sample) pages(size int) ([][]byte, error) {
	var pages [][]byte
	for _, rows := range append(slices.Collect(slices.Chunk(s.rows, size)), nil) {
		records := make([]map[string]string, len(rows))
		for i, row := range rows {
			records[i] = make(map[string]string, len(row))
			for c, name := range s.columns {
				records[i][name] = row[c]
			}
		}
		page, err := json.Marshal(map[string]any{"total": len(s.rows), "data": records})
		if err != nil {
			return nil, fmt.Errorf("sample: %w", err)
		}
		pages = append(pages, page)
	}
	return pages, nil
}
