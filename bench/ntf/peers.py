# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the three benchmark tensors, runs the Python packages on them, compares.

peers.py make DIR                      X, starts of the problems A1, B1, C1
peers.py run DIR PROBLEM PEER SWEEPS   seconds and relative error after each sweep
peers.py table DIR                     from DIR/*.tsv: seconds to each error, and ratios
"""
import glob
import os
import sys
import time

import numpy as np

# name: shape, rank, relative noise, share of a column that all columns have in common
PROBLEMS = {
    "A1": ((200, 200, 300), 8, 0.10, 0.0),
    "B1": ((60, 500, 200), 6, 0.10, 0.0),
    "C1": ((150, 150, 150), 10, 0.02, 0.8),
}


def make(folder):
    for name, (shape, rank, noise, common) in PROBLEMS.items():
        rng = np.random.default_rng(1)
        factors = [
            (1 - common) * rng.random((n, rank)) + common * rng.random((n, 1)) for n in shape
        ]
        x = np.einsum("ir,jr,kr->ijk", *factors)
        e = rng.standard_normal(shape)
        x = np.maximum(x + noise * np.linalg.norm(x) / np.linalg.norm(e) * e, 0.0)
        np.save(f"{folder}/{name}_x.npy", x)
        start = [rng.random((n, rank)) for n in shape]
        model = np.einsum("ir,jr,kr->ijk", *start)
        scale = (np.linalg.norm(x) / np.linalg.norm(model)) ** (1 / 3)
        for k, f in enumerate(start):
            np.save(f"{folder}/{name}_init{k}.npy", scale * f)


def load(folder, name):
    x = np.load(f"{folder}/{name}_x.npy")
    return x, [np.load(f"{folder}/{name}_init{k}.npy") for k in range(3)]


def run_tensortools(x, start, sweeps):
    import tensortools as tt
    from tensortools.tensors import KTensor

    trace = []
    result = tt.ncp_hals(
        x, rank=start[0].shape[1], init=KTensor([f.copy() for f in start]),
        max_iter=sweeps, tol=0.0, verbose=False,
    )
    seconds = result.total_time
    for i, error in enumerate(result.obj_hist):
        trace.append((seconds * (i + 1) / len(result.obj_hist), error))
    return trace


def run_tensorly(x, start, sweeps):
    from tensorly.cp_tensor import CPTensor
    from tensorly.decomposition import non_negative_parafac_hals

    rank = start[0].shape[1]
    t0 = time.perf_counter()
    _, errors = non_negative_parafac_hals(
        x, rank, n_iter_max=sweeps, tol=1e-300, return_errors=True,  # 0: no errors
        init=CPTensor((np.ones(rank), [f.copy() for f in start])),
    )
    seconds = time.perf_counter() - t0
    n = len(errors)
    return [(seconds * (i + 1) / n, float(e)) for i, e in enumerate(errors)]


def run(folder, problem, peer, sweeps):
    x, start = load(folder, problem)
    call = {"tensortools": run_tensortools, "tensorly": run_tensorly}[peer]
    rng = np.random.default_rng(2)  # compiles what the peer compiles on first use
    call(rng.random((5, 6, 7)), [rng.random((n, 2)) for n in (5, 6, 7)], 2)
    for seconds, error in call(x, start, sweeps):
        print(f"{seconds:.6f}\t{error:.12g}")


def table(folder):
    traces = {}
    for path in sorted(glob.glob(f"{folder}/*.tsv")):
        problem, who = os.path.basename(path)[:-4].split("-", 1)
        traces.setdefault(problem, {})[who] = np.loadtxt(path, ndmin=2)
    print("problem\terror\twho\tseconds\tms_per_sweep\tslower_than_neuraxis")
    for problem, of in traces.items():
        floor = min(t[:, 1].min() for t in of.values())
        for excess in (1e-2, 1e-3, 1e-5):
            goal = floor * (1 + excess)
            ours = None
            for who in sorted(of, key=lambda w: (not w.startswith("neuraxis"), w)):
                t = of[who]
                there = np.flatnonzero(t[:, 1] <= goal)
                seconds = t[there[0], 0] if len(there) else np.nan
                ours = seconds if ours is None else ours
                print(
                    f"{problem}\t{goal:.6f}\t{who}\t{seconds:.3f}\t"
                    f"{1e3 * t[-1, 0] / len(t):.1f}\t{seconds / ours:.1f}"
                )


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    elif sys.argv[1] == "run":
        run(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        table(sys.argv[2])
