#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What one call from R and from Octave costs besides the work itself, on an array of
# 1,000 x 10,000 (80 MB): milliseconds, median of 200 calls, and how much the memory of the
# host grows. The call looks at the time axis only, so that nothing of the array is read.
# usage: bench/bindings/run.sh BUILDDIR
set -eu
build=$(cd "${1:?usage: bench/bindings/run.sh BUILDDIR}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
PKG_CONFIG_PATH=$build
export PKG_CONFIG_PATH
unset MAKEFLAGS MFLAGS MAKELEVEL || true
cp -RL "$here/../../bindings" "$dir"
chmod -R u+w "$dir/bindings"
rm -f "$dir/bindings/r/src"/*.o "$dir/bindings/r/src/Makevars"
if command -v Rscript >/dev/null 2>&1; then
  mkdir "$dir/lib"
  R CMD INSTALL --no-docs --no-test-load --library="$dir/lib" "$dir/bindings/r" \
    >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
  R_LIBS=$dir/lib Rscript "$here/call.R"
fi
if command -v octave-cli >/dev/null 2>&1; then
  octave-cli --no-gui --quiet --eval "addpath('$dir/bindings/matlab'); build()" \
    >"$dir/log" 2>&1 || test -f "$dir/bindings/matlab/+neuraxis/+internal/neuraxis_mex.mex"
  octave-cli --no-gui --quiet --eval \
    "addpath('$dir/bindings/matlab', '$here'); call_cost()" 2>/dev/null
fi
