// Package report writes the period's report for signature: the table of dossiers as
// the platform reports it and as it is after reconciling, the difference, form II.06a
// (TT 01/2020/TT-VPCP), what was found in words, how fresh each source is, and the
// dossiers behind every difference; as .docx, .xlsx and PDF.
//
// It counts nothing but totals and differences: the figures, sentences and dossiers
// come from its caller, cmd/internal/app.
package report
