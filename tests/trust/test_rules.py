"""R1 to R6, and two more: the log, and whoever cosigns as a mirror, let in
nothing else; and no two checkpoints of a log contradict each other."""
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import shutil

import pytest

import net
from net import logs

RULE = {'a.ndb': f'Test.A:0:*:{b"candor trust a".hex()}\n'}


@pytest.fixture(scope='module')
def ready(tmp_path_factory):
    """A feed with a release, never changed by a test."""
    n = net.Net(tmp_path_factory.mktemp('feed'))
    n.begin(RULE)
    yield n
    n.stop()


class Copy:
    """A feed of one's own to spoil: the operator's folder, copied."""

    def __init__(self, feed, place):
        self.of = feed
        self.folder = place / 'feed'
        shutil.copytree(feed.feed, self.folder)
        self.tree = self.folder / 'tree'

    def append(self, *what):
        return net.publish('append', self.folder, *what, check=False)

    def entries(self):
        bundle = max(self.tree.glob('tile/entries/000.p/*'),
                     key=lambda p: int(p.name)).read_bytes()
        out = []
        while bundle:
            size = int.from_bytes(bundle[:2], 'big')
            out.append(bundle[2:2 + size])
            bundle = bundle[2 + size:]
        return out

    def force(self, *entries):
        """What a dishonest log does: it appends what it likes."""
        logs.write(self.tree, [*self.entries(), *entries], self.of.origin,
                   self.of.log_key)
        return self


@pytest.fixture
def copy(ready, tmp_path):
    return Copy(ready, tmp_path)


def note(text, *keys):
    return logs.note(text.encode(), *keys)


def draft(ready, **more):
    where = ready.draft(RULE, no_deltas=True, **more)
    text = (where / 'release.txt').read_text()
    return where, text


def put(where, text, keys):
    (where / 'release.note').write_bytes(note(text, *keys))
    return where


def test_the_log_takes_what_is_right(ready, copy):
    where, text = draft(ready)
    assert copy.append(put(where, text, ready.release_keys[:3])).returncode == 0
    # And not a second time.
    done = copy.append(where)
    assert done.returncode == 1 and 'R4' in done.stderr


def test_r5_signatures(ready, copy):
    where, text = draft(ready)
    keys = ready.release_keys
    for bad in (keys[:2], [keys[0], keys[0], keys[0]], ready.root_keys[:5],
                [net.Key('r', f'stranger{n}') for n in range(5)]):
        done = copy.append(put(where, text, bad))
        assert done.returncode == 1 and 'signed by' in done.stderr, bad
    forged = note(text, *keys[:3]) + \
        keys[3].line(b'another text\n')
    (where / 'release.note').write_bytes(forged)
    done = copy.append(where)
    assert done.returncode == 1 and 'does not hold' in done.stderr


@pytest.mark.parametrize('old, new, why', [
    ('serial 2', 'serial 3', 'R4'), ('serial 2', 'serial 1', 'R4'),
    ('root 1', 'root 2', 'R5'),
    (f'feed {net.ORIGIN}', 'feed another.example/feed', 'R2'),
    ('serial 2', 'serial 02', 'release'),
    ('engine-min 1', 'engine-min  1', 'release'),
    ('recipe', 'note\nrecipe', 'release'),
])
def test_r2_r4_texts(ready, copy, old, new, why):
    where, text = draft(ready)
    assert old in text
    done = copy.append(put(where, text.replace(old, new),
                           ready.release_keys[:3]))
    assert done.returncode == 1 and why in done.stderr, done.stderr


def test_r3_a_root_is_never_last(ready, copy):
    root = ready.make_root(old=ready.anchor)
    ready.version -= 1
    done = copy.append(root)
    assert done.returncode == 1 and 'R3' in done.stderr
    where = ready.draft(RULE, root)
    put(where, (where / 'release.txt').read_text(), ready.release_keys[:3])
    assert copy.append(root, where).returncode == 0


