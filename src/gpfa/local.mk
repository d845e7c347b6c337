# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/gpfa.h
libnaxall_la_SOURCES += \
	src/gpfa/alike.c \
	src/gpfa/circulant.c \
	src/gpfa/data.c \
	src/gpfa/estep.c \
	src/gpfa/export.c \
	src/gpfa/factor.c \
	src/gpfa/fit.c \
	src/gpfa/gpfa.c \
	src/gpfa/gpfa_i.h \
	src/gpfa/import.c \
	src/gpfa/infer.c \
	src/gpfa/kernel.c \
	src/gpfa/lno.c \
	src/gpfa/lowrank.c \
	src/gpfa/memory.c \
	src/gpfa/mstep.c \
	src/gpfa/nested.c \
	src/gpfa/options.c \
	src/gpfa/pace.c \
	src/gpfa/poisson.c \
	src/gpfa/select.c \
	src/gpfa/sensor.c

check_PROGRAMS += tests/unit/test_gpfa
tests_unit_test_gpfa_SOURCES = tests/unit/test_gpfa.c
check_PROGRAMS += tests/unit/test_gpfa_fit
tests_unit_test_gpfa_fit_SOURCES = tests/unit/test_gpfa_fit.c
check_PROGRAMS += tests/unit/test_gpfa_odd
tests_unit_test_gpfa_odd_SOURCES = tests/unit/test_gpfa_odd.c
