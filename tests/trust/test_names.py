"""Which names are looked up: those of the configured mirrors, and no other."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from test_update import db, feed, served  # noqa: F401
from paper import Client


def question(packet):
    """The name a DNS query asks for."""
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += packet[at] + 1
    kind = int.from_bytes(packet[at + 1:at + 3], 'big')
    return '.'.join(labels), kind, packet[12:at + 5]


def machine(client, mirror, clock):
    """In a network namespace of its own: a name server, a mirror at port 80,
    one update.  Prints what was asked, and how the update ended."""
    import functools
    import http.server
    import socket
    import socketserver
    import threading
    asked, far = [], []
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(('127.0.0.1', 53))

    def serve_names():
        while True:
            packet, sender = names.recvfrom(4096)
            name, kind, raw = question(packet)
            asked.append(name)
            known = kind == 1 and name == 'mirror.example'
            names.sendto(
                packet[:2] + b'\x81\x80' + b'\0\1' +
                (b'\0\1' if known else b'\0\0') + b'\0\0\0\0' + raw +
                (b'\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1' if known
                 else b''), sender)
    threading.Thread(target=serve_names, daemon=True).start()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            far.append(self.headers['Host'])

    class Web(http.server.ThreadingHTTPServer):
        def server_bind(self):  # its own asks for the name of 127.0.0.1
            socketserver.TCPServer.server_bind(self)
    web = Web(
        ('127.0.0.1', 80), functools.partial(Quiet, directory=mirror))
    threading.Thread(target=web.serve_forever, daemon=True).start()
    place = Path(client)
    done = subprocess.run(
        [os.environ['CANDOR'], 'update', '--settings', place / 'feeds.d',
         '--state', place / 'feeds', '--clock', clock],
        capture_output=True, text=True)
    print(json.dumps({'code': done.returncode, 'asked': asked, 'far': far,
                      'said': done.stderr}))


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root: port 53')
def test_t_req_2_only_the_mirrors_are_looked_up(feed, served, tmp_path):
    from conftest import CANDOR
    if subprocess.run(['unshare', '-mn', 'true'],
                      capture_output=True).returncode != 0:
        pytest.skip('no namespaces here')
    c = Client(tmp_path / 'c', 'http://mirror-gone.invalid.example/',
               'http://mirror.example/', feed=feed)
    (served / 'resolv.conf').write_text(
        'nameserver 127.0.0.1\noptions attempts:1 timeout:1\n')
    script = ('ip link set lo up 2>/dev/null || ifconfig lo up; '
              'mount --bind "$1" "$(readlink -f /etc/resolv.conf)"; shift; '
              'exec "$@"')
    done = subprocess.run(
        ['unshare', '-mn', 'sh', '-c', script, 'sh', served / 'resolv.conf',
         sys.executable, __file__, c.place, served, str(feed.time + 120)],
        capture_output=True, text=True, timeout=120,
        env={**os.environ, 'CANDOR': CANDOR,
             'PYTHONPATH': str(Path(__file__).parent)})
    if not done.stdout:
        pytest.skip(f'no name server here: {done.stderr[-200:]}')
    said = json.loads(done.stdout)
    assert said['code'] == 0, said
    assert set(said['asked']) <= {'mirror.example',
                                  'mirror-gone.invalid.example'}
    assert 'mirror.example' in said['asked']


if __name__ == '__main__':
    machine(*sys.argv[1:])
