package daemontest

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/doisoat/doisoat/adapter/store"
)

// deliveryKills is how often TestKillsDuringDelivery kills, on each store, unless
// DOISOAT_TEST_KILLS says otherwise.
const deliveryKills = 10

// slowOffice is a mail server that takes its time.
type slowOffice struct {
	took  time.Duration
	begun chan struct{} // a message begins

	mu    sync.Mutex
	mails map[string][]string // message id to the subjects it came with
}

func newSlowOffice(t *testing.T, took time.Duration) (o *slowOffice, port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o = &slowOffice{took: took, begun: make(chan struct{}, 1000), mails: map[string][]string{}}
	server := smtp.NewServer(o)
	server.Domain = "mail.example.vn"
	server.ErrorLog = noLog{}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return o, l.Addr().(*net.TCPAddr).Port
}

type noLog struct{}

func (noLog) Printf(string, ...any) {}
func (noLog) Println(...any)        {}

// NewSession implements smtp.Backend.
func (o *slowOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return visit{o}, nil }

type visit struct{ o *slowOffice }

func (visit) Reset()                               {}
func (visit) Logout() error                        { return nil }
func (visit) Mail(string, *smtp.MailOptions) error { return nil }
func (visit) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (v visit) Data(r io.Reader) error {
	select {
	case v.o.begun <- struct{}{}:
	default:
	}
	pause(v.o.took / 2)
	text, err := io.ReadAll(r)
	if err != nil {
		return err // whoever sent it is gone, and nothing arrived
	}
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return err
	}
	v.o.mu.Lock()
	id := strings.Trim(m.Header.Get("Message-Id"), "<>")
	v.o.mails[id] = append(v.o.mails[id], m.Header.Get("Subject"))
	v.o.mu.Unlock()
	pause(v.o.took / 2) // taken, but the sender does not know
	return nil
}

// However often the daemon is killed while it delivers, every letter arrives by every
// channel at least once, what arrives twice carries the same message id, and what lies
// in the folders is whole.
func TestKillsDuringDelivery(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		n := deliveryKills
		if text := os.Getenv("DOISOAT_TEST_KILLS"); text != "" {
			var err error
			if n, err = strconv.Atoi(text); err != nil {
				t.Fatal(err)
			}
		}
		office, port := newSlowOffice(t, 120*time.Millisecond)
		tn := newTown(t, plan{dossiers: 900, store: url, every: 10 * time.Minute, sqlite: true})
		out := filepath.Join(tn.dir, "out")
		if err := os.Mkdir(out, 0o750); err != nil {
			t.Fatal(err)
		}
		tn.rewrite(func(text string) string {
			return delivering(t, text) + fmt.Sprintf("deliver:\n  hours: always\n  email: {host: 127.0.0.1, port: %d, tls: none, from: tthcc@example.vn}\n  folder: {path: %q}\n", port, out)
		})
		expected := tn.lettersWait(url, 2+n/4)
		random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
		busy := 0
		for range n {
			p := launch(t, tn.config)
			for range 1 + random.IntN(3) {
				select {
				case <-office.begun:
				case <-p.ended:
					t.Fatalf("it ended by itself: %s\n%s", p.cmd.ProcessState, p.tail(30))
				case <-time.After(10 * time.Second): // all of it was sent
				}
			}
			pause(time.Duration(random.Int64N(int64(200 * time.Millisecond))))
			p.kill()
			busy += tn.leasesEnd(url)
			for len(office.begun) > 0 {
				<-office.begun
			}
		}
		if busy < n/2 {
			t.Errorf("only %d of %d kills came in the middle of a delivery", busy, n)
		}
		p := start(t, tn.config)
		took := within(t, 60*time.Second, "everything is sent", func() error {
			left := 0
			for _, d := range tn.deliveries(url) {
				if d.State != store.DeliverySent {
					left++
				}
			}
			if left > 0 {
				return fmt.Errorf("%d are left", left)
			}
			return nil
		})
		p.end(30 * time.Second)
		twice := office.check(t, expected["email"])
		checkFolders(t, out, expected["folder"])
		t.Logf("%d kills, %d in the middle of a delivery; %d letters, %d mails came twice; the rest took %s", n, busy, len(expected["email"]), twice, took.Round(time.Millisecond))
	})
}

var departmentLine = regexp.MustCompile(`(?m)^(  - \{?code: "?([A-Z]+)"?.*?)(\}?)$`)

// delivering gives every department an address and a folder.
func delivering(t *testing.T, text string) string {
	t.Helper()
	with := departmentLine.ReplaceAllString(text, `$1, deliver: {email: ["$2@example.vn"], folder: true}$3`)
	if strings.Count(with, "folder: true") != 6 {
		t.Fatalf("not every department got an address:\n%.1500s", with)
	}
	return with
}

