# The front door. `make run` and `make test` do everything on a fresh Debian 12 machine.
#
#   make run [SCENARIO=TW-01] [ARGS="--seeds 1"]   build and run a scenario
#   make gui [SCENARIO=TW-01]                      open the analyzer on its traces; run it first if
#                                                  there are none
#   make screenshots                               pictures of the analyzer for docs/
#   make test                                      build and run every test
#   make build                                     elblab, and elblab-gui where Qt 6 is installed
#   make score                                     the diagnosis on every tree of causes, 210 runs each
#   make agreement                                 every scenario that can be, simulated and live (root)
#   make swarm                                     random worlds for an hour, or SWARM_MINUTES
#   make fidelity [COUNT=5000] [SEED=1]            random exchanges on the host model and on this kernel
#   make torture [POINTS=500] [SEED=1]             disturb runs at random moments
#   make format | lint | sanitize | fuzz | bench | clean

SCENARIO ?= TW-01
ARGS     ?=
POINTS   ?= 500
COUNT    ?= 5000
SEED     ?= 1
JOBS     ?= $(shell nproc)
SWARM_MINUTES ?= 60
PHASE    := scripts/phase.sh
INSTALL  := scripts/install-packages.sh
# Looked up when used: a fresh machine has ccache only after the packages are installed.
CONFIGURE = cmake $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

.PHONY: run gui screenshots test build format lint sanitize fuzz score agreement swarm fidelity torture bench clean
.NOTPARALLEL:

# Only what the command itself needs: no test, no analyzer.
run:
	@$(INSTALL) run
	@$(PHASE) configuring $(CONFIGURE) --preset release
	@$(PHASE) building cmake --build build -j $(JOBS) --target elblab
	@build/elblab run $(SCENARIO) $(ARGS)

gui:
	@$(INSTALL) run gui
	@$(PHASE) configuring $(CONFIGURE) --preset release -DELBLAB_GUI=ON
	@$(PHASE) building cmake --build build -j $(JOBS) --target programs
	@ls out/$(SCENARIO).*.db >/dev/null 2>&1 || build/elblab run $(SCENARIO) --seeds 1 $(ARGS) || \
	  ls out/$(SCENARIO).*.db >/dev/null
	@build/elblab-gui out/$(SCENARIO).*.db

screenshots:
	@$(INSTALL) run gui bench
	@$(PHASE) configuring $(CONFIGURE) --preset release -DELBLAB_GUI=ON
	@$(PHASE) building cmake --build build -j $(JOBS) --target programs
	@scripts/screenshots.sh build

build:
	@$(INSTALL) run
	@$(PHASE) configuring $(CONFIGURE) --preset release
	@$(PHASE) building cmake --build build -j $(JOBS) --target programs

# CTest's summary is the last thing printed.
test:
	@$(INSTALL) run test gui-test fuzz
	@$(PHASE) "configuring sanitizers" $(CONFIGURE) --preset sanitize-quick
	@$(PHASE) "building sanitizers" cmake --build build-sanitize-quick -j $(JOBS)
	@$(PHASE) configuring $(CONFIGURE) --preset release -DELBLAB_TESTS=ON \
	  -DELBLAB_SANITIZED=$(CURDIR)/build-sanitize-quick
	@$(PHASE) building cmake --build build -j $(JOBS)
	@scripts/test.sh build -j $(JOBS)

format:
	@$(INSTALL) format
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

lint:
	@$(INSTALL) run gui lint
	@$(PHASE) "configuring lint" $(CONFIGURE) --preset lint
	@scripts/lint.sh

sanitize:
	@$(INSTALL) run test gui-test
	@$(PHASE) "configuring sanitizers" $(CONFIGURE) --preset sanitize
	@$(PHASE) "building sanitizers" cmake --build build-sanitize -j $(JOBS)
	@scripts/test.sh build-sanitize -j $(JOBS)

# Each fuzzer for a minute, or FUZZ_SECONDS.
fuzz:
	@$(INSTALL) run test fuzz
	@$(PHASE) "configuring fuzz" $(CONFIGURE) --preset fuzz
	@$(PHASE) "building fuzz" cmake --build --preset fuzz -j $(JOBS)
	@scripts/fuzz.sh build-fuzz

# A tree that is named by less than 95 % of its runs ends it.
score:
	@$(INSTALL) run
	@$(PHASE) configuring $(CONFIGURE) --preset release
	@$(PHASE) building cmake --build build -j $(JOBS) --target elblab
	@build/elblab score
	@for tree in DIAG-04 DIAG-05 DIAG-06 DIAG-10 DIAG-12 DIAG-13; do \
	  echo "$$tree"; build/elblab score --runs 210 --causes $$tree || exit 1; done

# Six minutes of live traffic, in namespaces of its own; leave the machine alone meanwhile.
agreement:
	@$(INSTALL) run
	@$(PHASE) configuring $(CONFIGURE) --preset release
	@$(PHASE) building cmake --build build -j $(JOBS) --target elblab
	@tests/agreement/agreement.sh build/elblab scenarios out/agreement

# Goes on where it was stopped; what it finds stands in out/swarm.
swarm:
	@$(INSTALL) run
	@$(PHASE) configuring $(CONFIGURE) --preset release
	@$(PHASE) building cmake --build build -j $(JOBS) --target elblab
	@build/elblab swarm --worlds 100000000 --minutes $(SWARM_MINUTES) $(ARGS)

# COUNT exchanges with well-behaved peers and as many harsh ones, 150 at once; about 50 s a thousand.
fidelity:
	@$(INSTALL) run test
	@$(PHASE) configuring $(CONFIGURE) --preset release -DELBLAB_TESTS=ON
	@$(PHASE) building cmake --build build -j $(JOBS) --target fidelity exchanges
	@build/tests/fidelity/fidelity
	@build/tests/fidelity/exchanges --seed $(SEED) --count $(COUNT) --workers 150

# Live runs too where there are rights for them; about a second a point.
torture:
	@$(INSTALL) run test
	@$(PHASE) configuring $(CONFIGURE) --preset release -DELBLAB_TESTS=ON
	@$(PHASE) building cmake --build build -j $(JOBS) --target elblab torture
	@build/tests/torture/torture --points $(POINTS) --seed $(SEED) $(if $(filter 0,$(shell id -u)),--live)

bench:
	@$(INSTALL) run gui bench
	@$(PHASE) "configuring bench" $(CONFIGURE) --preset bench
	@$(PHASE) "building bench" cmake --build build-bench -j $(JOBS)
	@scripts/bench.sh build-bench $(ARGS)

clean:
	@rm -rf build build-sanitize build-sanitize-quick build-fuzz build-lint build-bench
