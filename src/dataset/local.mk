# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/dataset.h
libnaxall_la_SOURCES += \
	src/dataset/dataset.c \
	src/dataset/dataset_i.h \
	src/dataset/table.c

check_PROGRAMS += tests/unit/test_dataset
tests_unit_test_dataset_SOURCES = tests/unit/test_dataset.c
