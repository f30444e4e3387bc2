// Package officetest has LibreOffice read documents for the tests of those that write
// them. Nothing but tests imports it.
package officetest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Tool finds a program that the tests need; without it they fail under CI.
func Tool(t *testing.T, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: install %s", name, install)
		}
		t.Skipf("%s is missing: install %s to run this test", name, install)
	}
	return path
}

// Printed has LibreOffice print documents to PDF, all at once, and gives the text of
// each. A PDF is only read.
func Printed(t *testing.T, files map[string][]byte) map[string]string {
	t.Helper()
	soffice, pdftotext := Tool(t, "soffice", "libreoffice-writer and libreoffice-calc"), Tool(t, "pdftotext", "poppler-utils")
	dir := t.TempDir()
	args := []string{"--headless", "-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--convert-to", "pdf", "--outdir", dir}
	fixed := len(args)
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) != ".pdf" {
			args = append(args, path)
		}
	}
	if len(args) > fixed { // without files it would stay and wait for some
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		if out, err := exec.CommandContext(ctx, soffice, args...).CombinedOutput(); err != nil {
			t.Fatalf("soffice: %v\n%s", err, out)
		}
	}
	texts := map[string]string{}
	for name := range files {
		path := filepath.Join(dir, strings.TrimSuffix(name, filepath.Ext(name))+".pdf")
		out, err := exec.CommandContext(t.Context(), pdftotext, path, "-").Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texts[name] = string(out)
	}
	return texts
}

// Words makes a text comparable: lines are broken wherever a page wants.
func Words(s string) string { return strings.Join(strings.Fields(s), " ") }
