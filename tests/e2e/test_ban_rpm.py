"""candor ban scan: what rpm has installed, from its own databases."""
# SPDX-License-Identifier: Apache-2.0
import random
import shutil
import sqlite3
import struct
import subprocess

import pytest

from conftest import run
from test_ban_read import look_into
from test_ban_scan import scan, states

SPEC = '''Name: {name}
Version: 12.1.0
Release: 1508
Summary: a mock
License: none
Vendor: {vendor}
BuildArch: noarch
%description
A mock.
%install
mkdir -p %{{buildroot}}$(dirname {path})
echo harmless > %{{buildroot}}{path}
%files
{path}
'''
LIBEXEC = '/opt/kaspersky/kesl/libexec/kesl'
PACKAGES = [('kesl', 'Nobody', LIBEXEC), ('thing', 'Kaspersky Lab', '/srv/x'),
            ('mention', 'Nobody', '/usr/share/doc/kaspersky/kesl')]


@pytest.fixture(scope='module')
def database(tmp_path_factory):
    """rpmdb.sqlite as rpm itself writes it."""
    if shutil.which('rpmbuild') is None or shutil.which('rpm') is None:
        pytest.skip('no rpm')
    folder = tmp_path_factory.mktemp('rpm')
    for name, vendor, path in PACKAGES:
        (folder / f'{name}.spec').write_text(
            SPEC.format(name=name, vendor=vendor, path=path))
        subprocess.run(['rpmbuild', '-bb', '--define', f'_topdir {folder}/top',
                        folder / f'{name}.spec'], check=True,
                       capture_output=True)
    made = subprocess.run(
        ['rpm', '--define', '_db_backend sqlite', '--dbpath', folder / 'db',
         '--justdb', '--nodeps', '--noscripts', '-i',
         *folder.glob('top/RPMS/*/*.rpm')], capture_output=True, text=True)
    path = folder / 'db/rpmdb.sqlite'
    if not path.exists():
        pytest.skip(f'rpm keeps no database of SQLite: {made.stderr}')
    return path


@pytest.fixture
def headers(database):
    with sqlite3.connect(f'file:{database}?immutable=1', uri=True) as db:
        found = [blob for (blob,) in db.execute('SELECT blob FROM Packages')]
    assert len(found) == len(PACKAGES)
    return found


