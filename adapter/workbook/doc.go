// Package workbook reads dossiers from the tracking books that departments keep
// in Excel (.xlsx, .xlsm) and from CSV exports, as a reconcile.Source.
//
// It finds the files, waits until nobody is writing them, finds the sheets and
// the heading row, and hands on the raw values of the columns the mapping
// names. It does not interpret them: which text is a status or a date is the
// mapping's business, apart from cells that are real dates in the workbook.
// It never writes, never locks, and never shows the value of a column that the
// mapping does not name. cmd/internal/app builds it from the configuration.
//
// Where to look:
//
//	which files, and are they at rest?    files.go, settle.go, sniff.go
//	has one of them changed?              watch.go, folders.go, signature.go
//	which row holds the headings?         heading.go
//	total, blank, repeated heading        classify.go
//	CSV: records, fields, encodings       csv*.go, encoding.go
//	Excel: parts, sheets, cells           xlsx*.go, xmlscan.go, cell.go
package workbook
