"""Registries of Windows, made with libhivex out of the smallest there is."""
# SPDX-License-Identifier: Apache-2.0
import os
import struct
import tempfile
from pathlib import Path

import pytest

NONE = 0xffffffff


def cell(content, size):
    return (struct.pack('<i', -size) + content).ljust(size, b'\0')


def smallest():
    """One empty key and what guards it: regf 1.5, as the format's notes of
    libhivex and Windows' own files have it."""
    root = struct.pack('<2sHQIIIIIIIIIIIIIIIHH', b'nk', 0x2c, 0, 0, NONE, 0, 0,
                       NONE, NONE, 0, NONE, 0x80, NONE, 0, 0, 0, 0, 0, 4, 0)
    guard = struct.pack('<2sHIIII', b'sk', 0, 0x80, 0x80, 1, 20) + struct.pack(
        '<BBHIIII', 1, 0, 0x8000, 0, 0, 0, 0)
    page = struct.pack('<4sIIQQI', b'hbin', 0, 4096, 0, 0, 0)
    page += cell(root + b'ROOT', 0x60) + cell(guard, 0x40)
    page += struct.pack('<i', 4096 - len(page))
    head = struct.pack('<4sIIQIIIIIII', b'regf', 1, 1, 0, 1, 5, 0, 1, 0x20,
                       4096, 1).ljust(0x1fc, b'\0')
    total = 0
    for (word,) in struct.iter_unpack('<I', head):
        total ^= word
    return (head + struct.pack('<I', total)).ljust(4096, b'\0') + page.ljust(
        4096, b'\0')


def value(name, content):
    if isinstance(content, int):
        return {'key': name, 't': 4, 'value': struct.pack('<I', content)}
    if isinstance(content, bytes):
        return {'key': name, 't': 3, 'value': content}
    return {'key': name, 't': 1,
            'value': (content + '\0').encode('utf-16-le')}


def add(handle, node, name, content):
    """content: {name: value or {...}}"""
    at = handle.node_add_child(node, name)
    fill(handle, at, content)


def fill(handle, node, content):
    values = [value(k, v) for k, v in content.items()
              if not isinstance(v, dict)]
    if values:
        handle.node_set_values(node, values)
    for name, below in content.items():
        if isinstance(below, dict):
            add(handle, node, name, below)


def make(path, content):
    """A registry with those keys and values."""
    hivex = pytest.importorskip('hivex', reason='no python3-hivex')
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        at = os.path.join(folder, 'hive')
        Path(at).write_bytes(smallest())
        handle = hivex.Hivex(at, write=True)
        fill(handle, handle.root(), content)
        handle.commit(None)
        path.write_bytes(Path(at).read_bytes())
    return path


# --- what was not written back ------------------------------------------------

def head(content, first, second, kind=0, bins=None):
    """The first bytes, with these numbers, and their sum."""
    new = bytearray(content)
    struct.pack_into('<II', new, 4, first, second)
    struct.pack_into('<I', new, 28, kind)
    if bins is not None:
        struct.pack_into('<I', new, 40, bins)
    total = 0
    for (word,) in struct.iter_unpack('<I', new[:508]):
        total ^= word
    struct.pack_into('<I', new, 508, total)
    return bytes(new)


def marvin32(data, seed=0x82ef4d887a4e55c5):
    def turn(v, n):
        return (v << n | v >> 32 - n) & NONE

    low, high = seed & NONE, seed >> 32
    rest = len(data) % 4
    padded = data[:len(data) - rest] + (
        data[len(data) - rest:] + b'\x80').ljust(4, b'\0') + b'\0' * 4
    for (word,) in struct.iter_unpack('<I', padded):
        low = (low + word) & NONE
        high ^= low
        low = (turn(low, 20) + high) & NONE
        high = turn(high, 9) ^ low
        low = (turn(low, 27) + high) & NONE
        high = turn(high, 19)
    return struct.pack('<II', low, high)


def entry(number, bins, pages):
    """pages: {where: bytes}"""
    body = b''.join(struct.pack('<II', at, len(p)) for at, p in pages.items())
    body += b''.join(pages.values())
    size = -(-(40 + len(body)) // 512) * 512
    body = body.ljust(size - 40, b'\0')
    start = struct.pack('<4sIIIII', b'HvLE', size, 0, number, bins,
                        len(pages)) + marvin32(body)
    return start + marvin32(start) + body


def changes(old, new):
    """Pages of 4096 bytes that are other in new, behind its head."""
    return {at - 4096: new[at:at + 4096] for at in range(4096, len(new), 4096)
            if new[at:at + 4096] != old[at:at + 4096]}


def unfinished(path, content, is_old=False, names=('.LOG1', '.LOG2')):
    """path becomes a registry whose last changes, to content, are in logs
    beside it, as Windows leaves it when its power goes."""
    path = Path(path)
    old = path.read_bytes()
    new = make(path.parent / 'new', content)
    then = new.read_bytes()
    new.unlink()
    bins = len(then) - 4096
    pages = changes(old, then)
    path.write_bytes(head(old, 9, 8))
    logs = [path.with_name(path.name + name) for name in names]
    if is_old:
        bitmap = bytearray(bins // 4096)
        for at in pages:
            bitmap[at // 4096] = 0xff
        logs[0].write_bytes(
            head(path.read_bytes()[:512], 9, 9, 1, bins) +
            (b'DIRT' + bitmap).ljust(-(-(len(bitmap) + 4) // 512) * 512, b'\0')
            + b''.join(pages.values()))
        return path
    start = head(path.read_bytes()[:512], 9, 9, 6)
    half = dict(list(pages.items())[:1])
    rest = {at: p for at, p in pages.items() if at not in half}
    logs[0].write_bytes(start + entry(9, bins, rest))
    logs[1].write_bytes(start + entry(7, bins, {}) + entry(8, bins, half))
    return path
