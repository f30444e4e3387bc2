package world

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// vietnam is the zone all dates of a world are meant in. Vietnam has had no
// daylight saving since 1975, so a fixed offset needs no time zone database.
var vietnam = time.FixedZone("+07", 7*60*60)

// Record is one side's record of a dossier before any system has put it into
// its own words. Moments are in Vietnam time, to the second.
type Record struct {
	Code       string   // as the system writes it; compare with Canonical
	Aliases    []string // older codes of the same dossier
	Procedure  string   // TTHC code without its agency suffix
	Field      string   // lĩnh vực
	Department string   // our code; an office's file does not hold it
	Channel    string   // KenhThucHien: 1 in person, 2 online, 3 post; "" is 1

	Status    reconcile.Status
	RawStatus string // written in place of Status: a value that no mapping knows

	ReceivedAt    reconcile.Moment
	DueAt         reconcile.Moment
	ExtendedDueAt reconcile.Moment
	CompletedAt   reconcile.Moment
	ReturnedAt    reconcile.Moment
	UpdatedAt     reconcile.Moment

	// Garbled is written in place of ReceivedAt: a text that is no date, so that
	// the row has to be rejected.
	Garbled string
	// Note goes into a column that no mapping reads (Ghi chú, ChuHoSo): a
	// reader must not store it.
	Note string
}

// Canonical is the form in which two codes are compared: NFC, no white space,
// upper case.
func Canonical(code string) string {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFC.String(code))
	return strings.ToUpper(code)
}

// ended reports whether the record says that the dossier is finished.
func (r *Record) ended() bool { return reconcile.DefaultGroup(r.Status).Ended() }

// end is the moment of completion, else of return; unknown where neither is set.
func (r *Record) end() reconcile.Moment {
	if r.CompletedAt.Known() {
		return r.CompletedAt
	}
	return r.ReturnedAt
}

// effectiveDue is the extension if there is one, else the due date.
func (r *Record) effectiveDue() reconcile.Moment {
	if r.ExtendedDueAt.Known() {
		return r.ExtendedDueAt
	}
	return r.DueAt
}

// at makes a moment with a time of day.
func at(t time.Time) reconcile.Moment { return reconcile.Moment{Time: t.In(vietnam)} }

// onDay makes a moment that is a day only.
func onDay(t time.Time) reconcile.Moment {
	y, m, d := t.In(vietnam).Date()
	return reconcile.Moment{Time: time.Date(y, m, d, 0, 0, 0, 0, vietnam), DateOnly: true}
}

// write renders a moment by the layout for full moments or the one for days.
func write(m reconcile.Moment, full, day string) string {
	switch {
	case !m.Known():
		return ""
	case m.DateOnly:
		return m.Time.Format(day)
	default:
		return m.Time.Format(full)
	}
}

// read is the reverse of write; ok is false where text is no such date.
func read(text, full, day string) (m reconcile.Moment, ok bool) {
	if text == "" {
		return reconcile.Moment{}, true
	}
	if t, err := time.ParseInLocation(full, text, vietnam); err == nil {
		return reconcile.Moment{Time: t}, true
	}
	t, err := time.ParseInLocation(day, text, vietnam)
	return reconcile.Moment{Time: t, DateOnly: true}, err == nil
}
