package list

import (
	"math"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// The days a date cell can hold. Before March 1900 the count is off by a day
// (Excel keeps a 29 February 1900), after 9999 there is none.
var (
	firstDay = time.Date(1900, time.March, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)
	dayZero  = time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
)

// serial is a moment as spreadsheets count: days since dayZero by the clock of its
// own zone; ok is false where there is no such cell.
func serial(t time.Time) (days float64, ok bool) {
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	if local.Before(firstDay) || !local.Before(lastDay.AddDate(0, 0, 1)) {
		return 0, false
	}
	// In seconds: a Duration does not reach from 1899 to 9999.
	days = float64(local.Unix()-dayZero.Unix()) / 86400
	// A second is a hundred thousandth of a day; beyond the tenth digit is noise.
	return math.Round(days*1e10) / 1e10, true
}

// cells makes cells of values.
type cells struct {
	words
	styles *styles
}

// text is a cell of text from anywhere.
func (c cells) text(name styleName, text string) excelize.Cell {
	return c.made(name, inert(text))
}

// line is a cell of text that has no line breaks.
func (c cells) line(name styleName, text string) excelize.Cell {
	return c.made(name, inertLine(text))
}

// made is a cell of text that is inert already; without any, an empty cell rather
// than one that holds an empty text.
func (c cells) made(name styleName, text string) excelize.Cell {
	if text == "" {
		return excelize.Cell{StyleID: c.styles[name]}
	}
	return excelize.Cell{StyleID: c.styles[name], Value: text}
}

func (c cells) number(n int) excelize.Cell {
	return excelize.Cell{StyleID: c.styles[styleNumber], Value: n}
}

// moment is a real date, with its time of day where one is known; text where no
// spreadsheet has such a date, and empty where it is unknown.
func (c cells) moment(m reconcile.Moment) excelize.Cell {
	if !m.Known() {
		return c.text(styleText, "")
	}
	days, ok := serial(m.Time.In(c.zone))
	switch {
	case !ok:
		return c.text(styleText, c.words.moment(m))
	case m.DateOnly:
		return excelize.Cell{StyleID: c.styles[styleDay], Value: math.Floor(days)}
	}
	return excelize.Cell{StyleID: c.styles[styleMoment], Value: days}
}

func (c cells) time(t time.Time) excelize.Cell { return c.moment(reconcile.Moment{Time: t}) }

// row makes the cells of one item, the mark among them.
func (c cells) row(values []any, number int, item *Item, from origin) []any {
	code := inertLine(item.Code)
	answer := inert(item.Note)
	values = values[:0]
	for at := colNumber; at <= colMark; at++ {
		var cell excelize.Cell
		switch at {
		case colNumber:
			cell = c.number(number)
		case colCode:
			cell = c.made(styleText, code)
		case colProcedure:
			cell = c.line(styleText, item.Procedure)
		case colReceived:
			cell = c.moment(item.received())
		case colDue:
			cell = c.moment(item.due())
		case colPlatform:
			cell = c.line(styleText, c.status(item, reconcile.Platform))
		case colOffice:
			cell = c.line(styleText, c.status(item, reconcile.Office))
		case colKind:
			cell = c.line(styleText, kindWords(item.Kind))
		case colEffect:
			cell = c.line(styleText, effectWords(item.Effect))
		case colSince:
			cell = c.time(item.Since)
		case colTimes:
			cell = c.number(item.Times)
		case colTask:
			cell = c.line(styleText, c.task(item))
		case colAnswer:
			cell = c.made(styleAnswer, answer)
		case colMark:
			m := mark{item.ID, item.Values, given(answerText(answer))}
			cell = c.made(styleText, m.in(from, code))
		}
		values = append(values, cell)
	}
	return values
}
