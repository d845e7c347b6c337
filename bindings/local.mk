# SPDX-License-Identifier: GPL-3.0-or-later
# R and MATLAB/Octave: what they share is in bindings/common and is compiled into both.
# Their functions and help texts are generated from it and kept in the repository; to make
# them again after a method or an option has changed: make bindings-generate.
bindings_common = \
	bindings/common/call.c \
	bindings/common/call.h \
	bindings/common/methods.c \
	bindings/common/methods_circular.c \
	bindings/common/methods_data.c \
	bindings/common/methods_fit.c \
	bindings/common/methods_geometry.c \
	bindings/common/methods_hftp.c \
	bindings/common/methods_i.h \
	bindings/common/methods_latent.c \
	bindings/common/methods_models.c \
	bindings/common/methods_signal.c \
	bindings/common/methods_similarity.c \
	bindings/common/methods_spectral.c \
	bindings/common/methods_stats.c \
	bindings/common/methods_tags.c \
	bindings/common/methods_topology.c

if BINDINGS
noinst_PROGRAMS += bindings/common/generate
bindings_common_generate_SOURCES = bindings/common/generate.c $(bindings_common)
bindings_common_generate_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/bindings/common
bindings_common_generate_LDADD = libneuraxis.la

check_PROGRAMS += tests/bindings/test_call
tests_bindings_test_call_SOURCES = tests/bindings/test_call.c $(bindings_common)
tests_bindings_test_call_CPPFLAGS = $(bindings_common_generate_CPPFLAGS)

# What C, R and Octave must agree on to the last bit.
EXTRA_PROGRAMS += tests/bindings/parity
tests_bindings_parity_SOURCES = \
	tests/bindings/parity.c \
	tests/bindings/parity.h \
	tests/bindings/parity_more.c \
	tests/bindings/parity_rdms.c \
	tests/bindings/parity_tags.c
tests_bindings_parity_LDADD = libneuraxis.la
tests/bindings/octave.log tests/bindings/r.log: tests/bindings/parity$(EXEEXT)
CLEANFILES += tests/bindings/parity$(EXEEXT)

tap_scripts += \
	tests/bindings/generated.tap \
	tests/bindings/octave.tap \
	tests/bindings/r.tap \
	tests/bindings/reached.tap \
	tests/bindings/r_check.tap

# The functions, what compiles them (build.m), and the sources that it takes.
matlabdir = $(datadir)/neuraxis/matlab
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(matlabdir)' '$(DESTDIR)$(datadir)/neuraxis/common'
	cp -R $(srcdir)/bindings/matlab/. '$(DESTDIR)$(matlabdir)'
	cd $(srcdir) && cp $(bindings_common) '$(DESTDIR)$(datadir)/neuraxis/common'
	chmod -R u+w '$(DESTDIR)$(datadir)/neuraxis'
uninstall-hook:
	rm -rf '$(DESTDIR)$(matlabdir)' '$(DESTDIR)$(datadir)/neuraxis/common' \
	  '$(DESTDIR)$(octavedir)'

# The MEX file for Octave, built against this library and installed apart from the
# functions, as it depends on the machine: addpath both folders. Not part of `make install`,
# because it belongs to one version of Octave.
octavedir = $(libdir)/neuraxis/octave
octave_mex_dir = $(DESTDIR)$(octavedir)/+neuraxis/+internal
install-octave: libneuraxis.la
	@command -v mkoctfile >/dev/null 2>&1 || \
	  { echo "mkoctfile was not found: install Octave with its headers" >&2; exit 1; }
	$(MAKE) $(AM_MAKEFLAGS) install-data-hook
	$(MKDIR_P) '$(octave_mex_dir)'
	octave-cli --no-gui --quiet --eval "addpath('$(abs_top_srcdir)/bindings/matlab'); \
	  build('include', '-I$(abs_top_builddir)/include -I$(abs_top_srcdir)/include', \
	  'libs', '-L$(abs_top_builddir)/.libs -Wl,-rpath,$(libdir) -lneuraxis', \
	  'output', '$(octave_mex_dir)')" || test -f '$(octave_mex_dir)/neuraxis_mex.mex'
	@echo "In Octave: addpath('$(matlabdir)', '$(octavedir)')"
endif

bindings-generate:
	$(MAKE) $(AM_MAKEFLAGS) bindings/common/generate$(EXEEXT)
	./bindings/common/generate$(EXEEXT) r $(srcdir)/bindings/r/R/methods.R
	./bindings/common/generate$(EXEEXT) matlab $(srcdir)/bindings/matlab/+neuraxis
	cd $(srcdir)/bindings/r && PKG_CONFIG_PATH=$(abs_top_builddir) \
	  Rscript -e 'roxygen2::roxygenise(load_code = "source")' && ./cleanup
.PHONY: bindings-generate install-octave

EXTRA_DIST += $(bindings_common) bindings/common/generate.c bindings/r bindings/matlab \
	tests/bindings/alias.c tests/bindings/bounds.R \
	tests/bindings/bounds_of_options.m tests/bindings/interrupt_later.m \
	tests/bindings/interrupts.R tests/bindings/interrupts.m tests/bindings/sigint.c \
	tests/bindings/lib.sh tests/bindings/long.c \
	tests/bindings/resident.m tests/bindings/parity.R tests/bindings/parity.m \
	tests/bindings/parity_rdms.R tests/bindings/parity_rdms.m \
	tests/bindings/parity_tags.R tests/bindings/parity_tags.m \
	tests/bindings/tap.R tests/bindings/unbound.txt
