// Package pdf lays out documents as PDF: paragraphs, columns and long tables with
// wrapped cells, repeated headings and numbered pages, in a font of its own that has
// every Vietnamese letter.
//
// Rows are never split between pages (unless one is higher than a page). The same
// calls give the same bytes: the only date within is the document's own.
//
// The package knows nothing of dossiers: packages letter and report call it.
package pdf
