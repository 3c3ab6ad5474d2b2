"""Hostile files through the whole program: broken ones, and bombs.  Nothing
crashes, nothing hangs, nothing is clean that was not read, and the file behind
them is still found."""
# SPDX-License-Identifier: Apache-2.0
import bz2
import gzip
import io
import json
import lzma
import os
import random
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from conftest import CANDOR, MARKER, ROOT, run

sys.path.insert(0, str(ROOT / 'tests/make'))
import quine  # noqa: E402

SECONDS = 20                    # for one file
MEMORY = 600 << 20              # bytes, of any process of the scan
BROKEN = 300
MANY = 100_000
CORPUS = ROOT / 'tests/corpus'


def scan(database, folder, *options):
    """The files a scan tells of, and the most memory a process of it had."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(
            [CANDOR, 'scan', '-d', database, '--format', 'json',
             '--max-scan-time', str(SECONDS), *options, folder],
            stdout=out, stderr=subprocess.STDOUT)
        # Of the command itself and of all it waited for: its workers.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        objects = [json.loads(line) for line in out]
    assert child.returncode in (0, 1, 2), objects
    assert objects[-1]['type'] == 'summary'
    files = {Path(o['path']).name: o for o in objects if o['type'] == 'file'}
    assert len(files) == len(list(folder.iterdir()))
    return files, usage.ru_maxrss * 1024


def reasons(file):
    return {u['reason'] for u in file.get('unscanned', [])}


def check_sane(files, memory):
    crashed = [n for n, f in files.items() if 'crashed' in reasons(f)]
    assert not crashed
    assert files['zz-infected']['verdict'] == 'infected'
    assert memory < MEMORY


# --- broken files ------------------------------------------------------------

def seeds():
    for path in sorted(CORPUS.glob('*/*')):
        if path.parent.name in ('codec', 'literal'):
            continue
        if path.stat().st_size < 100_000:
            front = bytes(32768) if path.suffix == '.tail' else b''
            yield front + path.read_bytes()


def broken(chance, all_seeds):
    data = bytearray(chance.choice(all_seeds))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        what = chance.randrange(5)
        if what == 0:
            data[at:at + 1] = bytes([chance.randrange(256)])
        elif what == 1:
            edge = chance.choice([0, 1, 0x7fffffff, 0x80000000, 0xffffffff])
            data[at:at + 4] = struct.pack(chance.choice('<>') + 'I', edge)
        elif what == 2:
            del data[at:]
        elif what == 3:
            other = chance.choice(all_seeds)
            data[at:at] = other[chance.randrange(len(other) + 1):]
        else:
            del data[at:at + chance.randrange(64)]
    return bytes(data)


def test_broken_files_cost_nothing_but_themselves(database, tmp_path):
    chance, all_seeds = random.Random(2), list(seeds())
    assert len(all_seeds) > 50
    for n in range(BROKEN):
        (tmp_path / f'{n:03}').write_bytes(broken(chance, all_seeds))
    (tmp_path / 'zz-infected').write_bytes(MARKER)
    started = time.monotonic()
    files, memory = scan(database, tmp_path)
    check_sane(files, memory)
    assert not [n for n, f in files.items() if 'timeout' in reasons(f)]
    assert time.monotonic() - started < 120
    # The breaking did break: not everything could be read.
    assert sum(1 for f in files.values() if reasons(f)) > 30


# --- bombs -------------------------------------------------------------------

def zeros(giga, pack, piece=64 << 20):
    """That many GiB of zeros: one compressed piece, again and again."""
    return pack(bytes(piece)) * (giga * (1 << 30) // piece)


def pack_gzip(data):
    return gzip.compress(data, 9, mtime=0)


def many_members():
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for n in range(MANY):
            z.writestr(zipfile.ZipInfo(f'{n}'), b'x')
        z.writestr(zipfile.ZipInfo('last'), MARKER, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def many_in_tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        for n in range(MANY // 2):
            info = tarfile.TarInfo(f'{n}')
            info.size = 1
            t.addfile(info, io.BytesIO(b'x'))
        last = pack_gzip(MARKER)
        info = tarfile.TarInfo('last')
        info.size = len(last)
        t.addfile(info, io.BytesIO(last))
    return pack_gzip(out.getvalue())


def overlapping(count):
    """Every entry of the directory is the same ten MB of zeros."""
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = bytes(10 << 20)
    packed = c.compress(plain) + c.flush()
    fields = struct.pack('<HHHIIII', 20, 0, 8, 0, zlib.crc32(plain),
                         len(packed), len(plain)) + struct.pack('<HH', 1, 0)
    out = b'PK\3\4' + fields + b'a' + packed
    entry = b'PK\1\2\x14\0' + fields + struct.pack('<HHHII', 0, 0, 0, 0,
                                                   0) + b'a'
    return out + entry * count + b'PK\5\6' + struct.pack(
        '<HHHHIIH', 0, 0, count, count, len(entry) * count, len(out), 0)


def swallowing():
    """Stored members, each of which holds all the members behind it."""
    count, name, last = 300, b'a', pack_gzip(MARKER)
    size = 30 + len(name)
    body = b''
    for n in range(count):
        rest = size * (count - n - 1) + len(last)
        body += b'PK\3\4' + struct.pack('<HHHIIIIHH', 20, 0, 0, 0, 0, rest,
                                        rest, len(name), 0) + name
    return body + last


def million():
    """A thousand archives of a thousand members: 10^6, in an archive."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, 'w') as z:
        for n in range(1000):
            z.writestr(zipfile.ZipInfo(f'{n}'), b'x')
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for n in range(1000):
            z.writestr(zipfile.ZipInfo(f'{n}.zip'), inner.getvalue(),
                       zipfile.ZIP_DEFLATED, 1)
    return out.getvalue()


