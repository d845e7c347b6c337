# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/trsa.h
libnaxall_la_SOURCES += \
	src/trsa/geodesic.c \
	src/trsa/options.c \
	src/trsa/transform.c \
	src/trsa/trsa_i.h

check_PROGRAMS += tests/unit/test_trsa
tests_unit_test_trsa_SOURCES = tests/unit/test_trsa.c
