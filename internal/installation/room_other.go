//go:build !unix

package installation

// diskRoom is not known on this system.
func diskRoom(string) (free, all uint64, err error) { return 0, 0, nil }
