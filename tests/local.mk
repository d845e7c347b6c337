# SPDX-License-Identifier: GPL-3.0-or-later
# Every test speaks TAP: cmocka programs (tests/unit/test_*.c, named in the local.mk of
# the module they test), fuzz targets that replay their corpus, and *.tap shell scripts.

LDADD = libnaxall.la $(CMOCKA_LIBS)
if !HAVE_CMOCKA
check_DATA += cmocka-is-missing
cmocka-is-missing:
	@echo "make check needs cmocka (Debian package libcmocka-dev); then configure again" >&2
	@exit 1
endif
EXTRA_DIST += tests/lib/gpfa_test.h tests/lib/io_test.h tests/lib/memory_test.h tests/lib/nax_test.h tests/lib/numdiff tests/lib/trsa_test.h tests/tap-filter.sh

# A module adds a fuzz target by
#   fuzz_programs += tests/fuzz/fuzz_NAME
#   tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(fuzz_driver)
#   tests_fuzz_fuzz_NAME_LDADD = $(fuzz_ldadd)
# and puts seeds into tests/fuzz/corpus/NAME/. With --enable-fuzzing libFuzzer drives
# them (make fuzz); otherwise tests/fuzz/driver.c replays the corpus in make check.
fuzz_ldadd = libnaxall.la $(FUZZ_LIBS)
if FUZZING
fuzz_driver =
noinst_PROGRAMS += $(fuzz_programs)
else
fuzz_driver = tests/fuzz/driver.c
check_PROGRAMS += $(fuzz_programs)
endif
EXTRA_DIST += tests/fuzz/driver.c
include tests/fuzz/local.mk

