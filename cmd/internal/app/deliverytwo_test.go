package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// Two daemons over one database never send the same at the same time.
func TestTwoDaemonsSendEachLetterOnce(t *testing.T) {
	t.Parallel()
	r, office := mailing(t, rigOptions{store: postgresStore(t)}, "hours: always,")
	if err := r.letters(context.Background(), r.today()); err != nil {
		t.Fatal(err)
	}
	entered, gate := make(chan struct{}, 10), make(chan struct{})
	office.feels(mailMood{entered: entered, gate: gate})
	one := r.Daemon
	two := r.start(t)
	defer func() {
		if err := two.Close(); err != nil {
			t.Error(err)
		}
	}()
	ended := make(chan error, 3)
	go func() { ended <- one.deliver(context.Background()) }()
	<-entered // the first is at it
	for range 2 {
		go func() { ended <- two.deliver(context.Background()) }()
	}
	for range 2 { // the second finds nothing to do
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if n := office.begun(); n != 1 {
		t.Errorf("begun %d times", n)
	}
	close(gate)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := two.deliver(context.Background()); err != nil {
		t.Error(err)
	}
	if got := len(office.taken()); got != 1 {
		t.Errorf("%d mails", got)
	}
	if sent := r.only(t); sent.State != store.DeliverySent || sent.Attempts != 1 {
		t.Errorf("kept: %+v", sent)
	}
}

// A daemon that is told to end in the middle of a message leaves it to the next, which
// need not wait.
func TestDeliveryThatIsInterruptedIsTakenUp(t *testing.T) {
	t.Parallel()
	r, office := mailing(t, rigOptions{}, "hours: always,")
	entered, gate := make(chan struct{}, 10), make(chan struct{})
	office.feels(mailMood{entered: entered, gate: gate})
	ctx, cancel := context.WithCancel(context.Background())
	if err := r.letters(ctx, r.today()); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.deliver(ctx) }()
	<-entered
	cancel()
	if err := <-ended; err == nil {
		t.Error("interrupted, and no error")
	}
	if one := r.only(t); one.State != store.DeliveryPending || !one.LeaseUntil.IsZero() || one.NextAt.After(r.now()) {
		t.Errorf("interrupted: %+v, want it due at once", one)
	}
	office.feels(mailMood{})
	close(gate)
	r.restart(t)
	r.delivers(t)
	if sent := r.only(t); sent.State != store.DeliverySent {
		t.Errorf("after the restart: %+v", sent)
	}
	ids := map[string]bool{}
	for _, m := range office.taken() {
		ids[openMail(t, m.text).id] = true
	}
	if len(ids) != 1 {
		t.Errorf("message ids: %v, want one, however often it arrived", ids)
	}
}

// A channel that the configuration lost is no reason to try for ever.
func TestDeliveryOverAChannelThatIsGone(t *testing.T) {
	t.Parallel()
	r, office := mailing(t, rigOptions{}, "hours: always,")
	office.feels(mailMood{drops: true})
	r.mornings(t)
	r.o.to = map[string]string{"TP": "{email: [tp@example.vn]}"}
	r.save(t)
	r.write(t, "doisoat.yaml", r.config())
	if err := r.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	r.pass(time.Hour)
	r.delivers(t)
	one := r.only(t)
	if one.State != store.DeliveryDead || !strings.Contains(one.LastError, "doisoat delivery retry") {
		t.Errorf("over a channel that is gone: %+v", one)
	}
	page, err := backend{r.Daemon}.Deliveries(context.Background(), access.Only("TP"), "", 0, 10)
	if err != nil || len(page.Items) > 0 {
		t.Errorf("TP sees KT's: %+v, %v", page, err)
	}
}

// The schedule's look at its clock is older than ours: what is due must not seem to be
// due a moment later, for ever.
func TestWhatIsDueIsPastForTheSchedule(t *testing.T) {
	t.Parallel()
	r, office := mailing(t, rigOptions{}, "hours: always,")
	office.feels(mailMood{refuse: &smtp.SMTPError{Code: 452, Message: "later"}})
	r.mornings(t)
	r.pass(time.Hour)
	clock := r.Daemon.o.clock
	r.Daemon.o.clock = func() time.Time { // one that goes on
		r.pass(time.Millisecond)
		return clock()
	}
	now := r.now()
	if next, err := r.nextDelivery(context.Background()); err != nil || next.IsZero() || next.After(now) {
		t.Errorf("next at %s, %v; asked at %s, an hour after it was due", next, err, now)
	}
	r.Daemon.o.clock = clock
}
