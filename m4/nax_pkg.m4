# SPDX-License-Identifier: GPL-3.0-or-later
#
# NAX_PKG(VARIABLE, MODULE, DEBIAN-PACKAGE)
# -----------------------------------------
# PKG_CHECK_MODULES that goes on when a module is missing and remembers which Debian
# package would bring it, so that configure can name all of them in one message.
AC_DEFUN([NAX_PKG],
[PKG_CHECK_MODULES([$1], [$2], [],
   [AC_MSG_RESULT([no])
    nax_missing="$nax_missing $3"])])

# NAX_SYSTEM_INCLUDES(VARIABLE)
# -----------------------------
# Turns -I into -isystem in VARIABLE: other people's headers are not held to our warnings.
AC_DEFUN([NAX_SYSTEM_INCLUDES],
[$1=`AS_ECHO([" $$1"]) | sed 's/ -I */ -isystem /g'`])

# NAX_EDFLIB
# ----------
# EDFlib ships no pkg-config file.
AC_DEFUN([NAX_EDFLIB],
[EDF_LIBS=
AC_CHECK_HEADER([edflib.h],
  [AC_CHECK_LIB([edf], [edflib_version], [EDF_LIBS=-ledf],
     [nax_missing="$nax_missing libedf-dev"])],
  [nax_missing="$nax_missing libedf-dev"])
AC_SUBST([EDF_LIBS])])

# NAX_REQUIRE_FOUND
# -----------------
# Ends configure when something above was missing.
AC_DEFUN([NAX_REQUIRE_FOUND],
[AS_IF([test -n "$nax_missing"],
  [AC_MSG_ERROR([libraries are missing. On Debian or Ubuntu run:
    apt-get install$nax_missing])])])
