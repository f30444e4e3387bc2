package main

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/sirupsen/logrus"
)

// streams is where a command reads nothing and writes everything: results to
// out, logs and bars to err.
type streams struct {
	out *outlet
	err *outlet
	log logrus.FieldLogger
}

// outlet is standard output or standard error. Two things set it apart from the
// file: a reader that has gone (doisoat report | head) is no failure, so that
// what was begun is finished and cleaned up, with the status it earned; and
// whoever draws on the terminal can make room before anything else is written.
type outlet struct {
	file *os.File

	mu   sync.Mutex
	gone bool
	// clear takes away what is drawn below the text, draw puts it back; nil
	// while nothing is drawn. Both are called with mu held.
	clear, draw func(io.Writer)
}

// Fd lets others find out whether this is a terminal.
func (o *outlet) Fd() uintptr { return o.file.Fd() }

func (o *outlet) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone {
		return len(text), nil
	}
	if o.clear != nil {
		o.clear(o.file)
		defer o.draw(o.file)
	}
	n, err := o.file.Write(text)
	if errors.Is(err, syscall.EPIPE) {
		o.gone = true
		return len(text), nil
	}
	return n, err
}
