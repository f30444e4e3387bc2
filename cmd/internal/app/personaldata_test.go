package app

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/world"
)

// A citizen as sources send them along, and what must be found nowhere.
const (
	citizenName    = "Hoàng Thị Riêng Tư"
	citizenCard    = "046099123456"
	citizenPhone   = "0905123456"
	citizenAddress = "12 Ngõ Kín, phường Tứ Hạ"
)

var citizen = []string{"Riêng Tư", citizenCard, citizenPhone, "Ngõ Kín", "RIÊNG TƯ", "Rieng Tu"}

// nosy is a platform that sends the applicant with every dossier.
func nosy(platform http.Handler) http.Handler {
	person := fmt.Sprintf(`"HoTen":%q,"SoCCCD":%q,"DienThoai":%q,"DiaChi":%q,"NguoiNop":{"HoTen":%q,"CCCD":%q},"MaHoSo":`,
		citizenName, citizenCard, citizenPhone, citizenAddress, citizenName, citizenCard)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		platform.ServeHTTP(answer, r)
		for key, values := range answer.Header() {
			if key != "Content-Length" {
				w.Header()[key] = values
			}
		}
		w.WriteHeader(answer.Code)
		_, _ = io.WriteString(w, strings.ReplaceAll(answer.Body.String(), `"MaHoSo":`, person))
	})
}

