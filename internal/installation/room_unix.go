//go:build unix

package installation

import "syscall"

// diskRoom is how much room the disk of a folder has, in bytes, for somebody
// without privileges, and how much it has in all.
func diskRoom(dir string) (free, all uint64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	block := uint64(st.Bsize)                                //nolint:unconvert // the type differs between systems
	return uint64(st.Bavail) * block, st.Blocks * block, nil //nolint:unconvert // as above
}
