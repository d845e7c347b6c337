# SPDX-License-Identifier: GPL-3.0-or-later
# The command sees the library as its users do: public headers, the shared library.
bin_PROGRAMS += neuraxis
neuraxis_SOURCES = \
	src/cli/args.c \
	src/cli/cli_i.h \
	src/cli/cmd_connectome.c \
	src/cli/cmd_bicluster.c \
	src/cli/cmd_convert.c \
	src/cli/cmd_freqtag.c \
	src/cli/cmd_freqtag.h \
	src/cli/cmd_freqtag_brain.c \
	src/cli/cmd_freqtag_published.c \
	src/cli/cmd_freqtag_tables.c \
	src/cli/cmd_gpvae.c \
	src/cli/cmd_info.c \
	src/cli/cmd_gpfa.c \
	src/cli/cmd_ntf.c \
	src/cli/cmd_preprocess.c \
	src/cli/cmd_rdm.c \
	src/cli/cmd_report.c \
	src/cli/cmd_rsa.c \
	src/cli/cmd_similarity.c \
	src/cli/cmd_simulate.c \
	src/cli/cmd_trsa.c \
	src/cli/cmd_trsa.h \
	src/cli/cmd_trsa_homology.c \
	src/cli/emit.c \
	src/cli/events.c \
	src/cli/factors.c \
	src/cli/factors.h \
	src/cli/help.c \
	src/cli/input.c \
	src/cli/inspect.c \
	src/cli/inspect.h \
	src/cli/inspect_values.c \
	src/cli/main.c \
	src/cli/output.c \
	src/cli/progress.c \
	src/cli/stack.c \
	src/cli/stack.h \
	src/cli/step_spec.c \
	src/cli/steps.c \
	src/cli/steps.h \
	src/cli/util.c
neuraxis_LDADD = libneuraxis.la $(JANSSON_LIBS)

check_PROGRAMS += tests/unit/test_cli_chain
tests_unit_test_cli_chain_SOURCES = tests/unit/test_cli_chain.c
