package alertmanager_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/adapter/alertmanager"
	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

var update = flag.Bool("update", false, "write deploy/alertmanager anew")

const deploy = "../../deploy/"

// example is what deploy/alertmanager/alertmanager.example.yml is made from: the
// departments of the example configuration, one with receivers of its own.
func example(t *testing.T) ([]alertmanager.Department, alertmanager.Options) {
	t.Helper()
	data, err := os.ReadFile(deploy + "config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Departments []struct{ Code, Name string } }
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var departments []alertmanager.Department
	for _, d := range file.Departments {
		departments = append(departments, alertmanager.Department{Code: d.Code, Name: d.Name})
	}
	departments[0].Receiver = alertmanager.Receiver{Webhook: "https://chat.example.vn/hooks/kinh-te", Mail: "phongkinhte@example.vn"}
	return departments, alertmanager.Options{
		IT:         alertmanager.Receiver{Webhook: "http://127.0.0.1:8090/it", Mail: "cntt@example.vn"},
		Department: alertmanager.Receiver{Mail: "{department}@example.vn"},
		Watchdog:   alertmanager.Receiver{Webhook: "https://watchdog.example.vn/doisoat", CredentialsFile: "/etc/prometheus/secrets/watchdog"},
		SMTP:       alertmanager.SMTP{Smarthost: "mail.example.vn:587", From: "doisoat@example.vn", Username: "doisoat", PasswordFile: "/etc/prometheus/secrets/smtp"},
		From:       time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Calendar: calendar.Spec{
			Holidays: []calendar.Day{{Date: "2026-09-02"}, {Date: "2027-01-01"}, {Date: "2026-11-24"}},
			Makeup:   []calendar.Day{{Date: "2026-11-28"}},
		},
	}
}

func generate(t *testing.T, departments []alertmanager.Department, o alertmanager.Options) []byte {
	t.Helper()
	out, err := alertmanager.Config(departments, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// write puts a configuration and its templates where amtool can read them.
func write(t *testing.T, config []byte) string {
	t.Helper()
	folder := t.TempDir()
	for name, data := range map[string][]byte{"alertmanager.yml": config, "doisoat.tmpl": alertmanager.Template()} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "alertmanager.yml")
}

func TestExampleIsUpToDate(t *testing.T) {
	departments, o := example(t)
	for name, want := range map[string][]byte{
		"alertmanager.example.yml": generate(t, departments, o), "doisoat.tmpl": alertmanager.Template(),
	} {
		file := deploy + "alertmanager/" + name
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(have)); diff != "" {
			t.Errorf("%s differs from what is generated; go test ./adapter/alertmanager -update (-want +file):\n%s", file, diff)
		}
	}
}

func TestAmtoolTakesTheExample(t *testing.T) {
	if out, ok := monitortest.Run(t, deploy+"alertmanager", "amtool", "check-config", "alertmanager.example.yml"); !ok {
		t.Errorf("amtool check-config:\n%s", out)
	}
}

// Nothing but the departments and options decides.
func TestSameArgumentsSameBytes(t *testing.T) {
	departments, o := example(t)
	first := generate(t, departments, o)
	for range 20 {
		if diff := cmp.Diff(string(first), string(generate(t, departments, o))); diff != "" {
			t.Fatalf("differs at another try:\n%s", diff)
		}
	}
}

func TestFaultsAreToldAtOnce(t *testing.T) {
	tests := []struct {
		name        string
		departments []alertmanager.Department
		options     alertmanager.Options
		want        []string
	}{
		{"nobody for IT", nil, alertmanager.Options{}, []string{
			"IT: has no receiver; give the webhook or the mail address that all alerts go to",
		}},
		{"codes", []alertmanager.Department{{Code: ""}, {Code: "KT"}, {Code: "KT"}, {Code: "a\x00b"}, {Code: "\xff"}}, it("http://it"), []string{
			"department: has no code; give the code that its alerts carry",
			`department "KT": is given twice; give each department a code of its own`,
			`department "a\x00b": its code has control characters; take them out`,
			`department "\xff": its code is not UTF-8; write it in UTF-8`,
		}},
		{"a password in an address is not told", nil, it("https://doisoat:hunter2@it.example.vn/x"), []string{
			"IT: its webhook https://it.example.vn has a user or password in it; put a bearer token into the credentials file",
		}},
		{"addresses", []alertmanager.Department{
			{Code: "A", Receiver: alertmanager.Receiver{Webhook: "ftp://x/?key=hunter2"}},
			{Code: "B", Receiver: alertmanager.Receiver{Webhook: "http://x/{code}?key=hunter2"}},
			{Code: "C", Receiver: alertmanager.Receiver{Webhook: "http:///x"}},
			{Code: "D", Receiver: alertmanager.Receiver{Mail: "a@b.vn, c@d.vn"}},
			{Code: "E", Receiver: alertmanager.Receiver{Mail: "Phòng <a@b.vn>"}},
			{Code: "F", Receiver: alertmanager.Receiver{Mail: "{{.X}}@b.vn"}},
		}, with(it("http://it"), func(o *alertmanager.Options) { o.SMTP = smtp }), []string{
			`department "A": its webhook is no address; write http:// or https://, a host and a path`,
			`department "B": its webhook http://x/{code} has braces; {department}, in the departments' common webhook, is the only word in braces there is`,
			`department "C": its webhook is no address; write http:// or https://, a host and a path`,
			`department "D": "a@b.vn, c@d.vn": is no mail address; write one, in plain letters, such as kt@example.vn`,
			`department "E": "Phòng <a@b.vn>": is no mail address; write one, in plain letters, such as kt@example.vn`,
			`department "F": "{{.X}}@b.vn": is no mail address; write one, in plain letters, such as kt@example.vn`,
		}},
		{"codes that cannot stand in an address", []alertmanager.Department{{Code: ".."}, {Code: "ĐĐ"}},
			with(it("http://it"), func(o *alertmanager.Options) {
				o.Department = alertmanager.Receiver{Webhook: "http://x/{department}", Mail: "{department}@b.vn"}
				o.SMTP = smtp
			}), []string{
				`department "..": its code means another place in an address; give it a webhook of its own`,
				`department "..": its code cannot stand in a mail address; give it a mail address of its own`,
				`department "ĐĐ": its code cannot stand in a mail address; give it a mail address of its own`,
			}},
		{"a token for nobody", nil, with(it("http://it"), func(o *alertmanager.Options) { o.Watchdog.CredentialsFile = "/token" }), []string{
			"watchdog: has a credentials file and no webhook; give the webhook it is for",
		}},
		{"mail without a server", nil, alertmanager.Options{IT: alertmanager.Receiver{Mail: "it@b.vn"}, SMTP: alertmanager.SMTP{Username: "x"}}, []string{
			"SMTP: has no server, and somebody gets mail; give its host:port",
			"SMTP: has no sender, and somebody gets mail; give the address mails come from",
			"SMTP: has only one of user name and password file; give both or neither",
		}},
		{"a server without a port", nil, alertmanager.Options{IT: alertmanager.Receiver{Mail: "it@b.vn"}, SMTP: alertmanager.SMTP{Smarthost: "mail", From: "a@b.vn"}}, []string{
			"SMTP: mail: is no server; write host:port",
		}},
		{"times", []alertmanager.Department{{Code: "KT", Receiver: alertmanager.Receiver{Mail: "a@b.vn"}}},
			with(it("http://it"), func(o *alertmanager.Options) {
				o.SMTP, o.GroupWait, o.RepeatInterval = smtp, -time.Second, time.Nanosecond
				o.Calendar = calendar.Spec{
					Zone: time.FixedZone("nowhere", 7*3600), Hours: []calendar.Span{{From: 9 * time.Hour, To: 8 * time.Hour}},
					Holidays: []calendar.Day{{Date: "02/09/2026"}},
				}
			}), []string{
				`holidays: "02/09/2026": is no date; write yyyy-MM-dd`,
				"group wait: -1s: is no time to wait; give a positive one in whole milliseconds",
				"repeat interval: 1ns: is no time to wait; give a positive one in whole milliseconds",
				"calendar: its zone nowhere has no name that Alertmanager knows; write such as Asia/Ho_Chi_Minh",
				"working hours: 09:00-08:00: is no stretch of whole minutes within a day; write such as 07:00-11:30",
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := alertmanager.Config(test.departments, test.options)
			if err == nil {
				t.Fatalf("no fault found; wrote:\n%s", out)
			}
			if diff := cmp.Diff(test.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

var smtp = alertmanager.SMTP{Smarthost: "127.0.0.1:25", From: "doisoat@example.vn", Plain: true}

func it(webhook string) alertmanager.Options {
	return alertmanager.Options{IT: alertmanager.Receiver{Webhook: webhook}}
}

func with(o alertmanager.Options, change func(*alertmanager.Options)) alertmanager.Options {
	change(&o)
	return o
}

// Every alert that is named in the configuration is one of the rules.
func TestNamedAlertsExist(t *testing.T) {
	rules, err := os.ReadFile(deploy + "prometheus/doisoat.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	departments, o := example(t)
	named := 0
	for word := range strings.FieldsFuncSeq(string(generate(t, departments, o)), func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		if strings.HasPrefix(word, "Doisoat") && word != "Doisoat" {
			named++
			if !strings.Contains(string(rules), "alert: "+word+"\n") {
				t.Errorf("%s is no alert", word)
			}
		}
	}
	if named < 20 {
		t.Errorf("found %d names of alerts only", named)
	}
}
