"""One worker's word is not enough where something is done to a file."""
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess
import sys

import pytest

import daemon
from conftest import BUILD, MARKER
from daemon import (CLEAN, CRASHED, INFECTED, TIMEOUT, UNSCANNED, Daemon,
                    Front)

CONFIRM = 8

# Honest about the first file it sees; whatever it was, from then on it says
# that everything is infected, as one would that this file had taken over.
LIAR = f'''#!{sys.executable}
import os, socket, struct
owner = socket.socket(fileno=3)
owner.send(struct.pack('<IIQII40x', 16, 0, 0, 0, 1))
seen = 0
while True:
    record, fds, _, _ = socket.recv_fds(owner, 1024, 8)
    if not record:
        break
    for i, fd in enumerate(fds):
        kind, _, scan, size = struct.unpack_from('<IIQQ', record, 64 * i)
        os.close(fd)
        owner.send(struct.pack('<IIQIIIIQ24x', 17, 0, scan, 0, 0, 0, 0, size))
        if seen:
            owner.send(struct.pack('<IIQIIIIIIQ16x', 19, 0, scan, 0, 0, 0, 0,
                                   0, 0, 0))
        owner.send(struct.pack('<IIQIIIIQ56x', 22, 0, scan, 1, int(seen > 0),
                               0, 0, size))
        seen += 1
'''


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """The build's programs, with a worker that lies."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    for path in (BUILD / 'bin').glob('candor*'):
        if path.is_file() and path.name != 'candor-worker':
            shutil.copy(path, folder)
    (folder / 'candor-worker').write_text(LIAR)
    (folder / 'candor-worker').chmod(0o755)
    monkeypatch.setattr(daemon, 'CANDORD', str(folder / 'candord'))
    return folder


def put(path, content):
    path.write_bytes(content)
    return path


def ours():
    return '[daemon]\nuser = root\n' if os.geteuid() == 0 else ''


def test_a_worker_that_lies_cannot_have_a_file_blocked(tmp_path, database,
                                                      programs):
    good = put(tmp_path / 'good', b'nothing here')
    with Daemon(tmp_path, ours() + '[scan]\nworkers = 1',
                database=database) as d:
        f = Front(d.folder / 'socket.sock')
        answers = []
        for flags in (0, 0, 0, CONFIRM, CONFIRM):
            f.ask_path(good, flags=flags)
            answers.append(f.answer()[1:])
        assert answers == [
            (CLEAN, 0), (INFECTED, 0), (INFECTED, 0),  # one worker's word
            (UNSCANNED, CRASHED),  # a fresh one does not find it
            (UNSCANNED, CRASHED)]  # nor another; that one had seen a file
        assert 'two workers disagree' in d.said()


def test_what_one_worker_says_and_does_not_finish(tmp_path, database,
                                                  programs):
    """It says that a file is infected, and then nothing until its time is
    over: the word of one all the same."""
    worker = programs / 'candor-worker'
    worker.write_text(LIAR.replace('if seen:', 'if True:').replace(
        "        owner.send(struct.pack('<IIQIIIIQ56x', 22",
        "        import time; time.sleep(1000)\n"
        "        owner.send(struct.pack('<IIQIIIIQ56x', 22"))
    good = put(tmp_path / 'good', b'nothing here')
    with Daemon(tmp_path, ours() + '[scan]\nworkers = 1',
                database=database) as d:
        f = Front(d.folder / 'socket.sock')
        f.ask_path(good, flags=CONFIRM, deadline=500)
        assert f.answer()[1:] == (UNSCANNED, TIMEOUT)
        assert f.names == {}


def test_what_two_workers_find_is_told(tmp_path, database):
    bad = put(tmp_path / 'bad', MARKER)
    with Daemon(tmp_path, ours() + '[scan]\nworkers = 2',
                database=database) as d:
        f = Front(d.folder / 'socket.sock')
        for _ in range(20):
            f.ask_path(bad, flags=CONFIRM)
            f.ask_path(bad)
        assert [f.answer()[1:] for _ in range(40)] == [(INFECTED, 0)] * 40


def test_quarantine_of_the_command_line(tmp_path, database, programs):
    """The second file would be moved away by a worker that lies."""
    files = [put(tmp_path / name, b'nothing here') for name in 'abc']
    done = subprocess.run(
        [programs / 'candor', 'scan', '--db', database, '--jobs', '1',
         '--no-cache', '--quarantine', '--vault', tmp_path / 'vault', *files],
        capture_output=True)
    assert done.returncode == 2, done
    assert done.stdout.count(b'crashed') >= 1
    assert all(path.exists() for path in files)
