package config

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/deliver/channel"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// byFields compares what prints itself without its secrets by its fields.
var byFields = cmp.Options{
	cmp.Transformer("email", func(c channel.EmailConfig) any { type fields channel.EmailConfig; return fields(c) }),
	cmp.Transformer("webhook", func(c channel.WebhookConfig) any { type fields channel.WebhookConfig; return fields(c) }),
	cmp.Transformer("sftp", func(c channel.SFTPConfig) any { type fields channel.SFTPConfig; return fields(c) }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

func TestTheAnnotatedDeliveryIsResolved(t *testing.T) {
	cfg := loadAnnotated(t)
	in := func(path string) string { return filepath.Join(filepath.Dir(cfg.File), path) }
	hook := &channel.WebhookConfig{URL: "https://hooks.example.vn/dummy", Secret: "dummy-webhook-key", Timeout: 30 * time.Second}
	want := &Deliver{
		At: "30 7 * * *", AnswerWithin: 24 * time.Hour, Number: "{number}/PĐĐ-TTHCC", Attempts: 12,
		Organisation: Organisation{Parent: "ỦY BAN NHÂN DÂN THỊ XÃ HƯƠNG TRÀ", Name: "TRUNG TÂM HÀNH CHÍNH CÔNG", Place: "Hương Trà"},
		Signer:       Signer{Title: "GIÁM ĐỐC"},
		Templates:    Templates{Letter: in("letters/phieu-don-doc.docx"), Apology: in("letters/phieu-xin-loi.docx")},
		Email: &channel.EmailConfig{
			Host: "mail.example.vn", Port: 587, TLS: channel.StartTLS, CAFile: in("tls/ca.pem"), Username: "doisoat@example.vn", Password: "dummy-mail",
			From: "Trung tâm Hành chính công <tthcc@example.vn>", ReplyTo: "mot-cua@example.vn", Hello: "doisoat.example.vn", Timeout: time.Minute,
		},
		Folder:  &channel.FolderConfig{Path: "/srv/doisoat/lists"},
		Webhook: hook,
		SFTP: &channel.SFTPConfig{
			Host: "files.example.vn", Port: 22, User: "doisoat", KeyFile: in("ssh/key"), Passphrase: "dummy passphrase",
			KnownHosts: in("ssh/known_hosts"), Path: "/lists", Timeout: time.Minute,
		},
	}
	if diff := cmp.Diff(want, cfg.Deliver, byFields); diff != "" {
		t.Errorf("deliver (-want +got):\n%s", diff)
	}
	departments := []Department{
		{Code: "KT", Name: "Phòng Kinh tế", Deliver: &Recipient{
			Email:  []string{"kt@example.vn", "Lãnh đạo phòng <kt.lanhdao@example.vn>"},
			Folder: "KT", SFTP: "phong-kinh-te", Webhook: hook,
		}},
		{Code: "TNMT", Name: "Phòng Tài nguyên - môi trường", Deliver: &Recipient{
			Webhook: &channel.WebhookConfig{URL: "https://tnmt.example.vn/dummy", Secret: "dummy-tnmt-webhook-key", Timeout: 30 * time.Second},
		}},
		{Code: "TP", Name: "Phòng Tư pháp"},
	}
	if diff := cmp.Diff(departments, cfg.Departments[:3], byFields); diff != "" {
		t.Errorf("departments (-want +got):\n%s", diff)
	}
}

func TestTheAnnotatedAccessIsResolved(t *testing.T) {
	cfg := loadAnnotated(t)
	want := Web{
		Title: "Đối soát hồ sơ Hương Trà", Listen: "127.0.0.1:8080", Hosts: []string{"doisoat.example.vn"},
		ConfigFile: filepath.Join(filepath.Dir(cfg.File), "secrets/web.yml"),
		Operations: &Operations{Listen: "127.0.0.1:9108", ConfigFile: filepath.Join(filepath.Dir(cfg.File), "secrets/web.yml")},
		Access: Access{
			Session: Session{Idle: 2 * time.Hour, Max: 12 * time.Hour}, Lockout: Lockout{Failures: 5, For: 15 * time.Minute},
			OIDC: &OIDC{
				Issuer: "https://sso.example.vn/realms/hue", ClientID: "doisoat", ClientSecret: "dummy-oidc",
				RedirectURL: "https://doisoat.example.vn/login/oidc", Scopes: []string{"openid", "profile", "email"}, Claim: "groups",
				Roles: []RoleRule{{Value: "doisoat-centre", Role: access.Centre}, {Value: "kt", Role: access.Department, Departments: []string{"KT"}}},
				Name:  "Đăng nhập bằng tài khoản tỉnh",
			},
			Proxy: &Proxy{
				From: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, UserHeader: "X-Forwarded-User", GroupsHeader: "X-Forwarded-Groups",
				Separator: ",", Roles: []RoleRule{{Value: "doisoat-operators", Role: access.Operator}},
			},
		},
	}
	if diff := cmp.Diff(want, cfg.Web, byFields, cmp.Transformer("oidc", func(o OIDC) any { type fields OIDC; return fields(o) })); diff != "" {
		t.Errorf("web (-want +got):\n%s", diff)
	}
}

func TestDeliveryLeftToItsDefaults(t *testing.T) {
	cfg, err := loadText(t, withHTTP("")+`
deliver:
  organisation: {name: TRUNG TÂM HÀNH CHÍNH CÔNG}
  email: {host: 127.0.0.1, from: a@example.vn, tls: none, username: a, password: b}
  folder: {path: lists}
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &Deliver{
		At: "30 7 * * *", AnswerWithin: 24 * time.Hour, Number: "{number}/PĐĐ", Attempts: 12, Signer: Signer{Title: "GIÁM ĐỐC"},
		Organisation: Organisation{Name: "TRUNG TÂM HÀNH CHÍNH CÔNG"},
		Email:        &channel.EmailConfig{Host: "127.0.0.1", Port: 25, TLS: channel.NoTLS, Username: "a", Password: "b", From: "a@example.vn", Timeout: time.Minute},
		Folder:       &channel.FolderConfig{Path: filepath.Join(filepath.Dir(cfg.File), "lists")},
	}
	if diff := cmp.Diff(want, cfg.Deliver, byFields); diff != "" {
		t.Errorf("deliver (-want +got):\n%s", diff)
	}
	if cfg.Web.Title != "TRUNG TÂM HÀNH CHÍNH CÔNG" {
		t.Errorf("the pages are headed %q, not by the organisation's name", cfg.Web.Title)
	}
}

func TestPortsGoWithTheWayOfProtection(t *testing.T) {
	for way, want := range map[string]int{"starttls": 587, "tls": 465, "none": 25} {
		cfg, err := loadText(t, withHTTP("")+"deliver: {email: {host: mail.example.vn, from: a@example.vn, tls: "+way+"}}\n", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.Deliver.Email.Port; got != want {
			t.Errorf("%s: port %d, want %d", way, got, want)
		}
	}
}

func TestWhereADepartmentsMessagesGo(t *testing.T) {
	const central = "deliver: {hours: always, unchanged: true, email: {host: m, from: a@example.vn}, folder: {path: /l}, webhook: {url: http://h/, secret: s, timeout: 5s}}\n"
	hook := &channel.WebhookConfig{URL: "http://h/", Secret: "s", Timeout: 5 * time.Second}
	tests := []struct {
		name, deliver string
		want          *Recipient
	}{
		{"one address", "{email: kt@example.vn}", &Recipient{Email: []string{"kt@example.vn"}}},
		{"a folder of its code", "{folder: true}", &Recipient{Folder: "KT"}},
		{"a folder of another name", "{folder: Phòng Kinh tế}", &Recipient{Folder: "Phòng Kinh tế"}},
		{"no folder", "{folder: false}", &Recipient{}},
		{"the webhook of all", "{webhook: true}", &Recipient{Webhook: hook}},
		{"no webhook", "{webhook: false}", &Recipient{}},
		{"a webhook of its own, with the secret of all", "{webhook: {url: https://kt/}}", &Recipient{
			Webhook: &channel.WebhookConfig{URL: "https://kt/", Secret: "s", Timeout: 5 * time.Second},
		}},
		{"nothing", "{}", &Recipient{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := withHTTP("") + central
			text = replaceOnce(t, text, "name: Phòng Kinh tế}", "name: Phòng Kinh tế, deliver: "+test.deliver+"}")
			cfg, err := loadText(t, text, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !cfg.Deliver.Always || !cfg.Deliver.Unchanged {
				t.Errorf("always %t, unchanged %t", cfg.Deliver.Always, cfg.Deliver.Unchanged)
			}
			if diff := cmp.Diff(test.want, cfg.Departments[0].Deliver, byFields); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestADepartmentWhoseCodeIsNoFolder(t *testing.T) {
	text := withHTTP("") + "deliver: {folder: {path: /l}}\n"
	text = replaceOnce(t, text, "{code: KT, name: Phòng Kinh tế}", "{code: .., name: Phòng Kinh tế, deliver: {folder: true}}")
	if _, err := loadText(t, text, nil); err == nil {
		t.Error("a list would be written beside the folder")
	}
}

// A channel that is set up wrongly is one fault, and not another one at each
// department that names it.
func TestAFaultyChannelIsOneFault(t *testing.T) {
	for name, deliver := range map[string]string{
		"no map at all":   "deliver: [folder]\n",
		"misspelt":        "deliver: {foldr: {path: /l}}\n",
		"without a path":  "deliver: {folder: {}}\n",
		"a map is missed": "deliver: {folder: /l}\n",
	} {
		t.Run(name, func(t *testing.T) {
			text := replaceOnce(t, withHTTP("")+deliver, "name: Phòng Kinh tế}", "name: Phòng Kinh tế, deliver: {folder: true}}")
			_, err := loadText(t, text, nil)
			faults, ok := err.(Faults) //nolint:errorlint // Load promises the type itself
			if !ok || len(faults) != 1 {
				t.Errorf("faults: %v", err)
			}
		})
	}
}
