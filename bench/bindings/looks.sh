#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How soon Ctrl-C is seen: for each function of R, and for those of Octave that multiply and
# factorise large matrices, the longest time between two looks whether to stop (looks.c), in
# seconds of processor time. Takes ten minutes and 4 GB.
# usage: bench/bindings/looks.sh BUILDDIR [REGULAR EXPRESSION OF NAMES, in R]
set -eu
build=$(cd "${1:?usage: bench/bindings/looks.sh BUILDDIR [NAMES]}" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
PKG_CONFIG_PATH=$build
LD_LIBRARY_PATH=$build/.libs
LOOKS=$dir/looks
export PKG_CONFIG_PATH LD_LIBRARY_PATH LOOKS
unset MAKEFLAGS MFLAGS MAKELEVEL || true
cp -RL "$here/../../bindings" "$dir"
chmod -R u+w "$dir/bindings"
rm -f "$dir/bindings/r/src"/*.o "$dir/bindings/r/src/Makevars"
cc -shared -fPIC -O2 -I"$build/include" -I"$here/../../include" "$here/looks.c" \
  -o "$dir/looks.so" -ldl
if command -v Rscript >/dev/null 2>&1; then
  mkdir "$dir/lib"
  R CMD INSTALL --no-docs --no-test-load --library="$dir/lib" "$dir/bindings/r" \
    >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
  echo "R"
  R_LIBS=$dir/lib LD_PRELOAD=$dir/looks.so Rscript "$here/looks.R" "$@"
fi
if command -v mkoctfile >/dev/null 2>&1 && test $# = 0; then
  octave-cli --no-gui --quiet --eval "addpath('$dir/bindings/matlab'); build()" \
    >"$dir/log" 2>&1 || test -f "$dir/bindings/matlab/+neuraxis/+internal/neuraxis_mex.mex"
  echo "Octave"
  LD_PRELOAD=$dir/looks.so octave-cli --no-gui --quiet --eval \
    "addpath('$dir/bindings/matlab', '$here'); looks()" 2>/dev/null
fi
