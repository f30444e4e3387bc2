package app

import (
	"context"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// Listed is a discrepancy with the two records that stand against each other
// now; nil where a side holds none.
type Listed struct {
	reconcile.Discrepancy
	Platform, Office *reconcile.Record
}

// listChunk is how many discrepancies are joined with their records at a time.
const listChunk = 1000

// EachListed gives the discrepancies that the filter chooses with their records,
// in the order of Store.EachDiscrepancy. What it hands over is valid until do
// returns. Memory does not grow with the list.
func (a *App) EachListed(ctx context.Context, rules *reconcile.Rules, filter store.Filter, do func(*Listed) error) error {
	known, err := a.recall(ctx)
	if err != nil {
		return err
	}
	return a.eachListed(ctx, known, rules, filter, do)
}

// eachListed is EachListed where it is known how the store stands.
func (a *App) eachListed(ctx context.Context, known *recalled, rules *reconcile.Rules, filter store.Filter, do func(*Listed) error) error {
	l := &lister{app: a, reader: known.reader, aliases: known.aliases, translator: a.translator(&rules.Coverage, known.reader.Layouts)}
	chunk := make([]reconcile.Discrepancy, 0, listChunk)
	flush := func() error {
		err := l.list(ctx, chunk, do)
		chunk = chunk[:0]
		return err
	}
	err := a.Store.EachDiscrepancy(ctx, filter, func(d reconcile.Discrepancy) error {
		if chunk = append(chunk, d); len(chunk) < listChunk {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

type lister struct {
	app        *App
	reader     *store.Reader
	aliases    aliases
	translator *translator
}

func (l *lister) list(ctx context.Context, chunk []reconcile.Discrepancy, do func(*Listed) error) error {
	keys := make([]store.Key, len(chunk))
	for i := range chunk {
		keys[i] = store.KeyOf(chunk[i].Code)
	}
	dossiers, err := l.reader.ReadRows(ctx, l.aliases.expand(keys), l.aliases.joins)
	if err != nil {
		return err
	}
	byCode := make(map[string]*store.Dossier, len(dossiers))
	byGroup := map[int][]*store.Dossier{}
	for i := range dossiers {
		d := &dossiers[i]
		byCode[d.Code] = d
		if n, joined := l.aliases.of[d.Key]; joined {
			byGroup[n] = append(byGroup[n], d)
		}
	}
	for i := range chunk {
		item := Listed{Discrepancy: chunk[i]}
		var stored []*store.Dossier
		if n, joined := l.aliases.of[store.KeyOf(item.Code)]; joined {
			stored = byGroup[n]
		} else if d := byCode[item.Code]; d != nil {
			stored = []*store.Dossier{d}
		}
		if len(stored) > 0 {
			pair := reconcile.Match(l.translator.dossierOf(stored...))
			item.Platform, item.Office = pair.Platform, pair.Office
		}
		if err := do(&item); err != nil {
			return err
		}
	}
	return nil
}
