"""Archives whose one member is the archive itself, made by construction.

    quine.py gzip|zip FILE [TEXT]       TEXT stands in it as it is

Deflate can copy bytes that stand in its input (L: a stored block) and bytes it
wrote before (R: a fixed Huffman block).  A program of these two that prints
itself between a prefix P and a suffix S, as R. Cox showed in 2010 ("Zip Files
All The Way Down").  With instructions of one unit each, "L n" followed by n
units to print, and "R n" to print the last n units once more:

    it reads                        and prints
    P                               (a header; no instruction)
    L p+1  P  L p+1                 P  L p+1
    R p+1                           P  L p+1
    L 1  R p+1                      R p+1
    L 1  L 1                        L 1
    L 4  R p+1  L 1  L 1  L 4       R p+1  L 1  L 1  L 4
    R 4                             R p+1  L 1  L 1  L 4
    L 4  R 4  L 4  R 4  L 4         R 4  L 4  R 4  L 4
    R 4                             R 4  L 4  R 4  L 4
    L 4  R 4  L 0  L 0  L s+1       R 4  L 0  L 0  L s+1
    R 4                             R 4  L 0  L 0  L s+1
    L 0  L 0
    L s+1  R s+1  S                 R s+1  S
    R s+1                           R s+1  S
    S                               (a trailer)

Read down the right column: it is the left one.  A unit is five bytes: as many
as a stored block's header has, and what R can be made to take.

P and S hold the checksum of the whole, which is of themselves.  CRC-32 is
affine over GF(2), so that is 32 equations with 32 unknowns.
"""
# SPDX-License-Identifier: Apache-2.0
import struct
import sys
import zlib

UNIT = 5
BITS = 8 * UNIT


