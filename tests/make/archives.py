#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the small archives in tests/corpus/archive.

One file per branch of the openers over libarchive, libmspack and our own
decoders.  Made by the usual tools of Debian 12 where there is one (package
names in TOOLS), by hand where there is none (RAR, LHA).  The results are
committed: running this again changes them only where a tool puts in the time
or random bytes.

  tests/make/archives.py [DIR]
"""
import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib

TOOLS = "7z (p7zip-full) ar (binutils) bsdtar (libarchive-tools) " \
    "compress (ncompress) cpio gcab lz4 lzip rpmbuild (rpm) zstd"

A = b"".join(b"line %d of a file that compresses a little\n" % i
             for i in range(8))
B = b"the other file\n"


def run(cwd, *args, stdin=None):
    return subprocess.run(args, cwd=cwd, input=stdin, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


# --- RAR 4: marker, archive header, file headers, end ------------------------

def rar4_block(kind, flags, body, data=b""):
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xffff) + head + data


def rar4_file(name, data, flags=0x8000):
    return rar4_block(0x74, flags, struct.pack(
        "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x5a215a21,
        20, 0x30, len(name), 0o100644) + name, data)


def rar4(files, flags=0):
    return (b"Rar!\x1a\x07\x00" + rar4_block(0x73, flags, bytes(6)) +
            b"".join(files) + rar4_block(0x7b, 0x4000, b""))


# --- RAR 5 --------------------------------------------------------------------

def vint(n):
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def rar5_block(kind, body, data=None, extra=b""):
    head = vint(kind) + vint((2 if data is not None else 0) |
                             (1 if extra else 0))
    if extra:
        head += vint(len(extra))
    if data is not None:
        head += vint(len(data))
    head += body + extra
    head = vint(len(head)) + head
    return struct.pack("<I", zlib.crc32(head)) + head + (data or b"")


def rar5_file(name, data, extra=b""):
    return rar5_block(2, vint(6) + vint(len(data)) + vint(0o100644) +
                      struct.pack("<II", 10**9, zlib.crc32(data)) + vint(0) +
                      vint(1) + vint(len(name)) + name, data, extra)


def rar5(files, first=None):
    return (b"Rar!\x1a\x07\x01\x00" + (first or rar5_block(1, vint(0))) +
            b"".join(files) + rar5_block(5, vint(0)))


RAR5_CRYPT = vint(1) + vint(0) + vint(0) + bytes([15]) + b"S" * 16 + b"I" * 16
RAR5_CRYPT = vint(len(RAR5_CRYPT)) + RAR5_CRYPT
RAR5_CRYPT_ALL = rar5_block(4, vint(0) + vint(0) + bytes([15]) + b"S" * 16)


# --- LHA ----------------------------------------------------------------------

def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xa001 if crc & 1 else crc >> 1
    return crc


class Bits:
    """Bits, the first the most significant."""

    def __init__(self):
        self.value = self.count = 0

    def put(self, value, count):
        self.value = self.value << count | value
        self.count += count

    def done(self):
        pad = -self.count % 8
        return (self.value << pad).to_bytes((self.count + pad) // 8, "big")


def canonical(lengths):
    codes, code = {}, 0
    for n in range(1, 17):
        for symbol, length in enumerate(lengths):
            if length == n:
                codes[symbol] = (code, n)
                code += 1
        code <<= 1
    return codes


def lzss(data, window):
    """Literals, and (length, distance - 1)."""
    out, at, seen = [], 0, {}
    while at < len(data):
        before, n = seen.get(data[at:at + 3]), 0
        if before is not None and at - before <= window:
            while (n < 256 and at + n < len(data) and
                   data[before + n] == data[at + n]):
                n += 1
        if n < 3:
            n = 1
            out.append(data[at])
        else:
            out.append((n, at - before - 1))
        for i in range(at, at + n):
            seen[data[i:i + 3]] = i
        at += n
    return out


def lzh(data, window_bits):
    """-lh4- to -lh7-, with codes of nearly equal length."""
    count = max(14, window_bits + 1)
    width = 4 if window_bits < 15 else 5
    symbols = [8, 8] + [9] * 508
    distances = [4] * 15 + [5] * 2 if count == 17 else \
        [3] * (16 - count) + [4] * (2 * count - 16)
    symbol_codes, distance_codes = canonical(symbols), canonical(distances)
    bits = Bits()
    tokens = lzss(data, 1 << window_bits)
    for start in range(0, len(tokens), 30):
        block = tokens[start:start + 30]
        bits.put(len(block), 16)
        bits.put(12, 5)
        for i in range(12):
            bits.put(1 if i >= 10 else 0, 3)
            if i == 2:
                bits.put(0, 2)
        bits.put(510, 9)
        for length in symbols:
            bits.put(length - 8, 1)
        bits.put(count, width)
        for length in distances:
            bits.put(length, 3)
        for token in block:
            if isinstance(token, int):
                bits.put(*symbol_codes[token])
                continue
            length, distance = token
            bits.put(*symbol_codes[256 + length - 3])
            size = distance.bit_length()
            bits.put(*distance_codes[size])
            if size > 1:
                bits.put(distance - (1 << (size - 1)), size - 1)
    return bits.done()


def lha_level0(name, method, packed, data):
    head = (method + struct.pack("<III", len(packed), len(data), 0) +
            b"\x20\0" + bytes([len(name)]) + name +
            struct.pack("<H", crc16(data)))
    return bytes([len(head), sum(head) & 255]) + head + packed


def lha_level1(name, path, method, packed, data):
    more = b"\x02" + path + struct.pack("<H", 0)
    head = (method + struct.pack("<III", len(packed) + len(more), len(data),
                                 0) + b"\x20\1" + bytes([len(name)]) + name +
            struct.pack("<H", crc16(data)) + b"U" +
            struct.pack("<H", len(more)))
    return bytes([len(head), sum(head) & 255]) + head + more + packed


def lha_level2(name, method, packed, data, level=2):
    form = "<H" if level == 2 else "<I"
    width = struct.calcsize(form)
    more = b"\x01" + name
    more = struct.pack(form, len(more) + width) + more + struct.pack(form, 0)
    head = (method + struct.pack("<III", len(packed), len(data), 10**9) +
            b"\x20" + bytes([level]) + struct.pack("<H", crc16(data)) + b"U")
    if level == 3:
        size = 2 + len(head) + 4 + len(more)
        return struct.pack("<H", 4) + head + struct.pack("<I", size) + \
            more + packed
    return struct.pack("<H", 2 + len(head) + len(more)) + head + more + packed


# --- others -------------------------------------------------------------------

def szdd(data):
    out = b"SZDD\x88\xf0\x27\x33A\0" + struct.pack("<I", len(data))
    window, at, items = bytearray(b" " * 4096), 4080, []
    place = 0
    for token in lzss_short(data):
        if isinstance(token, int):
            items.append((1, bytes([token])))
            n = 1
        else:
            n, distance = token
            start = (at - distance) % 4096
            items.append((0, bytes([start & 255, start >> 4 & 0xf0 | n - 3])))
        for i in range(n):
            window[at] = data[place + i]
            at = (at + 1) % 4096
        place += n
    for i in range(0, len(items), 8):
        group = items[i:i + 8]
        out += bytes([sum(flag << k for k, (flag, _) in enumerate(group))])
        out += b"".join(item for _, item in group)
    return out


def lzss_short(data):
    """As lzss(), with lengths to 18 and real distances."""
    for token in lzss(data, 4096 - 18):
        if isinstance(token, int):
            yield token
            continue
        length, distance = token
        while length > 0:
            n = min(length, 18)
            if length - n in (1, 2):
                n -= 3
            yield (n, distance + 1)
            length -= n


def kwaj(data):
    """Method 1: every byte inverted."""
    return (b"KWAJ\x88\xf0\x27\xd1" + struct.pack("<HHH", 1, 24, 9) +
            struct.pack("<I", len(data)) + b"a.txt\0" +
            bytes(b ^ 255 for b in data))


def lz4_old(block_of):
    return b"\x02\x21\x4c\x18" + struct.pack("<I", len(block_of)) + block_of


def lz4_block(data):
    """Literals and matches, in sequences."""
    out, literals = b"", b""

    def sequence(match):
        nonlocal out, literals
        n = 0 if match is None else match[0] - 4
        out += bytes([min(len(literals), 15) << 4 | min(n, 15)])
        if len(literals) >= 15:
            rest = len(literals) - 15
            out += b"\xff" * (rest // 255) + bytes([rest % 255])
        out += literals
        literals = b""
        if match is not None:
            out += struct.pack("<H", match[1])
            if n >= 15:
                out += b"\xff" * ((n - 15) // 255) + bytes([(n - 15) % 255])

    at = 0
    for token in lzss(data, 65535):
        if isinstance(token, int):
            literals += bytes([token])
            at += 1
        elif token[0] < 4:
            literals += data[at:at + token[0]]
            at += token[0]
        else:
            sequence((token[0], token[1] + 1))
            at += token[0]
    sequence(None)
    return out


def rpm(tmp):
    spec = """Name: t
