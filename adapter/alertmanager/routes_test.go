package alertmanager_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/adapter/alertmanager"
	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

// routed asks amtool which receivers an alert goes to.
func routed(t *testing.T, config string, labels ...string) []string {
	t.Helper()
	out, ok := monitortest.Run(t, ".", "amtool", append([]string{"config", "routes", "test", "--config.file=" + config}, labels...)...)
	if !ok {
		t.Fatalf("amtool config routes test %q:\n%s", labels, out)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return strings.Split(lines[len(lines)-1], ",")
}

func TestRoutes(t *testing.T) {
	departments, o := example(t)
	config := write(t, generate(t, departments, o))
	tests := []struct {
		name, labels string
		want         []string
	}{
		{"a department's mismatch: IT's copy, and the department", "alertname=DoisoatMismatchesOpen department=TP severity=info", []string{"it", "department/TP/mail"}},
		{"a department with receivers of its own has both", "alertname=DoisoatMismatchesPastCorrectionTime department=KT", []string{"it", "department/KT/webhook", "department/KT/mail"}},
		{"a department's source", "alertname=DoisoatSnapshotRefused department=VPDKDD source=land", []string{"it", "department/VPDKDD/mail"}},
		{"the platform is IT's alone", "alertname=DoisoatPlatformDown source=dvc severity=critical", []string{"it"}},
		{"the platform's snapshot too", "alertname=DoisoatSnapshotRefused source=dvc", []string{"it"}},
		{"a department that nobody configured", "alertname=DoisoatMismatchesOpen department=XX", []string{"it"}},
		{"a department whose code only begins alike", "alertname=DoisoatMismatchesOpen department=KTX", []string{"it"}},
		{"another writing of a code is another code", "alertname=DoisoatMismatchesOpen department=kt", []string{"it"}},
		{"the daemon", "alertname=DoisoatDown severity=critical", []string{"it"}},
		{"a missed night", "alertname=DoisoatNightlyRunMissed severity=critical run=nightly", []string{"it"}},
		{"a held run", "alertname=DoisoatRunHeld severity=critical", []string{"it"}},
		{"the watchdog", "alertname=DoisoatWatchdog severity=none", []string{"watchdog"}},
		{"another system's alert that has a department", "alertname=DiskFull department=KT", []string{"it"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, routed(t, config, strings.Fields(test.labels)...)); diff != "" {
				t.Errorf("receivers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDepartmentsWithoutReceiver(t *testing.T) {
	config := write(t, generate(t, []alertmanager.Department{{Code: "KT", Name: "Phòng Kinh tế"}}, it("http://127.0.0.1/it")))
	if diff := cmp.Diff([]string{"it"}, routed(t, config, "alertname=DoisoatMismatchesOpen", "department=KT")); diff != "" {
		t.Errorf("receivers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"watchdog"}, routed(t, config, "alertname=DoisoatWatchdog")); diff != "" {
		t.Errorf("receivers (-want +got):\n%s", diff)
	}
}

// hostile are codes that YAML, the language of matchers, an address or a page
// could take for something else.
var hostile = []string{
	"no", "yes", "null", "~", "1e3", "0x1F", "0777", "12:30", "1.0", "000.00.16.H57", ".*", "K.T", "KT|TP", "a b", " a", "a ", "#x", "- x", "&x", "*x", "!x", "%x", "@x", "`x",
	"{x}", "{{ .X }}", "[x]", "x: y", `x"y`, `x\`, `x\n`, `x\"`, `\`, `"`, "'", "x'y", "x\ny", "ĐĐ", "Tư pháp", "e\u0301", "\u00e9", "日本", "<b>", "it", "watchdog",
	"KT", "KT/mail", "KT/webhook", "=", "<<", "x,y", "?", "|", ">", "\u2028", "\ufeffKT", strings.Repeat("x", 300), strings.Repeat("x ", 150) + "x", "$x", "%s", "😀",
}

func TestHostileDepartments(t *testing.T) {
	var departments []alertmanager.Department
	for i, code := range hostile {
		departments = append(departments, alertmanager.Department{Code: code, Name: code + "\r\nBcc: x@y.vn {{ .Boom }}", Receiver: alertmanager.Receiver{Mail: fmt.Sprintf("d%d@example.vn", i)}})
	}
	o := it("http://127.0.0.1/it")
	o.SMTP, o.Department.Webhook = smtp, "http://127.0.0.1/hooks/{department}?for={department}"
	config := generate(t, departments, o)
	file := write(t, config)
	if out, ok := monitortest.Run(t, ".", "amtool", "check-config", file); !ok {
		t.Fatalf("amtool check-config:\n%s", out)
	}
	have := receivers(t, config)
	if len(have) != 2+2*len(hostile) {
		t.Errorf("%d receivers with names of their own, want %d", len(have), 2+2*len(hostile))
	}
	for _, code := range hostile {
		if _, ok := have["department/"+code+"/webhook"]; !ok {
			t.Errorf("%q: no webhook of its own", code)
		}
	}
	server := newServer(t, file)
	for _, code := range hostile {
		server.fire("alertname", "DoisoatMismatchesOpen", "department", code)
	}
	for _, a := range server.alerts(len(hostile)) {
		code := a.Labels["department"]
		want := []string{"department/" + code + "/mail", "department/" + code + "/webhook", "it"}
		if diff := cmp.Diff(want, a.receivers()); diff != "" {
			t.Errorf("%q: receivers (-want +got):\n%s", code, diff)
		}
	}
}

// receivers reads a configuration back: the first address of each receiver.
func receivers(t *testing.T, config []byte) map[string]string {
	t.Helper()
	var c struct {
		Receivers []struct {
			Name    string
			Webhook []struct{ URL string } `yaml:"webhook_configs"`
			Email   []struct{ To string }  `yaml:"email_configs"`
		}
	}
	if err := yaml.Unmarshal(config, &c); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range c.Receivers {
		address := ""
		if len(r.Webhook) > 0 {
			address = r.Webhook[0].URL
		} else if len(r.Email) > 0 {
			address = r.Email[0].To
		}
		all[r.Name] = address
	}
	return all
}

func TestWhatStandsForTheDepartment(t *testing.T) {
	departments := []alertmanager.Department{{Code: "KT"}, {Code: "T/P&x=1 %ĐĐ", Receiver: alertmanager.Receiver{Mail: "tp@example.vn"}}}
	o := it("http://127.0.0.1/it")
	o.SMTP, o.Department = smtp, alertmanager.Receiver{Webhook: "http://127.0.0.1/{department}/x?for={department}", Mail: "{department}@example.vn"}
	want := map[string]string{
		"it": "http://127.0.0.1/it", "watchdog": "",
		"department/KT/webhook":          "http://127.0.0.1/KT/x?for=KT",
		"department/KT/mail":             "KT@example.vn",
		"department/T/P&x=1 %ĐĐ/webhook": "http://127.0.0.1/T%2FP%26x%3D1%20%25%C4%90%C4%90/x?for=T%2FP%26x%3D1%20%25%C4%90%C4%90",
		"department/T/P&x=1 %ĐĐ/mail":    "tp@example.vn",
	}
	if diff := cmp.Diff(want, receivers(t, generate(t, departments, o))); diff != "" {
		t.Errorf("receivers (-want +got):\n%s", diff)
	}
}
