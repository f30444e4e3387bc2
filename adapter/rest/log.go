package rest

import (
	"io"
	"strings"

	"github.com/sirupsen/logrus"
)

// debugLog passes what go-retryablehttp has to say on at debug level, without
// query strings (session ids, codes of dossiers) and without error texts, which
// repeat whole URLs.
type debugLog struct{ log logrus.FieldLogger }

func (d debugLog) Error(msg string, kv ...any) { d.write(msg, kv) }
func (d debugLog) Warn(msg string, kv ...any)  { d.write(msg, kv) }
func (d debugLog) Info(msg string, kv ...any)  { d.write(msg, kv) }
func (d debugLog) Debug(msg string, kv ...any) { d.write(msg, kv) }

func (d debugLog) write(msg string, kv []any) {
	fields := logrus.Fields{}
	for i := 0; i+1 < len(kv); i += 2 {
		key, _ := kv[i].(string)
		switch value := kv[i+1].(type) {
		case string: // "method", "url", "request"
			fields[key] = withoutAddress(value)
		case error:
			fields[key] = asFault(value).Reason
		default:
			fields[key] = value
		}
	}
	d.log.WithFields(fields).Debug(msg)
}

// withoutAddress cuts every URL in s down to its scheme and host: paths can
// hold session ids as well as queries can.
func withoutAddress(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		scheme, rest, ok := strings.Cut(w, "://")
		if ok {
			words[i] = scheme + "://" + rest[:strings.IndexAny(rest+"/", "/?#")]
		}
	}
	return strings.Join(words, " ")
}

func discard() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	l.SetLevel(logrus.PanicLevel)
	return l
}
