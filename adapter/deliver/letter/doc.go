// Package letter writes what a department gets on paper: the reminder letter (phiếu
// đôn đốc) and the apology with a new appointment (phiếu xin lỗi và hẹn lại), as
// .docx from a template that the site may edit or replace, the letter also as PDF.
//
// What the platform reports overdue although it is not stands apart, as the
// platform's figure to be put right: it is never told as the department's lateness.
// Names, addresses and telephone numbers of citizens are dotted lines to be filled in
// by hand; the package has no field for them.
//
// It decides nothing: which discrepancies a letter speaks of, its number and its time
// to answer come from its caller, cmd/internal/app.
package letter
