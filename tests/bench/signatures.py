#!/usr/bin/env python3
"""Make a signature database of a real shape: signatures.py OUTDIR [full|small].

full   8.7 million signatures, as many as ClamAV's public databases had in 2024:
       280,000 logical, 120,000 body, 700,000 + 3,100,000 file hashes and
       4,500,000 section hashes; 800 MB of text in a minute and a half
small  a hundredth of it

Byte runs are cut from this machine's own programs and texts, two bytes of each
changed, so that they look like real ones to a filter and match next to nothing;
a few body signatures are left as they were cut, so that something is found.
Numbers of subsignatures, lengths, wildcards, targets, offsets and sizes follow
what published databases show (the tables below).  Same machine, same bytes.
"""
# SPDX-License-Identifier: Apache-2.0
import glob
import math
import os
import random
import sys

COUNTS = {
    'full': {'ldb': 280_000, 'ndb': 120_000, 'hdb': 700_000, 'hsb': 3_100_000,
             'mdb': 4_500_000},
}
COUNTS['small'] = {kind: count // 100 for kind, count in COUNTS['full'].items()}

# (value, weight): of a thousand
LOGICAL_TARGETS = ((1, 882), (2, 61), (0, 25), (3, 8), (9, 7), (7, 7), (6, 3), (10, 3),
                   (11, 2), (12, 1), (5, 1))
BODY_TARGETS = ((1, 450), (7, 194), (2, 186), (6, 77), (3, 46), (0, 39), (12, 8))
SUBSIGNATURES = ((3, 430), (5, 410), (6, 31), (1, 39), (8, 25), (2, 16), (4, 43), (12, 6))
LOGICAL_SIZES = ((6, 210), (7, 40), (8, 60), (10, 150), (12, 60), (16, 140), (20, 60),
                 (26, 60), (30, 50), (40, 60), (64, 70), (90, 20), (128, 20))
BODY_SIZES = ((29, 80), (32, 120), (40, 110), (48, 120), (64, 120), (78, 120), (110, 90),
              (151, 80), (300, 40), (600, 30), (1024, 60), (2000, 20), (3500, 10))
OFFSETS = (('*', 868), ('0', 60), ('EP+0,64', 30), ('EOF-512,256', 8), ('SE1,128', 8),
           ('EP+0', 8), ('120,8', 18))
GAPS = ('{4}', '{-20}', '{2-9}', '{-100}', '*', '????', '??')
FAMILIES = ('Win.Trojan.Agent', 'Win.Malware.Generic', 'Win.Adware.Bundler',
            'Win.Downloader.Small', 'Win.Worm.Net', 'Js.Trojan.Redirect',
            'Doc.Dropper.Macro', 'Unix.Trojan.Bot', 'Win.Virus.Append', 'Andr.Trojan.Sms')
SPIKES = 20_000 # sizes of which many files are

R = random.Random(20261122)


def choices(table):
    """A function that throws for a value of a table."""
    values, weights = zip(*table)
    stock = []

    def throw():
        if not stock:
            stock.extend(R.choices(values, weights, k=10_000))
        return stock.pop()
    return throw


def material():
    """Bytes to cut runs from: a fixed choice of programs and texts."""
    paths = sorted(glob.glob('/usr/bin/*') + glob.glob('/usr/lib/*-linux-gnu/*.so.*') +
                   glob.glob('/usr/share/perl/*/*.pm') + glob.glob('/usr/lib/python3*/*.py'))
    R.shuffle(paths)
    out = bytearray()
    for path in paths:
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, 'rb') as f:
                out += f.read(200_000)
        if len(out) > 48_000_000:
            break
    return bytes(out)


def run(bytes_, n):
    """n bytes with some variety in them, the more the fewer, two changed."""
    least = n * 3 // 4 if n < 16 else min(n // 2, 32)
    while True:
        at = int(R.random() * (len(bytes_) - n))
        cut = bytearray(bytes_[at:at + n])
        if len(set(cut)) > least:
            place = int(R.random() * n)
            for at in (place, (place + 1 + int(R.random() * (n - 1))) % n):
                cut[at] ^= R.choice((1, 2, 4, 8, 16, 32))
            return cut.hex()


def uncut(bytes_):
    """A hundred bytes as they stand, rich enough to be in few files."""
    while True:
        at = int(R.random() * (len(bytes_) - 100))
        if len(set(bytes_[at:at + 100])) > 56:
            return bytes_[at:at + 100].hex()


