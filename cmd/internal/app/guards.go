package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// surge says why the mass-change breaker holds a run, and what is suspected; ""
// where it does not.
func (a *App) surge(c *comparison) string {
	why := reconcile.Surge(c.opened.Total, c.run.Summary.ComparedTotal(), reconcile.Limits(a.Config.Rules.Surge))
	if why == "" {
		return ""
	}
	return why + suspectedMark + a.suspect(&c.opened)
}

// suspectedMark stands between what happened and what is suspected.
const suspectedMark = "; suspected: "

// suspect names the source, department or mapping that so much has in common.
func (a *App) suspect(opened *reconcile.OpenedBy) string {
	department, oneDepartment, kind := opened.Suspect()
	platform := a.Config.Platform.Name
	var offices []string
	for _, src := range a.sources {
		if slices.Contains(src.Departments, department) {
			offices = append(offices, src.Name)
		}
	}
	of := strings.Join(offices, ", ")
	switch {
	case kind == reconcile.UnmappedStatus && oneDepartment && of != "":
		return fmt.Sprintf("the mappings of %s and %s: status values that they do not know", platform, of)
	case kind == reconcile.UnmappedStatus:
		return "a mapping: status values that it does not know"
	case oneDepartment && of != "":
		return fmt.Sprintf("department %s, that is its office's source %s%s", department, of, mostly(kind))
	case oneDepartment:
		return fmt.Sprintf("department %q%s", department, mostly(kind))
	}
	return fmt.Sprintf("the platform's source %s, for it is spread over %d departments%s", platform, len(opened.Departments), mostly(kind))
}

func mostly(kind reconcile.Kind) string {
	if kind == "" {
		return ""
	}
	return fmt.Sprintf(" (mostly %s)", kind)
}

// skipped are the departments whose dossiers cannot be verified: the platform or
// an office of theirs cannot be believed now. In the order of the configuration.
func (a *App) skipped(rules *reconcile.Rules) []string {
	var list []string
	for _, d := range a.Config.Departments {
		readings := rules.Coverage.Offices[d.Code]
		if len(readings) == 0 {
			continue // not covered: nothing was to be compared
		}
		fresh := rules.Coverage.Platform.Fresh
		for _, r := range readings {
			fresh = fresh && r.Fresh
		}
		if !fresh {
			list = append(list, d.Code)
		}
	}
	return list
}

// AcceptSnapshot lets a held snapshot through on a person's word.
func (a *App) AcceptSnapshot(ctx context.Context, id int64, by string, at time.Time) (*reconcile.Snapshot, error) {
	return a.Store.AcceptSnapshot(ctx, id, by, at, func(name string, values []string) string {
		src := a.byName[name]
		if src == nil {
			return "" // no longer configured
		}
		return src.departmentOf(values)
	})
}

// ReleaseRun lets through what the mass-change breaker holds, on a person's word.
func (a *App) ReleaseRun(ctx context.Context, id int64, by string, at time.Time) (*store.Run, error) {
	return a.Store.ReleaseRun(ctx, id, by, at)
}
