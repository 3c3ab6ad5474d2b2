"""What a machine in a bad way, or a wrong command, must not turn into clean."""
# SPDX-License-Identifier: Apache-2.0
import os
import shlex
import subprocess

import pytest

from conftest import CANDOR, MARKER, run


@pytest.mark.parametrize('name, text', [
    ('empty.ndb', ''),
    ('comments.ldb', '# nothing here\n'),
    ('notes.txt', 'this is no signature\n'),
    ('bad.ndb', 'Only.A.Bad.Line:0:*:zz\n'),
])
def test_no_signature_at_all(tmp_path, name, text):
    """Where there is nothing to look for, nothing was found clean."""
    (tmp_path / name).write_text(text)
    (tmp_path / 'file').write_bytes(MARKER)
    done = run('scan', '-d', tmp_path / name, tmp_path / 'file')
    assert done.code == 2
    assert b'no signatures' in done.err


def mounts():
    """May we make a file system of our own here?"""
    return subprocess.run(['unshare', '-rm', 'true'], capture_output=True).returncode == 0


@pytest.mark.skipif(not mounts(), reason='no user namespaces')
@pytest.mark.parametrize('state', [
    'mount -o remount,ro "$XDG_CACHE_HOME"',
    'dd if=/dev/zero of="$XDG_CACHE_HOME/full" bs=4k 2>/dev/null; true',
])
def test_a_cache_that_cannot_be_written(tmp_path, state):
    """A read-only or full disk is no reason not to scan."""
    cache = tmp_path / 'cache'
    cache.mkdir()
    (tmp_path / 'a.ndb').write_text(f'Test.Marker:0:*:{MARKER.hex()}\n')
    (tmp_path / 'file').write_bytes(MARKER)
    # an input that changed a moment ago is not remembered at all
    os.utime(tmp_path / 'a.ndb', (1, 1))
    command = ' '.join(shlex.quote(str(w)) for w in
                       (CANDOR, 'scan', '-d', tmp_path / 'a.ndb', tmp_path / 'file'))
    script = f'''mount -t tmpfs -o size=64k none "$XDG_CACHE_HOME" &&
        mkdir -m 700 "$XDG_CACHE_HOME/candor" && {state} && sleep 3 && {command}'''
    done = subprocess.run(['unshare', '-rm', 'sh', '-c', script], capture_output=True,
                          env={**os.environ, 'XDG_CACHE_HOME': str(cache)}, timeout=60)
    assert done.returncode == 1, done.stderr
    assert b'Test.Marker' in done.stdout