// Whatever sources send of citizens stands in no file, page, log or table.
func TestNothingOfACitizenIsKeptOrShown(t *testing.T) {
	t.Parallel()
	w, err := world.Generate(world.Options{Seed: 5, Dossiers: 900, PersonData: true, Rejected: true, NotCovered: []string{"KT", "NV", "YT"}})
	if err != nil {
		t.Fatal(err)
	}
	note := strings.Join([]string{citizenName, "CCCD " + citizenCard, "ĐT " + citizenPhone, citizenAddress}, "; ")
	for i := range w.Platform {
		w.Platform[i].Note = note
	}
	for _, o := range w.Offices {
		for i := range o.Records {
			o.Records[i].Note = note
		}
	}
	platform, err := w.Serve(world.PlatformOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(nosy(platform))
	t.Cleanup(server.Close)
	w.PlatformURL = server.URL
	dir := t.TempDir()
	if err := w.Write(dir); err != nil {
		t.Fatal(err)
	}
	settle(t, dir)
	sends(t, dir)

	ctx, at := context.Background(), asOf(t, w.Truth)
	log := &logText{}
	logger := logrus.New()
	logger.SetOutput(log)
	logger.SetLevel(logrus.TraceLevel)
	file := filepath.Join(dir, "doisoat.yaml")
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(text, "web: {listen: \"127.0.0.1:0\"}\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	setup, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(ctx, setup, Options{Log: logger, Migrate: true, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	result, err := a.Reconcile(ctx, at, false)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, result)
	nobody := func(where string, text []byte) {
		t.Helper()
		for _, word := range citizen {
			if bytes.Contains(text, []byte(word)) {
				t.Errorf("%s holds %q", where, word)
			}
		}
	}
	looked := 0
	packed := func(name string, text []byte) {
		t.Helper()
		looked++
		nobody(name, inside(t, name, text))
	}
	var codes []string
	for _, department := range a.Config.Departments {
		told, err := a.Told(ctx, TellOptions{Department: department.Code, AsOf: at, At: result.Rules.AsOf, By: "an"})
		if err != nil {
			t.Fatal(err)
		}
		packed(told.List.Name, content(t, told.List))
		if told.Letter != nil {
			packed(told.Letter.Name, content(t, told.Letter))
			packed(told.PDF.Name, content(t, told.PDF))
		}
		forms, err := a.Apology(ctx, department.Code, at)
		if err != nil {
			t.Fatal(err)
		}
		if forms != nil {
			packed(forms.Name, content(t, forms))
		}
		l, err := a.Store.LastLetter(ctx, department.Code)
		if err != nil {
			t.Fatal(err)
		}
		if l != nil {
			unpacked, err := gzip.NewReader(bytes.NewReader(l.Document))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(unpacked)
			if err != nil {
				t.Fatal(err)
			}
			nobody("the letter as it is kept", text)
			codes = append(codes, l.Items[0].Code)
		}
	}
	if len(codes) < 3 || looked < 12 {
		t.Fatalf("only %d letters and %d files", len(codes), looked)
	}
	period := ReportOptions{From: at.AddDate(0, -3, 0), To: at, AsOf: at, Differing: true}
	report, err := a.Report(ctx, period)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"docx", "xlsx", "pdf"} {
		var b bytes.Buffer
		if err := a.WriteReport(&b, report, format); err != nil {
			t.Fatal(err)
		}
		packed("report."+format, b.Bytes())
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	// The pages and the API over the same store.
	d, err := NewDaemon(ctx, setup, DaemonOptions{
		ConfigFile: file, Migrate: true, Version: "test", Log: logger, TempDir: t.TempDir(), AsOf: func() time.Time { return at }, patience: usual,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.draw(ctx); err != nil {
		t.Fatal(err)
	}
	r := &rig{Daemon: d, dir: dir, log: log}
	t.Run("pages", func(t *testing.T) {
		r.serves(t)
		from, to := at.AddDate(0, -3, 0).Format("2006-01-02"), at.Format("2006-01-02")
		paths := []string{
			"/", "/discrepancies", "/discrepancies?all=true", "/sources", "/letters", "/deliveries", "/report?from=" + from + "&to=" + to,
			"/api/v1/discrepancies?all=true&limit=1000", "/api/v1/status", "/api/v1/sources", "/api/v1/report?from=" + from + "&to=" + to, "/api/v1/letters", "/metrics",
		}
		for _, code := range codes {
			paths = append(paths, "/dossiers/"+url.PathEscape(code), "/api/v1/dossiers/"+url.PathEscape(code))
		}
		for _, src := range setup.Config.Offices {
			paths = append(paths, "/sources/"+src.Name, "/api/v1/sources/"+src.Name+"/rejected")
		}
		paths = append(paths, "/sources/"+setup.Config.Platform.Name, "/api/v1/sources/"+setup.Config.Platform.Name+"/rejected")
		for _, path := range paths {
			status, text := r.get(t, path)
			if status != http.StatusOK {
				t.Errorf("GET %s: %d\n%.300s", path, status, text)
			}
			nobody("GET "+path, []byte(text))
		}
		rejected := 0
		for _, src := range setup.Config.Offices {
			rows, err := backend{d}.Rejected(ctx, src.Name, 10)
			if err != nil {
				t.Fatal(err)
			}
			rejected += len(rows)
		}
		if rejected == 0 {
			t.Error("no office has a rejected row to look at")
		}
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	nobody("the log", []byte(log.String()))
	stored, err := filepath.Glob(filepath.Join(dir, "doisoat.db*"))
	if err != nil || len(stored) == 0 {
		t.Fatal(stored, err)
	}
	for _, path := range stored {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		nobody(filepath.Base(path), text)
	}
	valuesHoldNobody(t, dir, nobody)
}

// valuesHoldNobody reads what is kept of rows, which is packed in the file.
func valuesHoldNobody(t *testing.T, dir string, nobody func(string, []byte)) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "doisoat.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	reader, err := s.NewReader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	dossiers, err := reader.ReadRange(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, d := range dossiers {
		for _, row := range d.Rows {
			rows++
			nobody("a row of "+row.Source, []byte(strings.Join(row.Values, "|")))
		}
	}
	if rows < 700 {
		t.Errorf("only %d rows are kept", rows)
	}
}

// sends makes sure that the sources do send the citizen: else nothing is tested.
func sends(t *testing.T, dir string) {
	t.Helper()
	found := 0
	err := filepath.WalkDir(filepath.Join(dir, "offices"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && bytes.Contains(inside(t, path, text), []byte(citizenCard)) {
			found++
		}
		return err
	})
	if err != nil || found < 4 {
		t.Fatalf("%d files of offices hold the citizen, %v", found, err)
	}
}

// inside is a file with all that is packed in it.
func inside(t *testing.T, name string, text []byte) []byte {
	t.Helper()
	switch filepath.Ext(name) {
	case ".xlsx", ".docx":
		file, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var all bytes.Buffer
		for _, part := range file.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(&all, r); err != nil {
				t.Fatal(err)
			}
			r.Close()
		}
		return all.Bytes()
	case ".pdf":
		words := exec.CommandContext(t.Context(), "pdftotext", "-", "-")
		words.Stdin = bytes.NewReader(text)
		said, err := words.Output()
		if err != nil {
			t.Logf("%s is not looked into: %v", name, err) // .ci/need installs it
			return text
		}
		return append(said, text...)
	}
	return text
}
