# SPDX-License-Identifier: GPL-3.0-or-later
"""The published architecture of the multi-modal model in PyTorch, for run.sh.

  peer.py cut RECORDING.nc DIR       frames.npy and counts.npy, rows x time x trial
  peer.py epoch DIR BATCH            CPU seconds per epoch
  peer.py bound DIR TRAIN EPOCHS SETTINGS
                                     CPU seconds and bound of the trials after the first
                                     TRAIN, after each epoch

The objective is the evidence lower bound (not what the published code minimises), with
learned length scales and noise, and an encoder over time. Networks, batches and step
sizes are those of SETTINGS: the published ones, or ours. Frames are scaled as neuraxis
scales them. One thread."""
import math
import sys
import time

import numpy as np

# hidden layers of the neural encoder and of the encoder of behaviour, of the decoder;
# trials per step; step sizes of the networks of behaviour, the neural encoder, loadings,
# length scales and noise. With ours, batches and the step size of behaviour are those with
# which the peer is fastest (2 and 3e-3 here, where step sizes come down during the fit)
SETTINGS = {
    "published": (([80, 40, 20], [784, 512, 256, 256]), [256, 256, 512, 784], 20,
                  (1.6e-4, 7.72e-4, 8.8e-3, 1e-2)),
    "ours": (([80, 40], [128, 64]), [128] * 4, 5, (1e-3, 2e-3, 5e-3, 1e-2)),
}


def cut(path, folder):
    import h5py

    f = h5py.File(path)
    rate = 30.0
    frames = f["images"][:]  # time, x, y
    start = np.rint(f["trials.start_time"][:] * rate).astype(int)
    stop = np.rint(f["trials.stop_time"][:] * rate).astype(int)
    times = f["spikes"][:]
    ends = np.concatenate([[0], np.cumsum(f["spikes_row_size"][:])]).astype(int)
    bins = len(frames)
    counts = np.stack([np.histogram(times[a:b], bins, (0, bins / rate))[0]
                       for a, b in zip(ends[:-1], ends[1:])])
    x = frames.reshape(bins, -1).T
    for name, a in (("frames", x.astype(np.float32)), ("counts", counts.astype(float))):
        trials = np.stack([a[:, lo:hi] for lo, hi in zip(start, stop)], 2)
        np.save(f"{folder}/{name}.npy", np.asfortranarray(trials))


def model(n_neurons, n_pixels, t_max, rates, encoders, decoder):
    import torch
    from torch import nn

    def mlp(widths, last):
        layers = []
        for i, (a, b) in enumerate(zip(widths[:-1], widths[1:])):
            layers += [nn.Linear(a, b)]
            if i < len(widths) - 2 or last:
                layers += [nn.ELU()]
        return nn.Sequential(*layers)

    circle, shortest = t_max + 40.0, 10.0
    top = int(circle / (math.pi * shortest) * math.sqrt(0.5 * math.log(1e8)))
    w = np.concatenate([np.arange(top + 1), -np.arange(top, 0, -1)])
    t = np.arange(t_max)
    b = np.where(w[:, None] < 0, np.sin(2 * np.pi * w[:, None] * t / circle),
                 np.cos(2 * np.pi * w[:, None] * t / circle)) / math.sqrt(circle / 2)
    b[0] /= math.sqrt(2)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            f = len(w)
            self.register_buffer("b", torch.tensor(b, dtype=torch.float32))
            self.register_buffer("w2", torch.tensor((2 * np.pi * w / circle) ** 2,
                                                    dtype=torch.float32))
            self.enc = nn.ModuleList([mlp([n] + hidden, True) for n, hidden in
                                      zip((n_neurons, n_pixels), encoders)])
            self.mean = nn.ModuleList([nn.Linear(h[-1], 2) for h in encoders])
            self.sd = nn.ModuleList([nn.Linear(h[-1], 2) for h in encoders])
            self.to_mean = nn.ModuleList([nn.Linear(t_max, f), nn.Linear(t_max, f)])
            self.to_sd = nn.ModuleList([nn.Linear(t_max, f, bias=False) for _ in "ab"])
            self.dec = mlp([2] + decoder + [n_pixels], False)
            self.neurons = nn.Linear(2, n_neurons)
            self.neurons.bias.data = torch.tensor(np.log(rates), dtype=torch.float32)
            self.log_len = nn.Parameter(torch.full((3,), math.log(10.0)))
            self.log_v = nn.Parameter(torch.zeros(()))

        def forward(self, y, x):
            """Minus the bound, summed over the trials; y and x are trial x time x row."""
            m, s = [], []
            for i, data in enumerate((y, x)):
                h = self.enc[i](data)
                m.append(self.to_mean[i](self.mean[i](h).transpose(1, 2)))
                s.append(self.to_sd[i](self.sd[i](h).transpose(1, 2)))
            mu = torch.stack([m[0][:, 0], (m[0][:, 1] + m[1][:, 0]) / 2, m[1][:, 1]], 1)
            ls = torch.stack([s[0][:, 0], (s[0][:, 1] + s[1][:, 0]) / 2, s[1][:, 1]], 1)
            length = self.log_len.exp()[:, None]
            c = math.sqrt(2 * math.pi) * length * torch.exp(-self.w2 * length**2 / 2) + 1e-2
            var = torch.exp(2 * ls)
            kl = 0.5 * ((mu**2 + var) / c + torch.log(c) - 2 * ls - 1).sum()
            z = (mu + torch.randn_like(mu) * ls.exp()) @ self.b
            mean, spread = (mu @ self.b)[:, :2], (var @ self.b**2)[:, :2]
            eta = self.neurons(mean.transpose(1, 2))
            u = spread.transpose(1, 2) @ (self.neurons.weight**2).T
            spikes = (torch.exp(eta + u / 2) - y * eta + torch.lgamma(y + 1)).sum()
            r = self.dec(z[:, 1:].transpose(1, 2)) - x
            pixels = 0.5 * ((r**2).sum() / self.log_v.exp()
                            + r.numel() * (self.log_v + math.log(2 * math.pi)))
            return kl + spikes + pixels

    return Model()


