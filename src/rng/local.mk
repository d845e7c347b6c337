# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/rng.h
libnaxall_la_SOURCES += \
	src/rng/handler.c \
	src/rng/philox.c \
	src/rng/rng_i.h \
	src/rng/variates.c

check_PROGRAMS += tests/unit/test_rng
tests_unit_test_rng_SOURCES = tests/unit/test_rng.c
