# The extension (PGXS: all, install, installcheck, uninstall) and the everyday commands (see `make help`).
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)

everyday := help run up down status build unit suite test test-sanitize test-platform coverage fuzz lint check checkver format bench chaos
.PHONY: $(everyday)

# On a bare machine there is no PGXS yet: the everyday commands install it and call make again.
# They leave it out altogether, as PGXS has a `check` of its own.
ifneq (,$(filter-out $(everyday),$(or $(MAKECMDGOALS),all)))
  ifneq (,$(wildcard $(PGXS)))
    include extension/build.mk
  else
.DEFAULT_GOAL := all
.PHONY: all install uninstall installcheck clean
all install uninstall installcheck:
	@echo "PGXS is missing: run scripts/dev/packages run, or give PG_CONFIG=/path/to/pg_config" >&2; exit 1
clean:
	rm -rf build sql/generated evently.so evently_asserts.so evently_coverage.so evently_faults.so
  endif
else
check:
	@scripts/dev/packages check && scripts/dev/check
endif

help:
	@echo 'make run           start everything here and print the first booking; Ctrl-C stops it'
	@echo 'make up            the same in the background'
	@echo 'make down          stop it (data is kept)'
	@echo 'make status        what runs, where'
	@echo 'make build         the extension, the programs and all tests'
	@echo "make unit          build and run the unit tests, without any server; some of them: TEST='CombinerTest.*'"
	@echo 'make suite SUITE=pgtap  one suite of `make test` (unit pgtap isolation sessions service ...) with all it prints'
	@echo "                   A part of it: FILE=book.sql (pgtap), FILE=last_seat.spec (isolation), TEST='RestBookings.*' (C++)"
	@echo 'make test          every suite, on throw-away servers'
	@echo 'make test-sanitize the programs under ASan+UBSan and under TSan'
	@echo 'make test-platform make run and every suite on another Debian, PLATFORM=trixie or forky; as root'
	@echo 'make coverage      which part of the lines of each room the suites reach'
	@echo 'make fuzz          an hour of fuzzing; FUZZ_SECONDS and FUZZ_ONLY set how much of what'
	@echo 'make lint          the OpenAPI description'
	@echo 'make check         formatting, sizes and static analysis'
	@echo 'make checkver      one version everywhere; settings, routes, errors, metrics in docs/ are those of the code'
	@echo 'make format        format the C++ sources in place'
	@echo 'make bench         the side-by-side figures, in half an hour; some of them: BENCH_ROWS="rest quiet"'
	@echo 'make bench AGAINST=REV  this build beside that of REV, pair by pair: median ratios with 90 % intervals'
	@echo 'make chaos         breaks a stack of its own under load, and checks every booking; goes on where it stopped.'
	@echo '                   A tenth of it: CHAOS_SCALE=0.1; also CHAOS_ROWS="api redis", CHAOS_SEED=1'
	@echo 'make               the extension alone; also install, installcheck, uninstall, clean'
	@echo 'make freeze        when a version goes out: keep its SQL in sql/released'
	@echo 'Settings: EVENTLY_HOME EVENTLY_PG_PORT EVENTLY_REDIS_PORT PORT EVENTLY_BRIDGE_METRICS_PORT PG_CONFIG'

# PG_CONFIG goes through the environment, so that a private stack can run on another PostgreSQL.
run up build unit suite test test-sanitize coverage fuzz bench chaos: export PG_CONFIG := $(PG_CONFIG)

run up:
	@scripts/dev/build check && scripts/dev/packages run && scripts/dev/build run && exec scripts/stack/stack $@

down:
	@scripts/stack/stack down

status:
	@scripts/stack/stack status || true

build:
	@scripts/dev/build check && scripts/dev/packages test && scripts/dev/build test

unit:
	@scripts/dev/unit $(if $(TEST),'$(TEST)')

suite:
	@$(if $(TEST),GTEST_FILTER='$(TEST)') scripts/dev/suite '$(SUITE)' '$(FILE)'

test:
	@scripts/dev/test

test-sanitize:
	@scripts/dev/test_sanitize

test-platform:
	@scripts/dev/test_platform '$(PLATFORM)'

coverage:
	@scripts/dev/coverage

fuzz:
	@scripts/dev/fuzz

lint:
	@scripts/dev/lint

checkver:
	@scripts/dev/packages run && scripts/dev/checkver

format:
	@scripts/dev/packages check && scripts/dev/check --format

bench:
	@scripts/dev/build check && scripts/dev/packages bench && scripts/dev/build bench && \
	  exec $(if $(AGAINST),tests/bench/against '$(AGAINST)',env EVENTLY_KEEP_ALIVE_MS=300000 scripts/stack/with_stack tests/bench/run)

chaos:
	@scripts/dev/build check && scripts/dev/packages test && scripts/dev/build test && scripts/stack/with_stack tests/chaos/run
