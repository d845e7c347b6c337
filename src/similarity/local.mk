# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/similarity.h
libnaxall_la_SOURCES += \
	src/similarity/encoding.c \
	src/similarity/options.c \
	src/similarity/side.c \
	src/similarity/similarity.c \
	src/similarity/similarity_i.h

check_PROGRAMS += tests/unit/test_similarity
tests_unit_test_similarity_SOURCES = tests/unit/test_similarity.c tests/unit/rsa_reference.h