# make fuzz FUZZ_SECONDS=1800 [FUZZ_TARGETS=tests/fuzz/fuzz_npy] [FUZZ_FLAGS=-rss_limit_mb=512]
# What is found stays in fuzz/NAME/; new inputs worth keeping in fuzz/NAME/corpus.
FUZZ_SECONDS = 60
FUZZ_TARGETS = $(fuzz_programs)
FUZZ_FLAGS =
if FUZZING
fuzz: $(fuzz_programs)
	@rc=0; for t in $(FUZZ_TARGETS); do \
	  name=$${t##*/fuzz_}; echo "== $$name"; \
	  seeds=$(abs_top_srcdir)/tests/fuzz/corpus/$$name; \
	  dict=$(abs_top_srcdir)/tests/fuzz/$$name.dict; \
	  test -f "$$dict" && dict=-dict=$$dict || dict=; \
	  test -d "$$seeds" || seeds=; \
	  $(MKDIR_P) fuzz/$$name/corpus; \
	  (cd fuzz/$$name && OPENBLAS_NUM_THREADS=1 $(abs_top_builddir)/$$t \
	    -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -timeout=10 $$dict \
	    $(FUZZ_FLAGS) corpus $$seeds) 2>&1 | tee fuzz/$$name/log | \
	    grep -E '^stat::|ERROR|SUMMARY|Test unit written' ; \
	  if grep -q -e 'SUMMARY' fuzz/$$name/log; then rc=1; fi; \
	done; exit $$rc
else
fuzz:
	@echo "configure with --enable-fuzzing (and CC=clang-14) first" >&2; exit 1
endif
.PHONY: fuzz

# Scripts that run the command go into cli_scripts, the others into tap_scripts.
cli_scripts += \
	tests/cli/connectome.tap \
	tests/cli/bicluster.tap \
	tests/cli/convert.tap \
	tests/cli/datasets.tap \
	tests/cli/gpfa.tap \
	tests/cli/ntf.tap \
	tests/cli/freqtag.tap \
	tests/cli/freqtag_input.tap \
	tests/cli/gpvae.tap \
	tests/cli/info.tap \
	tests/cli/malformed.tap \
	tests/cli/preprocess.tap \
	tests/cli/rdm.tap \
	tests/cli/report.tap \
	tests/cli/rsa.tap \
	tests/cli/similarity.tap \
	tests/cli/simulate.tap \
	tests/cli/trsa.tap \
	tests/cli/usage.tap \
	tests/cli/version.tap

tap_scripts += \
	tests/abi/examples.tap \
	tests/abi/pkgconfig.tap \
	tests/lint/dist.tap \
	tests/lint/doxygen.tap \
	tests/lint/exports.tap \
	tests/lint/headers.tap \
	tests/lint/man.tap \
	tests/lint/source.tap
EXTRA_DIST += $(tap_scripts) $(cli_scripts) tests/abi/use_public.c tests/cli/lib.sh

check_PROGRAMS += tests/abi/test_blas tests/abi/test_locale
tests_abi_test_blas_SOURCES = tests/abi/test_blas.c
tests_abi_test_locale_SOURCES = tests/abi/test_locale.c

TESTS = $(check_PROGRAMS) $(tap_scripts) $(cli_scripts)
TEST_EXTENSIONS = .tap
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TAP_LOG_DRIVER = $(LOG_DRIVER)
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/tap-filter.sh
TAP_LOG_COMPILER = $(SHELL)

# BLAS keeps to one thread, our own loops get two, fresh memory is not zero, and nobody's
# locale decides about a decimal point.
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS; \
	OMP_NUM_THREADS=2; export OMP_NUM_THREADS; \
	OMP_WAIT_POLICY=passive; export OMP_WAIT_POLICY; \
	LC_ALL=C; export LC_ALL; \
	MALLOC_PERTURB_=165; export MALLOC_PERTURB_; \
	NAX_SRCDIR='$(abs_top_srcdir)'; export NAX_SRCDIR; \
	NAX_BUILDDIR='$(abs_top_builddir)'; export NAX_BUILDDIR; \
	NAX_CC='$(CC)'; export NAX_CC; \
	NAX_CXX='$(CXX_FOR_HEADERS)'; export NAX_CXX; \
	NAX_USER_FLAGS='$(INSTRUMENT_CFLAGS)'; export NAX_USER_FLAGS; \
	NAX_ASSERT='$(enable_assert)'; export NAX_ASSERT; \
	NAX_SANITIZERS='$(enable_sanitizers)'; export NAX_SANITIZERS; \
	NAX_TEST_SHARED="$${NAX_TEST_SHARED-$(abs_top_srcdir)/../shared}"; \
	export NAX_TEST_SHARED;

# make check ends with one line for people and CI alike: N passed, N failed, N skipped.
# The harness may fail without ending the run; the summary then does.
.IGNORE: check-TESTS
check:
	@$(SHELL) $(top_srcdir)/build-aux/test-summary $(TEST_LOGS:.log=.trs)
dist_noinst_SCRIPTS += build-aux/test-summary build-aux/check-calls \
	build-aux/check-dist build-aux/check-docs build-aux/check-exports \
	build-aux/check-includes build-aux/check-style build-aux/list-api

# ---- make check-long -----------------------------------------------------------------
# Also what nax_t_long() skips otherwise: calibrations and recoveries that take minutes.
check-long:
	NAX_TEST_LONG=1 $(MAKE) $(AM_MAKEFLAGS) check
.PHONY: check-long

# ---- make check-valgrind -------------------------------------------------------------
check-valgrind: $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(check_PROGRAMS)' \
	  LOG_COMPILER='$(LOG_COMPILER) $(LIBTOOL) --silent --mode=execute valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite'
.PHONY: check-valgrind

# ---- make check-code-coverage --------------------------------------------------------
# Which lines of the library and the command the tests run; coverage/index.html shows
# those they do not.
if CODE_COVERAGE
check-code-coverage:
	$(AM_V_at)$(LCOV) -q --zerocounters --directory .
	$(MAKE) $(AM_MAKEFLAGS) check
	$(AM_V_at)$(LCOV) -q --capture --directory . --output-file coverage.info
	$(AM_V_at)$(LCOV) -q --extract coverage.info '*/src/*' --output-file coverage.info
	$(AM_V_at)test -z "$(GENHTML)" || $(GENHTML) -q -o coverage coverage.info
	@$(AWK) -F: '$$1 == "SF" { f = $$2; sub(/.*\/src\//, "src/", f) } \
	  $$1 == "LF" { n[f] += $$2; all += $$2 } \
	  $$1 == "LH" { h[f] += $$2; hit += $$2 } \
	  END { for (f in n) printf "%5.1f %% %5d of %5d  %s\n", 100 * h[f] / n[f], h[f], n[f], f | "sort -k6"; \
	        close("sort -k6"); \
	        printf "line coverage: %.1f %% (%d of %d lines)\n", 100 * hit / all, hit, all }' \
	  coverage.info
else
check-code-coverage:
	@echo "configure with --enable-code-coverage first" >&2; exit 1
endif
.PHONY: check-code-coverage
CLEANFILES += coverage.info

clean-local:
	-rm -rf coverage doc/html fuzz
	-test -z "$(LCOV)" || find . -name '*.gcda' -o -name '*.gcno' | xargs rm -f
