package app

import (
	"context"
	"log/slog"

	"github.com/sirupsen/logrus"
)

// slogHandler writes what libraries log with log/slog to our own log.
type slogHandler struct {
	log    logrus.FieldLogger
	prefix string
}

var levels = map[slog.Level]logrus.Level{
	slog.LevelDebug: logrus.DebugLevel, slog.LevelInfo: logrus.InfoLevel, slog.LevelWarn: logrus.WarnLevel, slog.LevelError: logrus.ErrorLevel,
}

func (h slogHandler) Enabled(_ context.Context, level slog.Level) bool {
	entry := h.log.WithFields(nil)
	return entry.Logger.IsLevelEnabled(levels[level])
}

func (h slogHandler) Handle(_ context.Context, r slog.Record) error {
	fields := make(logrus.Fields, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		fields[h.prefix+a.Key] = a.Value.Resolve().Any()
		return true
	})
	h.log.WithFields(fields).Log(levels[r.Level], r.Message)
	return nil
}

func (h slogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	fields := make(logrus.Fields, len(attrs))
	for _, a := range attrs {
		fields[h.prefix+a.Key] = a.Value.Resolve().Any()
	}
	return slogHandler{log: h.log.WithFields(fields), prefix: h.prefix}
}

func (h slogHandler) WithGroup(name string) slog.Handler {
	return slogHandler{log: h.log, prefix: h.prefix + name + "."}
}
