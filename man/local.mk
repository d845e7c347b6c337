# SPDX-License-Identifier: GPL-3.0-or-later
# Pages in section 1 are made by help2man from --help and, where it exists, an include
# file man/NAME.h2m; they go into the tarball. The others are written by hand.
man_commands = \
	man/neuraxis.1 \
	man/neuraxis-connectome.1 \
	man/neuraxis-bicluster.1 \
	man/neuraxis-convert.1 \
	man/neuraxis-gpfa.1 \
	man/neuraxis-freqtag.1 \
	man/neuraxis-gpvae.1 \
	man/neuraxis-info.1 \
	man/neuraxis-ntf.1 \
	man/neuraxis-trsa.1 \
	man/neuraxis-preprocess.1 \
	man/neuraxis-rdm.1 \
	man/neuraxis-report.1 \
	man/neuraxis-rsa.1 \
	man/neuraxis-similarity.1 \
	man/neuraxis-simulate.1
man_includes = \
	man/neuraxis-freqtag.h2m \
	man/neuraxis.h2m
EXTRA_DIST += $(man_includes)
dist_noinst_SCRIPTS += build-aux/make-man

if DOCS
dist_man1_MANS = $(man_commands)
dist_man3_MANS = man/libneuraxis.3
dist_man5_MANS = man/neuraxis-file.5
else
EXTRA_DIST += man/libneuraxis.3 man/neuraxis-file.5
endif

# A tarball brings the pages and needs no help2man.
if FROM_GIT
$(man_commands): neuraxis$(EXEEXT) $(man_includes) build-aux/make-man
	$(AM_V_GEN)$(MKDIR_P) man && $(top_srcdir)/build-aux/make-man \
	  '$(HELP2MAN)' $(top_srcdir) ./neuraxis$(EXEEXT) '$(VERSION)' $@
CLEANFILES += $(man_commands)
endif
