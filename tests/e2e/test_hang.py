"""File systems that do not answer, and programs that are not ready: a scan
ends in its time, says what it left out, and finds the rest."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import BUILD, CANDOR, MARKER, SECOND, run

SERVER = Path(__file__).with_name('fuse_server.py')
MARK = MARKER.decode()
SECONDS = 3             # for one file
PATIENCE = 60           # far above the opener's ten seconds

needs_fuse = pytest.mark.skipif(
    os.geteuid() != 0 or not os.access('/dev/fuse', os.R_OK | os.W_OK),
    reason='only root can mount a FUSE file system here')


@contextlib.contextmanager
def mounted(point, tree, spec=None):
    point.mkdir(parents=True, exist_ok=True)
    spec = spec or point.with_suffix('.json')
    spec.write_text(json.dumps(tree))
    server = subprocess.Popen([sys.executable, SERVER, point, spec],
                              stdout=subprocess.PIPE)
    try:
        if server.stdout.readline() != b'ready\n':
            pytest.skip('FUSE cannot be mounted here')
        spec.unlink()
        yield server
    finally:
        # With its server the mount dies, and whoever waits for it goes on.
        server.kill()
        server.wait()
        subprocess.run(['umount', '-l', point], capture_output=True)


def started(database, *arguments):
    return subprocess.Popen(
        [CANDOR, 'scan', '-d', database, '--format', 'json', '-j', '2',
         '--max-scan-time', str(SECONDS), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(scan):
    """Its exit code and what it told of files, by name."""
    out, err = scan.communicate(timeout=PATIENCE)
    objects = [json.loads(line) for line in out.splitlines()]
    assert objects[-1]['type'] == 'summary', err
    files = {o['path']: o for o in objects if o['type'] == 'file'}
    return scan.returncode, files, objects[-1]


def reasons(file):
    return [u['reason'] for u in file.get('unscanned', [])]


# --- what is hung, and who is told -------------------------------------------

def tree(**hung):
    """A file before, what hangs, and files behind it."""
    spec = {'a': {'content': MARK}, 'h': {'content': MARK},
            'y/deep': {'content': MARK}, 'y': {}, 'z': {'content': MARK}}
    for path, what in hung.items():
        spec.setdefault(path if path != 'root' else '', {})['hang'] = what
    return spec


# What hangs; the file or folder that is told of; is "a" still found?
HANGS = {
    'lookup': (tree(h=['lookup']), 'h', True),
    'getattr': (tree(h=['getattr']), 'h', True),
    'open': (tree(h=['open']), 'h', True),
    'read': (tree(h=['read']), 'h', True),
    'flush': (tree(h=['flush']), 'h', True),
    'readdir': (tree(y=['readdir']), 'y', True),
    'opendir': (tree(y=['opendir']), 'y', True),
    'root-getattr': (tree(root=['getattr']), '', False),
    'root-statfs': (tree(root=['statfs']), '', False),
    'root-readdir': (tree(root=['readdir']), '', False),
}


@pytest.fixture(scope='module')
def hung(database, tmp_path_factory):
    """One scan for each of them, all at once."""
    base = tmp_path_factory.mktemp('hung')
    results = {}
    with contextlib.ExitStack() as stack:
        scans = {}
        for name, (spec, _, _) in HANGS.items():
            folder = base / name
            stack.enter_context(mounted(folder / 'm', spec))
            (folder / 'zz').write_bytes(MARKER)
            scans[name] = started(database, folder)
        for name, scan in scans.items():
            results[name] = ended(scan)
    return base, results


@needs_fuse
@pytest.mark.parametrize('name', HANGS)
def test_a_hung_mount_costs_itself_only(hung, name):
    base, results = hung
    code, files, summary = results[name]
    _, told, is_found_before = HANGS[name]
    assert code == 1
    point = base / name / 'm'
    # What is behind it, on a disk, is found.
    assert files[str(base / name / 'zz')]['verdict'] == 'infected'
    # What hung is told, as that.
    file = files[str(point / told) if told else str(point)]
    assert 'timeout' in reasons(file)
    if is_found_before:
        assert files[str(point / 'a')]['verdict'] == 'infected'
    # The rest of it is told, by its top, and nothing of it is clean.
    rest = {p: f for p, f in files.items() if p.startswith(str(point) + '/')}
    assert not [p for p, f in rest.items() if f['verdict'] == 'clean']
    if str(point / 'z') not in rest:
        assert 'timeout' in reasons(files[str(point)])
    assert summary['unscanned'] >= 1


@needs_fuse
def test_a_mount_that_answers_is_scanned(database, tmp_path):
    """Also where folders do not say what is in them, and a size lies."""
    spec = {'zero': {'content': MARK, 'size': 0}, 'empty': {'content': ''},
            'two/three/four': {'content': SECOND.decode(), 'type': False},
            'two/three': {'type': False}, 'two': {},
            'large': {'content': 'x' * 300_000 + MARK}}
    with mounted(tmp_path / 'm', spec):
        code, files, summary = ended(started(database, tmp_path))
        m = tmp_path / 'm'
        assert code == 1
        assert {p for p, f in files.items() if f['verdict'] == 'infected'} == {
            str(m / 'zero'), str(m / 'large'), str(m / 'two/three/four')}
        assert files[str(m / 'empty')]['verdict'] == 'clean'
        assert summary['unscanned'] == 0
        # By name too, and the links of a local folder lead there.
        (tmp_path / 'link').symlink_to('m/two')
        done = run('scan', '-d', database, '--no-summary', 'm/zero',
                   tmp_path / 'link', 'link/three/four', cwd=tmp_path)
        assert done.code == 1 and len(done.lines) == 3, done.out


@needs_fuse
def test_paths_given_by_name(database, tmp_path):
    """Each is told, and the mount is waited for once."""
    with mounted(tmp_path / 'm', tree(root=['statfs'])):
        (tmp_path / 'file').write_bytes(MARKER)
        begin = time.monotonic()
        paths = [tmp_path / 'm' / n for n in ('a', 'h', 'z')]
        code, files, _ = ended(started(database, *paths, tmp_path / 'file'))
        assert code == 1
        assert all(reasons(files[str(p)]) == ['timeout'] for p in paths)
        assert files[str(tmp_path / 'file')]['verdict'] == 'infected'
        assert time.monotonic() - begin < 2 * len(paths) * 10


@needs_fuse
@pytest.mark.parametrize('what', [['readdir'], ['statfs'], ['getattr'], []])
def test_a_mount_below_another(database, tmp_path, what):
    """The inner one hangs or not: the outer one is scanned all the same."""
    spec = {'a': {'content': MARK}, 'n': {}, 'z': {'content': MARK}}
    m = tmp_path / 'm'
    with mounted(m, spec), mounted(m / 'n', {'': {'hang': what},
                                             'in': {'content': MARK}},
                                   tmp_path / 'inner.json'):
        (tmp_path / 'zz').write_bytes(MARKER)
        code, files, _ = ended(started(database, tmp_path))
        assert code == 1
        for path in (m / 'a', m / 'z', tmp_path / 'zz'):
            assert files[str(path)]['verdict'] == 'infected'
        if what:
            assert reasons(files[str(m / 'n')]) == ['timeout']
            assert str(m / 'n/in') not in files
        else:
            assert files[str(m / 'n/in')]['verdict'] == 'infected'


@needs_fuse
def test_the_outer_of_two_mounts(database, tmp_path):
    """Who cannot get through the outer one does not see the inner one."""
    m = tmp_path / 'm'
    spec = {'': {}, 'n': {}}
    with mounted(m, spec) as outer, mounted(
            m / 'n', {'in': {'content': MARK}}, tmp_path / 'inner.json'):
        (tmp_path / 'zz').write_bytes(MARKER)
        os.kill(outer.pid, signal.SIGSTOP)
        code, files, _ = ended(started(database, tmp_path))
        assert code == 1
        assert files[str(tmp_path / 'zz')]['verdict'] == 'infected'
        assert reasons(files[str(m)]) == ['timeout']
        assert not [p for p, f in files.items() if f['verdict'] == 'clean']
        # Or the inner one could not be unmounted.
        outer.kill()


def without_proc(*arguments):
    command = shlex.join(str(a) for a in arguments)
    return subprocess.run(
        ['unshare', '-m', 'sh', '-c', f'umount -l /proc && exec {command}'],
        capture_output=True, timeout=PATIENCE)


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can unmount /proc')
def test_without_proc(database, tmp_path):
    """What is on a disk is scanned all the same."""
    (tmp_path / 'zz').write_bytes(MARKER)
    (tmp_path / 'clean').write_bytes(b'nothing here')
    done = without_proc(CANDOR, 'scan', '-d', database, '--format', 'json',
                        '--no-cache', tmp_path)
    files = {Path(o['path']).name: o['verdict']
             for o in map(json.loads, done.stdout.splitlines())
             if o['type'] == 'file'}
    assert done.returncode == 1, done.stderr
    assert files == {'zz': 'infected', 'clean': 'clean'}


@needs_fuse
def test_a_mount_without_proc(database, tmp_path):
    """What is not local cannot be opened then, and that is said."""
    with mounted(tmp_path / 'm', {'h': {'content': MARK}}):
        (tmp_path / 'zz').write_bytes(MARKER)
        done = without_proc(CANDOR, 'scan', '-d', database, '--format',
                            'json', '--no-cache', tmp_path)
        objects = [json.loads(line) for line in done.stdout.splitlines()]
        files = {o['path']: o for o in objects if o['type'] == 'file'}
        assert done.returncode == 1, done.stderr
        assert files[str(tmp_path / 'zz')]['verdict'] == 'infected'
        rest = [f for p, f in files.items()
                if p.startswith(str(tmp_path / 'm'))]
        assert rest and {f['verdict'] for f in rest} == {'unscanned'}


@needs_fuse
@pytest.mark.parametrize('what', ['getattr', 'read'])
def test_a_hung_scan_can_be_stopped(database, tmp_path, what):
    with mounted(tmp_path / 'm', tree(h=[what])):
        scan = subprocess.Popen([CANDOR, 'scan', '-d', database, tmp_path],
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)
        time.sleep(1.5)     # by now it waits; if not, the test is easier
        scan.send_signal(signal.SIGTERM)
        out, _ = scan.communicate(timeout=8)
        assert b'Incomplete' in out


# --- a worker that is never ready --------------------------------------------

@pytest.fixture
def programs(tmp_path):
    """A copy of the programs, one of which can be exchanged."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    for name in ('candor', 'candor-opener', 'candor-compile'):
        shutil.copy(BUILD / 'bin' / name, folder / name)
    return folder


