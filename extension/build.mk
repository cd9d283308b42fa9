# How the extension is built, installed and checked. Included by the Makefile, run from the top.
MODULE_big = evently
EXTENSION = extension/evently
version := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" extension/evently.control)

# Released scripts are committed. This version and the steps to it are put together below, and once
# frozen have to stay what they were.
schema_parts := $(sort $(wildcard sql/schema/[0-9][0-9]_*.sql))
step_sources := $(wildcard sql/upgrades/evently--*--$(version).sql)
upgrade_steps := $(step_sources:sql/upgrades/%=sql/generated/%)
full_script := sql/generated/evently--$(version).sql
DATA_built = $(full_script) $(upgrade_steps)
frozen_scripts := $(wildcard $(DATA_built:sql/generated/%=sql/released/%))
stale_steps := $(filter-out $(step_sources),$(wildcard sql/upgrades/evently--*.sql))
DATA = $(filter-out $(frozen_scripts),$(wildcard sql/released/evently--*.sql))

# Three modules are for tests: they are staged, and installed nowhere. EVENTLY_ASSERTS=1 makes one that
# checks its assertions, EVENTLY_COVERAGE=1 one that counts what it executes, too. EVENTLY_FAULTS=1 makes
# one from the objects of the first and, between them and the server's functions, a layer that fails on demand.
for_tests := $(if $(EVENTLY_FAULTS),faults,$(if $(EVENTLY_COVERAGE),coverage,$(if $(EVENTLY_ASSERTS),asserts)))
objects := build/extension$(if $(for_tests),-$(if $(filter coverage,$(for_tests)),coverage,asserts))

sources := $(wildcard extension/*.cpp extension/*/*.cpp)
OBJS = $(sources:extension/%.cpp=$(objects)/%.o)
EXTRA_CLEAN = build sql/generated evently_asserts.so evently_coverage.so evently_faults.so

# -isystem: the server's own headers are not ours to keep free of warnings.
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) -DEVENTLY_VERSION='"$(version)"'
# EVENTLY_MODULE_FLAGS: of scripts/dev/test_sanitize.
PG_CXXFLAGS = -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra -Werror $(EVENTLY_MODULE_FLAGS)
SHLIB_LINK = -lidn2 -lunistring -lstdc++ $(EVENTLY_MODULE_FLAGS)

comma := ,
ifdef for_tests
MODULE_big = evently_$(for_tests)
# The server's headers offer this to a module, whatever the server itself was built with.
PG_CPPFLAGS += -DUSE_ASSERT_CHECKING=1
ifneq (,$(filter install,$(MAKECMDGOALS)))
$(if $(DESTDIR),,$(error $(MODULE_big) is a module for tests: give DESTDIR, or unset EVENTLY_ASSERTS, EVENTLY_COVERAGE and EVENTLY_FAULTS))
endif
endif
ifeq ($(for_tests),coverage)
PG_CXXFLAGS += --coverage -fprofile-update=prefer-atomic -O1
SHLIB_LINK += --coverage
endif
ifeq ($(for_tests),faults)
OBJS += $(objects)/faults/pg_faults.o
wrapped := SPI_commit SetLatch $(shell sed -nE 's/^(FALLIBLE|MORTAL).[^,]*, ([A-Za-z0-9_]*),.*/\2/p' tests/faults/pg_faults.cpp)
SHLIB_LINK += $(wrapped:%=-Wl$(comma)--wrap=%)
endif

isolation_output ?= build/isolation
specs := $(sort $(wildcard tests/isolation/specs/*.spec))
ISOLATION := $(patsubst tests/isolation/specs/%.spec,%,$(specs))
ISOLATION_OPTS = --inputdir=tests/isolation --outputdir=$(isolation_output) --load-extension=evently
override ISOLATION_TESTDB := evently_isolation

# The bitcode step would call clang without our flags.
override with_llvm := no
include $(PGXS)

# Objects depend on what they were compiled with, so that another PG_CONFIG builds them anew.
flags := $(VERSION) $(CXX) $(CXXFLAGS) $(CPPFLAGS)
$(objects)/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(flags))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(flags))' >$@

# Under `make -s` a short line still shows that something happens.
define compile
	$(if $(findstring s,$(firstword -$(MAKEFLAGS))),@echo 'compiling $<' &&) \
	  $(COMPILER_LAUNCHER) $(CXX) $(CXXFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
endef
$(objects)/%.o: extension/%.cpp $(objects)/flags
	@mkdir -p $(@D)
	$(compile)

$(objects)/faults/%.o: tests/faults/%.cpp $(objects)/flags
	@mkdir -p $(@D)
	$(compile)

# Prints, as compile_commands.json has them, how the extension's and the faults' sources are compiled.
quoted = $(subst ",\",$(subst \,\\,$1))
command_of = {"directory": "$(CURDIR)", "file": "$1", "command": "$(call quoted,$(CXX) $(CXXFLAGS) $(CPPFLAGS) -c $1)"}
extension-commands:
	$(info [)
	$(foreach source,$(sources),$(info $(call command_of,$(source))$(comma)))
	$(info $(call command_of,tests/faults/pg_faults.cpp)])
	@:

ifdef for_tests
install: in-place
.PHONY: in-place
in-place: install-lib
	mv '$(DESTDIR)$(pkglibdir)/$(shlib)' '$(DESTDIR)$(pkglibdir)/evently$(DLSUFFIX)'
endif

-include $(OBJS:.o=.d)

define keep_unless_released
@test ! -e sql/released/$(@F) || cmp $@.new sql/released/$(@F) || { echo \
	  '$(@F) has been released, and its parts have changed since: raise default_version, and name the parts in' \
	  'a step sql/upgrades/evently--$(version)--NEW.sql, as sql/upgrades/README.md says' >&2; exit 1; }
	mv $@.new $@
endef

# sql/schema itself: a part may have been added or taken away.
$(full_script): $(schema_parts) sql/schema
	$(if $(stale_steps),$(error $(stale_steps) does not lead to version $(version): once frozen in sql/released it has \
	  to be removed))
	@mkdir -p $(@D)
	cat $(schema_parts) >$@.new
	$(keep_unless_released)

# A step names the parts that it replaces: `-- include: schema/40_booking.sql`.
$(upgrade_steps): $(sort $(shell cat $(step_sources) /dev/null | sed -n 's|^-- include: |sql/|p'))
$(upgrade_steps): sql/generated/%: sql/upgrades/%
	@mkdir -p $(@D)
	awk '/^-- include: / { part = "sql/" $$3; while ((getline line <part) > 0) print line; next } 1' $< >$@.new
	$(keep_unless_released)

$(DATA_built): extension/evently.control $(frozen_scripts)

# When a version goes out.
freeze: $(DATA_built)
	cp $^ sql/released/

.PHONY: force freeze extension-commands installcheck-pgtap installcheck-isolation isolation-directory
force:

# installcheck runs against the server that PGHOST, PGPORT, ... name, with the extension installed.
installcheck: installcheck-pgtap isolation-directory
installcheck-pgtap:
	@if command -v pg_prove >/dev/null; then tests/pgtap/run; \
	else echo 'pg_prove is not installed: the pgTAP suites are left out'; fi

isolation-directory:
	@mkdir -p $(isolation_output)

installcheck-isolation: isolation-directory
	$(pg_isolation_regress_installcheck) $(ISOLATION_OPTS) $(ISOLATION)
