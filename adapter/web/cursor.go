package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"

	"github.com/doisoat/doisoat/reconcile"
)

// maxToken bounds a cursor's text.
const maxToken = 2048

// wireCursor is what a cursor's text holds. It is no secret and no promise: a
// client gives it back as it came.
type wireCursor struct {
	// Filter is a digest of the filter that the list was asked for with: under
	// another one the place means nothing.
	Filter     []byte         `json:"f"`
	Kind       reconcile.Kind `json:"k"`
	Department string         `json:"d"`
	Code       string         `json:"c"`
	Side       reconcile.Side `json:"s,omitempty"`
	Since      int64          `json:"t,omitempty"`
}

func filterDigest(filter string) []byte {
	sum := sha256.Sum256([]byte(filter))
	return sum[:8]
}

// token writes the place for a list with this filter.
func (c *Cursor) token(filter string) string {
	text, err := json.Marshal(wireCursor{filterDigest(filter), c.Kind, c.Department, c.Code, c.Side, c.Since})
	if err != nil { // strings and bytes only: it cannot be
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// The two ways in which a cursor can be wrong.
var (
	errCursor       = errors.New("not one that this server gave; leave it out to begin at the start")
	errCursorFilter = errors.New("given for another filter; leave it out to begin at the start, or ask with the filter it was given for")
)

// parseCursor reads a token that was given for the same filter.
func parseCursor(token, filter string) (*Cursor, error) {
	if len(token) > maxToken {
		return nil, errCursor
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, errCursor
	}
	var wire wireCursor
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wire); err != nil {
		return nil, errCursor
	}
	c := &Cursor{Kind: wire.Kind, Department: wire.Department, Code: wire.Code, Side: wire.Side, Since: wire.Since}
	switch {
	case !slices.Contains(reconcile.Kinds, c.Kind), !readable(c.Department), !readable(c.Code), c.Code == "",
		c.Side != "" && c.Side != reconcile.Platform && c.Side != reconcile.Office:
		return nil, errCursor
	case !bytes.Equal(wire.Filter, filterDigest(filter)):
		return nil, errCursorFilter
	case c.token(filter) != token: // one place, one text
		return nil, errCursor
	}
	return c, nil
}
