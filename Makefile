# The version is what git says, or "dev" outside of a checkout.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

LINT_VERSION := v2.15.0
LINT := .bin/golangci-lint-$(LINT_VERSION)

.DEFAULT_GOAL := build
.PHONY: build test test-real interop safety screenshots lint bench bench-parts fmt deps deps-interop clean help

## build: one static binary, ./zkdeck
build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X zkdeck/internal/cli.version=$(VERSION)' -o zkdeck .

## test: all tests, with the race detector, against real ZooKeeper servers and the sandbox
test: deps
	CGO_ENABLED=1 go test -race -timeout 20m ./...

## test-real: the same, none on the sandbox
test-real: deps
	ZKDECK_TEST_REAL=1 CGO_ENABLED=1 go test -race -timeout 20m ./...

## interop: kazoo, Curator and zkCli say the same of the sandbox and of a real server, of locks what zkdeck says, and take turns with ours
interop: deps-interop
	CGO_ENABLED=1 go test -race -tags interop -count 1 -parallel 16 -timeout 10m ./internal/interop

## safety: a minute of killed, stopped and cut off servers and lock holders; SAFETY=10m for longer
SAFETY ?= 60s
safety: deps
	CGO_ENABLED=1 go test -count 1 -timeout 0 ./lockctl -run '^TestSafety$$' -duration $(SAFETY) -v

## screenshots: all pictures of screenshots/ from the real program; no difference where nothing has changed
screenshots: deps
	go test -count 1 -timeout 30m ./screenshots -run '^TestScreenshots$$' -write

## lint: golangci-lint, at the version named above
lint: $(LINT)
	$(LINT) run ./...

## fmt: format all Go files as lint wants them
fmt: $(LINT)
	$(LINT) fmt ./...

## bench: each budget with our figure and a bare program's or request's of the same run
bench: deps
	go test -run '^$$' -bench . -benchtime 1x -timeout 10m ./internal/bench

## bench-parts: the benchmarks of all packages, which say where the time goes
bench-parts: deps
	go test -run '^$$' -bench . -benchmem -timeout 30m $$(go list ./... | grep -v internal/bench)

## deps: install Java, ZooKeeper and a C compiler where they are missing
deps:
	@.ci/deps

## deps-interop: install also what interop needs: a JDK, Curator, kazoo
deps-interop:
	@.ci/deps interop

## clean: remove what the other targets made
clean:
	rm -rf .bin zkdeck

## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(LINT):
	GOBIN=$(CURDIR)/.bin GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .bin/golangci-lint $@
