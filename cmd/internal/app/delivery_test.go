package app

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
)

// mailing is a rig whose departments get their letters by mail; one letter waits.
func mailing(t *testing.T, o rigOptions, more string) (*rig, *mailOffice) {
	t.Helper()
	office := newMailOffice(t)
	o.deliver = office.config(more)
	o.to = map[string]string{"KT": "{email: [kt@example.vn]}", "TP": "{email: [tp@example.vn]}"}
	return told(t, o), office
}

// only is the one delivery there is.
func (r *rig) only(t *testing.T) store.Delivery {
	t.Helper()
	list := r.deliveries(t)
	if len(list) != 1 {
		t.Fatalf("deliveries: %+v, want one", list)
	}
	return list[0]
}

func TestMailArrivesAsADepartmentReadsIt(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r, office := mailing(t, rigOptions{store: url}, "hours: always,")
		r.mornings(t)
		mails := office.taken()
		if len(mails) != 1 || mails[0].to != "kt@example.vn" || mails[0].as != "doisoat" {
			t.Fatalf("mails: %d", len(mails))
		}
		m := openMail(t, mails[0].text)
		sent := r.only(t)
		if want := "Phiếu đôn đốc 1/PĐĐ (lần 1): 1 sai lệch hồ sơ cần đối soát - Phòng KT"; m.subject != want {
			t.Errorf("subject %q, want %q", m.subject, want)
		}
		if m.id != "<"+sent.MessageID+">" || !strings.HasSuffix(m.id, "@example.vn>") {
			t.Errorf("message id %s, kept is %s", m.id, sent.MessageID)
		}
		if strings.Contains(m.text, "A-01") || !strings.Contains(m.text, "Phòng KT") {
			t.Errorf("the text names a dossier, or no department:\n%s", m.text)
		}
		var names []string
		for _, name := range sortedKeys(m.files) {
			names = append(names, name)
			switch text := m.files[name]; {
			case strings.HasSuffix(name, ".xlsx"):
				if lines := linesOf(t, text); len(lines) != 1 || lines["A-01"].row == 0 {
					t.Errorf("the list names %v", sortedKeys(lines))
				}
			case strings.HasSuffix(name, ".docx"):
				if words := wordsOf(t, text); !strings.Contains(words, "A-01") || !strings.Contains(words, "PHIẾU ĐÔN ĐỐC") {
					t.Errorf("the letter: %s", words)
				}
			case !bytes.HasPrefix(text, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(text), []byte("%%EOF")):
				t.Errorf("%s is no whole PDF", name)
			}
		}
		want := []string{"KT-danh-sach-2018-06-05.xlsx", "KT-phieu-don-doc-2018-06-05.docx", "KT-phieu-don-doc-2018-06-05.pdf"}
		if diff := gocmp.Diff(want, names); diff != "" {
			t.Errorf("attachments (-want +got):\n%s", diff)
		}
		shows(t, r.scrape(t),
			`doisoat_deliveries_total{channel="email",department="KT"} 1`, `doisoat_delivery_failures_total{channel="email",department="KT"} 0`,
			`doisoat_deliveries_total{channel="email",department="TP"} 0`,
			`doisoat_outbox_pending{department="KT"} 0`, `doisoat_outbox_dead{department="KT"} 0`)
		if strings.Contains(r.log.String(), mailPassword) {
			t.Error("the log holds the password")
		}
	})
}

