package reconcile

import (
	"context"
	"fmt"
	"time"
)

// Mode says what a poll set out to read.
type Mode string

// The modes of a poll.
const (
	Full        Mode = "full"        // every dossier; only a full poll can say that one is absent
	Incremental Mode = "incremental" // those changed since a moment; speaks only of what it saw
	Reread      Mode = "reread"      // chosen dossiers again; no later poll goes on from it
)

// Source reads one side's dossiers from a foreign system. Implementations only
// ever read. They hand rows over as they arrive and keep none of them.
type Source interface {
	// Poll reads the source once and hands each row to sink, one call at a time
	// (never concurrently). Whatever goes wrong with the source is no error: the
	// Poll then says EndReached false, with Cause and Reason. An error is one of
	// our own side: ctx ended, or the sink's error, which stops the poll and is
	// returned as it is.
	Poll(ctx context.Context, req PollRequest, sink Sink) (Poll, error)
}

// SingleSource is a Source that can also read a single dossier by its code.
type SingleSource interface {
	Source
	// One reads the rows the source holds under this code; none is not an error.
	One(ctx context.Context, code string, sink Sink) error
}

// BatchSource is a Source that can read chosen dossiers again.
type BatchSource interface {
	Source
	// HasOne reports whether the configuration says how to read a single dossier;
	// without it Reread must not be called.
	HasOne() bool
	// Reread reads each code once, within the source's own limits (concurrency,
	// rate, timeout). Rows go to sink, one call at a time; fingerprints are those
	// of Poll with the same seed where the source shows a row the same way. After
	// the rows of a code, answered is told so, never concurrently with sink: err
	// is nil where the source answered (no row being an answer), else what went
	// wrong with that code alone. Errors, and what the Poll says, are as in Poll:
	// EndReached tells that every code was answered.
	Reread(ctx context.Context, codes []string, seed uint64, sink Sink, answered func(code string, err error) error) (Poll, error)
}

// PollRequest says what to read.
type PollRequest struct {
	Mode  Mode
	Since time.Time // Incremental: inclusive lower bound; the adapter subtracts the configured overlap
	// Seed starts every row fingerprint. It is secret to the store, and changes
	// whenever the mapping asks for other fields, so that old rows are read anew.
	Seed uint64
	// Limit ends the poll after so many rows without calling it partial; 0 reads
	// all. For trying a connection out.
	Limit int
	// Progress, if not nil, is told now and then how far the poll is.
	Progress func(Progress)
}

// Progress is how far a poll has come. Total is 0 where the source does not say.
type Progress struct {
	Pages, Rows, TotalRows int
	Bytes, TotalBytes      int64
}

// Position says where in a source a row stands, for a person to find it.
type Position struct {
	Place string // "page 3", "offices/tp.xlsx, sheet Sổ theo dõi"
	Row   int    // 1-based number of the row or item within Place; 0 if it has none
}

func (p Position) String() string {
	if p.Row == 0 {
		return p.Place
	}
	if p.Place == "" {
		return fmt.Sprintf("row %d", p.Row)
	}
	return fmt.Sprintf("%s, row %d", p.Place, p.Row)
}

// Row is one row as the source holds it, reduced to the fields the mapping
// reads. Nothing else of the row leaves the adapter, so that no citizen's data
// can be stored or logged.
type Row struct {
	// Fingerprint hashes the whole row, unmapped fields included.
	Fingerprint uint64
	Position    Position
	// Values are the raw values of the inputs the adapter was given, in that
	// order, as text; "" where the source has none. Real dates of a database or
	// workbook are written by FormatRealDate. Several values of one input (a
	// JSON array of aliases) are separated by "\n". Valid only during the call.
	Values []string
}

// Rejected is a row that cannot be taken in. It is kept, counted and shown.
type Rejected struct {
	Position Position
	Cause    string // a short constant for counting: "code", "date", "row", "encoding"
	Reason   string // a sentence for a person: what is wrong and what would be right
	Code     string // canonical code where it could be read, else ""
}

// Sink takes what a Source reads.
type Sink interface {
	// Seen must be called once for every row read. It reports whether a row with
	// this fingerprint is already held from the last accepted snapshot; it then
	// counts as read and need not be parsed or handed to Row.
	Seen(fingerprint uint64) bool
	// Row takes a row for which Seen reported false.
	Row(Row) error
	// Reject takes a row the adapter itself could not read.
	Reject(Rejected) error
	// Skip counts a row that is no record and is not meant to be one: a total,
	// a blank or a repeated heading.
	Skip(reason string)
}

// Poll is what a source can say about how one reading of it went.
type Poll struct {
	Mode      Mode
	StartedAt time.Time // also the upper bound of what the poll can know
	EndedAt   time.Time
	// EndReached: the source's own end was seen and every page before it read.
	EndReached bool
	// Repeated names a page that came twice, "" if none did.
	Repeated string
	// DeclaredTotal is how many rows the source said it has; -1 where it does not say.
	DeclaredTotal int
	Pages         int
	Requests      int // HTTP or SQL round trips, retries included
	// Answers counts the requests by how they were answered: the HTTP status
	// ("200", "503"), for a database "ok", "error" where there was no answer, and
	// "cancelled" where we broke off ourselves.
	Answers map[string]int
	// Cause and Reason say why EndReached is false: a constant for counting and
	// a sentence for a person, with the remedy.
	Cause  Cause
	Reason string
}

// Cause is why a poll failed or remained partial.
type Cause string

// The causes; they are the reason labels of the poll failure metrics.
const (
	CauseNone        Cause = ""
	CauseConnect     Cause = "connect"      // no connection, or it broke
	CauseTimeout     Cause = "timeout"      //
	CauseAuth        Cause = "auth"         // log-in refused
	CauseHTTP4xx     Cause = "http_4xx"     //
	CauseHTTP5xx     Cause = "http_5xx"     //
	CauseRateLimited Cause = "rate_limited" //
	CauseDecode      Cause = "decode"       // cut short, not JSON, wrong encoding
	CauseSchema      Cause = "schema"       // readable, but not what the configuration says
	CauseRefused     Cause = "refused"      // the reply's own verdict says no
	CauseRepeated    Cause = "repeated"     // a page came twice
	CauseTotal       Cause = "total"        // rows do not add up to the declared total
	CauseChanging    Cause = "changing"     // a file that is still being written
	CauseCancelled   Cause = "cancelled"    // stopped from our side
)

// Causes lists every cause but CauseNone.
var Causes = []Cause{
	CauseConnect, CauseTimeout, CauseAuth, CauseHTTP4xx, CauseHTTP5xx, CauseRateLimited,
	CauseDecode, CauseSchema, CauseRefused, CauseRepeated, CauseTotal, CauseChanging, CauseCancelled,
}
