package mappings

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/reconcile"
)

// channel is one line of the table of channels.
type channel struct {
	written string // the source's value, as the file writes it
	channel reconcile.Channel
	line    int
}

var channelNames = names(reconcile.Channels)

const channelExample = `{"1": in_person, "2": online, "3": post}`

// parseChannels reads how the source names the ways a dossier comes in. Only the
// report's form rests on it, so a file may leave both the field and the table out;
// one of them without the other can never say anything.
func (s *Spec) parseChannels(r *reader, n, fields *yaml.Node) {
	mapped := fields != nil && fields.Kind == yaml.MappingNode && hasKey(fields, fieldChannel.String())
	switch {
	case n == nil && !mapped:
		return
	case n == nil:
		r.fault(fields, "channels", "", "is missing", "say what each value of the channel means: "+channelExample+"; or take channel out of fields")
		return
	case !mapped && fields != nil && fields.Kind == yaml.MappingNode:
		r.fault(n, "channels", "", "translates a field that is not under fields", "name the column under fields.channel, or take channels out")
	}
	s.channels = make(map[string]channel)
	for e := range r.entries(n, "channels") {
		name, ok := r.text(e.value, e.path, "one of in_person, online, post")
		if !ok {
			continue
		}
		meant := reconcile.Channel(name)
		if !slices.Contains(reconcile.Channels, meant) {
			r.fault(e.value, e.path, name, "is no channel", channelMeant(name))
			continue
		}
		key := fold(e.name)
		if first, ok := s.channels[key]; ok {
			if first.channel != meant {
				r.fault(e.key, e.path, name, fmt.Sprintf("is the same value as in line %d, which says %s", first.line, first.channel), "case and Unicode form make no difference; keep one of the two")
			}
			continue
		}
		s.channels[key] = channel{written: text(e.name), channel: meant, line: e.key.Line}
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.fault(n, "channels", "", "is empty", "say what each value of the channel means: "+channelExample+"; or take it out, and channel out of fields")
	}
}

// channelMeant is the remedy for what is no channel: national numbers and the
// Vietnamese names are understood well enough to name the right word.
func channelMeant(name string) string {
	if number, err := strconv.Atoi(name); err == nil && number >= 1 && number <= len(reconcile.Channels) {
		return "write " + string(reconcile.Channels[number-1])
	}
	for _, c := range reconcile.Channels {
		if fold(reconcile.ChannelLabels[c]) == fold(name) {
			return "write " + string(c)
		}
	}
	return didYouMean(name, channelNames)
}

// channel is how the dossier came in. What the table lacks, and what cannot be
// read, is unknown: it is no reason to reject a dossier.
func (t *Table) channel(values []string) reconcile.Channel {
	if len(t.channels) == 0 {
		return ""
	}
	raw, err := t.value(fieldChannel, values)
	if err != nil {
		return ""
	}
	c, ok := t.channels[raw]
	if !ok {
		c = t.channels[fold(raw)]
	}
	return c
}
