#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a test program and hands its TAP on with two repairs:
#  - cmocka 1.1.5 prints "not ok N # SKIP" for a skipped case, TAP wants "ok N # SKIP";
#  - a program that ends badly without a "not ok" of its own (a leak found at exit, a
#    signal) is a failure, which the pipe would otherwise hide.
# usage: tap-filter.sh PROGRAM [ARGUMENT...]
{
  "$@"
  echo "nax-exit $?"
} | awk '
  /^nax-exit [0-9]+$/ {
    if ($2 != 0 && !bad)
      print "Bail out! exit status " $2 " without a failed test"
    next
  }
  /^not ok [0-9]+.*# SKIP/ { sub(/^not ok/, "ok") }
  /^not ok/ { bad = 1 }
  { print; fflush() }'
