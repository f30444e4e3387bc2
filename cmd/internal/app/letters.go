package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/config"
)

// LetterOptions say which letter to make.
type LetterOptions struct {
	Department string
	AsOf       time.Time // the moment at which it is made
	At         time.Time // the clock, for how fresh the sources are
	By         string
	// IfChanged makes none where the department's list says what its last letter said.
	IfChanged bool
	// Send hands it to the department's channels.
	Send bool
}

// errUnchanged is returned where a letter was wanted only of something new.
var errUnchanged = errors.New("the list says what the last letter said")

// MakeLetter registers a department's letter of the business day, or returns the one
// that there is: a discrepancy is reminded of once a working day at most (RULES.md §7).
// ErrHeld, ErrNothingToRemind of the store; errUnchanged.
func (a *App) MakeLetter(ctx context.Context, o LetterOptions) (l *store.Letter, created bool, err error) {
	day := a.businessDay(o.AsOf)
	if l, err = a.Store.LetterOf(ctx, o.Department, day.Format(time.DateOnly)); err != nil {
		return nil, false, err
	}
	if l != nil {
		return l, false, a.handOver(ctx, l, o, day)
	}
	rules, err := a.listRules(ctx, o.AsOf, o.At)
	if err != nil {
		return nil, false, err
	}
	told, err := a.listOf(ctx, o.Department, rules)
	if err != nil {
		return nil, false, err
	}
	if o.IfChanged {
		known, err := a.toldAlready(ctx, told)
		if err != nil {
			return nil, false, err
		}
		if known {
			return nil, false, errUnchanged
		}
	}
	doc := a.document(told, o.AsOf, false)
	n := store.NewLetter{
		Department: o.Department, Day: day.Format(time.DateOnly), Year: day.Year(), MadeAt: o.AsOf, MadeBy: o.By, AnswerBy: doc.AnswerBy,
		ListDigest: told.Digest(), Label: a.letterNumber(day), Document: doc.complete,
	}
	for i := range told.Items {
		if item := &told.Items[i]; item.Reminded() {
			n.Items = append(n.Items, store.NewItem{DiscrepancyID: item.ID, Code: item.Code, Kind: item.Kind, Effect: item.Effect})
		}
	}
	if o.Send {
		n.Deliveries = a.deliveriesOf(o.Department, day, a.mayLeave(o.AsOf))
	}
	if l, created, err = a.Store.RegisterLetter(ctx, n); err == nil && !created {
		err = a.handOver(ctx, l, o, day) // somebody made it meanwhile
	}
	if err != nil {
		return nil, false, err
	}
	return l, created, nil
}

// handOver gives a letter that is there to the channels that it was not given to: it
// was made by hand, or a channel was set up since.
func (a *App) handOver(ctx context.Context, l *store.Letter, o LetterOptions, day time.Time) error {
	if !o.Send {
		return nil
	}
	_, err := a.Store.AddDeliveries(ctx, l.ID, o.AsOf, a.deliveriesOf(o.Department, day, a.mayLeave(o.AsOf)))
	return err
}

// toldAlready reports whether the department's last letter told it the same, and was
// handed to a channel: one that was only printed has not told it by any.
func (a *App) toldAlready(ctx context.Context, told *departmentList) (bool, error) {
	last, err := a.Store.LastLetter(ctx, told.Department)
	if err != nil || last == nil || last.ListDigest != told.Digest() {
		return false, err
	}
	if len(a.channelsOf(told.Department)) == 0 {
		return true, nil
	}
	handed, err := a.Store.ListDeliveries(ctx, store.DeliveryFilter{Letter: last.ID, Limit: 1})
	return len(handed) > 0, err
}

// businessDay is the working day that a moment counts to: its own, or the last one
// before it.
func (a *App) businessDay(t time.Time) time.Time {
	day := t.In(a.Config.Zone)
	day = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, a.Config.Zone)
	for range 60 { // no calendar has two months without a working day
		if a.Calendar.IsWorkingDay(day) {
			break
		}
		day = day.AddDate(0, 0, -1)
	}
	return day
}

