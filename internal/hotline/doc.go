// Package hotline is the domain: the words of the field and the rules that
// hold whatever the database, the network or the channel. It knows cases,
// stages, roles, codes and the order of the queue. It does no I/O, reads no
// clock, holds no key and imports nothing else of this module.
package hotline
