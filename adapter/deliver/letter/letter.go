package letter

import (
	"errors"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Letter is a reminder letter to one department.
type Letter struct {
	Parent string // cơ quan chủ quản: "UBND thị xã Hương Trà"; "" leaves its line out
	Centre string // the organisation that issues the letter
	Place  string // địa danh, before the date
	// Number is the number with its symbol, 12/PĐĐ-TTHCC. A letter without one is a
	// draft, and says so.
	Number string
	Symbol string // of a draft: what will follow the number's stroke; PĐĐ if empty
	Times  int    // lần n
	Day    time.Time
	To     string // the department
	// AnswerBy is when the answer is due, AsOf the moment that the list speaks of.
	AnswerBy, AsOf time.Time
	Signer         Signer
	Period         string // "Quý II năm 2018"; "" where the letter is of no period
	Items          []Item
	Zone           *time.Location
}

// Signer signs a letter or a report.
type Signer struct {
	Title string // "GIÁM ĐỐC"
	Name  string
}

// Item is a discrepancy that a letter speaks of.
type Item struct {
	Code      string
	Procedure string // name or code of the TTHC
	// ReceivedAt and DueAt are what the platform says, or else the office; where they
	// are not known the records are asked.
	ReceivedAt, DueAt reconcile.Moment
	Department        string // the office in charge; the addressee if empty
	Kind              reconcile.Kind
	Side              reconcile.Side
	Effect            reconcile.Effect
	Since             time.Time
	Times             int // lần nhắc, of this one
	Office, Platform  *reconcile.Record
}

// ErrNothing is told of a letter without an item: there is nothing to remind of.
var ErrNothing = errors.New("letter: no discrepancy to speak of")

func (l *Letter) check() error {
	if len(l.Items) == 0 {
		return ErrNothing
	}
	var missing []error
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"Centre", l.Centre != ""}, {"To", l.To != ""}, {"Zone", l.Zone != nil},
		{"Day", !l.Day.IsZero()}, {"AnswerBy", !l.AnswerBy.IsZero()}, {"AsOf", !l.AsOf.IsZero()},
	} {
		if !field.given {
			missing = append(missing, errors.New("letter: "+field.name+" is not given"))
		}
	}
	return errors.Join(missing...)
}

// groups parts the items by what they mean for the department.
type groups struct {
	falseOverdue, hidden, other []*Item
}

func (l *Letter) groups() groups {
	var g groups
	for i := range l.Items {
		item := &l.Items[i]
		switch item.Effect {
		case reconcile.FalseOverdue:
			g.falseOverdue = append(g.falseOverdue, item)
		case reconcile.HiddenOverdue:
			g.hidden = append(g.hidden, item)
		default:
			g.other = append(g.other, item)
		}
	}
	return g
}

// dossiers counts the codes: a dossier may have two discrepancies.
func (l *Letter) dossiers() int {
	codes := make(map[string]bool, len(l.Items))
	for i := range l.Items {
		codes[l.Items[i].Code] = true
	}
	return len(codes)
}
