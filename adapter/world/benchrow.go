package world

import (
	"strconv"
	"time"
)

// benchPair is one dossier of a big world with both its rows.
type benchPair struct {
	day, unit, number int // of the code
	procedure         uint64
	home              int    // index of the office that holds it
	named             int    // index of the office that the platform names
	kind              string // of discrepancy; "" for none
	platform, office  benchRow
}

// benchRow is one side's row. Moments are minutes since benchEpoch; 0 is none.
type benchRow struct {
	status                                             int // national number; negative: as it stands
	received, due, extended, completed, returned, last int
}

// benchEpoch lies before every moment of a big world.
var benchEpoch = time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	benchFirstDay = 90 // 2018-04-01, in days since benchEpoch
	benchDays     = 85 // of reception: the last ends before the grace of BenchAsOf begins
	benchUnits    = 50 // agencies that number their dossiers by themselves
	minutesADay   = 24 * 60
)

// national status numbers used here.
const (
	natProcessing = 4
	natSupplement = 5
	natWithdrawn  = 7
	natResolved   = 9
	natReturned   = 10
)

// landNumber is the land register's number for a national one.
var landNumber = [...]int{1: 0, 2: 1, 3: 8, 4: 1, 5: 2, 6: 3, 7: 6, 8: 7, 9: 4, 10: 5}

// benchDossier computes the i-th dossier of n from the seed alone.
func benchDossier(i, n int, seed uint64) benchPair {
	draw := seed*0x9e3779b97f4a7c15 + uint64(i)
	next := func(below int) int {
		draw += 0x9e3779b97f4a7c15
		x := draw
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		return int((x ^ x>>31) >> 1 % uint64(below))
	}
	day := int(int64(i) * benchDays / int64(n))
	firstOfDay := int((int64(day)*int64(n) + benchDays - 1) / benchDays)
	inDay := i - firstOfDay
	d := benchPair{day: benchFirstDay + day, unit: 10 + inDay%benchUnits, number: 1 + inDay/benchUnits, procedure: uint64(1000 + next(9000))}
	d.home = next(benchOffices)
	d.named = d.home

	r := benchRow{received: d.day*minutesADay + 7*60 + next(240)}
	r.due = (d.day+4+next(25))*minutesADay + 17*60
	r.last = r.received + 30
	r.status = natProcessing
	switch k := next(100); {
	case k < 45:
		r.end(natReturned, next)
	case k < 80:
		r.end(natResolved, next)
	case k < 84:
		r.status = natSupplement
	case k < 85:
		r.end(natWithdrawn, next)
	}
	d.platform, d.office = r, r
	if next(100) < 2 {
		d.spoil(next)
	}
	return d
}

// end finishes the row, one to four days after reception, at 07:00 to 10:59.
func (r *benchRow) end(status int, next func(int) int) {
	day := r.received/minutesADay + 1 + next(4)
	r.status, r.completed = status, day*minutesADay+7*60+next(240)
	r.returned, r.last = 0, r.completed+5
	if status == natReturned {
		r.returned = r.completed + 120
		r.last = r.returned + 5
	}
}

// live takes the row back to work.
func (r *benchRow) live(status int) {
	r.status, r.completed, r.returned, r.last = status, 0, 0, r.received+30
}

