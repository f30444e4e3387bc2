package jobs

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Cron is a five-field cron expression by the clock of one zone, whatever zone the
// host has. The zero value never ticks.
type Cron struct {
	spec *cron.SpecSchedule
	zone *time.Location
	expr string
}

// ParseCron reads an expression such as "0 1 * * *". "" gives one that never ticks.
func ParseCron(expr string, zone *time.Location) (Cron, error) {
	fields := strings.Fields(expr)
	if len(fields) == 0 {
		return Cron{}, nil
	}
	if zone == nil {
		return Cron{}, fmt.Errorf("jobs: cron %q: no zone given", expr)
	}
	// Parsers differ beyond the five fields: descriptors, and zones within.
	if len(fields) != 5 || strings.Contains(expr, "=") {
		return Cron{}, fmt.Errorf("jobs: cron %q: minute, hour, day, month and weekday, please", expr)
	}
	schedule, err := cron.ParseStandard(strings.Join(fields, " "))
	if err != nil {
		return Cron{}, fmt.Errorf("jobs: cron %q: %w", expr, err)
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return Cron{}, fmt.Errorf("jobs: cron %q: not a calendar schedule", expr)
	}
	spec.Location = zone
	c := Cron{spec: spec, zone: zone, expr: strings.Join(fields, " ")}
	if c.Next(time.Now()).IsZero() {
		return Cron{}, fmt.Errorf("jobs: cron %q: there is no such day", expr)
	}
	return c, nil
}

// Next is the first tick after now, in the zone; zero where there is none.
func (c Cron) Next(now time.Time) time.Time {
	if c.spec == nil {
		return time.Time{}
	}
	return c.spec.Next(now.In(c.zone))
}

// Last is the last tick at or before now, in the zone; zero where there is none in
// the last nine years.
func (c Cron) Last(now time.Time) time.Time {
	if c.spec == nil {
		return time.Time{}
	}
	now = now.In(c.zone)
	const limit = 9 * 366 * 24 * time.Hour // 29 February is missing for eight years around 2100
	for back := time.Hour; ; back *= 2 {
		from := now.Add(-back)
		tick := c.spec.Next(from)
		if tick.IsZero() || tick.After(now) {
			if back > limit {
				return time.Time{}
			}
			continue
		}
		for {
			next := c.spec.Next(tick)
			if next.IsZero() || next.After(now) {
				return tick
			}
			tick = next
		}
	}
}
