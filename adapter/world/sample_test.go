package world

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the platform serves of the sample is the sample's own bytes.
func TestSamplePlatformComesBackByteForByte(t *testing.T) {
	raw, err := fs.ReadFile(Sample(), "platform.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	records, err := SamplePlatform()
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	if len(records) != len(lines) || len(records) != 1907 {
		t.Fatalf("%d records, %d lines, want 1907", len(records), len(lines))
	}
	for i, r := range records {
		got, err := EncodeNational(r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(lines[i]), string(got)); diff != "" {
			t.Fatalf("line %d (-sample +encoded):\n%s", i+1, diff)
		}
	}
}

func TestExtractWritesARunnableFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if err := Extract(dir, ExtractOptions{PlatformURL: "http://127.0.0.1:9", Store: "sqlite:other.db"}); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(dir, "doisoat.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"    url: http://127.0.0.1:9\n", "store: sqlite:other.db\n", `url: "offices/tnmt.db"`} {
		if !strings.Contains(string(config), want) {
			t.Errorf("doisoat.yaml lacks %q", want)
		}
	}
	secret, err := os.Stat(filepath.Join(dir, "secrets/platform"))
	if err != nil {
		t.Fatal(err)
	}
	if secret.Mode().Perm() != 0o600 {
		t.Errorf("secret has mode %v, want 0600", secret.Mode().Perm())
	}
	for _, name := range []string{"truth.json", "platform.jsonl"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s was extracted although it is not doisoat's to read (%v)", name, err)
		}
	}
	for _, file := range sampleOffices {
		want, err := fs.ReadFile(Sample(), "offices/"+file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "offices", file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s differs from the embedded one", file)
		}
	}
}

func TestExtractLeavesTheConfigurationAsItIs(t *testing.T) {
	dir := t.TempDir()
	if err := Extract(dir, ExtractOptions{}); err != nil {
		t.Fatal(err)
	}
	want, _ := fs.ReadFile(Sample(), "doisoat.yaml")
	got, err := os.ReadFile(filepath.Join(dir, "doisoat.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestExtractSaysWhereItFailed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Extract(filepath.Join(file, "below"), ExtractOptions{}); err == nil || !strings.Contains(err.Error(), "below") {
		t.Errorf("error %v, want one that names the folder", err)
	}
}

func TestLoadPlatformNamesTheLine(t *testing.T) {
	dir := t.TempDir()
	text := `{"MaHoSo":"A"}` + "\n\n" + `{"MaHoSo":"B","NgayHenTra":"tomorrow"}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "p.jsonl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := LoadPlatform(os.DirFS(dir), "p.jsonl")
	if err == nil || !strings.HasPrefix(err.Error(), "p.jsonl:3: ") {
		t.Errorf("error %v, want it to start with p.jsonl:3", err)
	}
}

func TestTruthSavesAndLoads(t *testing.T) {
	want, err := LoadTruth(Sample(), "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := want.Save(filepath.Join(dir, "truth.json")); err != nil {
		t.Fatal(err)
	}
	got, err := LoadTruth(os.DirFS(dir), "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := LoadTruth(os.DirFS(dir), "none.json"); err == nil {
		t.Error("a truth that is not there was loaded")
	}
}

func FuzzNationalRecord(f *testing.F) {
	f.Add(`{"MaHoSo":"000.00.16.H57-180402-0018","TrangThaiHoSo":"10","NgayTiepNhan":"20180402070900","MaTTHC":"1.004221.000.00.00.H57"}`)
	f.Add(`{"MaHoSo":"x","TrangThaiHoSo":"17","NgayTiepNhan":"never","MaHoSoKhac":"a,b","NgayHenTra":"20180402"}`)
	f.Add(`{"TrangThaiHoSo":"0"}`)
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := DecodeNational([]byte(raw))
		if err != nil {
			return
		}
		once, err := EncodeNational(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeNational(once)
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v\n%s", err, once)
		}
		twice, err := EncodeNational(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("encoded twice (%v):\n%s\n%s", err, once, twice)
		}
	})
}
