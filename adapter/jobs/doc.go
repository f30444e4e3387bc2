// Package jobs is the daemon's schedule and its work queue: when a source is
// polled, when the nightly run is due, and that what was asked for is done, once,
// by one of the processes that share a database, whatever becomes of the others.
//
// The queue is River, in tables of its own (river_…) in the store's database, so
// that a job can be enqueued in the same transaction as the data it is about.
// Queue works the jobs through the functions of Work and knows nothing of what
// they do; Schedule decides by the clock and enqueues. cmd/internal/app builds
// both.
//
// What holds for every job:
//   - It is done at least once: a process that is killed loses its jobs to another
//     one (or to its next life) within a minute.
//   - Of each kind, and of each source, one waits at most; what comes while it
//     waits is the same work. One that comes while another runs is done after it,
//     since that one may have looked before the change.
//   - Polls of one source, re-reads, nightly runs, letters and deliveries each run one
//     at a time, over all processes. Polls of different sources, a reconciliation, a
//     re-read, a nightly run, letters and a delivery go on beside each other.
//   - All moments are the database's, so that the clocks of several machines need
//     not agree.
//
// On PostgreSQL any number of processes share the work. On SQLite there must be
// ONE process that calls Start: a file has one writer, the processes would wait
// for each other's transactions, and a process that starts there takes over
// everything that is marked as running, because nobody else can be running it.
// Others may enqueue (the command line beside the daemon); no process may be on
// another machine, since SQLite's write-ahead log does not work on a network
// share. There is no standby either: while the process is down nothing is polled,
// and what was due is made up for when it starts.
package jobs