// letterNumber writes a letter's number down.
func (a *App) letterNumber(day time.Time) func(int) string {
	pattern := a.delivery().Number
	return func(number int) string {
		return strings.NewReplacer("{number}", strconv.Itoa(number), "{year}", strconv.Itoa(day.Year())).Replace(pattern)
	}
}

// delivery is the configuration of lists and letters, at its defaults where it is
// left out.
func (a *App) delivery() *config.Deliver {
	if a.Config.Deliver != nil {
		return a.Config.Deliver
	}
	return config.DefaultDeliver()
}

// complete numbers the document and packs it.
func (d *letterDocument) complete(l *store.Letter) ([]byte, error) {
	d.Number, d.Times = l.Label, l.Times
	times := make(map[string]int, len(l.Items))
	for _, item := range l.Items {
		times[item.DiscrepancyID] = item.Times
	}
	for i := range d.Items {
		item := &d.Items[i]
		item.Times, item.Reminded = max(item.Times, times[item.ID]), times[item.ID] > 0
	}
	return d.pack()
}

// The channels, as deliveries name them.
const (
	channelEmail   = "email"
	channelFolder  = "folder"
	channelWebhook = "webhook"
	channelSFTP    = "sftp"
)

// deliveriesOf are the channels that a department's letters go to.
func (a *App) deliveriesOf(department string, day, notBefore time.Time) []store.NewDelivery {
	var list []store.NewDelivery
	for _, channel := range a.channelsOf(department) {
		list = append(list, store.NewDelivery{
			Channel: channel, NotBefore: notBefore,
			MessageID: func(letter int64) string { return a.messageID(letter, department, day, channel) },
		})
	}
	return list
}

// channelsOf names the channels of a department.
func (a *App) channelsOf(department string) []string {
	var list []string
	to := a.recipient(department)
	if to == nil || a.Config.Deliver == nil {
		return nil
	}
	for _, c := range []struct {
		name string
		is   bool
	}{
		{channelEmail, len(to.Email) > 0}, {channelFolder, to.Folder != ""}, {channelWebhook, to.Webhook != nil}, {channelSFTP, to.SFTP != ""},
	} {
		if c.is {
			list = append(list, c.name)
		}
	}
	return list
}

// channels are those that any department uses.
func (a *App) channels() []string {
	var all []string
	for _, name := range []string{channelEmail, channelFolder, channelWebhook, channelSFTP} {
		if slices.ContainsFunc(a.Config.Departments, func(d config.Department) bool { return slices.Contains(a.channelsOf(d.Code), name) }) {
			all = append(all, name)
		}
	}
	return all
}

// recipient is where a department's letters go; nil where nowhere.
func (a *App) recipient(department string) *config.Recipient {
	for i := range a.Config.Departments {
		if d := &a.Config.Departments[i]; d.Code == department {
			return d.Deliver
		}
	}
	return nil
}

// messageID is the same for the same letter over the same channel, however often it
// is sent, so that whoever gets it twice can tell.
func (a *App) messageID(letter int64, department string, day time.Time, channel string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{department, day.Format(time.DateOnly), channel, a.Config.Platform.Name}, "\n")))
	domain := "doisoat.invalid"
	if d := a.Config.Deliver; d != nil && d.Email != nil {
		if _, host, ok := strings.Cut(strings.TrimRight(d.Email.From, "> "), "@"); ok {
			domain = host
		}
	}
	return fmt.Sprintf("letter-%d.%s.%s@%s", letter, channel, hex.EncodeToString(sum[:8]), domain)
}

// mayLeave is the next moment from t on at which messages may leave.
func (a *App) mayLeave(t time.Time) time.Time {
	if a.delivery().Always || a.Calendar.Working(t, t.Add(time.Second)) > 0 {
		return t
	}
	return a.Calendar.Add(t, time.Nanosecond)
}
