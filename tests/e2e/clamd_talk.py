"""Talk to a daemon that speaks clamd's protocol, byte by byte.

An exchange is a list of steps: bytes to send, FD(path, bytes) to send with a
descriptor, PAUSE, or END (no more is sent).  What comes back is every byte
until the daemon closes or is silent, and whether it closed.
"""
# SPDX-License-Identifier: Apache-2.0
import array
import os
import re
import socket
import struct
import time

PAUSE, END = object(), object()


class FD:
    """A descriptor of a file, or several, sent along with bytes."""

    def __init__(self, path, content, flags=os.O_RDONLY, count=1):
        self.path, self.content, self.flags = path, content, flags
        self.count = count


def chunk(content):
    return struct.pack('>I', len(content)) + content


def stream(*contents):
    return b''.join(map(chunk, contents)) + chunk(b'')


def connect(address):
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    s = socket.socket(family, socket.SOCK_STREAM)
    s.connect(address)
    return s


def _send_fd(s, step):
    fd = os.open(step.path, step.flags)
    s.sendmsg([step.content], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                array.array('i', [fd] * step.count))])
    os.close(fd)


def _hear(s, silence):
    got = b''
    s.settimeout(silence)
    while True:
        try:
            more = s.recv(65536)
        except socket.timeout:
            return got, False
        except ConnectionResetError:
            return got, True
        if not more:
            return got, True
        got += more


def talk(address, steps, silence=20.0):
    """(bytes that came back, did the daemon close)"""
    with connect(address) as s:
        try:
            for step in steps:
                if step is PAUSE:
                    time.sleep(0.1)
                elif step is END:
                    s.shutdown(socket.SHUT_WR)
                elif isinstance(step, FD):
                    _send_fd(s, step)
                else:
                    s.sendall(step)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it answered before it had heard all
        return _hear(s, silence)


def masked(reply):
    """Without version, numbers of descriptors, and times."""
    reply = re.sub(rb'fd\[\d+\]', b'fd[N]', reply)
    reply = re.sub(rb'ClamAV [^|\n\0]*', b'ClamAV V', reply)
    reply = re.sub(rb'\n\t[A-Z]+ [\d.]+[^\n]*', b'', reply)
    reply = re.sub(rb'(?<=[ ])\d+(\.\d+)?(?=[ M\n])', b'N', reply)
    return reply
