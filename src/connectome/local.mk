# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/connectome.h
libnaxall_la_SOURCES += \
	src/connectome/affinity.c \
	src/connectome/align.c \
	src/connectome/bricks.c \
	src/connectome/connectome.c \
	src/connectome/connectome_i.h \
	src/connectome/derivative.c \
	src/connectome/draws.c \
	src/connectome/export.c \
	src/connectome/factorise.c \
	src/connectome/motifs.c \
	src/connectome/options.c \
	src/connectome/select.c \
	src/connectome/symmetric.c \
	src/connectome/unformed.c

EXTRA_DIST += tests/lib/connectome_test.h
check_PROGRAMS += tests/unit/test_connectome tests/unit/test_connectome_fit
tests_unit_test_connectome_SOURCES = tests/unit/test_connectome.c
tests_unit_test_connectome_fit_SOURCES = tests/unit/test_connectome_fit.c
