package world

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// spoil lets the faults of a log-in or of a single dossier strike and reports
// whether one has answered in the reply's place.
func (p *Platform) spoil(w http.ResponseWriter, r *http.Request, target Target) bool {
	p.mu.Lock()
	struck := p.strike(target, 0)
	p.mu.Unlock()
	return p.answerInstead(w, r, struck)
}

// serveList answers a page of the list, faults included. reply is called once
// the listing is filled.
func (p *Platform) serveList(w http.ResponseWriter, r *http.Request, l *listing, reply func() any) {
	if !wait(r, p.options.Latency) {
		return
	}
	p.mu.Lock()
	struck := p.strike(List, l.number)
	p.mu.Unlock()
	if p.answerInstead(w, r, struck) {
		return
	}
	p.fill(l, struck)
	body, err := json.Marshal(reply())
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	send(w, body, struck)
}

// answerInstead lets faults strike that leave nothing of the reply.
func (p *Platform) answerInstead(w http.ResponseWriter, r *http.Request, struck []Fault) bool {
	for _, f := range struck {
		switch f.Kind {
		case Slow:
			if !wait(r, f.Delay) {
				return true
			}
		case Refuse:
			if f.RetryAfter > 0 {
				w.Header().Set("Retry-After", retryAfter(f))
			}
			status := f.Status
			if status == 0 {
				status = http.StatusServiceUnavailable
			}
			refuse(w, status, http.StatusText(status))
			return true
		case Drop:
			breakOff(w, nil)
			return true
		case HTMLPage:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<!DOCTYPE html><html><body><h1>Hệ thống đang bảo trì</h1></body></html>"))
			return true
		}
	}
	return false
}

func retryAfter(f Fault) string {
	if f.RetryAfterAsADate {
		// The date has whole seconds only: one more, so that it is not over at once.
		return time.Now().Add(f.RetryAfter + time.Second).UTC().Format(http.TimeFormat)
	}
	return strconv.Itoa(int((f.RetryAfter + time.Second - 1) / time.Second))
}

// send writes the body, as far as the faults let it through.
func send(w http.ResponseWriter, body []byte, struck []Fault) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for _, f := range struck {
		switch f.Kind {
		case CutJSON:
			body = body[:len(body)/2]
		case ShortBody:
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body[:len(body)/2])
			return // net/http closes the connection, since too little was written
		case DropInBody:
			breakOff(w, body)
			return
		case Huge:
			sendHuge(w, body, f.Bytes)
			return
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// sendHuge sends good JSON with so many blanks before its end that it grows
// beyond size, without ever holding them.
func sendHuge(w http.ResponseWriter, body []byte, size int64) {
	if size == 0 {
		size = 64 << 20
	}
	blanks := []byte(strings.Repeat(" ", 1<<16))
	_, err := w.Write(body[:len(body)-1])
	for sent := int64(len(body)); sent <= size && err == nil; sent += int64(len(blanks)) {
		_, err = w.Write(blanks)
	}
	if err == nil {
		_, _ = w.Write(body[len(body)-1:])
	}
}

// breakOff resets the connection: at once, or in the middle of body.
func breakOff(w http.ResponseWriter, body []byte) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler) // HTTP/2: the server ends the stream instead
	}
	conn, buffered, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if body != nil {
		_, _ = buffered.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
			strconv.Itoa(len(body)) + "\r\n\r\n")
		_, _ = buffered.Write(body[:len(body)/2])
		_ = buffered.Flush()
	} else if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, not a polite end
	}
	_ = conn.Close()
}

// wait lets time pass and reports whether the client is still there.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
