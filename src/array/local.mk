# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/array.h
libnaxall_la_SOURCES += \
	src/array/array.c \
	src/array/array_i.h \
	src/array/axis.c \
	src/array/view.c
