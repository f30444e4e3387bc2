package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type demoCmd struct {
	Addr string `help:"Where the daemon answers after printing; port 0 chooses a free one." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Once bool   `help:"Stop after printing. Without it the daemon goes on over the played world, with its metrics and its API."`
	Dir  string `help:"Keep configuration, offices and store in this folder; a temporary one if left out." type:"path" placeholder:"DIR"`
}

// Help is shown by doisoat demo --help.
func (c *demoCmd) Help() string {
	return `Plays the province's platform over real HTTP and ten departments' offices (SQLite databases, Excel books, CSV files) with the 1,907 dossiers of the town's report for the second quarter of 2018, polls them, compares, and prints what the report should have said. Then it serves, as doisoat serve would, deciding as if it were the day of the report: change a book under DIR/offices and see it noticed. Needs no set-up and no network.

Examples:
  doisoat demo --once
  doisoat demo --dir ./thu     # then, in another window: doisoat explain --config ./thu/doisoat.yaml 000.00.16.H57-180611-0004`
}

// demoAsOf is when the quarter's report was written: the Monday after it.
const demoAsOf = "2018-07-02T08:00:00+07:00"

func (c *demoCmd) Run(ctx context.Context, s *streams) (err error) {
	if !c.Once {
		if err := c.free(); err != nil {
			return err
		}
	}
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	stop, url, err := c.play()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := world.Extract(dir, world.ExtractOptions{PlatformURL: url}); err != nil {
		return err
	}
	if err := errors.Join(settle(filepath.Join(dir, "offices")), letters(dir)); err != nil {
		return err
	}
	config := configFlag{Config: filepath.Join(dir, "doisoat.yaml")}
	if err := c.job(ctx, s, config); err != nil {
		return err
	}
	if c.Once {
		return nil
	}
	return c.serve(ctx, s, config, url)
}

// serve is the daemon over the played world, as of the day of the report.
func (c *demoCmd) serve(ctx context.Context, s *streams, config configFlag, platform string) error {
	setup, err := config.load()
	if err != nil {
		return err
	}
	var asOf moment
	if err := asOf.UnmarshalText([]byte(demoAsOf)); err != nil {
		return err
	}
	began := time.Now()
	log, ok := s.log.(*logrus.Logger)
	if !ok {
		return errors.New("demo: no log")
	}
	d, err := app.NewDaemon(ctx, setup, app.DaemonOptions{
		ConfigFile: config.Config, Listen: c.Addr, Migrate: true, Version: version, Revision: revision(), Log: log, Demo: true,
		AsOf: func() time.Time { return asOf.Time.Add(time.Since(began)) },
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, `
The pages are at http://%[1]s/ until you press Ctrl-C, signed in by themselves on this machine; the platform is played at %[2]s. In another window:
  curl http://%[1]s/api/v1/status
  curl http://%[1]s/metrics
  doisoat explain --config %[3]s CODE
`, d.Addr(), platform, config.Config)
	return errors.Join(d.Run(ctx), d.Close())
}

// free tells early that the address is taken or wrong.
func (c *demoCmd) free() error {
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --addr 127.0.0.1:0", err)
	}
	return listener.Close()
}

// job is the main job, as anybody would run it.
func (c *demoCmd) job(ctx context.Context, s *streams, config configFlag) error {
	return config.with(ctx, app.Options{Log: s.log, Migrate: true}, func(a *app.App) error {
		var asOf moment
		if err := asOf.UnmarshalText([]byte(demoAsOf)); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "The report's quarter: 1,907 dossiers on the platform, and what ten departments wrote down.\n\n")
		run := reconcileCmd{configFlag: config, AsOf: asOf, outputFlags: outputFlags{Format: "table"}, FailOn: "none", Limit: 12}
		hints := relative(config.Config)
		if c.Once && c.Dir == "" {
			hints = "" // the folder is gone by then
		}
		ran := run.run(ctx, s, a, &result{Writer: s.out}, hints)
		var exit *exitError
		if ran != nil && !errors.As(ran, &exit) {
			return ran
		}
		day := func(month time.Month, day int) time.Time {
			return time.Date(2018, month, day, 0, 0, 0, 0, a.Config.Zone)
		}
		report, err := a.Report(ctx, app.ReportOptions{From: day(4, 1), To: day(6, 30), AsOf: asOf.Time})
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "\nThe quarter's table\n\n")
		return errors.Join(output.ReportTable(s.out, report, a.Config.Zone), ran)
	})
}

// demoDeliver has letters written into a folder, when somebody asks for one: by
// itself the day of the report is never over.
const demoDeliver = `
deliver:
  at: "0 0 1 1 *"
  hours: always
  number: "{number}/PĐĐ-TTHCC"
  organisation: {parent: ỦY BAN NHÂN DÂN THỊ XÃ HƯƠNG TRÀ, name: TRUNG TÂM HÀNH CHÍNH CÔNG, place: Hương Trà}
  folder: {path: letters}
web: {title: Trung tâm Hành chính công thị xã Hương Trà}
`

// letters gives every department of the played world a folder for its letters.
func letters(dir string) error {
	path := filepath.Join(dir, "doisoat.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  - {code: ") {
			lines[i] = strings.TrimSuffix(line, "}") + ", deliver: {folder: true}}"
		}
	}
	return errors.Join(
		os.MkdirAll(filepath.Join(dir, "letters"), 0o750),
		os.WriteFile(path, []byte(strings.Join(lines, "\n")+demoDeliver), 0o600),
	)
}

// settle sets the offices' files back in time. They are not being written any
// more, so nobody has to wait to see them at rest.
func settle(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		past := time.Now().Add(-time.Hour)
		return os.Chtimes(path, past, past)
	})
}

func (c *demoCmd) folder() (dir string, remove func() error, err error) {
	if c.Dir != "" {
		return c.Dir, func() error { return nil }, os.MkdirAll(c.Dir, 0o755)
	}
	dir, err = os.MkdirTemp("", "doisoat-demo-*")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

// play serves the platform's part.
func (c *demoCmd) play() (stop func() error, url string, err error) {
	records, err := world.SamplePlatform()
	if err != nil {
		return nil, "", err
	}
	platform, err := world.NewPlatform(records, world.PlatformOptions{})
	if err != nil {
		return nil, "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &http.Server{Handler: platform, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	return func() error {
		err := server.Close()
		if served := <-served; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, "http://" + listener.Addr().String(), nil
}