// A refusal for good is told at once, and retried only when somebody asks.
func TestRefusedMailIsDeadUntilSomebodyRetries(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r, office := mailing(t, rigOptions{store: url}, "hours: always,")
		office.feels(mailMood{refuse: &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user here"}})
		r.mornings(t)
		dead := r.only(t)
		if dead.State != store.DeliveryDead || dead.Attempts != 1 || !strings.Contains(dead.LastError, "no such user here") || !strings.Contains(dead.LastError, "kt@example.vn") {
			t.Fatalf("refused: %+v", dead)
		}
		shows(t, r.scrape(t),
			`doisoat_deliveries_total{channel="email",department="KT"} 1`, `doisoat_delivery_failures_total{channel="email",department="KT"} 1`,
			`doisoat_outbox_pending{department="KT"} 0`, `doisoat_outbox_dead{department="KT"} 1`)
		r.goesTo(t, r.now().Add(50*time.Hour))
		r.delivers(t)
		if office.begun() != 1 {
			t.Errorf("tried %d times, want it left alone", office.begun())
		}

		office.feels(mailMood{})
		// As `doisoat delivery retry` does, beside the daemon.
		again, err := r.store.RetryDelivery(context.Background(), dead.ID, r.now())
		if err != nil || again.State != store.DeliveryPending || again.MessageID != dead.MessageID || again.Attempts != 0 {
			t.Fatalf("retried: %+v, %v", again, err)
		}
		if _, err := (backend{r.Daemon}).RetryDelivery(context.Background(), centre, dead.ID); err == nil {
			t.Error("what waits already is put back once more")
		}
		if next, err := r.nextDelivery(context.Background()); err != nil || next.After(r.now()) {
			t.Errorf("the schedule looks at it at %s, %v", next, err)
		}
		r.delivers(t)
		if sent := r.only(t); sent.State != store.DeliverySent || sent.LastError != "" {
			t.Errorf("after the retry: %+v", sent)
		}
		if mails := office.taken(); len(mails) != 1 || openMail(t, mails[0].text).id != "<"+dead.MessageID+">" {
			t.Errorf("%d mails, or under another id", len(mails))
		}
		if _, err := (backend{r.Daemon}).RetryDelivery(context.Background(), ofTP, dead.ID); err == nil {
			t.Error("another department retries it")
		}
	})
}

// reconfigures has the daemon read a configuration that leads to this office.
func (r *rig) reconfigures(t *testing.T, office *mailOffice, more string) {
	t.Helper()
	r.o.deliver = office.config(more)
	r.save(t)
	r.write(t, "doisoat.yaml", r.config())
	if err := r.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Trouble that may pass is waited out, a little longer each time.
func TestMailIsTriedAgainAfterTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		mood mailMood
		down bool
		says string
	}{
		"the server does not answer": {mood: mailMood{hangs: true}, says: "no answer in time"},
		"it hangs up in the middle":  {mood: mailMood{drops: true}, says: "mail server"},
		"it has no room now":         {mood: mailMood{refuse: &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}}, says: "mailbox full"},
		"nobody listens":             {down: true, says: "connect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			more, attempts := "hours: always,", 3
			r, office := mailing(t, rigOptions{}, more)
			office.feels(c.mood)
			if c.mood.hangs { // it takes as long as it is waited for
				attempts, office.timeout = 1, "1s"
				r.reconfigures(t, office, more)
			}
			if c.down {
				if err := office.server.Close(); err != nil {
					t.Fatal(err)
				}
			}
			r.mornings(t)
			pause := firstPause
			for attempt := 1; attempt <= attempts; attempt++ {
				one := r.only(t)
				if one.State != store.DeliveryPending || one.Attempts != attempt || !strings.Contains(one.LastError, c.says) {
					t.Fatalf("attempt %d: %+v", attempt, one)
				}
				if !one.NextAt.Equal(r.now().Add(pause)) {
					t.Errorf("attempt %d: the next is at %s, want it in %s", attempt, one.NextAt, pause)
				}
				if next, err := r.nextDelivery(context.Background()); err != nil || !next.Equal(one.NextAt) {
					t.Errorf("the schedule looks at it at %s, %v", next, err)
				}
				r.pass(pause - time.Second)
				r.delivers(t)
				if got := r.only(t); got.Attempts != attempt {
					t.Fatalf("tried again too soon: %+v", got)
				}
				r.pass(time.Second)
				pause *= 2
				if attempt < attempts {
					r.delivers(t)
				}
			}
			shows(t, r.scrape(t),
				fmt.Sprintf(`doisoat_deliveries_total{channel="email",department="KT"} %d`, attempts),
				fmt.Sprintf(`doisoat_delivery_failures_total{channel="email",department="KT"} %d`, attempts),
				`doisoat_outbox_pending{department="KT"} 1`, `doisoat_outbox_dead{department="KT"} 0`)
			if got := len(office.taken()); got != 0 {
				t.Fatalf("%d mails taken", got)
			}
			office.feels(mailMood{})
			if c.down { // it comes back elsewhere
				office = newMailOffice(t)
			}
			office.timeout = "1m"
			r.reconfigures(t, office, more)
			r.delivers(t)
			if sent := r.only(t); sent.State != store.DeliverySent || sent.Attempts != attempts+1 || sent.LastError != "" {
				t.Errorf("in the end: %+v", sent)
			}
			if got := len(office.taken()); got != 1 {
				t.Errorf("%d mails taken", got)
			}
		})
	}
}

