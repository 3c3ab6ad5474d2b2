"""Whoever may not read a file does not learn from candord what is in it."""
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from clamd_daemons import Candords
from clamd_talk import talk
from conftest import MARKER

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason='only root has other users to try')

NOBODY, DAEMON, GROUP = 65534, 1, 2  # those of daemon, and of bin
FOUND = 'Test.Marker.UNOFFICIAL FOUND'

ASK = '''
import socket, sys
for path in sys.argv[2:]:
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.sendall(b'z' + path.encode() + b'\\0')
    got = b''
    while more := s.recv(65536):
        got += more
    print(got.decode().rstrip('\\0'))
'''


@pytest.fixture
def place():
    """A folder that everybody may enter, with files of several owners."""
    top = Path(tempfile.mkdtemp(prefix='candor-users-', dir='/var/tmp'))
    top.chmod(0o755)
    yield top
    shutil.rmtree(top)


def put(path, mode, owner=0, group=0):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(MARKER)
    path.chmod(mode)
    os.chown(path, owner, group)
    return path


def ask(daemon, user, *commands, groups=()):
    """What somebody is answered, the paths left out."""
    done = subprocess.run(
        ['/usr/bin/python3', '-c', ASK, daemon.socket, *commands], user=user,
        group=user, extra_groups=groups, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [line.rsplit(': ', 1)[1] for line in done.stdout.splitlines()]


@pytest.fixture
def start(database, place):
    shutil.copy(database, place / 'd.cand')
    (place / 'd.cand').chmod(0o644)
    with Candords(place, place / 'd.cand') as start_one:
        yield start_one


def test_root_asks_the_kernel_as_the_client(start, place):
    daemon = start()
    files = [put(place / 'all', 0o644), put(place / 'own', 0o600),
             put(place / 'his', 0o400, NOBODY), put(place / 'group', 0o640,
                                                    0, GROUP)]
    inside = put(place / 'locked' / 'all', 0o644)
    inside.parent.chmod(0o700)
    asked = [f'SCAN {path}' for path in (*files, inside)]
    denied = 'Access denied. ERROR'
    assert ask(daemon, NOBODY, *asked) == [FOUND, denied, FOUND, denied,
                                           denied]
    assert ask(daemon, NOBODY, *asked, groups=[GROUP])[3] == FOUND
    # The same walker serves another, who may read other files.
    assert ask(daemon, DAEMON, *asked) == [FOUND, denied, denied, denied,
                                           denied]
    assert ask(daemon, 0, *asked) == [FOUND] * 5
    # What is below a folder is as secret as what is named.
    assert sorted(ask(daemon, NOBODY, f'CONTSCAN {place}/locked')) == [denied]


def test_who_is_not_root_asks_for_both(start, place):
    """candord may read more than the client, and the client more than it."""
    daemon = start(user='daemon')
    shared = put(place / 'shared', 0o640, 0, DAEMON)
    inside = put(place / 'locked' / 'all', 0o644)
    inside.parent.chmod(0o750)
    os.chown(inside.parent, 0, DAEMON)
    link = place / 'link'
    link.symlink_to(inside)
    for command in (f'SCAN {shared}', f'SCAN {inside}', f'SCAN {link}',
                    f'MULTISCAN {place}/locked'):
        assert ask(daemon, NOBODY, command) == ['Access denied. ERROR']
        assert ask(daemon, NOBODY, command, groups=[DAEMON])[-1] == FOUND
        assert ask(daemon, DAEMON, command)[-1] == FOUND
    assert ask(daemon, NOBODY, f'SCAN {put(place / "all", 0o644)}') == [FOUND]
    his = put(place / 'his', 0o400, NOBODY)
    assert ask(daemon, NOBODY, f'SCAN {his}') == ['Access denied. ERROR']


def test_who_the_front_runs_as_is_no_administrator(start, place):
    """Others may run as that user, too: nobody, if there is no user candor."""
    daemon = start(user='nobody')
    for command in ('RELOAD', 'SHUTDOWN'):
        asked = subprocess.run(
            ['/usr/bin/python3', '-c', 'import socket, sys\n'
             's = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n'
             's.send(sys.argv[2].encode()); print(s.recv(100))',
             daemon.socket, command], user=NOBODY, group=NOBODY,
            extra_groups=[], capture_output=True, text=True)
        assert asked.stdout == "b'COMMAND UNAVAILABLE\\n'\n", asked.stderr
    assert daemon.process.poll() is None


@pytest.mark.parametrize('tcp_paths', ['no', 'yes'])
def test_paths_over_tcp_are_for_the_configuration(start, place, tcp_paths):
    daemon = start(tcp_paths=tcp_paths)
    path = put(place / 'all', 0o644)
    answer = 'COMMAND UNAVAILABLE' if tcp_paths == 'no' else f'{path}: {FOUND}'
    for command in ('SCAN', 'CONTSCAN', 'MULTISCAN', 'ALLMATCHSCAN'):
        got, _ = talk(daemon.tcp, [f'z{command} {path}\0'.encode()])
        assert got.decode().rstrip('\0') == answer
