package channel

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Headers of a webhook's call.
const (
	HeaderID        = "Doisoat-Id"        // Message.ID
	HeaderTimestamp = "Doisoat-Timestamp" // of this attempt, in Unix seconds
	HeaderSignature = "Doisoat-Signature" // see Sign
)

// Body is what a webhook is sent, as JSON.
type Body struct {
	ID         string     `json:"id"`
	Department string     `json:"department"`
	MadeAt     time.Time  `json:"made_at"`
	Subject    string     `json:"subject"`
	Text       string     `json:"text"`
	HTML       string     `json:"html,omitempty"`
	Files      []BodyFile `json:"files"`
}

// BodyFile is one file; Content is base64 in JSON.
type BodyFile struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Content     []byte `json:"content"`
}

const (
	maxBody        = 64 << 20
	maxAnswer      = 64 << 10
	maxRedirects   = 3
	webhookTimeout = 30 * time.Second
)

// Webhook posts each message as a Body. The receiver should answer 2xx once it has
// kept the message, 409 if it had it already, 4xx if it will never take it.
func Webhook(c WebhookConfig) Channel {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	w := &webhook{c: c, now: time.Now, client: &http.Client{Transport: transport, CheckRedirect: sameHostOnly}}
	if w.c.Timeout <= 0 {
		w.c.Timeout = webhookTimeout
	}
	return w
}

type webhook struct {
	c      WebhookConfig
	client *http.Client
	now    func() time.Time
}

func (w *webhook) Close() error {
	w.client.CloseIdleConnections()
	return nil
}

// sameHostOnly follows only what repeats the call at the same place: a list must not
// be sent to wherever an answer points, nor be turned into a GET.
func sameHostOnly(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || req.Method != http.MethodPost || req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

func (w *webhook) Send(ctx context.Context, m *Message) error {
	if err := m.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, w.c.Timeout)
	defer cancel()
	body, err := m.body()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.c.URL, bytes.NewReader(body))
	if err != nil {
		return temporary("webhook: its address is none; see deliver.webhook.url in the configuration")
	}
	timestamp := strconv.FormatInt(w.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "doisoat")
	req.Header.Set(HeaderID, m.ID)
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderSignature, Sign(w.c.Secret, timestamp, body))
	resp, err := w.client.Do(req)
	if err != nil {
		return temporary("webhook at %s: %s", req.URL.Host, because(ctx, err, w.secrets()...))
	}
	defer resp.Body.Close()
	// Read so that the connection can be used again; what it says is not kept.
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	return verdict(ctx, req.URL.Host, resp.StatusCode, err)
}

func verdict(ctx context.Context, host string, status int, err error) error {
	text := fmt.Sprintf("webhook at %s: answers %d %s", host, status, http.StatusText(status))
	switch {
	case status == http.StatusConflict:
		return nil // it has the message
	case status >= 200 && status < 300:
		// It said yes; that the rest of the answer got lost changes nothing.
		return nil
	case err != nil && ctx.Err() != nil:
		return temporary("webhook at %s: %s", host, because(ctx, err))
	case status >= 300 && status < 400:
		return temporary("%s, and leads elsewhere, where messages are not taken to by themselves; put the final address into the configuration", text)
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return temporary("%s", text)
	case status >= 400 && status < 500:
		return permanent("%s", text)
	}
	return temporary("%s", text)
}

// secrets are what must not be seen of the address and the key: what a URL's error
// may hold.
func (w *webhook) secrets() []string {
	secrets := []string{w.c.Secret, w.c.URL}
	if u, err := url.Parse(w.c.URL); err == nil {
		if u.User != nil {
			secrets = append(secrets, u.User.String())
			if password, ok := u.User.Password(); ok {
				secrets = append(secrets, password)
			}
		}
		if u.RawQuery != "" {
			secrets = append(secrets, u.RawQuery)
		}
		if len(u.Path) > 1 {
			secrets = append(secrets, u.Path)
		}
	}
	return secrets
}

func (m *Message) body() ([]byte, error) {
	b := Body{ID: m.ID, Department: m.Department, MadeAt: m.Made, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Files: []BodyFile{}}
	for _, f := range m.Files {
		var content bytes.Buffer
		if err := f.contents(&limited{to: &content, left: maxBody}); err != nil {
			if errors.Is(err, errTooLarge) {
				return nil, permanent("message %s: file %s is larger than a webhook is sent, %d MiB", m.ID, f.Name, maxBody>>20)
			}
			return nil, temporary("message %s: %s", m.ID, said(err.Error()))
		}
		b.Files = append(b.Files, BodyFile{Name: f.Name, ContentType: f.contentType(), Content: content.Bytes()})
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, permanent("message %s: %s", m.ID, said(err.Error()))
	}
	return text, nil
}

var errTooLarge = errors.New("too large")

// limited is a writer that takes so much and no more.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, errTooLarge
	}
	l.left -= len(p)
	return l.to.Write(p)
}

// Sign is the signature of a webhook's call: "sha256=" and, in hexadecimal, the
// HMAC-SHA-256 under the secret of the timestamp as it stands in Doisoat-Timestamp,
// a dot, and the body as it came.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Verify is what a receiver does: it tells whether a call with this header and body
// is ours, and not older, nor newer, than tolerance at now. Five minutes allow for
// clocks that differ; who keeps the IDs it has seen for as long cannot be shown an
// old call as a new one.
func Verify(secret string, header http.Header, body []byte, now time.Time, tolerance time.Duration) error {
	timestamp := header.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("webhook: %s %q is no time", HeaderTimestamp, timestamp)
	}
	if !strings.HasPrefix(header.Get(HeaderSignature), "sha256=") || !hmac.Equal([]byte(header.Get(HeaderSignature)), []byte(Sign(secret, timestamp, body))) {
		return fmt.Errorf("webhook: %s is not ours", HeaderSignature)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age.Abs() > tolerance {
		return fmt.Errorf("webhook: signed at %s, too far from %s", time.Unix(seconds, 0).UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return nil
}
