"""T-REQ-2: of the name service nothing is asked but the mirrors' names.

In a network of its own, with a name server that writes down every question:
no version, no feed, no number of this machine goes out that way.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import lonely
from paper import Client, Feed, database

MIRRORS = ['first.mirror.test', 'second.mirror.test']


class Names(threading.Thread):
    """A server for names (RFC 1035): all are 127.0.0.1."""

    def __init__(self):
        super().__init__(daemon=True)
        self.asked = []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(('127.0.0.1', 53))
        self.start()

    def run(self):
        while True:
            question, who = self.sock.recvfrom(4096)
            at, labels = 12, []
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode())
                at += 1 + question[at]
            kind = question[at + 1:at + 3]
            self.asked.append('.'.join(labels))
            answer = b''
            if kind == b'\0\1':
                answer = b'\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1'
            self.sock.sendto(
                question[:2] + b'\x81\x80\0\1\0' + bytes([answer != b'']) +
                bytes(4) + question[12:at + 5] + answer, who)


def record(place):
    """Update from a mirror that is not there and one that is, by name."""
    import functools
    import http.server
    place = Path(place)
    lonely.bring_loopback_up()
    resolv = place / 'resolv.conf'
    resolv.write_text('nameserver 127.0.0.1\nsearch office.example\n')
    subprocess.run(['mount', '--bind', resolv,
                    Path('/etc/resolv.conf').resolve()], check=True)
    names = Names()
    feed = Feed().release({'main-1.cand': database(
        place / 'db', {'t.ndb': 'Names.Test:0:*:' + b'candor names test: none'.hex()})})
    tree = feed.write(place / 'tree')
    web = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(tree)))
    threading.Thread(target=web.serve_forever, daemon=True).start()
    urls = ['http://first.mirror.test:1/',
            f'http://second.mirror.test:{web.server_port}/']
    c = Client(place / 'c', *urls, feed=feed, clock=feed.time + 120)
    code = c.update()
    print(json.dumps({'asked': names.asked, 'code': code,
                      'said': c.said.stdout + c.said.stderr}))


def test_t_req_2_nothing_but_the_names_of_mirrors(tmp_path):
    way = lonely.words()
    if way is None or not Path('/etc/resolv.conf').exists():
        pytest.skip('no network namespace here')
    done = subprocess.run(
        [*way, '--mount', sys.executable, __file__, tmp_path],
        capture_output=True, text=True, timeout=120,
        env={**os.environ, 'PYTHONPATH': str(Path(__file__).parent)})
    if 'mount:' in done.stderr:
        pytest.skip('no mounts of our own here')
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said['code'] == 0, said
    assert set(said['asked']) == set(MIRRORS)


if __name__ == '__main__':
    record(sys.argv[1])
