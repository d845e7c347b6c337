# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/quality.h
libnaxall_la_SOURCES += \
	src/quality/options.c \
	src/quality/quality.c \
	src/quality/quality_i.h \
	src/quality/spikes.c \
	src/quality/trace.c \
	src/quality/walk.c

check_PROGRAMS += tests/unit/test_quality
tests_unit_test_quality_SOURCES = tests/unit/test_quality.c
