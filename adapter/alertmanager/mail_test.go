package alertmanager_test

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/alertmanager"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// What a department reads, sent by a real Alertmanager. The name tries to be a
// template and a header.
func TestMailOfADepartment(t *testing.T) {
	address, mails := mailbox(t)
	o := it("http://127.0.0.1:9/it")
	o.SMTP = alertmanager.SMTP{Smarthost: address, From: "doisoat@example.vn", Plain: true}
	o.GroupWait = 50 * time.Millisecond
	o.Calendar = calendar.Spec{
		Hours:    []calendar.Span{{To: 24 * time.Hour}},
		Weekdays: []time.Weekday{0, 1, 2, 3, 4, 5, 6},
	}
	departments := []alertmanager.Department{{
		Code: "KT", Name: "Phòng {{ Kinh tế }} {\r\nBcc: x@example.vn", Receiver: alertmanager.Receiver{Mail: "kt@example.vn"},
	}}
	s := newServer(t, write(t, generate(t, departments, o)))
	s.fire("alertname", "DoisoatMismatchesOpen", "department", "KT", "kind", "resolved_not_closed", "severity", "info")

	var m *mail.Message
	select {
	case m = <-mails:
	case <-time.After(30 * time.Second):
		t.Fatal("no mail came")
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"To": m.Header.Get("To"), "Bcc": m.Header.Get("Bcc"), "Subject": subject, "text": body(t, m)}
	want := map[string]string{
		"To": "kt@example.vn", "Bcc": "",
		"Subject": "[Đối soát] Phòng {{ Kinh tế }} { Bcc: x@example.vn: 1 cảnh báo",
		"text": `Đang xảy ra:

- Có hồ sơ sai lệch.
  3 hồ sơ của KT đang sai lệch.
  Loại sai lệch: Đã giải quyết, chưa xử lý trên hệ thống

Thư này do phần mềm đối soát gửi tự động.
`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mail (-want +got):\n%s", diff)
	}
}

// In the small hours of a holiday nobody reads mail.
func TestMailWaitsForWorkingHours(t *testing.T) {
	address, mails := mailbox(t)
	o := it("http://127.0.0.1:9/it")
	o.SMTP = alertmanager.SMTP{Smarthost: address, From: "doisoat@example.vn", Plain: true}
	o.GroupWait, o.GroupInterval = 50*time.Millisecond, 200*time.Millisecond
	vietnam := time.Now().In(time.FixedZone("", 7*3600))
	o.Calendar = calendar.Spec{
		Hours:    []calendar.Span{{To: 24 * time.Hour}},
		Weekdays: []time.Weekday{0, 1, 2, 3, 4, 5, 6},
		// Tomorrow too: the test may begin just before midnight.
		Holidays: []calendar.Day{{Date: vietnam.Format(time.DateOnly)}, {Date: vietnam.AddDate(0, 0, 1).Format(time.DateOnly)}},
	}
	departments := []alertmanager.Department{
		{Code: "KT", Receiver: alertmanager.Receiver{Mail: "kt@example.vn"}},
	}
	o.IT.Mail = "it@example.vn"
	s := newServer(t, write(t, generate(t, departments, o)))
	s.fire("alertname", "DoisoatMismatchesOpen", "department", "KT")
	select {
	case m := <-mails:
		if to := m.Header.Get("To"); to != "it@example.vn" {
			t.Errorf("a mail to %s on a holiday", to)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no mail came to IT, who has no working hours")
	}
	select {
	case m := <-mails:
		t.Errorf("a mail to %s on a holiday", m.Header.Get("To"))
	case <-time.After(time.Second):
	}
}

// body reads the only part of a mail: departments get no HTML.
func body(t *testing.T, m *mail.Message) string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %s: %v", m.Header.Get("Content-Type"), err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	part, err := parts.NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	if have := part.Header.Get("Content-Type"); !strings.HasPrefix(have, "text/plain") {
		t.Errorf("the first part is %s", have)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	if next, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("another part: %v %v", next, err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// mailbox takes mail by SMTP until the test ends.
func mailbox(t *testing.T) (address string, mails <-chan *mail.Message) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	all := make(chan *mail.Message, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go converse(conn, all)
		}
	}()
	return l.Addr().String(), all
}

func converse(conn net.Conn, mails chan<- *mail.Message) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	fmt.Fprint(conn, "220 mail.example.vn\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch strings.ToUpper(strings.TrimSpace(line)) {
		case "DATA":
			fmt.Fprint(conn, "354 go on\r\n")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			m, err := mail.ReadMessage(strings.NewReader(text.String()))
			if err != nil {
				fmt.Fprint(conn, "554 no mail\r\n")
				continue
			}
			mails <- m
			fmt.Fprint(conn, "250 taken\r\n")
		case "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 good\r\n")
		}
	}
}
