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
EXTRA_DIST += tests/lib/nax_test.h tests/tap-filter.sh

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

tap_scripts += \
	tests/abi/pkgconfig.tap \
	tests/cli/version.tap \
	tests/lint/dist.tap \
	tests/lint/headers.tap \
	tests/lint/source.tap
EXTRA_DIST += $(tap_scripts) tests/abi/use_public.c tests/cli/lib.sh tests/lint/exports.tap

check_PROGRAMS += tests/abi/test_blas
tests_abi_test_blas_SOURCES = tests/abi/test_blas.c

TESTS = $(check_PROGRAMS) $(tap_scripts)
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
	LC_ALL=C; export LC_ALL; \
	MALLOC_PERTURB_=165; export MALLOC_PERTURB_; \
	NAX_SRCDIR='$(abs_top_srcdir)'; export NAX_SRCDIR; \
	NAX_BUILDDIR='$(abs_top_builddir)'; export NAX_BUILDDIR; \
	NAX_CC='$(CC)'; export NAX_CC; \
	NAX_CXX='$(CXX_FOR_HEADERS)'; export NAX_CXX; \
	NAX_USER_FLAGS='$(INSTRUMENT_CFLAGS)'; export NAX_USER_FLAGS; \
	NAX_ASSERT='$(enable_assert)'; export NAX_ASSERT; \
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
