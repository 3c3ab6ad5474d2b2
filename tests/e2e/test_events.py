"""What is found for whoever asks is told to whoever hears events."""
# SPDX-License-Identifier: Apache-2.0
import ctypes
import json
import os
import shutil
import socket
import subprocess

import pytest

from clamd_daemons import free_port
from clamd_talk import FD, stream, talk
from conftest import MARKER, UNWANTED
from daemon import Daemon

CLEAN = b'nothing here\n'


class Listener:
    """Every event of a daemon from now on."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(60)
        self.s.connect(str(daemon.folder / 'events.sock'))
        daemon.status()   # connected is not yet listening
        self.lines = self.s.makefile('rb')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.s.close()

    def detected(self):
        """All that was found until now: what is told after it is awaited."""
        self.daemon.reload()
        found, used = [], False
        while not used:
            event = json.loads(self.lines.readline())
            assert event['event'] != 'lost'
            if event['event'] == 'detected':
                found.append(event)
            used = event['event'] == 'reloaded' and \
                event['process'] == 'broker'
        return found


@pytest.fixture
def daemon(tmp_path, database):
    port = free_port()
    text = f'[clamd]\ntcp = 127.0.0.1:{port}\n'
    if os.geteuid() == 0:
        text += '[daemon]\nuser = root\n'   # it sees what the test sees
    with Daemon(tmp_path, text, database=database) as d:
        d.port = port
        d.clamd = str(tmp_path / 'clamd.sock')
        yield d


@pytest.fixture
def infected(tmp_path):
    path = tmp_path / 'infected'
    path.write_bytes(b'xx ' + MARKER + b' yy')
    return path


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / 'clean'
    path.write_bytes(CLEAN)
    return path


def only(found, process, **more):
    """One event, about the marker; time and process number are left out."""
    assert len(found) == 1, found
    event = found[0]
    assert event.pop('time').endswith('Z')
    want = {'event': 'detected', 'level': 'warning', 'process': process,
            'verdict': 'infected', 'name': 'Test.Marker',
            'size': len(MARKER) + 6, 'uid': os.getuid(), **more}
    assert event == {k: v for k, v in want.items() if v is not None}


@pytest.mark.parametrize('mode, what', [
    ('', 'path'), ('--fdpass', 'descriptor'), ('--stream', 'stream')])
def test_clamdscan(daemon, infected, clean, tmp_path, mode, what):
    if shutil.which('clamdscan') is None:
        pytest.skip('clamdscan is not installed')
    conf = tmp_path / 'clamd.conf'
    conf.write_text(f'LocalSocket {daemon.clamd}\n')
    with Listener(daemon) as heard:
        for path, code in ((clean, 0), (infected, 1)):
            with subprocess.Popen(
                    ['clamdscan', f'--config-file={conf}', *mode.split(),
                     '--no-summary', path], stdout=subprocess.DEVNULL) as asked:
                assert asked.wait(60) == code
        only(heard.detected(), 'clamd', pid=asked.pid,
             path=None if what == 'stream' else str(infected),
             text=f"a {what}, over clamd's socket")


@pytest.mark.parametrize('command', [
    b'SCAN', b'CONTSCAN', b'MULTISCAN', b'ALLMATCHSCAN'])
def test_by_path(daemon, infected, clean, command):
    with Listener(daemon) as heard:
        for path in (clean, infected):
            talk(daemon.clamd, [b'z' + command + b' ' + bytes(path) + b'\0'])
        only(heard.detected(), 'clamd', pid=os.getpid(), path=str(infected),
             text="a path, over clamd's socket")


def test_a_folder_has_one_for_each(daemon, infected, clean, tmp_path):
    folder = tmp_path / 'folder'
    folder.mkdir()
    for name in 'abc':
        shutil.copy(infected, folder / name)
        shutil.copy(clean, folder / f'{name}.clean')
    with Listener(daemon) as heard:
        talk(daemon.clamd, [b'zCONTSCAN ' + bytes(folder) + b'\0'])
        assert sorted(e['path'] for e in heard.detected()) == [
            f'{folder}/{name}' for name in 'abc']


def test_over_tcp_nobody_is_known(daemon):
    with Listener(daemon) as heard:
        for content in (CLEAN, b'xx ' + MARKER + b' yy'):
            talk(('127.0.0.1', daemon.port),
                 [b'zINSTREAM\0' + stream(content)])
        only(heard.detected(), 'clamd', uid=None, text='a stream, over TCP')


def test_the_local_socket(daemon, infected, clean):
    with Listener(daemon) as heard:
        assert daemon.scan(clean).code == 0
        assert daemon.scan(infected).code == 1
        found = heard.detected()
        assert found[0].pop('pid') > 0
        only(found, 'broker', path=str(infected),
             text='a program asked for it')


def in_a_place_of_its_own(infected, clean, program):
    """A child whose mounts have the infected file where the clean one is."""
    libc = ctypes.CDLL(None, use_errno=True)

    def unshare():
        if libc.unshare(0x00020000) != 0 or \
                libc.mount(None, b'/', None, 0x44000, None) != 0 or \
                libc.mount(bytes(infected), bytes(clean), None, 0x1000,
                           None) != 0:
            os._exit(77)

    return subprocess.run(program, preexec_fn=unshare, timeout=60,
                          capture_output=True)


def test_a_path_of_another_place_is_not_told(daemon, infected, clean):
    """Whoever has mounts of his own has names of his own."""
    with Listener(daemon) as heard:
        done = in_a_place_of_its_own(infected, clean, [
            '/usr/bin/python3', '-c', 'import socket, sys\n'
            's = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n'
            's.send(b"zFILDES\\0")\n'
            'file = open(sys.argv[2])\n'
            'socket.send_fds(s, [b"x"], [file.fileno()])\n'
            'sys.exit(b"FOUND" not in s.recv(999))', daemon.clamd, clean])
        if done.returncode == 77:
            pytest.skip('no mounts of its own')
        assert done.returncode == 0, done
        found = heard.detected()
        assert found[0].pop('pid') > 0
        only(found, 'clamd', text="a descriptor, over clamd's socket")


def test_what_is_called_nothing_has_no_path(daemon):
    """A file that is deleted, or never had a name."""
    with Listener(daemon) as heard:
        fd = os.memfd_create('etc/passwd')
        os.write(fd, b'xx ' + MARKER + b' yy')
        talk(daemon.clamd, [b'zFILDES\0', FD(f'/proc/self/fd/{fd}', b'x')])
        os.close(fd)
        only(heard.detected(), 'clamd', pid=os.getpid(),
             text="a descriptor, over clamd's socket")


def test_what_is_only_suspicious(tmp_path, database):
    """Told to a program at the local socket; to clamd's, if it is set."""
    path = tmp_path / 'unwanted'
    path.write_bytes(UNWANTED)
    daemon = Daemon(tmp_path, database=database)
    with daemon as d, Listener(d) as heard:
        ask = [b'zINSTREAM\0' + stream(UNWANTED)]
        talk(str(tmp_path / 'clamd.sock'), ask)
        assert heard.detected() == []
        assert d.scan(path).code == 1
        found = heard.detected()
        assert [(e['process'], e['verdict'], e['name']) for e in found] == \
            [('broker', 'suspicious', 'PUA.Test.Unwanted')]
        d.text = '[clamd]\nsuspicious = found\n'
        d.write()
        assert heard.detected() == []   # it reloads
        d.wait_for(lambda: b'FOUND' in
                   talk(str(tmp_path / 'clamd.sock'), ask)[0])
        found = heard.detected()
        assert [(e['process'], e['verdict'], e['name']) for e in found] == \
            [('clamd', 'suspicious', 'PUA.Test.Unwanted')]
