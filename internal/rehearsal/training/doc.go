// Package training lets a newcomer play the operator of a drill by hand. It
// boots a whole hotline for one exercise in a folder that is deleted at the
// end, lets simulated people write through its public door, and looks back
// with the newcomer at what was done and what was missed. Nothing of a real
// desk is opened and nothing leaves the computer.
package training
