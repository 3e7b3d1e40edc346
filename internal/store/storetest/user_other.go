//go:build !unix

package storetest

import (
	"errors"
	"os/exec"
)

func unprivileged(*exec.Cmd, string) error {
	return errors.New("a temporary server is started on Unix only; set " + serverVariable)
}
