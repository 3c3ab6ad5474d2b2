"""Disks in files: tables of partitions around file systems, and qcow2."""
# SPDX-License-Identifier: Apache-2.0
import shutil
import struct
import subprocess
import zlib

import pytest

SECTOR = 512
FIRST = 2048    # where the first partition begins, in sectors


def ext4(path, tree, megabytes=8):
    """A file system with the files of tree, without being root."""
    if shutil.which('mke2fs', path='/usr/sbin:/sbin:/usr/bin:/bin') is None:
        pytest.skip('no mke2fs')
    subprocess.run(['/sbin/mke2fs', '-q', '-F', '-t', 'ext4', '-d', tree, path,
                    f'{megabytes}M'], check=True, capture_output=True)
    return path.read_bytes()


def lay_out(parts):
    """[(first sector, bytes)], and the size of the disk in sectors."""
    at, laid = FIRST, []
    for content in parts:
        laid.append((at, content))
        at += -(-len(content) // SECTOR // FIRST) * FIRST
    return laid, at + FIRST


def fill(disk, laid):
    for at, content in laid:
        disk[at * SECTOR:at * SECTOR + len(content)] = content
    return bytes(disk)


def mbr(*parts, kind=0x83):
    """A disk with up to four partitions, as DOS had it."""
    laid, size = lay_out(parts)
    disk = bytearray(size * SECTOR)
    for n, (at, content) in enumerate(laid):
        disk[446 + 16 * n:462 + 16 * n] = struct.pack(
            '<B3sB3sII', 0, b'\0\0\0', kind, b'\0\0\0', at,
            len(content) // SECTOR)
    disk[510:512] = b'\x55\xaa'
    return fill(disk, laid)


def gpt(*parts):
    """UEFI 2.10, 5.3: a header in sector 1, entries from sector 2 on."""
    laid, size = lay_out(parts)
    disk = bytearray(size * SECTOR)
    entries = b''.join(struct.pack(
        '<16s16sQQQ72s', b'\xaf' * 16, bytes([n + 1]) * 16, at,
        at + len(content) // SECTOR - 1, 0, b'')
        for n, (at, content) in enumerate(laid)).ljust(128 * 128, b'\0')

    def header(total):
        return struct.pack('<8sIIIIQQQQ16sQIII', b'EFI PART', 0x10000, 92,
                           total, 0, 1, size - 1, 34, size - 34, b'\x07' * 16,
                           2, 128, 128, zlib.crc32(entries))

    disk[446:462] = struct.pack('<B3sB3sII', 0, b'\0\2\0', 0xee, b'\xff' * 3, 1,
                                size - 1)
    disk[510:512] = b'\x55\xaa'
    disk[512:604] = header(zlib.crc32(header(0)))
    disk[1024:1024 + len(entries)] = entries
    return fill(disk, laid)


def qcow2(disk, packed=False, bits=16, **header):
    """docs/interop/qcow2.txt of QEMU, version 3; clusters of zeros are left
    out."""
    cluster = 1 << bits
    per_l2 = cluster // 8
    count = -(-len(disk) // cluster)
    tables = -(-count // per_l2)
    first = 1 + -(-tables // per_l2)    # behind the header and the L1 table
    l1 = [0] * tables
    out = bytearray(cluster * (first + tables))
    for n in range(count):
        piece = disk[n * cluster:(n + 1) * cluster].ljust(cluster, b'\0')
        if not any(piece):
            continue
        table = cluster * (first + n // per_l2)
        l1[n // per_l2] = table | 1 << 63
        entry = len(out) | 1 << 63
        if packed:
            deflate = zlib.compressobj(9, zlib.DEFLATED, -12)
            small = deflate.compress(piece) + deflate.flush()
            if len(small) < cluster:
                sectors = (len(out) % 512 + len(small) - 1) // 512
                entry = len(out) | sectors << (62 - (bits - 8)) | 1 << 62
                piece = small
            else:
                out += b'\0' * (-len(out) % cluster)
                entry = len(out) | 1 << 63
        at = table + 8 * (n % per_l2)
        out[at:at + 8] = entry.to_bytes(8, 'big')
        out += piece
    field = {'version': 3, 'backing': 0, 'crypt': 0, 'features': 0,
             'size': len(disk), 'l1': tables, 'cluster_bits': bits, **header}
    out[:105] = struct.pack(
        '>4sIQIIQIIQQIIQQQQIIB', b'QFI\xfb', field['version'],
        field['backing'], 0, field['cluster_bits'], field['size'], field['crypt'],
        field['l1'], cluster, 0, 0, 0, 0, field['features'], 0, 0, 4, 112, 0)
    out[cluster:cluster + 8 * tables] = b''.join(
        entry.to_bytes(8, 'big') for entry in l1)
    return bytes(out)
