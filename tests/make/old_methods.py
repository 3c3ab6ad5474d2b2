# SPDX-License-Identifier: Apache-2.0
"""Encoders for what no tool of today writes: shrink, reduce, implode,
Deflate64.  Simple, slow, and only as good as a test needs."""


class Bits:
    """Bits, least significant first."""

    def __init__(self):
        self.bits = []

    def put(self, value, count):
        self.bits += [value >> i & 1 for i in range(count)]

    def code(self, value, count):
        """A Huffman code: its first bit is its most significant one."""
        self.bits += [value >> i & 1 for i in reversed(range(count))]

    def bytes(self):
        out = bytearray((len(self.bits) + 7) // 8)
        for i, bit in enumerate(self.bits):
            out[i // 8] |= bit << i % 8
        return bytes(out)


def canonical(lengths):
    """Codes of a canonical Huffman code: {symbol: (code, length)}."""
    codes, code, last = {}, 0, 0
    for length, symbol in sorted((n, s) for s, n in enumerate(lengths) if n):
        code <<= length - last
        codes[symbol] = (code, length)
        code, last = code + 1, length
    return codes


def matches(data, shortest, longest, reach):
    """Greedy LZ77: yields bytes and (length, distance)."""
    at, seen = 0, {}
    while at < len(data):
        key = data[at:at + 3]
        best, where = 0, 0
        for start in reversed(seen.get(key, [])):
            if at - start > reach:
                break
            n = 0
            while at + n < len(data) and n < longest and \
                    data[start + n] == data[at + n]:
                n += 1
            if n > best:
                best, where = n, start
            if n > 300:
                break
        take = best if best >= max(shortest, 3) else 1
        yield data[at] if take == 1 else (take, at - where)
        for i in range(at, at + take):
            seen.setdefault(data[i:i + 3], []).append(i)
            del seen[data[i:i + 3]][:-50]
        at += take


def shrink(data, clear_every=0, size=8192):
    """APPNOTE 5.1; with a partial clearing every so many codes."""
    out, width, count = Bits(), 9, 0
    parent, string = {}, {i: bytes([i]) for i in range(256)}
    codes = {v: k for k, v in string.items()}
    last, at = None, 0

    def lowest():
        return next((c for c in range(257, size) if c not in parent), None)

    while at < len(data):
        count += 1
        if clear_every and count % clear_every == 0:
            out.put(256, width)
            out.put(2, width)
            with_child = set(parent.values())
            for c in [c for c in parent if c not in with_child]:
                codes.pop(string.pop(c), None)
                del parent[c]
        n = 1
        while data[at:at + n + 1] in codes and at + n < len(data):
            n += 1
        word = data[at:at + n]
        code = codes[word]
        free = lowest()
        if last in string and free is not None:
            again = string[last] + string[last][:1]
            if len(again) > n and data.startswith(again, at):
                word, code = again, free
        while code >= 1 << width:
            out.put(256, width)
            out.put(1, width)
            width += 1
        out.put(code, width)
        if last is not None and free is not None:
            parent[free] = last
            new = string.get(last, b"\0" * 9999) + word[:1]
            if last in string and new not in codes:
                codes[new] = free
            string[free] = new if last in string else b"%d dead" % free
        last = code
        at += len(word)
    return out.bytes()


def reduce(data, factor):
    """APPNOTE 5.2."""
    low_bits = 8 - factor
    most = (1 << low_bits) - 1
    second = bytearray()
    for m in matches(data, 4, most + 255 + 3, 256 << factor):
        if isinstance(m, int):
            second += bytes([m, 0]) if m == 144 else bytes([m])
            continue
        length, distance = m[0] - 3, m[1] - 1
        second.append(144)
        second.append(distance >> 8 << low_bits | min(length, most))
        if length >= most:
            second.append(length - most)
        second.append(distance & 255)
    follow, last = [dict() for _ in range(256)], 0
    for byte in second:
        follow[last][byte] = follow[last].get(byte, 0) + 1
        last = byte
    sets = [sorted(f, key=lambda b: (-f[b], b))[:32] for f in follow]
    out = Bits()
    for s in reversed(sets):
        out.put(len(s), 6)
        for byte in s:
            out.put(byte, 8)
    last = 0
    for byte in second:
        s = sets[last]
        if byte in s:
            out.put(0, 1)
            out.put(s.index(byte), max(1, (len(s) - 1).bit_length()))
        else:
            if s:
                out.put(1, 1)
            out.put(byte, 8)
        last = byte
    return out.bytes()


def implode(data, big_window, with_literals):
    """APPNOTE 5.3; the trees are complete, and the same for all data."""
    low_bits = 7 if big_window else 6
    shortest = 3 if with_literals else 2
    literals = [6 if 96 <= c < 128 else 8 if 32 <= c < 64 else 9
                for c in range(256)]
    tree = [5] * 16 + [6] * 16 + [7] * 32
    out = Bits()
    for lengths in ([literals] if with_literals else []) + [tree, tree]:
        runs = []
        for n in lengths:
            if runs and runs[-1][0] == n and runs[-1][1] < 16:
                runs[-1][1] += 1
            else:
                runs.append([n, 1])
        out.put(len(runs) - 1, 8)
        for n, count in runs:
            out.put(count - 1 << 4 | n - 1, 8)

    def symbol(codes, s):
        code, length = codes[s]
        out.code(code ^ (1 << length) - 1, length)

    literal, other = canonical(literals), canonical(tree)
    for m in matches(data, shortest, 63 + 255 + shortest, 64 << low_bits):
        if isinstance(m, int):
            out.put(1, 1)
            if with_literals:
                symbol(literal, m)
            else:
                out.put(m, 8)
            continue
        length, distance = m[0] - shortest, m[1] - 1
        out.put(0, 1)
        out.put(distance & (1 << low_bits) - 1, low_bits)
        symbol(other, distance >> low_bits)
        symbol(other, min(length, 63))
        if length >= 63:
            out.put(length - 63, 8)
    return out.bytes()


LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43,
           51, 59, 67, 83, 99, 115, 131, 163, 195, 227]


def deflate64(data):
    """One stored block, then one with the fixed codes."""
    codes = canonical([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8)
    out = Bits()
    stored = data[:5]
    out.put(0, 8)
    out.put(len(stored), 16)
    out.put(len(stored) ^ 0xffff, 16)
    for byte in stored:
        out.put(byte, 8)
    out.put(1, 1)
    out.put(1, 2)
    skipped = 0
    for m in matches(data, 3, 65538, 65536):
        if skipped < len(stored):
            skipped += 1
            assert isinstance(m, int)
            continue
        if isinstance(m, int):
            out.code(*codes[m])
            continue
        length, distance = m
        if length > 258:
            out.code(*codes[285])
            out.put(length - 3, 16)
        else:
            i = max(i for i, base in enumerate(LENGTHS) if base <= length)
            out.code(*codes[257 + i])
            out.put(length - LENGTHS[i], 0 if i < 8 else i // 4 - 1)
        d = distance - 1
        if d < 4:
            out.code(d, 5)
        else:
            extra = d.bit_length() - 2
            out.code(extra * 2 + 2 + (d >> extra & 1), 5)
            out.put(d & (1 << extra) - 1, extra)
    out.code(*codes[256])
    return out.bytes()
