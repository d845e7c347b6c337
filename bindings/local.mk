# SPDX-License-Identifier: GPL-3.0-or-later
# R and MATLAB/Octave: what they share is in bindings/common and is compiled into both.
# Their functions and help texts are generated from it and kept in the repository; to make
# them again after a method or an option has changed: make bindings-generate.
bindings_common = \
	bindings/common/call.c \
	bindings/common/call.h \
	bindings/common/methods.c \
	bindings/common/methods_data.c \
	bindings/common/methods_fit.c \
	bindings/common/methods_geometry.c \
	bindings/common/methods_i.h \
	bindings/common/methods_latent.c \
	bindings/common/methods_models.c \
	bindings/common/methods_signal.c \
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
tests_bindings_parity_SOURCES = tests/bindings/parity.c
tests_bindings_parity_LDADD = libneuraxis.la
tests/bindings/octave.log tests/bindings/r.log: tests/bindings/parity$(EXEEXT)
CLEANFILES += tests/bindings/parity$(EXEEXT)

tap_scripts += \
	tests/bindings/generated.tap \
	tests/bindings/octave.tap \
	tests/bindings/r.tap \
	tests/bindings/r_check.tap

# The functions, what compiles them (build.m), and the sources that it takes.
matlabdir = $(datadir)/neuraxis/matlab
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(matlabdir)' '$(DESTDIR)$(datadir)/neuraxis/common'
	cp -R $(srcdir)/bindings/matlab/. '$(DESTDIR)$(matlabdir)'
	cd $(srcdir) && cp $(bindings_common) '$(DESTDIR)$(datadir)/neuraxis/common'
	chmod -R u+w '$(DESTDIR)$(datadir)/neuraxis'
uninstall-hook:
	rm -rf '$(DESTDIR)$(matlabdir)' '$(DESTDIR)$(datadir)/neuraxis/common'
endif

bindings-generate:
	$(MAKE) $(AM_MAKEFLAGS) bindings/common/generate$(EXEEXT)
	./bindings/common/generate$(EXEEXT) r $(srcdir)/bindings/r/R/methods.R
	./bindings/common/generate$(EXEEXT) matlab $(srcdir)/bindings/matlab/+neuraxis
	cd $(srcdir)/bindings/r && PKG_CONFIG_PATH=$(abs_top_builddir) \
	  Rscript -e 'roxygen2::roxygenise(load_code = "source")' && ./cleanup
.PHONY: bindings-generate

EXTRA_DIST += $(bindings_common) bindings/common/generate.c bindings/r bindings/matlab \
	tests/bindings/lib.sh tests/bindings/parity.R tests/bindings/parity.m \
	tests/bindings/tap.R
