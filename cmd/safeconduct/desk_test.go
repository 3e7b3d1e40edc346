package main

import (
	"strings"
	"testing"
)

// What cannot be meant is refused before anything is made.
func TestDeskRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, words string }{
		{"-training -dir there", "opens nothing of yours"},
		{"-training -idle 5m", "opens nothing of yours"},
		{"-pace 1s", "-pace belongs to -training"},
		{"-scenarios x.json", "-scenarios belongs to -training"},
		{"-training -scenarios missing.json", "cannot be read"},
		{"-training -pace -1s", "a pace of 0 or more"},
		{"-listen 0.0.0.0:0", "127.0.0.1 only"},
	} {
		args := append([]string{"desk", "-listen", "127.0.0.1:0"}, strings.Fields(c.args)...)
		code, out, problems := cli(t.Context(), args...)
		if code != 2 || out != "" || !strings.Contains(problems, c.words) {
			t.Errorf("%s: code %d\n%s%s", c.args, code, out, problems)
		}
	}
}
