package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/doisoat/doisoat/adapter/alertmanager"
)

type alertmanagerRoutesCmd struct {
	configFlag
	Output          string        `help:"Write to this file instead of standard output, and the mails' template beside it." type:"path" placeholder:"FILE"`
	ITWebhook       string        `name:"it-webhook" help:"Where IT staff's alerts are posted: everything goes there." placeholder:"URL"`
	ITMail          string        `name:"it-mail" help:"Mail address of IT staff." placeholder:"ADDRESS"`
	Webhook         string        `help:"Where a department's alerts are posted; {department} stands for its code." placeholder:"URL"`
	Mail            string        `help:"Where a department's alerts are mailed; {department} stands for its code." placeholder:"ADDRESS"`
	WatchdogWebhook string        `help:"A service that sounds the alarm when it hears nothing for a while." placeholder:"URL"`
	ITToken         string        `name:"it-credentials-file" help:"File on Alertmanager's machine with the bearer token for that webhook." placeholder:"FILE"`
	Token           string        `name:"credentials-file" help:"Likewise for the departments' webhook." placeholder:"FILE"`
	WatchdogToken   string        `name:"watchdog-credentials-file" help:"Likewise for the watchdog's." placeholder:"FILE"`
	GroupWait       time.Duration `help:"How long a first message waits for others." default:"30s"`
	GroupInterval   time.Duration `help:"Least time between two messages of a department." default:"5m"`
	Repeat          time.Duration `help:"When what still holds is told again." default:"24h"`
	Smarthost       string        `help:"Server that takes the mails." placeholder:"HOST:PORT"`
	From            string        `help:"Sender of the mails." placeholder:"ADDRESS"`
	SMTPUser        string        `name:"smtp-user" help:"User at the mail server, if it asks for one." placeholder:"NAME"`
	SMTPPassword    string        `name:"smtp-password-file" help:"File on Alertmanager's machine with the password for it." placeholder:"FILE"`
	SMTPPlain       bool          `name:"smtp-plain" help:"Without TLS, for a relay on the same machine."`
}

// Help is shown by doisoat alertmanager-routes --help.
func (c *alertmanagerRoutesCmd) Help() string {
	return `Makes a configuration for Prometheus' Alertmanager from the departments of doisoat's own configuration, so that the two cannot drift apart: IT staff get everything, each department its own mismatches, in working hours; what a broken source causes is kept back while the source is.

Examples:
  doisoat alertmanager-routes --config doisoat.yaml --it-webhook http://127.0.0.1:9099/it --webhook "http://127.0.0.1:9099/{department}" --output alertmanager.yml
  amtool check-config alertmanager.yml`
}

func (c *alertmanagerRoutesCmd) Run(_ context.Context, s *streams) error {
	setup, err := c.load()
	if err != nil {
		return err
	}
	var departments []alertmanager.Department
	for _, d := range setup.Config.Departments {
		departments = append(departments, alertmanager.Department{Code: d.Code, Name: d.Name})
	}
	const template = "doisoat.tmpl"
	text, err := alertmanager.Config(departments, alertmanager.Options{
		IT:         alertmanager.Receiver{Webhook: c.ITWebhook, CredentialsFile: c.ITToken, Mail: c.ITMail},
		Department: alertmanager.Receiver{Webhook: c.Webhook, CredentialsFile: c.Token, Mail: c.Mail},
		Watchdog:   alertmanager.Receiver{Webhook: c.WatchdogWebhook, CredentialsFile: c.WatchdogToken},
		SMTP: alertmanager.SMTP{
			Smarthost: c.Smarthost, From: c.From, Username: c.SMTPUser, PasswordFile: c.SMTPPassword, Plain: c.SMTPPlain,
		},
		Calendar: setup.Calendar.Spec(), From: time.Now().In(setup.Config.Zone), TemplateFile: template,
		GroupWait: c.GroupWait, GroupInterval: c.GroupInterval, RepeatInterval: c.Repeat,
	})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if c.Output == "" {
		_, err = s.out.Write(text)
		return err
	}
	return errors.Join(
		os.WriteFile(c.Output, text, 0o644), //nolint:gosec // no secret is in it, and another user's program reads it
		os.WriteFile(filepath.Join(filepath.Dir(c.Output), template), alertmanager.Template(), 0o644), //nolint:gosec // likewise
	)
}