def ndb(*blobs):
    """Packages.db: slots that say where each header is."""
    slots = struct.pack('<4sIII', b'RpmP', 0, 1, 1).ljust(32, b'\0')
    body = b''
    for n, blob in enumerate(blobs, 1):
        whole = struct.pack('<4sIII', b'BlbS', n, 1, len(blob)) + blob
        whole = (whole + b'\0' * 12).ljust(-(-(len(whole) + 12) // 16) * 16,
                                          b'\0')
        slots += struct.pack('<4sIII', b'Slot', n, (4096 + len(body)) // 16,
                             len(whole) // 16)
        body += whole
    while len(slots) < 4096:
        slots += struct.pack('<4sIII', b'Slot', 0, 0, 0)
    return slots + body


def check(report, path):
    assert states(report) == {'kesl': 'installed', 'other': 'installed'}
    seen = {(e['type'], e['seen'], e.get('detail'), e['in'])
            for f in report['findings'] for e in f['evidence']}
    assert {('package', 'kesl', '12.1.0-1508', path),
            ('path', LIBEXEC, None, path),
            ('supplier', 'Kaspersky Lab', 'thing', path)} <= seen
    assert report['looked_at']['packages'] == len(PACKAGES)
    assert report['not_seen'] == []


def test_sqlite(database):
    check(look_into(database), str(database))


def test_ndb(tmp_path, headers):
    path = tmp_path / 'Packages.db'
    path.write_bytes(ndb(*headers))
    check(look_into(path), str(path))


@pytest.mark.parametrize('place', [
    'var/lib/rpm/rpmdb.sqlite', 'usr/lib/sysimage/rpm/rpmdb.sqlite'])
def test_in_a_tree(tmp_path, database, place):
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    shutil.copy(database, path)
    check(scan(tmp_path), place)


def test_changes_that_are_not_in_it_yet(tmp_path, headers):
    path = tmp_path / 'var/lib/rpm/rpmdb.sqlite'
    path.parent.mkdir(parents=True)
    db = sqlite3.connect(path)
    db.execute('PRAGMA journal_mode = WAL')
    db.execute('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)')
    db.commit()
    db.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    db.execute('INSERT INTO Packages (blob) VALUES (?)', headers[:1])
    db.commit()
    assert path.with_name('rpmdb.sqlite-wal').stat().st_size > 0
    [blind] = scan(tmp_path, code=2)['not_seen']
    assert '-wal' in blind['why']
    db.close()    # which writes it back
    assert len(scan(tmp_path)['findings']) == 1


def header(**texts):
    """A header with these texts, by their tags."""
    tags = {'name': 1000, 'version': 1001, 'vendor': 1011, 'packager': 1015}
    entries = data = b''
    for word, text in texts.items():
        entries += struct.pack('>IIII', tags[word], 6, len(data), 1)
        data += text.encode() + b'\0'
    return struct.pack('>II', len(texts), len(data)) + entries + data


def test_a_key_that_was_imported_is_no_package(tmp_path):
    path = tmp_path / 'db'
    for name, code in (('gpg-pubkey', 0), ('another', 1)):
        path.write_bytes(ndb(header(name=name, packager='Kaspersky Lab')))
        look_into(path, code)


@pytest.mark.parametrize('schema,word', [
    ('CREATE TABLE Other (blob)', 'not rpm'),
    ('CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT 1 UNION ALL '
     'SELECT blob + 1 FROM n) SELECT blob FROM n', 'not rpm'),
    ('CREATE TABLE Packages (hnum, blob)', None),
])
def test_databases_of_others(tmp_path, schema, word):
    path = tmp_path / 'db'
    with sqlite3.connect(path) as db:
        db.execute(schema)
    db.close()
    report = look_into(path, 2 if word else 0)
    if word:
        assert word in report['not_seen'][0]['why']


def test_packages_that_are_no_headers(tmp_path, headers):
    path = tmp_path / 'db'
    with sqlite3.connect(path) as db:
        db.execute('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob)')
        for blob in (b'', b'x' * 40, headers[0][:-9], 'text', 7, None,
                     headers[0]):
            db.execute('INSERT INTO Packages (blob) VALUES (?)', (blob,))
    db.close()
    report = look_into(path)
    assert len(report['findings']) == 1
    [blind] = report['not_seen']
    assert blind['why'] == '6 are broken'


def berkeley(path, blobs, order=1234):
    """Packages, as Berkeley DB itself writes it; key 0 counts."""
    load = shutil.which('db5.3_load')
    if load is None:
        pytest.skip('no db5.3_load')
    text = (f'VERSION=3\nformat=bytevalue\ntype=hash\ndb_lorder={order}\n'
            'db_pagesize=4096\nHEADER=END\n')
    for n, blob in enumerate([struct.pack('<I', len(blobs)), *blobs]):
        text += f' {struct.pack("<I", n).hex()}\n {blob.hex()}\n'
    subprocess.run([load, path], input=(text + 'DATA=END\n').encode(),
                   check=True, capture_output=True)
    return path


def test_berkeley_db(tmp_path, headers):
    path = tmp_path / 'var/lib/rpm/Packages'
    path.parent.mkdir(parents=True)
    berkeley(path, headers)
    check(scan(tmp_path), 'var/lib/rpm/Packages')


def test_berkeley_db_with_many_packages(tmp_path):
    """Pages that were split, and headers of up to some pages, in both orders
    of bytes."""
    for order in (1234, 4321):
        path = berkeley(tmp_path / f'{order}', [
            header(name=f'p{n}', version='v' * (n * 37 % 9000))
            for n in range(400)] + [header(name='kesl', version='1')], order)
        report = look_into(path)
        assert report['looked_at']['packages'] == 401
        assert states(report) == {'kesl': 'installed'}
        assert report['not_seen'] == []
        content = path.read_bytes()
        path.write_bytes(content[:len(content) - 4096 * 20 - 7])
        assert look_into(path, None)['not_seen']


def test_databases_that_are_broken(tmp_path, database, headers):
    """Cut off or changed: read in part, which is said, or not; never a
    crash."""
    path = tmp_path / 'db'
    chance = random.Random(4)
    hashed = berkeley(tmp_path / 'hash', headers).read_bytes() if (
        shutil.which('db5.3_load')) else b''
    for whole in filter(None, (database.read_bytes(), ndb(*headers), hashed)):
        for n in range(20):
            content = bytearray(whole)
            if n < 5:
                content = content[:chance.randrange(100, len(whole))]
            for _ in range(0 if n < 5 else chance.choice((1, 9, 200))):
                content[chance.randrange(len(content))] = chance.randrange(256)
            path.write_bytes(content)
            done = run('ban', 'scan', '--format', 'json', '--file', path)
            assert done.code in (0, 1, 2)
            assert done.code == 2 or n >= 5 or done.objects[0]['not_seen']
            for blind in done.objects[0]['not_seen']:
                assert 'signal' not in blind['why'], blind
