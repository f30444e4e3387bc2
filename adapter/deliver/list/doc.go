// Package list makes a department's list of dossiers to correct as an Excel
// workbook, and reads back the answers that the department wrote into it.
//
// Write lays out what it is given: a cover sheet and one sheet per place of
// correction (reconcile.Corrections). Read finds the answers again, whatever
// the clerk did meanwhile: sorted, filtered, deleted rows, inserted columns,
// saved with LibreOffice. Neither knows the store, decides what is on a list, or
// applies an answer; cmd/internal/app gathers the items and acts on the answers.
//
// What comes from sources and people is written as inert text and stays so in
// Excel, in LibreOffice and in a CSV saved from either (inert.go). What Read is
// given may be hostile: it reads as a stream, within bounds (guard.go, part.go).
//
// Where to look:
//
//	columns, widths, headings                layout.go
//	what stands in a cell                    cells.go, words.go, inert.go
//	the sheets, the cover, paper             sheet.go, cover.go, coverwords.go, print.go, height.go
//	which row is which discrepancy           identity.go
//	what a filled-in file says               read.go, gather.go, fault.go
//	zip, XML, cells of a foreign file        guard.go, part.go, book.go, grid.go, shown.go
package list
