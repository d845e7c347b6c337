#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes stats_scipy.h: reference numbers for tests/unit/test_stats.c.

    python3 make_stats_scipy.py > stats_scipy.h     # needs numpy, scipy, scikit-learn
"""
import numpy as np
import scipy
import sklearn
from scipy import stats
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn import covariance, metrics


def emit(name, x, kind="double"):
    x = np.asarray(x).ravel()
    print(f"static const {kind} {name}[{x.size}] = {{")
    for i in range(0, x.size, 4):
        print("    " + ", ".join(repr(float(v)) if kind == "double" else str(int(v))
                                 for v in x[i:i + 4]) + ",")
    print("};\n")


rng = np.random.default_rng(7)
print("/* SPDX-License-Identifier: GPL-3.0-or-later */")
print("/* clang-format off */")
print("/* Made by make_stats_scipy.py with scipy", scipy.__version__ + ", numpy",
      np.__version__, "and scikit-learn", sklearn.__version__ + ". */")
n, t = 12, 40
mix = rng.normal(size=(n, 4))
x = np.round(mix @ rng.normal(size=(4, t)) + rng.normal(size=(n, t)), 2)  # some ties
emit("ref_rows", x.T)  # column-major n x t
r = np.corrcoef(x)
emit("ref_pearson", r)
emit("ref_spearman", stats.spearmanr(x, axis=1).statistic)
hole = rng.random((n, t)) < 0.2
y = np.where(hole, np.nan, x)
emit("ref_hole", hole.T, "int8_t")
pair = np.ones((n, n))
for i in range(n):
    for j in range(n):
        ok = ~np.isnan(y[i]) & ~np.isnan(y[j])
        pair[i, j] = np.corrcoef(y[i, ok], y[j, ok])[0, 1]
emit("ref_pairwise", pair)
emit("ref_skewness", stats.skew(x, axis=1))
emit("ref_cov", np.cov(x, bias=True))
lw = covariance.LedoitWolf().fit(x.T)
oas = covariance.OAS().fit(x.T)
emit("ref_lw", lw.covariance_)
emit("ref_oas", oas.covariance_)
emit("ref_amounts", [lw.shrinkage_, oas.shrinkage_])
d = 1 - r
np.fill_diagonal(d, 0)
for method in ("average", "complete", "single"):
    z = hierarchy.linkage(squareform(d, checks=False), method)
    emit("ref_" + method, z)
z = hierarchy.linkage(squareform(d, checks=False), "average")
emit("ref_leaves", hierarchy.leaves_list(z), "nax_index")
emit("ref_cut4", hierarchy.fcluster(z, 4, "maxclust"), "int64_t")
p = np.round(rng.random(15) ** 3, 4)
emit("ref_p", p)
emit("ref_bh", stats.false_discovery_control(p, method="bh"))
emit("ref_by", stats.false_discovery_control(p, method="by"))
a = rng.integers(0, 4, 50) - 2
b = np.where(rng.random(50) < 0.6, a, rng.integers(0, 5, 50))
emit("ref_label_a", a, "int64_t")
emit("ref_label_b", b, "int64_t")
emit("ref_ari_nmi", [metrics.adjusted_rand_score(a, b),
                     metrics.normalized_mutual_info_score(a, b)])
