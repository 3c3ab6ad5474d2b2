"""candor ban scan: files that only a reader in its cage looks into."""
# SPDX-License-Identifier: Apache-2.0
import json
import random
import shutil
import subprocess

import hive
import pytest

from conftest import BUILD, ROOT, run, run_as_nobody
from test_ban_scan import plant, scan, states

UNINSTALL = ('Windows', 'CurrentVersion', 'Uninstall')
KLIF = {'klif': {'ImagePath': r'\SystemRoot\System32\drivers\klif.sys'}}
AVP = {'AVP21.3': {
    'ImagePath': r'"C:\Program Files (x86)\Kaspersky Lab\K 21.3\avp.exe" -r'}}


def installed(**entry):
    """The keys of a program, below SOFTWARE or WOW6432Node."""
    keys = {'{0A1B}': entry}
    for name in reversed(UNINSTALL):
        keys = {name: keys}
    return {'Microsoft': keys}


def services(current=1, **sets):
    return {'Select': {'Current': current},
            **{f'ControlSet00{n[1:]}': {'Services': s}
               for n, s in sets.items()}}


def windows(root, software=None, system=None, **users):
    config = root / 'Windows/System32/config'
    if software is not None:
        hive.make(config / 'SOFTWARE', software)
    if system is not None:
        hive.make(config / 'SYSTEM', system)
    for name, keys in users.items():
        hive.make(root / 'Users' / name / 'NTUSER.DAT', {
            'Software': keys, 'Environment': {}})
    return root


def look_into(path, code=1, *options):
    done = run('ban', 'scan', '--file', path, '--format', 'json', *options)
    assert code is None or done.code == code, (done.out, done.err)
    return done.objects[0]


# --- registries of Windows ----------------------------------------------------

KASPERSKY = dict(DisplayName='Kaspersky Endpoint Security for Windows',
                 DisplayVersion='12.1.0', Publisher='AO Kaspersky Lab')
HERE = {'KasperskyLab': {'AVP21.3': {'environment': {'ProductName': 'x'}}}}
LEFT = {'KasperskyLab': {'AVP21.3': {}}}


@pytest.mark.parametrize('software,want', [
    (installed(**KASPERSKY), {'win-common': 'installed'}),
    ({'WOW6432Node': installed(**KASPERSKY)}, {'win-common': 'installed'}),
    (installed(DisplayName='Something', Publisher='AO Kaspersky Lab'),
     {'other': 'installed'}),
    (installed(Publisher='Kaspersky'), {'other': 'installed'}),
    ({'Microsoft': {}, **HERE}, {'win-common': 'installed'}),
    ({'Microsoft': {}, 'WOW6432Node': HERE}, {'win-common': 'installed'}),
    ({'Microsoft': {}, **LEFT}, {'win-common': 'residue'}),
    ({**installed(DisplayName='UltraAV'), **LEFT},
     {'win-common': 'residue', 'ultraav': 'successor'}),
    (installed(DisplayName='Grüße', Publisher='A detection of kaspersky'), {}),
])
def test_programs(tmp_path, software, want):
    report = scan(windows(tmp_path, software), code=1 if want else 0)
    assert states(report) == want
    assert report['looked_at']['keys'] > 1
    for finding in report['findings']:
        for evidence in finding['evidence']:
            assert evidence['in'] == 'Windows/System32/config/SOFTWARE'


def test_what_is_told_of_a_program(tmp_path):
    report = scan(windows(tmp_path, {**installed(**KASPERSKY), **HERE}))
    [finding] = report['findings']
    seen = {(e['type'], e['seen'], e.get('detail'))
            for e in finding['evidence']}
    assert ('program', KASPERSKY['DisplayName'], '12.1.0') in seen
    assert ('registry', r'HKLM\SOFTWARE\KasperskyLab\AVP21.3\environment',
            None) in seen
    assert finding['ground'] == 'proven'


