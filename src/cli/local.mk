# SPDX-License-Identifier: GPL-3.0-or-later
bin_PROGRAMS += neuraxis
neuraxis_SOURCES = src/cli/main.c
neuraxis_LDADD = libneuraxis.la
