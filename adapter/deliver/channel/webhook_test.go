package channel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const hookSecret = "hunter2-of-the-webhook"

// hook is a receiver; the webhook that leads to it has a password and a key in its
// address.
func hook(t testing.TB, handle http.HandlerFunc) WebhookConfig {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return WebhookConfig{
		URL:    strings.Replace(server.URL, "://", "://doisoat:hunter2@", 1) + "/hunter3/in?key=hunter4",
		Secret: hookSecret, Timeout: 10 * time.Second,
	}
}

func TestWebhookGetsTheWholeMessageSigned(t *testing.T) {
	m := letter(t)
	var ids []string
	channel := Webhook(hook(t, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if err := Verify(hookSecret, r.Header, body, time.Now(), 5*time.Minute); err != nil {
			t.Error(err)
		}
		user, password, _ := r.BasicAuth()
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.URL.Query().Get("key") != "hunter4" || user+password != "doisoathunter2" {
			t.Errorf("%s %s, header %v", r.Method, r.URL, r.Header)
		}
		ids = append(ids, r.Header.Get(HeaderID))
		var got Body
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(body), `"made_at":"2018-07-02T07:30:00+07:00"`) {
			t.Errorf("when it was made is not in the zone: %.200s", body)
		}
		want := Body{
			ID: m.ID, Department: "KT", MadeAt: m.Made, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
			Files: []BodyFile{
				{m.Files[0].Name, m.Files[0].ContentType, contentOf(t, m.Files[0])},
				{m.Files[1].Name, "application/pdf", contentOf(t, m.Files[1])},
			},
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); diff != "" {
			t.Errorf("body (-want +got):\n%.2000s", diff)
		}
	}))
	for range 2 {
		if err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{m.ID, m.ID}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if err := channel.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatAWebhookAnswers(t *testing.T) {
	const taken, later, never = "taken", "later", "never"
	for status, want := range map[int]string{
		200: taken, 201: taken, 202: taken, 204: taken, 409: taken,
		400: never, 401: never, 403: never, 404: never, 410: never, 413: never, 422: never,
		408: later, 425: later, 429: later, 500: later, 502: later, 503: later, 504: later, 304: later,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			err := Webhook(hook(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				if status != 204 && status != 304 {
					fmt.Fprint(w, "a long answer with hunter2 in it", strings.Repeat(".", 200_000))
				}
			})).Send(t.Context(), letter(t))
			if want == taken {
				if err != nil {
					t.Error(err)
				}
				return
			}
			expect(t, err, want == never, fmt.Sprint("answers ", status), "webhook at 127.0.0.1:")
		})
	}
}

func TestWebhookIsNotLedAstray(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	tests := []struct {
		name   string
		status int
		to     string
		want   bool
	}{
		{"to another host", http.StatusTemporaryRedirect, other.URL, false},
		{"to another host for good", http.StatusPermanentRedirect, other.URL, false},
		{"to a page", http.StatusFound, "/page", false},
		{"in a circle", http.StatusTemporaryRedirect, "/circle", false},
		{"at the same place", http.StatusTemporaryRedirect, "/there", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			posted := false
			err := Webhook(hook(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if r.URL.Path == "/there" {
					posted = err == nil && Verify(hookSecret, r.Header, body, time.Now(), time.Minute) == nil
					return
				}
				http.Redirect(w, r, test.to, test.status)
			})).Send(t.Context(), letter(t))
			if test.want {
				if err != nil || !posted {
					t.Errorf("posted %t, error %v", posted, err)
				}
				return
			}
			expect(t, err, false, "leads elsewhere")
		})
	}
	if elsewhere > 0 {
		t.Error("the message was taken to another host")
	}
}