@pytest.mark.parametrize('system,files,want', [
    (services(s1={**AVP, **KLIF}),
     ['/windows/system32/DRIVERS/klif.sys',
      '/Program Files (x86)/Kaspersky Lab/K 21.3/AVP.exe'],
     {'win-common': 'installed'}),
    # The service is there, what it starts is not.
    (services(s1={**AVP, **KLIF}), [], {'win-common': 'residue'}),
    # A control set that is not in use any more.
    (services(s1={}, s2=KLIF), [], {'win-common': 'residue'}),
    (services(s1={'klnagent': {'ImagePath': 'E:\\x.exe'}}), [],
     {'win-klnagent': 'installed', 'win-common': 'installed'}),
    (services(s1={'Tcpip': {'ImagePath': r'System32\drivers\tcpip.sys'},
                  'other': {'x': {'klif': {}}}}), [], {}),
])
def test_services(tmp_path, system, files, want):
    root = windows(plant(tmp_path, *files), system=system)
    report = scan(root, code=1 if want else 0)
    found = {product: state for product, state in states(report).items()}
    assert found == want


def certificate(name):
    pytest.importorskip('cryptography')
    import datetime
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    day = datetime.datetime(2026, 1, 1)
    made = x509.CertificateBuilder(
        who, who, key.public_key(), 1, day,
        day + datetime.timedelta(1)).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def blob(*properties):
    return b''.join(number.to_bytes(4, 'little') + b'\1\0\0\0' +
                    len(data).to_bytes(4, 'little') + data
                    for number, data in properties)


def test_a_root_certificate(tmp_path):
    name = 'Kaspersky Anti-Virus Personal Root Certificate'
    store = {'Microsoft': {'SystemCertificates': {'ROOT': {'Certificates': {
        'A1B2': {'Blob': blob((3, b'x' * 20), (32, certificate(name)))},
        'A1B3': {'Blob': blob((32, certificate('Some other root')))},
        'A1B4': {'Blob': b'\x20\0\0\0\1\0\0\0\xff\xff\xff\xffnothing'},
        'A1B5': {'Blob': blob((32, b'no certificate'))},
    }}}}}
    report = scan(windows(tmp_path, store, system=services(s1={
        'klim6': {'ImagePath': r'system32\drivers\klim6.sys'}})))
    assert states(report) == {'win-common': 'residue'}
    certificates = [e for e in report['findings'][0]['evidence']
                    if e['type'] == 'certificate']
    assert [(e['seen'], e['detail'], e['confirmed'])
            for e in certificates] == [(name, 'ROOT', False)]


def pem(der, label='CERTIFICATE'):
    import base64
    return (f'-----BEGIN {label}-----\n' +
            base64.encodebytes(der).decode() + f'-----END {label}-----\n')


@pytest.mark.parametrize('path', [
    'etc/ssl/certs/ca-certificates.crt', 'var/lib/ca-certificates/ca-bundle.pem',
    'etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'])
def test_what_a_linux_trusts(tmp_path, path):
    name = 'Kaspersky Endpoint Security Personal Root Certificate'
    bundle = tmp_path / 'root' / path
    bundle.parent.mkdir(parents=True)
    bundle.write_text('# Some other root\n' + pem(certificate('Some other root')) +
                      pem(certificate(name), 'TRUSTED CERTIFICATE') +
                      pem(b'no certificate') +
                      '-----BEGIN CERTIFICATE-----\nnot base64!\n' +
                      '-----END CERTIFICATE-----\n' +
                      pem(b'whatever', 'PRIVATE KEY') + '-----BEGIN CERT')
    report = scan(tmp_path / 'root', code=2)
    # Unconfirmed, so it is no finding by itself.
    assert report['findings'] == []
    seen, = report['mentions']
    assert (seen['type'], seen['seen'], seen['in']) == ('certificate', name, path)
    blind, = report['not_seen']
    assert blind['why'] == '2 are broken'
    assert report['looked_at']['certificates'] == 5

    bundle.write_text(pem(certificate('Kaspersky 2, a film by somebody')))
    report = scan(tmp_path / 'root', code=0)
    assert report['findings'] == report['mentions'] == []


