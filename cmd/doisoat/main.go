// Command doisoat tells where a province's dossier platform and its departments'
// own records disagree, and what is true. This package reads the command line,
// turns results into exit statuses, and leaves the work to cmd/internal/app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	_ "time/tzdata" // the zone of Vietnam on machines without a zone database

	"github.com/alecthomas/kong"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/cmd/internal/output"
)

// Exit statuses (documented in the README; scripts rest on them).
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2 // bad command line, configuration or mapping
	exitIncomplete = 3 // done, but a source was partial, held or failed
	exitFound      = 4 // --fail-on found some
)

// exitError carries an exit status that is not simply "failed". A nil err says
// nothing more.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

type cli struct {
	LogLevel  string `help:"Least level that is logged to standard error: debug, info, warn or error. Left out it is warn, for serve info." enum:",debug,info,warn,error" default:"" placeholder:"LEVEL"`
	LogFormat string `help:"How logs are written." enum:"text,json" default:"text"`

	Reconcile   reconcileCmd          `cmd:"" help:"Poll every source once, compare, and print what disagrees."`
	Report      reportCmd             `cmd:"" help:"Print a period's table, as reported and as verified, from what is stored."`
	Explain     explainCmd            `cmd:"" help:"Show why a dossier is on the list, or why it is not."`
	Check       checkCmd              `cmd:"" help:"Check configuration and mappings, all faults at once."`
	Serve       serveCmd              `cmd:"" help:"Run unattended: poll by schedule, compare, answer Prometheus and the API."`
	Run         runCmd                `cmd:"" help:"List runs, and release what the mass-change breaker holds."`
	Snapshot    snapshotCmd           `cmd:"" help:"List what the sources said, and accept what was held."`
	Discrepancy discrepancyCmd        `cmd:"" help:"List discrepancies, acknowledge or waive them."`
	Lists       listsCmd              `cmd:"" help:"Write every department's list and reminder letter into a folder."`
	Templates   templatesCmd          `cmd:"" help:"Write the letters' Word templates into a folder, to be edited."`
	Delivery    deliveryCmd           `cmd:"" help:"List deliveries of letters, and retry those that were given up."`
	User        userCmd               `cmd:"" help:"Keep the accounts of those who use the pages."`
	Token       tokenCmd              `cmd:"" help:"Keep the tokens of programs that use the API."`
	Audit       auditCmd              `cmd:"" help:"Show the audit trail, and check that nobody changed it."`
	Demo        demoCmd               `cmd:"" help:"Run the main job on a shipped world: the town's quarter of 1,907 dossiers."`
	Routes      alertmanagerRoutesCmd `cmd:"" name:"alertmanager-routes" help:"Print an Alertmanager configuration made from the departments."`
	Migrate     migrateCmd            `cmd:"" help:"Bring the store's schema up to date."`
	Version     versionCmd            `cmd:"" help:"Print the version."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the whole program; it returns the exit status.
func run(args []string, stdout, stderr *os.File) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)   // the second Ctrl-C ends at once
	signal.Ignore(syscall.SIGPIPE) // see outlet
	s := &streams{out: &outlet{file: stdout}, err: &outlet{file: stderr}}
	status, err := command(ctx, s, args)
	if ctx.Err() != nil && status == exitFailed {
		err = errors.New("interrupted; nothing half-done was kept")
	}
	var fault *configFault
	switch {
	case err == nil:
	case errors.As(err, &fault):
		fmt.Fprintln(s.err, output.Plain(err.Error()))
	default:
		fmt.Fprintln(s.err, "doisoat:", output.Plain(err.Error()))
	}
	return status
}

// command reads the command line and does what it says.
func command(ctx context.Context, s *streams, args []string) (status int, err error) {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("doisoat"), kong.Description(description), kong.Writers(s.out, s.err),
		kong.Vars{"user": userName()}, kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: output.Width}),
		kong.Exit(func(status int) { exited = status; panic(exitNow{}) }))
	if err != nil {
		return exitFailed, err
	}
	status, err = parse(parser, args, func(k *kong.Context) error {
		level := c.LogLevel
		switch {
		case level != "":
		case k.Command() == "serve":
			level = "info"
		default:
			level = "warn"
		}
		s.log = newLogger(s.err, level, c.LogFormat)
		k.BindTo(ctx, (*context.Context)(nil))
		return k.Run(s)
	})
	if exited >= 0 {
		return exited, nil // --help
	}
	var exit *exitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		return exit.status, exit.err
	case status == exitDone:
		status = exitFailed
	}
	return status, err
}

// userName is who is at the keyboard, for what people set.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// exitNow unwinds out of kong where it wants the program to end.
type exitNow struct{}

func parse(parser *kong.Kong, args []string, do func(*kong.Context) error) (status int, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(exitNow); !ok {
				panic(r)
			}
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		return exitUsage, fmt.Errorf("%w\nSee: %s --help", err, commandOfError(err))
	}
	return exitDone, do(k)
}

// commandOfError is the command that was being read when the command line turned
// out wrong.
func commandOfError(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context.Selected() != nil {
		return "doisoat " + parse.Context.Selected().Path()
	}
	return "doisoat"
}

const description = `Compares the dossiers of a one-stop centre on the province's platform with the departments' own records, and tells what is true.

Exit status: 0 done, 1 failed, 2 bad command line, configuration or mapping, 3 done but a source was partial, held or failed, 4 --fail-on found some.`

func newLogger(w io.Writer, level, format string) *logrus.Logger {
	log := logrus.New()
	log.SetOutput(w)
	if l, err := logrus.ParseLevel(level); err == nil {
		log.SetLevel(l)
	}
	if format == "json" {
		log.SetFormatter(&logrus.JSONFormatter{})
	} else {
		log.SetFormatter(&logrus.TextFormatter{FullTimestamp: true})
	}
	return log
}
