#!/usr/bin/env python3
"""The training of `vasg-paper` in PyTorch: walks, Skip-Gram with negative samples, the decoder
beside it with learned weights of the two tasks, then the encoder through the frozen decoder
(docs/model.md; equations 1 to 3 of the VASG paper). For comparing times: bench/reference/compare.

It reads a dataset of Lookbook with a given split. Walks and pairs are made by NumPy, all at once
for many walks; embeddings have sparse gradients and the lazy Adam that goes with them; a product
is reconstructed once per batch, whatever the number of its pairs there.
"""
import argparse
import json
import sqlite3
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

TRAIN, VALID, TEST = 0, 1, 2


def read_dataset(directory):
    """Pairs (n, 3) of user, product, part; features (n_products, dim), scaled to [0, 1]."""
    db = sqlite3.connect(f"file:{directory}/shop.db?mode=ro", uri=True)
    n_users = db.execute("SELECT count(*) FROM users").fetchone()[0]
    n_products = db.execute("SELECT count(*) FROM products").fetchone()[0]
    pairs = np.array(db.execute("SELECT user, product, part FROM split_pairs WHERE split ="
                                " (SELECT id FROM splits WHERE name = 'given')").fetchall())
    dim, name, bits = db.execute("SELECT dim, file, present FROM features").fetchone()
    present = np.zeros(n_products, bool)
    bits = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[:n_products]
    present[: len(bits)] = bits == 1
    stored = np.load(f"{directory}/features/{name}", mmap_mode="r")
    f = np.zeros((n_products, dim), np.float32)
    f[: len(stored)] = stored
    f -= f[present].min(0)
    f /= np.maximum(f[present].max(0), 1e-12)
    return n_users, n_products, pairs, f, present


class Network:
    """Users 0..n_users-1 and products behind them, as CSR."""

    def __init__(self, n_users, n_products, train):
        n = n_users + n_products
        a, b = train[:, 0], train[:, 1] + n_users
        source, target = np.concatenate([a, b]), np.concatenate([b, a])
        self.neighbour = target[np.argsort(source, kind="stable")]
        self.degree = np.bincount(source, minlength=n)
        self.start = np.concatenate([[0], np.cumsum(self.degree)[:-1]])

    def walk(self, nodes, length, rng):
        walks = np.empty((len(nodes), length), np.int64)
        walks[:, 0] = nodes
        for i in range(1, length):
            at = walks[:, i - 1]
            step = (rng.random(len(at)) * self.degree[at]).astype(np.int64)
            walks[:, i] = self.neighbour[self.start[at] + step]
        return walks


