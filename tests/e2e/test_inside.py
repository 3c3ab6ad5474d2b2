"""Archives inside files that are none: self-extracting files, polyglots."""
# SPDX-License-Identifier: Apache-2.0
import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest

from conftest import ROOT, run

EICAR = b'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR' \
        b'-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'
HOLDERS = {
    'script': b'#!/bin/sh\nsed 1,3d "$0" | tar xz\nexit\n',
    'text': b'some words\n' * 50,
    'page': b'<html><body>x</body></html>\n',
    'picture': b'GIF89a\1\0\1\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;',
    'png': b'\x89PNG\r\n\x1a\n' + bytes(60),
    'zeros': bytes(5000),
    'stub': b'MZ' + bytes(200),
    'exe': (ROOT / 'tests/corpus/engine/32.exe').read_bytes(),
    'elf': Path('/bin/true').read_bytes(),
    'pdf': b'%PDF-1.4\n%%EOF\n',
}


def zip_of(data, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', method) as z:
        z.writestr('eicar.com', data)
    return out.getvalue()


def packed(folder):
    yield 'zip', zip_of(EICAR)
    yield 'stored', zip_of(EICAR, zipfile.ZIP_STORED)
    yield 'gz', gzip.compress(EICAR)
    yield 'xz', lzma.compress(EICAR)
    yield 'bz2', bz2.compress(EICAR)
    (folder / 'eicar.com').write_bytes(EICAR)
    for program, name in (('7z a', 'e.7z'), ('gcab -c', 'e.cab'), ('arj a', 'e.arj')):
        if shutil.which(program.split()[0]):
            subprocess.run(f'{program} {name} eicar.com', shell=True, cwd=folder,
                           check=True, capture_output=True)
            yield name[2:], (folder / name).read_bytes()


def test_archives_behind_anything(tmp_path):
    """However a file begins, an archive further in is opened."""
    make, scan = tmp_path / 'make', tmp_path / 'scan'
    make.mkdir()
    scan.mkdir()
    for kind, data in packed(make):
        for holder, head in HOLDERS.items():
            (scan / f'{holder}-{kind}').write_bytes(head + data)
            (scan / f'{holder}-{kind}-more').write_bytes(head + data + b'and more' * 9)
        (scan / f'zip-{kind}').write_bytes(zip_of(b'clean') + data)
    files = run('scan', '--format', 'json', scan).files
    assert len(files) > 90
    # a gzip member that goes on is whole; others say what they lack
    assert [f['path'] for f in files if f['verdict'] != 'infected'] == []


def test_a_lying_header_hides_nothing(tmp_path):
    """What seems to be an archive and holds nothing does not cover the next."""
    empty_7z = bytes.fromhex('377abcaf271c00048d9bd50f') + bytes(20)
    fake_gz = bytes.fromhex('1f8b0800000000000003')
    big = bytes(100) + empty_7z + bytes(100) + fake_gz + bytes(100)
    (tmp_path / 'file').write_bytes(big + zip_of(EICAR))
    assert run('scan', tmp_path / 'file').code == 1


def test_what_follows_a_file_inside_is_looked_at_once(tmp_path):
    """It is the outer file's, and not what follows an archive once more."""
    words = b'\xfe\xff' + 'no text\ud800'.encode('utf-16be', 'surrogatepass')
    one = gzip.compress(b'clean') + words
    holder = Path('/bin/true').read_bytes()
    (tmp_path / 'many').write_bytes(holder + one * 9)
    (tmp_path / 'infected').write_bytes(holder + one + EICAR + one + gzip.compress(EICAR))
    assert run('scan', tmp_path / 'many').code == 0
    assert run('scan', tmp_path / 'infected').code == 1
    told = run('explain', tmp_path / 'many').out.decode()
    assert told.count('embedded') == 9 and 'trailing' not in told


def test_the_magic_of_a_program_that_packs(tmp_path):
    """Ten bytes that nothing follows are no file and no obstacle."""
    (tmp_path / 'file').write_bytes(
        Path('/bin/true').read_bytes() + bytes.fromhex('1f8b08000000000000ff') +
        b'gzip: invalid header' + b'\x1f\x8b\x08\x08abcd\2\3name.gz\0' + b'\xff' * 40)
    assert run('scan', tmp_path / 'file').code == 0


@pytest.mark.parametrize('holder', ['zeros', 'exe'])
def test_many_are_all_looked_at(tmp_path, holder):
    """There is no number after which the rest is left out."""
    one = gzip.compress(b'clean')
    many = b''.join(b'-' * 100 + one for _ in range(300))
    (tmp_path / 'file').write_bytes(HOLDERS[holder] + many + b'-' * 3 + gzip.compress(EICAR))
    result = run('scan', '--format', 'json', tmp_path / 'file')
    assert result.files[0]['verdict'] == 'infected'


def test_many_cost_no_more_than_a_few(tmp_path):
    """Each might reach to the end of the file; together they must not."""
    one = gzip.compress(os.urandom(40))
    many = b''.join(b'-' * 100 + one for _ in range(20000))
    (tmp_path / 'file').write_bytes(bytes(20 << 20) + many + gzip.compress(EICAR))
    assert run('scan', tmp_path / 'file', timeout=30).code == 1


def test_stored_members_do_not_use_up_the_places(tmp_path):
    """What the opener told is forgotten, and what follows is still found."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for i in range(400):
            z.writestr(f'{i}.gz', gzip.compress(b'clean'))
    (tmp_path / 'file').write_bytes(out.getvalue() + gzip.compress(EICAR))
    assert run('scan', tmp_path / 'file').code == 1


def test_across_the_windows_of_a_large_file(tmp_path):
    """The header stands on the seam of two reads."""
    data = zip_of(EICAR)
    for off in (1 << 20, 33 << 20):
        for before in (1, 2, 20, 40):
            path = tmp_path / f'{off}-{before}'
            with open(path, 'wb') as f:
                f.truncate(40 << 20)
                f.seek(off - before)
                f.write(data)
    files = run('scan', '--format', 'json', tmp_path).files
    assert [f['path'] for f in files if f['verdict'] != 'infected'] == []


@pytest.mark.parametrize('head', [b'PK', b'\x1f\x8b\x08\x08'])
def test_a_name_that_says_ustar(tmp_path, head):
    """Five letters at 257 make no tar of what begins as something else."""
    if head == b'PK':
        out = io.BytesIO()
        with zipfile.ZipFile(out, 'w') as z:
            z.writestr('A' * 227 + 'ustar' + 'A' * 300, EICAR)
        data = out.getvalue()
    else:
        data = head + bytes(5) + b'\3' + b'A' * 247 + b'ustar' + b'A' * 300 + b'\0'
        data += gzip.compress(EICAR)[10:]
    (tmp_path / 'file').write_bytes(data)
    assert data[257:262] == b'ustar'
    assert run('scan', tmp_path / 'file').code == 1


def test_every_cut_of_an_ar_archive(tmp_path):
    """What stops inside a header is not clean."""
    (tmp_path / 'member').write_bytes(EICAR)
    subprocess.run(['ar', 'rc', 'whole.a', 'member'], cwd=tmp_path, check=True)
    whole = (tmp_path / 'whole.a').read_bytes()
    (tmp_path / 'member').unlink()
    for size in range(9, len(whole) - 1):
        (tmp_path / f'cut-{size}').write_bytes(whole[:size])
    files = run('scan', '--format', 'json', tmp_path).files
    assert [f['path'] for f in files if f['verdict'] == 'clean'] == []


def test_programs_and_documents_in_a_program(tmp_path):
    """Behind the image or anywhere in it, each to where the next begins."""
    exe = HOLDERS['exe']
    document = bytes.fromhex('d0cf11e0a1b11ae1') + bytes(16) + \
        bytes.fromhex('3e000300feff0900') + bytes(480)
    (tmp_path / 'file').write_bytes(exe + b'some bytes' + exe + document + exe + EICAR)
    lines = run('explain', tmp_path / 'file').out.decode().splitlines()
    inside = [line.split('(')[1].split(',')[0] for line in lines if '  embedded  ' in line]
    assert inside == ['pe', 'ole2', 'pe']


def test_an_archive_far_behind_a_program(tmp_path):
    """No distance is too far."""
    with open(tmp_path / 'file', 'wb') as out:
        out.write(HOLDERS['exe'])
        out.truncate(100 << 20)
        out.seek(0, 2)
        out.write(zip_of(EICAR) + b'more')
    assert run('scan', tmp_path / 'file').code == 1


def zip_with(before=b'', extra=b'', name=b'eicar.com', version=20, flags=0,
             rest=b''):
    """What a reader of the directory opens, behind those bytes; rest is its
    comment.  The local header says what it says."""
    packed = zlib.compress(EICAR)[2:-4]
    local = struct.pack('<4s5H3I2H', b'PK\3\4', version, flags, 8, 0, 0x5421,
                        zlib.crc32(EICAR), len(packed), len(EICAR), len(name),
                        len(extra)) + name + extra
    entry = struct.pack('<4s6H3I5H2I', b'PK\1\2', 20, 20, 0, 8, 0, 0x5421,
                        zlib.crc32(EICAR), len(packed), len(EICAR), len(name),
                        0, 0, 0, 0, 0, len(before)) + name
    return (before + local + packed + entry +
            struct.pack('<4s4H2IH', b'PK\5\6', 0, 0, 1, 1, len(entry),
                        len(before) + len(local) + len(packed), len(rest)) +
            rest)


def archives(folder):
    """Of a clean file, by whatever makes them."""
    (folder / 'clean').write_bytes(b'nothing here\n' * 10)
    for name, command in (('a.7z', '7z a -bd a.7z clean'),
                          ('a.arj', 'arj a -i a.arj clean'),
                          ('a.tar', 'tar cf a.tar clean'),
                          ('a.cpio', 'echo clean | cpio -o -H newc > a.cpio'),
                          ('a.gz', 'gzip -c clean > a.gz'),
                          ('a.zst', 'zstd -q clean -o a.zst')):
        done = subprocess.run(command, shell=True, cwd=folder,
                              capture_output=True)
        if done.returncode == 0:
            yield name, (folder / name).read_bytes()


def test_zip_behind_any_archive(tmp_path):
    """Readers of ZIP look at the end, and run or open what stands there."""
    count = 0
    for name, content in archives(tmp_path):
        (tmp_path / 'both').write_bytes(zip_with(content))
        done = run('scan', tmp_path / 'both')
        assert done.code == 1, (name, done.out)
        count += 1
    assert count >= 3


@pytest.mark.parametrize('odd', [
    dict(version=0xff), dict(flags=0x8000), dict(extra=b'AAAAAAAA'),
    dict(name=b'\1evil'), dict(name=b'')])
@pytest.mark.parametrize('holder', ['script', 'stub', 'picture'])
def test_zip_whose_directory_counts(tmp_path, holder, odd):
    (tmp_path / 'f').write_bytes(zip_with(HOLDERS[holder], **odd))
    assert run('scan', tmp_path / 'f').code == 1


def test_zip_in_what_is_no_member(tmp_path):
    """A skippable frame of zstd, and the rest a comment."""
    done = subprocess.run(['zstd', '-q', '-c'], input=b'clean', check=True,
                          capture_output=True).stdout
    size = len(zip_with(b'12345678', rest=done)) - 8 - len(done)
    head = struct.pack('<II', 0x184d2a50, size)
    (tmp_path / 'f').write_bytes(zip_with(head, rest=done))
    assert run('scan', tmp_path / 'f').code == 1


def test_zip_that_is_a_member_is_told_once(tmp_path):
    (tmp_path / 'in.zip').write_bytes(zip_of(EICAR))
    subprocess.run(['tar', 'cf', 'f.tar', 'in.zip'], cwd=tmp_path, check=True)
    told = run('explain', tmp_path / 'f.tar').out.decode()
    assert 'in.zip' in told and 'eicar.com' in told and 'embedded' not in told


def test_7z_without_its_start_is_not_clean(tmp_path):
    """7-Zip extracts it, with a warning."""
    if shutil.which('7z') is None:
        pytest.skip('p7zip-full is not installed')
    (tmp_path / 'clean').write_bytes(b'nothing here\n' * 10)
    subprocess.run(['7z', 'a', '-bd', 'a.7z', 'clean'], cwd=tmp_path,
                   check=True, capture_output=True)
    whole = (tmp_path / 'a.7z').read_bytes()
    (tmp_path / 'a.7z').write_bytes(whole[:8] + bytes(24) + whole[32:])
    assert run('scan', tmp_path / 'a.7z').code == 2


def test_a_disc_that_is_udf_as_well_is_not_clean(tmp_path):
    if shutil.which('genisoimage') is None:
        pytest.skip('genisoimage is not installed')
    (tmp_path / 'in').mkdir()
    (tmp_path / 'in/clean.txt').write_bytes(b'nothing here\n')
    for more, code in ([], 0), (['-udf'], 2):
        subprocess.run(['genisoimage', '-quiet', '-R', *more, '-o', 'd.iso',
                        'in'], cwd=tmp_path, check=True)
        assert run('scan', tmp_path / 'd.iso').code == code
