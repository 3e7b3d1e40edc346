// Package server is the API for desks: it says who calls (a pinned client
// certificate and the roster), what the caller may do (the policy table of
// package hotline), does it in one transaction with its leaf in the journal,
// and tells the other desks.
//
// A use case reads: authorise, check, leaf, change, publish after commit. What
// changes something or hands out content goes through [Server.act], so that
// there is no act without a leaf.
//
// It must not know what a person wrote, nor hold a key that opens anything: it
// checks signatures and the shape of sealed files, and indexes what operators
// have signed. It must not know pages, doors of contacts, or SQL.
package server
