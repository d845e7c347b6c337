# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/io.h
libnaxall_la_SOURCES += \
	src/io/alf.c \
	src/io/axes.c \
	src/io/brainvision.c \
	src/io/caiman.c \
	src/io/convert.c \
	src/io/csv.c \
	src/io/edf.c \
	src/io/export.c \
	src/io/file.c \
	src/io/hash.c \
	src/io/hdf5.c \
	src/io/hdf5_blocks.c \
	src/io/hdf5_blocks_i.h \
	src/io/hdf5_data.c \
	src/io/hdf5_driver.c \
	src/io/hdf5_headers.c \
	src/io/hdf5_i.h \
	src/io/hdf5_mat.c \
	src/io/hdf5_plain.c \
	src/io/hdf5_survey.c \
	src/io/hdf5_text.c \
	src/io/io_i.h \
	src/io/mat.c \
	src/io/mat_check.c \
	src/io/mat_data.c \
	src/io/mat_i.h \
	src/io/mat_tree_i.h \
	src/io/netcdf.c \
	src/io/netcdf_cf.c \
	src/io/netcdf_cf_i.h \
	src/io/netcdf_cf_read.c \
	src/io/netcdf_i.h \
	src/io/netcdf_native.c \
	src/io/netcdf_records.c \
	src/io/netcdf_write.c \
	src/io/mclust.c \
	src/io/neurosuite.c \
	src/io/npy.c \
	src/io/npy_header.c \
	src/io/npy_i.h \
	src/io/npy_read.c \
	src/io/npz.c \
	src/io/nwb.c \
	src/io/nwb_i.h \
	src/io/nwb_read.c \
	src/io/nwb_series.c \
	src/io/nwb_table.c \
	src/io/nwb_units.c \
	src/io/options.c \
	src/io/phy.c \
	src/io/pickle.c \
	src/io/pickle_i.h \
	src/io/registry.c \
	src/io/sorting.c \
	src/io/sorting_i.h \
	src/io/source.c \
	src/io/spikes_io.c \
	src/io/spikes_io_i.h \
	src/io/suite2p.c \
	src/io/text.c \
	src/io/text_i.h \
	src/io/text_number.c \
	src/io/text_number_i.h

# Run by hand: bench/io/run BUILDDIR [MB] [NWB-FILE]
EXTRA_DIST += bench/io/bench_read.c bench/io/run

EXTRA_DIST += tests/lib/h5_make.h
check_PROGRAMS += tests/unit/test_hdf5
tests_unit_test_hdf5_SOURCES = tests/unit/test_hdf5.c

check_PROGRAMS += tests/unit/test_nwb
tests_unit_test_nwb_SOURCES = tests/unit/test_nwb.c

check_PROGRAMS += tests/unit/test_netcdf
tests_unit_test_netcdf_SOURCES = tests/unit/test_netcdf.c

check_PROGRAMS += tests/unit/test_export
tests_unit_test_export_SOURCES = tests/unit/test_export.c

check_PROGRAMS += tests/unit/test_io_npy
tests_unit_test_io_npy_SOURCES = tests/unit/test_io_npy.c

check_PROGRAMS += tests/unit/test_io_csv
tests_unit_test_io_csv_SOURCES = tests/unit/test_io_csv.c

check_PROGRAMS += tests/unit/test_io_suite2p
tests_unit_test_io_suite2p_SOURCES = tests/unit/test_io_suite2p.c

check_PROGRAMS += tests/unit/test_io_sorting
tests_unit_test_io_sorting_SOURCES = tests/unit/test_io_sorting.c

check_PROGRAMS += tests/unit/test_io_npz
tests_unit_test_io_npz_SOURCES = tests/unit/test_io_npz.c

check_PROGRAMS += tests/fault/test_malformed
tests_fault_test_malformed_SOURCES = tests/fault/test_malformed.c

check_PROGRAMS += tests/unit/test_io_mat
tests_unit_test_io_mat_SOURCES = tests/unit/test_io_mat.c
check_PROGRAMS += tests/unit/test_io_brainvision
tests_unit_test_io_brainvision_SOURCES = tests/unit/test_io_brainvision.c

check_PROGRAMS += tests/unit/test_io_units
tests_unit_test_io_units_SOURCES = tests/unit/test_io_units.c

check_PROGRAMS += tests/unit/test_io_edf
tests_unit_test_io_edf_SOURCES = tests/unit/test_io_edf.c

check_PROGRAMS += tests/unit/test_io_frame
tests_unit_test_io_frame_SOURCES = tests/unit/test_io_frame.c

check_PROGRAMS += tests/unit/test_netcdf_records
tests_unit_test_netcdf_records_SOURCES = tests/unit/test_netcdf_records.c
