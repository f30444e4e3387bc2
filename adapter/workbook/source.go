package workbook

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

// Source reads the dossiers of one tracking book, or of many kept in a folder.
// It is safe for concurrent polls.
type Source struct {
	cfg  Config
	want wanted
	log  logrus.FieldLogger
}

// New checks cfg and prepares a source that reads the columns under the
// headings inputs; inputs[0] is the dossier's code. A heading is compared
// without regard to case, Unicode form, double blanks, line breaks, and a colon
// or asterisk behind it. No file is touched. log may be nil.
func New(cfg Config, inputs []string, log logrus.FieldLogger) (*Source, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(inputs); err != nil {
		return nil, err
	}
	if log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		log = quiet
	}
	return &Source{cfg, newWanted(inputs, cfg.Required), log}, nil
}

// HasOne reports that a book cannot be asked for a single dossier: to find one
// takes reading all of it, which is what Poll does.
func (s *Source) HasOne() bool { return false }

// Poll reads every matched file. A book is always read as a whole: an
// incremental request is answered by a full poll, and says so. What is wrong
// with the files makes the poll partial (EndReached false, Cause and Reason
// set); an error is returned only when ctx ends or the sink refuses a row. A
// file that cannot be read does not keep the others from being read.
func (s *Source) Poll(ctx context.Context, req reconcile.PollRequest, sink reconcile.Sink) (reconcile.Poll, error) {
	poll := reconcile.Poll{Mode: reconcile.Full, StartedAt: time.Now(), DeclaredTotal: -1}
	r := &run{ctx: ctx, cfg: s.cfg, want: s.want, req: req, sink: sink}
	err := r.all(func(f file, took time.Duration) {
		s.log.WithFields(logrus.Fields{"source": s.cfg.Name, "file": f.show, "rows": r.rows, "seconds": took.Seconds()}).Debug("workbook read")
	})
	poll.EndedAt, poll.Pages, poll.Requests = time.Now(), r.pages, r.ok+r.failed
	poll.Answers = r.answers()
	switch {
	case err == nil || errors.Is(err, errLimit):
		poll.EndReached = len(r.faults) == 0
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		poll.Cause, poll.Reason = reconcile.CauseCancelled, "the poll was stopped before its end"
		return poll, err
	default:
		return poll, err
	}
	if len(r.faults) > 0 {
		poll.Cause, poll.Reason = r.faults[0].cause, sum(r.faults)
	}
	return poll, nil
}

// sum joins what is wrong with several files into one sentence each.
func sum(faults []*fault) string {
	const most = 5
	var parts []string
	for _, f := range faults[:min(most, len(faults))] {
		parts = append(parts, f.text)
	}
	if len(faults) > most {
		parts = append(parts, "and other files")
	}
	return strings.Join(parts, "; ")
}

// run is one poll.
type run struct {
	ctx    context.Context
	cfg    Config
	want   wanted
	req    reconcile.PollRequest
	sink   reconcile.Sink
	faults []*fault
	found  func(place string, l layout) // if not nil, only headings are looked for

	pages, rows int
	ok, failed  int   // files opened: read without a fault, and the others
	done, total int64 // bytes of finished files, of all files
}

// all reads the files one by one. It returns errors of ctx and sink, and
// errLimit; faults of a file are gathered.
func (r *run) all(read func(file, time.Duration)) error {
	files, err := findFiles(r.cfg)
	if err != nil {
		return r.gather(err)
	}
	for _, f := range files {
		if info, err := os.Stat(f.path); err == nil {
			r.total += info.Size()
		}
	}
	deadline := time.Now().Add(r.cfg.WaitFor)
	for _, f := range files {
		start := time.Now()
		err := settled(r.ctx, r.cfg, f, deadline)
		if err == nil {
			err = r.one(f)
		}
		if err := r.gather(err); err != nil {
			return err
		}
		read(f, time.Since(start))
	}
	r.progress(0)
	return nil
}

// gather keeps a fault and passes every other error on.
func (r *run) gather(err error) error {
	if f, ok := errors.AsType[*fault](err); ok {
		r.faults = append(r.faults, f)
		return nil
	}
	return err
}

// one reads one file that is at rest, and makes sure that it was still so at
// the end: what was read from a file that changed meanwhile is a mixture.
func (r *run) one(f file) error {
	in, before, err := r.open(f)
	if err != nil {
		r.failed++
		return err
	}
	defer in.Close()
	faults := len(r.faults)
	defer func() {
		if len(r.faults) > faults {
			r.failed++
		} else {
			r.ok++
		}
	}()
	kind, err := sniff(in, before.Size(), f.show)
	if err == nil {
		if kind == formatBook {
			err = r.book(f, in, before.Size())
		} else {
			err = r.csv(f, in, before.Size())
		}
	}
	if err != nil && r.gather(err) != nil {
		return err
	}
	if after, statErr := in.Stat(); statErr == nil && changed(before, after) {
		if err != nil { // a change explains whatever else was found wrong
			r.faults = r.faults[:len(r.faults)-1]
		}
		r.faults = append(r.faults, changing(f))
	}
	r.done += before.Size()
	return nil
}

func (r *run) open(f file) (*os.File, os.FileInfo, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, nil, faultf(reconcile.CauseConnect, "%s: cannot be opened: %v; check the rights of doisoat's user on it", f.show, bare(err))
	}
	info, err := in.Stat()
	switch {
	case err != nil:
		err = faultf(reconcile.CauseConnect, "%s: cannot be read: %v", f.show, bare(err))
	case !info.Mode().IsRegular():
		err = faultf(reconcile.CauseConnect, "%s is no regular file", f.show)
	case info.Size() > r.cfg.MaxFileBytes:
		err = faultf(reconcile.CauseSchema, "%s has %d bytes, more than the %d allowed; split it, or raise max_file_bytes", f.show, info.Size(), r.cfg.MaxFileBytes)
	}
	if err != nil {
		in.Close()
		return nil, nil, err
	}
	return in, info, nil
}

// count counts a row handed on. It returns errLimit once there are enough, and
// looks now and then whether the poll is to stop. done is how many bytes of the
// file at hand are read.
func (r *run) count(done int64) error {
	r.rows++
	if r.req.Limit > 0 && r.rows >= r.req.Limit {
		return errLimit
	}
	if r.rows&(1<<14-1) == 0 {
		r.progress(done)
		return r.ctx.Err()
	}
	return nil
}

// answers counts the files opened, as Poll.Answers wants it.
func (r *run) answers() map[string]int {
	answers := map[string]int{}
	if r.ok > 0 {
		answers["ok"] = r.ok
	}
	if r.failed > 0 {
		answers["error"] = r.failed
	}
	return answers
}

func (r *run) progress(done int64) {
	if r.req.Progress != nil {
		r.req.Progress(reconcile.Progress{Pages: r.pages, Rows: r.rows, Bytes: r.done + done, TotalBytes: max(r.total, r.done+done)})
	}
}

// picks orders the wanted columns from left to right.
func picks(columns []int) []pick {
	var list []pick
	for input, column := range columns {
		if column >= 0 {
			list = append(list, pick{column, input})
		}
	}
	slices.SortFunc(list, func(a, b pick) int { return a.column - b.column })
	return list
}

// pick is one column to be read, and the input it belongs to.
type pick struct{ column, input int }
