#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The multi-modal model on simulated pictures and spikes: CPU seconds per epoch of the
# published architecture, and CPU seconds to a bound on trials not trained on, against
# PyTorch with the published networks and step sizes, and with ours; one core each, in one
# run. Needs a built tree, python3 with venv, and a package index; the peer goes into a
# folder that is removed at the end.
# usage: bench/gpvae/run.sh BUILDDIR [TRIALS [EPOCHS-OF-THE-PEER]]
set -eu
build=$(cd "${1:?usage: bench/gpvae/run.sh BUILDDIR [TRIALS [EPOCHS]]}" && pwd)
trials=${2:-300}
epochs=${3:-40}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/gpvae/bench_gpvae
. "$here/../own.sh"
python=${PYTHON:-}
if test -z "$python"; then # PYTHON: one that has torch, numpy and h5py already
  python3 -m venv "$dir/venv"
  "$dir/venv/bin/pip" install -q numpy h5py torch
  python=$dir/venv/bin/python
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
"$build/neuraxis" simulate -q --preset=gpvae --seed=5 --trials="$trials" -o "$dir/r.nc"
"$python" "$here/peer.py" cut "$dir/r.nc" "$dir"
echo 'CPU seconds per epoch, published architecture, batches of 20'
own "$build/bench/gpvae/bench_gpvae" epoch "$dir/frames.npy" "$dir/counts.npy" 20
"$python" "$here/peer.py" epoch "$dir" 20
echo 'epochs, CPU seconds, bound per trial not trained on'
train=$((trials * 4 / 5))
own "$build/bench/gpvae/bench_gpvae" bound "$dir/frames.npy" "$dir/counts.npy" $train 2 5 10 20 40
for settings in published ours; do
  "$python" "$here/peer.py" bound "$dir" $train "$epochs" $settings
done