def pairs_of(walks, reach):
    """All (centre, context) at most `reach` apart."""
    parts = []
    for d in range(1, reach + 1):
        a, b = walks[:, :-d].ravel(), walks[:, d:].ravel()
        parts += [np.stack([a, b], 1), np.stack([b, a], 1)]
    pairs = np.concatenate(parts)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def network_of(sizes, dropout, relu):
    layers = []
    for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
        layers.append(nn.Linear(a, b))
        if i + 2 < len(sizes):
            layers += [nn.ReLU(), nn.Dropout(dropout)]
    if relu:
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def batches(net, n_users, o, rng):
    """Batches of pairs whose centres are of one kind."""
    waiting = [np.empty((0, 2), np.int64)] * 2
    while True:
        starts = rng.permutation(np.flatnonzero(net.degree))
        for begin in range(0, len(starts), o.walks_at_once):
            pairs = pairs_of(net.walk(starts[begin:begin + o.walks_at_once], o.walk_length, rng),
                             (o.window - 1) // 2)
            pairs = rng.permutation(pairs)
            of_product = pairs[:, 0] >= n_users
            ready = []
            for kind in (0, 1):
                mine = np.concatenate([waiting[kind], pairs[of_product == kind]])
                whole = len(mine) // o.batch * o.batch
                ready += list(mine[:whole].reshape(-1, o.batch, 2))
                waiting[kind] = mine[whole:]
            for i in rng.permutation(len(ready)):
                yield ready[i]


def train_space(net, n_users, n_products, features, present, o, rng):
    n, dim = n_users + n_products, o.dim
    x = nn.Embedding(n, dim, sparse=True)
    bound = (6 / (n + dim)) ** 0.5
    nn.init.uniform_(x.weight, -bound, bound)
    w = o.width
    decoder = network_of([dim, w, 2 * w, 4 * w, 8 * w, features.shape[1]], o.dropout, True)
    s = nn.Parameter(torch.zeros(2))
    of_rows = torch.optim.SparseAdam(list(x.parameters()), lr=1e-3)
    of_rest = torch.optim.Adam(list(decoder.parameters()) + [s], lr=1e-3)
    weight = net.degree.astype(np.float64) ** 0.75
    chances = [np.cumsum(weight[:n_users]), np.cumsum(weight[n_users:])]
    source = batches(net, n_users, o, rng)
    for step in range(o.max_batches):
        pairs = next(source)
        of_users = pairs[0, 0] < n_users
        negatives = np.empty((len(pairs), o.negatives), np.int64)
        products = pairs[:, 1] >= n_users
        for context, first in ((False, 0), (True, n_users)):
            rows = products == context
            c = chances[int(context)]
            u = rng.random((rows.sum(), o.negatives)) * c[-1]
            negatives[rows] = first + np.searchsorted(c, u)
        centre, others = torch.from_numpy(pairs[:, 0]), torch.from_numpy(
            np.concatenate([pairs[:, 1:], negatives], 1))
        z = torch.bmm(x(others), x(centre).unsqueeze(2)).squeeze(2)
        skipgram = F.softplus(-z[:, 0]) + F.softplus(z[:, 1:]).sum(1)
        if of_users:
            loss = skipgram.mean()
        else:
            known = torch.from_numpy(present[pairs[:, 0] - n_users])
            unique, count = torch.unique(centre[known], return_counts=True)
            target = torch.from_numpy(features[unique.numpy() - n_users])
            error = ((decoder(x(unique)) - target) ** 2).mean(1)
            share = known.float().mean()
            loss = (torch.where(known, skipgram * torch.exp(-s[0]), skipgram).mean()
                    + 0.5 * torch.exp(-s[1]) * (error * count).sum() / len(pairs)
                    + 0.5 * share * s.sum())
        of_rows.zero_grad()
        of_rest.zero_grad()
        loss.backward()
        of_rows.step()
        if not of_users:
            of_rest.step()
            with torch.no_grad():
                s.clamp_(-5, 5)
    return x.weight.detach(), decoder


def train_encoder(decoder, features, rows, o, rng):
    w = o.width
    encoder = network_of([features.shape[1], 8 * w, 4 * w, 2 * w, w, o.dim], o.dropout, False)
    decoder.eval().requires_grad_(False)
    adam = torch.optim.Adam(encoder.parameters(), lr=1e-3)
    for _ in range(o.encoder_epochs):
        order = rng.permutation(rows)
        for begin in range(0, len(order), 256):
            f = torch.from_numpy(features[order[begin:begin + 256]])
            rebuilt = decoder(encoder(f + 0.05 * torch.randn_like(f)))
            loss = F.mse_loss(rebuilt, f)
            adam.zero_grad()
            loss.backward()
            adam.step()
    return encoder.eval()


def warm_auc(x, n_users, n_products, pairs):
    """Mean over users of the share of warm candidates below each warm test, ties one half."""
    train = pairs[pairs[:, 2] == TRAIN]
    warm = np.bincount(train[:, 1], minlength=n_products) > 0
    x = x.numpy()
    by_user = pairs[np.argsort(pairs[:, 0], kind="stable")]
    begin = np.searchsorted(by_user[:, 0], np.arange(n_users + 1))
    values = []
    for first in range(0, n_users, 64):
        users = np.arange(first, min(first + 64, n_users))
        scores = x[users] @ x[n_users:].T
        for u, row in zip(users, scores):
            own = by_user[begin[u]:begin[u + 1]]
            tests = own[(own[:, 2] == TEST) & warm[own[:, 1]], 1]
            if not len(tests):
                continue
            candidate = warm.copy()
            candidate[own[:, 1]] = False
            c = row[candidate]
            values.append(np.mean([((c < row[t]).sum() + 0.5 * (c == row[t]).sum()) / len(c)
                                   for t in tests]))
    return float(np.mean(values))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("dataset")
    for name, value in (("dim", 100), ("walk-length", 30), ("window", 7), ("batch", 512),
                        ("negatives", 5), ("max-batches", 10000), ("width", 256),
                        ("encoder-epochs", 1), ("walks-at-once", 4096), ("threads", 2),
                        ("seed", 1)):
        p.add_argument("--" + name, type=int, default=value)
    p.add_argument("--dropout", type=float, default=0.5)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    torch.set_flush_denormal(True)  # else Adam is slow on moments of weights without gradients
    torch.manual_seed(o.seed)
    rng = np.random.default_rng(o.seed)
    n_users, n_products, pairs, features, present = read_dataset(o.dataset)
    train = pairs[pairs[:, 2] == TRAIN]
    seconds = {}
    start, began = time.perf_counter(), time.process_time()
    net = Network(n_users, n_products, train)
    x, decoder = train_space(net, n_users, n_products, features, present, o, rng)
    seconds["space"] = time.perf_counter() - start
    rows = np.flatnonzero(present & (np.bincount(train[:, 1], minlength=n_products) > 0))
    train_encoder(decoder, features, rows, o, rng)
    seconds["train"] = time.perf_counter() - start
    seconds["encoder"] = seconds["train"] - seconds["space"]
    processor = time.process_time() - began
    start = time.perf_counter()
    auc = warm_auc(x, n_users, n_products, pairs)
    seconds["evaluate"] = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "processor_seconds": processor, "auc_warm_own": auc, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