Version: 1
Release: 1
Summary: t
License: x
BuildArch: noarch
%description
t
%install
mkdir -p %{buildroot}/opt
cp %{src}/a.txt %{buildroot}/opt
%files
/opt/a.txt
"""
    with open(tmp + "/t.spec", "w", encoding="ascii") as f:
        f.write(spec)
    run(tmp, "rpmbuild", "-bb", "--define", "_topdir " + tmp + "/top",
        "--define", "src " + tmp, "--define", "_binary_payload w9.gzdio",
        "t.spec")
    with open(tmp + "/top/RPMS/noarch/t-1-1.noarch.rpm", "rb") as f:
        return f.read()


def tars(tmp, out):
    for form in ("v7", "ustar", "gnu", "posix"):
        out(form + ".tar", run(tmp, "tar", "-b1", "--format=" + form,
                               "--mtime=@1000000000", "--owner=0",
                               "--group=0", "-cf", "-", "a.txt", "dir",
                               "link"))
    one = run(tmp, "tar", "-b1", "--format=gnu", "--mtime=@1", "--owner=0",
              "--group=0", "-cf", "-", "a.txt")
    two = run(tmp, "tar", "-b1", "--format=gnu", "--mtime=@1", "--owner=0",
              "--group=0", "-C", "dir", "-cf", "-", "b.txt")
    out("two.tar", one + two)
    with open(tmp + "/holes", "wb") as f:
        f.truncate(1 << 17)
        f.seek(1 << 16)
        f.write(B)
    for form in ("gnu", "posix"):
        out("holes-" + form + ".tar",
            run(tmp, "tar", "-b1", "-S", "--format=" + form,
                "--mtime=@1000000000", "--owner=0", "--group=0", "-cf", "-",
                "holes"))


def cpios(tmp, out):
    names = b"a.txt\ndir\ndir/b.txt\n"
    for form in ("newc", "crc", "odc", "bin"):
        out(form + ".cpio", run(tmp, "cpio", "-o", "--quiet",
                                "--reproducible", "--block-size=1", "-H",
                                form, stdin=names))
    with open(tmp + "/newc", "wb") as f:
        f.write(run(tmp, "cpio", "-o", "--quiet", "--reproducible",
                    "--block-size=1", "-H", "newc", stdin=b"a.txt\n"))
    one = open(tmp + "/newc", "rb").read()
    out("two.cpio", one + gzip.compress(one, mtime=0))


def sevens(tmp, out):
    def make(name, *args):
        run(tmp, "7z", "a", "-mtm=off", *args, "x.7z", "a.txt", "dir")
        with open(tmp + "/x.7z", "rb") as f:
            out(name + ".7z", f.read())
        os.unlink(tmp + "/x.7z")

    make("lzma2")
    make("lzma", "-m0=lzma", "-ms=off")
    make("copy", "-m0=copy")
    make("bzip2", "-m0=bzip2")
    make("deflate", "-m0=deflate")
    make("ppmd", "-m0=ppmd:mem=64k")
    make("bcj", "-m0=bcj", "-m1=lzma")
    make("encrypted", "-psecret")
    make("encrypted-names", "-psecret", "-mhe=on")


def packed(tmp, out):
    buf = io.BytesIO()
    with gzip.GzipFile("a.txt", "wb", 9, buf, 0) as f:
        f.write(A)
    one = buf.getvalue()
    out("a.gz", one)
    out("two.gz", one + bytes(7) + gzip.compress(B, mtime=0))
    out("rest.gz", one + b"#!/bin/sh\n")
    out("all-fields.gz", b"\x1f\x8b\x08\x1f" + bytes(6) + b"\x03\0abc" +
        b"a.txt\0" + b"a comment\0" + b"\0\0" + one[16:])
    out("a.bz2", bz2.compress(A))
    out("two.bz2", bz2.compress(A) + bz2.compress(B))
    out("a.xz", lzma.compress(A, preset=0))
    out("two.xz", lzma.compress(A, preset=0) + bytes(4) +
        lzma.compress(B, preset=0))
    out("a.lzma", lzma.compress(A, lzma.FORMAT_ALONE, preset=0))
    for name, args in (("a.lz", ("lzip", "-0c")),
                       ("a.zst", ("zstd", "-qc")),
                       ("a.lz4", ("lz4", "-qc")),
                       ("a.Z", ("compress", "-fc"))):
        out(name, run(tmp, *args, "a.txt"))
    frame = run(tmp, "zstd", "-qc", "a.txt")
    skip = b"\x5e\x2a\x4d\x18" + struct.pack("<I", 5) + b"12345"
    out("two.zst", frame + skip + run(tmp, "zstd", "-qc", "dir/b.txt"))
    out("huge-window.zst", b"\x28\xb5\x2f\xfd\0\xa8\x01\0\0")
    out("old.lz4", lz4_old(lz4_block(A)))
    out("a.szdd", szdd(A))
    out("a.kwaj", kwaj(A))


def rars(out):
    out("a.rar", rar4([rar4_file(b"a.txt", A), rar4_file(b"dir\\b.txt", B)]))
    out("encrypted.rar", rar4([rar4_file(b"a.txt", A, 0x8004),
                               rar4_file(b"b.txt", B)]))
    out("encrypted-names.rar", rar4([rar4_file(b"a.txt", A, 0x8004)], 0x80))
    out("a5.rar", rar5([rar5_file(b"a.txt", A),
                        rar5_file("d\u00e9.txt".encode(), B)]))
    out("encrypted5.rar", rar5([rar5_file(b"a.txt", A, RAR5_CRYPT),
                                rar5_file(b"b.txt", B)]))
    out("encrypted-names5.rar", rar5([rar5_file(b"a.txt", A)],
                                     RAR5_CRYPT_ALL))


def lhas(out):
    out("level0.lzh",
        lha_level0(b"a.txt", b"-lh5-", lzh(A, 13), A) +
        lha_level0(b"d", b"-lhd-", b"", b"") +
        lha_level0(b"b.txt", b"-lh0-", B, B) + b"\0")
    out("level1.lzh",
        lha_level1(b"a.txt", b"dir\xffsub\xff", b"-lh6-", lzh(A, 15), A) +
        lha_level0(b"b.txt", b"-lh1-", B, B) + b"\0")
    out("level2.lzh", lha_level2(b"a.txt", b"-lh7-", lzh(A, 16), A) + b"\0")
    out("level3.lzh",
        lha_level2(b"a.txt", b"-lh4-", lzh(A, 12), A, 3) + b"\0")


def others(tmp, out):
    run(tmp, "ar", "rcD", "x.ar", "a.txt", "dir/b.txt")
    out("a.ar", open(tmp + "/x.ar", "rb").read())
    for name, args in (("mszip.cab", ("-z",)), ("stored.cab", ("-n",))):
        run(tmp, "gcab", "-c", *args, "x.cab", "a.txt", "dir/b.txt")
        out(name, open(tmp + "/x.cab", "rb").read())
        os.unlink(tmp + "/x.cab")
    for how in ("none", "gzip", "bzip2", "lzma", "xz"):
        out(how + ".xar", run(tmp, "bsdtar", "--format", "xar", "--options",
                              "xar:compression=" + how, "-b", "1", "-cf", "-",
                              "a.txt", "dir"))
    out("a.rpm", rpm(tmp))


def main():
    to = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "../corpus/archive")
    os.makedirs(to, exist_ok=True)

    def out(name, data):
        with open(os.path.join(to, name), "wb") as f:
            f.write(data)

    with tempfile.TemporaryDirectory() as tmp:
        os.mkdir(tmp + "/dir")
        for name, data in (("a.txt", A), ("dir/b.txt", B)):
            with open(tmp + "/" + name, "wb") as f:
                f.write(data)
            os.utime(tmp + "/" + name, (10**9, 10**9))
        os.symlink("a.txt", tmp + "/link")
        out("a.txt", A)
        out("b.txt", B)
        tars(tmp, out)
        cpios(tmp, out)
        sevens(tmp, out)
        packed(tmp, out)
        others(tmp, out)
    rars(out)
    lhas(out)


main()
