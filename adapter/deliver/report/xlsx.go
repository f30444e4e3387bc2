package report

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// The sheets of the workbook.
const (
	sheetReported   = "Hệ thống báo cáo"
	sheetVerified   = "Sau đối soát"
	sheetDifference = "Chênh lệch"
	sheetForm       = "II.06a"
	sheetWords      = "Nhận định"
	sheetAnnex      = "Hồ sơ chênh lệch"
)

// WriteXlsx writes the report as a workbook: real numbers, totals as values, texts
// that no spreadsheet takes for formulas, ready to print on A4 across.
func WriteXlsx(w io.Writer, r *Report) (err error) {
	if err := r.check(); err != nil {
		return err
	}
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	styles, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	b := &book{file: f, styles: styles}
	if err := b.fill(r); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: title + ", " + r.period(), Creator: "doisoat", Language: "vi-VN"}); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	f.SetActiveSheet(0)
	packed, err := f.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	return inOrder(w, packed.Bytes())
}

// inOrder writes a package with its parts in the order of their names: the library
// leaves that to chance, and the same report is to be the same bytes.
func inOrder(w io.Writer, packed []byte) error {
	from, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	slices.SortFunc(from.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	to := zip.NewWriter(w)
	for _, part := range from.File { // [Content_Types].xml is the first
		if err := to.Copy(part); err != nil {
			return fmt.Errorf("xlsx: %w", err)
		}
	}
	return to.Close()
}

func (b *book) fill(r *Report) error {
	for _, sheet := range []struct {
		name, head string
		account    reconcile.Account
	}{
		{sheetReported, headFirst, reconcile.AccountReported},
		{sheetVerified, headSecond, reconcile.AccountVerified},
		{sheetDifference, headThird, reconcile.AccountDifference},
	} {
		g := r.countsGrid(sheet.account)
		top := append(r.top(), strongLines(sheet.head)...)
		top = append(top, line{unit, false})
		if err := b.next(sheet.name, g.widths, len(top)+1, len(g.head)); err != nil {
			return err
		}
		b.heads(top)
		b.grid(g)
	}
	if err := b.form(r); err != nil {
		return err
	}
	if err := b.words(r); err != nil {
		return err
	}
	if err := b.annex(r); err != nil {
		return err
	}
	return b.finish()
}

// top is what stands above all: the title, the period, what the figures lack.
func (r *Report) top() []line {
	return append([]line{{title, true}, {r.period() + " " + r.days(), false}}, strongLines(r.warnings()...)...)
}

func strongLines(texts ...string) []line {
	lines := make([]line, len(texts))
	for i, text := range texts {
		lines[i] = line{text, true}
	}
	return lines
}

func (b *book) form(r *Report) error {
	g := r.formGrid(reconcile.AccountReported)
	if err := b.next(sheetForm, g.widths, 0, 0); err != nil {
		return err
	}
	for i, account := range []reconcile.Account{reconcile.AccountReported, reconcile.AccountVerified} {
		if i > 0 {
			b.line++
			if err := b.out.InsertPageBreak(fmt.Sprintf("A%d", b.line)); err != nil {
				return err
			}
		}
		b.heads(append(strongLines(formName, formTitle, accountName(account)+" - "+r.period()), line{r.days(), false}, line{unit, false}))
		b.grid(r.formGrid(account))
	}
	return nil
}

func (b *book) words(r *Report) error {
	g := r.sourcesGrid()
	if err := b.next(sheetWords, []float64{12, 150, 35, 25, 35}, 0, 0); err != nil {
		return err
	}
	b.heads(r.top())
	b.row(b.styles.strong, headWords)
	for _, sentence := range r.sentences() {
		b.row(b.styles.wrapped, "", sentence)
	}
	b.line++
	b.row(b.styles.strong, headFresh)
	b.grid(g)
	return nil
}

// annexRows is what a sheet takes; further dossiers go on the next one.
const annexRows = 1_000_000

func (b *book) annex(r *Report) error {
	g := annexGrid()
	g.head[0] = append(g.head[0][:1:1], append([]headCell{one(r.rowsAre())}, g.head[0][1:]...)...)
	g.widths = append(g.widths[:1:1], append([]float64{55}, g.widths[1:]...)...)
	sheets, n := 0, 0
	begin := func() error {
		sheets++
		name := sheetAnnex
		if sheets > 1 {
			name = fmt.Sprintf("%s %d", sheetAnnex, sheets)
		}
		if err := b.next(name, g.widths, 3, 1); err != nil {
			return err
		}
		b.heads([]line{{annexTitle, true}, {r.period() + " " + r.days(), false}})
		b.gridHead(g)
		return b.err
	}
	if err := begin(); err != nil {
		return err
	}
	for diff, err := range r.differences() {
		if err != nil {
			return err
		}
		if b.line > annexRows {
			if err := begin(); err != nil {
				return err
			}
		}
		n++
		b.cells([]any{n, diff.Row, diff.Code, diff.Reported, diff.Verified, effectText(diff.Effect), diff.Reason}, false, []int{0})
		if b.err != nil {
			return b.err
		}
	}
	if n == 0 {
		b.row(b.styles.plain, noAnnex)
	}
	return b.err
}

// inert reports whether a spreadsheet might take a text for a formula, also after
// its field was edited or saved as CSV: such cells are marked as text.
func inert(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n\u00A0\uFEFF")
	return s != "" && strings.ContainsRune("=+-−@＝＋－＠|%\x00", []rune(s)[0])
}
