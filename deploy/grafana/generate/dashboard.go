package main

// object is a JSON object. Go writes its keys in alphabetical order, so that the
// same dashboard is always the same bytes.
type object = map[string]any

// dashboard is one, as rows of panels from top to bottom.
type dashboard struct {
	uid, title, description string
	refresh, from           string
	variables               []object
	sections                []section
}

// section is a heading and the panels under it, laid out from left to right.
type section struct {
	title  string
	panels []panel
}

// source is the data source that every panel and variable asks: whichever the
// reader chose.
func source() object { return object{"type": "prometheus", "uid": "${datasource}"} }

const (
	width = 24 // of Grafana's grid
	// schema is the dashboard format of Grafana 12; older ones read it, newer ones
	// bring it up to date.
	schema = 41
)

func (d dashboard) json() object {
	var panels []object
	id, y := 0, 0
	next := func() int { id++; return id }
	for _, s := range d.sections {
		panels = append(panels, object{
			"type": "row", "id": next(), "title": s.title, "collapsed": false, "panels": []any{},
			"gridPos": object{"x": 0, "y": y, "w": width, "h": 1},
		})
		y++
		x, tallest := 0, 0
		for _, p := range s.panels {
			if x+p.w > width {
				x, y, tallest = 0, y+tallest, 0
			}
			made := p.json()
			made["id"] = next()
			made["gridPos"] = object{"x": x, "y": y, "w": p.w, "h": p.h}
			panels = append(panels, made)
			x, tallest = x+p.w, max(tallest, p.h)
		}
		y += tallest
	}
	return object{
		"uid": d.uid, "title": d.title, "description": d.description, "tags": []string{"doisoat"},
		"schemaVersion": schema, "version": 1, "editable": true, "graphTooltip": 1, "id": nil,
		"timezone": "Asia/Ho_Chi_Minh", "refresh": d.refresh, "time": object{"from": d.from, "to": "now"},
		"templating":  object{"list": append([]object{datasourceVariable(), jobVariable()}, d.variables...)},
		"annotations": object{"list": []object{restarts()}},
		"links":       links(d.uid),
		"panels":      panels,
	}
}

// links lead to the other dashboards, with the time and the variables they share.
func links(from string) []object {
	var all []object
	for _, to := range []struct{ uid, title string }{
		{"doisoat-overview", "Overview"}, {"doisoat-department", "Department"}, {"doisoat-operations", "Operations"},
	} {
		if to.uid != from {
			all = append(all, object{
				"type": "link", "title": to.title, "url": "/d/" + to.uid + "?${datasource:queryparam}&${job:queryparam}",
				"icon": "dashboard", "keepTime": true, "includeVars": false, "targetBlank": false, "asDropdown": false, "tags": []string{}, "tooltip": "",
			})
		}
	}
	return all
}

func datasourceVariable() object {
	return object{
		"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus",
		"hide": 0, "includeAll": false, "multi": false, "refresh": 1, "regex": "", "options": []any{}, "current": object{},
	}
}

func jobVariable() object {
	v := queryVariable("job", "Job", `label_values(doisoat_build_info, job)`)
	v["current"] = object{"text": "doisoat", "value": "doisoat"}
	return v
}

func queryVariable(name, label, query string) object {
	return object{
		"type": "query", "name": name, "label": label, "datasource": source(), "definition": query,
		"query": object{"query": query, "refId": "Variable" + name}, "refresh": 2, "regex": "", "sort": 1,
		"hide": 0, "includeAll": false, "multi": false, "options": []any{}, "current": object{},
	}
}

// many lets the reader choose several values, and begins with all.
func many(v object) object {
	v["includeAll"], v["multi"], v["allValue"] = true, true, ".*"
	v["current"] = object{"text": []string{"All"}, "value": []string{"$__all"}}
	return v
}

// restarts marks where a daemon began, since counters start anew there.
func restarts() object {
	return object{
		"name": "Restarts", "datasource": source(), "enable": true, "hide": false, "iconColor": "blue",
		"expr":        `changes(process_start_time_seconds{job="$job"}[$__rate_interval]) > 0`,
		"titleFormat": "doisoat restarted", "textFormat": "{{instance}}", "step": "60s",
	}
}
