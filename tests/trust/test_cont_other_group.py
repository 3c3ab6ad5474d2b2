"""T-CONT-1: the publisher is gone, with all keys and hosts; others go on.
T-SIG: roots follow one another, through the programs people type."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import shutil

import pytest

import net

RULES = {'a.ndb': f'Test.A:0:*:{b"candor trust a".hex()}\n'}


def small(place, **more):
    return net.Net(place, witnesses=3, quorum=2, cosigners=1, **more)


class Client:
    def __init__(self, place):
        self.state = place / 'lib'
        self.at = ['--settings', place / 'etc', '--state', self.state]
        for folder in ('etc', 'lib'):
            (place / folder).mkdir(parents=True)

    def add(self, name, anchor, *mirrors):
        net.run('candor', 'feed', 'add', *self.at, name, '--root', anchor,
                *mirrors)

    def update(self, *more):
        return net.run('candor', 'update', *self.at, *more, check=False)

    def installed(self, name):
        return hashlib.sha256((self.state / name / 'current/main-1.cand')
                              .read_bytes()).hexdigest()


def hash_of(feed, draft):
    line, = [x for x in (draft / 'release.txt').read_text().splitlines()
             if x.startswith('file ')]
    return line.rsplit(':', 1)[1]


def test_t_cont_1_another_group_goes_on(tmp_path):
    first = small(tmp_path / 'first')
    client = Client(tmp_path / 'client')
    try:
        first.begin(RULES)
        client.add('main', first.anchor, first.server.url)
        assert client.update().returncode == 0
        mirror = tmp_path / 'mirror'
        shutil.copytree(first.tree, mirror)
    finally:
        first.stop()
    shutil.rmtree(first.place)
    # What is installed stays in use.
    before = client.installed('main')
    assert client.update().returncode != 0
    assert client.installed('main') == before
    # Others take the published sources, under names and keys of their own.
    second = small(tmp_path / 'second', origin='log.other.example/db',
                   tag='-other')
    try:
        second.begin(mirror / 'sources/1/house')
        assert hash_of(second, second.place / 'draft1') == before
        client.add('other', second.anchor, second.server.url)
        assert client.update('other').returncode == 0
        assert client.installed('other') == before
        net.run('candor', 'feed', 'remove', *client.at, 'main')
        second.publish({**RULES, 'b.ndb':
                        f'Test.B:0:*:{b"candor trust b".hex()}\n'})
        assert client.update().returncode == 0
        assert client.installed('other') != before
    finally:
        second.stop()


@pytest.fixture
def feed(tmp_path):
    n = small(tmp_path / 'n')
    n.begin(RULES)
    yield n
    n.stop()


def replace_key(feed, keys, label):
    key = net.Key(f'{label}.example/x', label)
    key.file = key.write(feed.keys / label)
    return [*keys[1:], key]


def test_t_sig_roots_follow_one_another(feed, tmp_path):
    """1, 2, 3 through log and client; one that stayed away comes after."""
    client, late = Client(tmp_path / 'c'), Client(tmp_path / 'late')
    for c in (client, late):
        c.add('main', feed.anchor, feed.server.url)
    assert client.update().returncode == 0
    note = feed.anchor
    for n in (2, 3):
        new = replace_key(feed, feed.root_keys, f'newroot{n}')
        note = feed.make_root(old=note, keys=feed.root_keys[1:5],
                              root_keys=new)
        feed.root_keys = new
        feed.publish({**RULES, f'{n}.ndb':
                      f'Test.N{n}:0:*:{b"candor trust %d".hex()}\n'},
                     root=note)
        assert client.update().returncode == 0
        state = (client.state / 'main/current').resolve()
        assert any(f'root-version {n}\n' in p.read_text(errors='replace')
                   for p in [*state.iterdir(), *(client.state / 'main').iterdir()]
                   if p.is_file() and p.name.startswith('state'))
    assert late.update().returncode == 0
    assert late.installed('main') == client.installed('main')
    assert 'R6 hold' in net.publish('check', '--all', '--root', feed.anchor,
                                    feed.server.url).stdout


def test_t_sig_removed_keys(feed):
    """A release key that a root took away signs nothing any more."""
    gone = feed.release_keys[0]
    new = replace_key(feed, feed.release_keys, 'newrelease')
    root = feed.make_root(old=feed.anchor, release_keys=new)
    feed.release_keys = new
    feed.publish(RULES, root=root)
    draft = feed.draft(RULES)
    net.publish('merge', draft, *feed.sign(draft, [gone, *new[:2]]))
    done = net.publish('append', feed.feed, draft, check=False)
    assert done.returncode == 1 and 'signed by 2' in done.stderr


def test_t_sig_too_few_of_the_old_or_the_new(feed):
    new = [net.Key(f'n{n}.example/x', f'n{n}') for n in range(7)]
    for n, key in enumerate(new):
        key.file = key.write(feed.keys / f'n{n}')
    for signers in (feed.root_keys[:4] + new[:3], feed.root_keys[:3] + new[:4]):
        with pytest.raises(net.Refused, match='signed by 3'):
            feed.make_root(old=feed.anchor, keys=signers, root_keys=new)
    feed.make_root(old=feed.anchor, keys=feed.root_keys[:4] + new[:4],
                   root_keys=new)


def test_a_new_root_needs_the_old_quorum(feed):
    """Other witnesses: those of the root before must have seen it."""
    old = feed.witness_keys, feed.witnesses
    root_policy = []
    for n in range(3):
        key = net.Key(f'new{n}.example/w', f'neww{n}', 4)
        key.file = key.write(feed.keys / f'neww{n}')
        root_policy.append(key)
    feed.witness_keys, feed.witnesses = root_policy, []
    for key in root_policy:
        feed.witnesses.append(feed.serve(
            net.BUILD / 'bin/candor-witness', '--state',
            feed.place / f'state-{key.file.name}', '--key', key.file, '--log',
            feed.log_key.vkey))
    root = feed.make_root(old=feed.anchor, policy=True)
    feed.release(RULES, root=root)
    done = feed.cosign(check=False)
    assert done.returncode == 1 and 'of root 1 are not enough' in done.stderr
    assert not (feed.tree / 'root/2.proof').exists()
    # Both are asked.
    both = feed.feed / 'both'
    both.write_text(feed.policy().read_text() + ''.join(
        f'witness o{n} {k.vkey} {s.url}\n' for n, (k, s)
        in enumerate(zip(*old))))
    done = net.publish('cosign', '--policy', both, feed.feed)
    assert 'cosigned by 7 of 7' in done.stdout
    # From now on the new ones alone are enough.
    feed.publish(RULES)
    assert 'R6 hold' in net.publish('check', '--root', feed.anchor,
                                    feed.tree).stdout


def test_t_sig_another_log(feed, tmp_path):
    """The log is gone with its key: the roots move the feed to another."""
    client = Client(tmp_path / 'c')
    client.add('main', feed.anchor, feed.server.url)
    assert client.update().returncode == 0
    feed.publish(RULES)
    assert client.update().returncode == 0
    old = feed.tree
    # Another log, watched by the same witnesses.
    origin = 'log.second.example/db'
    new = tmp_path / 'second'
    net.publish('init', '--origin', origin, new)
    key = net.Key(origin, 'second log')
    (new / 'log.key').unlink()
    key.write(new / 'log.key')
    feed.log_key, feed.feed, feed.tree = key, new, new / 'tree'
    for n, server in enumerate(feed.witnesses):
        server.stop()
        feed.witnesses[n] = feed.serve(*server.words, '--log', key.vkey)
    root = feed.make_root(old=feed.anchor, policy=True)
    assert 'epoch 2\n' in root.read_text()
    feed.server = feed.mirror()
    mirror = feed.cosigner_keys[0]
    feed.cosigners = [feed.serve(
        net.BUILD / 'bin/candor-mirror', '--tree', tmp_path / 'm2', '--from',
        feed.server.url, '--root', root, '--key', mirror.file, '--state',
        tmp_path / 's2')]
    feed.release({**RULES, 'b.ndb': f'Test.B:0:*:{b"candor trust b".hex()}\n'},
                 root=root)
    done = feed.cosign(check=False)
    assert done.returncode == 1 and 'copy the folder root' in done.stderr
    shutil.copytree(old / 'root', feed.tree / 'root', dirs_exist_ok=True)
    feed.cosign()
    before = client.installed('main')
    assert client.update('--from', feed.server.url).returncode == 0
    assert client.installed('main') != before
    fresh = Client(tmp_path / 'fresh')
    fresh.add('main', feed.anchor, feed.server.url)
    assert fresh.update().returncode == 0
    assert fresh.installed('main') == client.installed('main')
