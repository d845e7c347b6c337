# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/rsa.h
libnaxall_la_SOURCES += \
	src/rsa/blocks.c \
	src/rsa/boot.c \
	src/rsa/clusters.c \
	src/rsa/compare.c \
	src/rsa/compare_i.h \
	src/rsa/conclude.c \
	src/rsa/crosstime.c \
	src/rsa/design.c \
	src/rsa/export.c \
	src/rsa/folds.c \
	src/rsa/infer.c \
	src/rsa/infer_i.h \
	src/rsa/kendall.c \
	src/rsa/kendall_kernel_i.h \
	src/rsa/map.c \
	src/rsa/mds.c \
	src/rsa/measure.c \
	src/rsa/model.c \
	src/rsa/movie.c \
	src/rsa/noise.c \
	src/rsa/options.c \
	src/rsa/pairs.c \
	src/rsa/pool.c \
	src/rsa/rdm.c \
	src/rsa/rdms.c \
	src/rsa/riemann.c \
	src/rsa/rsa_i.h \
	src/rsa/spiketrain.c \
	src/rsa/stream.c \
	src/rsa/sums_i.h \
	src/rsa/tests.c \
	src/rsa/white.c

check_PROGRAMS += tests/unit/test_rsa
tests_unit_test_rsa_SOURCES = tests/unit/test_rsa.c tests/unit/rsa_reference.h

check_PROGRAMS += tests/unit/test_rdm
tests_unit_test_rdm_SOURCES = tests/unit/test_rdm.c tests/unit/rsa_reference.h

check_PROGRAMS += tests/unit/test_rsa_compare
tests_unit_test_rsa_compare_SOURCES = tests/unit/test_rsa_compare.c tests/unit/rsa_reference.h

check_PROGRAMS += tests/unit/test_rsa_infer
tests_unit_test_rsa_infer_SOURCES = tests/unit/test_rsa_infer.c tests/unit/rsa_reference.h

check_PROGRAMS += tests/unit/test_rsa_places
tests_unit_test_rsa_places_SOURCES = tests/unit/test_rsa_places.c tests/unit/rsa_reference.h

check_PROGRAMS += tests/unit/test_rsa_calibration
tests_unit_test_rsa_calibration_SOURCES = tests/unit/test_rsa_calibration.c \
	tests/unit/rsa_reference.h

check_PROGRAMS += tests/unit/test_rdm_spikes
tests_unit_test_rdm_spikes_SOURCES = tests/unit/test_rdm_spikes.c

check_PROGRAMS += tests/unit/test_rsa_samples
tests_unit_test_rsa_samples_SOURCES = tests/unit/test_rsa_samples.c tests/unit/rsa_reference.h
