.DEFAULT_GOAL := help
.PHONY: help run build setup test lint generate fresh fuzz soak bench clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: build ## start the demonstration (needs only Go); Ctrl-C ends it
	@exec .bin/safeconduct demo

build: ## build the program into .bin/
	@command -v go >/dev/null || { echo "Go is missing. Install Go 1.26 or newer: https://go.dev/dl/"; exit 1; }
	@mkdir -p .bin
	CGO_ENABLED=0 go build -o .bin/safeconduct ./cmd/safeconduct

setup: ## install or name what the tests need on this machine
	@scripts/setup

test: ## set up, then run every test with the race detector
	@scripts/test

lint: ## run every linter
	@scripts/lint

generate: ## make the generated code and the built pages again
	@scripts/generate

fresh: ## prove that generated code and built pages are up to date
	@scripts/fresh

fuzz: ## run every fuzz target for a moment (FUZZTIME=10s)
	@scripts/fuzz

soak: ## repeat all tests until one fails or time is up (SOAK=1800 seconds)
	@scripts/soak

bench: build ## measure the intake on this machine
	@.bin/safeconduct bench intake

clean: ## remove tools, program and packages; they can be made again
	rm -rf .bin web/node_modules internal/gateway/telegram/testdata/emulator/node_modules
