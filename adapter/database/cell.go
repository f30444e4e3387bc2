package database

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"
	mssql "github.com/microsoft/go-mssqldb"

	"github.com/doisoat/doisoat/reconcile"
)

// kind says how a column's values are written as text.
type kind int

const (
	plain     kind = iota // as the driver gives it
	padded                // CHAR(n): blanks at the end are not part of the value
	date                  // a day
	clock                 // a clock reading without a zone
	zoned                 // a moment
	timeOfDay             //
	dayOrTime             // Oracle's DATE: always has a time; midnight means that none was entered
	bits                  // MySQL's BIT: a number in bytes
	guid                  // SQL Server's UNIQUEIDENTIFIER: bytes in an order of its own
	list                  // PostgreSQL's text[]: values apart by line feeds
)

// cell receives one column of the row at hand. It is used again for every row:
// what it holds is valid until the next Scan.
type cell struct {
	kind kind
	zone *time.Location // that of the session, for a moment that arrives as text

	null bool
	text []byte
	when time.Time // instead of text where isTime
	day  bool      // when has no time of day
	time bool
}

// Scan implements sql.Scanner, the only way to get at a driver's own buffer
// without a copy on the heap.
func (c *cell) Scan(src any) error {
	c.null, c.time, c.text = false, false, c.text[:0]
	switch v := src.(type) {
	case nil:
		c.null = true
	case []byte:
		return c.bytes(v)
	case string:
		c.text = append(c.text, v...)
		c.trim()
	case int64:
		c.text = strconv.AppendInt(c.text, v, 10)
	case uint64:
		c.text = strconv.AppendUint(c.text, v, 10)
	case float64:
		c.float(v, 64)
	case float32:
		c.float(float64(v), 32)
	case bool:
		c.text = strconv.AppendBool(c.text, v)
	case time.Time:
		c.moment(v)
	default:
		return fmt.Errorf("a value of Go type %T is nothing that can be read: cast the column to text in `query`", src)
	}
	return nil
}

func (c *cell) bytes(v []byte) error {
	switch c.kind {
	case date, clock, zoned:
		c.momentText(v)
		return nil
	case bits:
		if len(v) <= 8 {
			var wide [8]byte
			copy(wide[8-len(v):], v)
			c.text = strconv.AppendUint(c.text, binary.BigEndian.Uint64(wide[:]), 10)
			return nil
		}
	case guid:
		var id mssql.UniqueIdentifier
		if err := id.Scan(v); err != nil {
			return fmt.Errorf("unique identifier: %w", err)
		}
		c.text = append(c.text, id.String()...)
		return nil
	case list:
		var values pq.StringArray
		if err := values.Scan(v); err == nil { // one with NULLs or several dimensions stays as it is
			c.text = append(c.text, strings.Join(values, "\n")...)
			return nil
		}
	}
	c.text = append(c.text, v...)
	c.trim()
	return nil
}

func (c *cell) trim() {
	if c.kind == padded {
		c.text = bytes.TrimRight(c.text, " ")
	}
}

// float writes 4 for 4.0: a status in a column of floating numbers is still "4".
func (c *cell) float(v float64, size int) {
	format := byte('f')
	if a := math.Abs(v); a >= 1e21 || a != 0 && a < 1e-9 {
		format = 'g'
	}
	c.text = strconv.AppendFloat(c.text, v, format, -1, size)
}

// moment takes a real date. The year 1 is what .NET writes for a date that was
// never set; no dossier is of that year.
func (c *cell) moment(t time.Time) {
	switch {
	case c.kind == timeOfDay:
		c.text = t.AppendFormat(c.text, "15:04:05.999")
	case t.Year() <= 1:
		c.null = true
	default:
		c.when, c.time = t, true
		c.day = c.kind == date || c.kind == dayOrTime && midnight(t)
	}
}

func midnight(t time.Time) bool {
	hour, minute, second := t.Clock()
	return hour == 0 && minute == 0 && second == 0 && t.Nanosecond() == 0
}

// momentText reads MySQL's dates, which are taken as text because a zero date
// is none that Go could hold: 0000-00-00 means that no date was set. What is no
// whole date (2018-00-00, PostgreSQL's infinity) stays text for the mapping to judge.
func (c *cell) momentText(v []byte) {
	if bytes.HasPrefix(v, []byte("0000-00-00")) {
		c.null = true
		return
	}
	layout := "2006-01-02 15:04:05.999999999"
	if c.kind == date {
		layout = "2006-01-02"
	}
	zone := time.UTC
	if c.kind == zoned && c.zone != nil {
		zone = c.zone
	}
	t, err := time.ParseInLocation(layout, string(v), zone)
	if err != nil {
		c.text = append(c.text, v...)
		return
	}
	c.moment(t)
}

// appendText writes the value as the mapping will see it.
func (c *cell) appendText(b []byte) []byte {
	switch {
	case c.null:
		return b
	case c.time:
		return append(b, reconcile.FormatRealDate(c.when, c.kind == zoned, c.day)...)
	default:
		return append(b, c.text...)
	}
}

// appendHashed writes the value so that equal values, and no others, give equal
// bytes: the same moment in another session's zone is the same value.
func (c *cell) appendHashed(b []byte) []byte {
	switch {
	case c.null:
		return append(b, 0)
	case c.time:
		t := c.when
		if c.kind != zoned { // only the clock reading counts
			_, offset := t.Zone()
			t = t.Add(time.Duration(offset) * time.Second)
		}
		b = append(b, 2)
		b = binary.LittleEndian.AppendUint64(b, uint64(t.Unix()))
		return binary.LittleEndian.AppendUint32(b, uint32(t.Nanosecond()))
	default:
		b = append(b, 1)
		b = binary.AppendUvarint(b, uint64(len(c.text)))
		return append(b, c.text...)
	}
}

// readable reports whether the value is text that can be kept: UTF-8, and
// without the zero byte, which no text column of a database takes.
func (c *cell) readable() bool {
	return c.null || c.time || utf8.Valid(c.text) && bytes.IndexByte(c.text, 0) < 0
}