// lettersWait has a letter to every department for each of some working days, on its
// way over both channels. It gives the message ids by channel.
func (tn *town) lettersWait(url string, days int) map[string][]string {
	tn.t.Helper()
	for _, o := range tn.world.Offices {
		tn.change(o.Department, tn.inProgress(o.Department)[0], resolve(time.Now().Add(-48*time.Hour)))
	}
	run(tn.t, "reconcile", "--config", tn.config, "--format", "json")
	day := time.Now()
	ctx := context.Background()
	kept, err := store.Open(ctx, tn.storeAt(url), store.Options{Migrate: true})
	if err != nil {
		tn.t.Fatal(err)
	}
	defer kept.Close()
	for made := 0; made < days*len(tn.world.Offices); day = day.AddDate(0, 0, 1) {
		run(tn.t, "lists", "--config", tn.config, "--output", filepath.Join(tn.dir, "lists"), "--as-of", day.Format(time.RFC3339))
		letters, err := kept.ListLetters(ctx, store.LetterFilter{})
		if err != nil {
			tn.t.Fatal(err)
		}
		made = len(letters)
	}
	letters, err := kept.ListLetters(ctx, store.LetterFilter{})
	if err != nil {
		tn.t.Fatal(err)
	}
	expected := map[string][]string{}
	for _, l := range letters {
		var list []store.NewDelivery
		for _, channel := range []string{"email", "folder"} {
			id := fmt.Sprintf("letter-%d.%s@example.vn", l.ID, channel)
			expected[channel] = append(expected[channel], id)
			list = append(list, store.NewDelivery{Channel: channel, MessageID: func(int64) string { return id }})
		}
		if _, err := kept.AddDeliveries(ctx, l.ID, time.Now(), list); err != nil {
			tn.t.Fatal(err)
		}
	}
	return expected
}

func (tn *town) deliveries(url string) []store.Delivery {
	tn.t.Helper()
	ctx := context.Background()
	kept, err := store.Open(ctx, tn.storeAt(url), store.Options{})
	if err != nil {
		tn.t.Fatal(err)
	}
	list, err := kept.ListDeliveries(ctx, store.DeliveryFilter{})
	if err = errors.Join(err, kept.Close()); err != nil {
		tn.t.Fatal(err)
	}
	return list
}

// leasesEnd does what time would do: a dead process's message is another's after five
// minutes, and its job after two. It gives how many were being sent.
func (tn *town) leasesEnd(url string) int {
	tn.t.Helper()
	db := opened(tn.t, tn.storeAt(url))
	defer db.Close()
	var held int
	if err := db.Get(&held, `SELECT count(*) FROM deliveries WHERE state = 'pending' AND lease_until > 0`); err != nil {
		tn.t.Fatal(err)
	}
	statements := []string{`UPDATE deliveries SET lease_until = 0 WHERE state = 'pending'`}
	if !strings.HasPrefix(url, "sqlite:") {
		statements = append(statements, `UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state = 'running'`)
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			tn.t.Fatal(err)
		}
	}
	return held
}

// check holds what arrived against what was sent, and counts what came twice.
func (o *slowOffice) check(t *testing.T, expected []string) (twice int) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range expected {
		if len(o.mails[id]) == 0 {
			t.Errorf("%s never arrived", id)
		}
	}
	for id, subjects := range o.mails {
		if !slices.Contains(expected, id) {
			t.Errorf("%s is the id of no letter", id)
		}
		if len(subjects) > 1 {
			twice++
		}
		if len(slices.Compact(slices.Clone(subjects))) != 1 {
			t.Errorf("%s came as different letters: %q", id, subjects)
		}
	}
	return twice
}

// checkFolders wants three whole files of every letter.
func checkFolders(t *testing.T, out string, expected []string) {
	t.Helper()
	found := map[string]int{}
	err := filepath.WalkDir(out, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		_, rest, ok := strings.Cut(d.Name(), "--")
		if !ok {
			return nil // what a killed process left; nobody takes it for a list
		}
		found[strings.TrimSuffix(rest, filepath.Ext(rest))]++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".pdf") {
			if !bytes.HasPrefix(text, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(text), []byte("%%EOF")) {
				t.Errorf("%s is no whole PDF", path)
			}
			return nil
		}
		if _, err := zip.NewReader(bytes.NewReader(text), int64(len(text))); err != nil {
			t.Errorf("%s is no whole file: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range expected {
		if found[id] != 3 {
			t.Errorf("%s: %d files in the folder, want three", id, found[id])
		}
	}
	if len(found) != len(expected) {
		t.Errorf("files of %d letters, want %d", len(found), len(expected))
	}
}
