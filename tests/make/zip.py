#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the ZIP files in tests/corpus/zip and the streams in tests/corpus/codec.

One small file per branch of the opener.  They are put together byte by byte,
because no tool writes what most of them are about.  The results are committed;
running this again gives the same bytes, but for the files in TOOL_MADE, which
7z (p7zip-full) writes with a random salt: those are made only where missing.

  tests/make/zip.py [DIR]
"""
import bz2
import lzma
import os
import struct
import subprocess
import sys
import tempfile
import zlib

import old_methods

TEXT = b"".join(b"line %d of a text that packs well, and well again\n" % i
                for i in range(12))
OTHER = b"another member, much shorter\n"
PASSWORD = b"secret"

STORED, SHRUNK, REDUCED, IMPLODED, DEFLATED, DEFLATE64 = 0, 1, 2, 6, 8, 9
BZIP2, LZMA, ZSTD, XZ = 12, 14, 93, 95
ENCRYPTED, EOS, DESCRIPTOR, STRONG, UTF8, MASKED = 1, 2, 8, 64, 0x800, 0x2000


def deflate(data):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


def lzma_zip(data):
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}]
    raw = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
    return b"\x09\x14\x05\x00" + b"\x5d" + struct.pack("<I", 1 << 16) + raw


def zstd(data, more=b""):
    """A frame of a raw block and a block of "!" ten times, or of more."""
    out = struct.pack("<IBI", 0xfd2fb528, 0xa0, len(data) + 10)
    out += struct.pack("<I", len(data) << 3)[:3] + data
    if more:
        return out + struct.pack("<I", len(more) << 3 | 1)[:3] + more
    return out + struct.pack("<I", 10 << 3 | 2 | 1)[:3] + b"!"


CRC = [0] * 256
for _i in range(256):
    _c = _i
    for _ in range(8):
        _c = _c >> 1 ^ (0xedb88320 if _c & 1 else 0)
    CRC[_i] = _c


def zipcrypto(data, check, password=PASSWORD):
    """APPNOTE 6.1, with a header that is not random."""
    key = [305419896, 591751049, 878082192]

    def mix(byte):
        key[0] = key[0] >> 8 ^ CRC[(key[0] ^ byte) & 255]
        key[1] = ((key[1] + (key[0] & 255)) * 134775813 + 1) & 0xffffffff
        key[2] = key[2] >> 8 ^ CRC[(key[2] ^ key[1] >> 24) & 255]

    for byte in password:
        mix(byte)
    out = bytearray()
    for byte in bytes(range(11)) + bytes([check]) + data:
        t = (key[2] | 2) & 0xffff
        out.append(byte ^ (t * (t ^ 1) >> 8 & 255))
        mix(byte)
    return bytes(out)


class Member:
    """A member, and every way in which its headers may lie."""

    def __init__(self, name, data=TEXT, method=DEFLATED, packed=None, **lies):
        self.name, self.data, self.method = name, data, method
        if packed is None:
            packed = deflate(data) if method == DEFLATED else data
        self.packed = packed
        self.flags, self.time, self.extra = 0, 0x6000, b""
        self.size, self.packed_size = len(data), len(packed)
        self.crc = zlib.crc32(data)
        self.local = {}    # what only the local header says
        self.central = {}  # what only the directory says
        self.is_listed = True
        self.descriptor = None  # bytes behind the data
        self.offset = None
        self.__dict__.update(lies)

    def fields(self, own):
        both = dict(self.__dict__, **own)
        return struct.pack("<HHHHIII", both["flags"], both["method"],
                           both["time"], 0x5a21, both["crc"],
                           both["packed_size"], both["size"]), both

    def write_local(self):
        fields, both = self.fields(self.local)
        return b"PK\3\4" + struct.pack("<H", 20) + fields + struct.pack(
            "<HH", len(both["name"]), len(both["extra"])) + both["name"] + \
            both["extra"] + self.packed + (self.descriptor or b"")

    def write_central(self, offset):
        fields, both = self.fields(self.central)
        if both["offset"] is not None:
            offset = both["offset"]
        return b"PK\1\2" + struct.pack("<HH", 20, 20) + fields + struct.pack(
            "<HHHHHII", len(both["name"]), len(both["extra"]), 0,
            both.get("disk", 0), 0, 0, offset) + both["name"] + both["extra"]


def streamed(m, with_signature=True, **lies):
    """Leave the sizes to a descriptor."""
    m.flags |= DESCRIPTOR
    m.local = dict(crc=0, size=0, packed_size=0)
    m.descriptor = (b"PK\7\10" if with_signature else b"") + struct.pack(
        "<III", m.crc, m.packed_size, m.size)
    m.__dict__.update(lies)
    return m


def end_record(count, size, offset, comment=b""):
    return b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, size,
                                   offset, len(comment)) + comment


def archive(*members, prefix=b"", shift=0, comment=b"", between=b"",
            count=None):
    """Prefix, members, directory, end; offsets are wrong by -shift."""
    body, listing, listed = prefix, b"", 0
    for m in members:
        offset = len(body) - shift
        body += m.write_local() + between
        if m.is_listed:
            listing += m.write_central(offset)
            listed += 1
    return body + listing + end_record(
        listed if count is None else count, len(listing),
        len(body) - shift, comment)


def zip64(m):
    """Sizes, offset and end record in 64 bits."""
    wide = struct.pack("<HHQQ", 1, 16, m.size, m.packed_size)
    sizes = dict(size=0xffffffff, packed_size=0xffffffff)
    body = b"junk before it"
    m.local = dict(sizes, extra=wide)
    m.central = dict(sizes, offset=0xffffffff,
                     extra=struct.pack("<HHQQQ", 1, 24, m.size, m.packed_size,
                                       len(body)))
    body += m.write_local()
    listing = m.write_central(0)
    at = len(body) + len(listing)
    return body + listing + b"PK\6\6" + struct.pack(
        "<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, len(listing), len(body)) + \
        b"PK\6\7" + struct.pack("<IQI", 0, at, 1) + \
        end_record(0xffff, 0xffffffff, 0xffffffff)


def encrypted(name, data=TEXT, packed=None, method=DEFLATED, **lies):
    m = Member(name, data, method, packed)
    m.flags |= ENCRYPTED
    m.packed = zipcrypto(m.packed, m.crc >> 24)
    m.packed_size = len(m.packed)
    m.__dict__.update(lies)
    return m


def overlap():
    """Ten entries, nine of which begin inside the first one's data."""
    inner = b"".join(Member(b"in%d" % i, OTHER, STORED).write_local()
                     for i in range(9))
    outer = Member(b"outer", inner, STORED)
    step = len(inner) // 9
    start = 30 + len(outer.name)
    listing = outer.write_central(0)
    for i in range(9):
        m = Member(b"in%d" % i, OTHER, STORED)
        listing += m.write_central(start + i * step)
    body = outer.write_local()
    return body + listing + end_record(10, len(listing), len(body))


