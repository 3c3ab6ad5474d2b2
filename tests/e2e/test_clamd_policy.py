"""What candord answers in clamd's place is for the configuration to say."""
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import zipfile

import pytest

from clamd_daemons import Candords
from clamd_talk import stream, talk
from conftest import MARKER, UNWANTED


@pytest.fixture
def start(database, tmp_path):
    with Candords(tmp_path, database) as start_one:
        yield start_one


def locked(folder):
    (folder / 'secret').write_bytes(b'nobody reads this\n' * 20)
    subprocess.run(['zip', '-q', '-j', '-P', 'secret', folder / 'locked.zip',
                    folder / 'secret'], check=True)
    return (folder / 'locked.zip').read_bytes()


@pytest.mark.parametrize('setting, answer', [
    ({}, b'Encrypted ERROR'),
    ({'unscanned_encrypted': 'ok'}, b'OK'),
    ({'unscanned_encrypted': 'found'}, b'Heuristics.Encrypted FOUND')])
def test_what_was_not_looked_at(start, tmp_path, setting, answer):
    content = locked(tmp_path)
    daemon = start(**setting)
    assert talk(daemon.socket, [b'zINSTREAM\0' + stream(content)])[0] == \
        b'stream: ' + answer + b'\0'
    path = bytes(tmp_path / 'locked.zip')
    assert talk(daemon.socket, [b'zSCAN ' + path + b'\0'])[0] == \
        path + b': ' + answer + b'\0'


def test_a_find_beats_what_was_not_looked_at(start, tmp_path):
    content = locked(tmp_path)
    daemon = start()
    assert talk(daemon.socket, [b'zINSTREAM\0' + stream(content, MARKER)])[0] \
        == b'stream: Test.Marker.UNOFFICIAL FOUND\0'


@pytest.mark.parametrize('setting, answer', [
    ({}, b'OK'), ({'suspicious': 'ok'}, b'OK'),
    ({'suspicious': 'found'}, b'PUA.Test.Unwanted.UNOFFICIAL FOUND')])
def test_what_is_only_suspicious(start, tmp_path, setting, answer):
    daemon = start(**setting)
    (tmp_path / 'file').write_bytes(UNWANTED)
    path = bytes(tmp_path / 'file')
    assert talk(daemon.socket, [b'zINSTREAM\0' + stream(UNWANTED)])[0] == \
        b'stream: ' + answer + b'\0'
    for command in (b'SCAN', b'CONTSCAN', b'MULTISCAN', b'ALLMATCHSCAN'):
        assert talk(daemon.socket, [b'z' + command + b' ' + path + b'\0'])[0] \
            == path + b': ' + answer + b'\0'


@pytest.mark.parametrize('setting', [
    {}, {'suspicious': 'ok'}, {'suspicious': 'found'}])
def test_what_is_suspicious_hides_nothing(start, tmp_path, setting):
    """Malware behind what is possibly unwanted: in the file, or a member."""
    with zipfile.ZipFile(tmp_path / 'file', 'w') as z:
        z.writestr('a', UNWANTED)
        z.writestr('b', MARKER)
    daemon = start(**setting)
    for content in (UNWANTED + b' ' + MARKER, MARKER + b' ' + UNWANTED):
        assert talk(daemon.socket,
                    [b'zINSTREAM\0' + stream(content)])[0] in \
            (b'stream: Test.Marker.UNOFFICIAL FOUND\0',) + (
                (b'stream: PUA.Test.Unwanted.UNOFFICIAL FOUND\0',)
                if setting.get('suspicious') == 'found' else ())
    path = bytes(tmp_path / 'file')
    said = talk(daemon.socket, [b'zALLMATCHSCAN ' + path + b'\0'])[0]
    assert path + b': Test.Marker.UNOFFICIAL FOUND\0' in said
    assert (b'PUA.' in said) == (setting.get('suspicious') == 'found')
    said = talk(daemon.socket, [b'zSCAN ' + path + b'\0'])[0]
    assert said.count(b'FOUND') == 1
    if setting.get('suspicious') != 'found':
        assert said == path + b': Test.Marker.UNOFFICIAL FOUND\0'


