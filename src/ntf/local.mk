# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/ntf.h
libnaxall_la_SOURCES += \
	src/ntf/admm.c \
	src/ntf/dense.c \
	src/ntf/export.c \
	src/ntf/fit.c \
	src/ntf/ntf.c \
	src/ntf/ntf_i.h \
	src/ntf/loss.c \
	src/ntf/mask.c \
	src/ntf/null.c \
	src/ntf/options.c \
	src/ntf/pivot.c \
	src/ntf/problem.c \
	src/ntf/project.c \
	src/ntf/residual.c \
	src/ntf/rows.c \
	src/ntf/scale.c \
	src/ntf/select.c \
	src/ntf/settle.c \
	src/ntf/sparse.c \
	src/ntf/stability.c \
	src/ntf/stream.c \
	src/ntf/tree.c \
	src/ntf/update.c

check_PROGRAMS += tests/unit/test_ntf
tests_unit_test_ntf_SOURCES = tests/unit/test_ntf.c

check_PROGRAMS += tests/unit/test_ntf_kinds
tests_unit_test_ntf_kinds_SOURCES = tests/unit/test_ntf_kinds.c

check_PROGRAMS += tests/unit/test_ntf_loss
tests_unit_test_ntf_loss_SOURCES = tests/unit/test_ntf_loss.c
EXTRA_DIST += tests/lib/ntf_test.h

check_PROGRAMS += tests/unit/test_ntf_more
tests_unit_test_ntf_more_SOURCES = tests/unit/test_ntf_more.c
