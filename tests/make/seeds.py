#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the files in tests/corpus/engine: what a whole scan is tried on.

Executables put together by hand, scripts and pages of our own that do
nothing, and containers in containers.  The other folders of tests/corpus have
the formats one by one.  The results are committed; running this again gives
the same bytes.

  tests/make/seeds.py [DIR]
"""
import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile
import zipfile

MARKER = b"candor engine seed: harmless\n"
DAY = (1980, 1, 1, 0, 0, 0)


# --- executables ------------------------------------------------------------

def padded(data, size):
    assert len(data) <= size
    return data.ljust(size, b"\0")


def pe_imports(rva, libraries):
    """An import table that stands at rva: {library: [function]}."""
    names, tables, directory = b"", b"", b""
    tables_at = rva + 20 * (len(libraries) + 1)
    names_at = tables_at + sum(8 * (len(f) + 1) for f in libraries.values())
    for library, functions in libraries.items():
        slots = b""
        for function in functions:
            slots += struct.pack("<I", names_at + len(names))
            names += b"\0\0" + function + b"\0"
        slots += bytes(4)
        at = tables_at + len(tables)
        tables += slots + slots
        directory += struct.pack("<IIIII", at, 0, 0, names_at + len(names),
                                 at + len(slots))
        names += library + b"\0"
    return directory + bytes(20) + tables + names


def version_block(key, value=b"", children=b"", text=False):
    body = key.encode("utf-16-le") + b"\0\0"
    body += bytes(-(6 + len(body)) % 4) + value
    body += bytes(-(6 + len(body)) % 4) + children
    count = len(value) // 2 if text else len(value)
    out = struct.pack("<HHH", 6 + len(body), count, int(text)) + body
    return out + bytes(-len(out) % 4)


def pe_version(rva):
    """A resource tree of one version resource, at rva."""
    strings = b"".join(
        version_block(k, v.encode("utf-16-le") + b"\0\0", text=True)
        for k, v in (("CompanyName", "Candor"), ("FileVersion", "1.0"),
                     ("InternalName", "seed")))
    table = version_block("StringFileInfo",
                          children=version_block("040904b0",
                                                 children=strings, text=True),
                          text=True)
    fixed = struct.pack("<II", 0xfeef04bd, 0x10000) + bytes(44)
    info = version_block("VS_VERSION_INFO", fixed, table)

    def folder(number, where):
        return bytes(14) + struct.pack("<HII", 1, number, where)

    tree = folder(16, 0x80000018) + folder(1, 0x80000030) + folder(0x409, 0x48)
    return tree + struct.pack("<IIII", rva + 0x58, len(info), 0, 0) + info


def pe(is_64=False):
    code = b"\x90\x90\x90\x90\x31\xc0\xc3" + MARKER
    imports = pe_imports(0x2000, {b"KERNEL32.dll": [b"ExitProcess"],
                                  b"USER32.dll": [b"MessageBoxA"]})
    rows = [(b".text", code), (b".rdata", imports),
            (b".rsrc", pe_version(0x3000))]
    head = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0"
    optional = 112 if is_64 else 96
    head += struct.pack("<HHIIIHH", 0x8664 if is_64 else 0x14c, len(rows),
                        0, 0, 0, optional + 128, 0x22 if is_64 else 0x102)
    head += struct.pack("<HBBIIIII", 0x20b if is_64 else 0x10b, 14, 0, 0x400,
                        0x800, 0, 0x1000, 0x1000)
    head += struct.pack("<Q", 0x140000000) if is_64 else \
        struct.pack("<II", 0x2000, 0x400000)
    head += struct.pack("<IIHHHHHHIIIIHH", 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0,
                        0x4000, 0x400, 0, 3, 0)
    head += struct.pack("<QQQQ" if is_64 else "<IIII", 1 << 20, 1 << 12,
                        1 << 20, 1 << 12) + struct.pack("<II", 0, 16)
    head += bytes(8) + struct.pack("<IIII", 0x2000, 60, 0x3000, 0x400)
    head += bytes(128 - 24)
    body = b""
    for n, (name, data) in enumerate(rows):
        size = (len(data) + 511) // 512 * 512
        head += name.ljust(8, b"\0") + struct.pack(
            "<IIIIIIHHI", len(data), 0x1000 * (n + 1), size,
            0x400 + len(body), 0, 0, 0, 0, 0x60000020)
        body += padded(data, size)
    return padded(head, 0x400) + body + b"overlay: " + MARKER


def elf(bits, order):
    code = b"\x48\x31\xff\xb8\x3c\0\0\0\x0f\x05" + MARKER
    address = 0x400000
    if bits == 64:
        head, entry, section = 64, 56, 64
        header = "HHIQQQIHHHHHH"
    else:
        head, entry, section = 52, 32, 40
        header = "HHIIIIIHHHHHH"
    at = head + entry
    sections_at = at + len(code)
    out = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + \
        bytes(9)
    out += struct.pack(order + header, 2, 62 if bits == 64 else 3, 1,
                       address + at, head, sections_at, 0, head, entry, 1,
                       section, 2, 0)
    if bits == 64:
        out += struct.pack(order + "IIQQQQQQ", 1, 5, 0, address, address,
                           sections_at, sections_at, 4096)
        row = "IIQQQQIIQQ"
    else:
        out += struct.pack(order + "IIIIIIII", 1, 0, address, address,
                           sections_at, sections_at, 5, 4096)
        row = "I" * 10
    out += code + bytes(section)
    return out + struct.pack(order + row, 0, 1, 6, address + at, at,
                             len(code), 0, 0, 16, 0)


def macho():
    code = b"\x48\x31\xff\xc3" + MARKER
    commands = struct.pack("<II16sQQQQIIII", 0x19, 152, b"__TEXT", 0x1000,
                           0x1000, 0, 0x200, 7, 5, 1, 0)
    commands += struct.pack("<16s16sQQIIIIIIII", b"__text", b"__TEXT",
                            0x1100, len(code), 0x100, 0, 0, 0, 0x400, 0, 0, 0)
    commands += struct.pack("<IIQQ", 0x80000028, 24, 0x100, 0)
    head = struct.pack("<IIIIIIII", 0xfeedfacf, 0x1000007, 3, 2, 2,
                       len(commands), 1, 0)
    return padded(padded(head + commands, 0x100) + code, 0x200)


def macho_fat():
    one = macho()
    head = struct.pack(">II", 0xcafebabe, 2)
    head += struct.pack(">IIIII", 0x1000007, 3, 0x100, len(one), 8)
    head += struct.pack(">IIIII", 0x100000c, 0, 0x400, len(one), 8)
    return padded(padded(head, 0x100) + one, 0x400) + one


# --- texts ------------------------------------------------------------------

PAGE = b"""<!DOCTYPE html>
<html><head><title>A &quot;page&quot; of &#99;andor</title>
<!-- a comment -- with <b>tags</b> -->
<script type="text/javascript">
var a = "x"; /* nothing */ eval("1 + " + a);
</script></head>
<body onload='go()'><p class=one>candor&nbsp;engine &#x73;eed: harmless</p>
<a href="data:text/plain;base64,aGFybWxlc3M=">link</a>
<img src = picture.png ><br/></body></html>
"""
PHP = b"""<?php
// """ + MARKER + b"""
$a = 'eval';   $b  =  "EVAL ( BASE64_DECODE";
eval(base64_decode("aGFybWxlc3M="));
?>
"""
SHELL = b"#!/bin/sh\n# " + MARKER + b"exec    true\t&&  echo  'x'\n" * 6


# --- containers -------------------------------------------------------------

def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, DAY)
            info.compress_type = method
            z.writestr(info, data)
    return out.getvalue()


def tarred(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def gzipped(data):
    return gzip.compress(data, 9, mtime=0)


def image(folder):
    """A CD image of tests/corpus/iso9660, whole again."""
    with open(os.path.join(folder, "../iso9660/plain.tail"), "rb") as f:
        return bytes(32768) + f.read()


def nested(data, times):
    for n in range(times):
        data = (gzipped, bz2.compress, lzma.compress)[n % 3](data)
    return data


def files(folder):
    texts = {"page.html": PAGE, "shell.php": PHP, "run.sh": SHELL}
    programs = {"32.exe": pe(), "64.exe": pe(True), "64.elf": elf(64, "<"),
                "32.elf": elf(32, ">"), "64.macho": macho(),
                "fat.macho": macho_fat()}
    inner = zipped({"marker.txt": MARKER, **texts})
    both = {**texts, **programs}
    return {
        **both,
        "page16.html": "\ufeff".encode("utf-16-le") +
        PAGE.decode().encode("utf-16-le"),
        "text16.txt": MARKER.decode().encode("utf-16-be") * 4,
        "text8.txt": ("f\u00fcr " * 20).encode() + MARKER,
        "empty": b"",
        "zip.gz": gzipped(inner),
        "zip.zip": zipped({"in.zip": inner, "a.txt": MARKER}),
        "stored.zip": zipped({"in.zip": inner, **programs},
                             zipfile.ZIP_STORED),
        "all.tar": tarred({"in.zip": inner, **both}),
        "all.tar.gz": gzipped(tarred(both)),
        "all.tar.xz": lzma.compress(tarred({"in.zip": inner, **both})),
        "all.tar.bz2": bz2.compress(tarred(texts)),
        "image.gz": gzipped(image(folder)),
        "deep.gz": nested(MARKER, 9),
        "too-deep.gz": nested(MARKER, 40),
        "zeros.gz": gzipped(gzipped(bytes(8 << 20))),
        "tail.exe": pe() + inner,
    }


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "../corpus/engine")
    os.makedirs(folder, exist_ok=True)
    for name, data in files(folder).items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
