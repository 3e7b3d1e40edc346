// Package doorway bounds how many connections stand open at a listener, so
// that whoever opens many and sends nothing cannot keep others out. It keeps
// no address: sources are counted under a keyed hash, in memory, and forgotten
// with their last connection.
//
// When there is no room, a connection that is between two requests makes way,
// the oldest first, then one that has not sent a whole request head yet. A
// request that is being answered is never cut off.
package doorway
