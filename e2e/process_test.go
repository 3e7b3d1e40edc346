package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// process is a running program of the product. It is killed when the test
// ends, with whatever it has started.
type process struct {
	tb       testing.TB
	cmd      *exec.Cmd
	out, err *output
	exited   chan struct{}
	state    error
}

// start runs a program.
func start(tb testing.TB, args ...string) *process {
	tb.Helper()
	p := &process{tb: tb, cmd: exec.Command(args[0], args[1:]...), out: newOutput(), err: newOutput(), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	p.cmd.Env = append(os.Environ(), "SAFECONDUCT_PASSPHRASE="+passphrase)
	// Its own group, so that what a wrapper starts ends with it; and it ends with us.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		tb.Fatalf("start %s: %v", args[0], err)
	}
	go func() {
		p.state = p.cmd.Wait()
		close(p.exited)
	}()
	tb.Cleanup(p.kill)
	return p
}

// kill ends the process and its group with SIGKILL and waits for it.
func (p *process) kill() {
	select {
	case <-p.exited:
		return
	default:
	}
	// Not the process alone: a tracer would leave the server behind.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // gone already is as good
	<-p.exited
}

// stop asks the process to end, as a service manager does.
func (p *process) stop() {
	p.tb.Helper()
	// The whole group: strace lets a signal pass and then ends by itself, with all it saw.
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		p.tb.Fatalf("stop: %v", err)
	}
	ctx, cancel := context.WithTimeout(p.tb.Context(), patience)
	defer cancel()
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.tb.Fatal("the program does not end when it is asked to")
	}
}

// await waits until a line of the standard output holds the words, and returns it.
func (p *process) await(words string) string {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.tb.Context(), patience)
	defer cancel()
	for {
		line, grown := p.out.find(words)
		if line != "" {
			return line
		}
		select {
		case <-grown:
		case <-p.exited:
			if line, _ := p.out.find(words); line != "" {
				return line
			}
			p.tb.Fatalf("%s ended (%v) and never said %q:\n%s%s", p.cmd.Args[0], p.state, words, p.out, p.err)
		case <-ctx.Done():
			p.tb.Fatalf("%s never said %q:\n%s%s", p.cmd.Args[0], words, p.out, p.err)
		}
	}
}

// output keeps what a program prints and tells when there is more.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{}
}

func newOutput() *output { return &output{grown: make(chan struct{})} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.grown)
	o.grown = make(chan struct{})
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// find returns the first whole line with the words, and what is closed when
// more has been printed.
func (o *output) find(words string) (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.text.String()
	for line := range strings.Lines(text) {
		if strings.Contains(line, words) && strings.HasSuffix(line, "\n") {
			return strings.TrimSpace(line), o.grown
		}
	}
	return "", o.grown
}
