# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/array.h
libnaxall_la_SOURCES += \
	src/array/array.c \
	src/array/array_i.h \
	src/array/axis.c \
	src/array/concat.c \
	src/array/copy.c \
	src/array/labels.c \
	src/array/reduce.c \
	src/array/reduce_side.c \
	src/array/scale.c \
	src/array/slice.c \
	src/array/summary.c \
	src/array/transform.c \
	src/array/view.c

check_PROGRAMS += tests/property/prop_array
tests_property_prop_array_SOURCES = tests/property/prop_array.c
check_PROGRAMS += tests/unit/test_array tests/unit/test_reduce
tests_unit_test_array_SOURCES = tests/unit/test_array.c
tests_unit_test_reduce_SOURCES = tests/unit/test_reduce.c
