package reconcile_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// The cases under testdata are written for a person who knows dossiers and not
// Go. Each file is about one sentence of the rules, each section of it a case:
//
//	as_of: 05/07/2018 08:00          settings, one a line
//	[platform dvc]                   the platform's row; only what differs from
//	status: processing               the section "given" of the same file
//	[office book]                    an office's row
//	[office book again]              a second row of it, like the first but …
//	[office book earlier]            a row as it once was, like the given one but …
//	[no office book]                 the office does not hold the dossier
//	[expect]                         every finding there is, or "nothing"; then
//	reported: in progress on time    whatever else the case is about
//	[then]                           a later run: what changes, and what follows
//
// What "given" expects holds for every case that does not say otherwise.

const caseLayout = "02/01/2006 15:04"

// step is one run within a case.
type step struct {
	settings []field
	records  []block
	expect   []field
}

type field struct{ key, value string }

// block is one record, as overrides of what is given.
type block struct {
	side   reconcile.Side
	source string
	form   string // "", "again", "earlier" or "no"
	fields []field
}

// section is one named part of a txtar archive.
type section struct{ name, text string }

// splitSections takes a txtar archive apart: a comment, then parts headed by a
// line of the form "-- name --".
func splitSections(archive string) (about string, sections []section) {
	for line := range strings.Lines(archive) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		name, closed := strings.CutSuffix(name, " --")
		switch {
		case ok && closed:
			sections = append(sections, section{name: name})
		case len(sections) == 0:
			about += line
		default:
			sections[len(sections)-1].text += line
		}
	}
	return strings.TrimSpace(about), sections
}

// parseSteps reads one section of a case file.
func parseSteps(text string) ([]step, error) {
	steps := []step{{}}
	target := &steps[0].settings
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		now := &steps[len(steps)-1]
		switch {
		case line == "":
		case line == "[expect]":
			target = &now.expect
		case line == "[then]":
			steps = append(steps, step{})
			target = &steps[len(steps)-1].settings
		case strings.HasPrefix(line, "["):
			b, err := parseHeading(strings.Trim(line, "[]"))
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			now.records = append(now.records, b)
			target = &now.records[len(now.records)-1].fields
		default:
			key, value, _ := strings.Cut(line, ":")
			*target = append(*target, field{strings.TrimSpace(key), strings.TrimSpace(value)})
		}
	}
	return steps, nil
}

func parseHeading(heading string) (block, error) {
	words := strings.Fields(heading)
	b := block{}
	if len(words) > 0 && words[0] == "no" {
		b.form, words = "no", words[1:]
	}
	if len(words) == 3 && b.form == "" && (words[2] == "again" || words[2] == "earlier") {
		b.form, words = words[2], words[:2]
	}
	if len(words) != 2 || words[0] != "platform" && words[0] != "office" {
		return b, fmt.Errorf("[%s] is no heading", heading)
	}
	b.side, b.source = reconcile.Side(words[0]), words[1]
	return b, nil
}

func parseTime(value string) (time.Time, error) {
	return time.ParseInLocation(caseLayout, value, vietnam)
}

func parseMoment(value string) (reconcile.Moment, error) {
	if value == "" {
		return reconcile.Moment{}, nil
	}
	if t, err := time.ParseInLocation("02/01/2006", value, vietnam); err == nil {
		return reconcile.Moment{Time: t, DateOnly: true}, nil
	}
	t, err := parseTime(value)
	return reconcile.Moment{Time: t}, err
}

// setRecord writes one line of a block into a record.
func setRecord(rec *reconcile.Record, f field) (err error) {
	moments := map[string]*reconcile.Moment{
		"received_at": &rec.ReceivedAt, "due_at": &rec.DueAt, "extended_due_at": &rec.ExtendedDueAt,
		"completed_at": &rec.CompletedAt, "returned_at": &rec.ReturnedAt, "updated_at": &rec.UpdatedAt,
	}
	if m := moments[f.key]; m != nil {
		*m, err = parseMoment(f.value)
		return err
	}
	switch f.key {
	case "code":
		rec.Code = f.value
	case "aliases":
		rec.Aliases = strings.Fields(f.value)
	case "department":
		rec.Department = f.value
	case "field":
		rec.Field = f.value
	case "channel":
		rec.Channel = reconcile.Channel(f.value)
	case "status":
		rec.RawStatus, rec.Status = f.value, ""
		if slices.Contains(reconcile.Statuses, reconcile.Status(f.value)) {
			rec.Status = reconcile.Status(f.value)
		}
		rec.Group = reconcile.DefaultGroup(rec.Status)
	case "group":
		rec.Group = reconcile.Group(f.value)
	case "first_read_at":
		rec.FirstReadAt, err = parseTime(f.value)
	case "read_at":
		rec.ReadAt, err = parseTime(f.value)
	case "unreadable":
		rec.Unreadable, err = strconv.ParseBool(f.value)
	default:
		err = fmt.Errorf("a record has no %q", f.key)
	}
	return err
}
