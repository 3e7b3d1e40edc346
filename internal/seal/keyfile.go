package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"safeconduct/internal/hotline"
)

// KeyFile is what an operator's computer keeps: an age file opened by a
// passphrase (scrypt), so the stock age program opens it too.
type KeyFile struct {
	Name      string
	Identity  Identity   // O, the age half
	Signing   SigningKey // O, the Ed25519 half
	TLS       SigningKey // key of the client certificate
	Authority SigningKey // A, administrators only
	Server    string     // host:port of the desk listener
	ServerTLS Hash
	Desk      DeskID
	Trust     Authority // whose signatures count
}

type keyFileJSON struct {
	V         int       `json:"v"`
	Name      string    `json:"name"`
	Identity  string    `json:"identity"`
	Signing   string    `json:"signing"`
	TLS       string    `json:"tls"`
	Authority string    `json:"authority,omitzero"`
	Server    string    `json:"server"`
	ServerTLS Hash      `json:"server_tls"`
	Desk      DeskID    `json:"desk"`
	Trust     Authority `json:"trust"`
}

// String shows nothing.
func (KeyFile) String() string { return "key file(hidden)" }

// GoString shows nothing.
func (KeyFile) GoString() string { return "key file(hidden)" }

// Bundle returns the public half as it stands in a bundle.
func (k KeyFile) Bundle(tls Hash) Bundle {
	b := Bundle{V: 1, Name: k.Name, Recipient: k.Identity.Recipient(), Key: k.Signing.Public(), TLS: tls}
	if !k.Authority.IsZero() {
		b.Authority = k.Authority.Public()
	}
	return b
}

// OperatorID returns the operator's name in the roster.
func (k KeyFile) OperatorID() OperatorID { return k.Signing.Public().ID().String() }

// Lock writes the key file under a passphrase. workFactor is the logarithm of
// scrypt's N: 18 takes about a second; tests use less.
func (k KeyFile) Lock(passphrase string, workFactor int) ([]byte, error) {
	j := keyFileJSON{
		V: 1, Name: k.Name, Identity: k.Identity.Secret(), Signing: hex.EncodeToString(k.Signing.Seed()),
		TLS: hex.EncodeToString(k.TLS.Seed()), Server: k.Server, ServerTLS: k.ServerTLS, Desk: k.Desk, Trust: k.Trust,
	}
	if !k.Authority.IsZero() {
		j.Authority = hex.EncodeToString(k.Authority.Seed())
	}
	line, err := encodeLine(j)
	if err != nil {
		return nil, err
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInvalid, "key file", "an empty passphrase protects nothing")
	}
	r.SetWorkFactor(workFactor)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, r)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if _, err := w.Write(line); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return out.Bytes(), nil
}

// Unlock opens a key file. A wrong passphrase is KindDenied.
func Unlock(file []byte, passphrase string) (KeyFile, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return KeyFile{}, hotline.Errorf(hotline.KindDenied, "key file", "the passphrase is empty")
	}
	id.SetMaxWorkFactor(20)
	r, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		var noMatch *age.NoIdentityMatchError
		if errors.As(err, &noMatch) {
			return KeyFile{}, hotline.Errorf(hotline.KindDenied, "key file", "the passphrase is wrong")
		}
		return KeyFile{}, hotline.Errorf(hotline.KindInvalid, "key file", "not a key file, or damaged")
	}
	line, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return KeyFile{}, hotline.Errorf(hotline.KindInvalid, "key file", "damaged")
	}
	var j keyFileJSON
	if err := decodeStrict(line, &j); err != nil || j.V != 1 {
		return KeyFile{}, hotline.Errorf(hotline.KindInvalid, "key file", "of another version, or damaged")
	}
	return j.keys()
}

func (j keyFileJSON) keys() (KeyFile, error) {
	k := KeyFile{Name: j.Name, Server: j.Server, ServerTLS: j.ServerTLS, Desk: j.Desk, Trust: j.Trust}
	var err error
	if k.Identity, err = ParseIdentity(j.Identity); err != nil {
		return k, err
	}
	for _, f := range []struct {
		dst *SigningKey
		hex string
	}{{&k.Signing, j.Signing}, {&k.TLS, j.TLS}, {&k.Authority, j.Authority}} {
		if f.hex == "" && f.dst == &k.Authority {
			continue
		}
		seed, err := hex.DecodeString(f.hex)
		if err != nil {
			return k, hotline.Errorf(hotline.KindInvalid, "key file", "damaged")
		}
		if *f.dst, err = SigningKeyFromSeed(seed); err != nil {
			return k, err
		}
	}
	return k, nil
}
