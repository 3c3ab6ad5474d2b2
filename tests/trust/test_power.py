"""T-UPD-8, the power cut: whatever of what was not brought to the disk is lost,
the feed is as it was or as it is to be.

The installer's system calls are recorded, and played on a model of a disk that
promises no more than POSIX does: what was written to a file is there after
fsync() of the file, an entry of a folder after fsync() of the folder; until then
each change of a folder may be there or not, whatever came after it."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import shutil
import subprocess
from itertools import product
from pathlib import Path

import pytest

from conftest import CANDOR
from paper import Client
from test_update import db, feed, served  # noqa: F401

CALLS = ('openat,write,pwrite64,copy_file_range,ftruncate,fsync,fdatasync,'
         'mkdirat,symlinkat,renameat,renameat2,unlinkat')
LINE = re.compile(r'^(\w+)\((.*)\)\s+= (\d+)')
FD = re.compile(r'(?:\d+|AT_FDCWD)<([^>]*)>')
WORD = re.compile(r'"([^"]*)"')


class File:
    """is_whole: all that was written to it is on the disk."""

    def __init__(self, is_whole=False):
        self.is_whole = is_whole


class Folder:
    """What is surely there, and the changes since: (name, node) each, several
    that happen together or not at all."""

    def __init__(self):
        self.sure, self.changes = {}, []

    def now(self):
        return self.after([True] * len(self.changes))

    def after(self, kept):
        entries = dict(self.sure)
        for change, is_kept in zip(self.changes, kept):
            if is_kept:
                entries.update(change)
        return {name: node for name, node in entries.items() if node}

    def sync(self):
        self.sure, self.changes = self.now(), []


class Disk:
    """The folder of a feed."""

    def __init__(self, top):
        self.top, self.root = top, self.load(Path(top))

    def load(self, path):
        if path.is_symlink():
            return os.readlink(path)
        if path.is_file():
            return File(is_whole=True)
        folder = Folder()
        folder.sure = {p.name: self.load(p) for p in path.iterdir()}
        return folder

    def node(self, path):
        node = self.root
        for part in Path(path).relative_to(self.top).parts:
            node = node.now()[part]
        return node

    def change(self, path, node):
        path = Path(path)
        self.node(path.parent).changes.append([(path.name, node)])

    def call(self, name, at, words):
        """One call: the paths of its descriptors, the strings it was given."""
        if name in ('write', 'pwrite64', 'copy_file_range', 'ftruncate'):
            self.node(at[-1]).is_whole = False
        elif name in ('fsync', 'fdatasync'):
            node = self.node(at[0])
            if isinstance(node, Folder):
                node.sync()
            else:
                node.is_whole = True
        elif name == 'mkdirat':
            self.change(f'{at[0]}/{words[0]}', Folder())
        elif name == 'symlinkat':
            self.change(f'{at[0]}/{words[1]}', words[0])
        elif name == 'unlinkat':
            self.change(f'{at[0]}/{words[0]}', None)
        elif name == 'openat':
            self.change(f'{at[0]}/{words[0]}', File())
        else:
            assert at[0] == at[1]
            folder = self.node(at[0])
            folder.changes.append([(words[1], folder.now()[words[0]]),
                                   (words[0], None)])

    def is_good(self, releases):
        """Whatever is lost, current leads to one of these, whole."""
        top = self.root
        for kept in product((True, False), repeat=len(top.changes)):
            entries = top.after(kept)
            if 'current' not in entries:
                return False
            release = entries.get(entries['current'])
            if not isinstance(release, Folder):
                return False
            for inner in product((True, False), repeat=len(release.changes)):
                files = release.after(inner)
                if sorted(files) not in releases or \
                        not all(f.is_whole for f in files.values()):
                    return False
        return True


def calls_of(log, top):
    """Those that changed the folder, and where strace says they did."""
    for line in log.read_text(errors='replace').splitlines():
        m = LINE.match(line)
        if not m or top not in line:
            continue
        name, text = m.group(1), m.group(2)
        at = FD.findall(text)
        if not at or not at[0].startswith(top) or \
                (name == 'openat' and 'O_CREAT' not in text):
            continue
        yield name, at, WORD.findall(text)


def recorded(c, tmp_path):
    """The calls of the one process that writes there, while it updates."""
    top = os.path.realpath(c.folder)
    done = subprocess.run(
        ['strace', '-ff', '-y', '-s', '128', '-e', f'trace={CALLS}',
         '-o', tmp_path / 'log', CANDOR, 'update', '--settings', c.settings,
         '--state', c.state, '--clock', str(c.clock)],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = [calls for calls in (list(calls_of(log, top))
                                 for log in tmp_path.glob('log.*')) if calls]
    assert len(found) == 1
    return found[0]


def first_bad(disk, calls, releases):
    """The first call after which a power cut does harm; None if none does."""
    assert disk.is_good(releases)
    for i, call in enumerate(calls):
        disk.call(*call)
        if not disk.is_good(releases):
            return i
    return None


@pytest.mark.skipif(not shutil.which('strace'), reason='no strace here')
def test_t_upd_8_power_cut_at_any_moment(feed, served, db, tmp_path):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    old = sorted(p.name for p in (c.folder / 'current').iterdir())
    before = os.readlink(c.folder / 'current')
    top = os.path.realpath(c.folder)
    disks = [Disk(top) for _ in range(40)]
    feed.release({'main-1.cand': db['two']}).write(served)
    c.clock = feed.time + 120
    calls = recorded(c, tmp_path)
    new = sorted(p.name for p in (c.folder / 'current').iterdir())
    assert os.readlink(c.folder / 'current') != before
    disk = disks.pop()
    assert first_bad(disk, calls, [old, new]) is None
    # And it stays: nothing of the new release waits for the disk at the end.
    assert 'current' in disk.root.sure
    assert disk.root.sure['current'] == os.readlink(c.folder / 'current')
    # The model sees what it looks for: without any one fsync() before the
    # step there is harm, except of what is there already.
    step = next(i for i, (name, _, words) in enumerate(calls)
                if name.startswith('rename') and words[1] == 'current')
    syncs = [i for i, (name, _, _) in enumerate(calls[:step])
             if name == 'fsync']
    assert len(syncs) >= 3
    for i in syncs:
        less = calls[:i] + calls[i + 1:]
        assert first_bad(disks.pop(), less, [old, new]) is not None, calls[i]
