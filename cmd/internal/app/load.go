package app

import (
	"fmt"
	"os"
	"strings"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/database"
	"github.com/doisoat/doisoat/adapter/rest"
	"github.com/doisoat/doisoat/adapter/workbook"
	"github.com/doisoat/doisoat/cmd/internal/config"
	"github.com/doisoat/doisoat/mappings"
	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// loadMapping reads and compiles the mapping a source names: a file, or a
// shipped one as preset:NAME.
func loadMapping(cfg *config.Config, src config.Source) (*mappings.Table, error) {
	name, data, err := src.Mapping, []byte(nil), error(nil)
	if preset, ok := strings.CutPrefix(name, "preset:"); ok {
		if data, ok = mappings.Preset(preset); !ok {
			return nil, mappings.Faults{{File: cfg.File, Line: src.MappingLine, Key: "mapping", Value: name,
				Problem: "no such preset is shipped", Remedy: "one of " + strings.Join(mappings.Presets(), ", ")}}
		}
		name = preset + ".yaml (shipped)"
	} else if data, err = os.ReadFile(name); err != nil {
		return nil, mappings.Faults{{File: cfg.File, Line: src.MappingLine, Key: "mapping", Value: name,
			Problem: err.Error(), Remedy: "name a mapping file that can be read"}}
	}
	spec, err := mappings.Parse(shown(name), data)
	if err != nil {
		return nil, err
	}
	o := mappings.Options{Source: src.Name, Side: src.Side, Zone: cfg.Zone}
	departments := src.Departments
	if src.Side == reconcile.Platform {
		for _, d := range cfg.Departments {
			departments = append(departments, d.Code)
		}
	}
	switch {
	case len(departments) == 1:
		o.Department = departments[0]
	case !spec.Maps("department"):
		return nil, mappings.Faults{{File: shown(name), Key: "fields.department",
			Problem: fmt.Sprintf("is missing, but %s has dossiers of %d departments", src.Name, len(departments)),
			Remedy:  "name the column or path that holds the department"}}
	}
	return spec.Compile(o)
}

// loadCalendar reads the configured calendar, or the shipped one.
func loadCalendar(cfg *config.Config) (*calendar.Calendar, error) {
	name, data, err := cfg.Calendar, []byte(nil), error(nil)
	if name == "" {
		data, _ = mappings.Preset("calendar")
		name = "calendar.yaml (shipped)"
	} else if data, err = os.ReadFile(name); err != nil {
		return nil, mappings.Faults{{File: shown(name), Problem: err.Error(), Remedy: "name a calendar file that can be read, or leave `calendar` out"}}
	}
	file, err := mappings.ParseCalendar(shown(name), data)
	if err != nil {
		return nil, err
	}
	spec := calendar.Spec{Zone: file.Zone, Weekdays: file.Weekdays, Years: file.Years}
	if spec.Zone == nil {
		spec.Zone = cfg.Zone
	}
	for _, h := range file.Hours {
		spec.Hours = append(spec.Hours, calendar.Span{From: h[0], To: h[1]})
	}
	for _, d := range file.Holidays {
		spec.Holidays = append(spec.Holidays, calendar.Day(d))
	}
	for _, d := range file.Makeup {
		spec.Makeup = append(spec.Makeup, calendar.Day(d))
	}
	c, err := calendar.New(spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(name), err)
	}
	return c, nil
}

// shown is a path as a person would type it: relative to where they are, if it
// lies below.
func shown(path string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, ok := strings.CutPrefix(path, wd+string(os.PathSeparator)); ok {
			return rel
		}
	}
	return path
}

// newReader opens the kind of source that is configured.
func newReader(cfg config.Source, inputs []string, log logrus.FieldLogger) (reconcile.Source, error) {
	switch {
	case cfg.REST != nil:
		return rest.New(*cfg.REST, inputs, log)
	case cfg.Database != nil:
		return database.New(*cfg.Database, inputs, log)
	default:
		return workbook.New(*cfg.Workbook, inputs, log)
	}
}
