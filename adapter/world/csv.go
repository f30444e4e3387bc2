package world

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

func writeExport(path string, records []Record, f OfficeFormat) error {
	width := colNote
	if hasNotes(records) {
		width = columns
	}
	table := make([][]string, 0, len(records)+1)
	table = append(table, slices.Clone(bookHeadings[:width]))
	for _, r := range records {
		row := bookRow(r)
		table = append(table, slices.Clone(row[:width]))
	}
	delimiter := f.Delimiter
	if delimiter == 0 {
		delimiter = ';'
	}
	return saveTable(path, table, delimiter, f.Encoding)
}

func saveTable(path string, table [][]string, delimiter rune, e Encoding) error {
	var text strings.Builder
	out := csv.NewWriter(&text)
	out.Comma = delimiter
	if err := out.WriteAll(table); err != nil {
		return err
	}
	raw, err := e.encode(text.String())
	if err != nil {
		return err
	}
	return replaceFile(path, raw)
}

// loadTable reads an export and how it was written.
func loadTable(path string) (table [][]string, delimiter rune, e Encoding, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, "", err
	}
	text, e, err := decode(raw)
	if err != nil {
		return nil, 0, "", err
	}
	heading, _, _ := strings.Cut(text, "\n")
	delimiter = ';'
	for _, d := range ",\t|" {
		if strings.Count(heading, string(d)) > strings.Count(heading, string(delimiter)) {
			delimiter = d
		}
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma = delimiter
	table, err = in.ReadAll()
	if err == nil && len(table) == 0 {
		err = errors.New("no heading row")
	}
	return table, delimiter, e, err
}

// places tells for each of our columns where it stands in a heading row, or -1.
func places(heading []string) [columns]int {
	var found [columns]int
	for c, name := range bookHeadings {
		found[c] = slices.IndexFunc(heading, func(h string) bool { return compose(strings.TrimSpace(h)) == name })
	}
	return found
}

// pick brings a file's row into our order of columns.
func pick(row []string, place [columns]int) [columns]string {
	var cells [columns]string
	for c, i := range place {
		if i >= 0 && i < len(row) {
			cells[c] = row[i]
		}
	}
	return cells
}

func readExport(path string) ([]Record, error) {
	table, _, _, err := loadTable(path)
	if err != nil {
		return nil, err
	}
	place := places(table[0])
	if place[colCode] < 0 {
		return nil, fmt.Errorf("no column %s", bookHeadings[colCode])
	}
	records := make([]Record, 0, len(table)-1)
	for _, row := range table[1:] {
		records = append(records, readBookRow(pick(row, place)))
	}
	return records, nil
}

func alterExport(path, code string, keep func(*Record) bool) error {
	table, delimiter, e, err := loadTable(path)
	if err != nil {
		return err
	}
	place := places(table[0])
	for i, row := range table[1:] {
		r := readBookRow(pick(row, place))
		if Canonical(r.Code) != Canonical(code) {
			continue
		}
		if !keep(&r) {
			return saveTable(path, slices.Delete(table, i+1, i+2), delimiter, e)
		}
		for c, text := range bookRow(r) {
			if place[c] >= 0 {
				row[place[c]] = text
			}
		}
		return saveTable(path, table, delimiter, e)
	}
	return errNoRecord
}
