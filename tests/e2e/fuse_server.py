#!/usr/bin/env python3
"""fuse_server MOUNTPOINT TREE.json - a file system that does not answer.

The tree maps paths to files ({"content": "text"}) and folders ({}), each with
an optional "hang": the requests about it that are never answered, of lookup,
getattr, statfs, opendir, readdir, open, read, flush; "size" makes a file say
another size than it has, and "type" false leaves out of folders what a name
is.  The root is "".  A line "ready" is printed once it is mounted.

Speaks the kernel's protocol (linux/fuse.h, version 7.31) on /dev/fuse, and has
to be root.  It ends when it is unmounted or killed.
"""
# SPDX-License-Identifier: Apache-2.0
import ctypes
import errno
import json
import os
import stat
import struct
import sys

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS = 1, 2, 3, 14, 15, 17
RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR = 18, 25, 26, 27, 28, 29
INTERRUPT, DESTROY, BATCH_FORGET = 36, 38, 42
SILENT = {FORGET, BATCH_FORGET, INTERRUPT}
NAMES = {LOOKUP: 'lookup', GETATTR: 'getattr', STATFS: 'statfs',
         OPENDIR: 'opendir', READDIR: 'readdir', OPEN: 'open', READ: 'read',
         FLUSH: 'flush'}


class Tree:
    """Nodes by number; 1 is the root."""

    def __init__(self, spec):
        self.spec = {'': spec.get('', {})}
        self.spec.update(spec)
        self.path = [None] + sorted(self.spec)
        self.number = {p: n for n, p in enumerate(self.path) if p is not None}

    def children(self, path):
        prefix = path + '/' if path else ''
        return [p for p in self.path[1:] if p and p != path
                and p.startswith(prefix) and '/' not in p[len(prefix):]]

    def is_folder(self, path):
        return 'content' not in self.spec[path]

    def content(self, path):
        return self.spec[path].get('content', '').encode('latin-1')


class Server:
    def __init__(self, fd, tree):
        self.fd, self.tree = fd, tree

    def attributes(self, node):
        path = self.tree.path[node]
        folder = self.tree.is_folder(path)
        size = self.tree.spec[path].get('size',
                                        len(self.tree.content(path)))
        mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644
        return struct.pack('<6Q10I', node, 0 if folder else size, 1,
                           10**9, 10**9, 10**9, 0, 0, 0, mode, 1, 0, 0, 0,
                           4096, 0)

    def init(self, _node, data):
        return struct.pack('<4I2H2I2HI28x', 7, 31, 65536, 0, 12, 9, 65536, 1,
                           0, 0, 0)

    def lookup(self, node, data):
        name = data.rstrip(b'\0').decode('latin-1')
        parent = self.tree.path[node]
        child = self.tree.number.get(f'{parent}/{name}' if parent else name)
        if child is None:
            return errno.ENOENT
        if 'lookup' in self.tree.spec[self.tree.path[child]].get('hang', ()):
            return None
        return struct.pack('<4Q2I', child, 0, 0, 0, 0,
                           0) + self.attributes(child)

    def getattr(self, node, _data):
        return struct.pack('<Q2I', 0, 0, 0) + self.attributes(node)

    def open(self, node, _data):
        return struct.pack('<Q2I', node, 1 if 'size' in self.tree.spec[
            self.tree.path[node]] else 0, 0)

    def read(self, node, data):
        _, offset, size = struct.unpack_from('<QQI', data)
        return self.tree.content(self.tree.path[node])[offset:offset + size]

    def readdir(self, node, data):
        _, offset, room = struct.unpack_from('<QQI', data)
        out = b''
        names = self.tree.children(self.tree.path[node])
        for at, path in enumerate(names[offset:], offset + 1):
            name = path.rsplit('/', 1)[-1].encode('latin-1')
            kind = stat.S_IFDIR if self.tree.is_folder(path) else stat.S_IFREG
            if self.tree.spec[path].get('type') is False:
                kind = 0
            entry = struct.pack('<QQII', self.tree.number[path], at,
                                len(name), kind >> 12) + name
            entry += bytes(-len(entry) % 8)
            if len(out) + len(entry) > room:
                break
            out += entry
        return out

    def statfs(self, _node, _data):
        return struct.pack('<5Q4I24x', 9, 9, 9, 9, 9, 4096, 255, 4096, 0)

    def answer(self, opcode, node, data):
        """Bytes, an errno value, or None for silence."""
        path = self.tree.path[node] if 0 < node < len(self.tree.path) else ''
        if opcode in NAMES and opcode != LOOKUP and NAMES[opcode] in \
                self.tree.spec[path].get('hang', ()):
            return None
        if opcode in (RELEASE, RELEASEDIR, FLUSH, DESTROY):
            return b''
        what = {INIT: self.init, LOOKUP: self.lookup, GETATTR: self.getattr,
                OPEN: self.open, OPENDIR: self.open, READ: self.read,
                READDIR: self.readdir, STATFS: self.statfs}.get(opcode)
        return what(node, data) if what else errno.ENOSYS

    def serve(self):
        while True:
            try:
                request = os.read(self.fd, 1 << 20)
            except OSError as e:
                if e.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                return
            _, opcode, unique, node = struct.unpack_from('<IIQQ', request)
            if opcode in SILENT:
                continue
            answer = self.answer(opcode, node, request[40:])
            if answer is None:
                continue
            error = -answer if isinstance(answer, int) else 0
            body = b'' if error else answer
            try:
                os.write(self.fd, struct.pack('<IiQ', 16 + len(body), error,
                                              unique) + body)
            except OSError:
                pass    # whoever asked is gone


def main():
    point, spec = sys.argv[1:3]
    with open(spec, encoding='utf-8') as f:
        tree = Tree(json.load(f))
    fd = os.open('/dev/fuse', os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f'fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other'
    if libc.mount(b'candor-test', os.fsencode(point), b'fuse', 0,
                  options.encode()) != 0:
        sys.exit(f'mount: {os.strerror(ctypes.get_errno())}')
    print('ready', flush=True)
    Server(fd, tree).serve()


main()
