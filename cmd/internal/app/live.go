package app

import (
	"context"
	"slices"

	"github.com/doisoat/doisoat/reconcile"
)

// LiveReading is what a source says of one dossier right now.
type LiveReading struct {
	Source string
	Rows   []ExplainedRow // none: the source does not have it
	// Problem says why the source could not be asked; "" if it could.
	Problem string
}

// oneReader is a source that may be asked for a single dossier.
type oneReader interface {
	reconcile.SingleSource
	HasOne() bool
}

// ReadLive asks every source that is configured with `one` for a dossier, by its
// canonical code. Nothing is stored. The others are left out.
func (a *App) ReadLive(ctx context.Context, code string) ([]LiveReading, error) {
	var list []LiveReading
	for _, src := range a.sources {
		reader, ok := src.reader.(oneReader)
		if !ok || !reader.HasOne() {
			continue
		}
		live := LiveReading{Source: src.Name}
		if err := reader.One(ctx, code, &liveSink{source: src, live: &live}); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			live.Problem = err.Error()
		}
		list = append(list, live)
	}
	return list, nil
}

// liveSink shows rows as the mapping understands them.
type liveSink struct {
	source *source
	live   *LiveReading
}

func (l *liveSink) Seen(uint64) bool { return false }

func (l *liveSink) Skip(string) {}

func (l *liveSink) Reject(r reconcile.Rejected) error {
	l.live.Problem = r.Reason
	return nil
}

func (l *liveSink) Row(r reconcile.Row) error {
	row := ExplainedRow{Source: l.source.Name}
	for i, value := range r.Values {
		row.Raw = append(row.Raw, RawValue{l.source.inputs[i], value})
	}
	if err := l.source.table.Record(slices.Clone(r.Values), &row.Record); err != nil {
		l.live.Problem = err.Error()
		return nil //nolint:nilerr // shown beside the others; it is no failure of the reading
	}
	row.Record.Source, row.Record.Side = l.source.Name, l.source.Side
	l.live.Rows = append(l.live.Rows, row)
	return nil
}
