package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// digest writes out everything an answer can depend on, in one fixed order, and
// hashes it. Stored results are compared with it across releases: a change of
// this text makes every stored digest look changed.
func digest(c *Calendar) string {
	var text strings.Builder
	fmt.Fprintf(&text, "zone %s %d\n", c.zone, c.clock.offset)
	for _, s := range c.hours {
		fmt.Fprintf(&text, "hours %d %d\n", s.From, s.To)
	}
	for i, works := range c.days.works {
		if works {
			fmt.Fprintf(&text, "weekday %d\n", dayNumber(i).weekday())
		}
	}
	for _, y := range c.years {
		fmt.Fprintf(&text, "year %d\n", y)
	}
	for _, day := range slices.Sorted(maps.Keys(c.notes)) {
		n := c.notes[day]
		kind := "holiday"
		if n.makeup {
			kind = "makeup"
		}
		fmt.Fprintf(&text, "%s %s %q\n", kind, day.date(), n.name)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:16])
}
