"""candor-publish, candor-mirror: how they are called, and what they say."""
# SPDX-License-Identifier: Apache-2.0
import http.client
import re
import stat

import pytest

import net

COMMANDS = ['key', 'init', 'root', 'draft', 'sign', 'merge', 'append',
            'cosign', 'check', 'rebuild', 'bundle']


def test_manual_is_made_of_the_option_tables():
    text = (net.ROOT / 'docs/candor-publish.1').read_text()
    blocks = re.findall(r'\.\\" made by: candor-publish (help --man [a-z]+)\n'
                        r'(.*?)\.\\" end\n', text, re.S)
    assert [b[0].split()[-1] for b in blocks] == COMMANDS
    for command, made in blocks:
        assert net.publish(*command.split()).stdout == made


@pytest.mark.parametrize('command', COMMANDS)
def test_every_command_has_help(command):
    done = net.publish(command, '--help')
    assert done.stdout.startswith(f'Usage: candor-publish {command} ')
    assert max(map(len, done.stdout.splitlines())) <= 80
    for words in ([], ['--no-such']):
        done = net.publish(command, *words, check=False)
        assert done.returncode == 64
        assert f"Try 'candor-publish {command} --help'" in done.stderr


def test_other_words():
    for words in ([], ['no-such'], ['help', '--man', 'no-such']):
        done = net.run('candor-publish', *words, check=False)
        assert done.returncode == 64, words
    assert 'candor-publish 0' in net.publish('--version').stdout
    for words in ([], ['--tree', 'x'],
                  ['--listen', 'x', '--tree', 'x', '--from', 'x'],
                  ['--listen', 'x', '--tree', 'x', '--key', 'x', '--state',
                   'x']):
        done = net.run('candor-mirror', *words, check=False)
        assert done.returncode == 64, words


def test_keys(tmp_path):
    file = tmp_path / 'key'
    vkey = net.publish('key', '-o', file, 'a.example/r').stdout.strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert vkey.startswith('a.example/r+') and vkey not in file.read_text()
    before = file.read_text()
    # Never over another.
    assert net.publish('key', '-o', file, 'a', check=False).returncode == 1
    assert file.read_text() == before
    for bad in ('a b', 'a+b', ''):
        done = net.publish('key', '-o', tmp_path / 'k', bad, check=False)
        assert done.returncode == 1 and not (tmp_path / 'k').exists()
    other = net.publish('key', '-o', tmp_path / 'k', 'a.example/r').stdout
    assert other.strip() != vkey


@pytest.fixture(scope='module')
def feed(tmp_path_factory):
    n = net.Net(tmp_path_factory.mktemp('n'), witnesses=3, quorum=2,
                cosigners=1)
    yield n
    n.stop()


def test_a_feed_begins_once(feed):
    done = net.publish('init', '--origin', 'other', feed.feed, check=False)
    assert done.returncode == 1
    done = net.publish('cosign', '--policy', feed.policy(), feed.feed,
                       check=False)
    assert done.returncode == 1 and 'no entries yet' in done.stderr
    done = net.publish('draft', '-o', feed.place / 'd', '--source',
                       f'a={net.ROOT}/data/rules', feed.feed, check=False)
    assert done.returncode == 1 and '--root' in done.stderr


@pytest.mark.parametrize('old, new, why', [
    ('group w 2', 'group w 2', None),
    ('group w 2', 'group w all', None),
    ('group w 2', 'group w 1', 'need not share a key'),
    ('group w 2', 'group w any', 'need not share a key'),
    ('group w 2', 'group w 4', ''),
    ('group w 2', 'group w 0', ''),
    ('quorum w', 'quorum none', ''),
    ('quorum w', '', ''),
    ('quorum w', 'quorum nobody', ''),
    ('witness w1', 'witness w2', ''),
    ('log ', 'lag ', ''),
])
def test_policies(feed, tmp_path, old, new, why):
    """The linter: a quorum that a liar could have twice is none."""
    text = f'log {feed.log_key.vkey}\n' + ''.join(
        f'witness w{n} {k.vkey}\n' for n, k in
        enumerate(feed.witness_keys, 1)) + 'group w 2 w1 w2 w3\nquorum w\n'
    assert old in text
    (tmp_path / 'policy').write_text(text.replace(old, new))
    keys = [w for k in feed.root_keys for w in ('--root-key', k.vkey)]
    keys += [w for k in feed.release_keys for w in ('--release-key', k.vkey)]
    done = net.publish('root', '-o', tmp_path / 'r', '--policy',
                       tmp_path / 'policy', '--root-threshold', 4,
                       '--release-threshold', 3, *keys, check=False)
    assert done.returncode == (why is not None), done.stderr
    assert (why or '') in done.stderr
    assert (tmp_path / 'r').exists() == (why is None)


def test_thresholds(feed, tmp_path):
    feed.policy()
    base = ['root', '-o', tmp_path / 'r', '--policy', feed.feed / 'policy',
            '--root-key', feed.root_keys[0].vkey, '--release-key',
            feed.release_keys[0].vkey]
    good = ['--root-threshold', 1, '--release-threshold', 1]
    net.publish(*base, *good)
    for bad in (['--root-threshold', 2, '--release-threshold', 1],
                ['--root-threshold', 1],
                [*good, '--root-key', feed.release_keys[0].vkey],
                [*good, '--root-key', feed.root_keys[0].vkey],
                [*good, '--release-key', feed.witness_keys[0].vkey],
                [*good, '--root-key', 'nonsense']):
        done = net.publish(*base, *bad, check=False)
        assert done.returncode == 1, bad


def test_a_mirror_serves_its_tree_and_nothing_else(tmp_path):
    tree = tmp_path / 'tree'
    (tree / 'tile/0/000.p').mkdir(parents=True)
    (tree / 'tile/0/000.p/7').write_bytes(b'seven')
    (tree / '.hidden').write_text('not for others')
    (tree / 'link').symlink_to('../secret')
    (tmp_path / 'secret').write_text('not for others')
    server = net.Server(net.BUILD / 'bin/candor-mirror', '--tree', tree)

    def ask(path, method='GET'):
        c = http.client.HTTPConnection(server.address, timeout=20)
        c.putrequest(method, path, skip_host=False)
        c.endheaders()
        r = c.getresponse()
        said = r.status, r.read()
        c.close()
        return said

    try:
        assert ask('/tile/0/000.p/7') == (200, b'seven')
        assert ask('/tile/0/000.p/7', 'HEAD') == (200, b'')
        assert ask('/tile/0/000%2Ep/7')[0] == 200
        for path in ('/../secret', '/%2e%2e/secret', '/tile/../../secret',
                     '/tile/%2e%2e/%2e%2e/secret', '/.hidden', '/link', '/',
                     '//etc/passwd', '/tile', '/tile/', '/tile//0', '*',
                     '/' + 'x' * 3000, '/nothing'):
            assert ask(path)[0] == 404, path
        assert ask('/tile/0/000.p/7', 'DELETE')[0] == 405
        assert ask('/add-checkpoint', 'POST')[0] == 404
    finally:
        server.stop()
