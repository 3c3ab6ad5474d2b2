"""What a signature may ask of an object besides its bytes, each attribute.

Every expectation here was clamscan's answer; where clamscan is installed, it
is asked again.
"""
# SPDX-License-Identifier: Apache-2.0
import gzip
import io
import shutil
import subprocess
import tarfile
import zipfile

import pytest

from conftest import run

MARK = b'abcdefgh'
DATA = b'\1\2\xff' + MARK + b'\xfe' * 9
TEXT = b'hello plain text abcdefgh more\n'
PAGE = b'<html><body>abcdefgh</body></html>\n'


def packed(content, name='a'):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        z.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.USTAR_FORMAT) as t:
        info = tarfile.TarInfo('a')
        info.size = len(content)
        t.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue())


def signature(name, attributes, logic='0;' + MARK.hex()):
    return f'{name};Engine:51-255,{attributes};{logic}\n'


def found(folder, signatures, files):
    """{file: names of signatures}, from both scanners where there are two."""
    database, scanned = folder / 'db', folder / 'files'
    database.mkdir()
    scanned.mkdir()
    (database / 'test.ldb').write_text(''.join(signatures))
    for name, content in files.items():
        (scanned / name).write_bytes(content)
    result = run('scan', '-d', database, '--format', 'clamscan', '--no-summary',
                 '--all-matches', scanned)
    ours = parsed(result.out.decode(), files)
    if shutil.which('clamscan'):
        done = subprocess.run(
            ['clamscan', '-z', '--no-summary', '-d', database, '-r', scanned],
            capture_output=True, timeout=120)
        assert ours == parsed(done.stdout.decode(), files)
    return ours


def parsed(lines, files):
    names = {file: set() for file in files}
    for line in lines.splitlines():
        if line.endswith(' FOUND'):
            path, name = line[:-len(' FOUND')].rsplit(': ', 1)
            names[path.rsplit('/', 1)[1]].add(name.removesuffix('.UNOFFICIAL'))
    return names


KINDS = ['ANY', 'ZIP', 'GZ', 'POSIX_TAR', 'TEXT_ASCII', 'HTML', 'BINARY_DATA']


@pytest.mark.parametrize('target, content', [(0, DATA), (7, TEXT), (3, PAGE)])
def test_container(tmp_path, target, content):
    """The parent; a normalised view has that of what it is a view of."""
    signatures = [signature(k, f'Target:{target},Container:CL_TYPE_{k}') for k in KINDS]
    assert found(tmp_path, signatures, {
        'plain': content,
        'zip': packed(content),
        'gz': gzip.compress(content),
        'tgz': tarred(content),
    }) == {
        'plain': {'ANY'},
        'zip': {'ZIP'},
        'gz': {'GZ'},
        # a text in a tar is in its raw bytes as well, but they are no text
        'tgz': {'POSIX_TAR', 'GZ'} if target == 0 else {'POSIX_TAR'},
    }


def intermediates(*chains):
    return [signature(c, 'Target:0,Intermediates:' +
                      '>'.join('CL_TYPE_' + k for k in c.split('/')))
            for c in chains]


def test_intermediates(tmp_path):
    """The last is the parent; "any" takes no place, but has to have one."""
    right = ['ZIP', 'GZ/ZIP', 'ZIP/GZ/ZIP', 'GZ/ZIP/ANY', 'ANY/ZIP', 'GZ/ANY/ZIP',
             'ANY/ANY/ZIP', 'ANY', 'ANY/ANY/ANY', 'ZIP/ANY/ANY']
    wrong = ['GZ', 'ZIP/GZ', 'ZIP/ZIP', 'ANY/ZIP/GZ/ZIP', 'ANY/ANY/ANY/ANY', 'GZ/ANY/ANY',
             'ZIP/ANY/GZ', 'TEXT_ASCII']
    files = {'file': packed(gzip.compress(packed(DATA)))}
    assert found(tmp_path, intermediates(*right, *wrong), files) == {'file': set(right)}


def test_intermediates_of_the_file_itself(tmp_path):
    """Nothing is above it, not even anything."""
    files = {'data': DATA, 'text': TEXT}
    assert found(tmp_path, intermediates('ANY', 'BINARY_DATA', 'TEXT_ASCII'), files) == \
        {'data': set(), 'text': set()}
