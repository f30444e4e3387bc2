package alertmanager

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	itReceiver       = "it"
	watchdogReceiver = "watchdog"
	workingHours     = "working-hours"
	holidays         = "holidays"
)

// routes builds the tree. Below the root one route takes doisoat's alerts, so that
// another system's alert that happens to carry a department goes to nobody new.
// In it IT's copy stands before the departments: an alert that matches a
// department's route does not fall back to the receiver of a route above.
func (w *writer) routes(departments []Department) route {
	w.receiver("IT", itReceiver, w.options.IT)
	if w.options.IT == (Receiver{}) {
		w.fault("IT: has no receiver; give the webhook or the mail address that all alerts go to")
	}
	w.receiver("watchdog", watchdogReceiver, w.options.Watchdog)
	own := []route{
		{
			Matchers: []text{matcher("alertname", watchdog)}, Receiver: watchdogReceiver, GroupBy: []string{"alertname"},
			GroupInterval: duration(time.Minute), RepeatInterval: duration(5 * time.Minute),
		},
		{Receiver: itReceiver, Continue: true},
	}
	seen := make(map[string]bool)
	for _, d := range departments {
		if !w.usable(d.Code) {
			continue
		}
		if seen[d.Code] {
			w.fault("department %q: is given twice; give each department a code of its own", d.Code)
			continue
		}
		seen[d.Code] = true
		own = append(own, w.department(d)...)
	}
	return route{
		Receiver: itReceiver, GroupBy: []string{"department"}, GroupWait: duration(w.options.GroupWait),
		GroupInterval: duration(w.options.GroupInterval), RepeatInterval: duration(w.options.RepeatInterval),
		Routes: []route{{Matchers: []text{matcherRegexp("alertname", "Doisoat.+")}, Receiver: itReceiver, Routes: own}},
	}
}

// usable tells codes that cannot be a label's value, or that nobody would see
// aright on a page.
func (w *writer) usable(code string) bool {
	switch {
	case code == "":
		w.fault("department: has no code; give the code that its alerts carry")
	case !utf8.ValidString(code):
		w.fault("department %q: its code is not UTF-8; write it in UTF-8", code)
	case strings.ContainsFunc(code, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		w.fault("department %q: its code has control characters; take them out", code)
	default:
		return true
	}
	return false
}

// department builds the routes of one: a webhook is called at any hour, mail goes
// out when somebody is there to read it. Nothing for one without a receiver.
func (w *writer) department(d Department) []route {
	r := d.Receiver
	who := "department " + strconv.Quote(d.Code)
	if r.Webhook == "" {
		r.Webhook, r.CredentialsFile = w.fillURL(who, w.options.Department.Webhook, d.Code), w.options.Department.CredentialsFile
	}
	if r.Mail == "" {
		r.Mail = w.fillMail(who, w.options.Department.Mail, d.Code)
	}
	var all []route
	// The end of the name tells the two receivers of one department apart, the rest
	// one department from another: no two are alike, whatever the codes.
	if r.Webhook != "" {
		name := "department/" + d.Code + "/webhook"
		w.receiver(who, name, Receiver{Webhook: r.Webhook, CredentialsFile: r.CredentialsFile})
		all = append(all, route{Matchers: []text{matcher("department", d.Code)}, Receiver: text(name)})
	}
	if r.Mail != "" {
		name := "department/" + d.Code + "/mail"
		w.departmentMail(who, name, r.Mail, d)
		w.hours = true
		mail := route{Matchers: []text{matcher("department", d.Code)}, Receiver: text(name), Active: []string{workingHours}}
		if len(w.holidays) > 0 {
			mail.Mute = []string{holidays}
		}
		all = append(all, mail)
	}
	if len(all) == 2 {
		all[0].Continue = true
	}
	return all
}

// matcher is a comparison for equality in Alertmanager's language of matchers,
// which knows these three escapes and takes every other character for itself.
func matcher(label, value string) text {
	return text(label + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`)
}

func matcherRegexp(label, pattern string) text { return text(label + `=~"` + pattern + `"`) }

func count(n int64, unit string) string { return strconv.FormatInt(n, 10) + unit }
