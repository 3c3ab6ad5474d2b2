"""ClamAV's daemon and ours, side by side, with the same signatures."""
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import socket
import subprocess
import time

import pytest

from clamd_talk import talk
from conftest import BUILD

COMMAND_TIMEOUT, READ_TIMEOUT = 1, 2  # seconds
STREAM_MAX = '1M'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Daemon:
    """A daemon that answers at a Unix socket, and perhaps at a TCP port."""

    def __init__(self, command, socket_path, port=None, **more):
        self.socket = str(socket_path)
        self.tcp = ('127.0.0.1', port)
        self.log = open(f'{socket_path}.log', 'w+b')
        self.process = subprocess.Popen(command, stdout=self.log,
                                        stderr=self.log, **more)
        self._wait()

    def _wait(self):
        for _ in range(600):
            try:
                if talk(self.socket, [b'PING'])[0] == b'PONG\n':
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.log.seek(0)
        raise AssertionError(self.log.read().decode(errors='replace'))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def start_clamav(folder, signatures, **settings):
    """ClamAV's clamd in the foreground, as who runs the tests."""
    if shutil.which('clamd') is None:
        pytest.skip('clamav-daemon is not installed')
    port = free_port()
    settings = {'LocalSocket': folder / 'clamav.sock', 'TCPSocket': port,
                'TCPAddr': '127.0.0.1', 'DatabaseDirectory': signatures,
                'Foreground': 'yes', 'User': 'root',
                'CommandReadTimeout': COMMAND_TIMEOUT,
                'ReadTimeout': READ_TIMEOUT, 'StreamMaxLength': STREAM_MAX,
                **settings}
    if os.geteuid() != 0:
        del settings['User']
    conf = folder / 'clamav.conf'
    conf.write_text(''.join(f'{k} {v}\n' for k, v in settings.items()))
    return Daemon(['clamd', '-c', conf], folder / 'clamav.sock', port)


def start_candord(folder, database, **settings):
    """Ours, with the same limits; settings are those of [clamd], and user."""
    if not (BUILD / 'bin/candord').exists():
        pytest.skip('candord is not built')
    port = free_port()
    settings = {'socket': folder / 'clamd.sock', 'tcp': f'127.0.0.1:{port}',
                'command_timeout': COMMAND_TIMEOUT,
                'read_timeout': READ_TIMEOUT, 'stream_max': STREAM_MAX,
                **settings}
    user = settings.pop('user', 'root')
    conf = folder / 'candord.conf'
    conf.write_text(f"""
[daemon]
user = {user}
socket = {folder}/candor.sock
control = {folder}/control.sock
events = {folder}/events.sock
[scan]
database = {database}
[quarantine]
enabled = no
[clamd]
""" + ''.join(f'{k} = {v}\n' for k, v in settings.items()))
    return Daemon([BUILD / 'bin/candord', '--foreground', '--config', conf],
                  folder / 'clamd.sock', port)


class Candords:
    """Start candord with settings of [clamd]; it ends with the block."""

    def __init__(self, folder, database, **settings):
        self.arguments, self.settings = (folder, database), settings
        self.running = []

    def __enter__(self):
        return self.start

    def start(self, **more):
        self.running.append(start_candord(*self.arguments,
                                          **{**self.settings, **more}))
        return self.running[-1]

    def __exit__(self, *_):
        for daemon in self.running:
            daemon.stop()
