# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/trsa.h
libnaxall_la_SOURCES += \
	src/trsa/agtic.c \
	src/trsa/diagram.c \
	src/trsa/geodesic.c \
	src/trsa/gram.c \
	src/trsa/identify.c \
	src/trsa/identify_i.h \
	src/trsa/options.c \
	src/trsa/ph_i.h \
	src/trsa/rips.c \
	src/trsa/slices.c \
	src/trsa/summary.c \
	src/trsa/transform.c \
	src/trsa/trsa_i.h

check_PROGRAMS += tests/unit/test_trsa
tests_unit_test_trsa_SOURCES = tests/unit/test_trsa.c

check_PROGRAMS += tests/unit/test_ph
tests_unit_test_ph_SOURCES = tests/unit/test_ph.c

check_PROGRAMS += tests/unit/test_trsa_identify
tests_unit_test_trsa_identify_SOURCES = tests/unit/test_trsa_identify.c
