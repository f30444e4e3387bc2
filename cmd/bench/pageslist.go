package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/xuri/excelize/v2"
)

// listOf measures the command that makes one department's list and letter, and
// checks that the list holds what it should.
func listOf(ctx context.Context, m machine, w *pagesWorld, program, config, kind string, runs int, t *table) error {
	out := filepath.Join(w.dir, "lists")
	var all []usage
	for range runs {
		if err := os.RemoveAll(out); err != nil {
			return err
		}
		u, _, err := m.run(ctx, w.dir, program, "lists", "--config", config, "--department", pagesLarge, "--output", out)
		if err != nil {
			return err
		}
		all = append(all, u)
	}
	lines, err := linesIn(out)
	if err != nil {
		return err
	}
	if lines != w.listed() {
		return fmt.Errorf("the list of %s has %d lines, there are %d discrepancies", pagesLarge, lines, w.listed())
	}
	u := middle(all)
	t.add(kind, count(int64(lines)), seconds(u.Wall), "≤ 5", met(u.Wall <= listAtMost), megabytes(u.Peak), "≤ 200", met(u.Peak <= listMemory))
	return nil
}

var dossierCode = regexp.MustCompile(`^000\.00\.16\.H57-26\d{4}-\d{6}$`)

// linesIn counts the lines with a dossier's code in the only workbook of a folder.
func linesIn(dir string) (lines int, err error) {
	found, err := filepath.Glob(filepath.Join(dir, "*.xlsx"))
	if err != nil {
		return 0, err
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%d workbooks in %s", len(found), dir)
	}
	book, err := excelize.OpenFile(found[0])
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, sheet := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(sheet); err != nil || !visible {
			continue
		}
		rows, err := book.Rows(sheet)
		if err != nil {
			return 0, err
		}
		for rows.Next() {
			cells, err := rows.Columns()
			if err != nil {
				return 0, errors.Join(err, rows.Close())
			}
			if len(cells) > 1 && dossierCode.MatchString(cells[1]) {
				lines++
			}
		}
		if err := rows.Close(); err != nil {
			return 0, err
		}
	}
	return lines, nil
}
