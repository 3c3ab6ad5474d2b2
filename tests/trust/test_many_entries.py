"""A log that outgrows a tile: bundles, tiles, ladder, and what copies it."""
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import os
import re
import shutil
import time

import pytest

import net
from net import logs
from test_rules import post

RULES = {'a.ndb': f'Test.A:0:*:{b"candor trust a".hex()}\n'}
START = 254


@pytest.fixture(scope='module')
def feed(tmp_path_factory):
    """As many releases of the same files as its keys sign in a second."""
    n = net.Net(tmp_path_factory.mktemp('n'), witnesses=3, quorum=2,
                cosigners=1)
    n.begin(RULES)
    text = (n.place / 'draft1/release.txt').read_bytes()
    entries = [n.anchor.read_bytes()]
    for serial in range(1, START):
        if serial > 1:
            shutil.copytree(n.tree / 'sources/1', n.tree / f'sources/{serial}',
                            copy_function=os.link)
        entries.append(logs.note(
            text.replace(b'serial 1\n', b'serial %d\n' % serial),
            *n.release_keys[:3]))
    logs.write(n.tree, entries, n.origin, n.log_key)
    root = logs.root([logs.leaf(e) for e in entries])
    name = hashlib.sha256(n.origin.encode()).hexdigest()
    (n.feed / 'signed' / name).write_text(
        f'{START} {base64.b64encode(root).decode()} {n.origin}\n')
    yield n
    n.stop()


def test_past_a_full_tile(feed):
    assert 'published 254 entries' in feed.cosign().stdout
    for size in range(START + 1, START + 5):
        feed.release(RULES)
        if size in (256, 257):
            assert f'published {size} entries, cosigned by 4 of 4' in \
                feed.cosign().stdout
    feed.cosign()
    done = net.run('candor', 'log', 'verify', 'tiles', '--key',
                   feed.log_key.vkey, feed.tree)
    assert f'{START + 4} entries, every tile' in done.stdout
    for path in ('tile/0/000', 'tile/entries/000', 'tile/0/001.p/2',
                 'tile/entries/001.p/2', 'tile/1/000.p/1'):
        assert (feed.tree / path).exists(), path
    assert 'R1 to R6 hold' in net.publish(
        'check', '--all', '--root', feed.anchor, feed.server.url).stdout
    # Few bases: the one before, and those 24 and 168 before.
    text = (feed.place / f'draft{feed.drafts}/release.txt').read_text()
    assert re.findall(r'delta main-1.cand (\d+) ', text) == [
        str(START + 3 - n) for n in (168, 24, 1)]


def test_a_mirror_catches_up(feed, tmp_path):
    key = net.Key('mirror2.example/m', 'late', 4).write(tmp_path / 'key')
    mirror = feed.serve(net.BUILD / 'bin/candor-mirror', '--tree',
                        tmp_path / 'm', '--from', feed.server.url, '--root',
                        feed.anchor, '--key', key, '--state', tmp_path / 's')
    checkpoint = (feed.tree / 'checkpoint').read_bytes()
    code, why = post(mirror, checkpoint)
    assert code == 200, why
    end = time.time() + 20
    while not (tmp_path / 'm/latest').exists():
        assert time.time() < end
        time.sleep(0.1)
    done = net.run('candor', 'log', 'verify', 'tiles', '--key',
                   feed.log_key.vkey, tmp_path / 'm')
    assert f'{START + 4} entries, every tile' in done.stdout
    assert 'R1 to R6 hold' in net.publish('check', '--all', '--root',
                                          feed.anchor, mirror.url).stdout
    # And starts again from what it has, with its teacher gone.
    feed.server.stop()
    mirror.again()
    assert 'rebuilt, the same' in net.publish(
        'rebuild', '--check', START + 3, mirror.url).stdout
    code, size = post(mirror, checkpoint)
    assert (code, size) == (409, f'{START + 4}\n')
    code, why = post(mirror, checkpoint, START + 4)
    assert code == 200, why
