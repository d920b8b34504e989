# uringprep: build, test, install. Needs GNU make 3.82 or later; no configure.
#
#   make BUILD=DIR        build elsewhere
#   make WERROR=1         warnings are errors
#   make V=1              show the commands
#   make CFLAGS=... LDFLAGS=...   yours; ours are added to them

VERSION = 0.1.0

BUILD = build
DESTDIR =
PREFIX = /usr/local
WERROR = 0

PKG_CONFIG = pkg-config
# $(call quiet,WORD) before a command shows the WORD and the target instead of it.
quiet = $(if $(V),,@echo '  $(1)	$@';)
INSTALL = install
CFLAGS ?= -O2 -g

.SUFFIXES:
.DELETE_ON_ERROR:

# Not ":=": evaluated when used, for `make run` and `make check` install pkg-config first.
PKGS = json-c zlib
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS))
PKG_STATIC_LIBS = $(shell $(PKG_CONFIG) --static --libs $(PKGS))
CMOCKA_LIBS = $(shell $(PKG_CONFIG) --libs cmocka)

# -Wno-missing-braces: gcc 4.8 warns about the plain `= {0}`.
OUR_CFLAGS = -std=gnu99 -pthread -Wall -Wextra -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wno-missing-braces
ifneq ($(WERROR),0)
OUR_CFLAGS += -Werror
endif
OUR_CPPFLAGS = -Ilib -I. -D_GNU_SOURCE -DVERSION='"$(VERSION)"'
COMPILE = $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) $(OUR_CFLAGS) $(CFLAGS)
LINK = $(CC) -pthread $(CFLAGS) $(LDFLAGS)

