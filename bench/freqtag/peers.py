# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work in numpy, scipy and MNE, CPU milliseconds per unit on one core.

peers.py UNITS TRIALS SAMPLES   total, evoked power and ITPC at every bin, SNR at 3 tags
"""
import sys
import time

import numpy as np


def best(f, repeats=3):
    times = []
    for _ in range(repeats):
        t = time.process_time()
        f()
        times.append(time.process_time() - t)
    return min(times)


def finish(z):
    total = np.mean(np.abs(z) ** 2, axis=1)
    mean = z.mean(axis=1)
    evoked = np.abs(mean) ** 2
    size = np.abs(z)
    itpc = np.abs(np.mean(z / size, axis=1))
    for k in (8, 16, 32):
        around = [k + d for d in (-5, -4, -3, -2, 2, 3, 4, 5)]
        evoked[:, k] / evoked[:, around].mean(axis=1)
    return total, evoked, itpc


def hftp(units):
    """The published loop for one unit at a time: permute, transform, percentile."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((units, 200))
    for u in range(units):
        null = np.empty((1000, 2))
        for p in range(1000):
            s = np.abs(np.fft.rfft(rng.permutation(x[u])))
            null[p] = s[[50, 100]]
        np.percentile(null, 95, axis=0)


def main():
    units, trials, samples = map(int, sys.argv[1:4])
    rng = np.random.default_rng(0)
    x = rng.standard_normal((units, trials, samples))
    y = x.astype(np.float32)
    import scipy.fft

    ms = 1e3 / units
    print(f"numpy f64\t{ms * best(lambda: finish(np.fft.rfft(x))):.4f}")
    print(f"scipy f64\t{ms * best(lambda: finish(scipy.fft.rfft(x))):.4f}")
    print(f"scipy f32\t{ms * best(lambda: finish(scipy.fft.rfft(y))):.4f}")
    w = np.exp(-2j * np.pi * np.outer(np.arange(samples), (8, 16, 32)) / samples)

    def three():
        z = x @ w
        np.abs(z.mean(axis=1)), np.abs(np.mean(z / np.abs(z), axis=1))

    print(f"numpy 3 freqs as a product\t{ms * best(three):.4f}")
    print(f"published HFTP loop\t{1e3 / 20 * best(lambda: hftp(20), 1):.4f}")
    try:
        import mne

        mne.set_log_level("ERROR")
        few = min(units, 8)
        t = x[:few].transpose(1, 0, 2)  # trial, channel, time
        power = best(
            lambda: mne.time_frequency.psd_array_welch(
                t, samples / 8, n_fft=samples, window="boxcar"), 1)
        itc = best(
            lambda: mne.time_frequency.tfr_array_morlet(
                t, samples / 8, [1.0, 2.0, 4.0], n_cycles=[3, 6, 12], output="itc"), 1)
        print(f"MNE power spectrum (boxcar)\t{1e3 / few * power:.4f}")
        print(f"MNE ITPC at 3 frequencies (Morlet)\t{1e3 / few * itc:.4f}")
    except ImportError:
        print("# MNE is not installed")


main()
