# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/report.h
libnaxall_la_SOURCES += \
	src/report/axes.c \
	src/report/dataset_page.c \
	src/report/dataset_page_i.h \
	src/report/figure.c \
	src/report/html.c \
	src/report/image.c \
	src/report/marks.c \
	src/report/options.c \
	src/report/page.c \
	src/report/page_connectome.c \
	src/report/page_bicluster.c \
	src/report/page_i.h \
	src/report/page_gpfa.c \
	src/report/page_freqtag.c \
	src/report/page_hftp.c \
	src/report/page_gpvae.c \
	src/report/page_ntf.c \
	src/report/page_trsa.c \
	src/report/page_rdm.c \
	src/report/page_rdm_times.c \
	src/report/page_rsa.c \
	src/report/page_rsa_i.h \
	src/report/page_similarity.c \
	src/report/palette.c \
	src/report/png.c \
	src/report/recording.c \
	src/report/report_i.h \
	src/report/section_rank.c \
	src/report/section_spikes.c \
	src/report/section_text.c \
	src/report/section_traces.c \
	src/report/section_trials.c \
	src/report/section_units.c \
	src/report/survey.c \
	src/report/svg.c \
	src/report/tree.c

check_PROGRAMS += tests/unit/test_figures
tests_unit_test_figures_SOURCES = tests/unit/test_figures.c

check_PROGRAMS += tests/unit/test_report
tests_unit_test_report_SOURCES = tests/unit/test_report.c
