"""candor-quarantine between a supervisor and a guard that the test is: what is
deleted, what is refused, and what is told of it."""
# SPDX-License-Identifier: Apache-2.0
import fcntl
import os
import struct
import time

import pytest

from conftest import BUILD, run
from stage import GUARD, Stage, frame, pair, send

HOLD_SIZE = 608
TAKE, TAKEN = 2, 17
MOVED, KEPT, FAILED, CHANGED = range(4)

pytestmark = pytest.mark.skipif(
    not (BUILD / 'bin/candor-quarantine').exists(),
    reason='candor-quarantine is not built')


class Keeper(Stage):
    def __init__(self, place, more=''):
        self.vault = place / 'vault'
        super().__init__('candor-quarantine',
                         f'[quarantine]\ndir = {self.vault}\n{more}\n')
        self.guard, theirs = pair()
        self.guard.settimeout(20)
        self.link(GUARD, theirs)
        self.go()

    def ask(self, path, stamp=None):
        with open(path, 'rb') as f:
            name = b'Test.Bad'
            body = struct.pack('<IIII', 0, len(name), 0, 0) + bytes(16) + name
            body = body.ljust(560 - 16, b'\0') + (stamp or stamp_of(path))
            send(self.guard, frame(HOLD_SIZE, TAKE, 1, body), f.fileno())

    def answer(self):
        """What became of it, and why."""
        record = self.guard.recv(1024)
        kind, _, _, what, _, text, _ = struct.unpack_from('<IIQIIII', record)
        assert kind == TAKEN
        return what, record[336:336 + text].decode()

    def take(self, path, stamp=None):
        self.ask(path, stamp)
        return self.answer()

    def held(self):
        return {o['path'] for o in run('quarantine', 'list', '--vault',
                                       self.vault, '--json').objects}

    def deleted(self):
        return [e['path'] for e in self.events if e['kind'] == 'deleted']


@pytest.fixture
def keeper(tmp_path):
    started = []

    def start(more=''):
        started.append(Keeper(tmp_path, more))
        return started[-1]
    yield start
    for k in started:
        k.close()


def stamp_of(path):
    s = path.stat()
    m, c = divmod(s.st_mtime_ns, 10**9), divmod(s.st_ctime_ns, 10**9)
    return struct.pack('<QQQqqII', s.st_dev, s.st_ino, s.st_size, m[0], c[0],
                       m[1], c[1])


def make(path, size):
    path.write_bytes(b'bad')
    os.truncate(path, size)
    return path


def test_larger_than_all_that_may_be_held(keeper, tmp_path):
    """Somebody's sparse file must not empty the quarantine."""
    k = keeper('max_size = 1M')
    first, big = make(tmp_path / 'first', 1000), make(tmp_path / 'big', 3 << 20)
    assert k.take(first) == (MOVED, '')
    what, why = k.take(big)
    assert what == FAILED and 'max_size' in why
    assert big.exists() and k.held() == {str(first)} and not k.deleted()


def test_many_that_fill_it(keeper, tmp_path):
    """What was taken a moment ago is not deleted for what comes next."""
    k = keeper('max_size = 1M')
    files = [make(tmp_path / f'f{i}', 400_000) for i in range(4)]
    ends = [k.take(f) for f in files]
    assert [what for what, _ in ends] == [MOVED, MOVED, FAILED, FAILED]
    assert 'full' in ends[2][1]
    assert k.held() == {str(f) for f in files[:2]} and not k.deleted()
    assert files[2].exists() and files[3].exists()


def test_only_what_was_scanned_is_taken(keeper, tmp_path):
    """Written to between its verdict and its turn, in the same length."""
    k = keeper()
    file = make(tmp_path / 'thesis', 1000)
    scanned = stamp_of(file)
    with open(file, 'r+b') as f:
        f.write(b'fine')
    assert k.take(file, scanned) == (CHANGED, 'it changed since its scan')
    assert file.exists() and not k.held()
    # Nor what has its name by then.
    other = make(tmp_path / 'other', 1000)
    scanned = stamp_of(file)
    other.rename(file)
    assert k.take(file, scanned)[0] == CHANGED
    assert file.exists() and not k.held()
    assert k.take(file) == (MOVED, '')


def test_changed_while_it_waits_for_its_turn(keeper, tmp_path):
    """Whoever works in the quarantine has its lock, for as long as it takes."""
    k = keeper()
    file = make(tmp_path / 'thesis', 1000)
    end = time.monotonic() + 20
    while not (k.vault / 'lock').exists() and time.monotonic() < end:
        time.sleep(0.01)
    with open(k.vault / 'lock', 'r+') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        k.ask(file)
        file.write_bytes(b'my thesis, entirely clean')
    assert k.answer()[0] == CHANGED
    assert file.exists() and not k.held()
