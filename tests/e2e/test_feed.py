"""candor feed: a name means one feed, and what fails changes nothing."""
# SPDX-License-Identifier: Apache-2.0
import sys

import pytest

from conftest import ROOT, run

sys.path.insert(0, str(ROOT / 'tests/trust'))
net = pytest.importorskip('net', reason='python3-cryptography is missing')


@pytest.fixture(scope='module')
def roots(tmp_path_factory):
    """The first root notes of two publishers who have nothing in common."""
    place = tmp_path_factory.mktemp('publishers')
    return [net.Net(place / tag, origin=f'log.example/{tag}', tag=tag,
                    roots=1, root_threshold=1, releases=1,
                    release_threshold=1, witnesses=1, quorum=1,
                    cosigners=0).make_root() for tag in 'ab']


@pytest.fixture
def feed(tmp_path):
    def ask(verb, *words):
        return run('feed', verb, '--settings', tmp_path / 'etc', '--state',
                   tmp_path / 'lib', *words)
    return ask


def content(folder):
    return {p.name: p.read_bytes() for p in folder.rglob('*') if p.is_file()}


def test_a_feed_that_is_there_is_not_replaced(feed, roots, tmp_path):
    add = 'add', 'main', '--root', roots[0], 'http://127.0.0.1:1/a'
    assert feed(*add).code == 0
    before = content(tmp_path / 'etc')
    assert set(before) == {'main.conf', 'main.root'}
    for words in (('--root', roots[1], 'http://127.0.0.1:1/b'),
                  ('--root', roots[1], 'ftp://x'),
                  ('--kind', 'rules', tmp_path)):
        done = feed('add', 'main', *words)
        assert done.code == 2
        assert b'main' in done.err and b'feed remove' in done.err
        assert content(tmp_path / 'etc') == before
    assert feed('remove', 'main').code == 0
    assert content(tmp_path / 'etc') == {}
    assert feed('add', 'main', '--kind', 'rules', tmp_path).code == 0


def test_an_addition_that_fails_leaves_nothing(feed, roots, tmp_path):
    assert feed('add', 'm', '--root', roots[0], 'ftp://x').code == 2
    assert feed('add', 'm', '--root', tmp_path / 'none', '/tmp').code == 2
    assert not (tmp_path / 'etc').exists()
    (tmp_path / 'etc').write_text('in the way')
    assert feed('add', 'm', '--root', roots[0], '/tmp').code == 2
    assert not (tmp_path / 'lib').exists()
