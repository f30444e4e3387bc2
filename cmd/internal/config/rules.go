package config

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Defaults of RULES.md §6 and §7.
const (
	defaultPercent     = 10
	defaultShrinkCount = 50
	defaultSurgeCount  = 200
	// The answering time of the reminder letters of the town's report.
	defaultCorrection = 24 * time.Hour
)

func (v value) rules() Rules {
	s := v.section("write keys such as grace, deadline, shrink, surge")
	rules := Rules{
		Grace:   s.get("grace").grace(),
		Compare: s.get("deadline").compare(),
		Shrink:  s.get("shrink").threshold(defaultShrinkCount),
		Surge:   s.get("surge").threshold(defaultSurgeCount),
		Correction: s.get("correction").duration(defaultCorrection, time.Minute,
			"write the working time that a department is given to correct a record, such as 24h"),
	}
	s.done()
	return rules
}

// grace gives every kind its working time: its own key, else default, else the
// rules' default. default leaves those kinds at zero that no passing of time
// makes right.
func (v value) grace() map[reconcile.Kind]time.Duration {
	const remedy = "write working time such as 8h, or 0s for none"
	s := v.section("write {default: 8h} and keys for single kinds")
	common := s.get("default")
	general := common.duration(-1, 0, remedy)
	grace := make(map[reconcile.Kind]time.Duration, len(reconcile.Kinds))
	for _, kind := range reconcile.Kinds {
		fallback := kind.DefaultGrace()
		if general >= 0 && fallback > 0 {
			fallback = general
		}
		grace[kind] = s.get(string(kind)).duration(fallback, 0, remedy)
	}
	s.done()
	return grace
}

func (v value) compare() reconcile.DeadlineCompare {
	s := v.section("write {compare: timestamp} or {compare: date}")
	word := s.get("compare").choice(string(reconcile.ByTimestamp), string(reconcile.ByTimestamp), string(reconcile.ByDate))
	s.done()
	return reconcile.DeadlineCompare(word)
}

func (v value) threshold(count int) Threshold {
	s := v.section("write {percent: 10, count: 50}")
	t := Threshold{
		Percent: s.get("percent").number(defaultPercent, 0, 100, "write a share from 0 to 100, such as 10"),
		Count:   s.get("count").integer(count, 0, 1_000_000_000, "write a number of dossiers, such as 50"),
	}
	s.done()
	return t
}
