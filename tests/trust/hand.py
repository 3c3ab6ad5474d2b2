"""Give orders to one helper of candor update, as candor update does.

The records are those of proc/feed/order.h.
"""
# SPDX-License-Identifier: Apache-2.0
import array
import os
import socket
import struct
import subprocess

GET, INPUT, CHECK, BEGIN, FILE, PUT, COMMIT, STATE, DELTA, END = range(1, 11)
DONE, ABSENT, REFUSED, LIMIT, FAILED, FORGED = range(6)
SIZE = 2636


class Answer:
    def __init__(self, record):
        self.kind, self.a, self.b = struct.unpack_from('<III', record)
        self.number = struct.unpack_from('<4Q', record, 12)
        self.hash = record[44:76]
        self.name = record[76:588].rstrip(b'\0').decode()
        self.text = record[588:].rstrip(b'\0').decode()


def record(kind, a=0, number=(), digest=b'', name='', text=''):
    number = (list(number) + [0] * 4)[:4]
    return struct.pack('<III4Q', kind, a, 0, *number) + \
        digest.ljust(32, b'\0') + name.encode().ljust(512, b'\0') + \
        text.encode().ljust(2048, b'\0')


class Hand:
    """A helper, with a channel as 3 and perhaps a descriptor as 4."""

    def __init__(self, program, *arguments, lent=None):
        self.sock, theirs = socket.socketpair(socket.AF_UNIX,
                                              socket.SOCK_SEQPACKET)
        keep = [theirs.fileno()]
        script = 'exec 3<&"$1"'
        if lent is not None:
            keep.append(lent)
            script += f'; exec 4<&{lent}'
        self.process = subprocess.Popen(
            ['bash', '-c', script + '; shift; exec "$@"', 'sh',
             str(theirs.fileno()), str(program), *arguments],
            pass_fds=keep, stdin=subprocess.DEVNULL,
            env={'LC_ALL': 'C', 'TZ': 'UTC'})
        theirs.close()

    def tell(self, order, fd=None):
        more = [] if fd is None else [
            (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))]
        self.sock.sendmsg([order], more)

    def hear(self, seconds=60):
        self.sock.settimeout(seconds)
        got = self.sock.recv(SIZE + 1)
        assert len(got) == SIZE, len(got)
        return Answer(got)

    def get(self, url, most=1 << 20, total=10000, quiet=5000, proxy=''):
        """Bytes, and how it ended."""
        r, w = os.pipe()
        self.tell(record(GET, number=[most, total, quiet], name=proxy,
                         text=url), w)
        os.close(w)
        got = b''
        while piece := os.read(r, 65536):
            got += piece
        os.close(r)
        return got, self.hear()

    def close(self):
        self.sock.close()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
