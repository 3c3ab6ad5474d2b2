"""T-DB-4, T-DB-5: a database is what its sources make of it, for everybody."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import random
import subprocess

import pytest

import net


def rule(name, text):
    return f'{name}:0:*:{text.encode().hex()}\n'


SOURCES = {
    'house.ndb': ''.join(rule(f'Test.{n}', f'candor trust {n}')
                         for n in range(200)),
    'more/logical.ldb': 'Test.Both;Engine:51-255,Target:0;0&1;'
                        f'{b"candor one".hex()};{b"candor two".hex()}\n',
    'README': 'not compiled, but part of the source\n',
}


@pytest.fixture(scope='module')
def feed(tmp_path_factory):
    n = net.Net(tmp_path_factory.mktemp('feed'))
    yield n
    n.stop()


@pytest.fixture(scope='module')
def begun(feed):
    feed.begin(SOURCES)
    return feed


def write(folder, sources, order, mode=0o644):
    for name in order:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(sources[name])
        (folder / name).chmod(mode)
        os.utime(folder / name, (order.index(name) * 1000,) * 2)
    return folder


def files_of(text):
    return [line for line in text.read_text().splitlines()
            if line.startswith(('source ', 'recipe ', 'file '))]


def test_t_db_4_same_bytes_everywhere(begun, tmp_path):
    """Other paths, locales, time zones, umasks, processors, dates, order."""
    seen = set()
    for n in range(4):
        order = sorted(SOURCES)
        random.Random(n).shuffle(order)
        folder = write(tmp_path / f'{n}{"/deep" * n}', SOURCES, order,
                       0o600 if n % 2 else 0o644)
        draft = tmp_path / f'draft{n}'
        env = {**os.environ, 'LC_ALL': ['C', 'C.UTF-8'][n % 2],
               'TZ': ['UTC', 'Asia/Tokyo'][n % 2],
               'TMPDIR': str(tmp_path)}
        cpus = {n % os.cpu_count()} if n % 2 else range(os.cpu_count())
        net.publish('draft', '-o', draft, '--source', f'house={folder}',
                    begun.tree, env=env, preexec_fn=lambda: (
                        os.sched_setaffinity(0, cpus),
                        os.umask(0o77 if n % 2 else 0o22)))
        seen.add(tuple(files_of(draft / 'release.txt')))
    assert len(seen) == 1


def test_source_hash_is_what_coreutils_say(begun, tmp_path):
    folder = write(tmp_path / 's', SOURCES, sorted(SOURCES))
    said = subprocess.run(
        ['sh', '-c', "find . -type f -printf '%P\\0' | LC_ALL=C sort -z |"
         'xargs -0 sha256sum | sha256sum'], cwd=folder, capture_output=True,
        check=True, text=True).stdout.split()[0]
    text = (begun.place / 'draft1/release.txt').read_text()
    assert f'source house sha256:{said}\n' in text


def test_t_db_5_a_third_party_rebuilds(begun):
    """From the published tree alone, over HTTP."""
    done = net.publish('rebuild', '--check', 1, begun.server.url)
    assert 'main-1.cand: rebuilt, the same' in done.stdout
    assert 'release 1 is what the log says' in done.stdout
    done = net.publish('rebuild', '--check', 0, begun.server.url, check=False)
    assert done.returncode == 64
    done = net.publish('rebuild', '--check', 7, begun.server.url, check=False)
    assert done.returncode == 1 and 'the log has 2 entries' in done.stderr


def test_a_database_that_is_another(begun, tmp_path):
    """Whoever signs has made it again: another file gets no signature."""
    draft = begun.draft(SOURCES)
    text = (draft / 'release.txt').read_text()
    old = [x for x in text.splitlines() if x.startswith('file ')][0].split()[3]
    blob = draft / 'blob/sha256' / old[7:9] / old[9:]
    bad = blob.read_bytes() + b'\0'
    new = hashlib.sha256(bad).hexdigest()
    (draft / 'blob/sha256' / new[:2]).mkdir(exist_ok=True)
    (draft / 'blob/sha256' / new[:2] / new[2:]).write_bytes(bad)
    (draft / 'release.txt').write_text(
        text.replace(old, f'sha256:{new}').replace(f' {len(bad) - 1} ',
                                                   f' {len(bad)} '))
    done = net.publish('sign', '--key', begun.release_keys[0].file, draft,
                       check=False)
    assert done.returncode == 1 and done.stdout == ''
    assert 'it is another file than the release says' in done.stderr


def test_sources_that_are_others(begun, tmp_path):
    """A signer with sources of his own notices that the draft's differ."""
    draft = begun.draft(SOURCES)
    mine = write(tmp_path / 'mine', SOURCES, sorted(SOURCES))
    key = begun.release_keys[0].file
    net.publish('sign', '--key', key, '--source', f'house={mine}', draft)
    (mine / 'house.ndb').write_text(rule('Test.Other', 'another text'))
    done = net.publish('sign', '--key', key, '--source', f'house={mine}',
                       draft, check=False)
    assert done.returncode == 1
    assert 'the source house is not what the release says' in done.stderr
    listed = next(draft.glob('sources/*/house/house.ndb'))
    listed.write_text(rule('Test.Other', 'another text'))
    done = net.publish('sign', '--key', key, draft, check=False)
    assert done.returncode == 1 and 'not what was listed' in done.stderr


def test_a_release_is_not_signed_unseen(begun):
    draft = begun.draft(SOURCES)
    done = net.publish('sign', '--key', begun.release_keys[0].file,
                       draft / 'release.txt', check=False)
    assert done.returncode == 1 and 'made it again' in done.stderr


@pytest.mark.parametrize('bad', ['.hidden', 'a b', 'percent%41', 'back\\slash',
                                 'ümlaut'])
def test_names_that_are_not_the_same_everywhere(begun, tmp_path, bad):
    folder = write(tmp_path / 's', SOURCES, sorted(SOURCES))
    (folder / bad).write_text('x')
    done = net.publish('draft', '-o', tmp_path / 'd', '--source',
                       f'house={folder}', begun.tree, check=False)
    assert done.returncode == 1 and 'does not begin with a dot' in done.stderr


def test_bad_lines_make_no_release(begun, tmp_path):
    folder = write(tmp_path / 's', {'a.ndb': 'Test:0:*:zz\n'}, ['a.ndb'])
    done = net.publish('draft', '-o', tmp_path / 'd', '--source',
                       f'house={folder}', begun.tree, check=False)
    assert done.returncode == 1 and 'bad lines' in done.stderr
    assert not (tmp_path / 'd/release.txt').exists()
