package jobs

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// riverLog passes River's log on, one step lower than River ranks it: what River
// calls information is chatter to an operator. River repeats each fault at every
// try and recovers by itself, so each kind of fault is told once a minute.
type riverLog struct {
	to     logrus.FieldLogger
	fields logrus.Fields
	prefix string
	told   *told
}

// told remembers when a message was last passed on as a warning.
type told struct {
	mu sync.Mutex
	at map[string]time.Time
}

const tellEvery = time.Minute

func newRiverLog(to logrus.FieldLogger) *slog.Logger {
	return slog.New(riverLog{to: to, told: &told{at: map[string]time.Time{}}})
}

func (h riverLog) Enabled(_ context.Context, level slog.Level) bool {
	if level >= slog.LevelWarn {
		return true
	}
	want := logrus.DebugLevel
	if level < slog.LevelInfo {
		want = logrus.TraceLevel
	}
	switch to := h.to.(type) {
	case *logrus.Logger:
		return to.IsLevelEnabled(want)
	case *logrus.Entry:
		return to.Logger.IsLevelEnabled(want)
	}
	return level >= slog.LevelInfo
}

func (h riverLog) Handle(_ context.Context, r slog.Record) error {
	fields := make(logrus.Fields, len(h.fields)+r.NumAttrs())
	for k, v := range h.fields {
		fields[k] = v
	}
	passing := passingTrouble(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		text := a.Value.Resolve().String()
		passing = passing || passingTrouble(text)
		fields["river_"+h.prefix+a.Key] = text
		return true
	})
	log := h.to.WithFields(fields)
	switch message := "queue: " + r.Message; {
	case r.Level < slog.LevelInfo:
		log.Debug(message)
	case r.Level < slog.LevelWarn, passing, !h.told.now(r.Message, r.Time):
		log.Debug(message)
	default:
		log.Warn(message)
	}
	return nil
}

// passingTrouble tells of what River meets while the store writes for seconds.
func passingTrouble(text string) bool {
	for _, sign := range []string{"SQLITE_BUSY", "database is locked", "context deadline exceeded", "context canceled", "interrupted"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// now tells whether message is to be told, and remembers it. River's messages are
// constants, so there are few.
func (t *told) now(message string, at time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if before, ok := t.at[message]; ok && at.Sub(before) < tellEvery {
		return false
	}
	t.at[message] = at
	return true
}

func (h riverLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	fields := make(logrus.Fields, len(h.fields)+len(attrs))
	for k, v := range h.fields {
		fields[k] = v
	}
	for _, a := range attrs {
		fields["river_"+h.prefix+a.Key] = a.Value.Resolve().String()
	}
	h.fields = fields
	return h
}

func (h riverLog) WithGroup(name string) slog.Handler {
	h.prefix += name + "_"
	return h
}