def zip64(told, giga):
    """A member with sizes of 64 bits: what it says, and what it is."""
    def pack(data):
        c = zlib.compressobj(9, zlib.DEFLATED, -15)
        return c.compress(data) + c.flush(zlib.Z_FULL_FLUSH)

    packed = zeros(giga, pack) + b'\3\0'
    sizes = struct.pack('<HHQQ', 1, 16, told, len(packed))
    fields = struct.pack('<HHHIIIIHH', 45, 0, 8, 0x21 << 16, 0, 0xffffffff,
                         0xffffffff, 1, len(sizes))
    local = b'PK\3\4' + fields + b'a' + sizes
    entry = (b'PK\1\2\x2d\0' + fields + struct.pack('<HHHII', 0, 0, 0, 0, 0) +
             b'a' + sizes)
    at = len(local) + len(packed)
    end64 = b'PK\6\6' + struct.pack('<QHHIIQQQQ', 44, 45, 45, 0, 0, 1, 1,
                                    len(entry), at)
    locator = b'PK\6\7' + struct.pack('<IQI', 0, at + len(entry), 1)
    end = b'PK\5\6' + struct.pack('<HHHHIIH', 0, 0, 0xffff, 0xffff,
                                  0xffffffff, 0xffffffff, 0)
    return local + packed + entry + end64 + locator + end


def nested(data, times, pack):
    for _ in range(times):
        data = pack(data)
    return data


