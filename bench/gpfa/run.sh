#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# CPU seconds per iteration of EM, and time to the optimum, from the same start: neuraxis
# against elephant, one core each, in one run. Needs a built tree, python3 with venv, and a
# package index; the peer goes into a folder that is removed at the end. REAL.npz adds a
# recording: Y (neurons x bins of all trials), T, C0, d0, R0, gamma0.
# usage: bench/gpfa/run.sh BUILDDIR [REAL.npz]
set -eu
build=$(cd "${1:?usage: bench/gpfa/run.sh BUILDDIR [REAL.npz]}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/gpfa/bench_gpfa
. "$here/../own.sh"
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q 'numpy<2' 'scikit-learn<1.5' 'elephant==1.1.1'
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
py="$dir/venv/bin/python $here/peers.py"
$py make "$dir" ${2+"$2"}
for case in A C R; do
  test -e "$dir/$case.npz" || continue
  own "$build/bench/gpfa/bench_gpfa" "$dir/$case.npz" em 10 3 1 >"$dir/$case-neuraxis.tsv" \
    2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
  $py run "$dir" $case 5 >"$dir/$case-elephant.tsv"
done
own "$build/bench/gpfa/bench_gpfa" "$dir/B.npz" em+lbfgs 400 3 1 >"$dir/B-neuraxis.tsv" \
  2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
$py run "$dir" B "${GPFA_PEER_ITERATIONS:-300}" >"$dir/B-elephant.tsv"
$py table "$dir"
