"""candor scan looks at a file again exactly when it has to."""
# SPDX-License-Identifier: Apache-2.0
import mmap
import os
import subprocess
import time

import pytest

from conftest import MARKER, NOBODY, run, run_as_nobody

QUIET = 3.2  # more than VERDICTS_QUIET, whole seconds counted


@pytest.fixture
def cache(tmp_path):
    """A cache of the test's own, and a folder on a disk that is trusted."""
    kind = subprocess.run(['stat', '-f', '-c', '%T', tmp_path],
                          capture_output=True).stdout.strip()
    device = os.stat(tmp_path).st_dev
    if kind not in (b'ext2/ext3', b'xfs') or not os.path.exists(
            f'/sys/dev/block/{os.major(device)}:{os.minor(device)}'):
        pytest.skip('temporary files are not on a disk that is trusted')
    (tmp_path / 'cache').mkdir()
    return tmp_path / 'cache'


@pytest.fixture
def scan(database, cache):
    env = {**os.environ, 'XDG_CACHE_HOME': str(cache)}

    def scan_with(*arguments, db=database, **more):
        done = run('scan', '--format', 'json', '-d', db, *arguments, env=env,
                   **more)
        names = [os.path.basename(f['path']) for f in done.files
                 if f.get('cached')]
        assert done.summary['cached'] == len(names)
        assert all(f['verdict'] == 'clean' for f in done.files
                   if f.get('cached'))
        done.cached = sorted(names)
        return done
    return scan_with


@pytest.fixture
def tree(tmp_path, cache):
    """Files of which nothing has changed for long enough."""
    folder = tmp_path / 'tree'
    (folder / 'sub').mkdir(parents=True)
    for name in ('a', 'b', 'sub/c'):
        (folder / name).write_bytes(b'nothing here: ' + name.encode())
    (folder / 'empty').write_bytes(b'')
    (folder / 'bad').write_bytes(MARKER)
    (folder / 'broken.gz').write_bytes(b'\x1f\x8b\x08\0\0\0\0\0\0\3' + b'\xff' * 50)
    time.sleep(QUIET)
    return folder


ALL = ['a', 'b', 'c', 'empty']


def table(cache):
    return cache / 'candor/verdicts'


def test_clean_files_are_taken_and_no_others(scan, tree, cache):
    first, second = scan(tree), scan(tree)
    assert first.cached == []
    assert second.cached == ALL
    assert first.code == second.code == 1
    assert [(f['path'], f['size'], f['verdict'], f['detections'],
             f['unscanned']) for f in first.files] == [
        (f['path'], f['size'], f['verdict'], f['detections'],
         f['unscanned']) for f in second.files]
    assert {f['verdict'] for f in first.files} == {
        'clean', 'infected', 'unscanned'}
    for key in ('files', 'folders', 'bytes', 'clean', 'infected',
                'unscanned', 'passed_by'):
        assert first.summary[key] == second.summary[key]
    assert table(cache).stat().st_mode & 0o7777 == 0o600
    assert table(cache).parent.stat().st_mode & 0o7777 == 0o700
    assert scan(tree / 'a').cached == ['a']
    assert scan('-x', tree).cached == ALL


def test_every_form_tells_them(database, scan, tree, cache):
    env = {**os.environ, 'XDG_CACHE_HOME': str(cache)}
    scan(tree)
    text = run('scan', '-d', database, tree, env=env).out
    assert b'\nCage         not needed: nothing was opened\n' in run(
        'scan', '-d', database, tree / 'a', env=env).out
    summary = run('scan', '-d', database, '--format', 'json', tree / 'a',
                  env=env).summary
    assert summary['cage'] == {'layers': [], 'degraded': False}
    page = tree.parent / 'page.html'
    run('scan', '-d', database, '--report', page, tree / 'a', env=env)
    assert '1 of the clean files was not looked at' in page.read_text()
    assert 'not needed: nothing was opened' in page.read_text()
    assert b'\nUnchanged    4 files, clean since scanned with' in text
    assert b'Unchanged' not in run('scan', '-d', database, tree / 'bad',
                                   env=env).out
    clam = [run('scan', '-d', database, '--format', 'clamscan',
                '--no-summary', *more, tree, env=env).out
            for more in ([], ['--no-cache'])]
    assert clam[0] == clam[1]
    assert b'/a: OK\n' in clam[0] and b'/empty: Empty file\n' in clam[0]
    assert b'"results"' in run('scan', '-d', database, '--format', 'sarif',
                               tree, env=env).out
    page = cache / 'page.html'
    run('scan', '-d', database, '--report', page, tree, env=env)
    assert 'Test.Marker' in page.read_text()


