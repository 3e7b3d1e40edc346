package api

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// Certificate makes a self-signed certificate of a key. Nobody checks its
// names or dates: both sides pin the public key.
func Certificate(key seal.SigningKey) (tls.Certificate, error) {
	private := ed25519.NewKeyFromSeed(key.Seed())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "safeconduct"},
		DNSNames:     []string{"safeconduct"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280, section 4.1.2.5: no expiry
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// Pin is SHA-256 of the public key (SPKI) of a signing key's certificate.
func Pin(key seal.PublicKey) (seal.Hash, error) {
	spki, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(key[:]))
	if err != nil {
		return seal.Hash{}, fmt.Errorf("pin: %w", err)
	}
	return sha256.Sum256(spki), nil
}

// PinOf is the pin of the other side of a connection; the zero Hash when it
// showed no certificate.
func PinOf(state *tls.ConnectionState) seal.Hash {
	if state == nil || len(state.PeerCertificates) == 0 {
		return seal.Hash{}
	}
	return sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo)
}

// ServerTLS is the desk listener's configuration: every client must show a
// certificate; whose it is the roster says.
func ServerTLS(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{cert},
		ClientAuth:   tls.RequireAnyClientCert,
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"h2", "http/1.1"},
	}
}

// NewClient makes a client for a server whose public key is pinned.
func NewClient(server string, cert tls.Certificate, pin seal.Hash) *Client {
	config := &tls.Config{
		Certificates:       []tls.Certificate{cert},
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true, //nolint:gosec // names and dates mean nothing here: VerifyConnection pins the key
		VerifyConnection: func(state tls.ConnectionState) error {
			if PinOf(&state) != pin {
				return hotline.Errorf(hotline.KindForged, "connect", "this is not the server that was pinned at enrolment")
			}
			return nil
		},
	}
	transport := &http.Transport{
		TLSClientConfig:       config,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       time.Minute,
	}
	return &Client{Base: "https://" + server, HTTP: &http.Client{Transport: transport}}
}

// Answers reports whether the server with this pin answers at an address. It
// shows no certificate and asks for nothing.
func Answers(ctx context.Context, addr string, pin seal.Hash) bool {
	dialer := tls.Dialer{Config: &tls.Config{
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true, //nolint:gosec // names and dates mean nothing here: the pin is compared
	}}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	state := conn.(*tls.Conn).ConnectionState()
	return PinOf(&state) == pin && conn.Close() == nil
}
