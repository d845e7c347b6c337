# SPDX-License-Identifier: GPL-3.0-or-later
"""Data, rsatoolbox's times and the table of ratios for bench/rsa/run.sh.

usage: peers.py make DIR | run DIR | table DIR
Bootstraps of the peer are timed on fewer samples and scaled to 1000.
"""
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def make(d):
    rng = np.random.default_rng(1)

    def save(name, x):
        np.ascontiguousarray(x, dtype=float).tofile(f"{d}/{name}.f64")

    save("x", rng.gamma(2.0, 2.0, (1000, 5000)))
    save("folds", rng.standard_normal((1600, 500)))
    base = rng.random(4950)
    save("a", base + rng.random((10, 4950)))
    save("b", base + rng.random((1000, 4950)))
    save("long", rng.random((2, 499500)))
    lower = rng.standard_normal((100, 100))
    save("sigma", np.eye(100) + 0.01 * lower @ lower.T)
    base = rng.random(99 * 49)
    save("data", base + rng.random((20, 99 * 49)))
    save("models", base + 2 * rng.random((5, 99 * 49)))


def load(d, name, *shape):
    return np.fromfile(f"{d}/{name}.f64").reshape(shape)


def best(name, reps, f, scale=1.0):
    t = []
    for _ in range(reps):
        t0 = time.process_time()
        f()
        t.append(time.process_time() - t0)
    print(f"{name}\t{min(t) * scale:.6f}", flush=True)


def run(d):
    from importlib.metadata import version

    from rsatoolbox.data import Dataset
    from rsatoolbox.data.noise import cov_from_residuals, prec_from_residuals
    from rsatoolbox.inference import eval_dual_bootstrap
    from rsatoolbox.model import ModelFixed
    from rsatoolbox.rdm import RDMs, calc_rdm, compare

    print(f"# rsatoolbox {version('rsatoolbox')}, numpy {np.__version__}")
    x = load(d, "x", 1000, 5000)
    data = Dataset(x, obs_descriptors={"c": np.arange(1000)})
    for m in ("euclidean", "correlation", "poisson"):
        best(f"{m} 1000 x 5000", 2, lambda m=m: calc_rdm(data, m, descriptor="c"))
    f = load(d, "folds", 1600, 500)
    for m in ("full", "shrinkage_eye", "shrinkage_diag"):
        best(f"noise {m.replace('_', '-')} 1000 x 500", 2,
             lambda m=m: cov_from_residuals(f[:1000], method=m))
    prec = prec_from_residuals(f[:1000], method="shrinkage_diag")
    folds = Dataset(f, obs_descriptors={"c": np.arange(1600) % 200, "f": np.arange(1600) // 200})
    for name, n in (("precision", prec), ("identity", None)):
        best(f"crossnobis 8 x 200 x 500, {name}", 2,
             lambda n=n: calc_rdm(folds, "crossnobis", descriptor="c", cv_descriptor="f", noise=n))
    a, b = RDMs(load(d, "a", 10, 4950)), RDMs(load(d, "b", 1000, 4950))
    for m in ("cosine", "corr", "spearman", "rho-a", "tau-a", "tau-b", "cosine_cov", "corr_cov"):
        best(f"compare 10 x 1000, {m}", 1, lambda m=m: compare(a, b, m))
    for m in ("cosine", "spearman"):
        best(f"compare 1000 x 1000, {m}", 1, lambda m=m: compare(b, b, m))
    few = RDMs(load(d, "b", 1000, 4950)[:1])
    one = RDMs(load(d, "a", 10, 4950)[:1])
    sigma = load(d, "sigma", 100, 100)
    # Half of 1010 systems of 4950 unknowns: two are timed.
    best("compare 10 x 1000, cosine_cov, full sigma_k", 1,
         lambda: compare(one, few, "cosine_cov", sigma_k=sigma), 1010 / 2)
    long = load(d, "long", 2, 499500)
    best("tau-a of 499500 pairs", 1, lambda: compare(RDMs(long[:1]), RDMs(long[1:]), "tau-a"))
    rdms = RDMs(load(d, "data", 20, 99 * 49))
    models = [ModelFixed(str(i), RDMs(m[None])) for i, m in enumerate(load(d, "models", 5, 99 * 49))]
    for m, n in (("cosine", 10), ("corr", 10), ("spearman", 3), ("rho-a", 3), ("tau-a", 2),
                 ("cosine_cov", 2), ("corr_cov", 2)):
        best(f"dual bootstrap 1000, {m}", 1,
             lambda m=m, n=n: eval_dual_bootstrap(models, rdms, method=m, N=n, k_pattern=1, k_rdm=1),
             1000 / n)


def table(d):
    ours = dict(line.rstrip("\n").split("\t") for line in open(f"{d}/neuraxis.tsv"))
    print(f"{'problem':<46} {'neuraxis':>10} {'peer':>10} {'ratio':>8}   (CPU seconds)")
    for line in open(f"{d}/peer.tsv"):
        if line.startswith("#"):
            print(line.rstrip())
            continue
        name, t = line.rstrip("\n").split("\t")
        if name in ours:
            n, p = float(ours[name]), float(t)
            print(f"{name:<46} {n:10.4f} {p:10.4f} {p / n:8.1f}")


if __name__ == "__main__":
    {"make": make, "run": run, "table": table}[sys.argv[1]](sys.argv[2])
