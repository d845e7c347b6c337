# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/spikes.h
libnaxall_la_SOURCES += \
	src/spikes/bin.c \
	src/spikes/grid.c \
	src/spikes/select.c \
	src/spikes/spikes.c \
	src/spikes/spikes_i.h

check_PROGRAMS += tests/unit/test_spikes
tests_unit_test_spikes_SOURCES = tests/unit/test_spikes.c
check_PROGRAMS += tests/property/prop_spikes
tests_property_prop_spikes_SOURCES = tests/property/prop_spikes.c
