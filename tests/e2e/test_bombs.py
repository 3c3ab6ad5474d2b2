"""Files that take very long do not keep others from their answers."""
# SPDX-License-Identifier: Apache-2.0
import os
import socket
import time

import pytest

from clamd_talk import connect, stream, talk
from conftest import MARKER
from daemon import CLEAN, INFECTED, TIMEOUT, UNSCANNED, Daemon, Front
from reach import NOBODY

WORKERS = 2
PLACES = 4 * WORKERS    # a crew never has more workers than that,
DYING = 8               # but for those that were killed and are not gone yet
SOON = 60               # far more than is needed, far less than a bomb takes


@pytest.fixture
def bomb():
    """Reading its zeros takes hours, and no room."""
    fd = os.memfd_create('bomb')
    os.truncate(fd, 1 << 44)
    yield fd
    os.close(fd)


@pytest.fixture
def start(tmp_path, database):
    ours = '[daemon]\nuser = root\n' if os.geteuid() == 0 else ''

    def start_with(text=''):
        return Daemon(tmp_path, f'{ours}[scan]\nworkers = {WORKERS}\n'
                      f'max_object_size = 16000G\nmax_total_size = 16000G\n{text}',
                      database=database)
    return start_with


def throw(daemon, bomb, count):
    """So many clients, each with a bomb; none is answered meanwhile."""
    clients = []
    for _ in range(count):
        s = connect(str(daemon.folder / 'clamd.sock'))
        s.sendall(b'zFILDES\0')
        socket.send_fds(s, [b'\0'], [bomb])
        s.setblocking(False)
        clients.append(s)
    return clients


def leave(clients):
    for s in clients:
        s.close()


def is_silent(s):
    try:
        print('a bomb was answered:', s.recv(100))
        return False
    except BlockingIOError:
        return True


@pytest.mark.parametrize('count', [2, 4, 20])
def test_short_requests_go_past_bombs(start, bomb, count):
    with start('deadline = 300') as d:
        address = str(d.folder / 'clamd.sock')
        clients = throw(d, bomb, count)
        began, most = time.monotonic(), 0
        for i in range(40):
            assert talk(address, [b'zPING\0'], SOON)[0] == b'PONG\0'
            content = MARKER if i % 2 else b'nothing here'
            answer = talk(address, [b'zINSTREAM\0' + stream(content)], SOON)[0]
            assert answer == (b'stream: Test.Marker.UNOFFICIAL FOUND\0'
                              if i % 2 else b'stream: OK\0')
            most = max(most, len(d.workers()))
        print(f'{count} bombs: 40 requests took '
              f'{time.monotonic() - began:.2f} s, {most} workers')
        assert most <= PLACES + DYING
        assert all(is_silent(s) for s in clients)
        leave(clients)
        # Nobody waits for them any more: they end, too.
        d.wait_for(lambda: d.status()['metrics']['workers_busy'] == 0)


def front_of(d, uid, monkeypatch):
    """A connection of that user's to the local socket."""
    d.folder.chmod(0o755)
    monkeypatch.chdir(d.folder)
    before = os.geteuid()
    os.seteuid(uid)
    try:
        return Front('socket.sock')
    finally:
        os.seteuid(before)


@pytest.mark.skipif(os.geteuid() != 0, reason='needs two users')
def test_who_asks_much_does_not_hold_up_who_asks_little(start, tmp_path,
                                                        monkeypatch):
    small = tmp_path / 'small'
    small.write_bytes(MARKER)
    large = os.memfd_create('large')
    os.truncate(large, 64 << 20)
    with start() as d:
        greedy = front_of(d, NOBODY, monkeypatch)
        for _ in range(60):
            greedy.ask(large)
        f = front_of(d, 0, monkeypatch)
        f.ask_path(small)
        assert f.answer()[1:] == (INFECTED, 0)
        greedy.s.setblocking(False)
        answered = 0
        with pytest.raises(BlockingIOError):
            while greedy.answer()[1:] == (CLEAN, 0):
                answered += 1
        assert answered < 30
    os.close(large)


def test_programs_are_answered_past_bombs_of_clamds_clients(start, bomb,
                                                            tmp_path):
    small = tmp_path / 'small'
    small.write_bytes(MARKER)
    with start('deadline = 300') as d:
        clients = throw(d, bomb, 10)
        f = Front(d.folder / 'socket.sock')
        for _ in range(20):
            f.ask_path(small)
            assert f.answer()[1:] == (INFECTED, 0)
        assert all(is_silent(s) for s in clients)
        leave(clients)


def test_bombs_end_at_their_deadlines(start, bomb, tmp_path):
    small = tmp_path / 'small'
    small.write_bytes(b'nothing here')
    with start() as d:
        f = Front(d.folder / 'socket.sock')
        bombs = {f.ask(bomb, deadline=3000) for _ in range(20)}
        small = f.ask_path(small)
        answers = dict((a[0], a[1:]) for a in (f.answer() for _ in range(21)))
        assert answers.pop(small) == (CLEAN, 0)
        assert answers == {b: (UNSCANNED, TIMEOUT) for b in bombs}
        d.wait_for(lambda: d.status()['metrics']['workers_busy'] == 0)
        # And all is as before.
        f.ask_path(tmp_path / 'small')
        assert f.answer()[1:] == (CLEAN, 0)


def test_what_takes_long_is_still_looked_at(start, bomb, tmp_path):
    """Among bombs, and beyond its first slice."""
    long = tmp_path / 'long'
    with long.open('wb') as f:
        f.truncate(128 << 20)
        f.seek(0, os.SEEK_END)
        f.write(MARKER)
    with start('deadline = 300') as d:
        clients = throw(d, bomb, 8)
        f = Front(d.folder / 'socket.sock')
        f.s.settimeout(250)
        f.ask_path(long)
        assert f.answer()[1:] == (INFECTED, 0)
        assert all(is_silent(s) for s in clients)
        leave(clients)
