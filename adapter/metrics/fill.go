package metrics

import "github.com/doisoat/doisoat/reconcile"

// SeriesBudget is how many series one doisoat may show: that of a province of 190
// departments with a source each, in every one of the fourteen kinds.
const SeriesBudget = 10_000

// filling names a group of series that is shown as zero before anything happened.
type filling int

// The groups, the most useful first: what alerts take increases of, then what
// dashboards divide and subtract, last what is only nice to see as zero.
const (
	fillRefused filling = iota
	fillEffects
	fillOpened
	fillResolved
	fillStatuses
	fillAnswers
	fillPastCorrection
	fillReopened
	fillOutbox
	fillRejected
	fillFailures
	fillDeliveries
	fillUnmapped
	fillHeld
	fillStates
	fillings // how many there are
)

// planFill decides which groups are filled with zeros: one after the other, as
// long as the budget leaves room for them beside what is always shown and what
// the data usually adds. It looks at the configuration alone, so that no series
// comes or goes because another one did.
func planFill(l *layout) map[filling]bool {
	fill := make(map[filling]bool, fillings)
	used := alwaysShown(l)
	sizes := groupSizes(l)
	for _, size := range sizes {
		used += size.usual
	}
	for group, size := range sizes {
		if more := size.whole - size.usual; used+more <= SeriesBudget {
			used += more
			fill[filling(group)] = true
		}
	}
	return fill
}

// groupSize is how many series a group has when filled, and how many of them
// usually have a value anyway.
type groupSize struct{ whole, usual int }

// groupSizes takes the usual shares from the quarter that ships as the demo: a
// department has discrepancies of two or three kinds at a time, and of four or
// so in the course of a year.
func groupSizes(l *layout) [fillings]groupSize {
	departments, sources, pairs, legs := len(l.departments), len(l.sources), len(l.pairs), len(l.legs)
	both := departments * len(reconcile.Kinds)
	deliveries := 2 * departments * len(l.channels)
	return [fillings]groupSize{
		fillRefused:        {pairs * len(Refusals), pairs / 20},
		fillEffects:        {departments * len(shownEffects), departments / 2},
		fillOpened:         {both, both / 4},
		fillResolved:       {both, both / 4},
		fillStatuses:       {sources * (len(reconcile.Statuses) + 1), sources * 4},
		fillAnswers:        {sources * 2, sources * 5 / 4},
		fillPastCorrection: {both, both / 12},
		fillReopened:       {both, both / 25},
		fillOutbox:         {departments * 2, departments / 10},
		fillRejected:       {sources * len(rejections), sources / 5},
		fillFailures:       {legs * len(reconcile.Causes), legs / 5},
		fillDeliveries:     {deliveries, deliveries / 2},
		fillUnmapped:       {sources * len(unmappedFields), sources / 10},
		fillHeld:           {sources, 0},
		fillStates:         {both * (len(shownStates) - 1), both / 10},
	}
}

// alwaysShown counts the series that are there whatever is filled.
func alwaysShown(l *layout) int {
	departments, sources := len(l.departments), len(l.sources)
	const process = 200 // go_*, process_*, runs, HTTP, configuration
	perKind := len(correctionBuckets) + 3
	perLeg := len(pollBuckets(sources)) + 3
	return process +
		len(reconcile.Kinds)*perKind +
		departments*len(reconcile.Kinds)*7/6 + // open, and since when of those that are
		departments*2 + // compared, uncovered
		len(l.pairs)*6 + // info, up, four moments
		sources*3 + // interval, age, records
		len(l.legs)*(1+perLeg)
}
