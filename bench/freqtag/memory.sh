#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Peak memory of the command for 10^5 units of 0.1 and 1 GB and 10^6 units of 1 GB, 2 trials
# each, float32: what grows are the results, some hundred bytes per unit, not the data. Needs a built tree, python3, GNU time and 1.3 GB of disk.
# usage: bench/freqtag/memory.sh BUILDDIR
set -eu
build=$(cd "${1:?usage: bench/freqtag/memory.sh BUILDDIR}" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
printf 'units\tsamples\tdata [MB]\tpeak [MB]\tseconds\n'
for size in '100000 128' '100000 1280' '1000000 128'; do
  units=${size% *} samples=${size#* }
  python3 - "$dir/x.npy" "$units" "$samples" <<'END'
import array
import random
import sys

path, units, samples = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
trials, block = 2, 1000
random.seed(1)
head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }" % (
    units, trials, samples)
head += " " * (63 - (10 + len(head)) % 64) + "\n"
values = array.array("f", [random.gauss(0, 1) for _ in range(block * trials * samples)])
with open(path, "wb") as f:
    f.write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode())
    for _ in range(units // block):
        values.tofile(f)
END
  megabytes=$(($(wc -c < "$dir/x.npy") / 1000000))
  env time -f '%M %e' -o "$dir/time" "$build/neuraxis" freqtag "$dir/x.npy" \
    --axes=neuron,trial,time --sampling=64 --tags=4 --neighbours=0 --memory=64 \
    -o "$dir/x.nc" --force > "$dir/table" 2> "$dir/messages"
  awk -v units="$units" -v samples="$samples" -v mb="$megabytes" \
    '{ printf "%d\t%d\t%d\t%.0f\t%s\n", units, samples, mb, $1 / 1000, $2 }' "$dir/time"
done
