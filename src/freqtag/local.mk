# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/freqtag.h include/neuraxis/freqtag_fit.h
libnaxall_la_SOURCES += \
	src/freqtag/accumulate.c \
	src/freqtag/alignment.c \
	src/freqtag/cluster.c \
	src/freqtag/components.c \
	src/freqtag/design.c \
	src/freqtag/distributions.c \
	src/freqtag/engine.c \
	src/freqtag/export.c \
	src/freqtag/fit.c \
	src/freqtag/fit_i.h \
	src/freqtag/freqtag_i.h \
	src/freqtag/hftp.c \
	src/freqtag/items.c \
	src/freqtag/levels.c \
	src/freqtag/lines.c \
	src/freqtag/mirror.c \
	src/freqtag/null.c \
	src/freqtag/observe.c \
	src/freqtag/options.c \
	src/freqtag/rayleigh.c \
	src/freqtag/ress.c \
	src/freqtag/series.c \
	src/freqtag/setup.c \
	src/freqtag/similarity.c \
	src/freqtag/spectrum.c \
	src/freqtag/spikes.c \
	src/freqtag/stream.c \
	src/freqtag/sums.c \
	src/freqtag/sums_avx512.c \
	src/freqtag/surrogates.c \
	src/freqtag/tests.c \
	src/freqtag/thomson.c

check_PROGRAMS += tests/unit/test_freqtag
tests_unit_test_freqtag_SOURCES = tests/unit/test_freqtag.c

check_PROGRAMS += tests/unit/test_freqtag_acc
tests_unit_test_freqtag_acc_SOURCES = tests/unit/test_freqtag_acc.c

check_PROGRAMS += tests/unit/test_freqtag_lines
tests_unit_test_freqtag_lines_SOURCES = tests/unit/test_freqtag_lines.c

check_PROGRAMS += tests/unit/test_freqtag_null
tests_unit_test_freqtag_null_SOURCES = tests/unit/test_freqtag_null.c

check_PROGRAMS += tests/unit/test_freqtag_fit
tests_unit_test_freqtag_fit_SOURCES = tests/unit/test_freqtag_fit.c

check_PROGRAMS += tests/unit/test_freqtag_observe
tests_unit_test_freqtag_observe_SOURCES = tests/unit/test_freqtag_observe.c

check_PROGRAMS += tests/unit/test_freqtag_components
tests_unit_test_freqtag_components_SOURCES = tests/unit/test_freqtag_components.c

check_PROGRAMS += tests/unit/test_freqtag_similarity
tests_unit_test_freqtag_similarity_SOURCES = tests/unit/test_freqtag_similarity.c

check_PROGRAMS += tests/unit/test_freqtag_series
tests_unit_test_freqtag_series_SOURCES = tests/unit/test_freqtag_series.c
EXTRA_DIST += tests/lib/npy_ref.h tests/lib/uniform.h

EXTRA_PROGRAMS += bench/freqtag/bench_freqtag bench/freqtag/bench_hftp
bench_freqtag_bench_freqtag_SOURCES = bench/freqtag/bench_freqtag.c
bench_freqtag_bench_freqtag_LDADD = libnaxall.la
bench_freqtag_bench_hftp_SOURCES = bench/freqtag/bench_hftp.c
bench_freqtag_bench_hftp_LDADD = libneuraxis.la
EXTRA_DIST += bench/freqtag/memory.sh bench/freqtag/peers.py bench/freqtag/run.sh