def test_what_a_user_has(tmp_path):
    root = windows(tmp_path, ann=installed(DisplayName='Kaspersky Free'))
    report = scan(root)
    assert states(report) == {'win-common': 'installed'}
    assert report['findings'][0]['evidence'][0]['in'] == 'Users/ann/NTUSER.DAT'


def test_a_registry_by_itself(tmp_path):
    for name, keys in (('a', installed(**KASPERSKY)),
                       ('b', services(s1=KLIF)),
                       ('SOFTWARE', LEFT),
                       ('c', {'Software': installed(**KASPERSKY)})):
        report = look_into(hive.make(tmp_path / name, keys))
        assert set(states(report)) == {'win-common'}, name
    report = look_into(hive.make(tmp_path / 'SAM', {'SAM': {}}), 2)
    assert 'neither SOFTWARE, SYSTEM nor' in report['not_seen'][0]['why']


def test_changes_that_are_not_in_it_yet(tmp_path):
    path = hive.make(tmp_path / 'SOFTWARE', {'Microsoft': {}})
    content = bytearray(path.read_bytes())
    content[4] ^= 1
    content[0x1fc] ^= 1     # the sum
    path.write_bytes(content)
    [blind] = look_into(path, 2)['not_seen']
    assert 'logs' in blind['why'] and 'last changes' in blind['what']


MANY = {f'key{n}': {'x': 'y' * 40} for n in range(60)}
LOGS = {'SOFTWARE': ('.LOG1', '.LOG2'), 'old': ('.LOG', ''),
        'lower': ('.log1', '.log2'), 'mixed': ('.LOG1', '.LOG2')}


@pytest.mark.parametrize('kind', LOGS)
def test_changes_that_are_in_its_logs(tmp_path, kind):
    """Installed in what was not written back: a key and a service."""
    root = windows(tmp_path, {'Microsoft': {}, **MANY},
                   services(n1={'other': {}}))
    config = root / 'Windows/System32/config'
    for name, keys in (('SOFTWARE', {**installed(**KASPERSKY), **MANY, **HERE}),
                       ('SYSTEM', services(n1={**KLIF, 'other': {}}))):
        hive.unfinished(config / name, keys, kind == 'old', LOGS[kind])
        if kind in ('lower', 'mixed'):      # software.LOG1
            for path in config.glob(f'{name}.*'):
                path.rename(path.with_name(name.lower() + path.suffix))
    plant(root, '/Windows/System32/drivers/klif.sys')
    report = scan(root)
    assert states(report) == {'win-common': 'installed'}
    assert report['not_seen'] == []
    seen = {e['seen'] for f in report['findings'] for e in f['evidence']}
    assert 'klif' in seen and r'HKLM\SOFTWARE\KasperskyLab\AVP21.3' \
        r'\environment' in seen
    # Logs that were cut off, and none.
    for path in config.glob('[Ss][Oo]*.*'):
        path.write_bytes(path.read_bytes()[:-600])
    [blind] = scan(root)['not_seen']
    assert 'logs' in blind['why'] and 'SOFTWARE' in blind['what']
    for path in config.glob('[Ss]*.*'):
        path.unlink()
    assert len(scan(root)['not_seen']) == 2


def test_logs_that_are_broken(tmp_path):
    path = tmp_path / 'Windows/System32/config/SOFTWARE'
    hive.make(path, {'Microsoft': {}, **MANY})
    hive.unfinished(path, {**installed(**KASPERSKY), **MANY})
    logs = [path.with_name(f'SOFTWARE.LOG{n}') for n in (1, 2)]
    whole = [log.read_bytes() for log in logs]
    chance = random.Random(7)
    for _ in range(40):
        for log, content in zip(logs, map(bytearray, whole)):
            for _ in range(chance.choice((0, 1, 30))):
                content[chance.randrange(len(content))] = chance.randrange(256)
            log.write_bytes(content)
        done = run('ban', 'scan', '--root', tmp_path, '--format', 'json')
        assert done.code in (0, 1, 2)
        for blind in done.objects[0]['not_seen']:
            assert 'signal' not in blind['why'], blind


# --- what is wrong ------------------------------------------------------------

