#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A session at the shell: look at a recording, prepare it, get numbers and a page out.
# usage: 06_session.sh [FILE]; run it from the top of the source tree or name a file with
# raw fluorescence `F` and neuropil `Fneu`.
set -eu
file=${1-datasets/calcium.nc}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# What is in it? One line per variable, for people or for a script.
neuraxis info --format=tsv "$file" | cut -f3-7

# Neuropil out, dF/F, 10 Hz, and one second around the start of each trial.
neuraxis preprocess -q "$file" --neuropil --dff --resample=10:average \
  --align=-0.5:0.5 -o "$out/trials.nc"
neuraxis info --format=tsv "$out/trials.nc" | cut -f3-7 | sed -n 2p

# The mean over trials and neurons, as text.
neuraxis preprocess -q "$out/trials.nc" --reduce=mean:trial --reduce=mean:neuron \
  --to=csv -o - | wc -l

# Quality of each unit as a table, and a page with the pictures.
neuraxis report "$file" --table --format=csv | head -n 1 | cut -d, -f1-5
neuraxis report "$file" -o "$out/page.html"
head -n 1 "$out/page.html"
