// Package embedded runs a NATS server inside the program, for tests and small installations. It alone links nats-server.
package embedded

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options say where it listens, what it is asked for, and where it keeps its buckets.
type Options struct {
	Listen   string // host:port; port 0 takes a free one
	Password string // that clients show as their token
	Dir      string
}

// Server is a running one.
type Server struct{ s *server.Server }

// What it may take: entries of a hundred nodes and a thousand tokens are two megabytes.
const (
	maxPayload = 256 << 10
	maxMemory  = 128 << 20
	maxStore   = 256 << 20
	maxClients = 1100
	readyIn    = 10 * time.Second
)

// Start returns when clients can connect. The caller closes it.
func Start(o Options) (*Server, error) {
	host, text, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("cluster.listen: %w", err)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return nil, fmt.Errorf("cluster.listen %q: write host:port, for example 127.0.0.1:4222", o.Listen)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "gioconda", Host: host, Port: port, Authorization: o.Password, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: o.Dir, JetStreamMaxMemory: maxMemory, JetStreamMaxStore: maxStore,
		MaxPayload: maxPayload, MaxPending: 16 << 20, MaxConn: maxClients,
	})
	if err != nil {
		return nil, fmt.Errorf("the NATS server: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(readyIn) {
		s.Shutdown()
		return nil, errors.New("the NATS server did not start; is the port of cluster.listen taken, and its folder writable?")
	}
	return &Server{s}, nil
}

// URL is where clients connect.
func (s *Server) URL() string { return s.s.ClientURL() }

// Close ends it and waits.
func (s *Server) Close() error {
	s.s.Shutdown()
	s.s.WaitForShutdown()
	return nil
}
