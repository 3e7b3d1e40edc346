package store_test

import (
	"runtime"
	"testing"
	"time"
)

// waitFor yields until condition holds: for what can only be seen from outside.
func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("waited 30 s in vain")
		}
	}
}