def bomb():
    """Many entries for the same bytes, which unpack to a thousand times."""
    m = Member(b"zeros", b"\0" * 2000000)
    body = m.write_local()
    listing = m.write_central(0) * 300
    return body + listing + end_record(300, len(listing), len(body))


def slack():
    """A listed member that claims the bytes of one behind it."""
    hidden = Member(b"hidden", OTHER).write_local()
    m = Member(b"seen", TEXT)
    m.packed_size += len(hidden)
    m.packed += hidden
    return archive(m)


def unicode_path(name, new):
    field = struct.pack("<BI", 1, zlib.crc32(name)) + new
    return struct.pack("<HH", 0x7075, len(field)) + field


def disagree():
    m = Member(b"two-faced", TEXT)
    m.central = dict(method=STORED)
    return archive(m)


METHODS = {
    "shrunk": (SHRUNK, 0, old_methods.shrink(TEXT)),
    "shrunk-cleared": (SHRUNK, 0, old_methods.shrink(TEXT, 60)),
    "reduced1": (2, 0, old_methods.reduce(TEXT, 1)),
    "reduced2": (3, 0, old_methods.reduce(TEXT, 2)),
    "reduced3": (4, 0, old_methods.reduce(TEXT, 3)),
    "reduced4": (5, 0, old_methods.reduce(TEXT, 4)),
    "imploded": (IMPLODED, 0, old_methods.implode(TEXT, False, False)),
    "imploded-big": (IMPLODED, 2, old_methods.implode(TEXT, True, False)),
    "imploded-lit": (IMPLODED, 4, old_methods.implode(TEXT, False, True)),
    "imploded-both": (IMPLODED, 6, old_methods.implode(TEXT, True, True)),
    "deflated": (DEFLATED, 0, deflate(TEXT)),
    "deflate64": (DEFLATE64, 0, old_methods.deflate64(TEXT)),
    "bzip2": (BZIP2, 0, bz2.compress(TEXT)),
    "lzma": (LZMA, EOS, lzma_zip(TEXT)),
    "xz": (XZ, 0, lzma.compress(TEXT)),
}


