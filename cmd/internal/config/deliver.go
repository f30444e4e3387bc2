package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/deliver/channel"
)

// Deliver is how lists and letters are made and sent. A Config without it sends
// nothing; they can still be made by hand.
type Deliver struct {
	// At is when letters are made, a five-field cron expression in Config.Zone; on
	// days that are no working days nothing is made.
	At string
	// Always lets messages leave at any time; else in the calendar's working hours.
	Always bool
	// Unchanged sends on days on which a department's list is that of its last
	// letter, too.
	Unchanged bool
	// AnswerWithin is the working time that a letter gives to answer.
	AnswerWithin time.Duration
	// Number is a letter's number with {number}, and {year} if wanted.
	Number       string
	Organisation Organisation
	Signer       Signer
	Templates    Templates
	// Attempts is how often a delivery is tried before it counts as dead.
	Attempts int

	// The channels that departments may use, nil where left out. Email has no To,
	// Folder and SFTP no Into: those are a department's.
	Email   *channel.EmailConfig
	Folder  *channel.FolderConfig
	Webhook *channel.WebhookConfig
	SFTP    *channel.SFTPConfig
}

// Organisation is the sender in a letter's head; "" where left out.
type Organisation struct {
	Parent string // ỦY BAN NHÂN DÂN THỊ XÃ …
	Name   string // TRUNG TÂM HÀNH CHÍNH CÔNG
	Place  string // before the date
}

// Signer is who signs letters.
type Signer struct {
	Title string // GIÁM ĐỐC
	Name  string // "" leaves it to the pen
}

// Templates are absolute paths of Word files in place of the shipped ones; "" is
// the shipped one.
type Templates struct{ Letter, Apology string }

// Defaults of delivery. Twelve attempts, each twice as long after the last, reach
// over a day on which a server is down.
const (
	defaultDeliverAt    = "30 7 * * *"
	defaultAnswerWithin = 24 * time.Hour // of the town's own letters
	defaultNumber       = "{number}/PĐĐ"
	defaultSignerTitle  = "GIÁM ĐỐC"
	defaultAttempts     = 12
)

const deliverRemedy = "write keys such as at, email and folder"

// deliver is nil where the key is left out.
func (v value) deliver() *Deliver {
	s := v.section(deliverRemedy)
	if s == nil {
		return nil
	}
	d := &Deliver{
		At:           s.get("at").cron(),
		Always:       s.get("hours").choice("working", "working", "always") == "always",
		Unchanged:    s.get("unchanged").boolean(),
		AnswerWithin: s.get("answer_within").duration(defaultAnswerWithin, time.Minute, "write the working time to answer, such as 24h"),
		Number:       s.get("number").letterNumber(),
		Organisation: s.get("organisation").organisation(),
		Signer:       s.get("signer").signer(),
		Templates:    s.get("templates").templates(),
		Attempts:     s.get("attempts").integer(defaultAttempts, 1, 1000, "write how often to try, such as 12"),
		Email:        s.get("email").email(),
		Folder:       s.get("folder").folder(),
		Webhook:      s.get("webhook").webhook(nil),
		SFTP:         s.get("sftp").sftp(),
	}
	if d.At == "" {
		d.At = defaultDeliverAt
	}
	s.done()
	return d
}

// boolean is true or false; false where the key is left out.
func (v value) boolean() bool { return v.choice("false", "true", "false") == "true" }

// replaced finds what is to be filled in in a letter's number.
var replaced = regexp.MustCompile(`\{[^}]*\}?`)

// letterNumber is a letter's number: without its place to fill in all letters
// would have the same.
func (v value) letterNumber() string {
	const remedy = `write it with {number}, and {year} if wanted, such as "{number}/PĐĐ-TTHCC"`
	text := v.oneLine(remedy)
	if text == "" {
		return defaultNumber
	}
	for _, name := range replaced.FindAllString(text, -1) {
		if name != "{number}" && name != "{year}" {
			v.fault(fmt.Sprintf("holds %s, which nothing fills in", name), remedy)
			return defaultNumber
		}
	}
	if !strings.Contains(text, "{number}") {
		v.fault("does not hold {number}", remedy)
		return defaultNumber
	}
	return text
}

// oneLine is a text on one line; "" where the key is left out.
func (v value) oneLine(remedy string) string {
	text := strings.TrimSpace(v.text(remedy))
	if hasControl(text) {
		v.fault("holds a line break or another control character", "write it on one line")
		return ""
	}
	return text
}

func (v value) organisation() Organisation {
	s := v.section("write {parent: ỦY BAN NHÂN DÂN …, name: TRUNG TÂM HÀNH CHÍNH CÔNG, place: …}")
	o := Organisation{
		Parent: s.get("parent").oneLine("give the name above the organisation's own, such as ỦY BAN NHÂN DÂN …"),
		Name:   s.get("name").oneLine("give the organisation's name, such as TRUNG TÂM HÀNH CHÍNH CÔNG"),
		Place:  s.get("place").oneLine("give the place that stands before the date"),
	}
	s.done()
	return o
}

func (v value) signer() Signer {
	s := v.section("write {title: GIÁM ĐỐC, name: …}")
	signer := Signer{Title: s.get("title").oneLine("give the title of who signs, such as GIÁM ĐỐC")}
	if name := s.get("name"); name.scalar() && resolve(name.node).Value != "" {
		signer.Name = name.oneLine("give the name of who signs, or leave it out")
	} else {
		signer.Name = name.textOrEmpty("give the name of who signs, or leave it out")
	}
	if signer.Title == "" {
		signer.Title = defaultSignerTitle
	}
	s.done()
	return signer
}

func (v value) templates() Templates {
	s := v.section("write {letter: phieu-don-doc.docx}")
	t := Templates{Letter: s.get("letter").wordFile(), Apology: s.get("apology").wordFile()}
	s.done()
	return t
}

// wordFile is a .docx that is there. What it holds is for the letters to judge.
func (v value) wordFile() string {
	const remedy = "name a .docx file, or leave the key out for the shipped one"
	path := v.existing(remedy)
	if path != "" && !strings.EqualFold(path[max(0, len(path)-len(".docx")):], ".docx") {
		v.fault("is no .docx file", remedy)
		return ""
	}
	return path
}

// DefaultDeliver is how lists and letters are made by hand where the key is left out.
func DefaultDeliver() *Deliver {
	return &Deliver{
		At: defaultDeliverAt, AnswerWithin: defaultAnswerWithin, Number: defaultNumber, Signer: Signer{Title: defaultSignerTitle},
		Attempts: defaultAttempts,
	}
}
