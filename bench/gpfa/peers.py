# SPDX-License-Identifier: GPL-3.0-or-later
"""Data, peer and table of the benchmark of latent trajectories; see run.sh.

usage: peers.py make DIR [REAL.npz] | run DIR CASE ITERATIONS | table DIR"""
import contextlib
import io
import os
import sys
import time
import warnings

import numpy as np

Q = 8


def simulate(rng, n, lengths, q, tau):
    """Smooth latents through random loadings, plus noise; a start near the truth."""
    c = rng.standard_normal((n, q)) / np.sqrt(q)
    d = 1.0 + rng.random(n)
    r = 0.3 + 0.7 * rng.random(n)
    blocks = []
    for t in lengths:
        lag = np.subtract.outer(np.arange(t), np.arange(t)) ** 2
        x = np.stack([np.linalg.cholesky(0.999 * np.exp(-0.5 * lag / w**2)
                                         + 1e-3 * np.eye(t)) @ rng.standard_normal(t)
                      for w in tau])
        blocks.append(c @ x + d[:, None]
                      + np.sqrt(r)[:, None] * rng.standard_normal((n, t)))
    y = np.hstack(blocks)
    # start: principal directions, as both sides take it
    mean = y.mean(1)
    u, s, _ = np.linalg.svd(y - mean[:, None], full_matrices=False)
    c0 = u[:, :q] * s[:q] / np.sqrt(y.shape[1])
    r0 = 0.5 * y.var(1)
    return dict(Y=y, T=np.asarray(lengths, float), C0=c0, d0=mean, R0=r0,
                gamma0=np.full(q, 0.04))


def make(folder, real=None):
    tau = [3, 4, 5, 6, 8, 10, 12, 15]
    rng = np.random.default_rng(0)
    cases = {"A": [100] * 50, "B": [20] * 250,
             "C": list(np.random.default_rng(1).integers(60, 141, 50))}
    for name, lengths in cases.items():
        np.savez(f"{folder}/{name}.npz", **simulate(rng, 100, lengths, Q, tau))
    if real:
        z = np.load(real)
        np.savez(f"{folder}/R.npz", **{k: np.asarray(z[k], float) for k in
                                       ("Y", "T", "C0", "d0", "R0", "gamma0")})


def run(folder, case, iterations):
    from elephant.gpfa import gpfa_core
    z = np.load(f"{folder}/{case}.npz")
    t = z["T"].astype(int)
    at = np.r_[0, np.cumsum(t)]
    seqs = np.empty(len(t), dtype=[("T", int), ("y", "O")])
    for i in range(len(t)):
        seqs[i]["T"] = t[i]
        seqs[i]["y"] = z["Y"][:, at[i]:at[i + 1]]
    par = dict(covType="rbf", gamma=z["gamma0"].copy(), eps=np.full(len(z["gamma0"]), 1e-3),
               d=z["d0"].copy(), C=z["C0"].copy(), R=np.diag(z["R0"]).copy(),
               notes=dict(learnKernelParams=True, learnGPNoise=False, RforceDiagonal=True))
    cpu, inner = [], gpfa_core.exact_inference_with_ll

    def timed(*a, **k):  # the next iteration begins where the one before ends
        cpu.append(time.process_time())
        return inner(*a, **k)
    gpfa_core.exact_inference_with_ll = timed
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, _, ll, _ = gpfa_core.em(par, seqs, max_iters=iterations, tol=-1.0, freq_ll=1)
    end = time.process_time()
    for i, value in enumerate(ll):
        stop = cpu[i + 1] if i + 1 < len(cpu) else end
        print(f"{stop - cpu[0]:.6f}\t{value:.12g}")


def gemm_rate():
    a = np.random.default_rng(0).standard_normal((1000, 1000))
    best = 1e9
    for _ in range(5):
        t0 = time.process_time()
        a @ a
        best = min(best, time.process_time() - t0)
    return 2e9 / best


def table(folder):
    rate = gemm_rate()
    print(f"one core, dgemm {rate * 1e-9:.1f} GFLOP/s; CPU seconds per iteration of EM")
    print("case  trials  bins     elephant  neuraxis  ratio  log likelihoods  share of GEMM")
    for case in "ACR":
        if not os.path.exists(f"{folder}/{case}-elephant.tsv"):
            continue
        z = np.load(f"{folder}/{case}.npz")
        peer = np.loadtxt(f"{folder}/{case}-elephant.tsv")
        ours = np.loadtxt(f"{folder}/{case}-neuraxis.tsv")
        each = [x[-1, 0] / len(x) for x in (peer, ours)]
        q, t = len(z["gamma0"]), int(z["T"].max())
        n, m = z["Y"].shape
        # nested factorisation, its covariances, and the products with the data
        flops = 4 / 3 * (q * t) ** 3 + q * q * t**3 + 4 * n * q * m
        k = min(len(peer), len(ours)) - 1
        differ = abs(peer[k, 1] - ours[k, 1]) / abs(peer[k, 1])
        print(f"{case:4} {len(z['T']):7} {int(z['T'].min()):4}-{t:<4} {each[0]:9.4f}"
              f" {each[1]:9.4f} {each[0] / each[1]:6.1f}  differ by {differ:.0e}"
              f"  {flops / rate / each[1]:.2f}")
    peer = np.loadtxt(f"{folder}/B-elephant.tsv")
    ours = np.loadtxt(f"{folder}/B-neuraxis.tsv")
    best = max(ours[:, 1].max(), peer[:, 1].max())
    near = np.maximum.accumulate(ours[:, 1]) > best - 1
    print(f"time to within 1 nat of the best ({best:.2f}), case B (250 trials of 20 bins):")
    print(f"  neuraxis, em+lbfgs: {ours[near.argmax(), 0]:.2f} CPU s"
          f" ({near.argmax() + 1} evaluations)")
    gap = best - peer[:, 1].max()
    print(f"  elephant, {len(peer)} iterations: {peer[-1, 0]:.2f} CPU s, still "
          f"{gap:.1f} nats below" if gap > 1 else
          f"  elephant: {peer[(peer[:, 1] > best - 1).argmax(), 0]:.2f} CPU s")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    elif sys.argv[1] == "run":
        run(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        table(sys.argv[2])
