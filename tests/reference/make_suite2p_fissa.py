#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes suite2p_fissa.h: what numpy and scipy make of a real Suite2p folder (the plane0 of
the FISSA example), for tests/unit/test_recording.c.

    python3 make_suite2p_fissa.py FOLDER/plane0 > suite2p_fissa.h
"""
import sys

import numpy as np
import scipy
from scipy import ndimage, signal, stats
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform


def emit(name, x, kind="double"):
    x = np.asarray(x).ravel()
    print(f"static const {kind} {name}[{x.size}] = {{")
    for i in range(0, x.size, 4):
        print("    " + ", ".join(repr(float(v)) if kind == "double" else str(int(v))
                                 for v in x[i:i + 4]) + ",")
    print("};\n")


f = np.load(sys.argv[1] + "/F.npy").astype(float)
g = np.load(sys.argv[1] + "/Fneu.npy").astype(float)
print("/* SPDX-License-Identifier: GPL-3.0-or-later */")
print("/* clang-format off */")
print("/* Made by make_suite2p_fissa.py with scipy", scipy.__version__, "and numpy",
      np.__version__ + ". */")
c = f - 0.7 * g
# Suite2p's own baseline (suite2p.extraction.dcnv.preprocess): sig_baseline 10 frames,
# win_baseline 30 s at 10 Hz
low = ndimage.gaussian_filter(c, [0.0, 10.0])
low = ndimage.minimum_filter1d(low, 300)
low = ndimage.maximum_filter1d(low, 300)
emit("ref_f0", low[:, [0, 431, 863]])
emit("ref_dff_mean", ((c - low) / low).mean(axis=1))
r = np.corrcoef(c)
emit("ref_first_row", r[0])
emit("ref_rank_row", stats.spearmanr(c, axis=1).statistic[0])
d = 1 - r
np.fill_diagonal(d, 0)
emit("ref_order", hierarchy.leaves_list(hierarchy.linkage(squareform(d, checks=False),
                                                          "average")), "nax_index")
emit("ref_skew", stats.skew(c, axis=1))
p = signal.welch(c, fs=10.0, nperseg=256)[1]
emit("ref_psd", p[:, [1, 10, 128]])
emit("ref_rolling", [[np.percentile(c[i, max(0, t - 150):t + 150], 8)
                      for t in (0, 400, 863)] for i in range(len(c))])
