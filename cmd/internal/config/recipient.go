package config

import (
	"strings"

	"github.com/doisoat/doisoat/adapter/deliver/channel"
)

// Recipient is where one department's lists and letters go: each channel that is
// set gets every one of them.
type Recipient struct {
	Email   []string               // addresses; nil is no e-mail
	Folder  string                 // the folder below Deliver.Folder; "" is none
	Webhook *channel.WebhookConfig // Deliver.Webhook, or one of its own
	SFTP    string                 // the folder below Deliver.SFTP; "" is none
}

// recipient reads a department's deliver; nil where the key is left out. What it
// names must be set up in central, the key of all departments, which gave d.
func (v value) recipient(code string, central value, d *Deliver) *Recipient {
	s := v.section(`write {email: [kt@example.vn], folder: true}`)
	if s == nil {
		return nil
	}
	if !central.given() {
		s.faultShowing("", "names channels, but there is no deliver that sets them up", "add deliver with email, folder, webhook or sftp, or remove it here")
	}
	r := &Recipient{
		Email:   s.get("email").setUp("email", central).addresses(),
		Folder:  s.get("folder").setUp("folder", central).folderName(code),
		Webhook: s.get("webhook").ownWebhook(central, d),
		SFTP:    s.get("sftp").setUp("sftp", central).folderName(code),
	}
	s.done()
	return r
}

// setUp reports a channel that central, where there is one, does not set up.
func (v value) setUp(channel string, central value) value {
	all := central.peek()
	if v.given() && all != nil && !all.sub(channel).given() && !all.misspelt(channel) {
		v.faultShowing("", "is not set up for all departments", "add deliver."+channel+", or remove it here")
	}
	return v
}

// addresses is a list of mail addresses, or a single one.
func (v value) addresses() []string {
	const remedy = "write a list of mail addresses, such as [kt@example.vn]"
	if v.scalar() {
		if a := v.mailAddress(remedy); a != "" {
			return []string{a}
		}
		return nil
	}
	items := v.list(remedy)
	if v.given() && kindOf(v.node) == "a list" && len(items) == 0 {
		v.faultShowing("", "is empty", remedy)
	}
	var all []string
	for _, item := range items {
		if a := item.mailAddress(remedy); a != "" {
			all = append(all, a)
		}
	}
	return all
}

// folderName is the name of a department's own folder: true is its code, false is
// none.
func (v value) folderName(code string) string {
	const remedy = "write true for a folder named as the department's code, or another name"
	text := v.text(remedy)
	switch text {
	case "", "false":
		return ""
	case "true":
		text = code
	}
	if len(text) > 100 || strings.HasPrefix(text, ".") || strings.HasSuffix(text, ".") || strings.TrimSpace(text) != text ||
		hasControl(text) || strings.ContainsAny(text, `/\:*?"<>|`) {
		v.fault("is no name of a folder", remedy)
		return ""
	}
	return text
}

// ownWebhook is true for the webhook of all departments, or one of its own.
func (v value) ownWebhook(central value, d *Deliver) *channel.WebhookConfig {
	v.hidden = true
	var above *channel.WebhookConfig
	if d != nil {
		above = d.Webhook
	}
	switch {
	case !v.given():
		return nil
	case !v.scalar():
		return v.webhook(above)
	}
	switch resolve(v.node).Value {
	case "true":
		v.setUp("webhook", central)
		return above
	case "false":
	default:
		v.fault("is neither true nor a map of keys", "write true for the webhook of all departments, or {url_file: …} for one of its own")
	}
	return nil
}
