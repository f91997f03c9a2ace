#!/usr/bin/env python3
"""Scores a user's products from a `vasg` model file with nothing but the standard library, as docs/formats.md
says, and compares with what `lookbook recommend --json` printed.

    rank_model.py MODEL USER < recommend.json
"""
import json
import math
import struct
import sys


class Model:
    def __init__(self, path):
        with open(path, "rb") as file:
            content = file.read()
        (length,) = struct.unpack("<Q", content[:8])
        self.header = json.loads(content[8:8 + length])
        self.metadata = self.header.pop("__metadata__")
        self.data = content[8 + length:]

    def rows(self, name):
        """The rows of a matrix."""
        tensor = self.header[name]
        begin, end = tensor["data_offsets"]
        code = {"F32": "f", "U32": "I", "I64": "q"}[tensor["dtype"]]
        values = struct.unpack("<%d%s" % ((end - begin) // struct.calcsize(code), code), self.data[begin:end])
        width = tensor["shape"][1] if len(tensor["shape"]) > 1 else 1
        return [values[i:i + width] for i in range(0, len(values), width)] if width else []

    def strings(self, name):
        begin, end = self.header[name + ".bytes"]["data_offsets"]
        text = self.data[begin:end]
        offsets = [row[0] for row in self.rows(name + ".offsets")]
        return [text[a:b].decode("utf-8") for a, b in zip(offsets, offsets[1:])]


def inner(query, vector, name):
    if len(vector) != len(query):
        sys.exit("%s has %d columns, the query %d" % (name, len(vector), len(query)))
    return sum(q * v for q, v in zip(query, vector))


def queries(model, user):
    """What the vectors of bought products and of those that nobody has bought are multiplied by."""
    x, spectral = model.rows("users.x")[user], model.rows("spectral.user")
    root = math.sqrt(float(model.metadata["vasg.alpha"]))
    bought = list(x) + [root * q for q in (spectral[user] if spectral else ())] + [1]
    level = inner(bought, model.rows("warm.mean")[0], "warm.mean")
    off = []
    if "cold.user_mean" in model.header:
        off = [a - b for a, b in zip(x, model.rows("cold.user_mean")[0])]
    return {"warm": bought, "cold": off + [1, level]}


def main():
    model, items = Model(sys.argv[1]), json.load(sys.stdin)["items"]
    query = queries(model, model.strings("users").index(sys.argv[2]))
    ids = model.strings("products")
    compared = {"warm": 0, "cold": 0}
    vectors = {part: {ids[row[0]]: v for row, v in zip(model.rows(part + ".product"), model.rows(part + ".vector"))}
               for part in compared}
    for item in items:
        part = "cold" if item["new"] else "warm"
        score = inner(query[part], vectors[part][item["id"]], part + ".vector")
        if abs(score - item["score"]) > 1e-4 * (1 + abs(score)):
            sys.exit("%s: the file gives %.9g, recommend %.9g" % (item["id"], score, item["score"]))
        compared[part] += 1
    if not compared["warm"] or vectors["cold"] and not compared["cold"]:
        sys.exit("the list lacks bought products or new ones to compare: %s" % compared)
    print("scores agree: %(warm)d of bought products, %(cold)d of new ones" % compared)


if __name__ == "__main__":
    main()
