package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/store"
)

const (
	// deliverLease is for how long nobody else sends what is being sent. A process
	// that dies with it leaves the message to others after that.
	deliverLease = 5 * time.Minute
	deliverBatch = 20
	// firstPause doubles with every attempt, up to longestPause.
	firstPause   = time.Minute
	longestPause = 4 * time.Hour
)

// letters is the job that makes the letters of a business day, to every department
// that has a channel and something new to be told of.
func (d *Daemon) letters(ctx context.Context, day string) error {
	app, done := d.current.take()
	defer done()
	at := d.asOf()
	if app.Config.Deliver == nil || !app.Calendar.IsWorkingDay(at) || day != d.today() {
		return nil // the next day's letters say the same and more
	}
	var errs []error
	for _, department := range app.Config.Departments {
		if len(app.channelsOf(department.Code)) == 0 {
			continue
		}
		l, created, err := app.MakeLetter(ctx, LetterOptions{
			Department: department.Code, AsOf: at, At: d.now(), By: serviceName, IfChanged: !app.Config.Deliver.Unchanged, Send: true,
		})
		log := d.log.WithField("department", department.Code)
		switch {
		case errors.Is(err, store.ErrHeld):
			return fmt.Errorf("letters wait: %w", err)
		case errors.Is(err, store.ErrNothingToRemind), errors.Is(err, errUnchanged):
			log.WithField("reason", err).Debug("no letter")
		case err != nil:
			errs = append(errs, fmt.Errorf("letter to %s: %w", department.Code, err))
		case created:
			log.WithFields(logrus.Fields{"letter": l.ID, "number": l.Label, "times": l.Times, "count": l.Count}).Info("letter")
		}
	}
	d.drawSoon()
	return errors.Join(errs...)
}

// serviceName signs what no person asked for.
const serviceName = "doisoat"

// deliver is the job that sends what is due in the outbox. Each message is sent at
// least once, under the same message id however often.
func (d *Daemon) deliver(ctx context.Context) error {
	app, done := d.current.take()
	defer done()
	if at := d.asOf(); app.mayLeave(at).After(at) {
		return nil // the schedule asks again when they may
	}
	return app.Deliver(ctx, d.asOf, func(one *store.Delivery, err error) {
		d.metrics.DeliveryEnded(one.Channel, one.Department, err != nil)
		d.drawSoon()
	})
}

// nextDelivery is when the outbox is to be looked at again; past where something may
// be sent by now.
func (d *Daemon) nextDelivery(ctx context.Context) (time.Time, error) {
	app, done := d.current.take()
	defer done()
	next, err := d.store.NextDelivery(ctx)
	if err != nil || next.IsZero() {
		return next, err
	}
	now := d.now()
	at := now
	if d.o.AsOf != nil {
		at = d.o.AsOf()
	}
	// What is due stays past: the schedule looked at its clock before this one did, and
	// what is due now would for ever be a moment ahead of it.
	if leaves := app.mayLeave(at); next.After(at) {
		next = app.mayLeave(next)
	} else if leaves.After(at) {
		next = leaves
	}
	// The schedule goes by the clock, deliveries by the moment of decisions.
	return next.Add(now.Sub(at)), nil
}

// Deliver sends what is due by the clock, until nothing is. told hears how each
// attempt went.
func (a *App) Deliver(ctx context.Context, clock func() time.Time, told func(*store.Delivery, error)) error {
	for {
		due, err := a.Store.DueDeliveries(ctx, clock(), deliverBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		for i := range due {
			if err := ctx.Err(); err != nil {
				return err
			}
			at := clock()
			claimed, err := a.Store.ClaimDelivery(ctx, due[i].ID, at, at.Add(deliverLease))
			if err != nil {
				return err
			}
			if claimed == nil {
				continue // somebody else has it, or a run is held by now
			}
			if err := a.attempt(ctx, claimed, clock, told); err != nil {
				return err
			}
		}
	}
}

// attempt sends one message and keeps how that went. An error is the store's.
func (a *App) attempt(ctx context.Context, one *store.Delivery, clock func() time.Time, told func(*store.Delivery, error)) error {
	sending, cancel := context.WithTimeout(ctx, deliverLease-30*time.Second)
	err := a.send(sending, one)
	cancel()
	// However it ended, that must be kept although the process is told to stop.
	keeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	log := a.log.WithFields(logrus.Fields{
		"delivery": one.ID, "letter": one.LetterID, "department": one.Department, "channel": one.Channel, "message_id": one.MessageID, "attempt": one.Attempts,
	})
	at := clock()
	if err == nil {
		log.WithField("state", store.DeliverySent).Info("delivery")
		told(one, nil)
		return a.Store.DeliverySent(keeping, one.ID, at)
	}
	if ctx.Err() != nil { // not the receiver's fault: it is tried again at once
		return errors.Join(a.Store.DeliveryFailed(keeping, one, at, at, false, "interrupted"), ctx.Err())
	}
	dead := isPermanent(err) || one.Attempts >= a.delivery().Attempts
	state := store.DeliveryPending
	if dead {
		state = store.DeliveryDead
	}
	log.WithError(err).WithField("state", state).Warn("delivery")
	told(one, err)
	return a.Store.DeliveryFailed(keeping, one, at, at.Add(pauseAfter(one.Attempts)), dead, err.Error())
}

// pauseAfter is how long to wait after an attempt that failed.
func pauseAfter(attempts int) time.Duration {
	pause := firstPause
	for range attempts - 1 {
		if pause *= 2; pause >= longestPause {
			return longestPause
		}
	}
	return pause
}
