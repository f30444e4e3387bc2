package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"io"
	"strconv"
	"time"
)

// State is where a discrepancy stands in its life (RULES.md §7).
type State string

// The states. People set acknowledged and waived; the service sets the others.
const (
	StateSuspected    State = "suspected"
	StateOpen         State = "open"
	StateAcknowledged State = "acknowledged"
	StateWaived       State = "waived"
	StateResolved     State = "resolved"
)

// States lists the states in the order of a discrepancy's life.
var States = []State{StateSuspected, StateOpen, StateAcknowledged, StateWaived, StateResolved}

// Discrepancy is a finding that is followed through its life. Its identity is
// kind, code and side, never the values.
type Discrepancy struct {
	ID         string
	Kind       Kind
	Code       string
	Side       Side // "" where the kind concerns both
	Department string
	State      State
	Effect     Effect
	Reason     string
	Since      time.Time
	SinceFrom  string

	FirstDetectedAt time.Time // as_of of the run that found it first; never changes
	OpenedAt        time.Time // as_of at which it last became open; zero if never
	ResolvedAt      time.Time // as_of at which it was resolved; zero while it stands
	Reopened        int       // how often it came back after having been resolved

	// Values is a digest of what both sides say; a waiver holds for one such.
	Values       string
	SetBy, Note  string // who acknowledged or waived it, and what they said
	WaivedUntil  time.Time
	WaivedValues string

	// Unstable: the values changed at the very look that was to confirm it. It
	// stays suspected, is shown apart and never sent, until two looks agree.
	Unstable bool

	// WakeAt is when the passing of time alone may change it; zero if never.
	WakeAt time.Time
}

// Standing reports whether the discrepancy is not resolved.
func (d *Discrepancy) Standing() bool { return d.State != StateResolved }

// DiscrepancyID is the identity as one short word: the same in every run and
// every store.
func DiscrepancyID(k Kind, code string, side Side) string {
	sum := sha256.Sum256([]byte(string(k) + "\n" + code + "\n" + string(side)))
	return hex.EncodeToString(sum[:8])
}

// Event is one change in a discrepancy's life.
type Event struct {
	DiscrepancyID string
	At            time.Time // as_of of the run, or the moment a person acted
	Actor         string    // "doisoat" or a person
	From, To      State     // From is "" for the first
	Why           string
}

// ServiceActor is the actor of events that no person caused.
const ServiceActor = "doisoat"

// Change is a discrepancy as it is to be kept from now on, with the event that
// made it so. Event.To is "" where only WakeAt moved, which is no event.
type Change struct {
	Discrepancy Discrepancy
	New         bool
	Event       Event
}

// valuesOf digests what the rules read of both records.
func valuesOf(p *Pair) string {
	h := fnv.New64a()
	for _, rec := range [...]*Record{p.Platform, p.Office} {
		if rec == nil {
			_, _ = io.WriteString(h, "-\n") // a hash never fails
			continue
		}
		writeValues(h, rec)
	}
	sum := h.Sum64()
	for i := range p.DoubledRows { // in any order
		h.Reset()
		writeValues(h, &p.DoubledRows[i])
		sum += h.Sum64()
	}
	return strconv.FormatUint(sum, 36)
}

func writeValues(h io.Writer, rec *Record) {
	_, _ = io.WriteString(h, string(rec.Status)+"\n"+rec.RawStatus+"\n"+rec.Department+"\n")
	for _, m := range [...]Moment{rec.ReceivedAt, rec.DueAt, rec.ExtendedDueAt, rec.CompletedAt, rec.ReturnedAt} {
		if m.Known() {
			_, _ = io.WriteString(h, strconv.FormatInt(m.Time.Unix(), 36))
		}
		_, _ = io.WriteString(h, "\n")
	}
}

// Opened reports whether the change made the discrepancy open.
func (c *Change) Opened() bool {
	return c.Event.To == StateOpen && c.Event.From != StateOpen
}

// Resolved reports whether the change resolved it.
func (c *Change) Resolved() bool {
	return c.Event.To == StateResolved && c.Event.From != StateResolved
}

// Reopened reports whether it came back after having been resolved.
func (c *Change) Reopened() bool {
	return c.Event.From == StateResolved && c.Event.To != "" && c.Event.To != StateResolved
}
