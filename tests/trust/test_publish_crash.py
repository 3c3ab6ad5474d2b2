"""Killed at every step: the log, the published tree and a mirror's copy are
what they were or what they should be, and the same command goes on."""
# SPDX-License-Identifier: Apache-2.0
import itertools
import shutil
import subprocess

import pytest

import net
from test_rules import post

RULES = {'a.ndb': f'Test.A:0:*:{b"candor trust a".hex()}\n'}
pytestmark = pytest.mark.skipif(
    shutil.which('strace') is None or subprocess.run(
        ['strace', '-o', '/dev/null', 'true'], capture_output=True).returncode,
    reason='strace cannot be used here')


def killed(call, when, program, *words):
    """Run it, killed as it makes that call for the when'th time."""
    return subprocess.run(
        ['strace', '-qq', '-f', '-o', '/dev/null', '-e', f'trace={call}', '-e',
         f'inject={call}:signal=SIGKILL:when={when}',
         str(net.BUILD / 'bin' / program), *map(str, words)],
        capture_output=True, text=True, timeout=60)


@pytest.fixture(scope='module')
def ready(tmp_path_factory):
    """A feed with a release, and a signed draft of the next."""
    n = net.Net(tmp_path_factory.mktemp('feed'), witnesses=3, quorum=2,
                cosigners=0)
    n.begin(RULES)
    n.next = n.draft(RULES)
    net.publish('merge', n.next, *n.sign(n.next, n.release_keys[:3]))
    yield n
    n.stop()


@pytest.mark.parametrize('call', ['fsync', 'renameat'])
def test_append_and_cosign(ready, tmp_path, call):
    deaths = 0
    for when in itertools.count(1):
        feed = tmp_path / f'{when}'
        shutil.copytree(ready.feed, feed)
        policy = ready.policy()
        dead = killed(call, when, 'candor-publish', 'append', feed, ready.next)
        again = net.publish('append', feed, ready.next, check=False)
        # It is in the log now, by one of the two.
        assert again.returncode == 0 or 'R4' in again.stderr, again.stderr
        dead2 = killed(call, when, 'candor-publish', 'cosign', '--policy',
                       policy, feed)
        done = net.publish('cosign', '--policy', policy, feed)
        assert 'published 3 entries' in done.stdout
        assert 'R1 to R6 hold' in net.publish('check', '--all', '--root',
                                              ready.anchor,
                                              feed / 'tree').stdout
        net.run('candor', 'log', 'verify', 'tiles', '--key',
                ready.log_key.vkey, feed / 'tree')
        shutil.rmtree(feed)
        deaths += (dead.returncode != 0) + (dead2.returncode != 0)
        if dead.returncode == 0 and dead2.returncode == 0:
            break
    assert deaths > 2, dead.stderr


def test_a_mirror(ready, tmp_path):
    """Killed while it copies: it goes on where it was."""
    checkpoint = (ready.tree / 'checkpoint').read_bytes()
    key = net.Key('mirror.example/m', 'mirror', 4).write(tmp_path / 'key')
    for when in itertools.count(1):
        place = tmp_path / f'{when}'
        place.mkdir()
        words = ['--tree', place / 'tree', '--from', ready.server.url,
                 '--root', ready.anchor, '--key', key, '--state',
                 place / 'state', '--every', '86400']
        mirror = net.Server(
            'strace', '-D', '-qq', '-f', '-o', '/dev/null', '-e',
            'trace=renameat',
            '-e', f'inject=renameat:signal=SIGKILL:when={when}',
            net.BUILD / 'bin/candor-mirror', *words)
        try:
            code = post(mirror, checkpoint)[0]
        except OSError:
            code = None
        mirror.stop()
        mirror = net.Server(net.BUILD / 'bin/candor-mirror', *words)
        size = int(checkpoint.split(b'\n')[1])
        again = post(mirror, checkpoint)
        if again[0] == 409:
            again = post(mirror, checkpoint, int(again[1]))
        mirror.stop()
        assert again[0] == 200, again
        assert (place / f'tree/tile/0/000.p/{size}').exists()
        shutil.rmtree(place)
        if code == 200:
            break
    assert when > 4
