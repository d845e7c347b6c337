# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/rsa.h
libnaxall_la_SOURCES += \
	src/rsa/map.c \
	src/rsa/rdms.c \
	src/rsa/rsa_i.h

check_PROGRAMS += tests/unit/test_rsa
tests_unit_test_rsa_SOURCES = tests/unit/test_rsa.c tests/unit/rsa_reference.h
