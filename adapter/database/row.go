package database

import (
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// hashColumns folds the names into the seed: a result with other columns, or in
// another order, makes every row new.
func hashColumns(seed uint64, columns []string) uint64 {
	d := xxhash.NewWithSeed(seed)
	var length [8]byte
	for _, name := range columns {
		binary.LittleEndian.PutUint64(length[:], uint64(len(name)))
		_, _ = d.Write(length[:]) // never fails
		_, _ = d.WriteString(name)
	}
	return d.Sum64()
}

func (r *reading) fingerprint() uint64 {
	r.hashed = r.hashed[:0]
	for i := range r.cells {
		r.hashed = r.cells[i].appendHashed(r.hashed)
	}
	r.digest.ResetWithSeed(r.start)
	_, _ = r.digest.Write(r.hashed) // never fails
	return r.digest.Sum64()
}

// hand gives the row to the sink.
func (r *reading) hand() error {
	fingerprint := r.fingerprint()
	if r.sink.Seen(fingerprint) {
		return nil
	}
	position := reconcile.Position{Place: "query", Row: r.row}
	r.text = r.text[:0]
	for i, column := range r.wanted {
		c := &r.cells[column]
		if !c.readable() {
			return r.sink.Reject(reconcile.Rejected{
				Position: position,
				Cause:    "encoding",
				Reason: fmt.Sprintf("column %s holds bytes that are no UTF-8 text: let `query` convert it to text, or set the connection's encoding",
					r.columns[column]),
			})
		}
		r.text = c.appendText(r.text)
		r.ends[i] = len(r.text)
	}
	// One allocation for the row instead of one for each value.
	all, begin := string(r.text), 0
	for i, end := range r.ends {
		r.values[i] = all[begin:end]
		begin = end
	}
	return r.sink.Row(reconcile.Row{Fingerprint: fingerprint, Position: position, Values: r.values})
}
