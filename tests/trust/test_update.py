"""candor update against a feed made on paper (paper.py)."""
# SPDX-License-Identifier: Apache-2.0
import http.server
import functools
import os
import threading

import pytest

from conftest import BUILD
from paper import DAY, HOUR, T0, Client, Feed, database
import mirrors

MARK = {name: f'Feed.Test.{name.title()}:0:*:' + (
    f'candor feed test {name}: harmless'.encode().hex()) + '\n'
    for name in ['one', 'two', 'three']}


@pytest.fixture(scope='session')
def db(tmp_path_factory):
    """Databases: one signature each."""
    place = tmp_path_factory.mktemp('db')
    return {name: database(place / name, {'t.ndb': text})
            for name, text in MARK.items()}


@pytest.fixture
def feed(db):
    f = Feed()
    f.release({'main-1.cand': db['one']})
    return f


@pytest.fixture
def served(feed, tmp_path):
    return feed.write(tmp_path / 'mirror')


def serve(folder):
    """python3 -m http.server, and what it was asked for."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass
    s = http.server.ThreadingHTTPServer(
        ('127.0.0.1', 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return f'http://127.0.0.1:{s.server_port}'


def test_a_release_is_installed_and_the_next_follows(feed, served, db,
                                                     tmp_path):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    assert c.current == '1-1' and c.content()['main-1.cand'] == db['one']
    assert c.status() == 'CURRENT'
    assert c.update() == 0, c.said.stderr
    feed.release({'main-1.cand': db['two']}).write(served)
    assert c.update(clock=feed.time + 120) == 0, c.said.stderr
    assert c.current == '1-2' and c.content()['main-1.cand'] == db['two']
    assert sorted(os.listdir(c.folder)) == ['1-2', 'current', 'last', 'state']


def test_t_roll_1_and_t_mirror_1_all_orders(feed, db, tmp_path):
    """One dead, one behind, one hostile, one honest: whatever the order."""
    import itertools
    stale = feed.write(tmp_path / 'stale')
    feed.release({'main-1.cand': db['two']}, seconds=3 * DAY)
    honest = feed.write(tmp_path / 'honest')
    hostile = feed.write(tmp_path / 'hostile')
    raw = bytearray((hostile / 'latest').read_bytes())
    raw[400] ^= 1
    (hostile / 'latest').write_bytes(raw)
    for n, order in enumerate(itertools.permutations(
            ['http://127.0.0.1:1/', stale, hostile, honest])):
        c = Client(tmp_path / f'c{n}', *order, feed=feed,
                   clock=feed.time + 120)
        assert c.update() == 0, c.said.stderr
        assert c.content()['main-1.cand'] == db['two'], order
        assert c.status() == 'CURRENT'
    # And whoever has the newer one is not talked back.
    c = Client(tmp_path / 'late', honest, feed=feed, clock=feed.time + 120)
    assert c.update() == 0
    assert c.update('--from', stale) == 1
    assert 'ROLLBACK' in c.said.stderr and c.status() == 'ROLLBACK'
    assert c.current == '1-2'


def test_blobs_come_from_whoever_has_them(feed, served, db, tmp_path):
    """The files of the mirror that names them are damaged, or not there."""
    broken = feed.write(tmp_path / 'broken')
    for file in (broken / 'blob').rglob('*'):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-1] + b'!')
    empty = feed.write(tmp_path / 'empty')
    for file in (empty / 'blob').rglob('*'):
        if file.is_file():
            file.unlink()
    c = Client(tmp_path / 'c', broken, empty, served, feed=feed,
               clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    assert c.content()['main-1.cand'] == db['one']
    assert 'SHA-256' in c.said.stderr


def test_t_upd_7_endless_and_slow_mirrors_are_left(feed, served, tmp_path):
    bad = [mirrors.Raw(mirrors.endless), mirrors.Raw(mirrors.endless_headers),
           mirrors.Raw(mirrors.dripping), mirrors.Raw(mirrors.silent),
           mirrors.saying(b'\xff' * 65536), mirrors.saying(b'')]
    c = Client(tmp_path / 'c', *(m.url for m in bad), served, feed=feed,
               clock=feed.time + 120)
    assert c.update('--patience', '1') == 0, c.said.stderr
    assert c.current == '1-1'
    # Documents are good; the file never ends, or drips.
    for answer in (mirrors.endless, mirrors.dripping):
        def evil(request, connection, answer=answer):
            path = mirrors.path_of(request)
            if 'blob' in path:
                return answer(request, connection)
            mirrors.reply(connection, (served / path[1:]).read_bytes())
        c = Client(tmp_path / answer.__name__, mirrors.Raw(evil).url, served,
                   feed=feed, clock=feed.time + 120)
        assert c.update('--patience', '1') == 0, c.said.stderr
        assert c.current == '1-1'


def test_t_mirror_2_a_folder_that_cannot_be_written_or_an_archive(
        feed, served, tmp_path):
    import tarfile
    bundle = tmp_path / 'bundle.tar'
    with tarfile.open(bundle, 'w') as t:
        t.add(served, '.')
    bundle.chmod(0o444)
    c = Client(tmp_path / 'c', feed=feed, clock=feed.time + 120)
    assert c.update('--from', bundle) == 0, c.said.stderr
    assert c.current == '1-1'
    d = Client(tmp_path / 'd', f'file://{served}', feed=feed,
               clock=feed.time + 120)
    assert d.update() == 0, d.said.stderr
    assert c.content() == d.content()


def test_t_mirror_3_a_plain_web_server_and_proxies(feed, served, tmp_path):
    url = serve(served)
    c = Client(tmp_path / 'c', url, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr

    def proxy(request, connection):
        """An HTTP proxy: asks in our place."""
        path = '/' + request.split(b' ')[1].decode().split('/', 3)[3]
        mirrors.reply(connection, (served / path[1:]).read_bytes())
    p = mirrors.Raw(proxy)
    d = Client(tmp_path / 'd', 'http://mirror.invalid/', feed=feed,
               clock=feed.time + 120, settings=[f'proxy = {p.url}'])
    assert d.update() == 0, d.said.stderr
    s = mirrors.Socks(url)
    e = Client(tmp_path / 'e', 'http://mirror.invalid/', feed=feed,
               clock=feed.time + 120,
               settings=[f'proxy = socks5h://127.0.0.1:{s.port}'])
    assert e.update() == 0, e.said.stderr
    assert s.names == [b'mirror.invalid'] * 3
    assert c.content() == d.content() == e.content()


def test_t_mirror_6_refused_by_one_taken_from_another(feed, served, tmp_path):
    no = mirrors.saying(b'not for your country', '403 Forbidden')
    c = Client(tmp_path / 'c', no.url, feed=feed, clock=feed.time + 120)
    assert c.update() == 2
    assert c.status() in ('NOT-INSTALLED', 'UNREACHABLE')
    c.add('main', no.url, served, feed=feed)
    assert c.update() == 0, c.said.stderr


def test_t_fresh_1_the_same_for_ten_days_is_stale(feed, served, tmp_path):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0
    later = feed.time + 10 * DAY
    assert c.update(clock=later) == 1
    assert c.status(later) == 'VIEW-STALE'
    assert 'three days' in c.feeds(later)['main']['meaning']
    assert c.run('feed', 'list', '--clock', later).returncode == 1
    assert c.current == '1-1'


def test_t_fresh_2_a_silent_publisher_is_quiet(feed, served, tmp_path):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0
    later = feed.time + 10 * DAY
    feed.write(served, at=later - 60)
    assert c.update(clock=later) == 0, c.said.stderr
    assert c.status(later) == 'FEED-QUIET'


def test_t_fresh_4_clocks_that_are_wrong_refuse_nothing_newer(
        feed, served, db, tmp_path):
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0
    back = feed.time - 5 * 365 * DAY
    assert c.status(back) == 'CLOCK-SUSPECT'
    feed.release({'main-1.cand': db['two']}).write(served)
    assert c.update(clock=back) == 1, c.said.stderr
    assert c.current == '1-2' and c.status(back) == 'CLOCK-SUSPECT'
    feed.release({'main-1.cand': db['three']}).write(served)
    ahead = feed.time + 5 * 365 * DAY
    c.update(clock=ahead)
    assert c.current in ('1-2', '1-3')
    if c.current == '1-2':  # the root is past its date then
        assert c.status(ahead) == 'EXPIRED'


def test_t_fresh_5_withheld_from_one_is_seen_by_him(feed, db, tmp_path):
    both = feed.write(tmp_path / 'both')
    a = Client(tmp_path / 'a', both, feed=feed, clock=feed.time + 120)
    b = Client(tmp_path / 'b', both, feed=feed, clock=feed.time + 120)
    assert a.update() == b.update() == 0
    starved = feed.write(tmp_path / 'starved')
    feed.release({'main-1.cand': db['two']}, seconds=2 * HOUR).write(both)
    # No quorum cosigns the smaller tree any more; time goes on.
    later = feed.time + 27 * HOUR
    feed.write(both, at=later - 60)
    assert a.update(clock=later) == 0
    assert b.update('--from', starved, clock=later) == 1
    assert a.status(later) == 'CURRENT' and b.status(later) == 'VIEW-STALE'


def test_t_fresh_6_an_expired_root_stops_updates_only(feed, db, tmp_path):
    f = Feed(tag='x')
    f.entries.clear(), f.roots.clear()
    f.version = 0
    f.add_root(expires=T0 + 30 * DAY)
    f.anchor = f.entries[0]
    tree = f.release({'main-1.cand': db['one']}).write(tmp_path / 'm')
    c = Client(tmp_path / 'c', tree, feed=f, clock=f.time + 120)
    assert c.update() == 0, c.said.stderr
    f.release({'main-1.cand': db['two']}, seconds=40 * DAY).write(tree)
    assert c.update(clock=f.time + 120) == 1
    assert c.status(f.time + 120) == 'EXPIRED'
    assert c.content()['main-1.cand'] == db['one']


def test_t_view_5_the_same_for_everybody(feed, db, tmp_path):
    old = feed.write(tmp_path / 'old')
    feed.release({'main-1.cand': db['two']})
    trees = [feed.write(tmp_path / f'm{n}') for n in range(3)]
    url = serve(trees[2])
    seen, said = set(), set()
    for n in range(20):
        c = Client(tmp_path / f'c{n}', [trees[n % 2], url][n % 3 == 0],
                   feed=feed, clock=feed.time + 120, env={
                       'PATH': os.environ['PATH'], 'HOSTNAME': f'host{n}',
                       'LC_ALL': ['C', 'C.UTF-8', 'de_DE.UTF-8'][n % 3],
                       'TZ': ['UTC', 'Asia/Tokyo'][n % 2]})
        if n % 4 == 0:
            assert c.update('--from', old, clock=feed.time + 60 - HOUR) == 0
        assert c.update() == 0, c.said.stderr
        seen.add(tuple(sorted(c.content().items())))
        shown = c.run('log', 'show')
        assert shown.returncode == 0, shown.stderr
        said.add(tuple(line for line in shown.stdout.splitlines()
                       if line.startswith('  compare')))
    assert len(seen) == len(said) == 1
    assert said.pop()[0].split()[1:3] == [feed.origin, '3']


def test_t_req_1_and_3_two_installs_ask_and_keep_the_same(feed, served, db,
                                                          tmp_path):
    asked, kept = [], []
    for n, (machine, zone) in enumerate([('a', 'UTC'), ('b', 'Asia/Tokyo')]):
        def answer(request, connection):
            path = mirrors.path_of(request)
            mirrors.reply(connection, (served / path[1:]).read_bytes())
        m = mirrors.Raw(answer)
        place = tmp_path / f'install{n}'
        c = Client(place, m.url, feed=feed, clock=feed.time + 120, env={
            'PATH': os.environ['PATH'], 'HOSTNAME': machine, 'TZ': zone,
            'http_proxy': 'http://127.0.0.1:1/',
            'LANG': ['C', 'en_US.UTF-8'][n]})
        if n == 1:  # another past: it tried before
            assert c.update('--from', tmp_path / 'nowhere') == 2
        assert c.update() == 0, c.said.stderr
        host = b'127.0.0.1:%d' % m.port
        asked.append([r.replace(host, b'HOST') for r in m.asked])
        kept.append({str(p.relative_to(c.state)): p.read_bytes()
                     for p in sorted(c.state.rglob('*')) if p.is_file()})
    assert asked[0] == asked[1]
    assert [mirrors.path_of(r) for r in asked[0]][:2] == ['/roots', '/latest']
    assert kept[0] == kept[1]
    assert all(not os.access(p, os.X_OK) or p.is_dir()
               for p in (tmp_path / 'install0/feeds').rglob('*')
               if not p.is_symlink()) or os.geteuid() == 0


def test_a_client_far_behind_asks_for_tiles_from_the_first(feed, db,
                                                           tmp_path):
    tree = feed.write(tmp_path / 'm')
    c = Client(tmp_path / 'c', tree, feed=feed, clock=feed.time + 120)
    assert c.update() == 0
    for _ in range(300):
        feed.release({'main-1.cand': db['one']}, seconds=60)
    feed.release({'main-1.cand': db['two']})
    feed.write(tree, base=290)
    assert c.update(clock=feed.time + 120) == 0, c.said.stderr
    assert c.current == f'1-{len(feed.entries) - 1}'
    (tree / 'tile/0/000').write_bytes(b'x' * 8192)
    small = feed.write(tmp_path / 'm2', size=2, at=T0 + HOUR + 60)
    d = Client(tmp_path / 'd', small,
               feed=feed, clock=T0 + 2 * HOUR)
    assert d.update() == 0, d.said.stderr
    assert d.update('--from', tree, clock=feed.time + 120) == 1
    assert d.current == '1-1'


def test_t_view_2_a_fork_leaves_evidence(feed, db, tmp_path):
    other = feed.copy()
    tree = feed.release({'main-1.cand': db['two']}).write(tmp_path / 'm')
    c = Client(tmp_path / 'c', tree, feed=feed, clock=feed.time + 120)
    assert c.update() == 0
    fork = other.release({'main-1.cand': db['three']}).write(tmp_path / 'f')
    assert c.update('--from', fork) == 1
    assert c.status() == 'EQUIVOCATION' and c.current == '1-2'
    evidence = list((c.folder / 'evidence').iterdir())
    assert len(evidence) == 1
    done = c.run('log', 'evidence')
    assert done.returncode == 1 and 'two faces' in done.stdout, done


def delta_of(old, new):
    """lib/trust/delta.h: what is the same at both ends is copied."""
    import struct
    front = 0
    while front < min(len(old), len(new)) and old[front] == new[front]:
        front += 1
    back = 0
    while back < min(len(old), len(new)) - front and \
            old[-1 - back] == new[-1 - back]:
        back += 1
    out = b'candor-delta/v1\n'
    if front:
        out += struct.pack('>BQQ', 0, 0, front)
    if middle := new[front:len(new) - back]:
        out += struct.pack('>BQ', 1, len(middle)) + middle
    if back:
        out += struct.pack('>BQQ', 0, len(old) - back, back)
    return out


def test_a_difference_is_taken_if_asked_for_and_never_trusted(feed, db,
                                                              tmp_path):
    import hashlib
    tree = tmp_path / 'm'

    def answer(request, connection):
        path = mirrors.path_of(request)
        mirrors.reply(connection, (tree / path[1:]).read_bytes())

    good = delta_of(db['one'], db['two'])
    assert len(good) < len(db['two'])
    for n, raw in enumerate([good, good[:-1], good + b'x', b'x' * 40,
                             good.replace(b'\0', b'\1', 1),
                             delta_of(db['one'], db['three'])]):
        m = mirrors.Raw(answer)
        f = feed.copy()
        f.write(tree)
        c = Client(tmp_path / f'c{n}', m.url, feed=f, clock=f.time + 120)
        assert c.update() == 0, c.said.stderr
        m.asked.clear()
        sha = hashlib.sha256(raw).hexdigest()
        f.blobs[sha] = raw
        f.release({'main-1.cand': db['two']}, deltas=[
            f'delta main-1.cand 1 {len(raw)} sha256:{sha}'])
        f.write(tree)
        assert c.update('--delta', clock=f.time + 120) == 0, c.said.stderr
        assert c.content()['main-1.cand'] == db['two']
        asked = [mirrors.path_of(r) for r in m.asked]
        assert f'/blob/sha256/{sha[:2]}/{sha[2:]}' in asked
        whole = hashlib.sha256(db['two']).hexdigest()
        assert (f'/blob/sha256/{whole[:2]}/{whole[2:]}' in asked) == (
            n not in (0, 2))  # 2: what is behind it changes nothing


def test_newer_roots_are_kept_although_what_came_was_refused(feed, db,
                                                             tmp_path):
    before = feed.write(tmp_path / 'before')
    c = Client(tmp_path / 'c', before, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    # Root 2 is published; the release after it has too few signatures.
    feed.add_root(signers=())
    feed.release({'main-1.cand': db['two']}, signers=feed.release_keys[:2])
    bad = feed.write(tmp_path / 'bad')
    assert c.update('--from', bad, clock=feed.time + 120) == 1, c.said.stdout
    assert c.current == '1-1'
    assert 'root-version 2' in (c.folder / 'state').read_text()
    # Nobody gets him to believe root 1 is the newest.
    assert c.update('--from', before) == 1
    assert c.status() == 'ROLLBACK' or c.status() == 'BAD'
