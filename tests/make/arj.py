#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the ARJ archives in tests/corpus/arj, and ARJ's streams in
tests/corpus/codec.

The tool arj (package arj) packs; this takes its archives apart and puts the
members together again as each test wants them.  The results are committed.

  tests/make/arj.py [DIR]
"""
import os
import struct
import subprocess
import sys
import tempfile
import zlib

import zip as texts

ENCRYPTED, GOES_ON = 1, 4


def pack(data, *options):
    """One member of an archive that arj made: (method, modifier, packed)."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a.txt"), "wb") as f:
            f.write(data)
        subprocess.run(["arj", "a", "-y", *options, "o.arj", "a.txt"],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "o.arj"), "rb") as f:
            made = f.read()
    at = 4 + struct.unpack("<H", made[2:4])[0] + 4 + 2
    assert made[at:at + 2] == b"\x60\xea"
    size, = struct.unpack("<H", made[at + 2:at + 4])
    header = made[at + 4:at + 4 + size]
    packed, = struct.unpack("<I", header[12:16])
    at += 4 + size + 4 + 2
    return header[5], header[7], made[at:at + packed]


def header(fields, name, extended=b""):
    body = fields + name + b"\0" + b"\0"
    out = b"\x60\xea" + struct.pack("<H", len(body)) + body + struct.pack(
        "<I", zlib.crc32(body))
    for block in (extended,) if extended else ():
        out += struct.pack("<H", len(block)) + block + struct.pack(
            "<I", zlib.crc32(block))
    return out + b"\0\0"


def main_header():
    return header(struct.pack("<BBBBBBBBIIIIHHH", 30, 11, 1, 2, 0, 0, 2, 0,
                              0, 0, 0, 0, 0, 0, 0), b"o.arj")


def member(name, data, method=0, packed=None, modifier=0, flags=0, kind=0,
           size=None, crc=None, extended=b""):
    packed = data if packed is None else packed
    return header(struct.pack(
        "<BBBBBBBBIIIIHHH", 30, 11, 1, 2, flags, method, kind, modifier, 0,
        len(packed), len(data) if size is None else size,
        zlib.crc32(data) if crc is None else crc, 0, 0, 0),
        name, extended) + packed


END = b"\x60\xea\0\0"


def files():
    text, other = texts.TEXT, texts.OTHER
    m1, _, one = pack(text, "-m1")
    m4, _, four = pack(text, "-m4")
    me, modifier, locked = pack(text, "-m1", "-gsecret")
    ms, modifier_s, stored = pack(other, "-m0", "-gsecret")
    a = member(b"a.txt", text, m1, one)
    b = member(b"b.txt", other)
    start = main_header()
    broken = bytearray(a)
    broken[40] ^= 1
    return {
        "plain": start + a + b + END,
        "methods": start + a + member(b"c.txt", text, 2, one) +
        member(b"d.txt", text, m4, four) + END,
        "folder": start + member(b"dir", b"", kind=3) + b + END,
        "extended": start + member(b"b.txt", other, extended=b"x" * 20) + END,
        "no-end": start + a + b,
        "broken-header": start + bytes(broken) + b + END,
        "hidden": start + a + END + b"between" + b + END,
        "no-start": a + b + END,
        "encrypted": start + member(b"a.txt", text, me, locked, modifier,
                                    ENCRYPTED) +
        member(b"b.txt", other, ms, stored, modifier_s, ENCRYPTED) + END,
        "bad-crc": start + member(b"a.txt", text, m1, one, crc=1) + END,
        "size-small": start + member(b"a.txt", text, m1, one, size=3) + END,
        "size-huge": start + member(b"a.txt", text, m1, one,
                                    size=0x7fffffff) + END,
        "unsupported": start + member(b"a.txt", text, 7, one) + END,
        "volume": start + member(b"a.txt", text, m1, one,
                                 flags=GOES_ON) + END,
    }


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "corpus")
    for folder in ("arj", "codec"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)

    def write(folder, name, data):
        with open(os.path.join(root, folder, name), "wb") as f:
            f.write(data)

    for name, data in files().items():
        write("arj", name + ".arj", data)
    long = texts.long_text()
    for method in "14":
        write("codec", "text.arj" + method, pack(texts.TEXT, "-m" + method)[2])
        write("codec", "long.arj" + method, pack(long, "-m" + method)[2])


if __name__ == "__main__":
    main()
