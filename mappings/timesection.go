package mappings

import (
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"
)

// maxLayouts bounds how many patterns a date is tried against.
const maxLayouts = 16

func (s *Spec) parseTime(r *reader, n *yaml.Node) {
	keys := []string{"zone", "layouts", "missing"}
	for e := range r.entries(n, "time") {
		switch e.name {
		case "zone":
			s.zone = r.zone(e.value, e.path)
		case "layouts":
			s.layouts = r.layouts(e.value, e.path)
		case "missing":
			s.missing = r.missing(e.value, e.path)
		default:
			r.fault(e.key, e.path, "", "is no setting of time", didYouMean(e.name, keys))
		}
	}
}

// zone reads a name of the zone database.
func (r *reader) zone(n *yaml.Node, path string) *time.Location {
	const wanted = "name a time zone: Asia/Ho_Chi_Minh"
	name, ok := r.text(n, path, wanted)
	if !ok {
		return nil
	}
	if name == "" || name == "Local" { // what these mean depends on the machine
		r.fault(n, path, name, "is no time zone", wanted)
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		r.fault(n, path, name, "is no time zone", didYouMean(name, []string{"Asia/Ho_Chi_Minh", "UTC"}))
		return nil
	}
	return zone
}

func (r *reader) layouts(n *yaml.Node, path string) []*layout {
	const wanted = `list date patterns: ["dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy"]`
	items := r.items(n, path, wanted)
	if len(items) > maxLayouts {
		r.fault(n, path, "", fmt.Sprintf("lists %d patterns", len(items)), fmt.Sprintf("at most %d", maxLayouts))
		return nil
	}
	var layouts []*layout
	for _, item := range items {
		pattern, ok := r.text(item, path, wanted)
		if !ok {
			continue
		}
		if slices.ContainsFunc(layouts, func(l *layout) bool { return l.pattern == pattern }) {
			r.fault(item, path, pattern, "is listed twice", "keep one")
			continue
		}
		l, err := compileLayout(pattern)
		if err != nil {
			r.fault(item, path, pattern, err.problem, err.remedy)
			continue
		}
		for _, earlier := range layouts {
			if example, found := clash(earlier, l); found {
				r.fault(item, path, pattern, fmt.Sprintf("reads %q as another date than %s does", example, earlier.pattern), "keep the one that the source writes")
			}
		}
		layouts = append(layouts, l)
	}
	return layouts
}

// missing reads the fillers that stand for no date. A bare null counts as the
// word, since "" is missing anyway.
func (r *reader) missing(n *yaml.Node, path string) []string {
	var words []string
	for _, item := range r.items(n, path, `list what the source writes for no date: ["", "0000-00-00"]`) {
		if item.Kind != yaml.ScalarNode {
			if item.Kind != yaml.AliasNode {
				r.fault(item, path, "", "is "+kindName(item), "write the text as the source has it")
			}
			continue
		}
		if word := text(item.Value); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}
