"""Many clients at once: every answer is right, and nothing leaks."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from clamd_daemons import Candords
from clamd_talk import chunk, connect, stream, talk
from conftest import BUILD, MARKER

ROOMY = {'command_timeout': 60, 'read_timeout': 60, 'stream_max': '100M'}
REQUESTS = os.environ.get('CANDOR_LOAD', '20000')


@pytest.fixture
def start(database, tmp_path):
    with Candords(tmp_path, database, **ROOMY) as start_one:
        yield start_one


def children(daemon, name):
    """Processes of candord with that name."""
    found = []
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            comm, rest = path.read_text().split('(', 1)[1].rsplit(')', 1)
        except OSError:
            continue
        if comm == name[:15] and int(rest.split()[1]) == daemon.process.pid:
            found.append(int(path.parent.name))
    return found


def load(daemon, *more):
    done = subprocess.run(
        [BUILD / 'tests/bench/clamd_load', '-n', REQUESTS, '-c', '500',
         '-m', MARKER.decode(), '-f', 'Test.Marker.UNOFFICIAL', *more,
         daemon.socket], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def held_by(pid):
    """Descriptors, and kilobytes of its own memory."""
    rollup = Path(f'/proc/{pid}/smaps_rollup').read_text()
    return (len(list(Path(f'/proc/{pid}/fd').iterdir())),
            int(rollup.split('Anonymous:')[1].split()[0]))


def test_mixed_requests_of_500_clients(start):
    daemon = start()
    front, = children(daemon, 'candor-clamd')
    broker, = children(daemon, 'candor-broker')
    load(daemon, '-n', '2000')
    before = held_by(front), held_by(broker)
    got = load(daemon)
    assert got['wrong'] == got['lost'] == 0
    time.sleep(1)
    after = held_by(front), held_by(broker)
    assert children(daemon, 'candor-clamd') == [front]
    assert children(daemon, 'candor-broker') == [broker]
    for (files, memory), (files_now, memory_now) in zip(before, after):
        assert files_now <= files + 8
        assert memory_now <= memory + 8192


def test_streams_wait_for_memory(start):
    """More streams at once than memory is allowed: all of them are answered."""
    daemon = start(stream_total='2M')
    content = os.urandom(512 * 1024)
    clients = [connect(daemon.socket) for _ in range(40)]
    for s in clients:
        s.setblocking(False)
    left = {s: memoryview(b'zINSTREAM\0' + stream(
        content[:100000], content[100000:])) for s in clients}
    deadline = time.monotonic() + 60
    while left and time.monotonic() < deadline:
        for s in list(left):
            try:
                left[s] = left[s][s.send(left[s][:50000]):]
            except BlockingIOError:
                pass
            if not left[s]:
                del left[s]
    assert not left
    for s in clients:
        s.settimeout(30)
        assert s.recv(100) == b'stream: OK\0'
        s.close()


def test_who_fills_the_memory_and_waits_is_closed(start):
    """The stream that began first may not keep the others out."""
    daemon = start(stream_total='1M')
    lazy = connect(daemon.socket)
    lazy.sendall(b'zINSTREAM\0' + chunk(bytes(1 << 20)))
    time.sleep(0.3)
    answer, _ = talk(daemon.socket, [b'zINSTREAM\0' + stream(bytes(100000))])
    assert answer == b'stream: OK\0'
    lazy.settimeout(10)
    assert lazy.recv(100) == b'COMMAND READ TIMED OUT\n'


def test_more_clients_than_may_be_wait(start):
    daemon = start(max_connections=4)
    silent = [connect(daemon.socket) for _ in range(4)]
    time.sleep(0.2)
    late = connect(daemon.socket)
    late.sendall(b'PING')
    late.settimeout(0.5)
    with pytest.raises(TimeoutError):
        late.recv(10)
    silent[0].close()
    late.settimeout(10)
    assert late.recv(10) == b'PONG\n'


@pytest.mark.parametrize('name', ['candor-broker', 'candor-worker'])
def test_a_process_killed_under_load_costs_no_answer(start, name):
    daemon = start()
    broker, = children(daemon, 'candor-broker')
    with subprocess.Popen(
            [BUILD / 'tests/bench/clamd_load', '-n', '4000', '-c', '100',
             '-m', MARKER.decode(), '-f', 'Test.Marker.UNOFFICIAL',
             daemon.socket], stdout=subprocess.PIPE, text=True) as loading:
        for _ in range(3):
            time.sleep(0.3)
            pids = children(daemon, name)
            if name == 'candor-worker':
                pids = [int(p) for p in subprocess.run(
                    ['pgrep', '-P', str(broker)], capture_output=True,
                    text=True).stdout.split()][:1]
            for pid in pids:
                subprocess.run(['kill', '-9', str(pid)])
        out, _ = loading.communicate(timeout=120)
    assert loading.returncode == 0, out


def test_a_session_that_never_reads_stops_being_read(start):
    """Replies nobody takes are not kept without end."""
    daemon = start()
    front, = children(daemon, 'candor-clamd')
    _, before = held_by(front)
    with connect(daemon.socket) as s:
        s.setblocking(False)
        s.send(b'nIDSESSION\n')
        sent, idle = 0, 0
        while idle < 20:
            try:
                sent += s.send(b'nVERSIONCOMMANDS\n' * 1000)
                idle = 0
            except BlockingIOError:
                idle += 1
                time.sleep(0.02)
            assert sent < 50_000_000
        assert held_by(front)[1] - before < 4096
        assert talk(daemon.socket, [b'PING'])[0] == b'PONG\n'


def test_clients_that_leave_their_walks_hold_up_nobody(start, tmp_path):
    """More of them than may walk at once."""
    daemon = start()
    folder = tmp_path / 'walked'
    for i in range(40):
        (folder / str(i)).mkdir(parents=True)
        for n in range(50):
            (folder / str(i) / str(n)).write_bytes(b'nothing here\n')
    for _ in range(3):
        left = [connect(daemon.socket) for _ in range(24)]
        for s in left:
            s.sendall(b'nCONTSCAN ' + bytes(folder) + b'\n')
        time.sleep(0.1)
        for s in left:
            s.close()
    assert talk(daemon.socket, [b'nMULTISCAN ' + bytes(folder) + b'\n'])[0] \
        == bytes(folder) + b': OK\n'


def test_who_does_not_read_holds_up_no_walks(start, tmp_path):
    """More of them than may walk at once, each with more to hear than fits."""
    daemon = start()
    folder = tmp_path / ('long' * 40)
    folder.mkdir()
    for n in range(3000):
        (folder / str(n)).write_bytes(MARKER)
    silent = [connect(daemon.socket) for _ in range(12)]
    for s in silent:
        s.sendall(b'nCONTSCAN ' + bytes(folder) + b'\n')
    time.sleep(3)
    with connect(daemon.socket) as s:
        s.settimeout(20)
        s.sendall(b'nSCAN ' + bytes(folder) + b'/1\n')
        assert s.recv(1000).endswith(b' FOUND\n')
    for s in silent:
        s.close()


def test_a_session_that_does_not_read_is_closed(start):
    daemon = start(read_timeout=1)
    with connect(daemon.socket) as s:
        s.setblocking(False)
        s.send(b'nIDSESSION\n')
        end = time.monotonic() + 15
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() < end:
                try:
                    s.send(b'nVERSIONCOMMANDS\n' * 1000)
                except BlockingIOError:
                    time.sleep(0.02)


def test_what_was_begun_is_finished_before_the_end(start, tmp_path):
    daemon = start()
    folder = tmp_path / 'walked'
    folder.mkdir()
    for n in range(400):
        (folder / str(n)).write_bytes(b'nothing here\n')
    with connect(daemon.socket) as s:
        s.sendall(b'nCONTSCAN ' + bytes(folder) + b'\n')
        time.sleep(0.05)
        daemon.process.terminate()
        s.settimeout(20)
        assert s.recv(1000) == bytes(folder) + b': OK\n'
    assert daemon.process.wait(20) == 0
