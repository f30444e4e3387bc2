package database

import (
	"context"
	"errors"
	"fmt"

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

	requests int   // statements sent
	row      int   // number of the row at hand
	expired  bool  // our own time for the statement ran out
	sinkErr  error // the receiver's error, to be returned as it is

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
	s := r.source
	before, err := r.look()
	if err != nil {
		return err
	}
	wait := s.cfg.StatementTimeout
	if s.dialect.endsOnServer {
		wait += clientGrace
	}
	guard, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	defer func() { r.expired = err != nil && ctx.Err() == nil && errors.Is(guard.Err(), context.DeadlineExceeded) }()

	db, done, err := r.open()
	if err != nil {
		return err
	}
	defer done()
	session, err := r.begin(guard, db)
	if err != nil {
		return err
	}
	defer session.end()
	tx := session.tx
	if s.dialect.rewrite != nil {
		if st, err = s.dialect.rewrite(guard, tx, st); err != nil {
			return err
		}
		r.requests++
	}
	stop := abandonOn(guard, session.abandon)
	err = r.stream(guard, cancel, tx, st)
	stop()
	if err != nil {
		return err
	}
	after, err := r.look()
	if err == nil && before.immutable && before != after {
		return &changedError{s.cfg.URL}
	}
	return err
}

// stream reads the rows. giveUp ends the statement: to close a result in the
// middle would make the driver read all the rest of it.
func (r *reading) stream(ctx context.Context, giveUp func(), tx *sqlx.Tx, st statement) error {
	rows, err := r.send(ctx, tx, st)
	if err != nil {
		return err
	}
	ended := false
	defer func() {
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

func (r *reading) send(ctx context.Context, tx *sqlx.Tx, st statement) (*sqlx.Rows, error) {
	r.requests++
	if !r.source.dialect.prepare {
		return tx.QueryxContext(ctx, st.text, st.args...)
	}
	prepared, err := tx.PreparexContext(ctx, st.text)
	if err != nil {
		return nil, err
	}
	// The transaction closes it at its end.
	return prepared.QueryxContext(ctx, st.args...)
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
