package metrics

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/doisoat/doisoat/reconcile"
)

// other stands for every label value that is on no list, so that a hostile
// source or a slip of ours cannot make series without end.
const other = "other"

// unmapped is the status of a dossier whose raw status no mapping knows.
const unmapped = "unmapped"

// StateUnstable is the state under which State counts a discrepancy that changed
// at every look; it is then not counted as suspected.
const StateUnstable reconcile.State = "unstable"

// shownStates are the states of doisoat_discrepancies; resolved ones are gone.
var shownStates = []reconcile.State{
	reconcile.StateSuspected, reconcile.StateOpen, reconcile.StateAcknowledged, reconcile.StateWaived, StateUnstable,
}

// shownEffects are the effects worth counting: all but none.
var shownEffects = []reconcile.Effect{reconcile.FalseOverdue, reconcile.HiddenOverdue}

// Run is what set a run going.
type Run string

// The runs.
const (
	RunNightly     Run = "nightly"
	RunIncremental Run = "incremental"
	RunManual      Run = "manual"
)

// Runs lists the kinds of run.
var Runs = []Run{RunNightly, RunIncremental, RunManual}

// Phase is a part of a run.
type Phase string

// The phases, in their order.
const (
	PhasePoll    Phase = "poll"
	PhaseCompare Phase = "compare"
)

// Phases lists the phases of a run.
var Phases = []Phase{PhasePoll, PhaseCompare}

// RunFailure is why a run did not do what it set out to do.
type RunFailure string

// The reasons; RunDone is none of them.
const (
	RunDone        RunFailure = ""
	RunSources     RunFailure = "sources"     // no source to compare could be read
	RunStore       RunFailure = "store"       // doisoat's own database refused
	RunTimeout     RunFailure = "timeout"     // it took longer than it may
	RunInterrupted RunFailure = "interrupted" // stopped from our side
	RunInternal    RunFailure = "internal"    // a fault of doisoat
)

// RunFailures lists the reasons.
var RunFailures = []RunFailure{RunSources, RunStore, RunTimeout, RunInterrupted, RunInternal}

// Refusal is why a snapshot changed nothing.
type Refusal string

// The reasons; NotRefused is none of them.
const (
	NotRefused Refusal = ""
	Partial    Refusal = "partial" // not all was read
	Empty      Refusal = "empty"   // complete, and without a record
	Shrunk     Refusal = "shrunk"  // complete, but so much smaller than before that somebody must agree
)

// Refusals lists the reasons.
var Refusals = []Refusal{Partial, Empty, Shrunk}

// rejections are the causes that the adapters and the mapping give for a record
// that cannot be taken in.
var rejections = []string{"code", "date", "encoding", "expression", "row"}

// unmappedFields are the fields whose values a mapping translates.
var unmappedFields = []string{"department", "status"}

// mappedFields are all fields a mapping fills.
var mappedFields = []string{
	"code", "aliases", "procedure", "field", "department", "status",
	"received_at", "due_at", "extended_due_at", "completed_at", "returned_at", "updated_at",
}

// listed is the value if the list has it, else other.
func listed[T ~string](list []T, value T) string {
	if slices.Contains(list, value) {
		return string(value)
	}
	return other
}

// status is the label value of a canonical status.
func status(s reconcile.Status) string {
	if slices.Contains(reconcile.Statuses, s) {
		return string(s)
	}
	return unmapped
}

// answer is the label value of how a source answered: a status code that HTTP
// knows, "ok", or "error" where there was no answer. Servers may send any number.
func answer(code string) string {
	if code == "ok" || code == "error" {
		return code
	}
	n, err := strconv.Atoi(code)
	if err != nil || http.StatusText(n) == "" {
		return other
	}
	return strconv.Itoa(n) // as "0200" is 200
}
