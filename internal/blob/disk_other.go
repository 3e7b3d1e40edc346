//go:build !unix

package blob

// DiskUsed is not known on this system: attachments never wait for the disk.
func DiskUsed(string) (float64, error) { return 0, nil }
