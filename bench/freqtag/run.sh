#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Spectra, coherence and tags of many units: neuraxis against numpy, scipy and MNE, CPU
# milliseconds per unit on one core, in one run. The fixed problem has 20,000 units of 64
# trials of 4,096 samples (43 GB); every tool works on blocks of units, so a block of UNITS
# of them is timed. The null distribution of the published HFTP screen is made for all
# units of a model of 32 x 11,008. Needs a built tree, python3 with venv, and a package
# index (or PYTHON, which has numpy, scipy and mne); the peers go into a folder that is
# removed at the end.
# usage: bench/freqtag/run.sh BUILDDIR [UNITS [HFTP_UNITS]]
set -eu
build=$(cd "${1:?usage: bench/freqtag/run.sh BUILDDIR [UNITS [HFTP_UNITS]]}" && pwd)
units=${2:-32}
hftp=${3:-352256}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
make -C "$build" --no-print-directory -s bench/freqtag/bench_freqtag bench/freqtag/bench_hftp
. "$here/../own.sh"
python=${PYTHON:-}
if [ -z "$python" ]; then
  python3 -m venv "$dir/venv"
  python=$dir/venv/bin/python
  "$python" -m pip install -q numpy scipy mne
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
echo "# neuraxis, and the bare calls of FFTW and BLAS"
own "$build/bench/freqtag/bench_freqtag" "$units" 64 4096 | tee "$dir/own"
echo "# peers"
"$python" "$here/peers.py" "$units" 64 4096 | tee "$dir/peers"
echo "# published HFTP screen of $hftp units, milliseconds per unit"
own "$build/bench/freqtag/bench_hftp" "$hftp" | tee "$dir/hftp"
echo "# how many times as fast as"
awk -F '\t' '
  FILENAME ~ /own$/ && $1 == "neuraxis fft f64" { f64 = $2 }
  FILENAME ~ /own$/ && $1 == "neuraxis fft f32" { f32 = $2 }
  FILENAME ~ /own$/ && $1 == "neuraxis dft f64, 3 bins" { three = $2 }
  FILENAME ~ /hftp$/ && $1 == "neuraxis" { null = $2 }
  FILENAME ~ /peers$/ && /^(numpy|scipy) f64/ && (!a || $2 < a) { a = $2; best64 = $1 }
  FILENAME ~ /peers$/ && /^(numpy|scipy) f32/ && (!b || $2 < b) { b = $2; best32 = $1 }
  FILENAME ~ /peers$/ && /as a product/ && /3 bins/ { product = $2 }
  FILENAME ~ /peers$/ && /^MNE/ { mne += $2 }
  FILENAME ~ /peers$/ && /HFTP loop/ { loop = $2 }
  FILENAME ~ /peers$/ && /HFTP null/ { numpy_null = $2 }
  END {
    printf "%s\t%.1f\n%s\t%.1f\n", best64, a / f64, best32, b / f32
    printf "numpy, 3 bins as a product\t%.1f\n", product / three
    if (mne) printf "MNE, power and ITPC\t%.1f\n", mne / f64
    printf "published HFTP loop\t%.0f\n", loop / null
    printf "numpy, HFTP null as a product\t%.1f\n", numpy_null / null
  }' "$dir/own" "$dir/peers" "$dir/hftp"
