#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Dissimilarities, comparisons and bootstraps: neuraxis against rsatoolbox on the same
# arrays, one core each, in one run. Needs a built tree, python3 with venv, and a package
# index; the peer goes into a folder that is removed at the end. Takes about ten minutes,
# nearly all of it the peer's.
# usage: bench/rsa/run.sh BUILDDIR
set -eu
build=$(cd "${1:?usage: bench/rsa/run.sh BUILDDIR}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/rsa/bench_rsa
. "$here/../own.sh"
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q rsatoolbox
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
py="$dir/venv/bin/python $here/peers.py"
$py make "$dir"
own "$build/bench/rsa/bench_rsa" "$dir" >"$dir/neuraxis.tsv"
$py run "$dir" >"$dir/peer.tsv" 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
$py table "$dir"
