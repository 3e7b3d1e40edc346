package server

import (
	"io"
	"log"
	"net/http"
	"time"

	"safeconduct/internal/api"
	"safeconduct/internal/seal"
)

// HTTPServer returns a server for the desks' door with mutual TLS and bounds
// for slow and hostile clients. Reading and writing have their time-outs for
// each request (see guarded), so that a live feed can stay open. Call ServeTLS
// with empty file names. Shutdown also ends the live feeds, which then find
// another node or come again.
func (s *Server) HTTPServer(key seal.SigningKey) (*http.Server, error) {
	cert, err := api.Certificate(key)
	if err != nil {
		return nil, err
	}
	srv := &http.Server{
		Handler:           s.Handler(),
		TLSConfig:         api.ServerTLS(cert),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		// net/http would log the address of every client whose handshake fails.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	srv.RegisterOnShutdown(s.stopFeeds)
	return srv, nil
}
