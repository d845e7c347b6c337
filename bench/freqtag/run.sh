#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Spectra, coherence and tags of many units: neuraxis against numpy, scipy and MNE, CPU
# milliseconds per unit on one core, in one run. The fixed problem has 20,000 units of 64
# trials of 4,096 samples (43 GB); every tool works on blocks of units, so a block of UNITS
# of them is timed. Needs a built tree, python3 with venv, and a package index; the peers
# go into a folder that is removed at the end.
# usage: bench/freqtag/run.sh BUILDDIR [UNITS]
set -eu
build=$(cd "${1:?usage: bench/freqtag/run.sh BUILDDIR [UNITS]}" && pwd)
units=${2:-32}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/freqtag/bench_freqtag bench/freqtag/bench_hftp
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q numpy scipy mne
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
echo "# neuraxis: milliseconds per unit, share of the bare transform or of the product rate"
"$build/bench/freqtag/bench_freqtag" "$units" 64 4096
echo "# peers"
"$dir/venv/bin/python" "$here/peers.py" "$units" 64 4096
echo "# published HFTP screen, milliseconds per unit"
"$build/bench/freqtag/bench_hftp" 20000
