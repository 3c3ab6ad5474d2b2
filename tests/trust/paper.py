"""A feed made on paper: every role in one object, with clocks that say what
the test wants.

Where net.py has the shipped programs do it, here the formats are written down
a second time, plainly, after docs/trust.md; so the client is checked against
something else than our own publisher, and can be shown what no honest
publisher would make.
"""
# SPDX-License-Identifier: Apache-2.0
import base64
import copy
import hashlib
import struct
import subprocess
import sys
from pathlib import Path

from conftest import CANDOR

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'make'))
import log as logs  # noqa: E402

ORIGIN = 'log.candor.example/db-main'
T0 = 1735689600  # the first of January 2025
HOUR, DAY = 3600, 86400


class Key(logs.Key):
    def __init__(self, name, label, kind=1):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import \
            Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import (
            Encoding, PublicFormat)
        self.name, self.kind = name, kind
        seed = hashlib.sha256(f'candor test key: {label}'.encode()).digest()
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.bytes = bytes([kind]) + self.private.public_key().public_bytes(
            Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(name.encode() + b'\n' +
                                 self.bytes).digest()[:4]


def b64(raw):
    return base64.b64encode(raw).decode()


def part(raw):
    return struct.pack('>I', len(raw)) + raw


def keys(what, count, tag='', kind=1):
    return [Key(f'{what}{n}{tag}.example/{what[0]}', f'{what}{n}{tag}', kind)
            for n in range(1, count + 1)]


def database(folder, sources):
    """Compile a dictionary of texts."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sources.items():
        (folder / name).write_text(text)
    out = folder / 'out.cand'
    done = subprocess.run([CANDOR, 'db', 'build', '-o', out,
                           *sorted(folder / n for n in sources)],
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return out.read_bytes()


class Feed:
    def __init__(self, origin=ORIGIN, tag='', time=T0):
        self.origin, self.time, self.tag = origin, time, tag
        self.root_keys = keys('root', 7, tag)
        self.release_keys = keys('release', 5, tag)
        self.witnesses = keys('witness', 7, tag, 4)
        self.mirrors = keys('mirror', 2, tag, 4)
        self.log = Key(origin, f'log{tag}')
        self.version, self.epoch = 0, 1
        self.entries, self.roots, self.blobs = [], [], {}
        self.tree_time = time
        self.add_root()
        self.anchor = self.entries[0]

    def copy(self):
        """Another future of the same past."""
        return copy.deepcopy(self, {id(k): k for group in (
            self.root_keys, self.release_keys, self.witnesses, self.mirrors,
            [self.log]) for k in group} | {
                id(k.private): k.private for k in (
                    *self.root_keys, *self.release_keys, *self.witnesses,
                    *self.mirrors, self.log)})

    # --- what is signed ------------------------------------------------------

    def root_text(self, expires=None):
        both = self.witnesses + self.mirrors
        names = [f'w{n + 1}' for n in range(len(self.witnesses))] + \
                [f'm{n + 1}' for n in range(len(self.mirrors))]
        quorum = len(self.witnesses) - 2
        w, m = names[:len(self.witnesses)], names[len(self.witnesses):]
        return '\n'.join([
            'candor-root/v1', f'feed {self.origin}',
            f'version {self.version}', f'epoch {self.epoch}',
            f'time {self.time}', f'expires {expires or self.time + 365 * DAY}',
            'root-threshold 4',
            *sorted(f'root-key {k.vkey}' for k in self.root_keys),
            'release-threshold 3',
            *sorted(f'release-key {k.vkey}' for k in self.release_keys),
            f'policy log {self.log.vkey}',
            *(f'policy witness {n} {k.vkey}' for n, k in zip(names, both)),
            f'policy group wq {quorum} ' + ' '.join(w),
            'policy group mq any ' + ' '.join(m),
            'policy group both all wq mq', 'policy quorum both', ''
        ]).encode()

    def add_root(self, signers=(), expires=None):
        """Signers: of the version before, when keys change."""
        self.version += 1
        text = self.root_text(expires)
        who = list(self.root_keys[:4]) + list(signers)
        self.entries.append(logs.note(text, *who))
        self.roots.append(len(self.entries) - 1)

    def release(self, files, signers=None, seconds=HOUR, **other):
        """files: a dictionary, name to bytes."""
        self.time += seconds
        for raw in files.values():
            self.blobs[hashlib.sha256(raw).hexdigest()] = raw
        word = dict(feed=self.origin, serial=len(self.entries),
                    time=self.time, expires=self.time + 14 * DAY,
                    root=self.version, engine=1) | other
        text = '\n'.join([
            'candor-release/v1', f'feed {word["feed"]}',
            f'serial {word["serial"]}', f'time {word["time"]}',
            f'expires {word["expires"]}', f'root {word["root"]}',
            f'engine-min {word["engine"]}',
            'recipe sha256:' + hashlib.sha256(b'recipe').hexdigest(),
            *(f'file {n} {len(r)} sha256:{hashlib.sha256(r).hexdigest()}'
              for n, r in sorted(files.items())),
            *word.get('deltas', []), '']).encode()
        self.entries.append(logs.note(text, *(
            self.release_keys[:3] if signers is None else signers)))
        self.tree_time = self.time
        return self

    # --- what a mirror has -----------------------------------------------------

    def hashes(self, size=None):
        return [logs.leaf(e) for e in self.entries[:size]]

    def checkpoint(self, size=None, by=None, at=None, times=None):
        """times: of single witnesses, by their number."""
        hashes = self.hashes(size)
        text = b'%s\n%d\n%s\n' % (self.origin.encode(), len(hashes),
                                  base64.b64encode(logs.root(hashes)))
        who = self.witnesses + self.mirrors if by is None else by
        at = at or self.tree_time + 60
        lines = b''.join(k.line(text, (times or {}).get(n, at + n))
                         for n, k in enumerate(who))
        return text + b'\n' + self.log.line(text) + lines

    def proof(self, index, size=None, **how):
        hashes = self.hashes(size)
        return ''.join(['c2sp.org/tlog-proof@v1\n', f'index {index}\n',
                        *(b64(h) + '\n' for h in
                          logs.inclusion(index, hashes)), '\n']).encode() + \
            self.checkpoint(size, **how)

    def ladder(self, size=None, base=0):
        hashes = self.hashes(size)
        front, at = [], 0
        for bit in reversed(range(64)):
            if base >> bit & 1:
                front.append(logs.root(hashes[at:at + (1 << bit)]))
                at += 1 << bit
        return ''.join(['candor-ladder/v1\n', f'size {base}\n',
                        *(b64(h) + '\n' for h in front), '\n',
                        *(b64(h) + '\n' for h in hashes[base:])]).encode()

    def latest(self, size=None, base=0, **how):
        size = size or len(self.entries)
        return part(self.entries[size - 1]) + \
            part(self.proof(size - 1, size, **how)) + \
            part(self.ladder(size, base))

    def all_roots(self, size=None, **how):
        size = size or len(self.entries)
        return b''.join(part(self.entries[i]) +
                        part(self.proof(i, max(size, i + 1), **how))
                        for i in self.roots if i < size)

    def write(self, folder, size=None, base=0, **how):
        """The static tree; how: see checkpoint()."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'latest').write_bytes(self.latest(size, base, **how))
        (folder / 'roots').write_bytes(self.all_roots(size))
        (folder / 'checkpoint').write_bytes(self.checkpoint(size, **how))
        hashes = self.hashes(size)
        for at in range(0, len(hashes), 256):
            some = hashes[at:at + 256]
            logs.put(folder, f'tile/0/{logs.path(at // 256)}', len(some),
                     b''.join(some))
        for name, raw in self.blobs.items():
            file = folder / f'blob/sha256/{name[:2]}/{name[2:]}'
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(raw)
        return folder


class Client:
    """candor update, with folders of its own and a clock of the test's."""

    def __init__(self, place, *mirrors, feed=None, name='main', clock=None,
                 kind='candor', settings=(), env=None):
        self.place = Path(place)
        self.settings, self.state = self.place / 'feeds.d', \
            self.place / 'feeds'
        self.settings.mkdir(parents=True, exist_ok=True)
        self.name, self.clock, self.env = name, clock, env
        self.add(name, *mirrors, feed=feed, kind=kind, settings=settings)

    def add(self, name, *mirrors, feed=None, kind='candor', settings=()):
        lines = [f'kind = {kind}', *(f'mirror = {m}' for m in mirrors),
                 *settings, '']
        (self.settings / f'{name}.conf').write_text('\n'.join(lines))
        if feed is not None:
            (self.settings / f'{name}.root').write_bytes(feed.anchor)

    def run(self, *words, plain=False, **more):
        where = [] if plain else ['--settings', self.settings, '--state',
                                  self.state]
        return subprocess.run([CANDOR, *map(str, words), *where],
                              capture_output=True, text=True, timeout=300,
                              env=self.env, **more)

    def update(self, *words, clock=None, **more):
        clock = clock or self.clock
        said = self.run('update', *words, *(
            ['--clock', clock] if clock else []), **more)
        self.said = said
        return said.returncode

    def feeds(self, clock=None):
        import json
        clock = clock or self.clock
        done = self.run('feed', 'list', '--json', *(
            ['--clock', clock] if clock else []))
        return {o['feed']: o for o in map(json.loads,
                                          done.stdout.splitlines())}

    def status(self, clock=None):
        return self.feeds(clock)[self.name]['status']

    @property
    def folder(self):
        return self.state / self.name

    @property
    def current(self):
        link = self.folder / 'current'
        return link.readlink().name if link.is_symlink() else None

    def content(self):
        """Every file of what is installed."""
        if self.current is None:
            return {}
        return {p.name: p.read_bytes()
                for p in (self.folder / 'current').iterdir()}
