package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/s2"
)

var sampleRows = []Row{
	{Code: "A", Fingerprint: 1, Values: []string{"A", "đang xử lý", ""}, SeenFrom: 1530493200000},
	{Code: "B", Fingerprint: 2, Values: []string{" b ", "x"}, Aliases: []string{"B-1", ""}, SeenFrom: 1},
	{Code: "C", Unreadable: true, SeenFrom: -5},
	{Code: "", Values: []string{""}},
	{Code: "D", Values: []string{"D"}, SeenFrom: 7, seenUntil: 9},
}

func keyed(rows []Row) []Row {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].key = KeyOf(rows[i].Code)
	}
	return rows
}

var equalRows = []cmp.Option{cmp.AllowUnexported(Row{}), cmpopts.EquateEmpty()}

func TestBlocksGiveBackWhatWasPacked(t *testing.T) {
	for n := range len(sampleRows) + 1 {
		want := keyed(sampleRows[:n])
		data, _ := packBlock(42, want, nil)
		layout, got, err := unpackBlock(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := unpackFingerprints(packFingerprints(want), got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, equalRows...); diff != "" || layout != 42 {
			t.Errorf("%d rows, layout %d (-want +got):\n%s", n, layout, diff)
		}
	}
}

// A block that claims more than it holds must cost neither memory nor a panic.
func TestBlocksThatClaimTooMuch(t *testing.T) {
	many := binary.AppendUvarint(nil, 1)
	rows := binary.AppendUvarint(slices.Clone(many), 1<<60)
	values := append(binary.AppendUvarint(slices.Clone(many), 200000), 0, 0, 0)
	values = append(binary.AppendUvarint(values, 300000), make([]byte, 900000)...)
	long := binary.AppendUvarint(append(binary.AppendUvarint(slices.Clone(many), 1), 0, 0), 1<<62)
	tests := map[string][]byte{
		"nothing": nil, "no rows given": s2.Encode(nil, many), "rows": s2.Encode(nil, rows), "values": s2.Encode(nil, values), "a long code": s2.Encode(nil, long),
		"a length of its own": binary.AppendUvarint(nil, 1<<32-1), "code is first, without values": s2.Encode(nil, []byte{1, 1, flagCodeIsFirst, 0, 0, 0}),
		"something behind it": s2.Encode(nil, []byte{1, 0, 0}),
	}
	for name, data := range tests {
		if _, rows, err := unpackBlock(data); !errors.Is(err, errBlock) {
			t.Errorf("%s: %d rows, error %v", name, len(rows), err)
		}
	}
	if err := unpackFingerprints(make([]byte, 17), make([]Row, 2)); !errors.Is(err, errBlock) {
		t.Errorf("fingerprints: error %v", err)
	}
}

func FuzzUnpackBlock(f *testing.F) {
	for n := range len(sampleRows) + 1 {
		_, raw := packBlock(3, sampleRows[:n], nil)
		f.Add(raw, true)
		f.Add(s2.Encode(nil, raw), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, raw bool) {
		if raw {
			data = s2.Encode(nil, data)
		} else if n, err := s2.DecodedLen(data); err == nil && n > 1<<24 {
			t.Skip("memory for it is bounded elsewhere")
		}
		layout, rows, err := unpackBlock(data)
		if err != nil {
			return
		}
		again, _ := packBlock(layout, rows, nil)
		layout2, rows2, err := unpackBlock(again)
		if err != nil || layout2 != layout {
			t.Fatalf("layout %d, error %v", layout2, err)
		}
		if diff := cmp.Diff(rows, rows2, equalRows...); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzDecodeSpilled(f *testing.F) {
	s := newSpill(f.TempDir())
	for _, r := range keyed(sampleRows) {
		if err := s.add(&r); err != nil {
			f.Fatal(err)
		}
	}
	for part := range spillParts {
		data, err := s.bytes(part)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := decodeSpilled(data, nil)
		if err != nil {
			return
		}
		var again []byte
		for i := range rows {
			again = appendSpilled(again, &rows[i])
		}
		rows2, err := decodeSpilled(again, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, rows2, equalRows...); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzUnpackOutcomes(f *testing.F) {
	var list []Classified
	for i := range 20 {
		list = append(list, Classified{Key: Key(i * i * 1000003), Class: Class{Department: fmt.Sprint("Đ", i%3), Compared: i%2 == 0, NotCovered: i%5 == 0}})
	}
	for _, n := range []int{0, 1, 20} {
		raw, err := s2.Decode(nil, packOutcomes(list[:n]))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{1, 0, 9})
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := unpackOutcomes(s2.Encode(nil, raw))
		if err != nil {
			if !errors.Is(err, errBlock) {
				t.Errorf("error %v", err)
			}
			return
		}
		again, err := unpackOutcomes(packOutcomes(got))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, again, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestClassesCutShort(t *testing.T) {
	raw, err := s2.Decode(nil, packOutcomes([]Classified{{Key: 5, Class: Class{Department: "TP"}}, {Key: 9, Class: Class{Department: "NV"}}}))
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		got, err := unpackOutcomes(s2.Encode(nil, raw[:n]))
		if err == nil && n != len(raw)-2 && n != len(raw)-4 { // whole dossiers shorter is a block, too
			t.Errorf("the first %d bytes are %v", n, got)
		}
	}
}

func TestKeysAndBuckets(t *testing.T) {
	for rows, want := range map[int]uint{0: 0, 64: 0, 128: 1, 130: 2, 100000: 11, 1 << 40: maxBits} {
		if got := bitsFor(rows); got != want {
			t.Errorf("%d rows: %d bits, not %d", rows, got, want)
		}
	}
	for _, code := range []string{"", "A", "000.00.16.H57-180702-0001"} {
		k := KeyOf(code)
		if k < 0 {
			t.Errorf("%q has the key %d", code, k)
		}
		for bits := uint(0); bits <= maxBits; bits++ {
			if b := bucketOf(k, bits); b < 0 || b >= 1<<bits || bucketOfBlock(blockID(7, b)) != b {
				t.Errorf("%q is in bucket %d of %d", code, b, 1<<bits)
			}
		}
	}
}

func FuzzUnpackLoose(f *testing.F) {
	rows := keyed(sampleRows[:1])
	for _, l := range []looseRows{
		{key: rows[0].key, layout: 3, rows: rows},
		{key: rows[0].key, layout: 300, hides: []int{5, 300}, rows: append(rows, rows...)},
	} {
		f.Add(packLoose(&l))
	}
	f.Add([]byte{1, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := unpackLoose(rows[0].key, data)
		if err != nil {
			if !errors.Is(err, errBlock) {
				t.Errorf("error %v", err)
			}
			return
		}
		again, err := unpackLoose(l.key, packLoose(&l))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(l, again, append(equalRows, cmp.AllowUnexported(looseRows{}))...); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzUnpackClasses(f *testing.F) {
	f.Add([]byte{})
	f.Add(packClasses([]Class{{Department: "Đất đai", Compared: true, Holders: "\x01\x02"}, {NotCovered: true}}))
	f.Add([]byte{1, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := unpackClasses(data)
		if err != nil {
			if !errors.Is(err, errBlock) {
				t.Errorf("error %v", err)
			}
			return
		}
		again, err := unpackClasses(packClasses(list))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, again); diff != "" {
			t.Error(diff)
		}
	})
}

// What a loose row stands in place of must be there, and no more.
func TestLooseRowsInPlace(t *testing.T) {
	row := func(key Key, print uint64) Row { return Row{key: key, Fingerprint: print} }
	block := []Row{row(2, 20), row(4, 40), row(4, 41), row(6, 60)}
	tests := []struct {
		name    string
		loose   []looseRows
		prints  []uint64
		places  []int
		hidden  int
		damaged bool
	}{
		{"none", nil, []uint64{20, 40, 41, 60}, []int{0, 1, 2, 3}, 0, false},
		{"new ones around", []looseRows{{key: 1, rows: []Row{row(1, 10)}}, {key: 7, rows: []Row{row(7, 70), row(7, 71)}}},
			[]uint64{10, 20, 40, 41, 60, 70, 71}, []int{-1, 0, 1, 2, 3, -2, -3}, 0, false},
		{"in place of two", []looseRows{{key: 4, hides: []int{1, 2}, rows: []Row{row(4, 42)}}}, []uint64{20, 42, 60}, []int{0, -1, 3}, 2, false},
		{"one too few", []looseRows{{key: 4, hides: []int{1}, rows: []Row{row(4, 42)}}}, nil, nil, 0, true},
		{"at another place", []looseRows{{key: 4, hides: []int{2, 3}, rows: []Row{row(4, 42)}}}, nil, nil, 0, true},
		{"where nothing is", []looseRows{{key: 5, hides: []int{3}, rows: []Row{row(5, 51)}}}, nil, nil, 0, true},
	}
	for _, test := range tests {
		rows, places, hidden, err := inPlace(block, test.loose)
		if errors.Is(err, errBlock) != test.damaged {
			t.Errorf("%s: error %v", test.name, err)
		}
		var prints []uint64
		for _, r := range rows {
			prints = append(prints, r.Fingerprint)
		}
		if diff := cmp.Diff([]any{test.prints, test.places, test.hidden}, []any{prints, places, hidden}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
