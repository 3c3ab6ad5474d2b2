"""candor-quarantine between a supervisor and a guard that the test is: what is
deleted, what is refused, and what is told of it."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import struct
import time

import pytest

from conftest import BUILD, run
from stage import GUARD, Stage, frame, pair, send

HOLD_SIZE = 576
TAKE, TAKEN = 2, 17
MOVED, KEPT, FAILED = range(3)

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

    def ask(self, path):
        with open(path, 'rb') as f:
            name = b'Test.Bad'
            body = struct.pack('<IIII', 0, len(name), 0, 0) + bytes(16) + name
            send(self.guard, frame(HOLD_SIZE, TAKE, 1, body), f.fileno())

    def answer(self):
        """What became of it, and why."""
        record = self.guard.recv(1024)
        kind, _, _, what, _, text, _ = struct.unpack_from('<IIQIIII', record)
        assert kind == TAKEN
        return what, record[336:336 + text].decode()

    def take(self, path):
        self.ask(path)
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
