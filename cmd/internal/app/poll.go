package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// pollers is how many sources are read at the same time: enough to wait for slow
// ones side by side, few enough to bound memory.
const pollers = 4

// Poll reads every source once, in full, and takes in what can be believed. The
// snapshots come in the order of the configuration; what went wrong with a
// source stands in its snapshot. An error is one of our own side (the store, or
// the caller's context).
func (a *App) Poll(ctx context.Context) ([]reconcile.Snapshot, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	snapshots := make([]reconcile.Snapshot, len(a.sources))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(pollers, len(a.sources)) {
		workers.Go(func() {
			for i := range next {
				snap, err := a.pollOne(ctx, a.sources[i], reading{mode: reconcile.Full})
				if err != nil {
					cancel(fmt.Errorf("source %s: %w", a.sources[i].Name, err))
					continue
				}
				snapshots[i] = snap
				if a.Watch != nil {
					a.Watch.Polled(snap)
				}
			}
		})
	}
	for i := range a.sources {
		next <- i
	}
	close(next)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return snapshots, nil
}

// overruns is how often a poll is made again where another process took one of the
// same source in meanwhile.
const overruns = 3

// pollOne reads one source and decides what becomes of what it said. One that
// takes too long is a failed poll; where the caller's context ends it is none.
func (a *App) pollOne(ctx context.Context, src *source, what reading) (snap reconcile.Snapshot, err error) {
	for try := 0; ; try++ {
		snap, err = a.pollOnce(ctx, src, what)
		if !errors.Is(err, store.ErrOverrun) || try == overruns {
			return snap, err
		}
		a.log.WithField("source", src.Name).Info("another process polled it meanwhile; polling again")
	}
}

func (a *App) pollOnce(ctx context.Context, src *source, what reading) (snap reconcile.Snapshot, err error) {
	if err := context.Cause(ctx); err != nil {
		return snap, err
	}
	in, err := a.begin(ctx, src, what.mode)
	if err != nil {
		return snap, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	request := reconcile.PollRequest{Mode: what.mode, Since: what.since, Seed: in.Seed()}
	if a.Watch != nil {
		request.Progress = func(p reconcile.Progress) { a.Watch.Polling(src.Name, p) }
	}
	limited, cancel := ctx, context.CancelFunc(func() {})
	if what.limit > 0 {
		limited, cancel = context.WithTimeout(ctx, what.limit)
	}
	defer cancel()
	began := a.now()
	taking := &intake{table: src.table, in: in, now: began}
	poll, err := src.reader.Poll(limited, request, taking)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		poll, err = reconcile.Poll{
			Mode: what.mode, StartedAt: began, EndedAt: a.now(), DeclaredTotal: -1, Cause: reconcile.CauseTimeout,
			Reason: fmt.Sprintf("the poll did not end within %s; make the source faster, or poll it less often (poll.every)", what.limit),
		}, nil
	}
	if err != nil {
		return snap, err
	}
	read := a.now()
	if snap, err = in.Finish(ctx, poll, reconcile.Limits(a.Config.Rules.Shrink)); err != nil {
		return snap, err
	}
	a.logPoll(src, &snap, a.now().Sub(read))
	if a.polled != nil {
		a.polled(&snap, taking.rejected)
	}
	return snap, nil
}

// begin prepares to take a poll in. What is not read in full costs by what comes,
// not by what is held.
func (a *App) begin(ctx context.Context, src *source, mode reconcile.Mode) (*store.Incoming, error) {
	if mode != reconcile.Full {
		return a.Store.BeginIncremental(ctx, src.ref(), src.departmentOf)
	}
	return a.Store.Begin(ctx, src.ref(), src.departmentOf)
}

// logPoll writes the one line that tells all of a poll.
func (a *App) logPoll(src *source, snap *reconcile.Snapshot, storing time.Duration) {
	log := a.log.WithFields(map[string]any{
		"source": src.Name, "mode": snap.Mode, "state": snap.State, "snapshot": snap.ID, "pages": snap.Pages, "rows": snap.Rows,
		"rejected": snap.Rejected, "skipped": snap.Skipped, "requests": snap.Requests, "records": snap.Records, "seconds": snap.EndedAt.Sub(snap.StartedAt).Seconds(),
		"storing_seconds": storing.Seconds(),
	})
	switch snap.State {
	case reconcile.SnapshotAccepted:
		log.Info("poll")
	case reconcile.SnapshotHeld:
		log.WithFields(map[string]any{"reason": snap.Reason, "remedy": fmt.Sprintf(
			"if the source is right: doisoat snapshot accept %d", snap.ID)}).Warn("poll")
	default:
		log.WithFields(map[string]any{"cause": snap.Cause, "reason": snap.Reason}).Warn("poll")
	}
}

func (s *source) ref() store.SourceRef {
	return store.SourceRef{Name: s.Name, Side: s.Side, Layout: store.Layout{Digest: s.table.Layout(), Inputs: s.inputs}}
}

// departmentOf maps a stored row to the department it counts for.
func (s *source) departmentOf(values []string) string {
	var rec reconcile.Record
	// A row that today's mapping cannot read still belongs somewhere; what could
	// be read of it says where.
	_ = s.table.Record(values, &rec)
	return rec.Department
}

// intake is the sink between a source and the store: it applies the mapping as
// far as is needed to know whether a row can be taken in, and as which dossier.
type intake struct {
	table *mappingTable
	in    *store.Incoming
	now   time.Time // when the poll began
	rec   reconcile.Record
	row   store.Row
	// rejected counts by cause.
	rejected map[string]int
}

func (i *intake) Seen(fingerprint uint64) bool { return i.in.Seen(fingerprint) }

func (i *intake) Row(r reconcile.Row) error {
	if i.table.Skip(r.Values) {
		i.in.Skip()
		return nil
	}
	if err := i.table.Record(r.Values, &i.rec); err != nil {
		return i.Reject(rejected(r.Position, i.rec.Code, err))
	}
	i.in.Changed(i.rec.UpdatedAt.Time, i.now)
	i.row = store.Row{
		Code: i.rec.Code, Fingerprint: r.Fingerprint, Aliases: i.rec.Aliases, Values: r.Values, Department: i.rec.Department,
	}
	return i.in.Add(&i.row)
}

func (i *intake) Reject(r reconcile.Rejected) error {
	if i.rejected == nil {
		i.rejected = map[string]int{}
	}
	i.rejected[r.Cause]++
	return i.in.Reject(r)
}

func (i *intake) Skip(string) { i.in.Skip() }

// rejected makes a rejection of a mapping's fault.
func rejected(at reconcile.Position, code string, err error) reconcile.Rejected {
	r := reconcile.Rejected{Position: at, Code: code, Cause: "row", Reason: err.Error()}
	var fault *fieldError
	if errors.As(err, &fault) {
		r.Cause = fault.Cause
	}
	return r
}
