package main

import (
	"cmp"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// played is the key under which a script's stage is kept.
type played struct{}

// stage is where a script's world is played.
type stage struct {
	platform atomic.Pointer[world.Platform]
	server   *httptest.Server
}

func stageOf(ts *testscript.TestScript) *stage {
	s, ok := ts.Value(played{}).(*stage)
	if !ok {
		ts.Fatalf("no stage was set up")
	}
	return s
}

// open starts the server that every platform of this script answers at.
func (s *stage) open(ts *testscript.TestScript) string {
	if s.server == nil {
		s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.platform.Load().ServeHTTP(w, r) }))
		ts.Defer(s.server.Close)
	}
	return s.server.URL
}

// cmdWorld lays a world out in the current folder: sample, or a number of
// dossiers. Keys: style, seed, offices (a form), person, rejected (yes),
// uncovered (departments), store, mismatch, tokens (calls until one dies).
func cmdWorld(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: world sample|N [key=value …]")
	}
	keys := keysOf(ts, args[1:])
	s, dir := stageOf(ts), ts.MkAbs(".")
	url := s.open(ts)
	options := world.PlatformOptions{Style: world.Style(keys["style"]), TokenCalls: number(ts, cmp.Or(keys["tokens"], "0"))}
	var platform *world.Platform
	if args[0] == "sample" {
		records, err := world.SamplePlatform()
		ts.Check(err)
		platform, err = world.NewPlatform(records, options)
		ts.Check(err)
		ts.Check(world.Extract(dir, world.ExtractOptions{PlatformURL: url, Store: keys["store"]}))
		truth, err := fs.ReadFile(world.Sample(), "truth.json")
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("truth.json"), truth, 0o644))
	} else {
		mismatch, err := strconv.ParseFloat(cmp.Or(keys["mismatch"], "0"), 64)
		ts.Check(err)
		o := world.Options{
			Dossiers: number(ts, args[0]), Seed: uint64(number(ts, cmp.Or(keys["seed"], "1"))), Style: options.Style, OfficesAs: keys["offices"],
			PlatformURL: url, PersonData: keys["person"] == "yes", Rejected: keys["rejected"] == "yes", Mismatch: mismatch,
		}
		if keys["uncovered"] != "" {
			o.NotCovered = strings.Split(keys["uncovered"], ",")
		}
		w, err := world.Generate(o)
		ts.Check(err)
		w.Store = cmp.Or(keys["store"], w.Store)
		ts.Check(w.Write(dir))
		platform, err = w.Serve(options)
		ts.Check(err)
		ts.Setenv("ASOF", w.Truth.AsOf)
	}
	s.platform.Store(platform) // before anybody asks it anything
	ts.Check(settle(filepath.Join(dir, "offices")))
	ts.Setenv("URL", url)
}

// cmdPlatform changes what the platform holds: remove CODE.
func cmdPlatform(ts *testscript.TestScript, neg bool, args []string) {
	s := stageOf(ts)
	if neg || s.platform.Load() == nil || len(args) != 2 || args[0] != "remove" {
		ts.Fatalf("usage, after world: platform remove CODE")
	}
	if !s.platform.Load().Remove(args[1]) {
		ts.Fatalf("the platform has no %s", args[1])
	}
}

// cmdFaults orders what goes wrong: kind,key=value,… with the keys target, pages
// (3|4), times, every, status, retry_after.
func cmdFaults(ts *testscript.TestScript, neg bool, args []string) {
	s := stageOf(ts)
	if neg || s.platform.Load() == nil {
		ts.Fatalf("usage, after world: faults [kind,key=value,… …]")
	}
	var faults []world.Fault
	for _, arg := range args {
		kind, rest, _ := strings.Cut(arg, ",")
		f := world.Fault{Kind: world.FaultKind(kind)}
		for key, value := range keysOf(ts, strings.FieldsFunc(rest, func(r rune) bool { return r == ',' })) {
			switch key {
			case "target":
				f.Target = world.Target(value)
			case "pages":
				for _, page := range strings.Split(value, "|") {
					f.Pages = append(f.Pages, number(ts, page))
				}
			case "times":
				f.Times = number(ts, value)
			case "every":
				f.Every = number(ts, value)
			case "status":
				f.Status = number(ts, value)
			case "delta":
				f.Delta = number(ts, value)
			case "retry_after", "delay":
				d, err := time.ParseDuration(value)
				ts.Check(err)
				if key == "delay" {
					f.Delay = d
				} else {
					f.RetryAfter = d
				}
			default:
				ts.Fatalf("faults: unknown key %s", key)
			}
		}
		faults = append(faults, f)
	}
	s.platform.Load().SetFaults(faults...)
}

// cmdStruck holds that faults really happened.
func cmdStruck(ts *testscript.TestScript, neg bool, args []string) {
	stats := stageOf(ts).platform.Load().Stats()
	for _, kind := range args {
		if (stats.Struck[world.FaultKind(kind)] > 0) == neg {
			ts.Fatalf("fault %s struck %d times", kind, stats.Struck[world.FaultKind(kind)])
		}
	}
}

// cmdChangeOffice changes one row of an office's file. Keys: status, due,
// completed, received, updated (RFC 3339, or empty), raw_status, remove.
func cmdChangeOffice(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: change-office file code key=value …")
	}
	path, code, keys := ts.MkAbs(args[0]), args[1], keysOf(ts, args[2:])
	if _, remove := keys["remove"]; remove {
		ts.Check(world.RemoveFromOffice(path, code))
	} else {
		ts.Check(world.ChangeOffice(path, code, func(r *world.Record) { changeRecord(ts, r, keys) }))
	}
	ts.Check(settle(filepath.Dir(path)))
}

func changeRecord(ts *testscript.TestScript, r *world.Record, keys map[string]string) {
	moments := map[string]*reconcile.Moment{
		"received": &r.ReceivedAt, "due": &r.DueAt, "extended": &r.ExtendedDueAt, "completed": &r.CompletedAt, "returned": &r.ReturnedAt, "updated": &r.UpdatedAt,
	}
	for key, value := range keys {
		switch m := moments[key]; {
		case m != nil && value == "":
			*m = reconcile.Moment{}
		case m != nil:
			at, err := time.Parse(time.RFC3339, value)
			ts.Check(err)
			*m = reconcile.Moment{Time: at}
		case key == "status":
			r.Status, r.RawStatus = reconcile.Status(value), ""
		case key == "raw_status":
			r.RawStatus = value
		case key == "note":
			r.Note = value
		default:
			ts.Fatalf("change-office: unknown key %s", key)
		}
	}
}

func keysOf(ts *testscript.TestScript, args []string) map[string]string {
	keys := map[string]string{}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			ts.Fatalf("%q is no key=value", arg)
		}
		keys[key] = value
	}
	return keys
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}
