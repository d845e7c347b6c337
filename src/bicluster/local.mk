# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/bicluster.h
libnaxall_la_SOURCES += \
	src/bicluster/bicluster_i.h \
	src/bicluster/chain.c \
	src/bicluster/checkpoint.c \
	src/bicluster/data.c \
	src/bicluster/dimension.c \
	src/bicluster/dynamics.c \
	src/bicluster/export.c \
	src/bicluster/fit.c \
	src/bicluster/members.c \
	src/bicluster/moves.c \
	src/bicluster/numeric.c \
	src/bicluster/options.c \
	src/bicluster/partition.c \
	src/bicluster/path.c \
	src/bicluster/pg.c \
	src/bicluster/prior.c \
	src/bicluster/regroup.c \
	src/bicluster/run.c \
	src/bicluster/run_i.h \
	src/bicluster/start.c \
	src/bicluster/states.c \
	src/bicluster/store.c \
	src/bicluster/summary.c \
	src/bicluster/transfer.c

check_PROGRAMS += tests/unit/test_bicluster
tests_unit_test_bicluster_SOURCES = tests/unit/test_bicluster.c
check_PROGRAMS += tests/unit/test_bicluster_moves
tests_unit_test_bicluster_moves_SOURCES = tests/unit/test_bicluster_moves.c
EXTRA_DIST += tests/lib/bic_make.h
check_PROGRAMS += tests/unit/test_bicluster_run
tests_unit_test_bicluster_run_SOURCES = tests/unit/test_bicluster_run.c
