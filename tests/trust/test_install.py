"""Whatever happens while a release is installed: the old one stays, or the new
one is there; and no database takes the machine apart."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from conftest import CANDOR
from paper import Client, Feed, database
from test_update import db, feed, served  # noqa: F401

root_only = pytest.mark.skipif(os.geteuid() != 0, reason='needs root')


def check_whole(c, db, *names):
    got = c.content()
    assert got['main-1.cand'] in [db[n] for n in names]
    assert all(not p.stat().st_mode & 0o111
               for p in c.folder.rglob('*') if p.is_file())
    assert c.run('db', 'check', c.folder / 'current/main-1.cand',
                 plain=True).returncode == 0


def test_t_upd_8_killed_at_any_moment(feed, served, db, tmp_path):
    """All processes at once, at moments all over an update.  (At every system
    call of the installer: store_test.c.)"""
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    feed.release({'main-1.cand': db['two']}).write(served)
    c.clock = feed.time + 120
    began = time.monotonic()
    copy = Client(tmp_path / 'time', served, feed=feed, clock=c.clock)
    assert copy.update() == 0
    whole = time.monotonic() - began
    for n in range(16):
        p = subprocess.Popen([CANDOR, 'update', '--settings', c.settings,
                              '--state', c.state, '--clock', str(c.clock)],
                             start_new_session=True,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        time.sleep(whole * n / 16)
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()
        check_whole(c, db, 'one', 'two')
        assert c.feeds()  # and it can be read
    for _ in range(50):  # the helpers die with it, but not at once
        if c.update() == 0:
            break
        assert 'another update' in c.said.stderr, c.said.stderr
        time.sleep(0.1)
    check_whole(c, db, 'two')
    assert not (c.folder / '.new').exists()


@root_only
def test_t_upd_9_no_place_at_any_write(feed, served, db, tmp_path):
    place = tmp_path / 'c/feeds'
    place.mkdir(parents=True)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=160k', 'none', place],
                   check=True)
    try:
        c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
        assert c.update() == 0, c.said.stderr
        feed.release({'main-1.cand': db['two']}).write(served)
        failed = 0
        for pages in range(0, 16):
            free = os.statvfs(place).f_bavail
            with open(place / 'filler', 'wb') as f:
                f.write(b'x' * max(0, (free - pages) * 4096))
            code = c.update(clock=feed.time + 120)
            (place / 'filler').unlink()
            check_whole(c, db, 'one', 'two')
            if code == 0:
                break
            failed += 1
            assert c.content()['main-1.cand'] == db['one']
            assert 'No space left' in c.said.stderr
        assert failed >= 3 and code == 0
        check_whole(c, db, 'two')
    finally:
        subprocess.run(['umount', place], check=True)


def body_signature(name, path):
    """One that finds this file: bytes out of its middle."""
    raw = open(os.path.realpath(path), 'rb').read()
    at = len(raw) // 2
    while len(set(raw[at:at + 64])) < 24:
        at += 64
    return f'{name}:0:*:{raw[at:at + 64].hex()}\n'


LIBC = next((p for p in ['/lib/x86_64-linux-gnu/libc.so.6',
                         '/lib/aarch64-linux-gnu/libc.so.6',
                         '/lib64/libc.so.6'] if os.path.exists(p)), None)


@pytest.mark.parametrize('victim', ['/bin/sh', LIBC, '/usr/bin/dpkg'])
def test_t_db_6_a_poisoned_release_is_not_used(feed, served, db, tmp_path,
                                               victim):
    if not victim or not os.path.exists(victim):
        pytest.skip('not here')
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    poison = database(tmp_path / 'poison', {
        'p.ndb': body_signature('Feed.Poison', victim)})
    feed.release({'main-1.cand': poison}).write(served)
    assert c.update(clock=feed.time + 120) == 1
    assert 'Feed.Poison' in c.said.stderr
    check_whole(c, db, 'one')
    told = c.feeds(feed.time + 120)['main']
    assert told['status'] == 'NOT-USED' and 'Feed.Poison' in told['meaning']
    # The next release, without it, is taken.
    feed.release({'main-1.cand': db['two']}).write(served)
    assert c.update(clock=feed.time + 120) == 0, c.said.stderr
    check_whole(c, db, 'two')
    assert c.status(feed.time + 120) == 'CURRENT'


def test_t_db_6_a_program_that_no_package_has_is_no_reason(
        feed, served, db, tmp_path):
    """What runs from elsewhere may well be what it is called."""
    miner = tmp_path / 'miner'
    shutil.copy('/bin/sleep', miner)
    with open(miner, 'ab') as f:
        f.write(b'candor test: a program of nobody' * 4)
    found = database(tmp_path / 'found', {
        'p.ndb': 'Feed.Miner:0:*:' +
        b'candor test: a program of nobody'.hex() + '\n'})
    running = subprocess.Popen([miner, '60'])
    try:
        feed.release({'main-1.cand': found}).write(served)
        c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
        assert c.update() == 0, c.said.stderr
    finally:
        running.kill()
        running.wait()


def test_a_release_that_is_no_sound_database_is_not_used(feed, served, db,
                                                         tmp_path):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    raw = bytearray(db['two'])
    raw[len(raw) // 2] ^= 255
    for bad in [bytes(raw), b'no database', db['two'][:-100]]:
        feed.release({'main-1.cand': bad}).write(served)
        assert c.update(clock=feed.time + 120) == 1, c.said.stdout
        check_whole(c, db, 'one')
        assert c.status(feed.time + 120) == 'NOT-USED'


# --- who does what, as the kernel sees it ---------------------------------------

def traced(tmp_path, calls, *words):
    log = tmp_path / 'trace'
    done = subprocess.run(['strace', '-f', '-qq', '-o', log, '-e',
                           f'trace={calls}', *map(str, words)],
                          capture_output=True, text=True)
    if 'ptrace' in done.stderr and done.returncode != 0:
        pytest.skip('nothing can be traced here')
    return done, log.read_text().splitlines()


def test_t_exec_1_and_t_egress_1_only_ours_are_started_one_speaks(
        feed, served, db, tmp_path):
    from test_update import serve
    url = serve(served)
    port = url.rsplit(':', 1)[1]
    c = Client(tmp_path / 'c', url, feed=feed)
    done, lines = traced(tmp_path, '%network,execve,execveat', CANDOR,
                         'update', '--settings', c.settings, '--state',
                         c.state, '--clock', feed.time + 120)
    assert done.returncode == 0, done.stderr
    program = {}
    spoke, started = set(), []
    for line in lines:
        pid, call = line.split(None, 1)
        if m := re.match(r'execve\("([^"]*)"', call):
            assert pid not in program, f'{program[pid]} started {m[1]}'
            program[pid] = os.path.basename(m[1])
            started.append(program[pid])
        elif re.match(r'execveat', call):
            raise AssertionError(line)
        elif re.match(r'(connect|sendto|bind|socket)\(', call) and \
                'AF_UNIX' not in call and 'AF_NETLINK' not in call:
            spoke.add(pid)
            if call.startswith('connect') and 'sin' in call:
                assert f'htons({port})' in call or 'AF_UNSPEC' in call, line
    assert set(started) <= {'candor', 'candor-fetch', 'candor-verify',
                            'candor-install', 'candor-compile',
                            'candor-worker', 'candor-opener'}
    # Threads of candor-fetch find hosts; others have no socket at all.
    names = {program.get(pid, 'candor-fetch') for pid in spoke}
    assert names == {'candor-fetch'}, names


def test_no_feed_can_bring_more_databases_than_can_be_used(feed, served, db,
                                                           tmp_path):
    """Scanning would end with an error: for all feeds."""
    other = Feed('log.other.example/db', tag='o')
    other.release({f'm{n}.cand': db['two'] for n in range(8)})
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    c.add('second', other.write(tmp_path / 'other'), feed=other)
    assert c.update() == 1
    assert 'can be used at once' in c.said.stderr
    assert c.status() == 'CURRENT'
    assert c.feeds()['second']['status'] == 'NOT-USED'
    other.release({f'm{n}.cand': db['two'] for n in range(7)})
    other.write(tmp_path / 'other')
    assert c.update(clock=other.time + 120) == 0, c.said.stderr
