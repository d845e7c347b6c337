# SPDX-License-Identifier: GPL-3.0-or-later
libnaxall_la_SOURCES += \
	src/report/axes.c \
	src/report/figure.c \
	src/report/html.c \
	src/report/image.c \
	src/report/marks.c \
	src/report/page.c \
	src/report/page_i.h \
	src/report/palette.c \
	src/report/png.c \
	src/report/report_i.h \
	src/report/svg.c \
	src/report/tree.c

check_PROGRAMS += tests/unit/test_figures
tests_unit_test_figures_SOURCES = tests/unit/test_figures.c
