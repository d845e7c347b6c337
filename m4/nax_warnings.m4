# SPDX-License-Identifier: GPL-3.0-or-later
#
# NAX_APPEND_FLAGS(VARIABLE, FLAGS)
# ---------------------------------
# Appends each of FLAGS that the compiler takes without complaint, also about NAN (which
# clang's -Wdouble-promotion does not like).
AC_DEFUN([NAX_APPEND_FLAGS],
[for nax_flag in $2; do
  AS_VAR_PUSHDEF([nax_cv], [nax_cv_flag_$nax_flag])
  AC_CACHE_CHECK([whether $CC takes $nax_flag], [nax_cv],
    [nax_save_CFLAGS=$CFLAGS
     CFLAGS="$CFLAGS -Werror $nax_flag"
     AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <math.h>]], [[double x = NAN; return !(x != x);]])],
       [AS_VAR_SET([nax_cv], [yes])], [AS_VAR_SET([nax_cv], [no])])
     CFLAGS=$nax_save_CFLAGS])
  AS_VAR_IF([nax_cv], [yes], [$1="$$1 $nax_flag"])
  AS_VAR_POPDEF([nax_cv])
done])

# NAX_WARNINGS
# ------------
# WARN_CFLAGS: the warnings the code is kept clean of; -Werror only when asked for.
AC_DEFUN([NAX_WARNINGS],
[AC_ARG_ENABLE([werror],
  [AS_HELP_STRING([--enable-werror], [make compiler warnings errors (for developers)])],
  [], [enable_werror=no])
WARN_CFLAGS=
NAX_APPEND_FLAGS([WARN_CFLAGS],
  [-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes dnl
   -Wmissing-prototypes -Wvla -Wundef -Wformat=2 -Wdouble-promotion -Wcast-qual])
# clang counts a format that a function hands on as not literal, and a loop that it did not
# vectorise as a fault; gcc does neither.
AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#ifndef __clang__
#error not clang
#endif
int nax_conftest;]])], [WARN_CFLAGS="$WARN_CFLAGS -Wno-format-nonliteral -Wno-pass-failed"])
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])])

# NAX_NUMERIC_FLAGS
# -----------------
# NUMERIC_CFLAGS: no contraction (same bits from every compiler); errno and traps of libm
# are not looked at, which lets loops over it be vectorised without changing a value.
# Never -ffast-math, which would.
AC_DEFUN([NAX_NUMERIC_FLAGS],
[NUMERIC_CFLAGS=
NAX_APPEND_FLAGS([NUMERIC_CFLAGS],
  [-ffp-contract=off -fno-math-errno -fno-trapping-math])
AC_SUBST([NUMERIC_CFLAGS])])

# NAX_VERSION_SCRIPT
# ------------------
# HAVE_VERSION_SCRIPT: whether the linker takes an export map.
AC_DEFUN([NAX_VERSION_SCRIPT],
[AC_CACHE_CHECK([whether the linker takes a version script], [nax_cv_version_script],
  [nax_save_LDFLAGS=$LDFLAGS
   LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
   echo 'NAX_CONFTEST { global: nax_*; local: *; };' > conftest.map
   AC_LINK_IFELSE([AC_LANG_PROGRAM()],
     [nax_cv_version_script=yes], [nax_cv_version_script=no])
   rm -f conftest.map
   LDFLAGS=$nax_save_LDFLAGS])
AM_CONDITIONAL([HAVE_VERSION_SCRIPT], [test "x$nax_cv_version_script" = xyes])])
