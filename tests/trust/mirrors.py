"""Mirrors that are not as they should be, on loopback."""
# SPDX-License-Identifier: Apache-2.0
import socket
import threading
import time


class Raw(threading.Thread):
    """Answers each connection with answer(request, connection); keeps what
    was asked for, byte by byte."""

    def __init__(self, answer):
        super().__init__(daemon=True)
        self.answer = answer
        self.asked = []
        self.sock = socket.create_server(('127.0.0.1', 0))
        self.port = self.sock.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}'
        self.start()

    def run(self):
        while True:
            try:
                c, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def serve(self, c):
        with c:
            request = b''
            while b'\r\n\r\n' not in request:
                piece = c.recv(65536)
                if not piece:
                    return
                request += piece
            self.asked.append(request)
            try:
                self.answer(request, c)
            except OSError:
                pass

    def close(self):
        self.sock.close()


def path_of(request):
    return request.split(b' ')[1].decode()


def reply(c, body, status='200 OK', *headers):
    lines = [f'HTTP/1.1 {status}', f'Content-Length: {len(body)}', *headers]
    c.sendall('\r\n'.join(lines).encode() + b'\r\n\r\n' + body)


def saying(body, status='200 OK', *headers):
    return Raw(lambda request, c: reply(c, body, status, *headers))


def endless(request, c):
    """200, and bytes for ever."""
    c.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
    while True:
        c.sendall(b'x' * 65536)


def endless_headers(request, c):
    c.sendall(b'HTTP/1.1 200 OK\r\n')
    while True:
        c.sendall(b'X-Very: long\r\n' * 1000)


def dripping(request, c):
    """A byte now and then."""
    c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
    while True:
        c.sendall(b'x')
        time.sleep(0.2)


def silent(request, c):
    time.sleep(600)


class Socks(threading.Thread):
    """A SOCKS5 proxy that leads everywhere to one web server."""

    def __init__(self, url):
        super().__init__(daemon=True)
        host, port = url.split('/')[2].split(':')
        self.to = (host, int(port))
        self.names = []
        self.sock = socket.create_server(('127.0.0.1', 0))
        self.port = self.sock.getsockname()[1]
        self.start()

    def run(self):
        while True:
            c, _ = self.sock.accept()
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def serve(self, c):
        c.recv(262)
        c.sendall(b'\x05\x00')
        asked = c.recv(262)
        assert asked[:4] == b'\x05\x01\x00\x03', asked  # a name, not a number
        self.names.append(asked[5:5 + asked[4]])
        c.sendall(b'\x05\x00\x00\x01' + bytes(6))
        far = socket.create_connection(self.to)
        threading.Thread(target=pump, args=(far, c), daemon=True).start()
        pump(c, far)


def pump(a, b):
    try:
        while piece := a.recv(65536):
            b.sendall(piece)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass
