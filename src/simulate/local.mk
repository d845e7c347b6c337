# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/simulate.h
libnaxall_la_SOURCES += \
	src/simulate/dynamics.c \
	src/simulate/images.c \
	src/simulate/neurons.c \
	src/simulate/options.c \
	src/simulate/plant.c \
	src/simulate/simulate.c \
	src/simulate/simulate_i.h

check_PROGRAMS += tests/unit/test_simulate
tests_unit_test_simulate_SOURCES = tests/unit/test_simulate.c
