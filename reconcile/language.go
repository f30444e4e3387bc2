package reconcile

import (
	"strconv"
	"strings"
	"time"
)

// Sentence is one thing said in both languages.
type Sentence struct {
	Vi, En string
}

// How the two languages write a number's thousands and its decimals.
const (
	thousandsVi, decimalsVi = ".", ","
	thousandsEn, decimalsEn = ",", "."
)

func numberVi(n int) string { return grouped(n, thousandsVi) }

func numberEn(n int) string { return grouped(n, thousandsEn) }

func grouped(n int, separator string) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return digits
}

// share is part of whole in percent, to a tenth. What is not nothing never reads as
// nothing, and what is not all never as all.
func share(part, whole int, decimals, below string) string {
	if whole <= 0 {
		return "0%"
	}
	tenths := (part*2000 + whole) / (2 * whole)
	switch {
	case part > 0 && tenths == 0:
		return below + " 0" + decimals + "1%"
	case part < whole && tenths >= 1000:
		tenths = 999
	}
	text := strconv.Itoa(tenths / 10)
	if tenths%10 != 0 {
		text += decimals + strconv.Itoa(tenths%10)
	}
	return text + "%"
}

func shareVi(part, whole int) string { return share(part, whole, decimalsVi, "dưới") }

func shareEn(part, whole int) string { return share(part, whole, decimalsEn, "under") }

// WorkingTimeVi writes working time as a department says it: "2 ngày 3 giờ làm
// việc". day is the working time of a day. Seconds are left out.
func WorkingTimeVi(d, day time.Duration) string {
	days, hours, minutes := workingParts(d, day)
	return parts(" làm việc", named{days, "ngày", "ngày"}, named{hours, "giờ", "giờ"}, named{minutes, "phút", "phút"})
}

// WorkingTimeEn is WorkingTimeVi in English: "2 days 3 hours of working time".
func WorkingTimeEn(d, day time.Duration) string {
	days, hours, minutes := workingParts(d, day)
	return parts(" of working time", named{days, "day", "days"}, named{hours, "hour", "hours"}, named{minutes, "minute", "minutes"})
}

func workingParts(d, day time.Duration) (days, hours, minutes int) {
	d = max(d, 0)
	if day > 0 {
		days, d = int(d/day), d%day
	}
	return days, int(d / time.Hour), int(d % time.Hour / time.Minute)
}

type named struct {
	n         int
	one, many string
}

// parts joins what is not zero; nothing at all is the last of them, zero.
func parts(end string, list ...named) string {
	var words []string
	for i, p := range list {
		if p.n != 0 || i == len(list)-1 && words == nil {
			words = append(words, strconv.Itoa(p.n), plural(p.n, p.one, p.many))
		}
	}
	return strings.Join(words, " ") + end
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// dossiersVi and dossiersEn count dossiers.
func dossiersVi(n int) string { return numberVi(n) + " hồ sơ" }

func dossiersEn(n int) string { return numberEn(n) + " " + plural(n, "dossier", "dossiers") }
