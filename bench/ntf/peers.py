# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the three benchmark tensors, runs the Python packages on them, compares.

peers.py make DIR                  X and the starts of the problems A1, B1, C1
peers.py run DIR PROBLEM START PEER SWEEPS   processor seconds, error after each sweep
peers.py table DIR                 from DIR/*.tsv: seconds to each error, and ratios
"""
import glob
import os
import sys
import time

import numpy as np

STARTS = int(os.environ.get("STARTS", "5"))
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
        for s in range(STARTS):
            start = [rng.random((n, rank)) for n in shape]
            model = np.ones((rank, rank))
            for f in start:
                model *= f.T @ f
            scale = (np.linalg.norm(x) / np.sqrt(model.sum())) ** (1 / 3)
            for k, f in enumerate(start):
                np.save(f"{folder}/{name}_start{s}_init{k}.npy", scale * f)


def load(folder, name, start):
    x = np.load(f"{folder}/{name}_x.npy")
    return x, [np.load(f"{folder}/{name}_start{start}_init{k}.npy") for k in range(3)]


def run_tensortools(x, start, sweeps):
    import tensortools as tt
    from tensortools.tensors import KTensor

    trace = []
    t0 = time.process_time()
    result = tt.ncp_hals(
        x, rank=start[0].shape[1], init=KTensor([f.copy() for f in start]),
        max_iter=sweeps, tol=0.0, verbose=False,
    )
    seconds = time.process_time() - t0
    for i, error in enumerate(result.obj_hist):
        trace.append((seconds * (i + 1) / len(result.obj_hist), error))
    return trace


def run_tensorly(x, start, sweeps):
    from tensorly.cp_tensor import CPTensor
    from tensorly.decomposition import non_negative_parafac_hals

    rank = start[0].shape[1]
    t0 = time.process_time()
    _, errors = non_negative_parafac_hals(
        x, rank, n_iter_max=sweeps, tol=1e-300, return_errors=True,  # 0: no errors
        init=CPTensor((np.ones(rank), [f.copy() for f in start])),
    )
    seconds = time.process_time() - t0
    n = len(errors)
    return [(seconds * (i + 1) / n, float(e)) for i, e in enumerate(errors)]


def run(folder, problem, which, peer, sweeps):
    x, start = load(folder, problem, which)
    call = {"tensortools": run_tensortools, "tensorly": run_tensorly}[peer]
    rng = np.random.default_rng(2)  # compiles what the peer compiles on first use
    call(rng.random((5, 6, 7)), [rng.random((n, 2)) for n in (5, 6, 7)], 2)
    for seconds, error in call(x, start, sweeps):
        print(f"{seconds:.6f}\t{error:.12g}")


def table(folder):
    """Medians over the starts; a ratio is taken start by start, against float64. A run that
    does not get there counts with the time that it used, as a lower bound."""
    traces = {}
    for path in sorted(glob.glob(f"{folder}/*.tsv")):
        problem, start, who = os.path.basename(path)[:-4].split("-", 2)
        traces.setdefault(problem, {}).setdefault(who, {})[start] = np.loadtxt(path, ndmin=2)
    print("problem\terror\twho\tcpu_seconds\tms_per_sweep\tsweeps\tratio\treached")
    for problem, of in traces.items():
        floor = min(t[:, 1].min() for runs in of.values() for t in runs.values())
        goals = [floor * (1 + e) for e in (1e-2, 1e-3, 1e-5)]
        goals = (0.0215, 0.0205) if problem == "C1" else goals
        for goal in goals:
            seconds, sweeps, reached = {}, {}, {}
            for who, runs in of.items():
                for start, t in runs.items():
                    there = np.flatnonzero(t[:, 1] <= goal)
                    at = there[0] if len(there) else len(t) - 1
                    seconds.setdefault(who, {})[start] = t[at, 0]
                    sweeps.setdefault(who, []).append(at + 1)
                    reached[who] = reached.get(who, 0) + (len(there) > 0)
            for who in sorted(of, key=lambda w: (not w.startswith("neuraxis"), w)):
                ratio = [s / seconds["neuraxis-f64"][k] for k, s in seconds[who].items()]
                each = [1e3 * t[-1, 0] / len(t) for t in of[who].values()]
                print(
                    f"{problem}\t{goal:.6f}\t{who}\t{np.median(list(seconds[who].values())):.3f}"
                    f"\t{np.median(each):.1f}\t{np.median(sweeps[who]):.0f}"
                    f"\t{np.median(ratio):.1f}\t{reached[who]}/{len(each)}"
                )


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    elif sys.argv[1] == "run":
        run(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5], int(sys.argv[6]))
    else:
        table(sys.argv[2])
