package output

import (
	"io"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
)

// NewAccountJSON writes an account with its first password.
func NewAccountJSON(w io.Writer, account *web.Account, password string) error {
	return indented(w, struct {
		*web.Account
		Password string `json:"password"`
	}{account, password})
}

// AccountsJSON writes accounts as an array.
func AccountsJSON(w io.Writer, list []web.Account) error { return indented(w, list) }

// AccountsTable writes accounts for a terminal.
func AccountsTable(w io.Writer, list []web.Account, zone *time.Location) error {
	p := newPrinter(w)
	if len(list) == 0 {
		p.printf("No accounts. Make the first: doisoat user add --role operator NAME\n")
		return p.err
	}
	g := &grid{header: []string{"NAME", "SHOWN AS", "ROLE", "DEPARTMENTS", "LAST SIGN-IN", ""}, give: []narrow{{column: 4, least: 12}, {column: 2, least: 12}}}
	for i := range list {
		a := &list[i]
		g.add(a.Name, a.Display, a.Role, strings.Join(a.Departments, " "), stampShown(a.LastLoginAt, zone), accountWord(a, zone))
	}
	p.print(g)
	return p.err
}

func accountWord(a *web.Account, zone *time.Location) string {
	switch {
	case a.Disabled:
		return "disabled"
	case a.LockedUntil != "":
		return "locked until " + stampShown(a.LockedUntil, zone)
	case a.MustChange:
		return "first password"
	}
	return ""
}

// NewTokenJSON writes a token with its text.
func NewTokenJSON(w io.Writer, token *web.Token, text string) error {
	return indented(w, struct {
		*web.Token
		Text string `json:"token"`
	}{token, text})
}

// TokensJSON writes tokens as an array.
func TokensJSON(w io.Writer, list []web.Token) error { return indented(w, list) }

// TokensTable writes tokens for a terminal.
func TokensTable(w io.Writer, list []web.Token, zone *time.Location) error {
	p := newPrinter(w)
	if len(list) == 0 {
		p.printf("No tokens.\n")
		return p.err
	}
	g := &grid{
		header: []string{"ID", "FOR", "OWNER", "ROLE", "DEPARTMENTS", "EXPIRES", "LAST USED", ""}, right: []int{1},
		give: []narrow{{column: 5, least: 12}, {column: 2, least: 12}},
	}
	for i := range list {
		t := &list[i]
		g.add(t.ID, t.Name, t.Owner, t.Role, strings.Join(t.Departments, " "), stampShown(t.ExpiresAt, zone), stampShown(t.LastUsedAt, zone), tokenWord(t))
	}
	p.print(g)
	return p.err
}

func tokenWord(t *web.Token) string {
	switch {
	case t.RevokedAt != "":
		return "revoked"
	case t.ReadOnly:
		return "read only"
	}
	return ""
}

// AuditJSON writes entries of the audit trail as an array.
func AuditJSON(w io.Writer, list []web.AuditEntry) error { return indented(w, list) }

// AuditVerdictJSON writes whether the audit trail is as it was written.
func AuditVerdictJSON(w io.Writer, v *web.AuditVerdict) error { return indented(w, v) }

// AuditTable writes entries of the audit trail for a terminal.
func AuditTable(w io.Writer, list []web.AuditEntry, zone *time.Location) error {
	p := newPrinter(w)
	if len(list) == 0 {
		p.printf("The audit trail is empty.\n")
		return p.err
	}
	g := &grid{
		header: []string{"ID", "AT", "WHO", "VIA", "ACTION", "ON", "OUTCOME", "DETAIL"}, right: []int{1},
		give: []narrow{{column: 8, least: 16}, {column: 6, least: 12}},
	}
	for i := range list {
		e := &list[i]
		g.add(e.ID, stampShown(e.At, zone), e.Actor, e.Via, e.Action, e.Object, e.Outcome, e.Detail)
	}
	p.print(g)
	return p.err
}

// stampShown is a moment of the API's JSON for a terminal.
func stampShown(text string, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ""
	}
	return clock(t, zone)
}
