package database

import (
	"context"
	"database/sql/driver"

	"github.com/jmoiron/sqlx"
)

// abandonOn calls abandon when the reading is given up. The caller calls stop
// when the driver has returned.
func abandonOn(ctx context.Context, abandon abandoner) (stop func()) {
	if abandon == nil {
		return func() {}
	}
	left, done := make(chan struct{}), make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(done)
		abandon(left)
	})
	return func() {
		close(left)
		switch {
		case !cancel():
			<-done
		case ctx.Err() != nil: // the driver heard of it before our call was made
			abandon(left)
		}
	}
}

// session is a transaction on a connection of its own.
type session struct {
	conn    *sqlx.Conn
	tx      *sqlx.Tx
	abandon abandoner
}

// end rolls back. How that and closing end says nothing about what was read.
func (s *session) end() {
	s.rollback()
	_ = s.conn.Close()
}

// discard keeps the connection from being used again.
func (s *session) discard() {
	s.rollback() // first: Raw would wait for the transaction for ever
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}

func (s *session) rollback() {
	if s.tx != nil {
		_ = s.tx.Rollback()
	}
}

// begin opens and settles a transaction. A connection that was kept from an
// earlier poll may have died meanwhile, which shows only when it is used: each
// that fails is thrown away, until a new one has failed too.
func (r *reading) begin(ctx context.Context, db *sqlx.DB) (*session, error) {
	for attempt := 0; ; attempt++ {
		conn, err := connect(ctx, db)
		if err != nil {
			r.answers.count(ctx, err)
			return nil, err
		}
		s := &session{conn: conn}
		if err = r.settle(ctx, db, s); err == nil {
			return s, nil
		}
		if ctx.Err() != nil || attempt == idleConnections {
			s.discard()
			return nil, err
		}
		s.discard()
	}
}

func (r *reading) settle(ctx context.Context, db *sqlx.DB, s *session) (err error) {
	d := r.source.dialect
	s.tx, err = s.conn.BeginTxx(ctx, &d.tx)
	r.answers.count(ctx, err)
	if err != nil {
		return err
	}
	n, abandon, err := d.settle(ctx, db, s.tx, r.source.cfg)
	for i := range n { // the last is the one that failed
		if i < n-1 {
			r.answers.count(ctx, nil)
		} else {
			r.answers.count(ctx, err)
		}
	}
	s.abandon = abandon
	return err
}

func connect(ctx context.Context, db *sqlx.DB) (*sqlx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return db.Connx(ctx)
}
