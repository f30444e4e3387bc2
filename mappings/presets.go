package mappings

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.yaml
var shipped embed.FS

// calendarName is the shipped calendar's name among the embedded files.
const calendarName = "calendar"

// Preset returns a shipped file by its name without ".yaml": one of Presets, or
// "calendar".
func Preset(name string) ([]byte, bool) {
	if strings.ContainsAny(name, `/\`) {
		return nil, false
	}
	data, err := shipped.ReadFile(name + ".yaml")
	return data, err == nil
}

// Presets lists the shipped mappings, sorted; the calendar is none of them.
func Presets() []string {
	entries, err := shipped.ReadDir(".")
	if err != nil {
		return nil // cannot happen: the folder is part of the program
	}
	var list []string
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".yaml"); name != calendarName {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}
