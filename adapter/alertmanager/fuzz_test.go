package alertmanager_test

import (
	"bytes"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/adapter/alertmanager"
)

// Whatever two departments are called: either it is told what is wrong, or the
// configuration reads back as what was meant.
func FuzzConfig(f *testing.F) {
	for i, code := range hostile {
		f.Add(code, hostile[len(hostile)-1-i], code)
	}
	f.Fuzz(func(t *testing.T, a, b, name string) {
		o := it("http://127.0.0.1/it")
		o.SMTP = smtp
		departments := []alertmanager.Department{
			{Code: a, Name: name, Receiver: alertmanager.Receiver{Mail: "a@example.vn"}}, {Code: b, Receiver: alertmanager.Receiver{Webhook: "http://127.0.0.1/b"}},
		}
		config, err := alertmanager.Config(departments, o)
		if err != nil {
			return
		}
		want := map[string]string{"it": "http://127.0.0.1/it", "watchdog": "", "department/" + a + "/mail": "a@example.vn", "department/" + b + "/webhook": "http://127.0.0.1/b"}
		if diff := cmp.Diff(want, receivers(t, config)); diff != "" {
			t.Fatalf("receivers (-want +got):\n%s", diff)
		}
		var c struct {
			Route struct {
				Routes []struct{ Routes []struct{ Matchers []string } }
			}
			Receivers []struct {
				Email []struct {
					Headers struct {
						Subject string `yaml:"Subject"`
					}
				} `yaml:"email_configs"`
			}
		}
		if err := yaml.Unmarshal(config, &c); err != nil {
			t.Fatal(err)
		}
		for i, code := range []string{a, b} {
			if m := c.Route.Routes[0].Routes[2+i].Matchers; len(m) != 1 || meant(m[0]) != code {
				t.Errorf("matchers %q, want those of %q", m, code)
			}
		}
		if subject := c.Receivers[2].Email[0].Headers.Subject; strings.ContainsAny(subject, "\r\n") {
			t.Errorf("subject %q has several lines", subject)
		} else if title := strings.Join(strings.Fields(name), " "); title != "" {
			// What remains of a template in it is ours.
			text := strings.TrimSuffix(subject, `{{ template "doisoat.subject" . }}`)
			var out bytes.Buffer
			parsed, err := template.New("").Parse(text)
			if err == nil {
				err = parsed.Execute(&out, nil)
			}
			if want := "[Đối soát] " + title + ": "; err != nil || out.String() != want {
				t.Errorf("subject %q, %v; want %q", out.String(), err, want)
			}
		}
	})
}

// meant reads a matcher as Alertmanager does.
func meant(matcher string) string {
	value := strings.TrimSuffix(strings.TrimPrefix(matcher, `department="`), `"`)
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			i++
			if value[i] == 'n' {
				b.WriteByte('\n')
				continue
			}
		}
		b.WriteByte(value[i])
	}
	return b.String()
}
