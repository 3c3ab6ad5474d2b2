"""What random tries against clamscan 1.4.6 brought up (tests/bench/differ.py):
small signatures and files, and whether clamscan finds them."""
# SPDX-License-Identifier: Apache-2.0
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
