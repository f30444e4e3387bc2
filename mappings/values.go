package mappings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/reconcile"
)

// statusWord is one line of the status table.
type statusWord struct {
	written string // the source's value, as the file writes it
	status  reconcile.Status
	line    int
}

// department is one line of the department table.
type department struct {
	written string
	code    string
	line    int
}

var statusNames = names(reconcile.Statuses)
var groupNames = names(reconcile.Groups)

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func (s *Spec) parseStatuses(r *reader, n *yaml.Node) {
	s.statuses = make(map[string]statusWord)
	pair := len(s.fields[fieldStatus]) == 2
	for e := range r.entries(n, "statuses") {
		name, ok := r.text(e.value, e.path, "name one of the ten statuses")
		if !ok {
			continue
		}
		status := reconcile.Status(name)
		if !slices.Contains(reconcile.Statuses, status) {
			r.fault(e.value, e.path, name, "is no status", statusMeant(name))
			continue
		}
		key := fold(e.name)
		if pair {
			key = foldPair(e.name)
		}
		if first, ok := s.statuses[key]; ok {
			// Two spellings of one word are harmless as long as they agree.
			if first.status != status {
				r.fault(e.key, e.path, name, fmt.Sprintf("is the same value as in line %d, which says %s", first.line, first.status), "case and Unicode form make no difference; keep one of the two")
			}
			continue
		}
		s.statuses[key] = statusWord{written: text(e.name), status: status, line: e.key.Line}
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.fault(n, "statuses", "", "is empty", `say what each status of the source means: {"4": processing, …}`)
	}
}

// statusMeant is the remedy for what is no status: national numbers and the
// Vietnamese names are understood well enough to name the right word.
func statusMeant(name string) string {
	if number, err := strconv.Atoi(name); err == nil && number >= 1 && number <= len(reconcile.Statuses) {
		return "write " + string(reconcile.Statuses[number-1])
	}
	for _, status := range reconcile.Statuses {
		if fold(reconcile.StatusLabels[status]) == fold(name) {
			return "write " + string(status)
		}
	}
	return didYouMean(name, statusNames)
}

// foldPair folds "state / sub-state" so that blanks about the stroke make no
// difference.
func foldPair(s string) string {
	first, second, ok := strings.Cut(s, "/")
	if !ok {
		return fold(s)
	}
	return fold(first) + "/" + fold(second)
}

// parseGroups reads a site's own grouping. What is ended may not be made live's
// opposite by the table: a live status stays live and a resolved one done, or
// the service would take dossiers for finished that are not, and the reverse.
// Refused, withdrawn and stopped may be called live, since some sites use
// "stopped" for a pause.
func (s *Spec) parseGroups(r *reader, n *yaml.Node) {
	s.groups = make(map[reconcile.Status]reconcile.Group)
	for e := range r.entries(n, "groups") {
		status := reconcile.Status(e.name)
		if !slices.Contains(reconcile.Statuses, status) {
			r.fault(e.key, e.path, "", "is no status", statusMeant(e.name))
			continue
		}
		name, ok := r.text(e.value, e.path, "name one of the groups: "+strings.Join(groupNames, ", "))
		if !ok {
			continue
		}
		group := reconcile.Group(name)
		if !slices.Contains(reconcile.Groups, group) {
			r.fault(e.value, e.path, name, "is no group", didYouMean(name, groupNames))
			continue
		}
		usual := reconcile.DefaultGroup(status)
		switch {
		case usual == reconcile.Done && group != reconcile.Done:
			r.fault(e.value, e.path, name, "would make a finished dossier unfinished", "leave "+e.name+" done; give the source's value another status under statuses if it means something else")
		case usual.Live() && group.Ended():
			r.fault(e.value, e.path, name, "would make an unfinished dossier finished", "one of pending, open, paused; or give the source's value another status under statuses")
		case usual == reconcile.Dropped && group == reconcile.Done:
			r.fault(e.value, e.path, name, "would make a dossier without a result a resolved one", "one of pending, open, paused, dropped")
		default:
			s.groups[status] = group
		}
	}
}

func (s *Spec) group(status reconcile.Status) reconcile.Group {
	if g, ok := s.groups[status]; ok {
		return g
	}
	return reconcile.DefaultGroup(status)
}

func (s *Spec) parseDepartments(r *reader, n *yaml.Node) {
	s.departments = make(map[string]department)
	for e := range r.entries(n, "departments") {
		code, ok := r.text(e.value, e.path, "write our department's code")
		if !ok {
			continue
		}
		if code = text(code); code == "" {
			r.fault(e.value, e.path, "", "has no value", "write our department's code")
			continue
		}
		key := fold(e.name)
		if key == "" {
			r.fault(e.key, e.path, code, "names no department of the source", "leave it out: an empty value means the office's only department")
			continue
		}
		if first, ok := s.departments[key]; ok {
			if first.code != code {
				r.fault(e.key, e.path, code, fmt.Sprintf("is the same value as in line %d, which says %s", first.line, first.code), "case and Unicode form make no difference; keep one of the two")
			}
			continue
		}
		s.departments[key] = department{written: text(e.name), code: code, line: e.key.Line}
	}
}
