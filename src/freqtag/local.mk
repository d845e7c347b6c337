# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/freqtag.h
libnaxall_la_SOURCES += \
	src/freqtag/accumulate.c \
	src/freqtag/distributions.c \
	src/freqtag/engine.c \
	src/freqtag/freqtag_i.h \
	src/freqtag/lines.c \
	src/freqtag/rayleigh.c \
	src/freqtag/spectrum.c \
	src/freqtag/spikes.c \
	src/freqtag/tests.c \
	src/freqtag/thomson.c

check_PROGRAMS += tests/unit/test_freqtag
tests_unit_test_freqtag_SOURCES = tests/unit/test_freqtag.c

check_PROGRAMS += tests/unit/test_freqtag_acc
tests_unit_test_freqtag_acc_SOURCES = tests/unit/test_freqtag_acc.c

check_PROGRAMS += tests/unit/test_freqtag_lines
tests_unit_test_freqtag_lines_SOURCES = tests/unit/test_freqtag_lines.c
EXTRA_DIST += tests/lib/npy_ref.h
