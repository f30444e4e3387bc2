package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxJSON bounds a request's JSON.
	maxJSON = 1 << 20
	// maxWords bounds what a person writes, in characters: a note, a reason.
	maxWords = 1000
)

// read reads a request's JSON into a struct, every field of which must be given. It
// answers and returns false where the body is not JSON, too large, or of other
// fields: a field that is misspelt must not change something else instead.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		problem{Status: http.StatusUnsupportedMediaType, Detail: "the body must be JSON, and the header Content-Type: application/json"}.write(w, r)
		return false
	}
	text, ok := whole(w, r)
	if !ok {
		return false
	}
	p := &parameters{}
	if err := json.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		p.bad = append(p.bad, misread(err))
	} else {
		p.given(text, into)
	}
	return !p.refused(w, r)
}

// whole reads a body of bounded size.
func whole(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	text, err := io.ReadAll(r.Body)
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &tooLarge):
		p := problem{Status: http.StatusRequestEntityTooLarge}
		p.Detail = badField("body", "it is larger than the %d bytes that this path takes", tooLarge.Limit).Detail
		p.write(w, r)
		return nil, false
	case err != nil:
		p := &parameters{}
		p.fault("body", "it did not come to its end")
		p.refused(w, r)
		return nil, false
	}
	return text, true
}

// misread names what of the JSON is at fault. What the client sent is not repeated:
// it may be a password in the wrong place.
func misread(err error) badParameter {
	syntax, meaning := (*jsontext.SyntacticError)(nil), (*json.SemanticError)(nil)
	switch {
	case errors.As(err, &meaning) && errors.Is(err, json.ErrUnknownName):
		return badField(field(meaning.JSONPointer), "there is no such field")
	case errors.As(err, &meaning):
		return badField(field(meaning.JSONPointer), "a JSON %s does not fit here", kindOf(meaning.JSONKind))
	case errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName):
		return badField(field(syntax.JSONPointer), "given more than once")
	case errors.As(err, &syntax):
		return badField(field(syntax.JSONPointer), "no JSON text in UTF-8, from byte %d on", syntax.ByteOffset)
	}
	return badField("body", "no JSON text in UTF-8")
}

func kindOf(kind jsontext.Kind) string {
	switch kind {
	case '"':
		return "string"
	case '0':
		return "number"
	case 't', 'f':
		return "boolean"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "null"
}

// field names a place in the body: ids/3.
func field(at jsontext.Pointer) string {
	name := strings.TrimPrefix(string(at), "/")
	if name == "" {
		return "body"
	}
	return shown(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, name))
}

// given finds fields of the struct that the JSON does not have, or has as null.
func (p *parameters) given(text []byte, into any) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(text, &members); err != nil {
		p.fault("body", "no JSON object")
		return
	}
	typ := reflect.TypeOf(into).Elem()
	for i := range typ.NumField() {
		name := typ.Field(i).Tag.Get("json")
		if value, ok := members[name]; !ok || value.Kind() == 'n' {
			p.fault(name, "missing")
		}
	}
}

// noBody answers 400 where a body is given that says something.
func noBody(w http.ResponseWriter, r *http.Request) bool {
	text, ok := whole(w, r)
	if text = bytes.TrimSpace(text); ok && len(text) > 0 && !bytes.Equal(text, []byte("{}")) {
		p := &parameters{}
		p.fault("body", "this path takes none")
		return !p.refused(w, r)
	}
	return ok
}

// words checks what a person wrote.
func (p *parameters) words(name, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		p.fault(name, "empty; say something")
	case utf8.RuneCountInString(value) > maxWords:
		p.fault(name, "longer than %d characters", maxWords)
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		p.fault(name, "control characters other than line feeds, or not UTF-8")
	}
}

// line checks a name or a code in a body.
func (p *parameters) line(name, value string) {
	if strings.TrimSpace(value) == "" || !readable(value) {
		p.fault(name, "not readable text of 1 to %d bytes in one line", maxText)
	}
}

// ids checks a list of discrepancies.
func (p *parameters) ids(ids []string) {
	switch {
	case len(ids) == 0 || len(ids) > MaxActs:
		p.fault("ids", "name 1 to %d discrepancies", MaxActs)
		return
	case slices.ContainsFunc(ids, func(id string) bool { return id == "" || !readable(id) }):
		p.fault("ids", "one is no ID of a discrepancy")
		return
	}
	sorted := slices.Sorted(slices.Values(ids))
	if len(slices.Compact(sorted)) < len(ids) {
		p.fault("ids", "one is named twice")
	}
}

// day checks a date.
func (p *parameters) day(name, value string, zone *time.Location) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, value, zone)
	if err != nil || day.Year() < 1900 || day.Year() > 9000 {
		p.fault(name, "%q is no day, written yyyy-MM-dd", shown(value))
		return time.Time{}
	}
	return day
}

// named is a wildcard of the path.
func (p *parameters) named(r *http.Request, name string) string {
	value := r.PathValue(name)
	if value == "" || !readable(value) {
		p.fault(name, "not readable text of at most %d bytes in UTF-8", maxText)
	}
	return value
}
