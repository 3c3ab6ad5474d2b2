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