def methods():
    members = [Member(name.encode(), TEXT, method, packed, flags=flags)
               for name, (method, flags, packed) in METHODS.items()]
    return archive(*members,
                   Member(b"zstd", TEXT + b"!" * 10, ZSTD, zstd(TEXT)),
                   Member(b"zstd-old", TEXT + b"!" * 10, 20, zstd(TEXT)))


def files():
    plain = Member(b"a.txt"), Member(b"b.txt", OTHER, STORED)
    folder = Member(b"dir/", b"", STORED)
    unlisted = Member(b"hidden.txt", OTHER, is_listed=False)
    whole = archive(*plain)
    return {
        "plain": archive(plain[0], folder, plain[1]),
        "methods": methods(),
        "comment": archive(*plain, comment=b"PK\5\6 but a comment"),
        "prefix": archive(*plain, prefix=b"MZ, a stub "),
        "prefix-relative": archive(*plain, prefix=b"MZ, a stub ", shift=11),
        "spanned": archive(*plain, prefix=b"PK00"),
        "spanned-7": archive(*plain, prefix=b"PK\7\10"),
        "zip64": zip64(Member(b"a.txt")),
        "streamed": archive(streamed(Member(b"a.txt")),
                            streamed(Member(b"b.txt", OTHER), False)),
        "streamed-stored": archive(
            streamed(Member(b"b.txt", OTHER, STORED))),
        "no-directory": b"".join(m.write_local() for m in plain),
        "no-directory-streamed": b"".join(streamed(m).write_local() for m in (
            Member(b"a.txt"), Member(b"b.txt", OTHER, STORED),
            Member(b"c.txt", TEXT, IMPLODED,
                   old_methods.implode(TEXT, False, False)))),
        "bad-directory": whole.replace(b"PK\1\2", b"PK\1\3"),
        "hidden": archive(plain[0], unlisted, plain[1]),
        "hidden-in-comment": archive(plain[0], comment=Member(
            b"hidden.txt", OTHER).write_local()),
        "hidden-by-end": whole + end_record(0, 0, len(whole)),
        "slack": slack(),
        "disagree": disagree(),
        "size-zero": archive(Member(b"a.txt", size=0, packed_size=0)),
        "size-huge": archive(Member(b"a.txt", size=0x7fffffff)),
        "size-huge-shrunk": archive(Member(
            b"a.txt", TEXT, SHRUNK, old_methods.shrink(TEXT),
            size=0x7fffffff)),
        "size-small-shrunk": archive(Member(
            b"a.txt", TEXT, SHRUNK, old_methods.shrink(TEXT), size=3)),
        "stored-sizes": archive(Member(b"b.txt", OTHER, STORED,
                                       packed_size=7)),
        "bad-crc": archive(Member(b"a.txt", crc=0x12345678)),
        "bad-data": archive(Member(b"a.txt", packed=deflate(TEXT)[:40] +
                                   b"\xff" * 60)),
        "bad-offset": archive(Member(b"a.txt", offset=0x1234567), plain[1]),
        "bad-count": archive(*plain, count=3),
        "empty": end_record(0, 0, 0),
        "empty-member": archive(Member(b"a.txt", b"", DEFLATED, b"")),
        "duplicate": archive(plain[0], Member(b"a.txt", OTHER)),
        "overlap": overlap(),
        "bomb": bomb(),
        "encrypted": archive(
            encrypted(b"a.txt"), encrypted(b"b.txt", OTHER, method=STORED)),
        "encrypted-time": archive(streamed(encrypted(
            b"a.txt", packed=None), packed=zipcrypto(deflate(TEXT), 0x60),
            packed_size=len(deflate(TEXT)) + 12)),
        "encrypted-not": archive(
            Member(b"a.txt", flags=ENCRYPTED),
            Member(b"b.txt", OTHER, STORED, flags=ENCRYPTED)),
        "encrypted-strong": archive(Member(b"a.txt",
                                           flags=ENCRYPTED | STRONG)),
        "masked": Member(b"1", flags=ENCRYPTED | STRONG | MASKED, crc=0)
        .write_local() + b"PK\6\10" + b"x" * 40 + end_record(1, 44, 99),
        "unicode": archive(Member(b"a?", extra=unicode_path(
            b"a?", "a\u263a".encode()))),
        "unsupported": archive(Member(b"a.wav", method=97, packed=b"wvpk")),
    }


