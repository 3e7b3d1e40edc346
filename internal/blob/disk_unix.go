//go:build unix

package blob

import "syscall"

// DiskUsed returns how full the disk of a folder is, from 0 to 1, as somebody
// without privileges can fill it.
func DiskUsed(dir string) (float64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, unavailable(err)
	}
	used := float64(st.Blocks - st.Bfree)
	if all := used + float64(st.Bavail); all > 0 {
		return used / all, nil
	}
	return 0, nil
}
