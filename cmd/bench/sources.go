package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/database"
	"github.com/doisoat/doisoat/adapter/rest"
	"github.com/doisoat/doisoat/adapter/workbook"
	"github.com/doisoat/doisoat/reconcile"
)

// pageSize is how many records the platform gives a page.
const pageSize = 500

// counter takes rows and keeps none.
type counter struct {
	known bool
	rows  int
}

func (c *counter) Seen(uint64) bool {
	c.rows++
	return c.known
}

func (c *counter) Row(reconcile.Row) error { return nil }

func (c *counter) Reject(r reconcile.Rejected) error {
	return fmt.Errorf("%s rejected: %s", r.Position, r.Reason)
}

func (c *counter) Skip(string) {}

// opened is a source ready to be polled, and what ends it.
type opened struct {
	reconcile.Source
	close func() error
}

// kind is a kind of source. open fills one with the sample; errAbsent says that
// the machine has no such server.
type kind struct {
	name string
	open func(ctx context.Context, s *sample) (opened, error)
}

// errAbsent is wrapped by what a machine does not have.
var errAbsent = errors.New("not measured")

func kinds() []kind {
	return []kind{
		{"CSV", openCSV},
		{"xlsx", openXLSX},
		{fmt.Sprintf("HTTP/JSON, %d a page", pageSize), openREST},
		{"SQLite", openSQLite},
		{"PostgreSQL", openPostgres},
		{"MariaDB", openMariaDB},
	}
}

func sourceRates(ctx context.Context, s *sample, runs int) ([]rate, error) {
	var list []rate
	for _, k := range kinds() {
		r, err := sourceRate(ctx, k, s, runs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		list = append(list, r)
	}
	return list, nil
}

func sourceRate(ctx context.Context, k kind, s *sample, runs int) (r rate, err error) {
	r.Name = k.name
	source, err := k.open(ctx, s)
	if errors.Is(err, errAbsent) {
		r.Absent = err.Error()
		return r, nil
	}
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	poll := func(known bool) func() error {
		return func() error {
			c := &counter{known: known}
			p, err := source.Poll(ctx, reconcile.PollRequest{Mode: reconcile.Full, Seed: worldSeed}, c)
			switch {
			case err != nil:
				return err
			case !p.EndReached:
				return fmt.Errorf("not read to the end: %s", p.Reason)
			case c.rows != len(s.rows):
				return fmt.Errorf("%d rows read, %d are there", c.rows, len(s.rows))
			}
			return nil
		}
	}
	if r.New, err = timed(len(s.rows), runs, poll(false)); err != nil {
		return r, err
	}
	r.Known, err = timed(len(s.rows), runs, poll(true))
	return r, err
}

func silent() logrus.FieldLogger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}

func noClosing() error { return nil }

func openWorkbook(path string, s *sample) (opened, error) {
	// The file has just been written; at once is soon enough here.
	src, err := workbook.New(workbook.Config{Name: "bench", Path: path, Settle: time.Nanosecond}, s.columns, silent())
	return opened{src, noClosing}, err
}

func openCSV(_ context.Context, s *sample) (opened, error) { return openWorkbook(s.csv(), s) }

func openXLSX(_ context.Context, s *sample) (opened, error) {
	path, err := s.writeXLSX()
	if err != nil {
		return opened{}, err
	}
	return openWorkbook(path, s)
}

func openREST(_ context.Context, s *sample) (opened, error) {
	pages, err := s.pages(pageSize)
	if err != nil {
		return opened{}, err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil || n < 1 {
			http.Error(w, "which page?", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if n > len(pages) {
			n = len(pages) // the last one is empty
		}
		_, _ = w.Write(pages[n-1]) // a client that is gone needs no answer
	}))
	src, err := rest.New(rest.Config{Name: "bench", URL: server.URL, List: rest.List{
		Method: http.MethodGet, Path: "/dossiers", Items: "data", Total: "total",
		Paging: rest.Paging{Page: &rest.PagePaging{Param: "page", SizeParam: "size", Size: pageSize, First: 1}},
	}}, s.columns, silent())
	if err != nil {
		server.Close()
		return opened{}, err
	}
	return opened{src, func() error {
		err := src.Close()
		server.Close()
		return err
	}}, nil
}

func openDatabase(driver string, p *peer, s *sample) (opened, error) {
	src, err := database.New(database.Config{
		Name: "bench", Driver: driver, URL: p.url, Query: "SELECT * FROM dossiers",
		Zone: time.FixedZone("+07", 7*3600), StatementTimeout: time.Minute,
	}, s.columns, silent())
	if err != nil {
		return opened{}, errors.Join(err, p.close())
	}
	return opened{src, func() error { return errors.Join(src.Close(), p.close()) }}, nil
}
