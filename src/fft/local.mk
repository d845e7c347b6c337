# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/fft.h
libnaxall_la_SOURCES += \
	src/fft/fft_i.h \
	src/fft/narrow.c \
	src/fft/plan.c \
	src/fft/untangle_avx512.c \
	src/fft/untangle_i.h

check_PROGRAMS += tests/unit/test_fft
tests_unit_test_fft_SOURCES = tests/unit/test_fft.c
