package rest

import "time"

// window is one stretch of time that is read by itself; the zero window stands
// for a list that is read in one go.
type window struct {
	from, to time.Time
}

// cut divides the time from start to end into windows of at most max.
//
// Neighbours share their boundary: the one's to is the other's from. Whether a
// system takes its bounds as inclusive or not is hardly ever written down, and
// this way no row can fall between two windows, unless both bounds are
// exclusive. A row on the boundary may come twice; the poll recognises it by
// its fingerprint and takes it out of the declared totals. The last to is
// rounded up to what the layout can tell, so that a system which takes a bare
// date as its midnight still gives the rows of today.
func cut(l *layout, start, end time.Time, max time.Duration) []window {
	from, last := l.floor(start), l.ceil(end)
	var ws []window
	for from.Before(last) {
		to := l.add(from, max)
		if !to.After(from) { // a zone's clock stood still; never stand still with it
			to = from.Add(l.unit)
		}
		if to.After(last) {
			to = last
		}
		ws = append(ws, window{from: from, to: to})
		from = to
	}
	return ws
}
