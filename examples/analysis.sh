#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One analysis in four languages (analysis.c, .sh, .R and .m print the same): load a
# recording, prepare it, factorise it, draw it, save it. This one is for the shell.
set -eu
file=${1-datasets/assemblies.nc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

neuraxis ntf -q "$file" --smooth=gaussian:0.1 --rectify --rank=4 --restarts=5 --seed=1 \
  -o "$out/factors.nc" --report "$out/factors.html"

echo "error $(neuraxis info --json "$out/factors.nc" |
  sed -n 's/.*"ntf_error": \([0-9.]*\).*/\1/p' | awk '{ printf "%.4f", $1 }')"
# One line per neuron, one column per component after the coordinate.
neuraxis convert -q "$out/factors.nc" --var=factor_neuron --to=csv -o - | awk -F, '
  NR > 1 {
    n = NF
    for (j = 2; j <= n; j++)
      if (NR == 2 || $j > top[j]) { top[j] = $j; at[j] = NR - 1 }
  }
  END { for (j = 2; j <= n; j++) printf "component %d: largest in neuron %d\n", j - 1, at[j] }'
