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
    """Total and evoked power, ITPC at every bin, SNR at three tags, from coefficients."""
    power = z.real**2 + z.imag**2
    total = power.mean(axis=1)
    mean = z.mean(axis=1)
    evoked = mean.real**2 + mean.imag**2
    itpc = np.abs(np.mean(z / np.sqrt(power), axis=1))
    snr = []
    for k in (8, 16, 32):
        around = [k + d for d in (-5, -4, -3, -2, 2, 3, 4, 5)]
        snr.append(evoked[:, k] / evoked[:, around].mean(axis=1))
    return total, evoked, itpc, snr


def by_unit(rfft, x):
    """Unit by unit: what is worked on stays in the cache."""
    for u in range(x.shape[0]):
        finish(rfft(x[u : u + 1]))


def at_once(rfft, x):
    finish(rfft(x))


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


def hftp_product(units):
    """The same null as one matrix product, 64 units at a time."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((units, 200))
    w = np.exp(-2j * np.pi * np.outer(np.arange(200), (50, 100)) / 200)
    rows = np.empty((3000, 200))
    for p in range(1000):
        order = rng.permutation(200)
        turned = np.empty_like(w)
        turned[order] = w
        rows[3 * p : 3 * p + 3] = turned.real[:, 0], turned.imag[:, 0], turned.real[:, 1]

    def run():
        for u in range(0, units, 64):
            z = rows @ x[u : u + 64].T
            a = np.hypot(z[0::3], z[1::3])
            np.percentile(a, 95, axis=0)
            np.percentile(np.abs(z[2::3]), 95, axis=0)

    return run


def main():
    units, trials, samples = map(int, sys.argv[1:4])
    rng = np.random.default_rng(0)
    x = rng.standard_normal((units, trials, samples))
    y = x.astype(np.float32)
    import scipy.fft

    ms = 1e3 / units
    routes = (("numpy", np.fft.rfft), ("scipy", scipy.fft.rfft))
    for how in (at_once, by_unit):
        for name, rfft in routes:
            for type_, data in (("f64", x), ("f32", y)):
                t = ms * best(lambda: how(rfft, data))
                print(f"{name} {type_}, {how.__name__}\t{t:.4f}")
    w = np.exp(-2j * np.pi * np.outer(np.arange(samples), (8, 16, 32)) / samples)
    pairs = np.hstack([w.real, w.imag])

    def three():
        z = x @ pairs
        z = z[..., :3] + 1j * z[..., 3:]
        np.abs(z.mean(axis=1)), np.abs(np.mean(z / np.abs(z), axis=1))

    print(f"numpy, 3 bins as a product\t{ms * best(three):.4f}")
    print(f"published HFTP loop\t{1e3 / 20 * best(lambda: hftp(20), 1):.4f}")
    print(f"numpy, HFTP null as a product\t{1e3 / 2048 * best(hftp_product(2048)):.4f}")
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
        print(f"MNE, power spectrum (boxcar)\t{1e3 / few * power:.4f}")
        print(f"MNE, ITPC at 3 frequencies (Morlet)\t{1e3 / few * itc:.4f}")
    except ImportError:
        print("# MNE is not installed")


main()
