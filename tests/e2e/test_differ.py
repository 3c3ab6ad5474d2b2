"""What random tries against clamscan 1.4.6 brought up (tests/bench/differ.py):
small signatures and files, and whether clamscan finds them."""
# SPDX-License-Identifier: Apache-2.0
import gzip
import shutil
import subprocess

import pytest

from conftest import run

DATA = bytes(range(1, 9)) + b'\xff\xfe\x80' * 4 + b'marker' + bytes(9)
MARKER = b'marker'.hex()

CASES = [  # kind, signature, file, found
    ('ldb', f'S;Target:14;0;{MARKER}', DATA, True),
    ('ldb', f'S;Target:14;0;{MARKER}', b'\xed\xab\xee\xdb' + DATA, True),
    # Text with a mark may hold what other text does not.
    ('ldb', f'S;Target:7;0;{MARKER}', b'\xff\xfe\0\0' + 'marker'.encode('utf-32-le'),
     True),
    # FileSize is the file's, of text too.
    ('ldb', f'S;Engine:51-255,Target:7,FileSize:16-16;0;2020{MARKER}',
     b'text    a marker', False),
    ('ldb', f'S;Engine:51-255,Target:7,FileSize:16-16;0;2061??{MARKER}',
     b'text    a marker', True),
    ('ldb', f'S;Engine:51-255,Target:7,FileSize:13-13;0;2061??{MARKER}',
     b'text    a marker', False),
    # At the end of a file (B), (L) and (W) hold, wherever they stand in a part.
    ('ldb', f'S;Target:0;0;{MARKER}(L)::f', b'\1\2\3.marker', True),
    ('ldb', f'S;Target:0;0;{MARKER}(L)(W)', b'\1\2\3.marker\r\n', True),
    ('ldb', f'S;Target:0;0;{MARKER}!(L)(B)', b'\1\2\3.marker\r\n.', False),
    ('ldb', f'S;Target:0;0;{MARKER}!(W)(B)', b'\1\2\3.marker', True),
    ('ldb', f'S;Target:0;0;{MARKER}(W)61', b'\1\2\3.marker', False),
    # !(B), !(L) take a byte at the front: the part begins there.
    ('ndb', f'S:0:3:!(B){MARKER}', b'\1\2\3Amarker', True),
    ('ndb', f'S:0:4:!(B){MARKER}', b'\1\2\3Amarker', False),
    ('ndb', f'S:0:3:(B){MARKER}', b'\1\2\3.marker', False),
    ('ndb', f'S:0:4:(B){MARKER}', b'\1\2\3.marker', True),
    ('ldb', f'S;Target:14;0;{MARKER}', b'MZ' + DATA, False),
    ('ldb', f'S;Target:14;0;{MARKER}', b'a text with a marker', False),
]


@pytest.mark.parametrize('kind, line, content, is_found', CASES)
def test_as_clamscan(tmp_path, kind, line, content, is_found):
    (tmp_path / f's.{kind}').write_text(line + '\n')
    (tmp_path / 'file').write_bytes(content)
    done = run('scan', '--no-cache', '-z', '--format', 'clamscan', '--no-summary', '-d',
               tmp_path / f's.{kind}', tmp_path / 'file')
    assert b' error: ' not in done.err
    assert (b'FOUND' in done.out) == is_found


def odc(name, content, device=b'000001'):
    """A member of an old cpio archive."""
    return (b'070707' + device + b'000001' + b'100644' + b'000000' * 3 +
            b'000001' + b'%011o' % 0 + b'%06o' % (len(name) + 1) +
            b'%011o' % len(content) + name + b'\0' + content)


@pytest.mark.parametrize('device, verdict', [(b'000001', b'FOUND'),
                                             (b'\0' * 6, b'ERROR')])
def test_cpio_is_not_clean_where_a_header_is_odd(tmp_path, device, verdict):
    """GNU cpio gives all members; libarchive passes over one without a word."""
    (tmp_path / 's.ndb').write_text(f'S:7:*:{MARKER}\n')
    (tmp_path / 'x.cpio').write_bytes(odc(b'a', b'the first\n') +
                                      odc(b'b', b'MARKER\n', device) +
                                      odc(b'TRAILER!!!', b'') + bytes(300))
    done = run('scan', '--no-cache', '--format', 'clamscan', '--no-summary', '-d',
               tmp_path / 's.ndb', tmp_path / 'x.cpio')
    assert verdict in done.out + done.err


def test_disk_images_are_found_anywhere(tmp_path):
    if shutil.which('genisoimage') is None:
        pytest.skip('genisoimage is not installed')
    (tmp_path / 's.ndb').write_text(f'S:7:*:{MARKER}\n')
    (tmp_path / 'member').write_bytes(b'MARKER\n')
    subprocess.run(['genisoimage', '-quiet', '-o', 'x.iso', 'member'], cwd=tmp_path,
                   check=True)
    (tmp_path / 'x').write_bytes(b'some words\n' + (tmp_path / 'x.iso').read_bytes())
    done = run('scan', '--no-cache', '--format', 'clamscan', '--no-summary', '-d',
               tmp_path / 's.ndb', tmp_path / 'x')
    assert b'FOUND' in done.out


def test_disk_images_hide_nothing(tmp_path):
    """genisoimage -hide leaves a file out of the folders, not of the image."""
    if shutil.which('genisoimage') is None:
        pytest.skip('genisoimage is not installed')
    (tmp_path / 's.ndb').write_text(f'S:7:*:{MARKER}\n')
    (tmp_path / 'in').mkdir()
    (tmp_path / 'in/hidden.gz').write_bytes(gzip.compress(b'MARKER\n'))
    (tmp_path / 'in/seen').write_bytes(b'nothing\n')
    subprocess.run(['genisoimage', '-quiet', '-hide', 'hidden.gz', '-o', 'x.iso', 'in'],
                   cwd=tmp_path, check=True)
    done = run('scan', '--no-cache', '--format', 'clamscan', '--no-summary', '-d',
               tmp_path / 's.ndb', tmp_path / 'x.iso')
    assert b'FOUND' in done.out
