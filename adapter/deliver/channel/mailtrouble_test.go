package channel

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// conversation is a mail server that says what stands in a list, a line for a
// line, and then does something else.
func conversation(then func(net.Conn, *bufio.Reader), lines ...string) func(net.Conn) {
	return func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for i, line := range lines {
			if i > 0 {
				if _, err := in.ReadString('\n'); err != nil {
					return
				}
			}
			fmt.Fprint(conn, line+"\r\n")
		}
		then(conn, in)
	}
}

func hang(_ net.Conn, in *bufio.Reader) { _, _ = io.Copy(io.Discard, in) }

func plainServer(t testing.TB, speak func(net.Conn)) EmailConfig {
	return EmailConfig{
		Host: "127.0.0.1", Port: portOf(answering(t, speak)), TLS: NoTLS, From: "tthcc@example.vn", To: []string{"kt@example.vn"}, Timeout: 300 * time.Millisecond,
	}
}

func TestMailServersThatHang(t *testing.T) {
	for name, lines := range map[string][]string{
		"before the greeting": nil,
		"after the greeting":  {"220 mail"},
		"at the sender":       {"220 mail", "250 mail"},
		"at DATA":             {"220 mail", "250 mail", "250 ok", "250 ok"},
		"in the message":      {"220 mail", "250 mail", "250 ok", "250 ok", "354 go"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			err := Email(plainServer(t, conversation(hang, lines...))).Send(t.Context(), letter(t))
			expect(t, err, false, "no answer in time")
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("waited %s", took)
			}
		})
	}
	t.Run("until we are told to stop", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := plainServer(t, conversation(func(net.Conn, *bufio.Reader) { cancel() }, "220 mail", "250 mail"))
		c.Timeout = time.Minute
		expect(t, Email(c).Send(ctx, letter(t)), false)
	})
}

func TestMailServersThatBreakOff(t *testing.T) {
	leave := func(net.Conn, *bufio.Reader) {}
	for name, speak := range map[string]func(net.Conn){
		"at once":          conversation(leave),
		"busy":             conversation(hang, "421 too busy"),
		"at the recipient": conversation(leave, "220 mail", "250 mail", "250 ok"),
		"in mid-message": conversation(func(_ net.Conn, in *bufio.Reader) {
			_, _ = io.CopyN(io.Discard, in, 2000)
		}, "220 mail", "250 mail", "250 ok", "250 ok", "354 go"),
		"after the message, without a word": conversation(func(_ net.Conn, in *bufio.Reader) {
			for line := ""; line != ".\r\n"; {
				var err error
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
			}
		}, "220 mail", "250 mail", "250 ok", "250 ok", "354 go"),
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, Email(plainServer(t, speak)).Send(t.Context(), letter(t)), false, "mail server 127.0.0.1:")
		})
	}
}

// Once it has said yes the message is there, whatever becomes of the connection.
func TestMailServerThatIsGoneAfterItsYes(t *testing.T) {
	speak := conversation(func(conn net.Conn, in *bufio.Reader) {
		for line := ""; line != ".\r\n"; {
			var err error
			if line, err = in.ReadString('\n'); err != nil {
				return
			}
		}
		fmt.Fprint(conn, "250 taken\r\n")
	}, "220 mail", "250 mail", "250 ok", "250 ok", "354 go")
	if err := Email(plainServer(t, speak)).Send(t.Context(), letter(t)); err != nil {
		t.Error(err)
	}
}

// A server that repeats what it was told gives no password away.
func TestNoMailServersWordShowsThePassword(t *testing.T) {
	sent := base64.StdEncoding.EncodeToString([]byte("\x00doisoat\x00hunter2"))
	c := plainServer(t, conversation(hang, "220 mail", "250-mail\r\n250 AUTH PLAIN", "535 cannot let hunter2 in by "+sent))
	c.Username, c.Password = "doisoat", "hunter2"
	err := Email(c).Send(t.Context(), letter(t))
	expect(t, err, false, "535")
	if err != nil && strings.Contains(err.Error(), sent) {
		t.Errorf("shows the password in base64: %v", err)
	}
}
