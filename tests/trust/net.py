"""A whole feed on one machine: root holders, rebuilders, a log, witnesses,
mirrors and mirror cosigners, all of them the programs that are shipped.

Keys are the SHA-256 of a label, so that a run can be repeated.
"""
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'make'))
import log as logs  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get('CANDOR_BUILD', ROOT / 'build')).resolve()
ORIGIN = 'log.candor.example/db-main'


class Key(logs.Key):
    """A key of a label; its secret half fits into a file."""

    def __init__(self, name, label, kind=1):
        seed = hashlib.sha256(f'candor test key: {label}'.encode()).digest()
        super().__init__(name, kind, seed)
        self.seed = seed

    def write(self, path):
        inside = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        path.write_text(f'PRIVATE+KEY+{self.name}+{self.id.hex()}+{inside}\n')
        path.chmod(0o600)
        return path


class Refused(Exception):
    """A program of ours said no."""


class Server:
    """A program that listens, and its address."""

    def __init__(self, *words):
        self.words = [str(w) for w in words]
        self.start()

    def start(self, address='127.0.0.1:0'):
        self.process = subprocess.Popen(
            [*self.words, '--listen', address], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        said = self.process.stdout.readline()
        assert said.startswith('listening at '), said
        self.address = said.split()[-1]
        self.url = f'http://{self.address}'

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.process.stdout.close()

    def again(self):
        """Stop, and start at the same address."""
        self.stop()
        self.start(self.address)


def run(program, *words, check=True, **more):
    done = subprocess.run([str(BUILD / 'bin' / program), *map(str, words)],
                          capture_output=True, text=True, timeout=120, **more)
    if check and done.returncode != 0:
        raise Refused(f'{program} {words[0]}: {done.stderr.strip()}')
    return done


def publish(*words, **more):
    return run('candor-publish', *words, **more)


class Net:
    """Begin with nothing; begin() publishes the first root and release."""

    def __init__(self, place, origin=ORIGIN, roots=7, root_threshold=4,
                 releases=5, release_threshold=3, witnesses=7, quorum=5,
                 cosigners=2, tag=''):
        self.place = Path(place)
        self.place.mkdir(parents=True, exist_ok=True)
        self.origin, self.tag = origin, tag
        self.thresholds = root_threshold, release_threshold
        self.quorum = quorum
        self.keys = self.place / 'keys'
        self.keys.mkdir()
        self.feed = self.place / 'feed'
        self.tree = self.feed / 'tree'
        self.root_keys = self._keys('root', roots)
        self.release_keys = self._keys('release', releases)
        self.witness_keys = self._keys('witness', witnesses, 4)
        self.cosigner_keys = self._keys('mirror', cosigners, 4)
        self.log_key = Key(origin, f'log{tag}')
        self.servers, self.witnesses, self.cosigners = [], [], []
        self.anchor = self.place / 'root1.note'
        self.drafts = 0
        publish('init', '--origin', origin, self.feed)
        (self.feed / 'log.key').unlink()
        self.log_key.write(self.feed / 'log.key')

    def _keys(self, what, count, kind=1):
        made = []
        for n in range(1, count + 1):
            label = f'{what}{n}{self.tag}'
            key = Key(f'{label}.example/{what[0]}', label, kind)
            key.file = key.write(self.keys / label)
            made.append(key)
        return made

    # --- servers ---------------------------------------------------------

    def serve(self, *words):
        server = Server(*words)
        self.servers.append(server)
        return server

    def mirror(self, tree=None):
        """Any static server would do."""
        return self.serve(BUILD / 'bin/candor-mirror', '--tree',
                          tree or self.tree)

    def start(self):
        """The publisher's own server and the witnesses."""
        self.server = self.mirror()
        for key in self.witness_keys:
            self.witnesses.append(self.serve(
                BUILD / 'bin/candor-witness', '--state',
                self.place / f'state-{key.file.name}', '--key', key.file,
                '--log', self.log_key.vkey))

    def start_cosigners(self):
        """They need the first root, to know whose log it is."""
        for key in self.cosigner_keys:
            name = key.file.name
            self.cosigners.append(self.serve(
                BUILD / 'bin/candor-mirror', '--tree', self.place / name,
                '--from', self.server.url, '--root', self.anchor, '--key',
                key.file, '--state', self.place / f'state-{name}', '--every',
                '86400'))

    def stop(self):
        for server in self.servers:
            server.stop()

    # --- publishing ------------------------------------------------------

    def policy(self):
        """Who must cosign; the lines that have a URL are asked."""
        urls = {}
        for keys, servers in ((self.witness_keys, self.witnesses),
                              (self.cosigner_keys, self.cosigners)):
            urls.update({k.name: s.url for k, s in zip(keys, servers)})
        lines = [f'log {self.log_key.vkey}']
        names = {'w': [], 'm': []}
        for letter, keys in (('w', self.witness_keys),
                             ('m', self.cosigner_keys)):
            for n, key in enumerate(keys, 1):
                names[letter].append(f'{letter}{n}')
                lines.append(f'witness {letter}{n} {key.vkey} '
                             f'{urls.get(key.name, "")}'.rstrip())
        lines.append(f'group witnesses {self.quorum} ' + ' '.join(names['w']))
        if names['m']:
            lines.append('group mirrors any ' + ' '.join(names['m']))
            lines.append('group both all witnesses mirrors')
        lines.append('quorum ' + ('both' if names['m'] else 'witnesses'))
        path = self.feed / 'policy'
        path.write_text('\n'.join(lines) + '\n')
        return path

    def sign(self, what, keys):
        """A signature line of each, in a file of its own."""
        files = []
        for key in keys:
            file = self.place / f'line-{key.file.name}'
            file.write_text(publish('sign', '--key', key.file, what).stdout)
            files.append(file)
        return files

    def make_root(self, old=None, keys=None, **changes):
        """A signed root; old: the note of the one before."""
        text = self.place / 'root.txt'
        note = self.place / f'root{self.version + 1 if old else 1}.note'
        words = ['root', '-o', text]
        if old:
            words += ['--old', old]
        else:
            words += ['--root-threshold', self.thresholds[0],
                      '--release-threshold', self.thresholds[1]]
        if not old or 'root_keys' in changes:
            for key in changes.get('root_keys', self.root_keys):
                words += ['--root-key', key.vkey]
        if not old or 'release_keys' in changes:
            for key in changes.get('release_keys', self.release_keys):
                words += ['--release-key', key.vkey]
        if not old or 'policy' in changes:
            words += ['--policy', self.policy()]
        publish(*words)
        signers = keys or self.root_keys[:self.thresholds[0]]
        publish('merge', '-o', note, *(['--root', old] if old else []), text,
                *self.sign(text, signers))
        self.version = self.version + 1 if old else 1
        return note

    def draft(self, sources, root=None, **words):
        """sources: a dictionary, name of a file to its text; or a folder."""
        self.drafts += 1
        where = self.place / f'draft{self.drafts}'
        folder = sources
        if isinstance(sources, dict):
            folder = self.place / f'sources{self.drafts}'
            for name, text in sources.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
        more = ['--root', root] if root else []
        for word, value in words.items():
            more += [f'--{word.replace("_", "-")}']
            more += [] if value is True else [value]
        publish('draft', '-o', where, '--source', f'house={folder}', *more,
                self.feed)
        return where

    def release(self, sources, root=None, keys=None, **words):
        """Draft, have it rebuilt and signed, append."""
        where = self.draft(sources, root, **words)
        signers = keys or self.release_keys[:self.thresholds[1]]
        publish('merge', where, *self.sign(where, signers))
        publish('append', self.feed, *([root] if root else []), where)
        return where

    def cosign(self, check=True):
        return publish('cosign', self.feed, '--policy', self.policy(),
                       check=check)

    def begin(self, sources):
        """Everything up to the first release that anybody can see."""
        self.start()
        self.policy()
        note = self.make_root()
        note.replace(self.anchor)
        self.start_cosigners()
        self.release(sources, self.anchor)
        self.cosign()

    def publish(self, sources, **more):
        self.release(sources, **more)
        self.cosign()
