# How the extension is built, installed and checked. Included by the Makefile, run from the top.
MODULE_big = evently
EXTENSION = extension/evently
version := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" extension/evently.control)
full_script := sql/generated/evently--$(version).sql
frozen_script := sql/released/evently--$(version).sql

# Upgrade steps and frozen versions are committed; the present version is put together below, and once
# frozen has to stay what it was.
DATA = $(filter-out $(frozen_script),$(wildcard sql/released/evently--*.sql))
DATA_built = $(full_script)

sources := $(wildcard extension/*.cpp extension/*/*.cpp)
OBJS = $(patsubst extension/%.cpp,build/extension/%.o,$(sources))
EXTRA_CLEAN = build sql/generated evently_faults.so

# -isystem: the server's own headers are not ours to keep free of warnings.
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) -DEVENTLY_VERSION='"$(version)"'
# EVENTLY_MODULE_FLAGS: of scripts/test_sanitize.
PG_CXXFLAGS = -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra -Werror $(EVENTLY_MODULE_FLAGS)
SHLIB_LINK = -lstdc++ $(EVENTLY_MODULE_FLAGS)

# EVENTLY_FAULTS=1 makes the module of tests/faults beside the shipped one: the same objects, and between
# them and the server's functions a layer that fails on demand. It is staged, and installed nowhere.
ifdef EVENTLY_FAULTS
MODULE_big = evently_faults
OBJS += build/faults/pg_faults.o
wrapped := SPI_commit SetLatch $(shell sed -nE 's/^(FALLIBLE|MORTAL).[^,]*, ([A-Za-z0-9_]*),.*/\2/p' tests/faults/pg_faults.cpp)
comma := ,
SHLIB_LINK += $(wrapped:%=-Wl$(comma)--wrap=%)
ifneq (,$(filter install,$(MAKECMDGOALS)))
$(if $(DESTDIR),,$(error EVENTLY_FAULTS makes a module for tests: give DESTDIR, or unset EVENTLY_FAULTS))
endif
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
build/extension/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(flags))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(flags))' >$@

# Under `make -s` a short line still shows that something happens.
define compile
	$(if $(findstring s,$(firstword -$(MAKEFLAGS))),@echo 'compiling $<' &&) \
	  $(CXX) $(CXXFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
endef
build/extension/%.o: extension/%.cpp build/extension/flags
	@mkdir -p $(@D)
	$(compile)

build/faults/%.o: tests/faults/%.cpp build/extension/flags
	@mkdir -p build/faults
	$(compile)

ifdef EVENTLY_FAULTS
install: faults-in-place
.PHONY: faults-in-place
faults-in-place: install-lib
	mv '$(DESTDIR)$(pkglibdir)/$(shlib)' '$(DESTDIR)$(pkglibdir)/evently$(DLSUFFIX)'
endif

-include $(OBJS:.o=.d)

# sql/schema itself: a part may have been added or taken away.
$(full_script): $(sort $(wildcard sql/schema/[0-9][0-9]_*.sql)) extension/evently.control $(wildcard $(frozen_script)) sql/schema
	@mkdir -p sql/generated
	cat $(filter-out $(frozen_script),$(filter %.sql,$^)) >$@.new
	@test ! -e $(frozen_script) || cmp $@.new $(frozen_script) || { echo \
	  '$(version) has been released as $(frozen_script): raise default_version, write the upgrade step' \
	  'sql/upgrades/evently--$(version)--NEW.sql, and let `make freeze` keep the new version' >&2; exit 1; }
	mv $@.new $@

# When a version goes out.
freeze:
	cat $(sort $(wildcard sql/schema/[0-9][0-9]_*.sql)) >$(frozen_script)

.PHONY: force freeze installcheck-pgtap installcheck-isolation isolation-directory
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
