# make run: set everything up and serve the demo.  make test: set everything up and pass the tests.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN     := bin/gioconda
STAMPS  := .cache/make
NPMMODELS := models/node_modules/.package-lock.json
NPMWEB  := web/node_modules/.package-lock.json
NPMTRAIN := models/train/node_modules/.package-lock.json
SUDO    := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PKGS    := libvpx-dev libopenh264-dev pkg-config ffmpeg
TESTPKGS := chromium python3-numpy xvfb pekwm firefox-esr binutils-aarch64-linux-gnu
GOFILES := $(shell find cmd rtc pipeline models web configs -name '*.go' -not -path '*/node_modules/*')
CFILES  := $(shell find pipeline models -name '*.[chs]' -not -path '*/node_modules/*' 2>/dev/null)
EMBEDS  := $(shell find models/portrait/weights configs -type f -not -name '*.go') web/authority.html
TSFILES := $(shell find web/client -type f) web/index.html web/view.html web/build.mjs
FUZZTIME ?= 2s
GOLANGCI := v2.15.0
GOVULN  := v1.9.0
GO2RTC  := .cache/tools/go2rtc
KERNELS := ./models/mesh/texmap ./models/mesh/light ./models/portrait ./models/views
TOOLS   := .cache/tools/golangci-$(GOLANGCI)-govuln-$(GOVULN)

.PHONY: help run build test race fuzz bench lint arm64 web extension e2e golden fidelity clean models sbom

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build models ## set up, build, and serve the demo on http://localhost:8080
	@exec $(BIN) serve

build: $(BIN) ## build bin/gioconda with the client inside

test: ## set up and run every test
	@$(MAKE) --no-print-directory -j3 -O build models $(STAMPS)/testdeps $(NPMTRAIN) $(TOOLS)/done $(GO2RTC) # most of it waits for a network
	@$(MAKE) --no-print-directory lint
	go test -vet=off -timeout 20m $$(go list ./... | grep -v /cmd/internal/exits$$) # the linter has vetted
	go test -vet=off -timeout 20m ./cmd/internal/exits # in real time, beside other programs: it wants the machine for itself
	@$(MAKE) --no-print-directory race
	npm --prefix web test
	npm --prefix models/train test
	@$(MAKE) --no-print-directory fuzz
	@$(MAKE) --no-print-directory e2e

race: $(STAMPS)/apt $(NPMMODELS) ## the packages with goroutines or locks under the race detector
	go test -vet=off -timeout 20m -race -short $$(go list ./pipeline/... ./rtc/... ./web/... ./cmd/... | grep -vE '/pipeline/(drive|frame|life|motion|num|retarget|smooth)(/|$$)')

