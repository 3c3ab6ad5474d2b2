#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the CD images in tests/corpus/iso9660.

They are put together by hand, as small as the format allows; every one ends
with the last byte of a file.  The results are committed without their first
32 KiB, which say nothing; whoever uses them puts those in front.

  tests/make/iso.py [DIR]
"""
import os
import struct
import sys

import zip as texts

SECTOR = 2048
DIRECTORY, MORE = 2, 0x80


def both16(n):
    return struct.pack("<H", n) + struct.pack(">H", n)


def both32(n, other=None):
    return struct.pack("<I", n) + struct.pack(">I", n if other is None
                                              else other)


def record(name, block, size, flags=0, unit=0, gap=0, use=b"",
           other_block=None, other_size=None):
    body = b"\0" + both32(block, other_block) + both32(size, other_size)
    body += bytes(7) + bytes([flags, unit, gap]) + both16(1)
    body += bytes([len(name)]) + name + bytes(1 - len(name) % 2) + use
    body += bytes((len(body) + 1) % 2)
    return bytes([len(body) + 1]) + body


def directory(own, parent, *records, use=b""):
    """The bytes of a directory of one sector; own and parent are blocks."""
    out = record(b"\0", own, SECTOR, DIRECTORY, use=use)
    out += record(b"\1", parent, SECTOR, DIRECTORY)
    return pad(out + b"".join(records))


def pad(data, size=SECTOR):
    return data + bytes(-len(data) % size)


def descriptor(kind, root, escape=b"", block=SECTOR, sectors=0):
    d = bytearray(SECTOR)
    d[0:7] = bytes([kind]) + b"CD001\1"
    d[40:72] = b"CANDOR".ljust(32)
    d[80:88] = both32(sectors)
    d[88:88 + len(escape)] = escape
    d[120:124] = both16(1)
    d[124:128] = both16(1)
    d[128:132] = both16(block)
    d[156:190] = record(b"\0", root, SECTOR * 1, DIRECTORY)
    d[881] = 1
    return bytes(d)


END = b"\xffCD001\1" + bytes(SECTOR - 7)


def image(*descriptors, body):
    """Sixteen empty sectors, descriptors, end, body; body starts at 20."""
    out = bytes(16 * SECTOR) + b"".join(descriptors) + END
    assert len(out) <= 20 * SECTOR
    return out + bytes(20 * SECTOR - len(out)) + body


def ucs2(text):
    return text.encode("utf-16-be")


def rock_ridge(name, at=None):
    """NM, or a part of it and CE pointing at (block, offset, size)."""
    nm = b"NM" + bytes([5 + len(name), 1, 1 if at else 0]) + name
    if at is None:
        return nm
    return nm + b"CE\x1c\1" + b"".join(both32(n) for n in at)


SP = b"SP\7\1\xbe\xef\0"


def files():
    text, other = texts.TEXT, texts.OTHER
    n, m = len(text), len(other)

    def simple(*records, data=None, more=()):
        """Root in block 20, then data from 21."""
        root = directory(20, 20, *records)
        return image(descriptor(1, 20), *more,
                     body=root + (pad(other) + text if data is None else data))

    a, b = record(b"A.TXT;1", 22, n), record(b"B.TXT;1", 21, m)
    plain = image(descriptor(1, 20), body=directory(
        20, 20, record(b"DIR", 21, SECTOR, DIRECTORY),
        record(b"B.TXT;1", 22, m)) + directory(
            21, 20, record(b"A.TXT;1", 23, n)) + pad(other) + text)
    name = "a \u263a long name.txt"
    joliet = image(
        descriptor(1, 20), descriptor(2, 21, b"%/E"),
        body=directory(20, 20, record(b"B.TXT;1", 22, m)) + directory(
            21, 21, record(ucs2("b.txt;1"), 22, m),
            record(ucs2(name + ";1"), 23, n)) + pad(other) + text)
    tail = rock_ridge(b"ued name")
    ridge = image(
        descriptor(1, 20), body=directory(
            20, 20, record(b"A.TXT;1", 23, n,
                           use=rock_ridge(b"a contin", (21, 100, len(tail)))),
            record(b"B.TXT;1", 22, m, use=rock_ridge(b"b.txt")),
            use=SP) + pad(bytes(100) + tail) + pad(other) + text)
    catalogue = pad(bytes([1]) + bytes(29) + b"\x55\xaa" + b"\x88" +
                    bytes(5) + struct.pack("<HI", 2, 23))
    boot = bytearray(descriptor(0, 0))
    boot[7:30] = b"EL TORITO SPECIFICATION"
    boot[71:75] = struct.pack("<I", 22)
    boot[128:200] = bytes(72)
    torito = simple(b, more=[bytes(boot)], data=pad(other) + catalogue +
                    pad(text, 1024))
    half = SECTOR
    big = (text * 8)[:2 * half]
    multi = simple(
        record(b"M.BIN;1", 23, half, MORE), record(b"M.BIN;1", 21, half),
        data=big[half:] + bytes(SECTOR) + big[:half])
    weave = simple(
        record(b"W.BIN;1", 21, 2 * half, unit=1, gap=1),
        data=big[:half] + bytes(SECTOR) + big[half:] + b"end")
    loop = simple(
        record(b"UP", 20, SECTOR, DIRECTORY), b,
        record(b"AGAIN", 20, SECTOR, DIRECTORY), a)
    small = image(descriptor(1, 80, block=512), body=directory(
        80, 80, record(b"B.TXT;1", 84, m), record(b"A.TXT;1", 85, n)) +
        pad(other, 512) + text)
    raw = b"".join(
        b"\0" + b"\xff" * 10 + b"\0" + bytes(4) +
        pad(plain)[i:i + SECTOR] + bytes(288)
        for i in range(0, len(pad(plain)), SECTOR))
    return {
        "plain": plain,
        "joliet": joliet,
        "rock-ridge": ridge,
        "el-torito": torito,
        "multi-extent": multi,
        "interleaved": weave,
        "loop": loop,
        "block-512": small,
        "raw-2352": raw,
        "two-orders": simple(record(b"B.TXT;1", 21, m, other_block=22,
                                    other_size=n)),
        "beyond": simple(b, record(b"FAR.TXT;1", 400, n)),
        "bad-record": simple(b, b"\x16" + bytes(21), a),
        "no-tree": image(descriptor(3, 0), body=b"x"),
    }


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "corpus")
    folder = os.path.join(root, "iso9660")
    os.makedirs(folder, exist_ok=True)
    for name, data in files().items():
        with open(os.path.join(folder, name + ".tail"), "wb") as f:
            f.write(data[16 * SECTOR:])


if __name__ == "__main__":
    main()