def _table(count, least, group):
    """(smallest value, extra bits) of each symbol that tells a number"""
    out = []
    for n in range(count):
        extra = max(0, n // group - 1)
        out.append((least, extra))
        least += 1 << extra
    return out


LENGTHS = _table(28, 3, 4) + [(258, 0)]         # RFC 1951, 3.2.5
DISTANCES = _table(30, 1, 2)


def _find(table, value):
    n = max(i for i, (base, _) in enumerate(table) if base <= value)
    return n, value - table[n][0], table[n][1]


def _number(value, bits):
    """A number, least bit first."""
    return [value >> i & 1 for i in range(bits)]


def _code(value, bits):
    """A Huffman code, greatest bit first."""
    return _number(value, bits)[::-1]


def _copy(length, distance):
    """Bits of one copy, in a fixed block."""
    n, rest, extra = _find(LENGTHS, length)
    symbol = 257 + n
    bits = (_code(symbol - 256, 7) if symbol < 280
            else _code(0b11000000 + symbol - 280, 8)) + _number(rest, extra)
    n, rest, extra = _find(DISTANCES, distance)
    return bits + _code(n, 5) + _number(rest, extra)


def _block(copies, distance, last=False):
    bits = [int(last), 1, 0]
    for length in copies:
        bits += _copy(length, distance)
    return bits + [0] * 7                           # end of block


def _bytes(bits):
    bits = bits + [0] * (-len(bits) % 8)
    return bytes(sum(bit << i for i, bit in enumerate(bits[at:at + 8]))
                 for at in range(0, len(bits), 8))


def stored(size):
    """L: the header of a stored block of size bytes."""
    return struct.pack('<BHH', 0, size, size ^ 0xffff)


def repeat(size):
    """R: the last size bytes again, in exactly a unit; None if impossible."""
    empty = _block([], 0)
    tries = [[size]] if size <= 258 else []
    tries += [[n, size - n] for n in range(3, size - 2)
              if max(n, size - n) <= 258]
    for copies in tries:
        bits = _block(copies, size)
        while len(bits) < BITS:
            bits += empty
        if len(bits) == BITS:
            return _bytes(bits)
    return None


def repeat_last(suffix):
    """R s+1: the last block, its own size and the suffix's, of any size."""
    for own in range(1, 64):
        size, copies = own + suffix, []
        while sum(copies) < size:
            left = size - sum(copies)
            copies.append(min(left, 258 if left - 258 not in (1, 2) else 255))
        packed = _bytes(_block(copies, size, last=True))
        if len(packed) == own:
            return packed
    raise ValueError('no such block')


def program(prefix, suffix):
    """All of the archive; None if the prefix's size is an unlucky one."""
    rp, r4 = repeat(len(prefix) + UNIT), repeat(4 * UNIT)
    if rp is None:
        return None
    rs = repeat_last(len(suffix))
    lp, l0, l1 = stored(len(prefix) + UNIT), stored(0), stored(UNIT)
    l4, ls = stored(4 * UNIT), stored(len(rs) + len(suffix))
    return b''.join([
        prefix,
        lp, prefix, lp,
        rp,
        l1, rp,
        l1, l1,
        l4, rp, l1, l1, l4,
        r4,
        l4, r4, l4, r4, l4,
        r4,
        l4, r4, l0, l0, ls,
        r4,
        l0, l0,
        ls, rs, suffix,
        rs,
        suffix])


def solve(make):
    """The number x that is the CRC-32 of make(x); None if there is none."""
    base = zlib.crc32(make(0))
    rows = []           # equation of bit i: its 32 coefficients, then a 1
    columns = [zlib.crc32(make(1 << n)) ^ base ^ 1 << n for n in range(32)]
    for i in range(32):
        row = sum((columns[n] >> i & 1) << n for n in range(32))
        rows.append(row | (base >> i & 1) << 32)
    pivots = []
    for n in range(32):
        row = next((r for r in rows if r >> n & 1), None)
        if row is None:
            continue
        rows.remove(row)
        rows = [r ^ row if r >> n & 1 else r for r in rows]
        pivots = [(m, r ^ row if r >> n & 1 else r) for m, r in pivots]
        pivots.append((n, row))
    if any(rows):
        return None
    x = sum((row >> 32) << n for n, row in pivots)
    return x if zlib.crc32(make(x)) == x else None


def gzip_parts(text, padding):
    """RFC 1952, 2.3: a name and a comment before, checksum and size behind."""
    prefix = (b'\x1f\x8b\x08\x18\0\0\0\0\0\xff' + b'q' * padding + b'.gz\0' +
              text + b'\0')

    def parts(crc, size):
        return prefix, struct.pack('<II', crc, size)
    return parts


def zip_parts(text, padding):
    """APPNOTE 4.3.7, 4.3.12, 4.3.16: one member, and a comment."""
    name = b'q' * padding + b'.zip'

    def parts(crc, size):
        local = 30 + len(name)
        directory = 46 + len(name)
        end = 22 + len(text)
        packed = size - local - directory - end
        fields = struct.pack('<HHHHHIIIH', 20, 0, 8, 0, 0x21, crc, packed,
                             size, len(name))
        prefix = b'PK\3\4' + fields + struct.pack('<H', 0) + name
        suffix = (b'PK\1\2' + struct.pack('<H', 20) + fields +
                  struct.pack('<HHHHII', 0, 0, 0, 0, 0, 0) + name +
                  b'PK\5\6' + struct.pack('<HHHHIIH', 0, 0, 1, 1, directory,
                                          local + packed, len(text)) + text)
        return prefix, suffix
    return parts


def quine(kind, text=b''):
    """An archive whose one member is the archive."""
    for padding in range(1, 100):
        parts = {'gzip': gzip_parts, 'zip': zip_parts}[kind](text, padding)
        draft = program(*parts(0, 0x7fffffff))
        if draft is None:
            continue
        size = len(draft)
        crc = solve(lambda x: program(*parts(x, size)))
        if crc is not None:
            return program(*parts(crc, size))
    raise ValueError('no size of a name makes it possible')


if __name__ == '__main__':
    with open(sys.argv[2], 'wb') as out:
        out.write(quine(sys.argv[1], sys.argv[3].encode()
                        if len(sys.argv) > 3 else b''))