def some_hive(tmp_path):
    return hive.make(tmp_path / 'SOFTWARE', {
        **installed(**KASPERSKY), **LEFT,
        **{f'key{n}': {'x': 'y' * n} for n in range(30)}})


def test_a_registry_that_was_cut_off(tmp_path):
    path = some_hive(tmp_path)
    whole = path.read_bytes()
    for size in (4, 100, 4095, 4096, 4097, 8191, len(whole) - 1):
        path.write_bytes(whole[:size])
        report = look_into(path, 2)
        assert 'broken' in report['not_seen'][0]['why'], size


def test_registries_that_are_broken(tmp_path):
    """Each is read in part or not, and that is said; none kills or hangs."""
    path = some_hive(tmp_path)
    whole = path.read_bytes()
    chance = random.Random(1)
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 4, 40))):
            content[chance.randrange(0x1020, len(content))] = chance.choice(
                (0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
        path.write_bytes(content)
        done = run('ban', 'scan', '--file', path, '--format', 'json')
        assert done.code in (0, 1, 2)
        for blind in done.objects[0]['not_seen']:
            assert 'signal' not in blind['why'], blind


def test_a_registry_that_goes_in_circles(tmp_path):
    """A key that is its own: the list of its keys has itself in it."""
    path = hive.make(tmp_path / 'SOFTWARE', {
        'Microsoft': {f'k{n}': {} for n in range(8)}})
    content = bytearray(path.read_bytes())
    cells = {}
    at = content.index(b'nk', 0x1000)
    while at != -1:
        size = int.from_bytes(content[at + 0x48:at + 0x4a], 'little')
        cells[bytes(content[at + 0x4c:at + 0x4c + size])] = at
        at = content.find(b'nk', at + 1)
    top = cells[b'Microsoft']
    keys = int.from_bytes(content[top + 0x1c:top + 0x20], 'little') + 0x1000
    assert content[keys + 4:keys + 6] in (b'lh', b'lf')
    for n in range(8):
        content[keys + 8 + 8 * n:keys + 12 + 8 * n] = (
            top - 4 - 0x1000).to_bytes(4, 'little')
    path.write_bytes(content)
    [blind] = look_into(path, 2)['not_seen']
    assert 'circles' in blind['why'] or 'broken' in blind['why']


def test_a_file_of_no_kind(tmp_path):
    path = tmp_path / 'x'
    for content in (b'', b'regf', b'nothing', bytes(70000)):
        path.write_bytes(content)
        assert look_into(path, 2)['not_seen'][0]['what'] == str(path)
    assert look_into(tmp_path, 2)['not_seen'][0]['why'] == 'not a file'
    assert look_into(tmp_path / 'none', 2)['not_seen']


def test_an_ordinary_user_can(tmp_path):
    path = hive.make(tmp_path / 'SOFTWARE', installed(**KASPERSKY))
    for at in (path, *(p for p in path.parents if 'pytest-' in str(p))):
        at.chmod(0o755)
    done = run_as_nobody('ban', 'scan', '--file', path, '--format', 'json')
    if b'Permission denied' in done.out:
        pytest.skip('the folder for tests is closed to others')
    assert states(done.objects[0]) == {'win-common': 'installed'}


@pytest.mark.parametrize('script', [
    'exit 0', 'kill -9 $$', 'printf x >&3', 'head -c 40000 /dev/zero >&3'])
def test_a_reader_that_lies(tmp_path, script):
    folder = tmp_path / 'bin'
    folder.mkdir()
    shutil.copy(BUILD / 'bin/candor', folder)
    (folder / 'candor-reader').write_text(f'#!/bin/sh\n{script}\n')
    (folder / 'candor-reader').chmod(0o755)
    path = hive.make(tmp_path / 'SOFTWARE', installed(**KASPERSKY))
    done = subprocess.run(
        [folder / 'candor', 'ban', 'scan', '--file', path, '--format', 'json',
         '--data', ROOT / 'data/ban/footprint'], capture_output=True,
        timeout=60)
    assert done.returncode == 2, done.stderr
    report = json.loads(done.stdout)
    assert report['findings'] == []
    assert 'its reader' in report['not_seen'][0]['why']
