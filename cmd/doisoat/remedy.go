package main

import (
	"fmt"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// reasonOf is why a snapshot was not accepted, with what can be done about it;
// "" where it was.
func reasonOf(snap *reconcile.Snapshot) string {
	switch snap.State {
	case reconcile.SnapshotAccepted:
		return ""
	case reconcile.SnapshotHeld:
		return snap.Reason + "; nothing was changed by it. Look at the source; if it is right, accept this snapshot:"
	}
	why := snap.Reason + "; nothing was changed by it"
	// A reason of two parts tells the remedy in its second one.
	if what := whatToDo(snap.Cause); what != "" && !strings.Contains(snap.Reason, "; ") {
		why += ". " + what
	}
	return why
}

// commandOf is the command that a person may answer a held snapshot with; ""
// for all others. config is the file it names, left out where "".
func commandOf(snap *reconcile.Snapshot, config string) string {
	switch {
	case snap.State != reconcile.SnapshotHeld:
		return ""
	case config == "":
		return fmt.Sprintf("doisoat snapshot accept %d", snap.ID)
	}
	return fmt.Sprintf("doisoat snapshot accept --config %s %d", config, snap.ID)
}

// whatToDo is for the causes whose reason is the other side's, and so cannot
// tell what to do.
func whatToDo(c reconcile.Cause) string {
	switch c {
	case reconcile.CauseConnect, reconcile.CauseTimeout, reconcile.CauseHTTP5xx, reconcile.CauseRateLimited, reconcile.CauseDecode:
		return "Run again later; if it stays so, ask whoever runs the source"
	case reconcile.CauseAuth:
		return "Check user and secret in the configuration"
	case reconcile.CauseHTTP4xx, reconcile.CauseRefused, reconcile.CauseSchema:
		return "Check how the source is described in the configuration: doisoat check --connect"
	case reconcile.CauseCancelled:
		return "Run again"
	}
	return ""
}
