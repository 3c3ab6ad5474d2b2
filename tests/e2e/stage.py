"""A supervisor and a broker to put one process of candord between.

What the guard does when a verdict is late, or never comes, is seen best when
the one who gives verdicts is the test itself.  The frames are those of
lib/wire/duty.h and lib/wire/ask.h.
"""
# SPDX-License-Identifier: Apache-2.0
import array
import os
import signal
import socket
import struct
import subprocess
import threading
import time

from conftest import BUILD

CONFIG, LINK, GO, PING, STOP = 1, 2, 5, 6, 7
READY, PONG, METRIC, WANT, EVENT = 16, 17, 18, 19, 20
BROKER, QUARANTINE, GUARD = 1, 4, 3
ASK, CANCEL, GENERATION, NAME, ANSWER = 1, 2, 16, 19, 20
CLEAN, UNSCANNED, SUSPICIOUS, INFECTED = range(4)
EVENTS = {1: 'note', 7: 'detected', 8: 'blocked', 9: 'unscanned',
          10: 'overrun', 11: 'gap', 12: 'quarantined', 14: 'deleted'}


def frame(size, kind, number=0, body=b''):
    return struct.pack('<IIQ', kind, 0, number).ljust(16) + \
        body.ljust(size - 16, b'\0')


def send(sock, record, fd=None):
    more = []
    if fd is not None:
        more = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))]
    sock.sendmsg([record], more)


def pair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Broker(threading.Thread):
    """Gives verdicts: judge(bytes of the file) → (verdict, name), or None to
    stay silent."""

    def __init__(self, sock, judge):
        super().__init__(daemon=True)
        self.sock, self.judge = sock, judge
        self.asked = []
        self.generation = 1
        send(sock, self.generation_frame())

    def generation_frame(self):
        return frame(64, GENERATION, 0,
                     struct.pack('<QQQII', self.generation, 1, 0, 1, 0))

    def run(self):
        while True:
            try:
                record, more, _, _ = self.sock.recvmsg(
                    512, socket.CMSG_SPACE(4))
            except OSError:
                return
            if not record:
                return
            kind, _, number = struct.unpack_from('<IIQ', record)
            if kind != ASK:
                continue
            (fd,) = array.array('i', more[0][2][:4])
            self.answer(number, fd)

    def answer(self, number, fd):
        size = os.fstat(fd).st_size
        content = os.pread(fd, 1 << 20, 0)
        os.close(fd)
        self.asked.append(content)
        said = self.judge(content)
        if said is None:
            return
        verdict, name = said
        try:
            if name:
                send(self.sock, frame(320, NAME, number, struct.pack(
                    '<IIII', 1, verdict == SUSPICIOUS, 0, len(name)) +
                    name.encode()))
            send(self.sock, frame(128, ANSWER, number, struct.pack(
                '<IIIIIIIIQQ', verdict, 8 if verdict == UNSCANNED else 0,
                1 << 8 if verdict == UNSCANNED else 0, bool(name),
                bool(name), 0, 0, 0, size, self.generation)))
        except OSError:
            pass


class Stage:
    """One process, started as the supervisor would."""

    def __init__(self, program, config):
        self.events, self.metrics = [], {}
        self.ready = threading.Event()
        self.mine, theirs = pair()
        # A shell between us: what descends from the parent of a process of
        # candord is candord's own, and the test's programs must not be.
        self.process = subprocess.Popen(
            ['bash', '-c', 'exec 3<&"$1"; "$0" & echo $!; wait $!',
             BUILD / 'bin' / program, str(theirs.fileno())],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE)
        self.pid = int(self.process.stdout.readline())
        theirs.close()
        self.configure(config)
        threading.Thread(target=self.listen, daemon=True).start()

    def configure(self, text):
        fd = os.memfd_create('config', os.MFD_ALLOW_SEALING)
        os.write(fd, text.encode())
        os.lseek(fd, 0, os.SEEK_SET)
        send(self.mine, frame(64, CONFIG), fd)
        os.close(fd)

    def link(self, role, sock):
        send(self.mine, frame(64, LINK, 0, struct.pack('<II', role, 0)),
             sock.fileno())
        sock.close()

    def go(self):
        send(self.mine, frame(64, GO))
        assert self.ready.wait(10), 'never ready'

    def listen(self):
        while True:
            try:
                record = self.mine.recv(8192)
            except OSError:
                return
            if not record:
                return
            kind, _, number = struct.unpack_from('<IIQ', record)
            if kind == READY:
                self.ready.set()
            elif kind == METRIC:
                which, _, value = struct.unpack_from('<IIQ', record, 16)
                self.metrics[which] = value
            elif kind == EVENT:
                self.hear_event(record)

    def hear_event(self, record):
        kind, level, verdict, reason, pid, uid, name, text, path = \
            struct.unpack_from('<IIIIIIIII', record, 16)
        self.events.append({
            'kind': EVENTS.get(kind, kind), 'level': level, 'pid': pid,
            'verdict': verdict,
            'name': record[64:64 + name].decode(),
            'text': record[352:352 + text].decode(errors='replace'),
            'path': os.fsdecode(record[512:512 + path])})

    def wait_for(self, kind, seconds=10, **want):
        """The first event of a kind, with those fields."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for e in list(self.events):
                if e['kind'] == kind and all(e[k] == v
                                             for k, v in want.items()):
                    return e
            time.sleep(0.01)
        raise AssertionError(f'no {kind} {want} in {self.events}')

    def stop(self):
        send(self.mine, frame(64, STOP))
        return self.process.wait(10)

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self):
        self.kill()
        self.process.wait()
        self.process.stdout.close()
        self.mine.close()