def test_a_folder_with_gaps_is_not_ok(start, tmp_path):
    folder = tmp_path / 'folder'
    folder.mkdir()
    locked(folder)
    (folder / 'clean').write_bytes(b'nothing here\n')
    os.mkfifo(folder / 'pipe')
    os.symlink('nowhere', folder / 'link')
    daemon = start()
    got = talk(daemon.socket, [b'zCONTSCAN ' + bytes(folder) + b'\0'])[0]
    assert got.startswith(bytes(folder) + b'/')
    assert got.endswith(b' ERROR\0') and got.count(b': ') == 1


def test_links_mean_what_they_point_to(start, tmp_path):
    (tmp_path / 'infected').write_bytes(MARKER)
    os.symlink('infected', tmp_path / 'link')
    os.symlink('nowhere', tmp_path / 'broken')
    daemon = start()
    for name, answer in ((b'link', b'Test.Marker.UNOFFICIAL FOUND'),
                         (b'broken', b'File path check failure: No such file '
                                     b'or directory. ERROR')):
        path = bytes(tmp_path) + b'/' + name
        assert talk(daemon.socket, [b'zSCAN ' + path + b'\0'])[0] == \
            path + b': ' + answer + b'\0'


def test_a_name_cannot_speak_for_another(start, tmp_path):
    """A line feed in a name, where line feeds end replies."""
    folder = tmp_path / 'folder'
    folder.mkdir()
    (folder / 'a: OK\n').write_bytes(MARKER)
    daemon = start()
    assert talk(daemon.socket, [b'nCONTSCAN ' + bytes(folder) + b'\n'])[0] == \
        bytes(folder) + b'/a: OK?: Test.Marker.UNOFFICIAL FOUND\n'


@pytest.mark.parametrize('count', [65, 200, 1000])
def test_who_asks_much_at_once_gets_all_answers(start, count):
    """All in a few packets, and nothing more until the last is answered."""
    daemon = start(command_timeout=30, read_timeout=30)
    said = talk(daemon.socket, [b'zIDSESSION\0' +
                                (b'zINSTREAM\0' + stream(MARKER)) * count +
                                b'zEND\0'])[0]
    assert sorted(int(line.split(b':')[0]) for line in
                  said.split(b'\0')[:-1]) == list(range(1, count + 1))


def test_a_version_of_ones_own(start):
    daemon = start(version='ClamAV 0.103.0/1/Thu Jan  1 00:00:00 1970')
    assert talk(daemon.socket, [b'VERSION'])[0] == \
        b'ClamAV 0.103.0/1/Thu Jan  1 00:00:00 1970\n'


def test_only_administrators_administer(start, tmp_path):
    daemon = start()
    for command in (b'SHUTDOWN', b'QUIT', b'RELOAD', b'nSHUTDOWN\n',
                    b'zRELOAD\0', b'nSTATS\n'):
        assert talk(daemon.tcp, [command])[0].rstrip(b'\0\n') == \
            b'COMMAND UNAVAILABLE'
    if os.geteuid() == 0:
        tmp_path.chmod(0o755)
        for above in tmp_path.parents:
            if above.name.startswith('pytest-of-'):
                break
            above.chmod(above.stat().st_mode | 0o055)
        asked = subprocess.run(
            ['/usr/bin/python3', '-c', 'import socket, sys\n'
             's = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n'
             's.send(b"SHUTDOWN"); print(s.recv(100))', daemon.socket],
            user=65534, group=65534, extra_groups=[], capture_output=True,
            text=True)
        if asked.returncode == 0:
            assert asked.stdout == "b'COMMAND UNAVAILABLE\\n'\n"
    assert daemon.process.poll() is None
    assert talk(daemon.socket, [b'RELOAD'])[0] == b'RELOADING\n'
    assert talk(daemon.socket, [b'PING'])[0] == b'PONG\n'
    assert talk(daemon.socket, [b'SHUTDOWN']) == (b'', True)
    assert daemon.process.wait(20) == 0
