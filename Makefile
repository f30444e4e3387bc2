# make help lists what can be done here.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Where git does not answer for this folder (no git, or somebody else's checkout)
# go build must not ask it either.
ifeq ($(shell git rev-parse --git-dir 2>/dev/null),)
export GOFLAGS := $(GOFLAGS) -buildvcs=false
endif

FUZZTIME  ?= 60s
TESTFLAGS ?=
BENCHFLAGS ?=

.DEFAULT_GOAL := build
.PHONY: build demo test lint fmt fuzz fuzz-short bench deb image clean help

build: ## Build bin/doisoat, one static binary (the default)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/doisoat ./cmd/doisoat

demo: build ## Run the main job on the shipped quarter; needs only Go
	@bin/doisoat demo --once --addr 127.0.0.1:0

# go vet is a step of its own (.ci/run, make lint), and nobody debugs these binaries.
test: ## Run every test, on servers of its own; installs what is missing (TESTFLAGS)
	@.ci/need "$$($(GO) env CC | cut -d ' ' -f 1)=gcc,libc6-dev" promtool=prometheus amtool=prometheus-alertmanager \
		systemd-analyze=systemd systemd-nspawn=systemd-container buildah=buildah unshare=util-linux \
		chromium=chromium,fonts-noto-core soffice=libreoffice-writer,libreoffice-calc,fonts-liberation pdftotext=poppler-utils unzip=unzip
	@CGO_ENABLED=1 .ci/servers $(GO) test -race -shuffle=on -timeout 15m -vet=off -ldflags=-w $(TESTFLAGS) ./...

lint: bin/golangci-lint ## Check style, imports and common faults (.golangci.yml)
	@CGO_ENABLED=0 bin/golangci-lint run

fmt: bin/golangci-lint ## Format the Go files
	@bin/golangci-lint fmt

bin/golangci-lint: .ci/tools/go.mod .ci/tools/go.sum
	@CGO_ENABLED=0 $(GO) build -C .ci/tools -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

fuzz: ## Fuzz every target for FUZZTIME (60s)
	@.ci/fuzz $(FUZZTIME)

fuzz-short: ## Fuzz every target for ten seconds
	@.ci/fuzz 10s

bench: ## Measure a million dossiers a side, beside DuckDB, on both stores (BENCHFLAGS)
	@.ci/need "$$($(GO) env CC | cut -d ' ' -f 1)=gcc,libc6-dev" "$$($(GO) env CXX | cut -d ' ' -f 1)=g++"
	@.ci/servers $(GO) run -C cmd/bench . $(BENCHFLAGS)

deb: ## Build the Debian package into build/
	@deploy/deb/build

image: ## Build the container image with buildah
	@deploy/container/build

clean: ## Remove what was built
	rm -rf bin build

help: ## List these
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
