// Package channel carries a message with its files to a department: by e-mail, into
// a folder or share, to a webhook, or to an SSH server.
//
// A Channel makes one attempt and tells how it went. It keeps nothing, tries nothing
// again and decides nothing: the outbox does, in the store, with the message's ID
// staying the same over all attempts, so that whoever receives a message twice can
// tell (Message.ID says how each channel carries it). cmd/internal/app builds one
// for each department and channel of the configuration.
//
// Errors wrap a Fault, which tells whether another attempt can help. None holds a
// password, a key, or a webhook's address.
package channel
