"""Nobody can end it: the publisher gone, two feeds at once, the year 2040."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import subprocess

import pytest

from conftest import CANDOR
from paper import DAY, Client, Feed
from test_update import MARK, db, feed, served  # noqa: F401

IN_2040 = 2208988800
TEXT = {name: f'candor feed test {name}: harmless'.encode()
        for name in ['one', 'two', 'three']}


def scan_installed(client, path, env=None):
    """As installed: the client's folder stands at /var/lib/candor."""
    if subprocess.run(['unshare', '-rm', 'true'],
                      capture_output=True).returncode != 0:
        pytest.skip('no mount namespaces here')
    script = ('mkdir -p /var/lib/candor 2>/dev/null; '
              'mount --bind "$1" /var/lib/candor || exit 9; shift; exec "$@"')
    if not os.path.isdir('/var/lib/candor') and os.geteuid() != 0:
        pytest.skip('/var/lib/candor is not there')
    done = subprocess.run(
        ['unshare', '-m' if os.geteuid() == 0 else '-rm', 'sh', '-c', script,
         'sh', client.place, CANDOR, 'scan', '--format', 'json', '-z',
         '--no-cache', path], capture_output=True, text=True, env=env)
    assert done.returncode in (0, 1), done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {os.path.basename(o['path']): sorted(
        (d['feed'], d['name']) for d in o['detections'])
        for o in lines if o['type'] == 'file'}, done.stdout


@pytest.fixture
def samples(tmp_path):
    folder = tmp_path / 'samples'
    folder.mkdir()
    for name, text in TEXT.items():
        (folder / name).write_bytes(b'x' * 100 + text)
    return folder


def test_t_cont_2_two_feeds_at_once_each_within_its_own_root(
        feed, served, db, tmp_path, samples):
    other = Feed('log.other.example/db', tag='o')
    other.release({'main-1.cand': db['two']})
    tree = other.write(tmp_path / 'other')
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    c.add('second', tree, feed=other)
    assert c.update() == 0, c.said.stderr
    found, _ = scan_installed(c, samples)
    assert found == {'one': [('main', 'Feed.Test.One')],
                     'two': [('second', 'Feed.Test.Two')], 'three': []}
    # What one signs is nothing to the other.
    c.add('second', served, feed=other)
    assert c.update('second') == 1
    assert c.feeds()['second']['status'] == 'BAD'
    assert scan_installed(c, samples)[0] == found


def test_t_cont_1_another_publisher_takes_over(feed, served, db, tmp_path,
                                               samples):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    shutil.rmtree(served)  # nobody is there any more
    assert c.update() == 2
    found, _ = scan_installed(c, samples)
    assert found['one'] == [('main', 'Feed.Test.One')]
    heirs = Feed('log.heirs.example/db', tag='h')
    heirs.release({'main-1.cand': db['one']})
    tree = heirs.write(tmp_path / 'heirs')
    (tmp_path / 'heirs.root').write_bytes(heirs.anchor)
    added = c.run('feed', 'add', 'heirs', '--root', tmp_path / 'heirs.root',
                  str(tree))
    assert added.returncode == 0, added.stderr
    assert '3 of 5 signers' in added.stdout
    assert c.update('heirs') == 0, c.said.stderr
    assert c.run('feed', 'remove', 'main').returncode == 0
    assert not (c.state / 'main').exists()
    found, _ = scan_installed(c, samples)
    assert found['one'] == [('heirs', 'Feed.Test.One')]


def test_a_root_that_is_not_the_one_that_was_meant_is_not_added(feed,
                                                               tmp_path):
    c = Client(tmp_path / 'c', feed=feed)
    note = tmp_path / 'root'
    note.write_bytes(feed.anchor)
    done = c.run('feed', 'add', 'x', '--root', note, '--root-hash', '00' * 32,
                 'http://127.0.0.1/')
    assert done.returncode == 2 and 'SHA-256' in done.stderr
    note.write_bytes(feed.anchor.replace(b'threshold 3', b'threshold 1'))
    assert c.run('feed', 'add', 'x', '--root', note,
                 'http://127.0.0.1/').returncode == 2
    assert not (c.settings / 'x.conf').exists()


CLOCK = r'''
#include <sys/time.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#define LATER 2208988800
time_t time(time_t *t) { if (t) *t = LATER; return LATER; }
int gettimeofday(struct timeval *tv, void *z)
{ (void)z; tv->tv_sec = LATER; tv->tv_usec = 0; return 0; }
int clock_gettime(clockid_t c, struct timespec *ts)
{ long r = syscall(SYS_clock_gettime, c, ts);
  if (c == CLOCK_REALTIME) ts->tv_sec = LATER; return (int)r; }
'''


def test_t_cont_3_in_2040_offline_with_an_expired_root_it_detects(
        feed, served, db, tmp_path, samples):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    # The publisher comes back with the root of 2025: refused, and said.
    feed.release({'main-1.cand': db['two']}, seconds=15 * 365 * DAY)
    feed.write(served)
    assert c.update(clock=IN_2040) == 1
    assert c.status(IN_2040) == 'EXPIRED'
    shutil.rmtree(served)
    assert c.update(clock=IN_2040) == 2
    (tmp_path / 'clock.c').write_text(CLOCK)
    subprocess.run(['cc', '-shared', '-fPIC', '-o', tmp_path / 'clock.so',
                    tmp_path / 'clock.c'], check=True)
    env = {'PATH': os.environ['PATH'],
           'LD_PRELOAD': str(tmp_path / 'clock.so')}
    assert subprocess.run(['date', '+%Y'], capture_output=True, text=True,
                          env=env).stdout.startswith('2040') or \
        shutil.which('date') is None
    found, text = scan_installed(c, samples, env)
    assert found['one'] == [('main', 'Feed.Test.One')]


def test_rules_and_feeds_say_how_far_to_trust_them(feed, served, tmp_path,
                                                   samples):
    rules = tmp_path / 'rules'
    rules.mkdir()
    (rules / 'local.ndb').write_text(MARK['three'])
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.run('feed', 'add', 'ours', '--kind', 'rules',
                 str(rules)).returncode == 0
    assert c.update() == 0, c.said.stderr
    told = c.feeds()
    assert told['ours']['status'] == 'INSTALLED'
    assert 'signed by nobody' in told['ours']['trust']
    assert '3 of 5 parties' in told['main']['trust']
    first = (c.state / 'ours/current').readlink()
    assert c.update('ours') == 0 and 'nothing new' in c.said.stdout
    assert (c.state / 'ours/current').readlink() == first
    found, _ = scan_installed(c, samples)
    assert found == {'one': [('main', 'Feed.Test.One')], 'two': [],
                     'three': [('ours', 'Feed.Test.Three')]}
    (rules / 'local.ndb').write_text(MARK['two'])
    assert c.update('ours') == 0, c.said.stderr
    assert scan_installed(c, samples)[0]['two'] == [('ours', 'Feed.Test.Two')]
