# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/linalg.h
libnaxall_la_SOURCES += \
	src/linalg/blas.c \
	src/linalg/lapack.c \
	src/linalg/linalg_i.h

check_PROGRAMS += tests/unit/test_linalg
tests_unit_test_linalg_SOURCES = tests/unit/test_linalg.c
