#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Persistent homology against ripser, geodesics against scipy (which scikit-learn's Isomap
# calls), one core each, in one run. Needs a built tree, python3 with venv, and a package
# index; the peers go into a folder that is removed at the end.
# usage: bench/trsa/run.sh BUILDDIR
set -eu
build=$(cd "${1:?usage: bench/trsa/run.sh BUILDDIR}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/trsa/bench_trsa
. "$here/../own.sh"
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q numpy scipy ripser rsatoolbox
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
py="$dir/venv/bin/python $here/peers.py"
$py make "$dir"
while read -r name job parameter; do
  printf '%s %s %s\t' "$name" "$job" "$parameter"
  own "$build/bench/trsa/bench_trsa" "$job" "$parameter" "$dir/$name.npy"
done <"$dir/jobs" >"$dir/neuraxis.tsv"
$py run "$dir"
$py table "$dir"