def test_r2_roots(ready, copy, tmp_path):
    where, _ = draft(ready)
    done = copy.append(ready.anchor, where)
    assert done.returncode == 1 and 'R2' in done.stderr
    # Signed by too few of those before.
    text = tmp_path / 'root.txt'
    net.publish('root', '-o', text, '--old', ready.anchor)
    bad = tmp_path / 'bad.note'
    bad.write_bytes(note(text.read_text(), *ready.root_keys[:3]))
    done = copy.append(bad, where)
    assert done.returncode == 1 and 'signed by 3' in done.stderr


def test_r6_files(ready, copy):
    where, text = draft(ready)
    put(where, text, ready.release_keys[:3])
    # What the tree holds already need not come again; something new must.
    spoilt = [x for x in text.splitlines() if x.startswith('file ')][0]
    sha = hashlib.sha256(b'never seen').hexdigest()
    other = text.replace(spoilt, f'file main-1.cand 10 sha256:{sha}')
    put(where, other, ready.release_keys[:3])
    done = copy.append(where)
    assert done.returncode == 1 and 'R6' in done.stderr
    blob = where / 'blob/sha256' / sha[:2]
    blob.mkdir(exist_ok=True)
    for bad in (b'another 10', b'never see', b'never seen!'):
        (blob / sha[2:]).write_bytes(bad)
        done = copy.append(where)
        assert done.returncode == 1 and 'R6' in done.stderr
    (blob / sha[2:]).write_bytes(b'never seen')
    assert copy.append(where).returncode == 0


def test_r6_sources(ready, copy):
    where, text = draft(ready)
    put(where, text, ready.release_keys[:3])
    next(where.glob('sources/2/recipe')).unlink()
    assert copy.append(where).returncode == 1


