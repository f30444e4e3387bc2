package list

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Read reads what a department wrote into its list. Rows are found by their marks,
// wherever they stand now; rows that are gone are no matter. zone is that of
// Answers.MadeAt.
//
// A file is taken as a whole or refused as a whole, with a *Fault that tells every
// reason: it is no workbook or none of ours, of another format, made of several
// lists, tampered with, or gives two answers to one discrepancy. Any other error
// is one of reading in. Memory is bounded by what is kept: shared strings and the
// rows of the list.
func Read(in io.ReaderAt, size int64, zone *time.Location) (*Answers, error) {
	if zone == nil {
		return nil, errors.New("read a list: no time zone was given")
	}
	file := &traced{ReaderAt: in}
	answers, err := read(file, size)
	switch {
	case file.err != nil:
		return nil, fmt.Errorf("read a list: %w", file.err)
	case err != nil:
		return nil, err
	}
	answers.MadeAt = answers.MadeAt.In(zone)
	return answers, nil
}

func read(in io.ReaderAt, size int64) (*Answers, error) {
	b, err := openBook(in, size)
	if err != nil {
		return nil, err
	}
	g := &gathering{book: b, seen: map[string]int{}}
	for _, sheet := range b.sheets {
		h, err := b.heading(sheet)
		if err != nil {
			return nil, err
		}
		if h == nil {
			continue // the cover, or a sheet of the clerk's own
		}
		if err := g.sheet(sheet, h); err != nil {
			return nil, err
		}
	}
	if g.origin == nil && len(g.faults.fault.Vi) == 0 {
		return nil, refuse("Tệp này không phải danh sách do hệ thống đối soát lập (không thấy dấu nhận biết). Hãy tải lại danh sách và ghi ý kiến vào đó.",
			"the file is no list of ours: no sheet has its mark")
	}
	if err := g.faults.err(); err != nil {
		return nil, err
	}
	return &Answers{Format: Format, Department: g.origin.department, MadeAt: g.origin.madeAt, Rows: g.rows}, nil
}

// heading is where a sheet's heading stands and which columns matter. Rows may
// have been put before it, and columns between.
type heading struct {
	row                int
	code, answer, mark int
	origin             origin
	format             int
	missing            []string // titles that are not there, or there twice
}

// heading looks for the heading row; nil where the sheet has none of ours.
func (b *book) heading(sheet sheetRef) (h *heading, err error) {
	_, err = b.rows(sheet, func(row int, cells []gridCell) error {
		for i := range cells {
			text, _ := b.shown(&cells[i])
			if o, format, ours := parseHeading(text); ours {
				h = &heading{row: row, mark: cells[i].column, origin: o, format: format}
				b.titles(h, cells)
				return errEnough
			}
		}
		return nil
	})
	return h, err
}

// titles finds the columns by their titles.
func (b *book) titles(h *heading, cells []gridCell) {
	for _, want := range []struct {
		column column
		at     *int
	}{{colCode, &h.code}, {colAnswer, &h.answer}} {
		title := columns[want.column-1].title
		found := 0
		for i := range cells {
			if text, _ := b.shown(&cells[i]); alike(text, title) {
				*want.at = cells[i].column
				found++
			}
		}
		if found != 1 {
			h.missing = append(h.missing, title)
		}
	}
}