func TestMailIsGivenUpAfterSoManyAttempts(t *testing.T) {
	t.Parallel()
	r, office := mailing(t, rigOptions{}, "hours: always, attempts: 2,")
	office.feels(mailMood{drops: true})
	r.mornings(t)
	r.pass(time.Minute)
	r.delivers(t)
	if dead := r.only(t); dead.State != store.DeliveryDead || dead.Attempts != 2 {
		t.Errorf("after two attempts: %+v", dead)
	}
	if pause := pauseAfter(40); pause != longestPause {
		t.Errorf("the fortieth pause is %s", pause)
	}
}

// What is made in the evening leaves the next morning.
func TestMailLeavesInWorkingHours(t *testing.T) {
	for name, c := range map[string]struct{ made, leaves time.Time }{
		"made in the evening":         {time.Date(2018, 6, 6, 18, 0, 0, 0, vietnam), time.Date(2018, 6, 7, 7, 0, 0, 0, vietnam)},
		"made at noon":                {time.Date(2018, 6, 6, 12, 0, 0, 0, vietnam), time.Date(2018, 6, 6, 13, 30, 0, 0, vietnam)},
		"made before work begins":     {time.Date(2018, 6, 6, 5, 30, 0, 0, vietnam), time.Date(2018, 6, 6, 7, 0, 0, 0, vietnam)},
		"made on Friday evening":      {time.Date(2018, 6, 8, 20, 0, 0, 0, vietnam), time.Date(2018, 6, 11, 7, 0, 0, 0, vietnam)},
		"made while they are at work": {time.Date(2018, 6, 6, 9, 30, 0, 0, vietnam), time.Date(2018, 6, 6, 9, 30, 0, 0, vietnam)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, office := mailing(t, rigOptions{}, "")
			app, done := r.current.take()
			leaves := app.mayLeave(c.made)
			done()
			if at := leaves.Truncate(time.Millisecond); !at.Equal(c.leaves) {
				t.Fatalf("may leave at %s, want %s", at, c.leaves)
			}
			r.goesTo(t, c.made.Add(-3*time.Second)) // three polls, a second each
			r.mornings(t)
			next, err := r.nextDelivery(context.Background())
			if c.made.Equal(c.leaves) {
				if len(office.taken()) != 1 {
					t.Error("it does not leave")
				}
				return
			}
			if err != nil || !next.Truncate(time.Millisecond).Equal(c.leaves) {
				t.Errorf("the schedule looks at it at %s, %v", next, err)
			}
			r.pass(c.leaves.Sub(r.now()) - time.Second)
			r.delivers(t)
			if got := len(office.taken()); got != 0 {
				t.Fatalf("%d mails left at %s", got, r.now())
			}
			r.pass(time.Second)
			r.delivers(t)
			if got := len(office.taken()); got != 1 {
				t.Errorf("%d mails left at %s: %+v", got, r.now(), r.only(t))
			}
		})
	}
}

// A retry at night waits for the morning, too.
func TestRetryWaitsForWorkingHours(t *testing.T) {
	t.Parallel()
	r, office := mailing(t, rigOptions{}, "")
	office.feels(mailMood{refuse: &smtp.SMTPError{Code: 550, Message: "no"}})
	r.goesTo(t, day(6).Add(2*time.Hour))
	r.mornings(t)
	office.feels(mailMood{})
	r.pass(12 * time.Hour)
	one := r.only(t)
	if _, err := (backend{r.Daemon}).RetryDelivery(context.Background(), centre, one.ID); err != nil {
		t.Fatal(err)
	}
	r.delivers(t)
	if got := len(office.taken()); got != 0 {
		t.Errorf("%d mails left at %s", got, r.now())
	}
	next, err := r.nextDelivery(context.Background())
	if err != nil || !next.Truncate(time.Millisecond).Equal(time.Date(2018, 6, 7, 7, 0, 0, 0, vietnam)) {
		t.Errorf("the schedule looks at it at %s, %v", next, err)
	}
}
