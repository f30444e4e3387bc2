package database

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

const (
	defaultTimeout = 5 * time.Minute
	connectTimeout = 15 * time.Second
	// clientGrace is how much longer than the server we wait, to hear its verdict.
	clientGrace = 15 * time.Second
	// idleConnections are kept for a minute: several dossiers may be asked for one by one.
	idleConnections = 2
)

// Source reads one database. It implements reconcile.SingleSource and
// reconcile.BatchSource; One and Reread work only where HasOne says so. Its methods may be called concurrently.
type Source struct {
	cfg     Config
	inputs  []string
	dialect *dialect
	query   string
	db      *sqlx.DB
	log     logrus.FieldLogger
	secrets secrets
	// seed starts the fingerprints of One: that of the last poll, so that they
	// agree with it, and before the first an arbitrary one, so that they never
	// are the plain hash of a citizen's data.
	seed atomic.Uint64
}

var (
	_ reconcile.SingleSource = (*Source)(nil)
	_ reconcile.BatchSource  = (*Source)(nil)
)

// New checks the configuration without connecting. inputs are the columns of
// the query's result whose values are wanted. All faults are reported, none of
// them with the URL in it; log takes the drivers' own remarks, at debug level.
func New(cfg Config, inputs []string, log logrus.FieldLogger) (*Source, error) {
	d, err := findDialect(cfg.Driver)
	if err != nil {
		return nil, fmt.Errorf("database source %s: %w", cfg.Name, err)
	}
	cfg.StatementTimeout = cmp.Or(cfg.StatementTimeout, defaultTimeout)
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	s := &Source{cfg: cfg, inputs: inputs, dialect: d, log: log, secrets: findSecrets(cfg)}
	var faults []error
	fault := func(key string, err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("database source %s: %s: %w", cfg.Name, key, err))
		}
	}
	s.query, err = checkQuery(cfg.Query, d.flavour)
	fault("query", err)
	if cfg.Since != "" {
		fault("since", checkCondition(cfg.Since, "since", d.flavour))
	}
	if cfg.One != "" {
		fault("one", checkCondition(cfg.One, "code", d.flavour))
	}
	if d.withIsNoTable && cfg.Since+cfg.One != "" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(s.query)), "with") {
		fault("query", fmt.Errorf("begins with WITH, which %s cannot search further: make it a view, or leave out `since` and `one`", d.name))
	}
	if cfg.StatementTimeout < 0 || cfg.Overlap < 0 {
		fault("limits", errors.New("a duration is negative: give one above zero"))
	}
	if s.db, err = d.open(cfg, log); err != nil {
		var file *fileError
		if errors.As(err, &file) {
			fault("url", err)
		} else {
			// The driver's words may quote any part of the URL, the password too.
			fault("url", fmt.Errorf("is no connection string of %s: write %s, with special characters of the password as %%XX", d.name, d.example))
		}
	}
	if len(faults) > 0 {
		if s.db != nil {
			faults = append(faults, s.db.Close())
		}
		return nil, errors.Join(faults...)
	}
	s.db.SetConnMaxIdleTime(time.Minute)
	s.db.SetMaxIdleConns(idleConnections)
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, errors.Join(fmt.Errorf("database source %s: random seed: %w", cfg.Name, err), s.db.Close())
	}
	s.seed.Store(binary.LittleEndian.Uint64(seed[:]))
	return s, nil
}

// HasOne reports whether One can be asked for a single dossier.
func (s *Source) HasOne() bool { return s.cfg.One != "" }

// HasSince reports whether the source can be read incrementally.
func (s *Source) HasSince() bool { return s.cfg.Since != "" }

// Close ends the connections. Polls that still run end with CauseConnect.
func (s *Source) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("database source %s: close: %s", s.cfg.Name, s.secrets.scrub(err.Error()))
	}
	return nil
}

// Poll reads all rows, or those that satisfy `since`. An incremental poll of a
// source without `since` is a full one, and says so in Poll.Mode.
//
// What goes wrong on the source's side is told by Poll.Cause and Poll.Reason
// with a nil error. An error is either that of ctx or that of the sink.
func (s *Source) Poll(ctx context.Context, req reconcile.PollRequest, sink reconcile.Sink) (reconcile.Poll, error) {
	poll := reconcile.Poll{Mode: reconcile.Full, StartedAt: time.Now(), DeclaredTotal: -1}
	s.seed.Store(req.Seed)
	st := statement{text: s.query}
	var err error
	if req.Mode == reconcile.Incremental && s.HasSince() {
		poll.Mode = reconcile.Incremental
		st, err = s.dialect.wrapped(s.query, s.cfg.Since, "since", sinceText(req.Since, s.cfg))
	}
	r := &reading{source: s, sink: sink, seed: req.Seed, limit: req.Limit, progress: req.Progress}
	if err == nil {
		err = r.run(ctx, st)
	}
	poll.EndedAt = time.Now()
	r.answers.tell(&poll)
	if r.row > 0 || err == nil {
		poll.Pages = 1
	}
	switch {
	case err == nil:
		poll.EndReached = true
		return poll, nil
	case r.sinkErr != nil:
		poll.Cause, poll.Reason = reconcile.CauseCancelled, "the rows could not be taken in; nothing is wrong with the source"
		return poll, r.sinkErr
	case stopped(ctx) != nil:
		poll.Cause, poll.Reason = reconcile.CauseCancelled, "stopped from our side before the end; the next poll starts anew"
		return poll, stopped(ctx)
	}
	poll.Cause, poll.Reason = s.explain(err, r.expired, r.row > 0)
	return poll, nil
}

const noOne = "cannot read a single dossier: give `one`, such as one: \"MaHoSo = :code\""

// One reads the rows the source holds under this code; none is not an error.
// The code is compared by `one` as the database compares texts.
func (s *Source) One(ctx context.Context, code string, sink reconcile.Sink) error {
	if !s.HasOne() {
		return fmt.Errorf("database source %s: %s", s.cfg.Name, noOne)
	}
	st, err := s.dialect.wrapped(s.query, s.cfg.One, "code", code)
	if err != nil {
		return fmt.Errorf("database source %s: one: %w", s.cfg.Name, err)
	}
	r := &reading{source: s, sink: sink, seed: s.seed.Load()}
	err = r.run(ctx, st)
	switch {
	case err == nil:
		return nil
	case r.sinkErr != nil:
		return r.sinkErr
	case stopped(ctx) != nil:
		return stopped(ctx)
	}
	_, reason := s.explain(err, r.expired, r.row > 0)
	return fmt.Errorf("database source %s: %s", s.cfg.Name, reason)
}

// stopped is ctx.Err, except that a driver which puts the deadline on its socket
// may notice it a moment before the context does.
func stopped(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}
