package dashboards

import (
	"maps"
	"slices"
)

// Quiet lists the panels that may be empty.
func Quiet() []string { return slices.Sorted(maps.Keys(quiet)) }
