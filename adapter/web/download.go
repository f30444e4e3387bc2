package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
)

const (
	// exportTimeout is how long the backend may take before a file begins.
	exportTimeout = 2 * time.Minute
	// transferTimeout is how long a file may be on its way, in either direction.
	transferTimeout = 5 * time.Minute
)

// Send sends a file to be kept by whoever asked. An error means that nothing was sent
// yet, so that a page or a problem can still be the answer. What goes wrong later cuts
// the connection (http.ErrAbortHandler): half a file must not look like a whole one.
func Send(w http.ResponseWriter, r *http.Request, f *File) error {
	header := w.Header()
	begin := func() {
		header.Set("Content-Type", f.ContentType)
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": safeName(f.Name)}))
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		// A connection that knows no deadlines has none to be longer.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(transferTimeout))
	}
	if r.Method == http.MethodHead {
		begin()
		return nil
	}
	out := &late{w: w, begin: begin}
	err := f.Write(out)
	switch {
	case err == nil && !out.begun:
		return fmt.Errorf("file %s: nothing was written", f.Name)
	case err != nil && !out.begun:
		return fmt.Errorf("file %s: %w", f.Name, err)
	case out.gone != nil:
		panic(http.ErrAbortHandler) // the client went away
	case err != nil:
		panic(fmt.Errorf("file %s, cut off: %w (%w)", f.Name, err, http.ErrAbortHandler)) // for the log
	}
	return nil
}

// late sets the headers only when there is something to send.
type late struct {
	w     http.ResponseWriter
	begin func()
	begun bool
	gone  error
}

func (l *late) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !l.begun {
		l.begun = true
		l.begin()
	}
	if l.gone != nil {
		return 0, l.gone
	}
	n, err := l.w.Write(p)
	l.gone = err
	return n, err
}

// safeName is a file's name that means the same to every browser and system.
func safeName(name string) string {
	const longest = 100
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
	name = strings.TrimLeft(name, ".-")
	if len(name) > longest {
		name = name[len(name)-longest:] // the end tells the format
	}
	if name == "" {
		return "download"
	}
	return name
}

// download answers with a file, unless a parameter is at fault.
func (s *Server) download(w http.ResponseWriter, r *http.Request, p *parameters, ask func(context.Context) (*File, error)) {
	if p.refused(w, r) {
		return
	}
	// Until the first byte there is the time to make the file, too.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTimeout + transferTimeout))
	ctx, cancel := context.WithTimeout(r.Context(), exportTimeout)
	defer cancel()
	file, err := ask(ctx)
	if err == nil {
		err = Send(w, r, file)
	}
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("file not made within %s: %w", exportTimeout, err)
		}
		s.failed(w, r, err)
	}
}
