package world

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Department is one of the town's departments.
type Department struct {
	Code, Name string
	Weight     int // its share of the dossiers
}

// TownDepartments are the ten of the report, weighted by its dossiers.
func TownDepartments() []Department {
	return []Department{
		{"KT", "Phòng Kinh tế", 1},
		{"TNMT", "Phòng Tài nguyên - môi trường", 72},
		{"QLDT", "Phòng Quản lý đô thị", 214},
		{"TP", "Phòng Tư pháp", 71},
		{"NV", "Phòng Nội vụ", 3},
		{"LDTBXH", "Phòng Lao động, thương binh, xã hội", 117},
		{"TCKH", "Phòng Tài chính kế hoạch", 94},
		{"YT", "Phòng Y tế", 1},
		{"GDDT", "Phòng Giáo dục đào tạo", 16},
		{"VPDKDD", "Chi nhánh văn phòng đăng ký đất đai", 1318},
	}
}

// Options describe a world to be made. The zero value is the quarter of the
// report with other dossiers: 2,000 of them, at as_of 2018-07-02 08:00.
type Options struct {
	Seed        uint64
	Dossiers    int       // 2,000 if zero
	From, To    time.Time // first and last day of reception; the second quarter of 2018
	AsOf        time.Time // a whole minute; 2018-07-02 08:00
	Departments []Department
	// OfficesAs is a Form for every office, or "mixed" ("" too): land registers
	// as databases, some tracking books, and exports in several encodings.
	OfficesAs string
	Style     Style     // of the configuration that is written; PageStyle
	Calendar  *Calendar // that of 2018 if nil; must agree with the one doisoat is given
	Mismatch  float64   // share of dossiers with something wrong; 0.12 if zero, none if negative

	NotCovered  []string // departments whose office is not connected
	Rejected    bool     // plant office rows that cannot be read: bad dates, no code
	PersonData  bool     // fill columns that no mapping reads with invented applicants
	PlatformURL string   // http://127.0.0.1:18080 if empty
}

// World is a town with its platform, its offices, and the truth about them.
type World struct {
	Platform    []Record
	Offices     []Office
	Departments []Department
	Truth       Truth
	Planted     map[string]int // how many dossiers each planting made, by its name
	Style       Style
	PlatformURL string
	Store       string // the store: value; sqlite:doisoat.db
}

// Office is one department's source.
type Office struct {
	Name       string // as the configuration names it, and its file
	Department string
	Format     OfficeFormat
	Records    []Record
}

// File is the office's path within the world's folder.
func (o Office) File() string { return "offices/" + o.Name + o.Format.Form.Extension() }

// withDefaults fills in what is left out.
func (o Options) withDefaults() Options {
	day := func(m time.Month, d, hour int) time.Time { return time.Date(2018, m, d, hour, 0, 0, 0, vietnam) }
	o.Dossiers = cmp.Or(o.Dossiers, 2000)
	if o.From.IsZero() {
		o.From = day(4, 1, 0)
	}
	if o.To.IsZero() {
		o.To = day(6, 30, 0)
	}
	if o.AsOf.IsZero() {
		o.AsOf = day(7, 2, 8)
	}
	o.AsOf = o.AsOf.Truncate(time.Minute).In(vietnam)
	if len(o.Departments) == 0 {
		o.Departments = TownDepartments()
	}
	if o.Calendar == nil {
		c := Calendar2018()
		o.Calendar = &c
	}
	o.Mismatch = cmp.Or(o.Mismatch, 0.12)
	o.Style = cmp.Or(o.Style, PageStyle)
	o.OfficesAs = cmp.Or(o.OfficesAs, "mixed")
	o.PlatformURL = cmp.Or(o.PlatformURL, "http://127.0.0.1:18080")
	return o
}