# Sorted, for make 3.82 does not sort; without *.c in folders that are not there yet.
LIB_SRC := $(sort $(wildcard lib/*/*.c))
CMD_SRC := $(sort $(wildcard cmd/*.c))
PROFILES := $(sort $(wildcard profiles/*.conf))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
BIN_SRC := $(sort $(wildcard tests/bin/*.c))
GUEST_SRC := $(sort $(wildcard tests/guest/*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
MAN := $(sort $(wildcard man/*.[0-9]))

PROG := $(BUILD)/uringprep
STATIC := $(BUILD)/uringprep-static
LIB := $(BUILD)/liburingprep.a
EMBEDDED := $(BUILD)/gen/embedded
ABOUT := $(BUILD)/gen/about
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o) $(EMBEDDED).o $(ABOUT).o
CMD_OBJ := $(CMD_SRC:%.c=$(BUILD)/%.o)
STATIC_OBJ := $(patsubst $(BUILD)/lib/%,$(BUILD)/static/lib/%,$(LIB_OBJ)) \
	$(CMD_SRC:%.c=$(BUILD)/static/%.o)
# A unit test may call anything but main.
TEST_OBJ := $(filter-out $(BUILD)/cmd/main.o,$(CMD_OBJ))
UNIT := $(UNIT_SRC:%.c=$(BUILD)/%)
FUZZ := $(FUZZ_SRC:%.c=$(BUILD)/%)
BIN := $(BIN_SRC:%.c=$(BUILD)/%)
GUEST := $(GUEST_SRC:%.c=$(BUILD)/%)
SHIM := $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/fault/shim.c))

all: $(PROG) ## build $(BUILD)/uringprep (the default)

build: all

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | sed 's/$$(BUILD)/$(BUILD)/' | expand -t 12

# Stamps: rewritten only when what they hold has changed, so that other flags rebuild
# everything, and a source that came or went relinks.
FORCE:
.PHONY: FORCE

define stamp
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(1))' >$@.new
	@if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@; fi
endef

$(BUILD)/flags: FORCE
	$(call stamp,$(COMPILE) | $(LINK) | $(PKG_LIBS))

$(BUILD)/sources: FORCE
	$(call stamp,$(LIB_SRC) | $(CMD_SRC) | $(PROFILES))

$(BUILD)/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILE) -MMD -MP -c -o $@ $<

$(EMBEDDED).c: packaging/embed $(PROFILES) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call quiet,GEN)packaging/embed embedded_profiles $(PROFILES) >$@

$(ABOUT).c: packaging/embed-checks man/uringprep-checks.7
	@mkdir -p $(@D)
	$(call quiet,GEN)packaging/embed-checks man/uringprep-checks.7 >$@

$(EMBEDDED).o $(ABOUT).o: %.o: %.c Makefile $(BUILD)/flags
	$(call quiet,CC)$(COMPILE) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ) $(BUILD)/sources
	$(call quiet,AR)rm -f $@; $(AR) rcs $@ $(LIB_OBJ)

$(PROG): $(CMD_OBJ) $(LIB) $(BUILD)/sources
	$(call quiet,LD)$(LINK) -o $@ $(CMD_OBJ) $(LIB) $(PKG_LIBS)

# The same sources for size (a tenth smaller), every library inside. Warnings are the other
# build's; what the linker warns of (getpwnam and other functions that load libraries after
# all) is an error.
SMALL = -Os -g0 -w -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections

$(BUILD)/static/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILE) $(SMALL) -MMD -MP -c -o $@ $<

$(STATIC): $(STATIC_OBJ) $(BUILD)/sources
	$(call quiet,LD)$(LINK) -static -s -Wl,--gc-sections -Wl,--fatal-warnings -o $@ \
		$(STATIC_OBJ) $(PKG_STATIC_LIBS)

# Tests. Their programs are built by `make tests`, run by `make check`.
TESTS_LINKED = $(call quiet,LD)$(LINK) -o $@ $< $(TEST_OBJ) $(LIB) $(PKG_LIBS)

$(UNIT): %: %.o $(TEST_OBJ) $(LIB)
	$(TESTS_LINKED) $(CMOCKA_LIBS)

$(FUZZ): %: %.o $(BUILD)/tests/fuzz/driver.o $(TEST_OBJ) $(LIB)
	$(TESTS_LINKED) $(BUILD)/tests/fuzz/driver.o

# What tests run beside the program; they stand alone.
$(BIN): %: %.o
	$(call quiet,LD)$(LINK) -o $@ $< $(LDLIBS)

$(BUILD)/tests/bin/liburing_probe: LDLIBS = -luring

# What runs in a guest, where no library is.
$(GUEST): %: %.o
	$(call quiet,LD)$(LINK) -static -o $@ $<

$(BUILD)/tests/fault/shim.so: tests/fault/shim.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,LD)$(COMPILE) -fPIC -shared -MMD -MP -o $@ $< -ldl

-include $(STATIC_OBJ:.o=.d) $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNIT:=.d) $(BIN:=.d) $(GUEST:=.d) $(FUZZ:=.d)
-include $(BUILD)/tests/fuzz/driver.d $(SHIM:.so=.d)
.SECONDARY:

tests: all $(STATIC) $(UNIT) $(BIN) $(GUEST) $(FUZZ) $(SHIM) ## build the program and all tests

# A make inside make only where packages must be installed before the rest is looked at,
# or where the same Makefile builds another variant.
JOBS := $(shell nproc 2>/dev/null || echo 1)
AGAIN = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

static: ## build $(BUILD)/uringprep-static: one file, for any x86-64 Linux from 3.10 on
	@packaging/deps build static
	@$(AGAIN) $(STATIC)

run: ## install what building needs, build, and show the tool at work
	@packaging/deps build
	@$(AGAIN) all
	@packaging/demo $(PROG)

# The long ones first: prove starts them in this order.
FAULT_T := $(sort $(wildcard tests/fault/*.t))
LINT_T := $(sort $(wildcard tests/lint/*.t))
CLI_T := $(sort $(wildcard tests/cli/*.bats tests/cli/*.t))
FAST_T = $(FAULT_T) $(LINT_T) $(CLI_T) $(UNIT) $(FUZZ)
PROVE = env HARNESS_RULESFILE=tests/lib/rules.yml BUILD='$(BUILD)' MAKE='$(MAKE)' prove --exec tests/lib/tap

check: ## install what testing needs, then all fast tests as one run
	@packaging/deps build static test
	@$(AGAIN) tests
	@tests/lib/host_unchanged $(PROVE) -j2 $(FAST_T)

check-vm: ## boot real GRUBs and kernels under QEMU
	@packaging/deps build static test vm
	@$(AGAIN) all $(STATIC) $(GUEST)
	@$(PROVE) $(or $(sort $(wildcard tests/vm/*.t)),$(error tests/vm: no test))

check-all: check check-vm asan ## check, check-vm and asan

lint: ## one part of check: how the code is written
unit: ## one part of check: functions
cli: ## one part of check: the command line
fault: ## one part of check: killed, failing and full
unit cli fault lint:
	@packaging/deps build static test
	@$(AGAIN) tests
	@$(PROVE) -j2 $($@_TESTS)

unit_TESTS = $(UNIT)
cli_TESTS = $(CLI_T)
fault_TESTS = $(FAULT_T)
lint_TESTS = $(LINT_T)

SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all

# Exit code 99, for 1 is an answer of the program. Not there: what is about another build,
# and the files the sanitizers read of themselves.
NOT_ASAN = tests/cli/install.bats tests/cli/static.t tests/cli/escape.t

asan: ## the fast tests under AddressSanitizer and UBSan
	@packaging/deps build test
	@$(AGAIN) BUILD=$(BUILD)-asan CFLAGS='$(SANITIZE)' asan-tests

asan-tests: all $(UNIT) $(BIN) $(FUZZ)
	@ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
		$(PROVE) -j2 $(filter-out $(NOT_ASAN),$(CLI_T)) $(UNIT) $(FUZZ)

FUZZ_SECONDS = 60

fuzz: ## every parser under ASan with FUZZ_SECONDS of made-up input each
	@packaging/deps build
	@$(AGAIN) BUILD=$(BUILD)-asan CFLAGS='$(SANITIZE)' fuzz-long

fuzz-long: $(FUZZ)
	@set -e; for f in $(FUZZ); do $$f $(FUZZ_SECONDS); done

bench: ## figures: check against other tools, apply against its fsyncs, echo on io_uring against epoll
	@packaging/deps build static bench
	@$(AGAIN) all $(STATIC) $(BUILD)/tests/bin/replay
	@set -e; for b in $(sort $(wildcard tests/bench/*)); do \
		[ ! -x $$b ] || BUILD='$(BUILD)' $$b; done

format: ## bring the sources into the form of .clang-format (version 14)
	clang-format -i $(sort $(wildcard lib/*/*.[ch] cmd/*.[ch] tests/*/*.[ch]))

expected: all ## write the goldens of tests/expected anew
	BUILD='$(BUILD)' tests/cli/goldens.t write

install: all ## into DESTDIR and PREFIX
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/sbin
	$(INSTALL) -m 755 $(PROG) $(DESTDIR)$(PREFIX)/sbin/uringprep
	@set -e; for m in $(MAN); do d='$(DESTDIR)$(PREFIX)/share/man/man'$${m##*.}; \
		echo $(INSTALL) -m 644 $$m $$d; \
		$(INSTALL) -d "$$d"; $(INSTALL) -m 644 $$m "$$d"; done

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/sbin/uringprep
	@set -e; for m in $(notdir $(MAN)); do \
		echo rm -f '$(DESTDIR)$(PREFIX)/share/man/man'$${m##*.}/$$m; \
		rm -f '$(DESTDIR)$(PREFIX)/share/man/man'$${m##*.}/$$m; done

clean: ## remove what was built
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-lint

.PHONY: all build static help tests run check check-vm check-all unit cli fault lint asan \
	asan-tests fuzz fuzz-long bench format expected install uninstall clean
