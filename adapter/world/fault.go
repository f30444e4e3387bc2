package world

import (
	"slices"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The faults. Those of the first group answer instead of the reply, those of the
// second change what it says, those of the third what is sent of it.
const (
	Refuse     FaultKind = "refuse"      // Status (503 if zero), with Retry-After where RetryAfter is set
	Drop       FaultKind = "drop"        // the connection is reset without an answer
	Slow       FaultKind = "slow"        // the reply comes after Delay
	TokenDies  FaultKind = "token_dies"  // the call's token or session is dead from now on; Target is not needed
	HTMLPage   FaultKind = "html"        // status 200 and an error page
	Empty      FaultKind = "empty"       // no rows, total 0
	Third      FaultKind = "third"       // the platform shows its first third only, and counts only that
	Repeat     FaultKind = "repeat"      // the page before comes again
	WrongTotal FaultKind = "wrong_total" // the declared total is off by Delta
	DropInBody FaultKind = "drop_body"   // the connection is reset in the middle of the body
	ShortBody  FaultKind = "short_body"  // Content-Length says more than is sent; a clean close
	CutJSON    FaultKind = "cut_json"    // half the JSON, with the right Content-Length
	Huge       FaultKind = "huge"        // the reply is padded to more than Bytes (64 MiB if zero)
)

// FaultKinds lists them.
var FaultKinds = []FaultKind{
	Refuse, Drop, Slow, TokenDies, HTMLPage, Empty, Third, Repeat, WrongTotal, DropInBody, ShortBody, CutJSON, Huge,
}

// Target is the request a fault waits for.
type Target string

// The targets.
const (
	List  Target = "list" // a page of the list
	One   Target = "one"  // a single dossier
	Login Target = "login"
	Call  Target = "call" // any request that carries a token; for TokenDies only
)

// Fault orders something to go wrong. Its conditions add up; the zero Fault of
// a kind strikes at every page, for ever.
type Fault struct {
	Kind   FaultKind
	Target Target  // List if empty
	Pages  []int   // only these pages, 1-based (a range from start to end is page start/size + 1)
	Times  int     // strike so often and no more, for each of Pages, or in all where there are none; 0: for ever
	Every  int     // strike only at every n-th request that meets the conditions above
	Chance float64 // strike with this probability, drawn from the seed, the page and the attempt; 0: always

	Status            int
	RetryAfter        time.Duration // full seconds
	RetryAfterAsADate bool          // write Retry-After as an HTTP date
	Delay             time.Duration
	Delta             int
	Bytes             int64
}

// armed is a fault and how often it was met.
type armed struct {
	Fault
	met, struck map[int]int // by page; 0 where the fault names none
}

// SetFaults replaces all faults and starts their counts anew; without
// arguments, nothing goes wrong any more.
func (p *Platform) SetFaults(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
	for _, f := range faults {
		if f.Kind == TokenDies {
			f.Target = Call
		}
		if f.Target == "" {
			f.Target = List
		}
		p.faults = append(p.faults, &armed{Fault: f, met: map[int]int{}, struck: map[int]int{}})
	}
}

// strike tells which faults strike at this request. The caller holds p.mu.
func (p *Platform) strike(target Target, page int) []Fault {
	var list []Fault
	for i, f := range p.faults {
		if f.Target != target || len(f.Pages) > 0 && !slices.Contains(f.Pages, page) {
			continue
		}
		// Counting by page keeps the outcome the same when pages are asked for
		// concurrently; what names no page, and leaves nothing to chance, is
		// counted in all.
		key := 0
		if len(f.Pages) > 0 || f.Chance > 0 {
			key = page
		}
		f.met[key]++
		if f.Every > 1 && f.met[key]%f.Every != 0 {
			continue
		}
		if f.Chance > 0 && chance(p.options.Seed, i, page, f.met[key]) >= f.Chance {
			continue
		}
		if f.Times > 0 && f.struck[key] >= f.Times {
			continue
		}
		f.struck[key]++
		p.stats.Struck[f.Kind]++
		list = append(list, f.Fault)
	}
	return list
}

// chance draws a number in [0,1) from what identifies an attempt (splitmix64).
func chance(seed uint64, fault, page, attempt int) float64 {
	x := seed
	for _, part := range []int{fault, page, attempt} {
		x += 0x9e3779b97f4a7c15 * uint64(part+1)
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return float64(x>>11) / (1 << 53)
}
