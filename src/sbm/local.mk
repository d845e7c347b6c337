# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/sbm.h
libnaxall_la_SOURCES += \
	src/sbm/graph.c \
	src/sbm/moves.c \
	src/sbm/numbers.c \
	src/sbm/options.c \
	src/sbm/sbm.c \
	src/sbm/sbm_i.h \
	src/sbm/search.c \
	src/sbm/state.c

check_PROGRAMS += tests/unit/test_sbm
tests_unit_test_sbm_SOURCES = tests/unit/test_sbm.c
