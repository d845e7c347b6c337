# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/ntf.h
libnaxall_la_SOURCES += \
	src/ntf/dense.c \
	src/ntf/export.c \
	src/ntf/fit.c \
	src/ntf/ntf.c \
	src/ntf/ntf_i.h \
	src/ntf/options.c \
	src/ntf/pivot.c \
	src/ntf/problem.c \
	src/ntf/residual.c \
	src/ntf/rows.c \
	src/ntf/select.c \
	src/ntf/sparse.c \
	src/ntf/stream.c \
	src/ntf/tree.c

check_PROGRAMS += tests/unit/test_ntf
tests_unit_test_ntf_SOURCES = tests/unit/test_ntf.c

check_PROGRAMS += tests/unit/test_ntf_kinds
tests_unit_test_ntf_kinds_SOURCES = tests/unit/test_ntf_kinds.c
