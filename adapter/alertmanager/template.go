package alertmanager

import (
	"fmt"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// Template is the file of mail templates that the configuration names: what a
// department reads, in Vietnamese. It belongs beside the configuration.
func Template() []byte {
	var b strings.Builder
	b.WriteString(`{{/* Made by doisoat alertmanager-routes: the mails to departments. */}}
{{ define "doisoat.subject" }}{{ if .Alerts.Firing }}{{ len .Alerts.Firing }} cảnh báo{{ else }}đã hết cảnh báo{{ end }}{{ end }}
`)
	b.WriteString(`{{ define "doisoat.kind" }}`)
	for i, k := range reconcile.Kinds {
		word := "else if"
		if i == 0 {
			word = "if"
		}
		fmt.Fprintf(&b, `{{ %s eq . %q }}%s`, word, string(k), literal(reconcile.KindLabels[k]))
	}
	b.WriteString(`{{ else }}{{ . }}{{ end }}{{ end }}
{{ define "doisoat.one" }}- {{ with .Annotations.summary_vi }}{{ . }}{{ else }}{{ .Annotations.summary }}{{ end }}
  {{ with .Annotations.description_vi }}{{ . }}{{ else }}{{ .Annotations.description }}{{ end }}
{{ with .Labels.kind }}  Loại sai lệch: {{ template "doisoat.kind" . }}
{{ end }}{{ with .Labels.source }}  Nguồn dữ liệu: {{ . }}
{{ end }}{{ end }}
{{ define "doisoat.text" }}{{ with .Alerts.Firing }}Đang xảy ra:

{{ range . }}{{ template "doisoat.one" . }}
{{ end }}{{ end }}{{ with .Alerts.Resolved }}Đã hết:

{{ range . }}{{ template "doisoat.one" . }}
{{ end }}{{ end }}Thư này do phần mềm đối soát gửi tự động.
{{ end }}
`)
	return []byte(b.String())
}
