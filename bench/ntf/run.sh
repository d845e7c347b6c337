#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Processor time to the same error from the same starts (five, or $STARTS): neuraxis against
# tensortools and tensorly, one core each, in one run. Needs a built tree, python3 with
# venv, and a package index; the peers go into a folder that is removed at the end.
# usage: bench/ntf/run.sh BUILDDIR [SWEEPS]
set -eu
build=$(cd "${1:?usage: bench/ntf/run.sh BUILDDIR [SWEEPS]}" && pwd)
sweeps=${2:-150}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/ntf/bench_ntf
. "$here/../own.sh"
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q 'numpy<2' 'scipy<1.12' matplotlib tqdm tensorly tensortools
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
py="$dir/venv/bin/python $here/peers.py"
$py make "$dir"
for p in A1 B1 C1; do
  s=0
  while [ $s -lt "${STARTS:-5}" ]; do
    for kind in f64 f32; do
      own "$build/bench/ntf/bench_ntf" "$dir/${p}_x.npy" "$dir/${p}_start${s}_init0.npy" \
        "$dir/${p}_start${s}_init1.npy" "$dir/${p}_start${s}_init2.npy" "$sweeps" 1 $kind \
        >"$dir/$p-$s-neuraxis-$kind.tsv" 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
    done
    for peer in tensortools tensorly; do
      $py run "$dir" $p $s $peer "$sweeps" >"$dir/$p-$s-$peer.tsv" 2>"$dir/err" ||
        { cat "$dir/err" >&2; exit 1; }
    done
    s=$((s + 1))
  done
done
$py table "$dir"
