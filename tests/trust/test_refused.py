"""What candor update refuses, end to end: the attacks of docs/trust.md by
whoever has a mirror, some keys, or the log.

The same decisions are tried byte by byte and in all numbers in
lib/trust/client_test.c; here the whole programs make them.
"""
# SPDX-License-Identifier: Apache-2.0
import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

import evidence
from conftest import CANDOR, ROOT
from paper import DAY, HOUR, Client, Feed, Key, database, keys, part
import log as logs

MARK = 'candor refused test: harmless'


@pytest.fixture(scope='module')
def db(tmp_path_factory):
    place = tmp_path_factory.mktemp('db')
    return {name: database(place / name, {
        't.ndb': f'Refused.Test.{name}:0:*:{(MARK + name).encode().hex()}\n'})
        for name in ['one', 'two']}


class Case:
    """A client that has the first release, and a mirror for what follows."""

    def __init__(self, place, db):
        self.place, self.db = place, db
        self.feed = Feed().release({'main-1.cand': db['one']})
        self.tree = self.feed.write(place / 'good')
        self.client = Client(place / 'c', self.tree, feed=self.feed)
        assert self.update() == 0, self.client.said.stderr
        self.turns = itertools.count()

    @property
    def serial(self):
        """Of what is installed: its folder is called EPOCH-SERIAL."""
        return self.client.current.split('-')[-1]

    def update(self, tree=None, feed=None):
        return self.client.update(
            *(['--from', tree] if tree else []),
            clock=(feed or self.feed).time + 120)

    def next(self, **how):
        """Another future: a release that may be as somebody likes it."""
        return self.feed.copy().release({'main-1.cand': self.db['two']},
                                        **how)

    def write(self, feed, **how):
        return feed.write(self.place / f'bad{next(self.turns)}', **how)

    def refused(self, tree, word='BAD', feed=None):
        """The client says so, keeps what it has, and scans with it."""
        before = self.client.current, self.client.content()
        assert self.update(tree, feed) == 1, self.client.said
        assert self.client.status((feed or self.feed).time + 120) == word, \
            self.client.said
        assert (self.client.current, self.client.content()) == before
        bad = self.place / 'bad.txt'
        bad.write_text(MARK + 'one' + MARK + 'two')
        done = subprocess.run(
            [CANDOR, 'scan', '--no-cache', '-d',
             self.client.folder / 'current/main-1.cand', bad],
            capture_output=True, text=True)
        assert done.returncode == 1 and 'Refused.Test' in done.stdout

    def accepted(self, tree, feed=None):
        assert self.update(tree, feed) == 0, self.client.said.stderr


@pytest.fixture
def case(db, tmp_path):
    return Case(tmp_path, db)


