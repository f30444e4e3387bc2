package workbook

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/doisoat/doisoat/reconcile"
)

// fault is a failure on the source's side: it makes the poll partial and is
// told to a person, never returned as an error of Poll.
type fault struct {
	cause reconcile.Cause
	text  string // what, where, and the remedy
}

func (f *fault) Error() string { return f.text }

func faultf(cause reconcile.Cause, format string, args ...any) error {
	return &fault{cause, fmt.Sprintf(format, args...)}
}

// bare strips the machine's path from a file error: the fault names the file
// already, the way the configuration does.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// errLimit stops the reading when PollRequest.Limit is reached.
var errLimit = errors.New("row limit reached")
