package intake_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/intake"
	"safeconduct/internal/seal"
	"safeconduct/internal/store/storetest"
)

// FuzzPost: whatever is posted, the answer is an HTTP error and nothing is kept.
func FuzzPost(f *testing.F) {
	h := newHouse(f, storetest.Open(f, storetest.URL(f, storetest.SQLite)), intake.Limits{})
	challenge := must[[]byte](f)(seal.NewChallenger(bytes.Repeat([]byte{3}, 32)).New(0, h.clock.Now().Add(time.Hour)))
	solved := func(envelope []byte) []byte { return hardPost(f, challenge, envelope).Bytes() }
	f.Add([]byte("SCE1"))
	f.Add([]byte{})
	f.Add(solved(nil))
	f.Add(solved([]byte("age-encryption.org/v1\n-> mlkem768x25519 AAAA\n")))
	f.Add(solved(must[[]byte](f)(seal.Encrypt(h.intakeKey.Recipient(), make([]byte, 4096)))))
	f.Add(solved(framed(f, h.intakeKey.Recipient(), `{"v":1,"op":"new","key":"","parts":[1,2]}`)))
	f.Add(append([]byte("SCE1"), bytes.Repeat([]byte{0xff}, 70_000)...))
	handler := h.intake.Handler()
	f.Fuzz(func(t *testing.T, body []byte) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/envelope", bytes.NewReader(body)))
		if w.Code < 400 || w.Code > 499 {
			t.Fatalf("%d for a body of %d bytes", w.Code, len(body))
		}
		if n := len(h.in(t).cases()); n != 0 {
			t.Fatalf("%d cases", n)
		}
	})
}

// FuzzEnvelope: whatever stands inside an envelope that opens, the answer is
// sealed and says "refused" or "unknown", or it is an HTTP error, and nothing
// is kept.
func FuzzEnvelope(f *testing.F) {
	h := newHouse(f, storetest.Open(f, storetest.URL(f, storetest.SQLite)), intake.Limits{})
	d := h.draft().finish(f)
	line := func(rest string) []byte {
		return []byte(`{"v":1,"key":"` + hotline.CaseID{}.String() + hotline.CaseID{}.String() + `",` + rest + "}\n")
	}
	f.Add(line(`"op":"new","code":"123456789012","parts":[1,1,1,1]`))
	f.Add(line(`"op":"send","case":"` + d.gen.Case.String() + `","parts":[0,0]`))
	f.Add(line(`"op":"open","lookup":"` + d.keys.Lookup.String() + `","parts":[0]`))
	f.Add(line(`"op":"fetch","lookup":"` + d.keys.Lookup.String() + `","after":-1,"parts":[3]`))
	f.Add(line(`"op":"putaway","lookup":"` + d.keys.Lookup.String() + `","ids":["` + seal.Hash{1}.String() + `"],"parts":[]`))
	handler := h.intake.Handler()
	challenge := must[[]byte](f)(seal.NewChallenger(bytes.Repeat([]byte{3}, 32)).New(0, h.clock.Now().Add(time.Hour)))
	f.Fuzz(func(t *testing.T, inside []byte) {
		if len(inside) > 4096 {
			return
		}
		file, err := seal.Encrypt(h.intakeKey.Recipient(), append(bytes.Clone(inside), make([]byte, 4096-len(inside))...))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/envelope", bytes.NewReader(hardPost(t, challenge, file).Bytes())))
		if w.Code != http.StatusOK && (w.Code < 400 || w.Code > 499) {
			t.Fatalf("%d", w.Code)
		}
		if n := len(h.in(t).cases()); n != 0 {
			t.Fatalf("%d cases", n)
		}
	})
}

// in is the same house inside the fuzz target.
func (h *house) in(t *testing.T) *house {
	inside := *h
	inside.t = t
	return &inside
}
