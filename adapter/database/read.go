package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// progressEvery is after how many rows Progress is told.
const progressEvery = 2000

// reading is one statement and the rows it gives.
type reading struct {
	source   *Source
	sink     reconcile.Sink
	seed     uint64
	limit    int
	progress func(reconcile.Progress)

	answers answers
	row     int   // number of the row at hand
	expired bool  // our own time for the statement ran out
	sinkErr error // the receiver's error, to be returned as it is

	columns []string
	wanted  []int // the column of each input
	cells   []cell
	start   uint64 // of each row's hash: the seed and the columns' names
	digest  xxhash.Digest
	hashed  []byte
	values  []string
	text    []byte
	ends    []int
}

// run sends the statement in a transaction of its own, which is rolled back
// whatever happens, and hands every row to the sink.
func (r *reading) run(ctx context.Context, st statement) (err error) {
	guard, cancel := context.WithTimeout(ctx, r.source.patience())
	defer cancel()
	defer func() { r.expired = err != nil && ctx.Err() == nil && errors.Is(guard.Err(), context.DeadlineExceeded) }()
	v, err := r.enter(guard, st)
	if err != nil {
		return err
	}
	defer v.leave()
	return r.ask(guard, cancel, v, st.args)
}

// patience is how long we wait for a statement.
func (s *Source) patience() time.Duration {
	if s.dialect.endsOnServer {
		return s.cfg.StatementTimeout + clientGrace
	}
	return s.cfg.StatementTimeout
}

// ask puts the visit's question with these parameters. giveUp ends ctx, which
// is this question's.
func (r *reading) ask(ctx context.Context, giveUp func(), v *visit, args []any) error {
	stop := abandonOn(ctx, v.session.abandon)
	err := r.stream(ctx, giveUp, v, args)
	stop()
	if err != nil {
		return err
	}
	return v.unchanged()
}

// stream reads the rows. giveUp ends the statement: to close a result in the
// middle would make the driver read all the rest of it.
func (r *reading) stream(ctx context.Context, giveUp func(), v *visit, args []any) error {
	rows, err := v.query(ctx, args)
	if err != nil {
		r.answers.count(ctx, err)
		return err
	}
	ended := false
	defer func() {
		r.answers.count(ctx, rows.Err())
		if !ended {
			giveUp()
		}
		_ = rows.Close() // rows.Err has told everything
	}()
	if err := r.prepare(rows); err != nil {
		return err
	}
	targets := make([]any, len(r.cells))
	for i := range r.cells {
		targets[i] = &r.cells[i]
	}
	for rows.Next() {
		r.row++
		if err := rows.Scan(targets...); err != nil {
			return &valueError{fmt.Errorf("row %d: %w", r.row, err)}
		}
		if err := r.hand(); err != nil {
			r.sinkErr = err
			return err
		}
		if r.progress != nil && r.row%progressEvery == 0 {
			r.progress(reconcile.Progress{Pages: 1, Rows: r.row})
		}
		if r.row == r.limit {
			r.tell()
			return nil
		}
	}
	ended = true
	if err := rows.Err(); err != nil {
		return err
	}
	r.tell()
	return nil
}

func (r *reading) tell() {
	if r.progress != nil {
		r.progress(reconcile.Progress{Pages: 1, Rows: r.row})
	}
}

// prepare makes what is used again for every row.
func (r *reading) prepare(rows *sqlx.Rows) error {
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	s := r.source
	zone := sessionZone(s.cfg)
	r.cells = make([]cell, len(types))
	r.columns = make([]string, len(types))
	for i, t := range types {
		r.columns[i] = t.Name()
		r.cells[i].kind = s.dialect.kinds[t.DatabaseTypeName()]
		r.cells[i].zone = zone
	}
	if r.wanted, err = findColumns(s.inputs, r.columns); err != nil {
		return err
	}
	r.values = make([]string, len(r.wanted))
	r.ends = make([]int, len(r.wanted))
	r.start = hashColumns(r.seed, r.columns)
	return nil
}
