package main

import "maps"

// panel is one, with the question it answers.
type panel struct {
	kind, title, description, unit string
	w, h                           int
	targets                        []object
	defaults                       object   // of its fields, beside the unit
	options                        object   // of its kind
	overrides                      []object // of single fields
	transformations                []object
	interval                       string // the least step, "" for the data source's own
}

func (p panel) json() object {
	defaults := object{"unit": p.unit, "color": object{"mode": "palette-classic"}, "mappings": []any{}}
	maps.Copy(defaults, p.defaults)
	for i, t := range p.targets {
		t["refId"] = string(rune('A' + i))
	}
	overrides := p.overrides
	if overrides == nil {
		overrides = []object{}
	}
	made := object{
		"type": p.kind, "title": p.title, "description": p.description, "datasource": source(),
		"targets": p.targets, "fieldConfig": object{"defaults": defaults, "overrides": overrides}, "options": p.options,
	}
	if len(p.transformations) > 0 {
		made["transformations"] = p.transformations
	}
	if p.interval != "" {
		made["interval"] = p.interval
	}
	return made
}

// over asks for the values over the time shown.
func over(expr, legend string) object {
	return object{"datasource": source(), "editorMode": "code", "expr": expr, "legendFormat": legend, "range": true, "instant": false}
}

// now asks for the value at the end of the time shown.
func now(expr, legend string) object {
	t := over(expr, legend)
	t["range"], t["instant"] = false, true
	return t
}

// row asks for the values now, each a row of a table.
func row(expr string) object {
	t := now(expr, "")
	t["format"] = "table"
	return t
}

// steps are colours from values on; the first holds below the second's.
func steps(from ...any) object {
	var all []object
	for i := 0; i+1 < len(from); i += 2 {
		all = append(all, object{"value": from[i], "color": from[i+1]})
	}
	return object{"mode": "absolute", "steps": all}
}

// number is a large figure; one that is coloured as the thresholds say.
func number(title, description, unit, expr string, thresholds object) panel {
	p := panel{
		kind: "stat", title: title, description: description, unit: unit, w: 4, h: 4, targets: []object{now(expr, "")},
		options: object{
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"colorMode":     "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "value",
		},
	}
	if thresholds != nil {
		p.defaults = object{"thresholds": thresholds, "color": object{"mode": "thresholds"}}
	} else {
		p.options["colorMode"] = "none"
	}
	return p
}

// orZero counts what is not there as none, as long as doisoat tells anything: in
// large installations series begin with their first event.
func orZero(expr string) string { return expr + ` or 0 * max(doisoat_build_info{job="$job"})` }

// curves are lines over time.
func curves(title, description, unit string, targets ...object) panel {
	return panel{
		kind: "timeseries", title: title, description: description, unit: unit, w: 12, h: 8, targets: targets,
		defaults: object{"min": 0, "custom": object{"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "spanNulls": false}},
		options: object{
			"legend":  object{"displayMode": "table", "placement": "right", "calcs": []string{"lastNotNull"}, "showLegend": true},
			"tooltip": object{"mode": "multi", "sort": "desc"},
		},
	}
}

// stacked puts the lines on top of each other, where their sum says something.
func (p panel) stacked() panel {
	custom := p.defaults["custom"].(object)
	custom["stacking"], custom["fillOpacity"] = object{"mode": "normal", "group": "A"}, 40
	return p
}

// bars are for counts of a stretch of time, no shorter than the step.
func (p panel) bars(step string) panel {
	custom := p.defaults["custom"].(object)
	custom["drawStyle"], custom["fillOpacity"] = "bars", 60
	p.interval = step
	return p
}

// ranking shows the values now as horizontal bars, the largest first.
func ranking(title, description, unit, expr, legend string, thresholds object) panel {
	return panel{
		kind: "bargauge", title: title, description: description, unit: unit, w: 12, h: 8, targets: []object{now("sort_desc("+expr+")", legend)},
		defaults: object{"min": 0, "thresholds": thresholds, "color": object{"mode": "thresholds"}},
		options: object{
			"displayMode": "basic", "orientation": "horizontal", "showUnfilled": true, "valueMode": "color", "namePlacement": "left", "sizing": "auto",
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		},
	}
}

// table shows rows; labels that say nothing here are hidden.
func table(title, description, unit string, targets ...object) panel {
	return panel{
		kind: "table", title: title, description: description, unit: unit, w: 12, h: 8, targets: targets,
		options: object{"showHeader": true, "cellHeight": "sm", "footer": object{"show": false, "reducer": []string{"sum"}, "countRows": false, "fields": ""}},
	}
}

// timeline shows since when each has been well or not.
func timeline(title, description string, target object) panel {
	return panel{
		kind: "state-timeline", title: title, description: description, unit: "short", w: 12, h: 8, targets: []object{target},
		defaults: object{
			"color": object{"mode": "thresholds"}, "thresholds": steps(nil, "red", 1, "green"), "custom": object{"fillOpacity": 80, "lineWidth": 0, "spanNulls": false},
			"mappings": []object{{"type": "value", "options": object{"0": object{"text": "down", "index": 0}, "1": object{"text": "up", "index": 1}}}},
		},
		options: object{
			"mergeValues": true, "showValue": "never", "rowHeight": 0.8, "alignValue": "left",
			"legend": object{"displayMode": "list", "placement": "bottom", "showLegend": true}, "tooltip": object{"mode": "single", "sort": "none"},
		},
	}
}

// sized gives a panel another width and height.
func (p panel) sized(w, h int) panel {
	p.w, p.h = w, h
	return p
}

// linked lets the reader go from a department to its own dashboard.
func (p panel) linked(department string) panel {
	d := object{}
	maps.Copy(d, p.defaults)
	d["links"] = []object{{
		"title": "Department", "url": "/d/doisoat-department?var-department=" + department + "&${datasource:queryparam}&${job:queryparam}&${__url_time_range}", "targetBlank": false,
	}}
	p.defaults = d
	return p
}
