package contact_test

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// budget is what a page may weigh on the way to a phone with a bad line.
const budget = 75_000

func TestPageIsSmall(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := must[*gzip.Writer](t)(gzip.NewWriterLevel(&out, gzip.BestCompression))
	must[int](t)(w.Write(newHouse(t).page))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", out.Len())
	if out.Len() > budget {
		t.Errorf("the stamped page has %d bytes with gzip, more than %d", out.Len(), budget)
	}
}