def test_how_it_is_printed_does_not_matter(scan, tree, database, cache):
    env = {**os.environ, 'XDG_CACHE_HOME': str(cache)}
    run('scan', '-d', database, tree, env=env)
    assert scan(tree).cached == ALL


def test_no_cache_looks_at_all_and_remembers_none(scan, tree, cache):
    assert scan('--no-cache', tree).cached == []
    assert not table(cache).exists()
    scan(tree)
    before = table(cache).read_bytes()
    assert scan('--no-cache', tree).cached == []
    assert table(cache).read_bytes() == before


def test_a_change_is_seen_whatever_its_time_says(scan, tree):
    scan(tree)
    was = (tree / 'a').stat()
    size = was.st_size
    (tree / 'a').write_bytes((MARKER + b'x' * size)[:max(size, len(MARKER))])
    os.utime(tree / 'a', ns=(was.st_atime_ns, was.st_mtime_ns))
    with open(tree / 'b', 'r+b') as f:  # the same size too
        was = os.fstat(f.fileno())
        f.write(b'N')
    os.utime(tree / 'b', ns=(was.st_atime_ns, was.st_mtime_ns))
    assert (tree / 'b').stat().st_mtime_ns == was.st_mtime_ns
    done = scan(tree)
    assert done.cached == ['c', 'empty']
    assert done.summary['infected'] == 2


def test_touch_link_mode_and_rename_are_changes(scan, tree):
    scan(tree)
    os.utime(tree / 'a')
    os.link(tree / 'b', tree / 'b2')
    (tree / 'sub/c').chmod(0o600)
    (tree / 'new').write_bytes(MARKER)
    os.rename(tree / 'new', tree / 'empty')
    done = scan(tree)
    assert done.cached == []
    assert done.summary['infected'] == 2
    time.sleep(QUIET)
    scan(tree)
    assert scan(tree).cached == ['a', 'b', 'b2', 'c']


def test_what_has_just_changed_is_not_remembered(scan, tree):
    (tree / 'a').write_bytes(b'new')
    assert scan(tree).cached == []
    assert 'a' not in scan(tree).cached
    time.sleep(QUIET)
    scan(tree)
    assert 'a' in scan(tree).cached


def test_what_was_written_in_the_future_is_not_remembered(scan, tree):
    os.utime(tree / 'a', (0, time.time() + 10**6))
    time.sleep(QUIET)
    scan(tree)
    assert scan(tree).cached == ['b', 'c', 'empty']


def test_what_is_open_for_writing_is_not_remembered(scan, tree):
    with open(tree / 'a', 'r+b') as held, open(tree / 'b', 'r+b') as f:
        shared = mmap.mmap(f.fileno(), 0)
        f.close()  # the mapping alone holds it
        scan(tree)
        assert scan(tree).cached == ['c', 'empty']
        assert not held.closed
        shared.close()
    scan(tree)
    assert scan(tree).cached == ALL


def test_another_database_is_another_question(scan, tree, tmp_path):
    other = tmp_path / 'other.ndb'
    other.write_text(f'Other:0:*:{b"nothing here: a".hex()}\n')
    scan(tree)
    assert scan(tree).cached == ALL
    done = scan(tree, db=other)
    assert done.cached == []
    assert [f['path'] for f in done.files if f['verdict'] == 'infected'] == [
        str(tree / 'a')]
    assert scan('-d', other, tree).cached == []
    assert scan(tree).cached == ALL


@pytest.mark.parametrize('more', [
    ['--max-object-size', '1M'], ['--max-total-size', '1M'],
    ['--max-depth', '3'], ['--max-objects', '9'], ['--max-ratio', '9'],
    ['--max-scan-time', '9'], ['--hash'], ['--password', 'secret'], ['-z']])