def train(folder, n_train, epochs, settings, judge=False, batch=None):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    x = np.load(f"{folder}/frames.npy").transpose(2, 1, 0)
    y = np.load(f"{folder}/counts.npy").transpose(2, 1, 0)
    n_train = n_train or len(x)
    mean = x[:n_train].mean((0, 1))
    sd = np.sqrt(((x[:n_train] - mean) ** 2).mean())
    rates = np.maximum(y[:n_train].mean((0, 1)), 1e-3)
    shift = x[0].size * math.log(sd)
    x = torch.tensor((x - mean) / sd, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    encoders, decoder, usual, step_sizes = SETTINGS[settings]
    batch = batch or usual
    net = model(y.shape[2], x.shape[2], y.shape[1], rates, encoders, decoder)
    named = dict(net.named_parameters())
    own = {"neurons.weight", "neurons.bias"}
    scales = {"log_len", "log_v"}
    neural = {k for k in named if ".0." in f".{k}" and k.split(".")[0] in
              ("enc", "mean", "sd", "to_mean", "to_sd") and k.split(".")[1] == "0"}
    rest = set(named) - own - scales - neural
    groups = list(zip((rest, neural, own, scales), step_sizes))
    steps = [torch.optim.Adam([named[k] for k in sorted(g)], lr=lr) for g, lr in groups]
    rng = np.random.default_rng(1)
    spent = 0.0
    for epoch in range(epochs):
        start = time.process_time()
        order = rng.permutation(n_train)
        for i in range(0, n_train, batch):
            k = order[i:i + batch]
            loss = net(y[k], x[k]) / len(k)
            for s in steps:
                s.zero_grad()
            loss.backward()
            for g, _ in groups:
                torch.nn.utils.clip_grad_norm_([named[k] for k in g], 1.0)
            for s in steps:
                s.step()
        spent += time.process_time() - start
        if judge:
            with torch.no_grad():
                bound = -float(net(y[n_train:], x[n_train:])) / (len(x) - n_train)
            print(f"torch, {settings}\t{epoch + 1}\t{spent:.2f}\t{bound - shift:.1f}", flush=True)
    return spent / epochs


if __name__ == "__main__":
    if sys.argv[1] == "cut":
        cut(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "epoch":
        batch = int(sys.argv[3])
        train(sys.argv[2], 0, 1, "published", batch=batch)
        print(f"torch\t{train(sys.argv[2], 0, 3, 'published', batch=batch):.3f}")
    else:
        train(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], judge=True)