def test_t_upd_1_one_bit_anywhere(case):
    """A sample of the places; lib/trust/client_test.c tries every one."""
    feed = case.next()
    tree = case.write(feed)
    for name in ['latest', 'roots']:
        good = (tree / name).read_bytes()
        for at in range(3, len(good), len(good) // 7):
            changed = bytearray(good)
            changed[at] ^= 1 << at % 8
            (tree / name).write_bytes(changed)
            code = case.update(tree, feed)
            assert code == 1 or case.serial == '2'
            if case.serial == '2':
                pytest.fail(f'{name}: byte {at}')
        (tree / name).write_bytes(good)
    blob = next(p for p in tree.rglob('blob/sha256/*/*')
                if p.read_bytes() == case.db['two'])
    good = blob.read_bytes()
    for at in range(0, len(good), len(good) // 5):
        changed = bytearray(good)
        changed[at] ^= 1 << at % 8
        blob.write_bytes(changed)
        assert case.update(tree, feed) != 0
        assert case.serial == '1'
    for wrong in [good[:-1], good + b'\0', b'']:
        blob.write_bytes(wrong)
        assert case.update(tree, feed) != 0
        assert case.serial == '1'
    blob.write_bytes(good)
    case.accepted(tree, feed)


def test_t_upd_2_signatures(case):
    r = case.feed.release_keys
    twice = Key('release1.again.example/r', 'release1')
    wrong = Key(r[2].name, 'somebody else')
    wrong.id = r[2].id
    for signers in ([], r[:2], [r[0], r[0], r[1], r[0]], [r[0], twice, r[1]],
                    [*r[:2], wrong], [*r, wrong], case.feed.root_keys,
                    case.feed.mirrors):
        case.refused(case.write(case.next(signers=signers)))
    case.accepted(case.write(case.next(signers=r[2:])))


def test_t_upd_3_not_in_the_log(case):
    bad, good = case.next(engine=1), case.next(signers=case.feed.release_keys)
    tree = case.write(good)
    (tree / 'latest').write_bytes(
        part(bad.entries[-1]) + part(good.proof(2)) + part(good.ladder()))
    assert bad.entries[-1] != good.entries[-1]
    case.refused(tree)


def test_t_upd_4_and_t_view_3_no_quorum(case):
    feed = case.next()
    w, m = feed.witnesses, feed.mirrors
    for by in ([], w[:4] + m, w, w[:5], m, w[:1] * 7 + m):
        case.refused(case.write(feed, by=by))
    case.accepted(case.write(feed, by=w[2:] + m[1:]))


def test_t_upd_5_and_t_roll_2_not_the_last(case):
    feed = case.next()
    old = case.feed.entries[-1]
    tree = case.write(feed)
    for index in (1, 2):
        (tree / 'latest').write_bytes(
            part(old) + part(feed.proof(index)) + part(feed.ladder()))
        case.refused(tree)


def test_t_upd_6_another_feed(case):
    case.refused(case.write(case.next(feed='log.candor.example/other')))
    for wrong in ({'serial': 1}, {'serial': 3}, {'root': 2}):
        case.refused(case.write(case.next(**wrong)))
    other = Feed(origin='log.candor.example/other')
    other.release({'main-1.cand': case.db['two']})
    case.refused(case.write(other))
    case.refused(case.write(case.next(engine=1 << 40)), 'ENGINE')


def test_t_roll_3_an_older_file_under_a_newer_note(case):
    feed = case.next()
    tree = case.write(feed)
    for blob in tree.rglob('blob/sha256/*/*'):
        blob.write_bytes(case.db['one'])
    assert case.update(tree, feed) != 0
    assert case.serial == '1'
    assert case.client.content()['main-1.cand'] == case.db['one']


def test_t_roll_4_keys_that_were_stolen(case):
    """Whoever has the release keys appends what he likes, and is revoked."""
    feed = case.feed.copy()
    for _ in range(1000):
        feed.release({'main-1.cand': case.db['two']}, seconds=1)
    case.accepted(case.write(feed, base=900), feed)
    stolen = feed.release_keys
    feed.release_keys = keys('fresh', 5)
    feed.add_root()
    revoked = feed.copy().release({'main-1.cand': case.db['one']},
                                  signers=stolen[:3])
    tree = case.write(revoked, base=900)
    before = case.client.current
    assert case.update(tree, revoked) == 1 and case.client.current == before
    feed.release({'main-1.cand': case.db['one']})
    case.accepted(case.write(feed, base=900), feed)


def test_t_view_1_two_liars_of_seven_split_nobody(case, db, tmp_path):
    """Each honest witness signs the first of two trees that it sees."""
    one = case.next()
    two = case.feed.copy().release({'main-1.cand': db['one']})
    w, m = one.witnesses, one.mirrors
    for n, honest in enumerate((w[2:5], w[4:])):
        rest = [k for k in w[2:] if k not in honest]
        first = Case(tmp_path / f'a{n}', db)
        first.accepted(case.write(one, by=w[:2] + honest + m))
        second = Case(tmp_path / f'b{n}', db)
        second.refused(case.write(two, by=w[:2] + rest + m))
    # A third liar is one too many: this is what the linter says.
    first, second = Case(tmp_path / 'a', db), Case(tmp_path / 'b', db)
    first.accepted(case.write(one, by=w[:5] + m))
    second.accepted(case.write(two, by=w[:3] + w[5:] + m))
    # And when they meet, there is evidence.
    second.refused(case.write(one, by=w[:5] + m), 'EQUIVOCATION')
    judge(second, ['log.candor.example/db-main signed two trees'] +
          [f'{k.name} cosigned both' for k in w[:3] + m],
          [k.name for k in w[3:]])


def judge(case, proved, innocent=()):
    """What a program that is not ours makes of the evidence."""
    files = sorted((case.client.folder / 'evidence').iterdir())
    done = subprocess.run(
        [sys.executable, ROOT / 'tests/trust/evidence.py', files[-1]],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for line in proved:
        assert line in done.stdout
    for name in innocent:
        assert name not in done.stdout
    raw = files[-1].read_bytes()
    for at in range(0, len(raw), 31):
        changed = bytearray(raw)
        changed[at] ^= 1
        try:
            guilty = evidence.judge(bytes(changed))
        except (ValueError, KeyError, IndexError, InvalidSignature):
            continue
        assert not any(name in line for name in innocent for line in guilty)


def test_t_view_4_two_roots_of_one_size(case):
    other = case.next(signers=case.feed.release_keys[2:])
    case.accepted(case.write(case.next()))
    case.refused(case.write(other), 'EQUIVOCATION')
    judge(case, ['signed two trees, of 3 and 3 entries',
                 'witness1.example/w cosigned both'])
    # No quorum is needed for that; a log that did not sign it is innocent.
    tree = case.write(other, by=[])
    case.refused(tree, 'EQUIVOCATION')
    note = other.checkpoint()
    log = other.log.line(note[:note.index(b'\n\n') + 1])
    raw = (case.write(other) / 'latest').read_bytes()
    lying = raw.replace(log, b'')
    short = lying.index(b'c2sp.org')
    lying = lying[:short - 4] + (
        int.from_bytes(lying[short - 4:short], 'big') -
        len(log)).to_bytes(4, 'big') + lying[short:]
    (tree / 'latest').write_bytes(lying)
    before = len(list((case.client.folder / 'evidence').iterdir()))
    assert case.update(tree) == 1
    assert 'not signed by the log' in case.client.said.stderr
    assert len(list((case.client.folder / 'evidence').iterdir())) == before


def rotate(feed, db, old_keys=None, **new):
    """The next root, signed by four of both, and a release."""
    before = feed.root_keys
    for name, value in new.items():
        setattr(feed, name, value)
    feed.add_root(signers=[k for k in (old_keys or before[:4])
                           if k not in feed.root_keys[:4]])
    return feed.release({'main-1.cand': db['two']})


def test_t_view_6_a_root_in_secret(case):
    """Signed by all root holders, shown to one client only."""
    secret = case.feed.copy()
    rotate(secret, case.db, release_keys=keys('mine', 5))
    tree = case.write(secret, by=secret.witnesses[:4] + secret.mirrors)
    how = dict(by=secret.witnesses[:4] + secret.mirrors)
    (tree / 'roots').write_bytes(secret.all_roots(**how))
    case.refused(tree)
    # Nor with the proof of another entry, or none.
    root, public = secret.entries[2], case.feed
    for proof in (public.proof(0), public.proof(1), b''):
        (tree / 'roots').write_bytes(
            public.all_roots() + part(root) + part(proof))
        case.refused(tree)


def test_t_sig_1_a_chain_of_roots(case):
    feed = case.feed.copy()
    k = feed.root_keys
    rotate(feed, case.db, root_keys=keys('later', 2) + k[2:])
    case.accepted(case.write(feed), feed)
    two = feed.root_keys
    rotate(feed, case.db, root_keys=keys('latest', 3) + two[3:])
    case.accepted(case.write(feed), feed)
    # From the first one too, at once.
    other = Client(case.place / 'other', case.write(feed), feed=case.feed)
    assert other.update(clock=feed.time + 120) == 0


def test_t_sig_2_and_3_versions(case):
    skipped = case.feed.copy()
    skipped.version = 2
    case.refused(case.write(rotate(skipped, case.db)))
    feed = case.feed.copy()
    rotate(feed, case.db)
    tree = case.write(feed)
    one = case.feed.all_roots()
    both = (tree / 'roots').read_bytes()
    for wrong in (both + both[len(one):], both[:-1], both + b'\0\0\0',
                  both[len(one):], one + one, b''):
        (tree / 'roots').write_bytes(wrong)
        assert case.update(tree, feed) == 1
        assert case.serial == '1'
    (tree / 'roots').write_bytes(both)
    case.accepted(tree, feed)
    # A mirror that has forgotten it.
    (tree / 'roots').write_bytes(one)
    assert case.update(tree, feed) == 1
    assert case.serial == '3'
    assert case.client.status(feed.time + 120) == 'ROLLBACK'


def test_t_sig_4_who_was_removed(case):
    feed = case.feed.copy()
    old = feed.root_keys
    rotate(feed, case.db, root_keys=keys('later', 4) + old[4:],
           release_keys=keys('other', 5))
    case.accepted(case.write(feed), feed)
    # The removed root holders sign the next root; removed rebuilders the next
    # release.
    worse = feed.copy()
    worse.root_keys = old
    worse.add_root()
    worse.release({'main-1.cand': case.db['one']})
    before = case.client.current
    assert case.update(case.write(worse), worse) == 1
    worse = feed.copy().release({'main-1.cand': case.db['one']},
                                signers=case.feed.release_keys)
    assert case.update(case.write(worse), worse) == 1
    assert case.client.current == before


def test_thresholds_of_both(case):
    """Enough of the old but not of the new, and the other way round."""
    for old, new in ((3, 4), (4, 3), (0, 7), (7, 0)):
        feed = case.feed.copy()
        before = feed.root_keys
        feed.root_keys = keys('other', 7)
        feed.version += 1
        text = feed.root_text()
        feed.entries.append(logs.note(text, *before[:old],
                                      *feed.root_keys[:new]))
        feed.roots.append(len(feed.entries) - 1)
        feed.release({'main-1.cand': case.db['two']})
        case.refused(case.write(feed), feed=feed)


def test_t_fresh_3_liars_about_the_time(case):
    feed = case.next()
    ahead = feed.time + 10 * 365 * DAY
    tree = case.write(feed, times={0: ahead, 1: ahead, 7: ahead})
    case.accepted(tree, feed)
    assert case.client.status(feed.time + HOUR) == 'CURRENT'
    assert case.client.status(feed.time + 2 * DAY) == 'VIEW-STALE'


def test_another_log_when_the_first_is_lost(case):
    """Epoch 2: in the new log, which the old quorum has seen."""
    old = case.feed
    new = old.copy()
    new.log = Key('log2.candor.example/db-main', 'log2')
    new.epoch, new.version, new.entries, new.roots = 2, 2, [], []
    text = new.root_text().replace(
        f'feed {new.origin}'.encode(), f'feed {old.origin}'.encode())
    new.entries.append(logs.note(text, *old.root_keys[:4]))
    new.roots.append(0)
    new.release({'main-1.cand': case.db['two']})
    new.origin = new.log.name
    tree = case.write(new)
    (tree / 'roots').write_bytes(
        old.all_roots() + part(new.entries[0]) + part(new.proof(0)))
    case.accepted(tree, new)
    assert case.client.content()['main-1.cand'] == case.db['two']
    # Not if the old witnesses were not asked.
    other = Client(case.place / 'other', tree, feed=old)
    few = dict(by=new.witnesses[:4] + new.mirrors)
    (tree / 'roots').write_bytes(
        old.all_roots() + part(new.entries[0]) + part(new.proof(0, **few)))
    assert other.update(clock=new.time + 120) == 1


def test_evidence_and_vectors_agree():
    """The text that lib/trust/vectors_test.c makes and reads, by the other
    program."""
    for name, code in (('evidence', 0), ('root1.note', 1), ('latest5', 1)):
        done = subprocess.run(
            [sys.executable, ROOT / 'tests/trust/evidence.py',
             ROOT / 'tests/trust/vectors' / name], capture_output=True)
        assert done.returncode == code


def test_the_vectors_are_what_makes_them(tmp_path):
    script = (ROOT / 'tests/trust/vectors.py').read_text()
    (tmp_path / 'vectors.py').write_text(script)
    subprocess.run([sys.executable, tmp_path / 'vectors.py'], check=True)
    for file in Path(tmp_path / 'vectors').rglob('*'):
        same = ROOT / 'tests/trust/vectors' / file.relative_to(
            tmp_path / 'vectors')
        assert file.is_dir() or file.read_bytes() == same.read_bytes()
