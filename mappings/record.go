package mappings

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/doisoat/doisoat/reconcile"
)

// Why a row cannot be taken in; these are FieldError.Cause and the reason
// labels of the metric.
const (
	CauseCode       = "code"
	CauseDate       = "date"
	CauseExpression = "expression"
)

// FieldError says which field of a row cannot be read.
type FieldError struct {
	Field  string // canonical name: "due_at"
	Input  string // the source's name for it; "" for an expression
	Raw    string // a date's raw value, cut; "" for every other cause
	Cause  string // CauseCode, CauseDate or CauseExpression
	Reason string // a sentence: what is wrong and what would be right
}

func (e *FieldError) Error() string { return e.Reason }

// longestCode is more than any code has (35 to 50 characters by the standard).
const longestCode = 100

// longestDateShown bounds how much of an unreadable date an error repeats.
const longestDateShown = 40

// Record fills rec from the raw values of a row, in the order of Inputs. rec is
// reset first; FirstReadAt and ReadAt are the caller's to set. Texts in rec share memory with
// values where they are unchanged. The error is a *FieldError; the first field
// in the order of the fields that cannot be read is named. rec.Code is filled
// whenever the code could be read, also beside an error, and what could be read
// of the other fields is filled too.
func (t *Table) Record(values []string, rec *reconcile.Record) error {
	*rec = reconcile.Record{Source: t.options.Source, Side: t.options.Side}
	raw, err := t.value(fieldCode, values)
	if err != nil {
		return err
	}
	if rec.Code, err = t.code(raw); err != nil {
		return err
	}
	failed := t.words(values, rec)
	for _, d := range [...]struct {
		field field
		into  *reconcile.Moment
	}{
		{fieldReceivedAt, &rec.ReceivedAt},
		{fieldDueAt, &rec.DueAt},
		{fieldExtendedDueAt, &rec.ExtendedDueAt},
		{fieldCompletedAt, &rec.CompletedAt},
		{fieldReturnedAt, &rec.ReturnedAt},
		{fieldUpdatedAt, &rec.UpdatedAt},
	} {
		if err := t.date(d.field, values, d.into); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// words fills everything that is no date.
func (t *Table) words(values []string, rec *reconcile.Record) (failed error) {
	keep := func(err error) {
		if err != nil && failed == nil {
			failed = err
		}
	}
	keep(t.aliases(values, rec))
	procedure, err := t.value(fieldProcedure, values)
	keep(err)
	rec.Procedure = procedureCode(procedure)
	name, err := t.value(fieldField, values)
	keep(err)
	rec.Field = text(name)
	place, err := t.value(fieldDepartment, values)
	keep(err)
	rec.Department = t.department(place)
	keep(t.status(values, rec))
	rec.Channel = t.channel(values)
	return failed
}

// value is the raw value of a field with a single origin, "" if it is not mapped.
func (t *Table) value(f field, values []string) (string, error) {
	origins := t.spec.fields[f]
	if len(origins) == 0 {
		return "", nil
	}
	return t.originValue(f, &origins[0], values)
}

func (t *Table) originValue(f field, o *origin, values []string) (string, error) {
	if o.expression == nil {
		return at(values, o.input), nil
	}
	var s string
	var err error
	if o.expression.list {
		s, err = o.expression.texts(values)
	} else {
		s, err = o.expression.text(values)
	}
	if err != nil {
		return "", &FieldError{
			Field: f.String(), Cause: CauseExpression,
			Reason: fmt.Sprintf("%s: its expression in the mapping failed: %v; mend the expression or the row", f, err),
		}
	}
	return s, nil
}

func (t *Table) code(raw string) (string, error) {
	code := CanonicalCode(raw)
	problem := ""
	switch {
	case code == "":
		problem = "is empty; every dossier needs its code"
	case len(code) > longestCode && utf8.RuneCountInString(code) > longestCode:
		problem = fmt.Sprintf("is longer than %d characters; check that the mapping names the right column", longestCode)
	case !utf8.ValidString(raw) || !isCanonicalASCII(code) && strings.ContainsFunc(code, unreadable):
		problem = "holds characters that are no text; check the encoding of the source"
	default:
		return code, nil
	}
	input := t.inputOf(fieldCode)
	return "", &FieldError{Field: fieldCode.String(), Input: input, Cause: CauseCode, Reason: "code" + columnNote(input) + " " + problem}
}

func unreadable(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) }

func (t *Table) inputOf(f field) string {
	if origins := t.spec.fields[f]; len(origins) > 0 && origins[0].expression == nil {
		return t.spec.inputs[origins[0].input]
	}
	return ""
}

func columnNote(input string) string {
	if input == "" {
		return ""
	}
	return " (" + input + ")"
}

// aliases fills the other codes. One raw value may hold several, separated by
// line breaks, commas or semicolons.
func (t *Table) aliases(values []string, rec *reconcile.Record) error {
	origins := t.spec.fields[fieldAliases]
	for i := range origins {
		raw, err := t.originValue(fieldAliases, &origins[i], values)
		if err != nil {
			return err
		}
		for raw != "" {
			part := raw
			if end := strings.IndexAny(raw, "\n,;"); end >= 0 {
				part, raw = raw[:end], raw[end+1:]
			} else {
				raw = ""
			}
			alias := CanonicalCode(part)
			if alias == "" || alias == rec.Code || len(alias) > 4*longestCode || slices.Contains(rec.Aliases, alias) {
				continue
			}
			rec.Aliases = append(rec.Aliases, alias)
		}
	}
	return nil
}

func (t *Table) department(raw string) string {
	if trim(raw) == "" {
		return t.options.Department
	}
	if code, ok := t.departments[raw]; ok {
		return code
	}
	if len(t.departments) > 0 {
		if code, ok := t.departments[fold(raw)]; ok {
			return code
		}
	}
	return text(raw)
}

// status looks the pair up first, then the first value alone.
func (t *Table) status(values []string, rec *reconcile.Record) error {
	origins := t.spec.fields[fieldStatus]
	first, err := t.originValue(fieldStatus, &origins[0], values)
	if err != nil {
		return err
	}
	if len(origins) == 2 {
		second, err := t.originValue(fieldStatus, &origins[1], values)
		if err != nil {
			return err
		}
		if trim(second) != "" {
			t.statusPair(first, second, rec)
			return nil
		}
	}
	result, ok := t.statuses[first]
	if !ok {
		result, ok = t.statuses[fold(first)]
	}
	rec.RawStatus = trim(first)
	if ok {
		rec.Status, rec.Group = result.status, result.group
	}
	return nil
}

func (t *Table) statusPair(first, second string, rec *reconcile.Record) {
	first, second = trim(first), trim(second)
	var space [96]byte
	pair := append(append(append(space[:0], first...), '/'), second...)
	result, ok := t.statuses[string(pair)]
	if ok && result.raw == string(pair) {
		rec.RawStatus = result.raw // the same text, already in memory
	} else {
		rec.RawStatus = string(pair)
	}
	if !ok {
		result, ok = t.statuses[fold(first)+"/"+fold(second)]
	}
	if !ok {
		result, ok = t.statuses[first]
	}
	if !ok {
		result, ok = t.statuses[fold(first)]
	}
	if ok {
		rec.Status, rec.Group = result.status, result.group
	}
}

func (t *Table) date(f field, values []string, into *reconcile.Moment) error {
	origins := t.spec.fields[f]
	if len(origins) == 0 {
		return nil
	}
	raw, err := t.originValue(f, &origins[0], values)
	if err != nil {
		return err
	}
	m, how := t.dates.read(raw)
	if how == fits {
		*into = m
		return nil
	}
	return t.dateError(f, raw, how)
}

func (t *Table) dateError(f field, raw string, how fit) error {
	seen := shown(trim(strings.TrimPrefix(trim(raw), realDateMark)), longestDateShown)
	patterns := make([]string, len(t.spec.layouts))
	for i, l := range t.spec.layouts {
		patterns[i] = l.pattern
	}
	tried := strings.Join(patterns, ", ")
	var reason string
	switch {
	case how == impossible:
		reason = fmt.Sprintf("is a day or time that does not exist or lies outside the years %d to %d", firstYear, lastYear)
		if tried != "" {
			reason += " (read as " + tried + ")"
		}
		reason += "; correct it in the source"
	case tried == "":
		reason = "is text, and the mapping lists no layouts; add its pattern to time.layouts"
	default:
		reason = "fits none of the layouts " + tried + "; correct it in the source, add its pattern to time.layouts, or add the value to time.missing if it stands for no date"
	}
	input := t.inputOf(f)
	return &FieldError{
		Field: f.String(), Input: input, Raw: seen, Cause: CauseDate,
		Reason: fmt.Sprintf("%s%s: %q %s", f, columnNote(input), seen, reason),
	}
}
