# SPDX-License-Identifier: GPL-3.0-or-later
#
# NAX_SANITIZERS, NAX_FUZZING, NAX_COVERAGE: the three ways to build with instruments.
# Each adds to INSTRUMENT_CFLAGS and INSTRUMENT_LDFLAGS and leaves CFLAGS to the user.

AC_DEFUN([NAX_SANITIZERS],
[AC_ARG_ENABLE([sanitizers],
  [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@],
     [build with sanitizers (default list: address,undefined)])],
  [], [enable_sanitizers=no])
AS_CASE([$enable_sanitizers],
  [yes], [enable_sanitizers=address,undefined])
AS_IF([test "x$enable_sanitizers" != xno],
  [nax_san="-fsanitize=$enable_sanitizers -fno-sanitize-recover=all"
   nax_save_CFLAGS=$CFLAGS
   CFLAGS="$CFLAGS $nax_san"
   AC_MSG_CHECKING([whether $CC links with $nax_san])
   AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])],
     [AC_MSG_RESULT([no])
      AC_MSG_ERROR([--enable-sanitizers=$enable_sanitizers: $CC cannot link with it])])
   CFLAGS=$nax_save_CFLAGS
   INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -DNAX_INSTRUMENTED $nax_san -fno-omit-frame-pointer"
   INSTRUMENT_LDFLAGS="$INSTRUMENT_LDFLAGS $nax_san"])
AC_SUBST([enable_sanitizers])
AM_CONDITIONAL([SANITIZERS], [test "x$enable_sanitizers" != xno])])

AC_DEFUN([NAX_FUZZING],
[AC_ARG_ENABLE([fuzzing],
  [AS_HELP_STRING([--enable-fuzzing],
     [link the fuzz targets with libFuzzer (needs CC=clang)])],
  [], [enable_fuzzing=no])
FUZZ_LIBS=
AS_IF([test "x$enable_fuzzing" = xyes],
  [nax_save_CFLAGS=$CFLAGS
   CFLAGS="$CFLAGS -fsanitize=fuzzer"
   AC_MSG_CHECKING([whether $CC has libFuzzer])
   AC_LINK_IFELSE([AC_LANG_SOURCE([[
#include <stddef.h>
int LLVMFuzzerTestOneInput (const unsigned char *d, size_t n);
int LLVMFuzzerTestOneInput (const unsigned char *d, size_t n) { return n && d@<:@0@:>@ ? 0 : 0; }
     ]])], [AC_MSG_RESULT([yes])],
     [AC_MSG_RESULT([no])
      AC_MSG_ERROR([--enable-fuzzing needs clang with libFuzzer: configure with CC=clang-14 (Debian packages clang-14 and libclang-rt-14-dev)])])
   CFLAGS=$nax_save_CFLAGS
   INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -fsanitize=fuzzer-no-link"
   INSTRUMENT_LDFLAGS="$INSTRUMENT_LDFLAGS -fsanitize=fuzzer-no-link"
   FUZZ_LIBS=-fsanitize=fuzzer])
AC_SUBST([FUZZ_LIBS])
AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])])

AC_DEFUN([NAX_COVERAGE],
[AC_ARG_ENABLE([code-coverage],
  [AS_HELP_STRING([--enable-code-coverage],
     [count the lines that tests run (make check-code-coverage)])],
  [], [enable_code_coverage=no])
AS_IF([test "x$enable_code_coverage" = xyes],
  [AC_PATH_PROG([LCOV], [lcov])
   AS_IF([test -z "$LCOV"],
     [AC_MSG_ERROR([--enable-code-coverage needs lcov (Debian package lcov)])])
   AC_PATH_PROG([GENHTML], [genhtml])
   INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -DNAX_INSTRUMENTED --coverage -O0"
   INSTRUMENT_LDFLAGS="$INSTRUMENT_LDFLAGS --coverage"])
AC_SUBST([LCOV])
AC_SUBST([GENHTML])
AM_CONDITIONAL([CODE_COVERAGE], [test "x$enable_code_coverage" = xyes])])
