package database

import (
	"context"

	"github.com/jmoiron/sqlx"
)

// visit is a connection with an open transaction and a question ready to be
// put, once or again and again with other parameters.
type visit struct {
	source   *Source
	before   fileState
	done     func() // of the pool, if it was made for this visit
	session  *session
	text     string
	prepared *sqlx.Stmt // nil where the database is given the text each time
}

// enter readies a visit. ctx must live as long as the visit: the transaction
// ends with it.
func (r *reading) enter(ctx context.Context, st statement) (*visit, error) {
	before, err := r.look()
	if err != nil {
		r.answers.count(ctx, err)
		return nil, err
	}
	v := &visit{source: r.source, before: before, text: st.text}
	db, done, err := r.open()
	if err != nil {
		r.answers.count(ctx, err)
		return nil, err
	}
	v.done = done
	if v.session, err = r.begin(ctx, db); err != nil {
		done()
		return nil, err
	}
	if err := r.pose(ctx, v, st); err != nil {
		v.leave()
		return nil, err
	}
	return v, nil
}

// pose settles how the question is written for this database.
func (r *reading) pose(ctx context.Context, v *visit, st statement) (err error) {
	d := r.source.dialect
	if d.rewrite != nil {
		st, err = d.rewrite(ctx, v.session.tx, st)
		r.answers.count(ctx, err)
		v.text = st.text
	}
	if err == nil && d.prepare {
		v.prepared, err = v.session.tx.PreparexContext(ctx, v.text) // the transaction closes it at its end
		r.answers.count(ctx, err)
	}
	return err
}

func (v *visit) query(ctx context.Context, args []any) (*sqlx.Rows, error) {
	if v.prepared != nil {
		return v.prepared.QueryxContext(ctx, args...)
	}
	return v.session.tx.QueryxContext(ctx, v.text, args...)
}

// unchanged makes sure that nobody wrote to a file that is read without a lock.
func (v *visit) unchanged() error {
	if !v.before.immutable {
		return nil
	}
	after, err := v.source.look()
	if err == nil && v.before != after {
		return &changedError{v.source.cfg.URL}
	}
	return err
}

func (v *visit) leave() {
	v.session.end()
	v.done()
}

// open returns the pool, or for a file a new one: it may have been replaced by
// another of its name, which a connection of the pool would not notice.
func (r *reading) open() (db *sqlx.DB, done func(), err error) {
	s := r.source
	if s.cfg.Driver != "sqlite" {
		return s.db, func() {}, nil
	}
	db, err = s.dialect.open(s.cfg, s.log)
	if err != nil {
		return nil, nil, err
	}
	return db, func() { _ = db.Close() }, nil // it held nothing but a reader
}

func (r *reading) look() (fileState, error) { return r.source.look() }

// look checks the file of an SQLite source.
func (s *Source) look() (fileState, error) {
	if s.cfg.Driver != "sqlite" {
		return fileState{}, nil
	}
	return checkFile(s.cfg.URL)
}
