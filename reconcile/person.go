package reconcile

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Acknowledge is a person's word that somebody knows of the discrepancy and sees
// to it. It stays until the discrepancy is resolved.
func (d *Discrepancy) Acknowledge(by, note string, at time.Time) (Change, error) {
	now := *d
	now.State, now.WaivedUntil, now.WaivedValues = StateAcknowledged, time.Time{}, ""
	return d.said(now, by, note, at)
}

// Waive is a person's word that the discrepancy is right as it is, until a
// moment (exclusive) or until the values change that it was given for.
func (d *Discrepancy) Waive(by, note string, until, at time.Time) (Change, error) {
	if !until.After(at) {
		return Change{}, fmt.Errorf("discrepancy %s: a waiver until %s has ended already", d.ID, until.Format(time.DateOnly))
	}
	now := *d
	now.State, now.WaivedUntil, now.WaivedValues = StateWaived, until, d.Values
	if now.WakeAt.IsZero() || until.Before(now.WakeAt) {
		now.WakeAt = until
	}
	return d.said(now, by, note, at)
}

func (d *Discrepancy) said(now Discrepancy, by, note string, at time.Time) (Change, error) {
	by, note = strings.TrimSpace(by), strings.TrimSpace(note)
	switch {
	case !d.Standing():
		return Change{}, fmt.Errorf("discrepancy %s is resolved; there is nothing to say of it", d.ID)
	case by == "" || by == ServiceActor:
		return Change{}, errors.New("say who you are")
	case note == "":
		return Change{}, errors.New("say why")
	}
	now.SetBy, now.Note = by, note
	return Change{Discrepancy: now, Event: Event{
		DiscrepancyID: d.ID, At: at, Actor: by, From: d.State, To: now.State, Why: note,
	}}, nil
}

// TakeBack ends a person's acknowledgement or waiver. The discrepancy is open again
// if it ever was, else suspected; the next run decides.
func (d *Discrepancy) TakeBack(by, note string, at time.Time) (Change, error) {
	if d.State != StateAcknowledged && d.State != StateWaived {
		return Change{}, fmt.Errorf("discrepancy %s is %s; there is no acknowledgement or waiver to take back", d.ID, d.State)
	}
	now := *d
	now.State, now.WaivedUntil, now.WaivedValues, now.WakeAt = StateSuspected, time.Time{}, "", everyRun
	if !d.OpenedAt.IsZero() {
		now.State = StateOpen
	}
	c, err := d.said(now, by, note, at)
	c.Discrepancy.SetBy, c.Discrepancy.Note = "", "" // the event keeps what was said
	return c, err
}