// spoil makes the two rows disagree.
func (d *benchPair) spoil(next func(int) int) {
	p, o := &d.platform, &d.office
	switch next(11) {
	case 0, 1:
		d.kind = "resolved_not_closed"
		p.live(natProcessing)
		o.end(natReturned, next)
	case 2, 3:
		d.kind = "closed_in_progress"
		p.end(natResolved, next)
		o.live(natProcessing)
	case 4:
		d.kind = "completion_date_mismatch"
		p.end(natResolved, next)
		*o = *p
		o.completed, o.last = o.completed+6*minutesADay, o.last+6*minutesADay
		if latest := (benchFirstDay+benchDays)*minutesADay - 1; o.completed > latest {
			// Keep what is compared at BenchAsOf in the past: the office was early.
			o.completed, o.last = p.received+10, p.received+15
		}
	case 5:
		d.kind = "due_date_mismatch"
		p.live(natProcessing)
		o.live(natProcessing)
		o.extended = o.due + 7*minutesADay
	case 6:
		d.kind = "outcome_mismatch"
		p.end(natReturned, next)
		*o = *p
		o.status, o.returned = natWithdrawn, 0
	case 7:
		d.kind = "pause_mismatch"
		p.live(natProcessing)
		o.live(natSupplement)
	case 8:
		d.kind = "missing_in_office"
		p.live(natProcessing)
	case 9:
		d.kind = "missing_on_platform"
		o.live(natProcessing)
	default:
		d.rare(next)
	}
}

// rare makes the kinds that come one in ten thousand.
func (d *benchPair) rare(next func(int) int) {
	p, o := &d.platform, &d.office
	p.end(natResolved, next)
	*o = *p
	switch next(4) {
	case 0:
		d.kind = "department_mismatch"
		d.named = (d.home + 1) % benchOffices
	case 1:
		d.kind = "duplicate_code"
	case 2:
		d.kind = "unmapped_status"
		o.status = -77
	default:
		d.kind = "invalid_record"
		o.completed = 0
	}
}

// touch changes one side's row as a day's work does, and its kind with it: a
// dossier on which both agreed is now worked on later by its office; any other
// one has merely been saved again.
func (d *benchPair) touch() {
	if d.kind == "missing_in_office" {
		d.platform.last++
		return
	}
	if d.kind == "" && d.platform.status == natProcessing {
		d.kind = "resolved_not_closed"
		d.office.status, d.office.completed = natResolved, d.office.received+60
		d.office.last = d.office.completed + 5
		return
	}
	d.office.last++
}

// append writes the row as a line of CSV.
func (r benchRow) append(line []byte, d benchPair, platform bool) []byte {
	date := benchEpoch.AddDate(0, 0, d.day)
	line = append(line, "000.00."...)
	line = strconv.AppendInt(line, int64(d.unit), 10)
	line = append(line, ".H57-"...)
	line = appendNumber(line, date.Year()%100, 2)
	line = appendNumber(line, int(date.Month()), 2)
	line = appendNumber(line, date.Day(), 2)
	line = append(line, '-')
	line = appendNumber(line, d.number, 4)
	line = append(line, ",1.00"...)
	line = strconv.AppendUint(line, d.procedure, 10)
	status := r.status
	if platform {
		line = append(line, ",PHONG"...)
		line = appendNumber(line, d.named, 2)
	} else if status > 0 {
		status = landNumber[status]
	} else {
		status = -status
	}
	line = append(line, ',')
	line = strconv.AppendInt(line, int64(status), 10)
	for _, m := range [...]int{r.received, r.due, r.extended, r.completed, r.returned, r.last} {
		line = append(line, ',')
		line = appendMinute(line, m)
	}
	return append(line, '\n')
}

// appendMinute writes yyyy-MM-dd HH:mm, or nothing for 0.
func appendMinute(line []byte, minute int) []byte {
	if minute == 0 {
		return line
	}
	year, month, day := benchEpoch.AddDate(0, 0, minute/minutesADay).Date()
	line = appendNumber(line, year, 4)
	line = append(line, '-')
	line = appendNumber(line, int(month), 2)
	line = append(line, '-')
	line = appendNumber(line, day, 2)
	line = append(line, ' ')
	line = appendNumber(line, minute%minutesADay/60, 2)
	line = append(line, ':')
	return appendNumber(line, minute%60, 2)
}

// appendNumber writes n with at least so many digits.
func appendNumber(line []byte, n, digits int) []byte {
	for limit := 10; digits > 1; digits-- {
		if n < limit {
			line = append(line, "0000"[:digits-1]...)
			break
		}
		limit *= 10
	}
	return strconv.AppendInt(line, int64(n), 10)
}
