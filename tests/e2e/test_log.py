"""candor log verify: notes, proofs and whole logs, true ones and others."""
# SPDX-License-Identifier: Apache-2.0
import base64
import os
import sys

import pytest

from conftest import ROOT, run

sys.path.insert(0, str(ROOT / 'tests/make'))
log = pytest.importorskip('log', reason='python3-cryptography is missing')

LOG = log.Key('log.example/test')
WITNESS = log.Key('witness.example/w', 4)
STRANGER = log.Key('log.example/other')
TEXT = b'log.example/test\n7\n%s\n' % base64.b64encode(bytes(32))


def verify(what, *more, **options):
    done = run('log', 'verify', what, *more, **options)
    assert (done.code == 0) == (done.err == b'')
    return done.code


def b64(h):
    return base64.b64encode(h).decode()


def check_note(tmp_path, content, *keys):
    file = tmp_path / 'note'
    file.write_bytes(content)
    return verify('note', *[a for k in keys for a in ('--key', k.vkey)], file)


def test_notes(tmp_path):
    both = log.note(TEXT, LOG, WITNESS)
    assert check_note(tmp_path, both, LOG) == 0
    assert check_note(tmp_path, both, WITNESS) == 0
    assert check_note(tmp_path, both, LOG, WITNESS) == 0
    assert check_note(tmp_path, log.note(TEXT, LOG, STRANGER), LOG) == 0
    assert check_note(tmp_path, both, STRANGER) == 1
    assert check_note(tmp_path, both, LOG, STRANGER) == 1
    assert check_note(tmp_path, log.note(b'any text\n', LOG), LOG) == 0


def test_notes_that_do_not_hold(tmp_path):
    good = log.note(TEXT, LOG)
    for bad in (good.replace(b'\n7\n', b'\n8\n'), good[:-1], good + b'x\n',
                good.replace(b'\n', b'\r\n'), TEXT, b'', good * 2000,
                good.replace('\u2014'.encode(), b'-')):
        assert check_note(tmp_path, bad, LOG) == 1
    # The log's name under a stranger's key.
    line = STRANGER.line(TEXT).replace(b'other', b'test')
    assert check_note(tmp_path, TEXT + b'\n' + line, LOG) == 1
    # A cosignature of another size.
    old = WITNESS.line(TEXT.replace(b'\n7\n', b'\n6\n'))
    assert check_note(tmp_path, TEXT + b'\n' + old, WITNESS) == 1


def test_keys_that_are_none(tmp_path):
    (tmp_path / 'note').write_bytes(log.note(TEXT, LOG))
    for bad in ('', 'x', LOG.vkey.replace('log.', 'gol.'), LOG.vkey[:-4]):
        assert verify('note', '--key', bad, tmp_path / 'note') == 1


@pytest.fixture(scope='module')
def entries():
    return [b'entry %d' % i for i in range(70)]


def test_inclusion(tmp_path, entries):
    hashes = [log.leaf(e) for e in entries]
    for size, index in ((1, 0), (2, 1), (7, 6), (33, 32), (70, 0), (70, 41)):
        proof = [b64(h) for h in log.inclusion(index, hashes[:size])]
        root = b64(log.root(hashes[:size]))

        def holds(index=index, size=size, leaf=hashes[index], proof=proof):
            return verify('inclusion', '--index', str(index), '--size',
                          str(size), '--leaf-hash', leaf.hex(), '--root',
                          root, *proof)
        assert holds() == 0
        assert holds(index=size) == 1
        assert holds(leaf=bytes(32)) == 1
        assert holds(proof=proof + [root]) == 1
        assert holds(index=f'0{index}') == 1
        if proof:
            assert holds(proof=proof[:-1]) == 1
            assert holds(proof=[p[:-1] for p in proof]) == 1
    (tmp_path / 'entry').write_bytes(entries[3])
    assert verify('inclusion', '--index', '3', '--size', '7', '--leaf',
                  tmp_path / 'entry', '--root', b64(log.root(hashes[:7])),
                  *[b64(h) for h in log.inclusion(3, hashes[:7])]) == 0


def test_consistency(entries):
    hashes = [log.leaf(e) for e in entries]
    for old, size in ((1, 1), (1, 2), (3, 7), (4, 7), (32, 70), (69, 70)):
        proof = [b64(h) for h in log.consistency(old, hashes[:size])]

        def holds(old=old, size=size, proof=proof, root=hashes[:size]):
            return verify('consistency', '--old-size', str(old), '--size',
                          str(size), '--old-root', b64(log.root(hashes[:old])),
                          '--root', b64(log.root(root)), *proof)
        assert holds() == 0
        assert holds(proof=proof + [b64(bytes(32))]) == 1
        assert holds(root=hashes[1:size + 1]) == 1
        assert holds(old=0) == 1
        if old < size:
            assert holds(old=size + 1) == 1


def test_usage():
    for words in ([], ['other'], ['note'], ['note', '--key', LOG.vkey],
                  ['inclusion', '--index', '0'], ['consistency'], ['tiles']):
        assert run('log', 'verify', *words).code == 64


@pytest.mark.parametrize('size', [0, 1, 255, 256, 257, 600])
def test_tiles(tmp_path, size):
    log.write(tmp_path, [b'e%d' % i for i in range(size)], LOG.name, LOG)
    assert verify('tiles', '--key', LOG.vkey, tmp_path) == 0
    assert verify('tiles', '--key', STRANGER.vkey, tmp_path) == 1


def test_tiles_that_grew_since(tmp_path):
    """A full tile takes the place of partial ones."""
    entries = [b'e%d' % i for i in range(300)]
    log.write(tmp_path, entries[:100], LOG.name, LOG)
    old = (tmp_path / 'checkpoint').read_bytes()
    for name in ('tile/0/000.p/100', 'tile/entries/000.p/100'):
        os.unlink(tmp_path / name)
    log.write(tmp_path, entries, LOG.name, LOG)
    (tmp_path / 'checkpoint').write_bytes(old)
    assert verify('tiles', '--key', LOG.vkey, tmp_path) == 0


def test_tiles_that_are_not_what_they_should(tmp_path):
    entries = [b'e%d' % i for i in range(300)]
    log.write(tmp_path, entries, LOG.name, LOG)
    for file in sorted(p for p in (tmp_path / 'tile').rglob('*')
                       if p.is_file()):
        content = file.read_bytes()
        for bad in (content[:-1], content + b'x', b'',
                    content[:-1] + bytes([content[-1] ^ 1])):
            file.write_bytes(bad)
            done = run('log', 'verify', 'tiles', '--key', LOG.vkey, tmp_path)
            assert done.code == 1, (file, bad[-9:])
        os.unlink(file)
        assert verify('tiles', '--key', LOG.vkey, tmp_path) == 1
        file.write_bytes(content)
    assert verify('tiles', '--key', LOG.vkey, tmp_path) == 0
