package workbook

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// cellKind is what a worksheet says about a cell's value.
type cellKind byte

const (
	cellText cellKind = iota
	cellNumber
	cellDate // a number under a date format
	cellISO  // a date written as text by type (t="d")
	cellBool
	cellError
)

// cell is one cell of a sheet, its value as stored. The text is valid until
// the next row is read.
type cell struct {
	kind   cellKind
	digits byte // cellNumber: leading zeros up to so many digits
	text   []byte
}

var errorValues = []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#BLOCKED!", "#FIELD!", "#UNKNOWN!", "#CONNECT!", "#BUSY!"}

// isErrorValue tells the texts by which Excel and LibreOffice show a failed formula.
func isErrorValue(text string) bool {
	return slices.Contains(errorValues, text) || strings.HasPrefix(text, "Err:")
}

// appendValue appends the cell's value as the text the mapping gets: real dates
// by reconcile.FormatRealDate, numbers as short as they can be, truth values as
// Excel shows them.
func (c cell) appendValue(dst []byte, date1904 bool) []byte {
	switch c.kind {
	case cellNumber:
		return appendNumber(dst, c.text, int(c.digits))
	case cellDate:
		return appendDate(dst, c.text, date1904)
	case cellISO:
		return appendISO(dst, c.text)
	case cellBool:
		if string(c.text) == "1" || string(c.text) == "true" {
			return append(dst, "TRUE"...)
		}
		return append(dst, "FALSE"...)
	}
	return append(dst, c.text...)
}

// appendNumber writes a number without exponent and without needless zeros,
// with the fifteen digits that Excel itself shows.
func appendNumber(dst, raw []byte, digits int) []byte {
	raw = bytes.TrimSpace(raw)
	switch {
	case allDigits(raw) && len(raw) <= 19:
		// A code of more than 15 digits that an exporter wrote out keeps them all.
		for len(raw) > 1 && raw[0] == '0' {
			raw = raw[1:]
		}
	default:
		f, err := strconv.ParseFloat(string(raw), 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return append(dst, raw...)
		}
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
		raw = strconv.AppendFloat(nil, f+0, 'f', -1, 64) // +0: no "-0"
	}
	if digits > 0 && allDigits(raw) {
		for n := len(raw); n < digits; n++ {
			dst = append(dst, '0')
		}
	}
	return append(dst, raw...)
}

func allDigits(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(text) > 0
}

const (
	secondsADay = 24 * 60 * 60
	lastSerial  = 2958466 // the day after 9999-12-31
)

// appendDate writes the serial number of a date. It is rounded to the second:
// 09:58:00 is stored as 0.41527777778 of a day. Zero is what a formula that
// points at an empty cell yields, shown as 00/01/1900: no date. A time of day
// alone is written as such; what no date can be stays a number.
func appendDate(dst, raw []byte, date1904 bool) []byte {
	serial, err := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64)
	if err != nil || !(serial >= 0 && serial < lastSerial) {
		return appendNumber(dst, raw, 0)
	}
	seconds := int64(math.Round(serial * secondsADay))
	day, rest := seconds/secondsADay, seconds%secondsADay
	if day == 0 {
		if rest == 0 {
			return dst
		}
		return time.Unix(rest, 0).UTC().AppendFormat(dst, "15:04:05")
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day < 60: // Excel believes in a 29 February 1900
		base = base.AddDate(0, 0, 1)
	}
	t := base.AddDate(0, 0, int(day)).Add(time.Duration(rest) * time.Second)
	if t.Year() > 9999 {
		return appendNumber(dst, raw, 0)
	}
	return append(dst, reconcile.FormatRealDate(t, false, rest == 0)...)
}

// appendISO writes a cell that holds a date as text by its type.
func appendISO(dst, raw []byte) []byte {
	text := strings.TrimSpace(string(raw))
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return append(dst, reconcile.FormatRealDate(t.Round(time.Second), false, layout == "2006-01-02")...)
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return append(dst, reconcile.FormatRealDate(t.Round(time.Second), true, false)...)
	}
	return append(dst, raw...)
}
