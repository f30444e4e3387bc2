// Package calendar reckons in working time: how long an office was at work
// between two moments, and when so much working time will have passed.
//
// A Calendar knows an office's hours, its weekdays, the public holidays and the
// make-up working days. The last two are decreed anew every year and cannot be
// computed, so they are data (mappings/calendar.yaml), never code; for a year
// that nobody entered, only the weekdays count, and Covers says so.
//
// Every moment is read by the clock of the calendar's own zone, whatever zone
// the time.Time carries and wherever the program runs. A working day is as long
// as its hours on the clock face. In a zone that shifts its clock that is exact
// as long as the shift falls outside the working hours; Vietnam has none.
//
// The package reads no file and no clock and keeps no state. reconcile uses it
// for the grace period and for due dates that name only a day, the mappings
// package builds a Calendar from YAML, and explain prints Stretches.
package calendar