def exchange(programs, name, script):
    (programs / name).write_text(f'#!/bin/sh\n{script}\n')
    (programs / name).chmod(0o755)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_for_a_worker(database, tmp_path, programs,
                                             number):
    exchange(programs, 'candor-worker', 'exec sleep 1000')
    (tmp_path / 'file').write_bytes(MARKER)
    scan = subprocess.Popen(
        [programs / 'candor', 'scan', '-d', database, tmp_path / 'file'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    scan.send_signal(number)
    out, err = scan.communicate(timeout=10)
    assert scan.returncode == 2
    assert b'Incomplete' in out
    assert b'canceled' not in err.lower()


def test_a_worker_that_is_never_ready(database, tmp_path, programs):
    exchange(programs, 'candor-worker', 'exec sleep 1000')
    (tmp_path / 'file').write_bytes(MARKER)
    done = subprocess.run(
        [programs / 'candor', 'scan', '-d', database, tmp_path / 'file'],
        capture_output=True, timeout=50)
    assert done.returncode == 2
    assert b'not ready after 20 s' in done.stderr


@needs_fuse
def test_an_opener_that_is_never_ready(database, tmp_path, programs):
    exchange(programs, 'candor-opener', 'exec sleep 1000')
    shutil.copy(BUILD / 'bin/candor-worker', programs)
    (tmp_path / 'zz').write_bytes(MARKER)
    with mounted(tmp_path / 'm', tree()):
        done = subprocess.run(
            [programs / 'candor', 'scan', '-d', database, '--no-summary',
             tmp_path / 'm', tmp_path / 'zz'],
            capture_output=True, timeout=PATIENCE)
        assert b'/m: timeout' in done.stdout
        # Without an opener what is not on the mount of "/" cannot be opened.
        is_near = os.stat(tmp_path).st_dev == os.stat('/').st_dev
        assert done.returncode == (1 if is_near else 2)
        assert (b'zz: Test.Marker' if is_near else b'zz: timeout') in done.stdout
