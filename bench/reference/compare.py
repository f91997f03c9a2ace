#!/usr/bin/env python3
"""Lookbook's `vasg-paper` and the same training in PyTorch (vasg_paper.py) on the same data, in
turn; prints the times, their ratio and both AUCs.

    bench/reference/compare.py --lookbook build/release/lookbook SHOP WORK

SHOP is a dataset with a feature, which stays as it is. WORK gets a copy of it with a given split:
of each user of five products or more one random product is the test, one more is left out.
"""
import argparse
import json
import pathlib
import resource
import sqlite3
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent


def write_parts(shop, work, seed):
    """Writes the parts and the feature of a dataset as files to import."""
    db = sqlite3.connect(f"file:{shop}/shop.db?mode=ro", uri=True)
    users = [row[0] for row in db.execute("SELECT id FROM users ORDER BY row")]
    products = [row[0] for row in db.execute("SELECT id FROM products ORDER BY row")]
    pairs = np.array(db.execute("SELECT DISTINCT user, product FROM interactions").fetchall())
    rng = np.random.default_rng(seed)
    pairs = rng.permutation(pairs)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    first = np.searchsorted(pairs[:, 0], pairs[:, 0])
    rank = np.arange(len(pairs)) - first
    large = np.bincount(pairs[:, 0])[pairs[:, 0]] >= 5
    part = np.where(large & (rank == 0), 2, np.where(large & (rank == 1), 1, 0))
    for i, name in enumerate(("train", "valid", "test")):
        with open(work / f"{name}.csv", "w", encoding="utf-8") as f:
            f.write("user,product\n")
            f.writelines(f"{users[u]},{products[p]}\n" for u, p in pairs[part == i])
    name, bits = db.execute("SELECT file, present FROM features").fetchone()
    stored = np.load(f"{shop}/features/{name}", mmap_mode="r")
    present = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[: len(stored)] == 1
    np.save(work / "features.npy", stored[present])
    with open(work / "ids.txt", "w", encoding="utf-8") as f:
        f.writelines(f"{products[i]}\n" for i in np.flatnonzero(present))


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed with {done.returncode}")
    return done.stdout


def walks_needed(shop, batches):
    """Walks of 30 nodes from each node that give more than so many batches of 512 pairs."""
    db = sqlite3.connect(f"file:{shop}/shop.db?mode=ro", uri=True)
    nodes = sum(db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("users", "products"))
    return 1 + 512 * batches // (nodes * 100)


def run_lookbook(o, seed):
    model = (f"vasg-paper:negatives=5,walks={walks_needed(o.work / 'shop', o.batches)},"
             f"max-batches={o.batches},stop=end,"
             f"encoder-epochs={o.encoder_epochs},width={o.width}")
    out = json.loads(run([o.lookbook, "compare", "-q", "-d", o.work / "shop", "--split", "given",
                          "--models", model, "--threads", o.threads, "--seed", seed,
                          "--json"]))["models"][0]
    return out["train_seconds"]["mean"], out["warm"]["auc_own"]["mean"]


def run_torch(o, seed):
    out = json.loads(run([sys.executable, HERE / "vasg_paper.py", o.work / "shop",
                          "--max-batches", o.batches, "--encoder-epochs", o.encoder_epochs,
                          "--width", o.width, "--threads", o.threads, "--seed", seed]))
    return out["seconds"]["train"], out["auc_warm_own"]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("shop", type=pathlib.Path)
    p.add_argument("work", type=pathlib.Path)
    p.add_argument("--lookbook", default="lookbook")
    p.add_argument("--batches", type=int, default=2000)
    p.add_argument("--encoder-epochs", type=int, default=1)
    p.add_argument("--width", type=int, default=256, help="of the networks' smallest layer")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--rounds", type=int, default=1)
    o = p.parse_args()
    if not (o.work / "shop").exists():
        o.work.mkdir(parents=True, exist_ok=True)
        write_parts(o.shop, o.work, 1)
        run([o.lookbook, "import", "-q", "-d", o.work / "shop", "--interactions",
             o.work / "train.csv", "--valid", o.work / "valid.csv", "--test", o.work / "test.csv",
             "--features", o.work / "features.npy", "--feature-ids", o.work / "ids.txt"])
    # Seconds of training, and processor seconds of the whole program, reading and testing too.
    print(f"{'seed':>4} {'program':>8} {'trains s':>9} {'processor s':>12} {'AUC warm own':>13}")
    for seed in range(1, o.rounds + 1):
        took = []
        for name, program in (("lookbook", run_lookbook), ("PyTorch", run_torch)):
            before = processor_seconds()
            seconds, auc = program(o, seed)
            took.append((seconds, processor_seconds() - before))
            print(f"{seed:>4} {name:>8} {seconds:>9.1f} {took[-1][1]:>12.1f} {auc:>13.4f}",
                  flush=True)
        ratios = [theirs / ours for ours, theirs in zip(*took)]
        print(f"{seed:>4} {'ratio':>8} {ratios[0]:>9.1f} {ratios[1]:>12.1f}", flush=True)


if __name__ == "__main__":
    main()
