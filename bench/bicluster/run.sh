#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Cost of a sweep of the bi-clustering on the published simulation (or any matrix of
# counts, neurons in rows), its scaling, and Polya-Gamma variates against the PyPI package
# `polyagamma` (which the published program uses), one core each, in one run.
#
# What these were, and the published program beside them: README.md.
# usage: bench/bicluster/run.sh BUILDDIR [Y.csv [SWEEPS]]
set -eu
build=$(cd "${1:?usage: bench/bicluster/run.sh BUILDDIR [Y.csv [SWEEPS]]}" && pwd)
y=${2-}
sweeps=${3:-400}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/bicluster/bench_bicluster
. "$(dirname "$0")/../own.sh"
run="$build/bench/bicluster/bench_bicluster"
if test -n "$y"; then
  echo "# $y"
  own "$run" "$y" "$sweeps"
fi
for size in "30 500 3" "60 500 3" "120 500 3" "30 1000 3" "30 2000 3" "30 500 6" "60 500 12"; do
  # shellcheck disable=SC2086
  echo "# neurons, bins, clusters: $size" && own "$run" $size 40 | sed -n '/^sweep/p;/^  /p;/^bound/p'
done
echo "# ns per Polya-Gamma variate"
own "$run" pg
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q 'numpy<2' polyagamma
OMP_NUM_THREADS=1 "$dir/venv/bin/python" - <<'PY'
import time
import numpy as np
from polyagamma import random_polyagamma
rng = np.random.default_rng(1)
print("h\tz\tns polyagamma")
for h in (1.0, 2.0, 5.0, 11.64, 50.0):
    for z in (0.0, 2.0, 8.0):
        random_polyagamma(h, z, size=1000, random_state=rng)
        t = time.process_time()
        random_polyagamma(h, z, size=100000, random_state=rng)
        print(f"{h:g}\t{z:g}\t{(time.process_time() - t) * 1e4:.0f}")
PY
