package app

import (
	"context"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// sampleRows is how many rows of a source a connection check reads: a page.
const sampleRows = 100

// shownRecords is how many of them it shows.
const shownRecords = 3

// Connection is what a try at one source showed.
type Connection struct {
	Source   string
	Side     reconcile.Side
	Protocol string
	Poll     reconcile.Poll
	Rows     int
	Skipped  int
	// Records are the first rows as the mapping understands them.
	Records  []reconcile.Record
	Rejected []reconcile.Rejected
	// Unmapped are status values that the mapping lacks; Unknown are department
	// values that are no configured department. Each once, in the order they came.
	Unmapped []string
	Unknown  []string
}

// OK reports whether the source could be read.
func (c *Connection) OK() bool { return c.Poll.EndReached }

// Connect logs in to a source, reads one page, and tells what the mapping makes
// of it. Nothing is stored.
func (a *App) Connect(ctx context.Context, each func(*Connection) error) error {
	for _, src := range a.sources {
		c := &Connection{Source: src.Name, Side: src.Side, Protocol: src.Protocol()}
		probe := &probe{source: src, connection: c, departments: a.departments()}
		var err error
		if c.Poll, err = src.reader.Poll(ctx, reconcile.PollRequest{Mode: reconcile.Full, Limit: sampleRows}, probe); err != nil {
			return err
		}
		if err := each(c); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) departments() map[string]bool {
	known := map[string]bool{}
	for _, d := range a.Config.Departments {
		known[d.Code] = true
	}
	return known
}

// probe is a sink that only looks.
type probe struct {
	source      *source
	connection  *Connection
	departments map[string]bool
}

func (p *probe) Seen(uint64) bool { return false }

func (p *probe) Skip(string) { p.connection.Skipped++ }

func (p *probe) Reject(r reconcile.Rejected) error {
	p.connection.Rows++
	p.connection.Rejected = append(p.connection.Rejected, r)
	return nil
}

func (p *probe) Row(r reconcile.Row) error {
	c := p.connection
	if p.source.table.Skip(r.Values) {
		c.Skipped++
		return nil
	}
	var rec reconcile.Record
	if err := p.source.table.Record(slices.Clone(r.Values), &rec); err != nil {
		return p.Reject(rejected(r.Position, rec.Code, err))
	}
	c.Rows++
	if len(c.Records) < shownRecords {
		c.Records = append(c.Records, rec)
	}
	if status := norm.NFC.String(rec.RawStatus); !rec.Mapped() && !slices.Contains(c.Unmapped, status) {
		c.Unmapped = append(c.Unmapped, status)
	}
	if !p.departments[rec.Department] && !slices.Contains(c.Unknown, rec.Department) {
		c.Unknown = append(c.Unknown, rec.Department)
	}
	return nil
}
