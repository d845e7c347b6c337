# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/linalg.h
libnaxall_la_SOURCES += \
	src/linalg/blas.c \
	src/linalg/eigen.c \
	src/linalg/lapack.c \
	src/linalg/linalg_i.h \
	src/linalg/reflect.c \
	src/linalg/singular.c \
	src/linalg/skinny.c \
	src/linalg/skinny_avx2_f32.c \
	src/linalg/skinny_avx2_f64.c \
	src/linalg/skinny_avx512_f32.c \
	src/linalg/skinny_avx512_f32_8.c \
	src/linalg/skinny_avx512_f64.c \
	src/linalg/skinny_i.h \
	src/linalg/skinny_kernel_i.h \
	src/linalg/skinny_portable_f32.c \
	src/linalg/skinny_portable_f64.c \
	src/linalg/tridiagonal.c

check_PROGRAMS += tests/unit/test_linalg tests/unit/test_linalg_pieces
tests_unit_test_linalg_SOURCES = tests/unit/test_linalg.c
tests_unit_test_linalg_pieces_SOURCES = tests/unit/test_linalg_pieces.c
