"""A candord of a test's own, and what asks it."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

from conftest import BUILD, run

CANDORD = str(BUILD / 'bin/candord')
EICAR = (b'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!'
         b'$H+H*')
ASK, CANCEL, STATUS, LEARN = 1, 2, 3, 4
GENERATION, DATABASE, DETAIL, NAME, ANSWER, STATE = 16, 17, 18, 19, 20, 21
CLEAN, UNSCANNED, SUSPICIOUS, INFECTED = range(4)
LIMIT, ENCRYPTED, CORRUPT, UNSUPPORTED, CHANGED, CRASHED, DENIED, TIMEOUT = \
    range(1, 9)
GUARD_CLASS, SERVER, LOCAL, IDLE = 1, 2, 3, 4


class Daemon:
    """candord --foreground with a configuration of its own."""

    def __init__(self, folder, text='', preexec=None, user=None, env=None,
                 database=None):
        self.folder = Path(folder)
        self.config = self.folder / 'candor.conf'
        self.log = self.folder / 'log'
        self.database = database
        self.text = text
        self.write()
        more = {} if user is None else dict(
            user=user, group=user, extra_groups=[])
        self.process = subprocess.Popen(
            [CANDORD, '--foreground', '--config', str(self.config)],
            stderr=self.log.open('ab'), stdin=subprocess.DEVNULL,
            preexec_fn=preexec, env={**os.environ, **(env or {})}, **more)

    def write(self):
        sections = {'daemon': '', 'clamd': '', 'quarantine': 'enabled = no\n',
                    'scan': ''}
        for name in ('socket', 'control', 'events'):
            sections['daemon'] += f'{name} = {self.folder}/{name}.sock\n'
        sections['clamd'] += f'socket = {self.folder}/clamd.sock\n'
        if self.database:
            sections['scan'] += f'database = {self.database}\n'
        for part in self.text.split('[')[1:]:
            name, more = part.split(']', 1)
            sections[name] = sections.get(name, '') + more.strip() + '\n'
        self.config.write_text(''.join(f'[{name}]\n{keys}'
                                       for name, keys in sections.items()))
        self.config.chmod(0o644)

    def __enter__(self):
        self.wait_ready()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        # What a sanitized build has to say.
        assert 'runtime error' not in self.said()
        assert 'Sanitizer' not in self.said()

    def said(self):
        return self.log.read_text()

    def wait_for(self, what, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            value = what()
            if value:
                return value
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f'never came to be:\n{self.said()}')

    def status(self):
        done = run('status', '--json', '--socket', self.folder / 'control.sock')
        return json.loads(done.out) if done.code in (0, 1) else None

    def wait_ready(self):
        def ready():
            s = self.status()
            return s and s['processes'] and all(
                p['state'] == 'ready' for p in s['processes'])
        self.wait_for(ready)

    def pid(self, name):
        return next((p['pid'] for p in self.status()['processes']
                     if p['name'] == name), 0)

    def workers(self):
        return children(self.pid('broker'))

    def scan(self, *arguments, **more):
        return run('scan', '--no-cache', '--daemon', '--socket',
                   self.folder / 'socket.sock', *arguments, **more)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def generation(self):
        return self.status()['metrics'].get('database_generation', 0)


def children(pid):
    """Processes whose parent is pid, whatever their namespace."""
    found = []
    for stat in Path('/proc').glob('[0-9]*/stat'):
        try:
            fields = stat.read_text().rsplit(')', 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != 'Z':
            found.append(int(stat.parent.name))
    return found


class Front:
    """A program on the local socket, speaking lib/wire/ask.h."""

    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.s.settimeout(60)
        self.s.connect(str(path))
        self.number = 0
        self.names = {}

    def close(self):
        self.s.close()

    def ask(self, fd, flags=0, deadline=0, number=None, size=None):
        if number is None:
            self.number += 1
            number = self.number
        if size is None:
            size = os.fstat(fd).st_size
        record = struct.pack('<IIQQIIII', ASK, 0, number, size, flags, LOCAL,
                             deadline, 0).ljust(64, b'\0')
        socket.send_fds(self.s, [record], [fd])
        return number

    def ask_path(self, path, **more):
        fd = os.open(path, os.O_RDONLY)
        try:
            return self.ask(fd, **more)
        finally:
            os.close(fd)

    def hear(self):
        """(kind, id, record), or None when the broker hung up."""
        try:
            record, fds, _, _ = socket.recv_fds(self.s, 1024, 4)
        except ConnectionResetError:
            return None
        for fd in fds:
            os.close(fd)
        if not record:
            return None
        kind, _, number = struct.unpack_from('<IIQ', record)
        if kind == NAME:
            size, = struct.unpack_from('<I', record, 28)
            self.names.setdefault(number, []).append(
                record[32:32 + size].decode())
        return kind, number, record

    def answer(self):
        """The next (id, verdict, reason), or None."""
        while True:
            heard = self.hear()
            if heard is None:
                return None
            kind, number, record = heard
            if kind == ANSWER:
                return (number,) + struct.unpack_from('<II', record, 16)