# Go's own coordinator sometimes ends with "context deadline exceeded" when FUZZTIME is over (golang/go#75804). Such an end
# says nothing of the code: without a failing input the target runs anew, and has to pass then.
fuzz: $(STAMPS)/apt ## every fuzz target for FUZZTIME (default 2s)
	@once() { go test -vet=off -run '^$$' -fuzz "^$$2$$" -fuzztime $(FUZZTIME) "$$1" >.cache/fuzz.log 2>&1; }; \
	over() { grep -q '^ *context deadline exceeded$$' .cache/fuzz.log && ! grep -qiE 'failing input|panic' .cache/fuzz.log; }; \
	for file in $$(grep -rlE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' cmd rtc pipeline models web configs); do \
	  pkg=./$$(dirname "$$file"); \
	  for f in $$(sed -nE 's/^func (Fuzz\w+).*/\1/p' "$$file"); do \
	    echo "fuzz $$pkg $$f"; \
	    once "$$pkg" "$$f" || { over && echo "  anew" && once "$$pkg" "$$f"; } || { cat .cache/fuzz.log; exit 1; }; \
	  done; done

sbom: build $(NPMWEB) $(NPMMODELS) ## what bin/gioconda is made of, as bin/gioconda.cdx.json (CycloneDX)
	@node .ci/sbom.mjs $(BIN) >$(BIN).cdx.json && echo "$(BIN).cdx.json"

bench: build models ## Go benchmarks, then the whole path
	go test -run '^$$' -bench . -benchmem ./models/mesh ./pipeline/... ./rtc/...
	$(BIN) bench

lint: $(STAMPS)/testdeps $(STAMPS)/web $(NPMTRAIN) $(TOOLS)/done ## what configs/golangci.yml says, known vulnerabilities, tidy modules, TypeScript, Python
	$(TOOLS)/golangci-lint run -c configs/golangci.yml ./...
	GOARCH=arm64 CGO_ENABLED=0 go vet $(KERNELS) # its assembly too
	go test -C models/asm ./neon
	@node .ci/vulncheck.mjs $(TOOLS)/govulncheck
	go mod tidy -diff
	npm --prefix web run typecheck
	npm --prefix web run lint
	npm --prefix models/train run lint

arm64: ## the kernels for arm64 against plain Go, as an emulator runs them (qemu-user-static, binutils-aarch64-linux-gnu)
	go test -C models/asm -v -run WhatTheySay ./neon
	@if command -v qemu-aarch64-static >/dev/null; then \
	  GOARCH=arm64 CGO_ENABLED=0 go test -vet=off -exec qemu-aarch64-static -run 'Kernel|Same|Layout|UnitBytes' $(KERNELS); \
	else echo "SKIPPED, no kernel for arm64 ran: qemu-aarch64-static is not there (qemu-user-static)"; fi

fidelity: build models ## render clips on portraits and compare; PORTRAITS=DIR CLIPS=DIR
	$(BIN) fidelity --portraits "$(PORTRAITS)" --clips "$(CLIPS)" --sheets .cache/sheets

golden: ## rewrite the golden images after looking at the change
	go test ./models/mesh -update

models: $(BIN) $(NPMMODELS) ## convert the networks once
	@$(BIN) models build --quiet-if-ready

# Another player than ours, of the module that the tests of exits take it from; without it its test is skipped.
$(GO2RTC): cmd/internal/exits/testdata/go2rtc/go.mod
	@CGO_ENABLED=0 go build -C $(<D) -o $(CURDIR)/$@ github.com/AlexxIT/go2rtc || echo "SKIPPED: go2rtc cannot be built, and is not tried as a player"

e2e: build models $(STAMPS)/testdeps $(GO2RTC) ## the end-to-end tests in Chromium; with GIOCONDA_LONG=1 those before a camera without real clips too
	npm --prefix web run e2e
	@[ ! -d ../shared/clips ] || [ -z "$${GIOCONDA_LONG:-}" ] || npm --prefix web run e2e:standin

web: $(STAMPS)/web ## build the client

extension: $(NPMWEB) ## leave the browser extension in .cache/extension, unpacked and as zips for Chromium and Firefox
	npm --prefix web run extension

clean: ## remove what was built
	rm -rf bin .cache web/node_modules models/node_modules models/train/node_modules
	find web/dist -mindepth 1 ! -name .keep -delete

$(BIN): $(STAMPS)/apt $(STAMPS)/web $(GOFILES) $(CFILES) $(EMBEDS) go.mod go.sum
	@echo "building $@"
	@mkdir -p bin
	go build -trimpath -ldflags "-X main.version=$$(git describe --always --dirty 2>/dev/null || echo dev)" -o $@ ./cmd/gioconda

$(STAMPS)/apt:
	@mkdir -p $(STAMPS)
	@for p in $(PKGS); do dpkg -s "$$p" >/dev/null 2>&1 || missing="$${missing:-} $$p"; done; \
	if [ -n "$${missing:-}" ]; then echo "installing:$$missing"; \
	  $(SUDO) apt-get update -qq; DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
	@touch $@

$(STAMPS)/testdeps: $(STAMPS)/apt
	@for p in $(TESTPKGS); do dpkg -s "$$p" >/dev/null 2>&1 || missing="$${missing:-} $$p"; done; \
	if [ -n "$${missing:-}" ]; then echo "installing:$$missing"; \
	  $(SUDO) apt-get update -qq; DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
	@touch $@

# The linters, pinned, through the Go module proxy.
$(TOOLS)/done:
	@echo "building the linters"
	@mkdir -p $(TOOLS)
	GOBIN=$(CURDIR)/$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	GOBIN=$(CURDIR)/$(TOOLS) go install golang.org/x/vuln/cmd/govulncheck@$(GOVULN)
	@touch $@

# npm writes this file last: where someone removed node_modules, it is fetched anew.
$(NPMMODELS): models/package-lock.json
	@echo "fetching the networks and ONNX Runtime"
	npm ci --prefix models --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(NPMWEB): web/package-lock.json
	@echo "fetching what the client is built with"
	npm ci --prefix web --no-audit --no-fund --loglevel=error
	@touch $@

$(NPMTRAIN): models/train/package-lock.json
	@echo "fetching what the training code is linted with"
	npm ci --prefix models/train --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/web: $(NPMWEB) web/package.json $(TSFILES)
	@mkdir -p $(STAMPS)
	npm --prefix web run build
	@touch $@
