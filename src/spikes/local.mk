# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/spikes.h
libnaxall_la_SOURCES += \
	src/spikes/spikes.c \
	src/spikes/spikes_i.h
