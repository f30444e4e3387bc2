package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// A corrected mapping is run over what is stored: rows that came before are not
// parsed again, and must be understood by the new table all the same.
func TestCorrectedMappingIsAppliedToWhatIsStored(t *testing.T) {
	p := play(t, world.Options{Seed: 33}, world.PlatformOptions{}, "")
	file := filepath.Join(p.dir, "mappings", "platform.yaml")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lacking := strings.Replace(string(whole), `"4": processing, `, "", 1)
	if lacking == string(whole) {
		t.Fatalf("the mapping has no entry for status 4 to leave out:\n%s", whole)
	}
	if err := os.WriteFile(file, []byte(lacking), 0o644); err != nil {
		t.Fatal(err)
	}
	first := &played{App: openWorld(t, p.dir), world: p.world, platform: p.platform, dir: p.dir}
	accepted(t, first.run(t))
	dossier := p.agreeing(t, reconcile.Processing)
	if _, ok := first.of(t, dossier.Code)[reconcile.UnmappedStatus]; !ok {
		t.Fatal("a status that the mapping lacks is not on the list")
	}

	if err := os.WriteFile(file, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	second := &played{App: openWorld(t, p.dir), world: p.world, platform: p.platform, dir: p.dir}
	result := second.run(t)
	accepted(t, result)
	if !result.Run.Summary.Full {
		t.Error("another mapping must make every dossier be compared again")
	}
	isTrue(t, second.App, result.Rules, p.world.Truth)
	versions, err := second.dossierVersions(context.Background(), world.Canonical(dossier.Code))
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) != 0 {
		t.Errorf("%d versions: a corrected mapping is no change of the record", len(versions))
	}
}

func (p *played) dossierVersions(ctx context.Context, code string) ([]store.StoredVersion, error) {
	known, err := p.recall(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := p.dossiers(ctx, known, code)
	var versions []store.StoredVersion
	for _, d := range stored {
		versions = append(versions, d.Versions...)
	}
	return versions, err
}