def tool_made():
    """PPMd and AES, which only 7z writes."""
    for name, options in (("ppmd", ["-mm=PPMd", "-mx=1"]),
                          ("aes256", ["-mem=AES256", "-psecret"]),
                          ("aes128-stored",
                           ["-mem=AES128", "-psecret", "-mm=Copy"])):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "a.txt"), "wb") as f:
                f.write(TEXT)
            os.utime(os.path.join(folder, "a.txt"), (1e9, 1e9))
            subprocess.run(["7z", "a", "-tzip", *options, "o.zip", "a.txt"],
                           cwd=folder, check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(folder, "o.zip"), "rb") as f:
                yield name, f.read()


def long_text():
    """For decoders alone: far matches, long ones, and noise between."""
    out, state = bytearray(TEXT), 1
    for i in range(40000):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        out.append(state >> 16 & (255 if i % 1000 < 40 else 31))
    return bytes(out) + TEXT * 3 + bytes(out[2000:40000]) + b"\0" * 70000


def streams():
    """What the decoders of lib/codec are tested with: (name, bytes)."""
    data = long_text()
    yield "long", data
    yield "long.shrink", old_methods.shrink(data[:60000], 3000)
    yield "long.reduce1", old_methods.reduce(data[:8000], 1)
    yield "long.reduce4", old_methods.reduce(data[:8000], 4)
    yield "long.implode", old_methods.implode(data[:60000], True, True)
    yield "long.deflate64", old_methods.deflate64(data)


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "corpus")
    zips, codecs = os.path.join(root, "zip"), os.path.join(root, "codec")
    os.makedirs(zips, exist_ok=True)
    os.makedirs(codecs, exist_ok=True)

    def write(folder, name, data):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)

    write(zips, "text", TEXT)
    write(zips, "other", OTHER)
    for name, data in files().items():
        write(zips, name + ".zip", data)
    missing = [n for n in ("ppmd", "aes256", "aes128-stored")
               if not os.path.exists(os.path.join(zips, n + ".zip"))]
    for name, data in tool_made() if missing else ():
        write(zips, name + ".zip", data)
    write(codecs, "text", TEXT)
    for name, (_, _, packed) in METHODS.items():
        write(codecs, "text." + name, packed)
    write(codecs, "text.zstd", zstd(TEXT[:-10], TEXT[-10:]))
    for name, data in streams():
        write(codecs, name, data)


if __name__ == "__main__":
    main()