def test_a_spoilt_tree_is_not_signed(ready, copy):
    """The operator's disk says something else than what he signed."""
    where, text = draft(ready)
    put(where, text, ready.release_keys[:3])
    bundle = copy.tree / 'tile/entries/000.p/2'
    good = bundle.read_bytes()
    for at in (5, len(good) // 2, len(good) - 3):
        bundle.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        assert copy.append(where).returncode == 1
    bundle.write_bytes(good)
    assert copy.append(where).returncode == 0


def ask(copy, tmp_path, url=None):
    """A mirror cosigner that follows the copy: its answer to a checkpoint."""
    server = copy.of.mirror(copy.tree)
    key = copy.of.cosigner_keys[0]
    mirror = copy.of.serve(
        net.BUILD / 'bin/candor-mirror', '--tree', tmp_path / 'm', '--from',
        url or server.url, '--root', copy.of.anchor, '--key', key.file,
        '--state', tmp_path / 's', '--every', '86400')
    answer = post(mirror, (copy.tree / 'checkpoint').read_bytes())
    mirror.stop()
    server.stop()
    return answer


def post(server, checkpoint, old=0):
    import http.client
    host, port = server.address.rsplit(':', 1)
    c = http.client.HTTPConnection(host, int(port), timeout=30)
    c.request('POST', '/add-checkpoint', b'old %d\n\n' % old + checkpoint)
    r = c.getresponse()
    answer = r.status, r.read().decode()
    c.close()
    return answer


def signed_release(ready, serial, **change):
    where, text = draft(ready)
    text = text.replace('serial 2', f'serial {serial}')
    for old, new in change.items():
        text = text.replace(old, new)
    return note(text, *ready.release_keys[:3])


def test_a_mirror_cosigns_what_is_right(ready, copy, tmp_path):
    code, line = ask(copy, tmp_path)
    assert code == 200 and ready.cosigner_keys[0].name in line
    # And has it all: another can copy from it, with everything at home gone.
    mine = tmp_path / 'm'
    assert (mine / 'tile/0/000.p/2').exists()
    assert len(list(mine.glob('blob/sha256/*/*'))) == 1
    assert (mine / 'sources/1/house/a.ndb').read_text() == RULE['a.ndb']


@pytest.mark.parametrize('what', ['root last', 'unsigned', 'serial', 'no note',
                                  'root again'])
def test_a_mirror_refuses_what_breaks_a_rule(ready, copy, tmp_path, what):
    where, text = draft(ready)
    entry = {
        'root last': lambda: ready.make_root(old=ready.anchor).read_bytes(),
        'unsigned': lambda: note(text, *ready.release_keys[:2]),
        'serial': lambda: signed_release(ready, 3),
        'no note': lambda: b'anything\n',
        'root again': lambda: ready.anchor.read_bytes(),
    }[what]()
    if what == 'root last':
        ready.version -= 1
    code, why = ask(copy.force(entry), tmp_path)
    assert code == 422, why
    assert not list((tmp_path / 'm').glob('tile/entries/000.p/3'))


def test_another_beginning_is_another_feed(ready, copy, tmp_path):
    """R1: with the log's own key, but not the root that was agreed on."""
    other = logs.note(
        ready.anchor.read_bytes().split(b'\n\n')[0].replace(
            b'\nroot-threshold 4', b'\nroot-threshold 3') + b'\n',
        *ready.root_keys[:4])
    entries = [other, copy.entries()[1]]
    logs.write(copy.tree, entries, ready.origin, ready.log_key)
    code, why = ask(copy, tmp_path)
    assert code == 422 and 'begin with the root' in why


def test_t_view_3_hidden_leaf(ready, copy, tmp_path):
    """A leaf that only hashes to the tree, and is shown to nobody: witnesses
    would cosign it, a mirror does not."""
    hashes = [logs.leaf(e) for e in copy.entries()]
    hidden = signed_release(ready, 2)
    hashes.append(logs.leaf(hidden))
    text = b'%s\n3\n%s\n' % (ready.origin.encode(),
                             base64.b64encode(logs.root(hashes)))
    (copy.tree / 'checkpoint').write_bytes(logs.note(text, ready.log_key))
    code, why = ask(copy, tmp_path)
    assert code == 422
    assert post(ready.witnesses[0], logs.note(text, ready.log_key))[0] in \
        (409, 422)  # it knows a smaller tree: only then is a proof asked for


def test_r6_at_the_mirror(ready, copy, tmp_path):
    """A release whose file cannot be had."""
    entry = signed_release(ready, 2)
    for blob in copy.tree.glob('blob/sha256/*/*'):
        blob.unlink()
    code, why = ask(copy.force(entry), tmp_path)
    assert code == 422 and 'R6' in why


def test_old_files_at_a_new_mirror(ready, copy, tmp_path):
    """Whoever begins a copy is not asked for what was replaced long ago; who
    has one already is."""
    old, = copy.tree.glob('blob/sha256/*/*')
    where = ready.draft({'b.ndb': f'Test.B:0:*:{b"candor trust b".hex()}\n'},
                        no_deltas=True)
    entry = note((where / 'release.txt').read_text(), *ready.release_keys[:3])
    for what in ('blob', 'sources'):
        shutil.copytree(where / what, copy.tree / what, dirs_exist_ok=True)
    old.unlink()
    assert ask(copy.force(entry), tmp_path)[0] == 200
    new, = (tmp_path / 'm').glob('blob/sha256/*/*')
    assert new.name != old.name
    (tmp_path / '2').mkdir()
    text = (where / 'release.txt').read_text()
    third = note(text.replace('serial 2', 'serial 3').replace(
        new.parent.name + new.name, old.parent.name + old.name),
        *ready.release_keys[:3])
    code, why = ask(copy.force(third), tmp_path)
    assert code in (409, 422) and list(
        (tmp_path / 'm').glob('tile/entries/000.p/*'))[0].name == '3'


def test_a_mirror_remembers(ready, copy, tmp_path):
    """Two trees of the same size: whatever it saw first."""
    where, _ = draft(ready)
    one = note((where / 'release.txt').read_text(), *ready.release_keys[:3])
    two = note((where / 'release.txt').read_text(), *ready.release_keys[1:4])
    (tmp_path / '2').mkdir()
    twin = Copy(ready, tmp_path / '2').force(two)
    shutil.copytree(where / 'sources', twin.tree / 'sources',
                    dirs_exist_ok=True)
    shutil.copytree(where / 'sources', copy.tree / 'sources',
                    dirs_exist_ok=True)
    assert ask(copy.force(one), tmp_path)[0] == 200
    code, why = ask(twin, tmp_path)
    assert code in (409, 422), why
