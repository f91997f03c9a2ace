#!/usr/bin/env python3
"""Reads a safetensors file with nothing but the standard library, from the format's description.

    read_safetensors.py FILE [EXPECTED]

Checks the layout and prints one line for each tensor (name, type, shape, sum of the elements) and
each metadata entry. With EXPECTED, the output must equal that file's text.
"""
import json
import struct
import sys

# Element type -> (bytes, struct code); bf16 and bool are handled apart.
TYPES = {
    "F64": (8, "d"), "F32": (4, "f"), "F16": (2, "e"), "BF16": (2, "H"),
    "I64": (8, "q"), "I32": (4, "i"), "I16": (2, "h"), "I8": (1, "b"),
    "U64": (8, "Q"), "U32": (4, "I"), "U16": (2, "H"), "U8": (1, "B"), "BOOL": (1, "?"),
}


def check(condition, message):
    if not condition:
        sys.exit("not a good safetensors file: " + message)


def no_repeats(pairs):
    keys = [key for key, _ in pairs]
    check(len(keys) == len(set(keys)), "a key is there twice")
    return dict(pairs)


def elements(dtype, raw):
    size, code = TYPES[dtype]
    values = struct.unpack("<%d%s" % (len(raw) // size, code), raw)
    if dtype == "BF16":  # the upper half of a float32
        values = [struct.unpack("<f", struct.pack("<I", v << 16))[0] for v in values]
    return values


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    check(len(content) >= 8, "shorter than 8 bytes")
    (length,) = struct.unpack("<Q", content[:8])
    check(8 + length <= len(content), "the header is cut off")
    check(length % 8 == 0, "the header is not padded to 8 bytes")
    check(content[8:9] == b"{", "the header does not begin with {")
    header = json.loads(content[8:8 + length].decode("utf-8"), object_pairs_hook=no_repeats)
    data = content[8 + length:]
    metadata = header.pop("__metadata__", {})
    check(all(isinstance(v, str) for v in metadata.values()), "metadata that is no text")
    lines, end = [], 0
    for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        check(set(tensor) == {"dtype", "shape", "data_offsets"}, name + ": other keys")
        size = TYPES[tensor["dtype"]][0]
        count = 1
        for n in tensor["shape"]:
            count *= n
        begin, stop = tensor["data_offsets"]
        check(begin == end, name + ": a hole or an overlap")
        check(stop - begin == count * size, name + ": size does not fit the shape")
        check((8 + length + begin) % size == 0, name + ": not aligned")
        end = stop
        total = sum(elements(tensor["dtype"], data[begin:stop]))
        lines.append("%s %s %s %.12g" % (name, tensor["dtype"], tensor["shape"], total))
    check(end == len(data), "bytes after the last tensor")
    lines += ["%s = %s" % (key, json.dumps(metadata[key])) for key in sorted(metadata)]
    for name in sorted(header):
        if name.endswith(".offsets") and name[:-8] + ".bytes" in header:
            lines.append(strings(data, header, name[:-8]))
    return lines


def strings(data, header, name):
    begin, stop = header[name + ".offsets"]["data_offsets"]
    offsets = elements("I64", data[begin:stop])
    begin, stop = header[name + ".bytes"]["data_offsets"]
    text = data[begin:stop]
    parts = [text[a:b].decode("utf-8") for a, b in zip(offsets, offsets[1:])]
    return "%s: %s" % (name, json.dumps(parts))


def main():
    text = "\n".join(read(sys.argv[1])) + "\n"
    sys.stdout.write(text)
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            if file.read() != text:
                sys.exit("this is not what %s says" % sys.argv[2])


if __name__ == "__main__":
    main()
