#!/usr/bin/env python3
"""Make a signature database of a real shape: signatures.py OUTDIR [SCALE].

SCALE 1 is 20,000 logical, 2,000 body and 30,000 hash signatures.  Byte runs
are cut from this machine's own programs and texts, two bytes of each changed,
so that they look like real ones to a filter and match next to nothing; counts
of subsignatures, lengths and targets follow what published databases show.
Deterministic for the same machine.
"""
# SPDX-License-Identifier: Apache-2.0
import glob
import os
import random
import sys

R = random.Random(20261122)


def material():
    """Bytes to cut runs from: a fixed choice of programs and texts."""
    paths = sorted(glob.glob('/usr/bin/*') + glob.glob('/usr/lib/x86_64-linux-gnu/*.so.*') +
                   glob.glob('/usr/share/perl/*/*.pm') + glob.glob('/usr/lib/python3*/*.py'))
    R.shuffle(paths)
    out = bytearray()
    for path in paths:
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, 'rb') as f:
                out += f.read(200_000)
        if len(out) > 24_000_000:
            break
    return bytes(out)


def run(bytes_, low, high):
    """A run with some variety in it, two bytes of it changed."""
    while True:
        n = R.randint(low, high)
        at = R.randrange(len(bytes_) - n)
        cut = bytearray(bytes_[at:at + n])
        if len(set(cut)) > n // 3:
            for _ in range(2):
                cut[R.randrange(n)] ^= R.choice((1, 2, 4, 8, 16, 32))
            return cut.hex()


def body(bytes_):
    """Four of five strings are plain; the rest have a gap."""
    text = run(bytes_, 8, 40)
    if R.random() < 0.2:
        text += R.choice(('{4}', '{-20}', '{2-9}', '*', '????')) + run(bytes_, 6, 24)
    return text


def write(path, lines):
    with open(path, 'w') as f:
        f.write('\n'.join(lines) + '\n')


def main():
    out = sys.argv[1]
    scale = float(sys.argv[2]) if len(sys.argv) > 2 else 1
    os.makedirs(out, exist_ok=True)
    bytes_ = material()
    targets = [1] * 88 + [2] * 6 + [0] * 3 + [3, 7, 6]
    ldb = []
    for i in range(int(20000 * scale)):
        n = R.randint(2, 7)
        logic = '&'.join(map(str, range(n))) if R.random() < 0.93 else \
            f'(0|1)&({"|".join(map(str, range(1, n)))})'
        strings = ';'.join(body(bytes_) + R.choice(('', '', '', '::w', '::i')) for _ in range(n))
        ldb.append(f'Bench.Logical-{i};Engine:51-255,Target:{R.choice(targets)};{logic};{strings}')
    write(os.path.join(out, 'bench.ldb'), ldb)
    write(os.path.join(out, 'bench.ndb'),
          [f'Bench.Body-{i}:{R.choice(targets)}:*:{body(bytes_)}' for i in range(int(2000 * scale))])
    for ending, size in (('hdb', 16), ('mdb', 16), ('hsb', 32)):
        lines = []
        for i in range(int(10000 * scale)):
            digest = R.randbytes(size).hex()
            length = R.randrange(512, 2_000_000)
            lines.append(f'{length}:{digest}:Bench.Section-{i}' if ending == 'mdb' else
                         f'{digest}:{length}:Bench.File-{ending}-{i}')
        write(os.path.join(out, 'bench.' + ending), lines)


if __name__ == '__main__':
    main()
