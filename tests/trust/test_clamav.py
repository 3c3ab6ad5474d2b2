"""ClamAV's databases as a feed: from a mirror, from freshclam's folder."""
# SPDX-License-Identifier: Apache-2.0
import os

import pytest

import clam
from paper import Client
from test_cont import scan_installed
from test_update import serve

TEXT = {n: f'candor clam test {n}: harmless'.encode() for n in 'abc'}


def line(name):
    return f'Clam.Test.{name.upper()}:0:*:{TEXT[name].hex()}\n'.encode()


def daily(*names):
    return {'daily.ndb': b''.join(line(n) for n in names),
            'daily.hdb': b'44d88612fea8a8f36de82e1278abb02f:68:Clam.Eicar\n'}


@pytest.fixture
def samples(tmp_path):
    folder = tmp_path / 'samples'
    folder.mkdir()
    for name, text in TEXT.items():
        (folder / name).write_bytes(b'x' * 100 + text)
    return folder


@pytest.fixture
def keys(tmp_path):
    (tmp_path / 'keys').write_text(clam.KEYS)
    return f'keys = {tmp_path / "keys"}'


@pytest.fixture
def folder(tmp_path):
    f = tmp_path / 'clamav'
    f.mkdir()
    (f / 'main.cvd').write_bytes(clam.cvd('main', 62, {
        'main.ndb': line('a')}))
    (f / 'daily.cvd').write_bytes(clam.cvd('daily', 100, daily('b')))
    return f


def found(c, samples):
    got, _ = scan_installed(c, samples)
    return {n: d for n, ds in got.items() for d in [tuple(
        name for feed, name in ds if feed == 'clam')]}


def test_a_mirror_and_what_is_detected_is_named(folder, keys, samples,
                                                tmp_path):
    c = Client(tmp_path / 'c', serve(folder), name='clam', kind='clamav',
               settings=[keys])
    assert c.update() == 0, c.said.stderr
    assert c.current == 'main62-dail100'
    assert found(c, samples) == {'a': ('Clam.Test.A',), 'b': ('Clam.Test.B',),
                                 'c': ()}
    told = c.feeds()['clam']
    assert told['status'] == 'INSTALLED'
    assert 'one party' in told['trust'] and 'no public log' in told['trust']
    assert c.update() == 0 and 'nothing new' in c.said.stdout


def test_what_does_not_verify_is_refused(folder, keys, tmp_path):
    c = Client(tmp_path / 'c', serve(folder), name='clam', kind='clamav',
               settings=[keys])
    raw = (folder / 'daily.cvd').read_bytes()
    for bad in [raw[:600] + bytes([raw[600] ^ 1]) + raw[601:], raw[:-20],
                clam.cvd('daily', 100, daily('b'), clam.Signer(
                    1024, 100001027)), b'', b'x' * 2000]:
        (folder / 'daily.cvd').write_bytes(bad)
        assert c.update() != 0
        assert c.current is None
    # And with ClamAV's own keys ours are nothing.
    (folder / 'daily.cvd').write_bytes(raw)
    d = Client(tmp_path / 'd', serve(folder), name='clam', kind='clamav')
    assert d.update() == 1 and d.current is None
    assert 'signature does not hold' in d.said.stderr


def test_an_older_version_is_refused(folder, keys, samples, tmp_path):
    c = Client(tmp_path / 'c', serve(folder), name='clam', kind='clamav',
               settings=[keys])
    assert c.update() == 0, c.said.stderr
    (folder / 'daily.cvd').write_bytes(clam.cvd('daily', 99, daily('a')))
    assert c.update() == 1
    assert 'older than 100' in c.said.stderr
    assert c.current == 'main62-dail100' and c.feeds()['clam'][
        'status'] == 'ROLLBACK'
    (folder / 'daily.cvd').write_bytes(clam.cvd('daily', 101,
                                                daily('b', 'c')))
    assert c.update() == 0, c.said.stderr
    assert found(c, samples)['c'] == ('Clam.Test.C',)
    assert c.feeds()['clam']['status'] == 'INSTALLED'


