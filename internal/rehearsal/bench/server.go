package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/installation"
	"safeconduct/internal/store"
)

// Program makes the command that runs Serve on an installation's folder in
// another process. Its standard streams are the bench's.
type Program func(ctx context.Context, dir string) (*exec.Cmd, error)

// The words between the bench and its server: one line of JSON each.
type serverLine struct {
	Public string       `json:"public,omitempty"` // first: where the public door is
	Desk   string       `json:"desk,omitempty"`
	Stats  *store.Stats `json:"stats,omitempty"` // after every line of the bench
	Fault  string       `json:"fault,omitempty"`
}

// What the bench may say: a path after the first begins a profile of the
// processor, the second ends it.
const (
	wordStats     = "stats"
	wordProfile   = "profile "
	wordUnprofile = "profiled"
)

// Serve runs the server of the installation in dir as `safeconduct serve`
// does, until ctx ends or standard input does, so that no server outlives its
// bench. Each line on standard input is answered with the store's counts; what
// the lines may say stands above.
func Serve(ctx context.Context, dir string, in io.Reader, out io.Writer, r installation.Run) error {
	inst, err := installation.Open(dir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	say := json.NewEncoder(out)
	var counts func() store.Stats
	r.Stats = func(f func() store.Stats) { counts = f }
	ready := make(chan struct{})
	r.Ready = func(public, desk net.Addr) {
		_ = say.Encode(serverLine{Public: public.String(), Desk: desk.String()}) // a bench that is gone closes in
		close(ready)
	}
	go func() {
		defer cancel()
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			<-ready
			stats := counts()
			answer := serverLine{Stats: &stats}
			if err := profile(lines.Text()); err != nil {
				answer.Fault = err.Error()
			}
			_ = say.Encode(answer)
		}
	}()
	return inst.Run(ctx, r)
}

// profile does what a line says of profiles.
func profile(line string) error {
	if line == wordUnprofile {
		pprof.StopCPUProfile()
		return nil
	}
	path, found := strings.CutPrefix(line, wordProfile)
	if !found {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return pprof.StartCPUProfile(f)
}

// server is a running child.
type server struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	origin string // host:port of the public door
	ended  bool
}

// startPatience bounds the start of a server.
const startPatience = 30 * time.Second

func startServer(ctx context.Context, program Program, dir string) (*server, error) {
	cmd, err := program(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := &server{cmd: cmd}
	if s.in, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		return nil, hotline.Errorf(hotline.KindUnavailable, "bench", "the server cannot be started: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	line, err := s.read()
	if err != nil {
		return nil, errors.Join(hotline.Errorf(hotline.KindUnavailable, "bench", "the server did not start: %w", err), s.kill())
	}
	s.origin = line.Public
	return s, nil
}

func (s *server) read() (serverLine, error) {
	var l serverLine
	raw, err := s.out.ReadBytes('\n')
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(raw, &l)
}

// stats asks for the store's counts.
func (s *server) stats() (store.Stats, error) { return s.ask(wordStats) }

func (s *server) ask(line string) (store.Stats, error) {
	if _, err := io.WriteString(s.in, line+"\n"); err != nil {
		return store.Stats{}, fmt.Errorf("ask the server: %w", err)
	}
	l, err := s.read()
	if err == nil && l.Fault != "" {
		err = errors.New(l.Fault)
	}
	if err != nil || l.Stats == nil {
		return store.Stats{}, fmt.Errorf("ask the server: no counts: %w", err)
	}
	return *l.Stats, nil
}

// kill ends the server as a power cut would, and waits until it is gone.
func (s *server) kill() error {
	if s.ended {
		return nil
	}
	s.ended = true
	_ = s.in.Close()
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end the server: %w", err)
	}
	_ = s.cmd.Wait() // "killed" is what is wanted
	return nil
}
