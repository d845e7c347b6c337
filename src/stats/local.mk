# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/stats.h
libnaxall_la_SOURCES += \
	src/stats/assign.c \
	src/stats/basic.c \
	src/stats/cluster.c \
	src/stats/connected.c \
	src/stats/lbfgs.c \
	src/stats/mcmc.c \
	src/stats/order.c \
	src/stats/rows.c \
	src/stats/student.c \
	src/stats/stats_i.h

check_PROGRAMS += tests/unit/test_stats
tests_unit_test_stats_SOURCES = tests/unit/test_stats.c tests/reference/stats_scipy.h
EXTRA_DIST += tests/reference/make_stats_scipy.py
