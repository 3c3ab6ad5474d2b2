#!/usr/bin/env python3
"""Make small PE files: samples.py OUTDIR COUNT.

Each is a whole program of two sections and 550 to 900 bytes that does nothing,
and no two are the same.  Fixed seed: same bytes everywhere.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import random
import struct
import sys

HEADERS = 0x200 # bytes before the sections


def program(dice):
    """Headers as the PE format describes them, sections of random bytes."""
    bodies = [dice.randbytes(dice.choice((32, 64, 100, 200))) for _ in range(2)]
    dos = b'MZ' + bytes(58) + struct.pack('<I', 64)
    coff = b'PE\0\0' + struct.pack('<HHIIIHH', 0x14c, len(bodies), 0x5f000000, 0, 0, 0xe0, 0x102)
    optional = struct.pack('<HBBIIIIII', 0x10b, 8, 0, 512, 512, 0, 0x1000, 0x1000, 0x2000)
    optional += struct.pack('<IIIHHHHHHIIIIHH', 0x400000, 0x1000, 0x200, 4, 0, 0, 0, 4, 0, 0,
                            0x3000, HEADERS, 0, 3, 0)
    optional += struct.pack('<IIIIII', 0x100000, 0x1000, 0x100000, 0x1000, 0, 16) + bytes(128)
    table, at = b'', HEADERS
    for i, (name, body) in enumerate(zip((b'.text', b'.data'), bodies)):
        table += name.ljust(8, b'\0') + struct.pack(
            '<IIIIIIHHI', len(body), 0x1000 * (i + 1), len(body), at, 0, 0, 0, 0, 0x60000020)
        at += len(body)
    return (dos + coff + optional + table).ljust(HEADERS, b'\0') + b''.join(bodies)


def main():
    out, count = sys.argv[1], int(sys.argv[2])
    dice = random.Random(20261122)
    os.makedirs(out, exist_ok=True)
    for i in range(count):
        with open(os.path.join(out, f'{i:05}.exe'), 'wb') as f:
            f.write(program(dice))


if __name__ == '__main__':
    main()
