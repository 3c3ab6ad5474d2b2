"""What the end-to-end tests share: the built program and a few signatures."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reach import NOBODY, reachable  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = reachable(Path(os.environ.get('CANDOR_BUILD', ROOT / 'build')).resolve())
BUILT = Path(os.environ.get('CANDOR_OBJECTS', BUILD))   # with the objects
CANDOR = str(BUILD / 'bin/candor')
MARKER = b'candor end-to-end marker: harmless'
SECOND = b'candor end-to-end: another one'
UNWANTED = b'candor end-to-end: not wanted'


class Run:
    """How a command ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def lines(self):
        return self.out.split(b'\n')[:-1]

    @property
    def objects(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def files(self):
        return [o for o in self.objects if o['type'] == 'file']

    @property
    def summary(self):
        last = self.objects[-1]
        assert last['type'] == 'summary'
        return last


@pytest.fixture(scope='session', autouse=True)
def private_cache(tmp_path_factory):
    """Databases compiled on the fly must not come from another build."""
    os.environ['LC_ALL'] = 'C'
    os.environ['XDG_CACHE_HOME'] = str(tmp_path_factory.mktemp('cache'))


def run(*arguments, stdin=b'', timeout=120, **more):
    done = subprocess.run([CANDOR, *map(os.fsencode, map(_path, arguments))],
                          input=stdin, capture_output=True, timeout=timeout,
                          **more)
    return Run(done.returncode, done.stdout, done.stderr)


def _path(argument):
    return argument if isinstance(argument, bytes) else str(argument)


def run_as_nobody(*arguments, more_env=None, **more):
    """As an ordinary user, also where the tests are run by root."""
    more_env = more_env or {}
    if os.geteuid() != 0:
        return run(*arguments, env={**os.environ, **more_env}, **more)
    return run(*arguments, env={'PATH': os.environ['PATH'], **more_env},
               user=NOBODY, group=NOBODY, extra_groups=[], **more)


@pytest.fixture(scope='session')
def signatures(tmp_path_factory):
    """A folder of signatures of several kinds."""
    folder = tmp_path_factory.mktemp('signatures')
    folder.chmod(0o755)
    (folder / 'test.ndb').write_text(
        f'Test.Marker:0:*:{MARKER.hex()}\n'
        f'Test.Second:0:*:{SECOND.hex()}\n')
    (folder / 'test.ndu').write_text(
        f'PUA.Test.Unwanted:0:*:{UNWANTED.hex()}\n')
    (folder / 'test.ldb').write_text(
        'Test.Both;Engine:51-255,Target:0;0&1;'
        f'{MARKER.hex()};{SECOND.hex()}\n')
    (folder / 'test.hdb').write_text(
        # the MD5 of b'candor: found by its hash\n'
        f'{_md5(HASHED)}:{len(HASHED)}:Test.Hash\n')
    return folder


HASHED = b'candor: found by its hash\n'


def _md5(content):
    import hashlib
    return hashlib.md5(content).hexdigest()


@pytest.fixture(scope='session')
def database(signatures, tmp_path_factory):
    """The same, compiled."""
    folder = tmp_path_factory.mktemp('database')
    folder.chmod(0o755)
    # Folders above are private to whoever runs the tests; nobody must pass.
    for above in folder.parents:
        if above.stat().st_uid == os.geteuid() and above != Path('/'):
            above.chmod(above.stat().st_mode | 0o055)
        if above.name.startswith('pytest-of-'):
            break
    out = folder / 'test.cand'
    done = run('db', 'build', '-o', out, signatures)
    assert done.code == 0, done.err
    return out


@pytest.fixture
def files(tmp_path):
    """A clean file and an infected one, for whoever asks a daemon."""
    folder = tmp_path / 'files'
    folder.mkdir()
    (folder / 'good').write_bytes(b'nothing here')
    (folder / 'bad').write_bytes(b'before ' + MARKER)
    for above in [folder, *folder.parents][:4]:
        above.chmod(0o755)
    return folder