func TestWebhooksThatDoNotAnswer(t *testing.T) {
	tests := []struct {
		name  string
		make  func(t *testing.T) WebhookConfig
		words []string
	}{
		{"hanging", func(t *testing.T) WebhookConfig {
			c := hook(t, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the caller has left
				<-r.Context().Done()
			})
			c.Timeout = 200 * time.Millisecond
			return c
		}, []string{"no answer in time"}},
		{"breaking off", func(t *testing.T) WebhookConfig {
			l := answering(t, func(conn net.Conn) { _, _ = io.CopyN(io.Discard, conn, 2000) })
			return WebhookConfig{URL: "http://u:hunter2@" + l.Addr().String() + "/?k=hunter3", Secret: hookSecret}
		}, []string{"webhook at 127.0.0.1:"}},
		{"nobody there", func(t *testing.T) WebhookConfig {
			l := listen(t)
			l.Close()
			return WebhookConfig{URL: "http://u:hunter2@" + l.Addr().String() + "/hunter3", Secret: hookSecret}
		}, []string{"refused"}},
		{"a certificate that nobody known has signed", func(t *testing.T) WebhookConfig {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			server.StartTLS()
			t.Cleanup(server.Close)
			return WebhookConfig{URL: server.URL + "/hunter2", Secret: hookSecret}
		}, []string{"certificate"}},
		{"no URL", func(*testing.T) WebhookConfig { return WebhookConfig{URL: "://hunter2", Secret: hookSecret} }, []string{"deliver.webhook.url"}},
		{"a scheme that is none", func(*testing.T) WebhookConfig {
			return WebhookConfig{URL: "gopher://a.example.vn/hunter2", Secret: hookSecret}
		}, []string{"a.example.vn"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, Webhook(test.make(t)).Send(t.Context(), letter(t)), false, test.words...)
		})
	}
}

func TestMessagesThatNoWebhookIsSent(t *testing.T) {
	channel := Webhook(WebhookConfig{URL: "http://127.0.0.1:1/", Secret: hookSecret})
	m := letter(t)
	m.Files[1].Write = func(w io.Writer) error {
		for range 65 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
		}
		return nil
	}
	expect(t, channel.Send(t.Context(), m), true, "phieu-don-doc.pdf is larger")
	m.Files[1].Write = func(io.Writer) error { return errors.New("list is gone") }
	expect(t, channel.Send(t.Context(), m), false, "list is gone")
	m.ID = "12"
	expect(t, channel.Send(t.Context(), m), true, "id")
}

// By hand: printf '1530491400.{"id":"letter-12"}' | openssl dgst -sha256 -hmac secret
func TestSignature(t *testing.T) {
	const want = "sha256=b351b8144d32a0f9ad4cde199aad39fdce9935dbb2e0f50f9e20e269c57d4a97"
	got := Sign("secret", "1530491400", []byte(`{"id":"letter-12"}`))
	if got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	header := func(timestamp, signature string) http.Header {
		h := http.Header{}
		h.Set(HeaderTimestamp, timestamp)
		h.Set(HeaderSignature, signature)
		return h
	}
	body := []byte(`{"id":"letter-12"}`)
	now := time.Unix(1530491400, 0).Add(time.Minute)
	tests := []struct {
		name   string
		secret string
		header http.Header
		body   []byte
		now    time.Time
		fine   bool
	}{
		{"ours", "secret", header("1530491400", got), body, now, true},
		{"another secret", "Secret", header("1530491400", got), body, now, false},
		{"another body", "secret", header("1530491400", got), []byte(`{"id":"letter-13"}`), now, false},
		{"another time", "secret", header("1530491401", got), body, now, false},
		{"an old call", "secret", header("1530491400", got), body, now.Add(time.Hour), false},
		{"a call of tomorrow", "secret", header("1530491400", got), body, now.Add(-time.Hour), false},
		{"no time", "secret", header("", got), body, now, false},
		{"no signature", "secret", header("1530491400", ""), body, now, false},
		{"a signature of another kind", "secret", header("1530491400", strings.TrimPrefix(got, "sha256=")), body, now, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := Verify(test.secret, test.header, test.body, test.now, 5*time.Minute); (err == nil) != test.fine {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestConfigurationsHideWhatOpensThem(t *testing.T) {
	values := []any{
		EmailConfig{Host: "mail", Password: "hunter2"}, &EmailConfig{Host: "mail", Password: "hunter2"},
		WebhookConfig{URL: "https://u:hunter2@h/hunter3?k=hunter4", Secret: "hunter5"}, &WebhookConfig{URL: "://hunter2"},
		SFTPConfig{Host: "files", Password: "hunter2", Passphrase: "hunter3", Path: "/lists"},
	}
	for _, v := range values {
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		for _, text := range []string{string(asJSON), fmt.Sprintf("%v %+v %#v %s %q %x", v, v, v, v, v, v), fmt.Sprint([]any{v})} {
			if strings.Contains(text, secretWord) || strings.Contains(text, "68756e746572") {
				t.Errorf("%T shows %s", v, text)
			}
		}
	}
	if got := fmt.Sprint(values[0], values[2], values[4]); got != "smtp://mail:587 https://h/… sftp://files:22/lists" {
		t.Errorf("shows %s", got)
	}
}