def pack_zip(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo('a'), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.fixture(scope='module')
def bombs(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bombs')
    for name, data in {
        'deep-gzip': nested(MARKER, 100, pack_gzip),
        'deep-zip': nested(MARKER, 100, pack_zip),
        'gzip-gzip': pack_gzip(zeros(4, pack_gzip)),
        'gzip-zip': pack_zip(zeros(4, pack_gzip)),
        'bzip2': zeros(4, bz2.compress),
        'xz': zeros(4, lzma.compress),
        'many-zip': many_members(),
        'many-tar': many_in_tar(),
        'overlap-zip': overlapping(60_000),
        'swallow-zip': swallowing(),
        'found-before-gzip': pack_gzip(pack_gzip(MARKER) +
                                       zeros(4, pack_gzip)),
        'million-zip': million(),
        'zip64': zip64(5 << 30, 5),
        'zip64-lies': zip64((1 << 64) - 1, 1),
        'quine-gzip': quine.quine('gzip', b'nothing of note'),
        'quine-zip': quine.quine('zip', b'nothing of note'),
        'zz-infected': MARKER,
    }.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope='module')
def scanned(database, bombs):
    started = time.monotonic()
    files, memory = scan(database, bombs)
    return files, memory, time.monotonic() - started


def test_bombs_end_and_the_scan_goes_on(scanned):
    files, memory, seconds = scanned
    check_sane(files, memory)
    # One after the other, if there is only one worker.
    assert seconds < (SECONDS + 5) * len(files)


@pytest.mark.parametrize('name', ['deep-gzip', 'deep-zip', 'overlap-zip',
                                  'swallow-zip', 'million-zip',
                                  'quine-gzip', 'quine-zip'])
def test_a_bomb_is_not_clean(scanned, name):
    file = scanned[0][name]
    assert file['verdict'] == 'unscanned'
    assert reasons(file) & {'limit', 'timeout'}


@pytest.mark.parametrize('name', ['gzip-gzip', 'gzip-zip', 'bzip2', 'xz'])
def test_a_bomb_is_read_to_its_end_or_not_clean(scanned, name):
    """What has a ratio over 2000 ends early; the others just take long."""
    file = scanned[0][name]
    assert file['verdict'] == 'clean' or reasons(file) & {'limit', 'timeout'}
    if name in ('gzip-gzip', 'bzip2'):
        assert file['verdict'] == 'unscanned'


def test_sizes_of_64_bits(scanned):
    """Too large, or, on a fast machine, all read: the checksum is wrong."""
    file = scanned[0]['zip64']
    assert file['verdict'] == 'unscanned'
    assert reasons(file) & {'limit', 'timeout', 'corrupt'}


def test_a_bomb_that_lies_is_no_reason_to_believe_it(scanned):
    """2^64 - 1 bytes it says; what it has is read, and that it lies is told."""
    assert 'corrupt' in reasons(scanned[0]['zip64-lies'])


@pytest.mark.parametrize('name', ['many-zip', 'many-tar',
                                  'found-before-gzip'])
def test_what_stands_in_a_bomb_is_found(scanned, name):
    assert scanned[0][name]['verdict'] == 'infected'


# --- patterns that are hard to search for ------------------------------------

WORST = {
    # Every way to read a run of "a" as these, from every place.
    'alternatives': ('61616161' + '(61|6161|616161|61616161)' * 24 + '7a7a'),
    'gaps': '{1-60}'.join(['6161'] * 60) + '{1-60}7a7a',
    'stars': '*'.join(['6161'] * 60) + '*7a7a',
    'masks': '6161' + '(61|6?|??)' * 60 + '7a7a',
}


@pytest.mark.parametrize('name', WORST)
def test_the_worst_pattern_ends(tmp_path, name):
    """T-SBX-6: in its time, and what came after it is scanned."""
    rules, folder = tmp_path / 'rules', tmp_path / 'files'
    rules.mkdir()
    folder.mkdir()
    (rules / 'worst.ndb').write_text(f'Test.Worst:0:*:{WORST[name]}\n'
                                     f'Test.Marker:0:*:{MARKER.hex()}\n')
    (folder / 'a').write_bytes(b'a' * (8 << 20))
    (folder / 'zz-infected').write_bytes(MARKER)
    files, memory = scan(rules, folder, '--max-scan-time', '5')
    check_sane(files, memory)
    # Searched to its end, and nothing there, or said that it was not.
    assert files['a']['verdict'] == 'clean' or reasons(files['a']) & {
        'limit', 'timeout'}
    if name == 'alternatives':
        assert files['a']['verdict'] == 'unscanned'


# --- archives that are in themselves -----------------------------------------

def test_a_quine_is_one():
    """Else the tests below show nothing."""
    packed = quine.quine('gzip', MARKER)
    assert gzip.decompress(packed) == packed
    packed = quine.quine('zip', MARKER)
    with zipfile.ZipFile(io.BytesIO(packed)) as z:
        name, = z.namelist()
        assert z.read(name) == packed and z.testzip() is None


@pytest.mark.parametrize('kind', ['gzip', 'zip'])
def test_a_quine_ends_at_a_limit_and_is_searched(tmp_path, kind):
    """T-SBX-6: it is as deep as it is let be, and told at each depth."""
    rules, file = tmp_path / 'marker.ndb', tmp_path / 'file'
    rules.write_text(f'Test.Marker:0:*:{MARKER.hex()}\n')
    file.write_bytes(quine.quine(kind, MARKER))
    found, = run('scan', '-d', rules, '--format', 'json', '--all-matches',
                 '--max-depth', 5, file).files
    assert found['verdict'] == 'infected'
    depths = [len(d['where']) for d in found['detections']]
    assert depths == list(range(6))
    # Its size and checksum are right: nothing else is to be told.
    assert reasons(found) == {'limit'}