def test_freshclams_folder_has_patched_ones(folder, keys, samples, tmp_path):
    (folder / 'daily.cld').write_bytes(clam.cld('daily', 103, daily('c')))
    c = Client(tmp_path / 'c', folder, name='clam', kind='clamav',
               settings=[keys])
    assert c.update() == 0, c.said.stderr
    assert c.current == 'main62-dail103'
    assert found(c, samples)['c'] == ('Clam.Test.C',)
    # Its header is signed by nobody: a newer version there is a lie.
    raw = (folder / 'daily.cld').read_bytes()
    (folder / 'daily.cld').write_bytes(raw.replace(b':103:', b':203:', 1))
    assert c.update() != 0
    (folder / 'daily.cld').write_bytes(raw.replace(TEXT['c'].hex().encode(),
                                                   b'00' * len(TEXT['c'])))
    assert c.update() != 0 and c.current == 'main62-dail103'


def script(old, new, version):
    """From daily('b') to daily('b', 'c') without the EICAR hash."""
    return clam.replace_info('daily', old, new) + '\n'.join([
        '# comment', 'OPEN daily.ndb', 'ADD ' + line('c').decode().strip(),
        'CLOSE', 'OPEN daily.hdb',
        'XCHG 1 44d8 44d88612fea8a8f36de82e1278abb02f:68:Clam.Renamed',
        'CLOSE', ''])


def test_differences_lead_to_what_was_signed(folder, keys, samples,
                                             tmp_path):
    url = serve(folder)
    c = Client(tmp_path / 'c', url, name='clam', kind='clamav',
               settings=[keys, 'delta = yes'])
    assert c.update() == 0, c.said.stderr
    old = clam.whole('daily', 100, daily('b'))
    after = daily('b', 'c')
    after['daily.hdb'] = after['daily.hdb'].replace(b'Eicar', b'Renamed')
    new = clam.whole('daily', 101, after)
    good = script(old, new, 101)
    os.unlink(folder / 'daily.cvd')  # there is nothing else to be had
    name = folder / 'daily-101.cdiff'
    for bad in [clam.cdiff(101, good, clam.Signer(2048, 100002053)),
                clam.cdiff(102, good), clam.cdiff(101, good[:-7]),
                clam.cdiff(101, good.replace('XCHG 1 44d8', 'XCHG 2 44d8')),
                clam.cdiff(101, good.replace('XCHG 1 44d8', 'XCHG 1 55d8')),
                clam.cdiff(101, good.replace('Renamed', 'Other')),
                clam.cdiff(101, 'EXEC rm\n'),
                clam.cdiff(101, 'OPEN ../../etc/passwd\nADD x\nCLOSE\n'),
                clam.cdiff(101, good)[:-9], b'x' * 100]:
        name.write_bytes(bad)
        c.update()
        assert c.current == 'main62-dail100', c.said.stderr
    name.write_bytes(clam.cdiff(101, good))
    assert c.update() == 0, c.said.stderr
    assert c.current == 'main62-dail101'
    assert found(c, samples)['c'] == ('Clam.Test.C',)
    assert (c.folder / 'current/daily.cld').exists()
    # Two at once, from what was patched; MOVE and UNLINK.
    end = {'daily.ndu': line('b') , 'daily.ndb': line('c')}
    last = clam.whole('daily', 103, end)
    between = clam.whole('daily', 102, {
        'daily.ndb': after['daily.ndb']})
    (folder / 'daily-102.cdiff').write_bytes(clam.cdiff(
        102, clam.replace_info('daily', new, between) +
        'UNLINK daily.hdb\n'))
    (folder / 'daily-103.cdiff').write_bytes(clam.cdiff(
        103, clam.replace_info('daily', between, last) +
        'MOVE daily.ndb daily.ndu 1 Clam.Test.B 1 Clam.Test.B\n'))
    assert c.update() == 0, c.said.stderr
    assert c.current == 'main62-dail103'
