package paper

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	_ "embed" // the program
	"fmt"
	"io"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/emscripten"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// pdfium is PDFium, built for WebAssembly without a script engine, packed with
// gzip. README.md says where it comes from; programSum is checked by a test.
//
//go:embed pdfium.wasm.gz
var pdfium []byte

const programSum = "5ffef044d55b547f48388c85bd7d0cf3c1856af23f42d2ffe1ab3ad12caf939d"

// memoryPages bounds what the program may hold, in pages of 64 KiB: 384 MiB.
const memoryPages = 6144

// machine is one program in its own memory. It has no files, no network, no
// scripts and no other program; what it can call of ours is a clock and
// randomness. One call at a time.
type machine struct {
	runtime wazero.Runtime
	module  api.Module
	close   func() // frees the program's memory; its code stays in the cache
}

// fault is what went wrong inside. It reaches no person: Open and Draw say what it means.
type fault string

// Error implements error.
func (f fault) Error() string { return "paper: " + string(f) }

// errCallback is what the program gets when it asks for something it must not
// have: forms, links, files, timers.
const errCallback = fault("the program asked for what it must not have")

// start makes a machine and lets the program prepare itself. Compiling it takes
// seconds of a processor, unless the cache has its code already. The machine's
// memory goes with close.
func start(ctx context.Context, cache wazero.CompilationCache) (*machine, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(pdfium))
	if err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	program, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	// Closing on Done ends also a loop that calls nothing.
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache).WithMemoryLimitPages(memoryPages).WithCloseOnContextDone(true))
	m := &machine{runtime: r, close: func() { _ = r.Close(context.WithoutCancel(ctx)) }}
	if err := m.load(experimental.WithCompilationWorkers(ctx, 2), program); err != nil {
		m.close()
		return nil, fmt.Errorf("paper: %w", err)
	}
	return m, nil
}

func (m *machine) load(ctx context.Context, program []byte) error {
	code, err := m.runtime.CompileModule(ctx, program)
	if err != nil {
		return err
	}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, m.runtime); err != nil {
		return err
	}
	env := m.runtime.NewHostModuleBuilder("env")
	// The exceptions of C++ go through these; they call nothing outside.
	own, err := emscripten.NewFunctionExporterForModule(code)
	if err != nil {
		return err
	}
	own.ExportFunctions(env)
	for _, f := range code.ImportedFunctions() {
		if module, name, _ := f.Import(); module == "env" && !isOwn(name) {
			env.NewFunctionBuilder().WithGoModuleFunction(refused{}, f.ParamTypes(), f.ResultTypes()).Export(name)
		}
	}
	if _, err := env.Instantiate(ctx); err != nil {
		return err
	}
	m.module, err = m.runtime.InstantiateModule(ctx, code, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize").WithRandSource(rand.Reader))
	if err != nil {
		return err
	}
	_, err = m.call(ctx, "FPDF_InitLibrary")
	return err
}

// isOwn reports whether the toolchain's own exporter has the function.
func isOwn(name string) bool {
	return len(name) > 7 && name[:7] == "invoke_" || name == "emscripten_notify_memory_growth" || name == "_emscripten_throw_longjmp"
}

// refused stands for every function that would lead out of the machine.
type refused struct{}

// Call ends the program.
func (refused) Call(context.Context, api.Module, []uint64) { panic(errCallback) }

// call runs one function of the program; its result is 0 when it has none. After
// an error the machine is to be closed.
func (m *machine) call(ctx context.Context, name string, args ...uint64) (uint64, error) {
	f := m.module.ExportedFunction(name)
	if f == nil {
		return 0, fmt.Errorf("paper: the program has no %s", name)
	}
	out, err := f.Call(ctx, args...)
	if err != nil {
		return 0, err
	}
	if len(out) == 0 {
		return 0, nil
	}
	return out[0], nil
}

// held is how much memory the program has taken, in bytes. It never gives back.
func (m *machine) held() uint32 { return m.module.Memory().Size() }

// put copies bytes into the program's memory.
func (m *machine) put(ctx context.Context, b []byte) (uint64, error) {
	at, err := m.call(ctx, "malloc", uint64(len(b)))
	if err != nil {
		return 0, err
	}
	if at == 0 || !m.module.Memory().Write(api.DecodeU32(at), b) {
		return 0, fault("no room for the document")
	}
	return at, nil
}
