"""candor explain: why a file got its verdict."""
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess
import tarfile
import zipfile

import pytest

from conftest import HASHED, MARKER, SECOND, run


@pytest.fixture
def explain(database):
    return lambda *a, **k: run('explain', '-d', database, *a, **k)


def test_it_shows_rule_place_and_bytes(explain, tmp_path):
    (tmp_path / 'f').write_bytes(b'before: ' + MARKER + b' :after')
    done = explain(tmp_path / 'f')
    text = done.out.decode()
    assert done.code == 1
    assert f'{tmp_path}/f: infected' in text
    assert 'test.ndb:1' in text
    assert f'Test.Marker:0:*:{MARKER.hex()}' in text
    assert f'at byte 8, {len(MARKER)} bytes' in text
    # What matched is in brackets, with what stands around it.
    assert '62 65 66 6f 72 65 3a 20[63 61 6e 64' in text
    assert '|before: candor e|' in text
    assert '73 73]20 3a 61 66 74 65 ' in text


def test_every_string_of_a_rule_is_shown(explain, tmp_path):
    (tmp_path / 'f').write_bytes(MARKER + b'--' + SECOND)
    text = explain(tmp_path / 'f').out.decode()
    both = text[text.index('Test.Both'):]
    assert 'string 0 at byte 0' in both
    assert f'string 1 at byte {len(MARKER) + 2}' in both


def test_it_walks_into_containers(explain, tmp_path):
    (tmp_path / 'bad').write_bytes(MARKER)
    (tmp_path / 'ok').write_bytes(b'nothing here')
    with zipfile.ZipFile(tmp_path / 'in.zip', 'w') as z:
        z.write(tmp_path / 'ok', 'ok')
        z.write(tmp_path / 'bad', 'bad')
    with tarfile.open(tmp_path / 'out.tar', 'w') as t:
        t.add(tmp_path / 'in.zip', 'in.zip')
    text = explain(tmp_path / 'out.tar').out.decode()
    walk = text[text.index('The walk'):text.index('1. Test')]
    assert re.search(r'^ +0  \S+out\.tar  \(tar, ', walk, re.M)
    assert re.search(r'^ +\d+    in\.zip  \(zip, ', walk, re.M)
    assert re.search(r'^ +\d+      ok  \(', walk, re.M)
    assert 'out.tar -> in.zip -> bad' in text
    assert '[63 61 6e 64 6f 72 ' in text


def test_what_was_not_looked_at_is_in_the_walk(explain, tmp_path):
    (tmp_path / 'member').write_bytes(b'x' * 1000)
    subprocess.run(['zip', '-q', '-j', '-P', 'secret', tmp_path / 'f.zip',
                    tmp_path / 'member'], check=True)
    done = explain(tmp_path / 'f.zip')
    assert done.code == 2
    assert re.search(rb'member  \(.*UNSCANNED: encrypted\n', done.out)
    assert explain('--password', 'secret', tmp_path / 'f.zip').code == 0


def test_hashes_have_no_bytes_to_show(explain, tmp_path):
    (tmp_path / 'f').write_bytes(HASHED)
    done = explain(tmp_path / 'f')
    assert done.code == 1
    assert b'Test.Hash  (hash)' in done.out
    assert b'    hit ' not in done.out


def test_clean_stdin_absent_and_folder(explain, tmp_path):
    assert explain('-', stdin=b'clean').code == 0
    assert explain('-', stdin=MARKER).code == 1
    assert explain(tmp_path / 'absent').code == 2
    assert explain(tmp_path).code == 64
    assert explain().code == 64


def test_report_is_one_harmless_page(explain, tmp_path):
    bad = tmp_path / '<script>x'
    bad.write_bytes(b'<script>"' + MARKER)
    page = tmp_path / 'page.html'
    assert explain('--report', page, bad).code == 1
    text = page.read_text()
    assert 'Test.Marker' in text and '<mark>' in text
    assert '<script' not in text
    assert not re.search(r'(src|href)\s*=|url\(|https?:|@import', text)