// Generate makes a world. The same options make the same world. Its truth is
// known twice: from what was planted, and from the oracle; Generate fails where
// the two differ.
func Generate(o Options) (*World, error) {
	o = o.withDefaults()
	g := &maker{
		Options: o, random: rand.New(rand.NewPCG(o.Seed, 0x5eed)), calendar: *o.Calendar,
		books: map[string][]Record{}, covered: map[string]bool{}, planted: map[string]int{}, daily: map[string]int{},
		expected: map[string][]string{},
	}
	// Whatever is not planted has been at rest for three working days, far
	// beyond any grace.
	g.rest = g.calendar.before(o.AsOf, 24*time.Hour)
	for _, d := range o.Departments {
		g.weights = append(g.weights, max(d.Weight, 1))
		if !slices.Contains(o.NotCovered, d.Code) {
			g.covered[d.Code] = true
			g.coveredList = append(g.coveredList, d.Code)
		}
	}
	if err := g.check(); err != nil {
		return nil, fmt.Errorf("generating a world: %w", err)
	}
	g.make()
	w := &World{
		Platform: g.platform, Departments: o.Departments, Planted: g.planted,
		Style: o.Style, PlatformURL: o.PlatformURL, Store: "sqlite:doisoat.db",
	}
	var offices []OfficeRecords
	q := Question{AsOf: o.AsOf, From: o.From, To: o.To, Calendar: g.calendar}
	for i, d := range o.Departments {
		q.Departments = append(q.Departments, d.Code)
		if !g.covered[d.Code] {
			continue
		}
		records := g.books[d.Code]
		g.random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		offices = append(offices, OfficeRecords{d.Code, records})
		w.Offices = append(w.Offices, Office{
			Name: strings.ToLower(d.Code), Department: d.Code, Format: formatFor(o.OfficesAs, i, d), Records: records,
		})
	}
	w.Truth = Decide(q, w.Platform, offices)
	if err := g.confirm(w.Truth); err != nil {
		return nil, fmt.Errorf("generating a world, seed %d: %w", o.Seed, err)
	}
	return w, nil
}

func (o Options) check() error {
	switch {
	case !slices.Contains(Styles, o.Style):
		return fmt.Errorf("style %q is none of %q", o.Style, Styles)
	case o.OfficesAs != "mixed" && !slices.Contains(Forms, Form(o.OfficesAs)):
		return fmt.Errorf("offices as %q: want mixed or one of %q", o.OfficesAs, Forms)
	case !o.From.Before(o.AsOf) || o.To.Before(o.From):
		return fmt.Errorf("the period %s to %s has to begin before as_of %s", o.From.Format(time.DateOnly), o.To.Format(time.DateOnly), o.AsOf.Format(time.RFC3339))
	case o.Calendar.between(o.From, o.AsOf) < 60*time.Hour:
		return fmt.Errorf("as_of lies less than 60 working hours after the period's begin; there would be no room for what is at rest")
	}
	return nil
}

// formatFor chooses how the i-th department keeps its records.
func formatFor(as string, i int, d Department) OfficeFormat {
	if as != "mixed" {
		return OfficeFormat{Form: Form(as), Title: d.Name}
	}
	switch {
	case strings.Contains(d.Name, "đất đai") || i%4 == 1:
		return OfficeFormat{Form: Database}
	case i%4 == 2:
		return OfficeFormat{Form: Book, Title: d.Name}
	}
	exports := []OfficeFormat{
		{Delimiter: ';', Encoding: UTF8BOM}, {Delimiter: ',', Encoding: UTF8}, {Delimiter: '\t', Encoding: UTF16LE},
		{Delimiter: ';', Encoding: Windows1258}, {Delimiter: ',', Encoding: UTF16BE},
	}
	f := exports[(i/2)%len(exports)]
	f.Form = Export
	return f
}

// confirm compares what was planted with what the oracle found.
func (g *maker) confirm(t Truth) error {
	found := map[string][]string{}
	for _, f := range t.Open {
		found[f.Code] = append(found[f.Code], f.Kind)
	}
	for _, f := range t.Suspected {
		found[f.Code] = append(found[f.Code], f.Kind+" (suspected)")
	}
	for code := range maps.Keys(g.expected) {
		slices.Sort(g.expected[code])
		slices.Sort(found[code])
		if !slices.Equal(g.expected[code], found[code]) {
			return fmt.Errorf("dossier %s: planted %q, but the oracle finds %q", code, g.expected[code], found[code])
		}
		delete(found, code)
	}
	for code, kinds := range found {
		return fmt.Errorf("dossier %s: nothing planted, but the oracle finds %q", code, kinds)
	}
	return nil
}