def test_other_options_are_another_question(scan, tmp_path, cache, more,
                                            old_file):
    scan(old_file)
    assert scan(old_file).cached == ['old']
    assert scan(*more, old_file).cached == []


@pytest.fixture(scope='module')
def old_file(tmp_path_factory):
    path = tmp_path_factory.mktemp('old') / 'old'
    path.write_bytes(b'old')
    time.sleep(QUIET)
    return path


def test_hash_and_password_remember_nothing(scan, old_file, cache):
    scan('--hash', old_file)
    scan('--password', 'secret', old_file)
    assert not table(cache).exists()
    assert 'sha256' in scan('--hash', old_file).files[0]


@pytest.mark.parametrize('break_it', [
    lambda t: t.write_bytes(b''),
    lambda t: t.write_bytes(t.read_bytes()[:-1]),
    lambda t: t.write_bytes(bytes(1000)),
    lambda t: t.write_bytes(b'\xff' * t.stat().st_size),
    lambda t: t.chmod(0o644),
    lambda t: (t.unlink(), t.symlink_to('/etc/passwd')),
    lambda t: (t.unlink(), os.mkfifo(t)),
    lambda t: os.truncate(t, 1 << 40)])
def test_a_table_that_is_not_right_is_replaced(scan, old_file, cache,
                                               break_it):
    scan(old_file)
    break_it(table(cache))
    assert scan(old_file).cached == []
    assert scan(old_file).cached == ['old']
    assert table(cache).stat().st_mode & 0o7777 == 0o600


def test_a_folder_in_place_of_the_table_costs_only_work(scan, old_file,
                                                        cache):
    table(cache).mkdir(parents=True)
    table(cache).parent.chmod(0o700)
    for _ in range(2):
        done = scan(old_file)
        assert (done.code, done.cached) == (0, [])


def test_a_folder_that_others_can_read_is_not_used(scan, old_file, cache):
    (cache / 'candor').mkdir()
    (cache / 'candor').chmod(0o755)
    scan(old_file)
    assert list((cache / 'candor').iterdir()) == []


def test_what_another_user_left_is_not_used(scan, old_file, cache):
    if os.geteuid() != 0:
        pytest.skip('only root makes files of other users')
    scan(old_file)
    os.chown(table(cache), NOBODY, NOBODY)
    assert scan(old_file).cached == []
    assert scan(old_file).cached == ['old']
    os.chown(table(cache).parent, NOBODY, NOBODY)
    assert scan(old_file).cached == []


def test_a_user_remembers_what_root_alone_can_write(database, cache):
    """No lease can be had; see verdicts.h."""
    if os.geteuid() != 0:
        pytest.skip('only root becomes another user')
    cache.parent.chmod(0o755)
    os.chown(cache, NOBODY, NOBODY)
    old = [p for p in ('/etc/debian_version', '/etc/passwd', '/etc/hosts')
           if os.path.exists(p) and os.stat(p).st_mode & 0o022 == 0 and
           os.stat(p).st_dev == os.stat(cache).st_dev and
           os.stat(p).st_ctime < time.time() - 150]
    mine = cache.parent / 'of_root'
    mine.write_bytes(b'of root')
    mine.chmod(0o644)
    if not old:
        pytest.skip('no file of the system is old enough')
    time.sleep(QUIET)

    def names():
        done = run_as_nobody('scan', '--format', 'json', '-d', database, mine,
                             *old, more_env={'XDG_CACHE_HOME': str(cache)})
        return sorted(f['path'] for f in done.files if f.get('cached'))
    assert names() == []
    assert names() == sorted(old)  # the other has not been quiet for long


def test_memory_and_kernel_file_systems_are_not_trusted(scan):
    if not os.path.isdir('/dev/shm'):
        pytest.skip('no /dev/shm')
    path = f'/dev/shm/candor-e2e-{os.getpid()}'
    try:
        with open(path, 'wb') as f:
            f.write(b'x')
        time.sleep(QUIET)
        scan(path, '/proc/version')
        assert scan(path, '/proc/version').cached == []
    finally:
        os.unlink(path)
