# Penstock: everything a user runs. Needs a Swift 6.2 toolchain; installs the rest from Debian.

SWIFT ?= swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# What the program is built with, and what its tests compare it with.
BUILD_PACKAGES = libdpdk-dev libnuma-dev libpcap-dev libsqlite3-dev
TEST_PACKAGES = $(BUILD_PACKAGES) binutils curl dpdk-dev gcc iperf3 iproute2 iputils-ping llvm openvswitch-switch-dpdk \
  prometheus python3-pyte python3-scapy python3-yaml tcpdump tshark util-linux valgrind
BENCH_PACKAGES = $(BUILD_PACKAGES) binutils dpdk-dev gcc iproute2 llvm openvswitch-switch-dpdk util-linux valgrind

RELEASE = .build/release/penstock
DEMO_OUT = out/demo

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# install PACKAGES: those that are missing, with apt.
define install_packages
	@missing=; for package in $(1); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "Installing$$missing"; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

.PHONY: deps test-deps bench-deps
deps: ## Install what building needs
	$(call install_packages,$(BUILD_PACKAGES))
test-deps:
	$(call install_packages,$(TEST_PACKAGES))
bench-deps:
	$(call install_packages,$(BENCH_PACKAGES))

# Swift 6.3.1 does not always compile a module anew when the layout of a noncopyable struct of another module has
# changed, and the program then reads the wrong memory. So whenever a source has changed, all our modules are built anew.
MODULES = Wire Collector Dataplane Drivers Conformance Control Benchmarks penstock penstock_bench device_wire TestSupport
.PHONY: fresh
fresh:
	@sum=$$(find Package.swift Sources CShims bench Tests -name '*.swift' -o -name '*.[ch]' | LC_ALL=C sort | \
	  xargs cat | sha256sum); \
	if [ "$$(cat .build/sources 2>/dev/null)" != "$$sum" ]; then \
	  for module in $(MODULES); do rm -rf .build/*/debug/$$module*.build .build/*/release/$$module*.build; done; \
	  mkdir -p .build; echo "$$sum" > .build/sources; \
	fi

.PHONY: build
build: deps fresh ## Build the release
	$(SWIFT) build -c release --product penstock

.PHONY: demo
demo: build ## Replay the example captures and show what happened
	$(RELEASE) replay examples/leaf.yaml \
	  $(foreach port,h1 h2 h3 b1 b2 s1 s2,--in $(port)=examples/captures/$(port).pcap) --out $(DEMO_OUT)

.PHONY: live-demo
live-demo: build ## Let two hosts talk through a live switch, in network namespaces (root)
	$(call install_packages,iperf3 iproute2 iputils-ping procps)
	$(SUDO) examples/live-demo $(RELEASE)

.PHONY: test
test: test-deps fresh ## Build and run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) build -c release --product penstock
	bench/check-packet-path $(RELEASE)
	bench/check-budget
	bench/check-calls
	Tests/Documentation/check-readme
	Tests/run-tests

.PHONY: soak
SOAK_SECONDS ?= 600
soak: test-deps build ## Run a live switch for SOAK_SECONDS and more: traffic, reloads, testpmd, kills (root)
	$(SUDO) unshare -n Tests/Oracles/live_soak.py $(RELEASE) --seconds $(SOAK_SECONDS)

.PHONY: lint
lint: ## Check the format of all sources
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests bench

.PHONY: format
format: ## Format all sources
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests bench

.PHONY: fuzz
FUZZ_SECONDS ?= 60
fuzz: deps ## Fuzz the parsers, the collector, then a whole switch, each for FUZZ_SECONDS
	PENSTOCK_FUZZ=1 $(SWIFT) build --build-path .build/fuzz --sanitize fuzzer --product FuzzWire
	SWIFT_BACKTRACE=enable=no .build/fuzz/debug/FuzzWire -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1
	PENSTOCK_FUZZ=1 $(SWIFT) build --build-path .build/fuzz --sanitize fuzzer --product FuzzCollector
	SWIFT_BACKTRACE=enable=no .build/fuzz/debug/FuzzCollector -max_total_time=$(FUZZ_SECONDS) -max_len=4096 \
	  -print_final_stats=1
	PENSTOCK_FUZZ=1 $(SWIFT) build --build-path .build/fuzz --sanitize fuzzer --product FuzzSwitch
	SWIFT_BACKTRACE=enable=no .build/fuzz/debug/FuzzSwitch -max_total_time=$(FUZZ_SECONDS) -max_len=2048 \
	  -print_final_stats=1

.PHONY: bench
BENCH_OUT = out/bench
bench: bench-deps build ## Measure what this machine can do: 5 minutes, tables and a page
	@mkdir -p out
	$(RELEASE) bench --quick --json $(BENCH_OUT).json --html $(BENCH_OUT).html

.PHONY: install
PREFIX ?= /usr/local
install: build ## Install the program and its shell completions under PREFIX
	$(SUDO) install -D -m 755 $(RELEASE) $(PREFIX)/bin/penstock
	$(RELEASE) --generate-completion-script bash | \
	  $(SUDO) install -D -m 644 /dev/stdin $(PREFIX)/share/bash-completion/completions/penstock

.PHONY: clean
clean: ## Remove what was built
	rm -rf .build out