def body(bytes_, n, gapped):
    """A run, or some with gaps between them."""
    if n < 12 or R.random() >= gapped:
        return run(bytes_, n)
    pieces = R.randint(2, 2 + min(n // 16, 6))
    size = max(n // pieces, 6)
    return run(bytes_, size) + ''.join(R.choice(GAPS) + run(bytes_, size)
                                       for _ in range(pieces - 1))


def logic(n):
    """Nearly all ask for all their strings."""
    throw = R.random()
    if n < 3 or throw < 0.94:
        return '&'.join(map(str, range(n)))
    names = list(map(str, range(n)))
    if throw < 0.97:
        return f'({names[0]}|{names[1]})&({"&".join(names[1:])})'
    return f'({"|".join(names)})>{n // 2},2'


def write_logical(path, count, bytes_):
    target, subs, size = map(choices, (LOGICAL_TARGETS, SUBSIGNATURES, LOGICAL_SIZES))
    with open(path, 'w') as f:
        for i in range(count):
            n, of = subs(), target()
            condition = logic(n)
            # Short strings stand with others that must be there too, and in
            # signatures for Windows, of which this machine has no programs.
            least = 6 if of == 1 and n > 2 and '|' not in condition else 16
            strings = ';'.join(body(bytes_, max(size(), least), 0.3) +
                               ('::i' if R.random() < 0.06 else '') for _ in range(n))
            only = 'FileSize:1000-900000,' if R.random() < 0.02 else ''
            f.write(f'Win.Logical.Shape-{i};Engine:51-255,{only}Target:{of};'
                    f'{condition};{strings}\n')


def write_body(path, count, bytes_):
    target, size, offset = map(choices, (BODY_TARGETS, BODY_SIZES, OFFSETS))
    with open(path, 'w') as f:
        for i in range(count):
            of = target()
            where = offset()
            if where[0] in 'ES' and of not in (1, 6):
                where = '*'
            text = body(bytes_, size(), 0.45)
            if i % 5000 == 17:
                of, where, text = 6, '*', uncut(bytes_)
            f.write(f'Win.Body.Shape-{i}:{of}:{where}:{text}\n')


def size_of(mean, spread, whole):
    """A size; so many of them are whole blocks of 512 bytes."""
    size = max(64, min(int(math.exp(R.gauss(mean, spread))), 200 << 20))
    return (size + 511) & ~511 if R.random() < whole else size


def digests(count, size):
    """count digests of size bytes, as hexadecimal digits."""
    while count > 0:
        n = min(count, 10_000)
        block = R.randbytes(n * size).hex()
        for at in range(0, len(block), 2 * size):
            yield block[at:at + 2 * size]
        count -= n


def write_hashes(path, count, size, sizes, is_section):
    """A line for each digest; the name's last number tells the files apart."""
    with open(path, 'w') as f:
        for i, digest in enumerate(digests(count, size)):
            name = FAMILIES[i % len(FAMILIES)]
            if is_section:
                f.write(f'{sizes()}:{digest}:{name}-{i}-1\n')
            else:
                f.write(f'{digest}:{sizes()}:{name}-{i}-{size // 16 - 1}\n')


def main():
    out = sys.argv[1]
    counts = COUNTS[sys.argv[2] if len(sys.argv) > 2 else 'full']
    os.makedirs(out, exist_ok=True)
    bytes_ = material()
    write_logical(os.path.join(out, 'bench.ldb'), counts['ldb'], bytes_)
    write_body(os.path.join(out, 'bench.ndb'), counts['ndb'], bytes_)
    spikes = [size_of(11.9, 1.5, 0.6) for _ in range(SPIKES)]
    # A stock of sizes each is drawn from: a throw of its own is slow.
    files = [R.choice(spikes) if R.random() < 0.35 else size_of(11.9, 1.5, 0.6)
             for _ in range(400_000)]
    sections = [size_of(10.2, 1.6, 1.0) for _ in range(400_000)]

    def one_of(stock):
        return lambda: stock[int(R.random() * len(stock))]
    write_hashes(os.path.join(out, 'bench.hdb'), counts['hdb'], 16, one_of(files), False)
    write_hashes(os.path.join(out, 'bench.hsb'), counts['hsb'], 32, one_of(files), False)
    write_hashes(os.path.join(out, 'bench.mdb'), counts['mdb'], 16, one_of(sections), True)


if __name__ == '__main__':
    main()
