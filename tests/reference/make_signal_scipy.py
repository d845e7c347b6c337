#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes signal_scipy.h: reference numbers for tests/unit/test_signal*.c.

    python3 make_signal_scipy.py > signal_scipy.h     # needs numpy and scipy
"""
import numpy as np
import scipy
from scipy import ndimage, signal


def emit(name, x):
    x = np.asarray(x, float).ravel()
    print(f"static const double {name}[{x.size}] = {{")
    for i in range(0, x.size, 4):
        print("    " + ", ".join(repr(float(v)) for v in x[i:i + 4]) + ",")
    print("};\n")


rng = np.random.default_rng(20240607)
n = 60
x = np.round(np.cumsum(rng.normal(size=n)) + 50 + 5 * (rng.random(n) > 0.9), 3)
print("/* SPDX-License-Identifier: GPL-3.0-or-later */")
print("/* clang-format off */")
print("/* Made by make_signal_scipy.py with scipy", scipy.__version__, "and numpy",
      np.__version__ + ". */")
print("#ifndef NAX_REF_SPECTRUM\n")
emit("ref_x", x)
emit("ref_gauss_reflect", ndimage.gaussian_filter1d(x, 3.0, mode="reflect"))
emit("ref_gauss_nearest", ndimage.gaussian_filter1d(x, 3.0, mode="nearest"))
emit("ref_gauss_zero", ndimage.gaussian_filter1d(x, 3.0, mode="constant"))
emit("ref_gauss_wide", ndimage.gaussian_filter1d(x, 25.0, mode="reflect"))
emit("ref_box5", ndimage.uniform_filter1d(x, 5, mode="reflect"))


def maximin(f, sigma, win):  # suite2p.extraction.dcnv.preprocess, baseline="maximin"
    low = ndimage.gaussian_filter(f[None, :], [0.0, sigma])
    low = ndimage.minimum_filter1d(low, win)
    return ndimage.maximum_filter1d(low, win)[0]


emit("ref_maximin_even", maximin(x, 2.0, 12))
emit("ref_maximin_odd", maximin(x, 2.0, 7))
emit("ref_maximin_long", maximin(x, 10.0, 300))


def rolling(f, win, q):
    lo = win // 2
    return [np.percentile(f[max(0, i - lo):i - lo + win], q) for i in range(len(f))]


emit("ref_rolling", rolling(x, 15, 8.0))
emit("ref_rolling_even", rolling(x, 10, 50.0))

print("#else\n")
long = rng.normal(size=400) + np.sin(2 * np.pi * 12.5 * np.arange(400) / 100.0)
long = np.round(long, 3)
emit("ref_long", long)
f, p = signal.welch(long, fs=100.0, window="hann", nperseg=100, noverlap=50,
                    detrend="constant")
emit("ref_welch_hann", p)
f, p = signal.welch(long, fs=100.0, window="hamming", nperseg=75, noverlap=25,
                    detrend="linear", average="median")
emit("ref_welch_median", p)
f, p = signal.welch(long, fs=100.0, window="boxcar", nperseg=400, noverlap=0,
                    detrend=False)
emit("ref_welch_whole", p)
print("#endif")
