package web

import (
	"errors"

	"github.com/doisoat/doisoat/reconcile"
)

// ErrNotFound is what a Backend returns, wrapped or not, where what was asked for
// is not known; the answer is 404.
var ErrNotFound = errors.New("not found")

// Backend is everything the API shows. Its methods are called from several
// goroutines at once. Their context ends with the request, or after apiTimeout;
// an error other than ErrNotFound is logged, and the client is told only that
// something went wrong.
type Backend interface {
	StatusBackend
	SourceBackend
	DiscrepancyBackend
	DossierBackend
}

// Query chooses discrepancies. Empty fields choose all.
type Query struct {
	States     []reconcile.State // in the order of reconcile.States, none twice; none: all but resolved
	All        bool              // resolved ones too; never together with States
	Department string
	Kind       reconcile.Kind
	Effect     reconcile.Effect
	Code       string // as it was written: the backend makes it canonical
	Unstable   bool   // only those that change at every look
	Limit      int    // 1 to MaxLimit
	After      *Cursor
}

// Cursor is the place in a list after which to go on. The order is that of kind
// (as in reconcile.Kinds), department, code and side, the last three by byte.
type Cursor struct {
	Kind       reconcile.Kind
	Department string
	Code       string
	Side       reconcile.Side
}
