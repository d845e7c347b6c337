# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/gpvae.h
libnaxall_la_SOURCES += \
	src/gpvae/basis.c \
	src/gpvae/checkpoint.c \
	src/gpvae/components.c \
	src/gpvae/data.c \
	src/gpvae/export.c \
	src/gpvae/fit.c \
	src/gpvae/gpvae.c \
	src/gpvae/gpvae_i.h \
	src/gpvae/infer.c \
	src/gpvae/kernel_f32.c \
	src/gpvae/kernel_f64.c \
	src/gpvae/kernel_i.h \
	src/gpvae/likelihood.c \
	src/gpvae/model.c \
	src/gpvae/net.c \
	src/gpvae/objective.c \
	src/gpvae/options.c \
	src/gpvae/posterior.c \
	src/gpvae/start.c

check_PROGRAMS += tests/unit/test_gpvae
tests_unit_test_gpvae_SOURCES = tests/unit/test_gpvae.c
check_PROGRAMS += tests/unit/test_gpvae_fit
tests_unit_test_gpvae_fit_SOURCES = tests/unit/test_gpvae_fit.c
