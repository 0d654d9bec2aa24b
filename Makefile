# The front door. `make run` and `make test` do everything on a fresh Debian 12 machine.
#
#   make run [SCENARIO=TW-01] [ARGS="--seeds 1"]   build and run a scenario
#   make gui [SCENARIO=TW-01]                      open the analyzer on its traces; run it first if
#                                                  there are none
#   make screenshots                               pictures of the analyzer for docs/
#   make test                                      build and run every test
#   make build | format | lint | sanitize | fuzz | bench | clean

SCENARIO ?= TW-01
ARGS     ?=
JOBS     ?= $(shell nproc)
PHASE    := scripts/phase.sh
# Looked up when used: a fresh machine has ccache only after the packages are installed.
CONFIGURE = cmake $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

.PHONY: run gui screenshots test build format lint sanitize fuzz bench clean packages-%
.NOTPARALLEL:

run: build
	@build/elblab run $(SCENARIO) $(ARGS)

gui: packages-build packages-gui
	@$(PHASE) configuring $(CONFIGURE) --preset release -DELBLAB_GUI=ON
	@$(PHASE) building cmake --build build -j $(JOBS)
	@ls out/$(SCENARIO).*.db >/dev/null 2>&1 || build/elblab run $(SCENARIO) --seeds 1 $(ARGS) || \
	  ls out/$(SCENARIO).*.db >/dev/null
	@build/elblab-gui out/$(SCENARIO).*.db

screenshots: packages-build packages-gui packages-bench
	@$(PHASE) configuring $(CONFIGURE) --preset release -DELBLAB_GUI=ON
	@$(PHASE) building cmake --build build -j $(JOBS)
	@scripts/screenshots.sh build

build: packages-build
	@$(PHASE) configuring $(CONFIGURE) --preset release
	@$(PHASE) building cmake --build build -j $(JOBS)

# CTest's summary is the last thing printed.
test: packages-test packages-gui-test build
	@scripts/test.sh build -j $(JOBS)

format: packages-format
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

lint: packages-lint build
	@scripts/lint.sh

sanitize: packages-build packages-test packages-gui-test
	@$(PHASE) "configuring sanitizers" $(CONFIGURE) --preset sanitize
	@$(PHASE) "building sanitizers" cmake --build build-sanitize -j $(JOBS)
	@scripts/test.sh build-sanitize -j $(JOBS)

# Each fuzzer for a minute, or FUZZ_SECONDS.
fuzz: packages-build packages-test packages-fuzz
	@$(PHASE) "configuring fuzz" $(CONFIGURE) --preset fuzz
	@$(PHASE) "building fuzz" cmake --build --preset fuzz -j $(JOBS)
	@scripts/fuzz.sh build-fuzz

bench: packages-build packages-gui packages-bench
	@$(PHASE) "configuring bench" $(CONFIGURE) --preset bench
	@$(PHASE) "building bench" cmake --build build-bench -j $(JOBS)
	@scripts/bench.sh build-bench $(ARGS)

clean:
	@rm -rf build build-sanitize build-fuzz build-bench

packages-%:
	@scripts/install-packages.sh $*
