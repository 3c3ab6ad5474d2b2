"""candor ban scan looks into programs, installers and apps: who signed them,
who made them, what stands in them.  All files are made here."""
# SPDX-License-Identifier: Apache-2.0
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import BUILD, ROOT, run

sys.path.insert(0, str(ROOT / 'tests/make'))
import recognise as make

VENDOR = 'AO Kaspersky Lab'
ENGINE = b'\0getenv\0KL_PLUGINS_PATH\0'


def write(root, files):
    for path, data in files.items():
        at = root / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(data if isinstance(data, bytes) else data.encode())
    return root


def scan(root, *options):
    done = run('ban', 'scan', '--root', root, '--format', 'json', *options)
    report = done.objects[0]
    assert done.code == (1 if report['findings'] else
                         2 if report['not_seen'] else 0), done.err
    return report


def found(report):
    return {f['product']: (f['state'], f['ground'])
            for f in report['findings']}


def evidence(report):
    return [(e['type'], e['seen'], e.get('in'))
            for f in report['findings'] for e in f['evidence']]


# --- signatures ---------------------------------------------------------------

@pytest.mark.parametrize('name, data', [
    ('tool.exe', make.pe([make.signature(VENDOR, counter='A Clock')])),
    ('token.exe', make.pe([make.signature(VENDOR, token='A Clock')])),
    ('organisation.exe', make.pe([make.signature('Somebody', VENDOR)])),
    ('nested.exe', make.pe([make.signature('Somebody', nested=VENDOR)])),
    ('bmp.exe', make.pe([make.signature('Kaspersky Lab JSC', kind=30)])),
    ('second.exe', make.pe([make.signature('Somebody'),
                            make.signature(VENDOR)])),
    ('tool.msi', make.msi('Somebody', blob=make.signature(VENDOR),
                          more=bytes(9000))),
])
def test_who_signed(tmp_path, name, data):
    report = scan(write(tmp_path, {'dl/' + name: data}))
    assert found(report) == {'win-common': ('installer_only', 'one sign')}
    [finding] = report['findings']
    [one] = finding['evidence']
    assert one['type'] == 'signer' and one['in'] == 'dl/' + name
    assert one['detail'].startswith('it carries a signature whose signer '
                                    'calls itself so (not verified)')
    assert ('A Clock' in one['detail']) == (name in ('tool.exe', 'token.exe'))
    assert one['sources'] and one['confirmed'] and one['strength'] == 'strong'


def test_a_cabinet_by_name_or_if_all_is_wanted(tmp_path):
    write(tmp_path, {'a.cab': make.cab(make.signature(VENDOR))})
    assert found(scan(tmp_path)) == {}
    assert 'win-common' in found(scan(tmp_path, '--contents'))


def test_a_signature_by_another_program(tmp_path):
    """Not what we made ourselves: PKCS #7 as a library writes it."""
    x509 = pytest.importorskip('cryptography.x509')
    import datetime
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs7
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([
        x509.NameAttribute(x509.NameOID.COUNTRY_NAME, 'RU'),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, VENDOR)])
    ca = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'Test CA')])
    now = datetime.datetime(2026, 1, 1)
    certificate = (x509.CertificateBuilder().subject_name(name)
                   .issuer_name(ca).public_key(key.public_key())
                   .serial_number(1 << 120).not_valid_before(now)
                   .not_valid_after(now + datetime.timedelta(days=9))
                   .sign(key, hashes.SHA256()))
    blob = (pkcs7.PKCS7SignatureBuilder().set_data(b'x')
            .add_signer(certificate, key, hashes.SHA256())
            .sign(serialization.Encoding.DER, []))
    report = scan(write(tmp_path, {'a.exe': make.pe([blob])}))
    assert evidence(report) == [('signer', VENDOR, 'a.exe')]


def test_what_says_it_is_an_installer(tmp_path):
    report = scan(write(tmp_path, {
        'dl/setup.exe': make.pe([make.signature(VENDOR)], make.SETUP)}))
    assert found(report) == {'win-common': ('installer_only', 'two signs')}
    [company] = [e for e in report['findings'][0]['evidence']
                 if e['type'] == 'company']
    assert 'Kaspersky Thing, version 21.3' in company['detail']


def test_forms_of_the_report_name_the_file(tmp_path):
    write(tmp_path, {'dl/a b.exe': make.pe([make.signature(VENDOR)])})
    for form, want in (('sarif', b'"dl/a%20b.exe"'), ('csv', b'"dl/a b.exe"'),
                       ('text', b'(dl/a b.exe)')):
        done = run('ban', 'scan', '--root', tmp_path, '--format', form)
        assert want in done.out, form


def test_where_it_is_installed(tmp_path):
    program = make.pe([make.signature(VENDOR)])
    report = scan(write(tmp_path, {
        'Program Files (x86)/Kaspersky Lab/Thing 21/avp.exe': program,
        'Windows/System32/drivers/klif.sys': program}))
    assert report['findings'][0]['state'] == 'installed'
    assert ('signer', VENDOR, 'Windows/System32/drivers/klif.sys') in \
        evidence(report)


def test_macos(tmp_path):
    report = scan(write(tmp_path, {
        'Users/a/thing': make.macho('com.kaspersky.kav', '2Y8XE5CQ94')}),
        '--contents')
    assert found(report) == {'mac': ('installer_only', 'one sign')}


# --- the engine in another product --------------------------------------------

def test_the_engine_takes_more_than_one_piece(tmp_path):
    """A string alone, of a tool that knows about it, is nothing."""
    write(tmp_path, {'opt/gateway/bin/scand': make.elf(ENGINE)})
    report = scan(tmp_path, '--contents')
    assert report['findings'] == []
    assert [m['seen'] for m in report['mentions']] == ['KL_PLUGINS_PATH']
    write(tmp_path, {'opt/gateway/lib/ppl/arc.ppl': b'harmless\n'})
    report = scan(tmp_path, '--contents')
    assert found(report) == {'server-sdk': ('engine_embedded', 'two signs')}
    assert ('string', 'KL_PLUGINS_PATH', 'opt/gateway/bin/scand') in \
        evidence(report)


@pytest.mark.parametrize('path, data', [
    ('CheckPoint/Endpoint/ppl/arc.ppl', make.pe([make.signature(VENDOR)])),
    # Held with low confidence alone; but its maker signs it.
    ('Other/av/prremote.dll', make.pe([make.signature(VENDOR)])),
    ('Other/av/engine.dll', make.pe([make.signature(VENDOR)],
                                    text='KAVSDK_PATH'.encode('utf-16-le'))),
])
def test_its_maker_signs_the_engine(tmp_path, path, data):
    report = scan(write(tmp_path, {f'Program Files/{path}': data}),
                  '--contents')
    assert found(report)['server-sdk'] == ('engine_embedded', 'two signs')


def test_pieces_that_lie_apart_are_no_engine(tmp_path):
    write(tmp_path, {'home/ann/photo.kdc': b'II*\0',
                     'opt/tool/bin/tool': make.elf(ENGINE)})
    assert scan(tmp_path, '--contents')['findings'] == []
    write(tmp_path, {'opt/tool/bases/a.kdc': b'x'})
    assert found(scan(tmp_path, '--contents')) == {
        'server-sdk': ('engine_embedded', 'two signs')}


def test_in_the_vendors_own_folder_it_is_that_products(tmp_path):
    report = scan(write(tmp_path, {
        'opt/kaspersky/kesl/libexec/kesl': make.elf(ENGINE)}), '--contents')
    assert set(found(report)) == {'kesl'}


def test_in_an_image_of_a_disk(tmp_path):
    tree = write(tmp_path / 'tree', {
        'Downloads/a.exe': make.pe([make.signature(VENDOR)]),
        'Downloads/b.deb': make.deb('kesl'),
        'opt/gateway/bin/scand': make.elf(ENGINE),
        'opt/gateway/ppl/arc.ppl': b'harmless\n'})
    image = tmp_path / 'disk.img'
    subprocess.run(['mke2fs', '-q', '-t', 'ext4', '-d', tree, image, '16M'],
                   check=True)
    for options, want in ((), {'win-common', 'kesl'}), (
            ('--contents',), {'win-common', 'kesl', 'server-sdk'}):
        done = run('ban', 'scan', '--file', image, '--format', 'json',
                   *options)
        report = done.objects[0]
        assert set(found(report)) == want
        assert ('package', 'kesl', f'{image}:0:/Downloads/b.deb') in \
            evidence(report)


# --- apps ---------------------------------------------------------------------

@pytest.mark.parametrize('app', [
    make.apk(classes=('com.example.Main', 'com.kavsdk.Engine')),
    make.apk(members=('lib/arm64-v8a/libkavsdk.so',)),
    make.bundle(make.apk(classes=('com.kavsdk.impl.Thing',))),
    make.archive({
        'base/manifest/AndroidManifest.xml':
            make.proto_manifest('com.example.bank'),
        'base/dex/classes2.dex': make.dex(['com.kavsdk.Engine'])}),
])
def test_apps_that_hold_the_sdk(tmp_path, app):
    report = scan(write(tmp_path, {'dl/bank.apk': app}))
    assert found(report) == {'mobile-sdk': ('engine_embedded', 'proven')}


@pytest.mark.parametrize('path, state', [
    ('dl/any-name.apk', 'installer_only'),
    ('data/app/~~x==/com.kaspersky.kes-1/base.apk', 'installed'),
])
def test_the_vendors_own_app(tmp_path, path, state):
    report = scan(write(tmp_path, {path: make.apk(
        'com.kaspersky.kes', ('com.kavsdk.Engine',), block='Kaspersky Lab')}))
    assert found(report) == {'android': (state, 'proven')}
    [signer] = [e for e in report['findings'][0]['evidence']
                if e['type'] == 'signer']
    assert not signer['confirmed'] and signer['strength'] == 'supporting'


# --- packages -----------------------------------------------------------------

KESL = ('opt/kaspersky/kesl/libexec/kesl', 'usr/bin/thing')


@pytest.mark.parametrize('name, data, product, ground', [
    ('a.deb', make.deb('kesl'), 'kesl', 'proven'),
    ('b.deb', make.deb('thing', files=KESL), 'kesl', 'proven'),
    ('c.deb', make.deb('thing', files=KESL, has_list=True), 'kesl', 'proven'),
    ('d.deb', make.deb('thing', 'A <a@kaspersky.com>'), 'other', 'one sign'),
    ('a.rpm', make.rpm('klnagent64'), 'klnagent-linux', 'proven'),
    ('b.rpm', make.rpm('x', files=['/' + f for f in KESL]), 'kesl', 'proven'),
    ('c.rpm', make.rpm('thing', 'AO Kaspersky Lab'), 'other', 'one sign'),
])
def test_packages_whatever_they_are_called(tmp_path, name, data, product,
                                           ground):
    report = scan(write(tmp_path, {name: data}))
    assert found(report) == {product: ('installer_only', ground)}


def test_real_packages(tmp_path):
    """As dpkg-deb makes them."""
    tree = write(tmp_path / 'tree', {
        'DEBIAN/control': 'Package: kesl\nVersion: 1\nArchitecture: all\n'
        'Maintainer: Nobody <nobody@example.org>\nDescription: a mock\n',
        'opt/kaspersky/kesl/libexec/kesl': 'harmless\n'})
    for how in ('xz', 'gzip', 'zstd', 'none'):
        subprocess.run(['dpkg-deb', '--root-owner-group', f'-Z{how}', '-b',
                        tree, tmp_path / f'{how}.deb'], check=True,
                       capture_output=True)
        done = run('ban', 'scan', '--file', tmp_path / f'{how}.deb',
                   '--format', 'json')
        assert found(done.objects[0]) == {
            'kesl': ('installer_only', 'proven')}, how


def test_archives_that_hold_an_installer(tmp_path):
    write(tmp_path, {'x.zip': make.archive({'in/kesl_12.1.0-1_amd64.deb':
                                            b'harmless\n'})})
    assert found(scan(tmp_path)) == {}
    report = scan(tmp_path, '--contents')
    assert found(report) == {'kesl': ('installer_only', 'one sign')}


# --- nothing ------------------------------------------------------------------

def test_others(tmp_path):
    """Signed by others, or by nobody; the names are only mentioned."""
    names = json.loads(
        (ROOT / 'data/ban/footprint/kaspersky.json').read_text())
    mention = '\n'.join(s['value'] for p in names['products']
                        for s in p['signs'])
    report = scan(write(tmp_path, {
        'a.exe': make.pe([make.signature('Somebody', token=VENDOR)],
                         {'CompanyName': 'Somebody',
                          'ProductName': 'Kaspersky Password Finder'}),
        'b.exe': make.pe(text=mention.encode()),
        'c.msi': make.msi('Somebody', 'Remover for AO Kaspersky Lab'),
        'd.apk': make.apk('com.example.remover', signed='Not Kaspersky',
                          types=('com.kavsdk.Engine',),
                          texts=('com.kavsdk.Engine', 'com.kaspersky.kes')),
        'e.deb': make.deb('detector', 'Fan of Kaspersky <a@example.org>',
                          ('usr/share/doc/kesl', 'etc/rules.yar')),
        'f.rpm': make.rpm('not-kesl', 'Somebody', ['/usr/share/kesl/x']),
        'rules.yar': mention, 'list.txt': mention,
        'footprint.json': json.dumps(names),
        'home/ann/photo.kdc': b'II*\0', 'sample/ppl.txt': mention}), '--contents')
    assert report['findings'] == [] and report['not_seen'] == []
    assert report['looked_at']['contents'] == 11


def test_our_own_programs_and_data(tmp_path):
    for program in (BUILD / 'bin').iterdir():
        if program.is_file() and program.stat().st_size < 1 << 26:
            shutil.copy(program, tmp_path)
    shutil.copytree(ROOT / 'data/ban', tmp_path / 'ban')
    report = scan(tmp_path, '--contents')
    assert report['findings'] == []
    assert report['looked_at']['contents'] > 10


def test_programs_of_the_distribution(tmp_path):
    """Those that know about antivirus products best, and what is usual."""
    for name in ('clamscan', 'sigtool', 'clamd', 'freshclam', 'file', 'strings',
                 'python3', 'bash', 'gdb', 'yara', 'ssh', 'git'):
        program = shutil.which(name)
        if program:
            shutil.copy(program, tmp_path)
    for database in ('/var/lib/clamav', '/usr/share/clamav-testfiles'):
        if os.path.isdir(database):
            for one in list(Path(database).iterdir())[:60]:
                if one.is_file() and one.stat().st_size < 1 << 20:
                    shutil.copy(one, tmp_path)
    assert scan(tmp_path, '--contents')['findings'] == []


# --- hostile files ------------------------------------------------------------

def test_a_table_that_lies(tmp_path):
    report = scan(write(tmp_path, {
        'outside.exe': make.pe(table=(1 << 30, 4096)),
        'huge.exe': make.pe(table=(512, 0xffffffff)),
        'overlap.exe': make.pe(table=(0, 1024))}))
    assert report['findings'] == []
    assert {n['what'] for n in report['not_seen']} == {
        f'{n}.exe: signature' for n in ('huge', 'overlap')}


def test_an_app_that_unpacks_to_too_much(tmp_path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, 'w', zipfile.ZIP_DEFLATED,
                         compresslevel=1) as z:
        z.writestr('AndroidManifest.xml', make.manifest('com.example.bomb'))
        with z.open('classes.dex', 'w', force_zip64=True) as f:
            for _ in range(150):
                f.write(bytes(1 << 20))
        z.writestr('lib/x86/libkavsdk.so', b'x')
    report = scan(write(tmp_path, {'bomb.apk': bomb.getvalue()}))
    assert 'bomb.apk: classes.dex' in {n['what'] for n in report['not_seen']}
    assert found(report) == {'mobile-sdk': ('engine_embedded', 'proven')}


def test_a_package_that_unpacks_to_too_much(tmp_path):
    block = gzip.compress(bytes(1 << 24), 1)
    head = gzip.compress(make.tar({'./a': b'x'})[:512].replace(
        b'00000000001\0', b'77777777777\0'), 1)
    data = head + 80 * block
    body = make.deb('thing')
    at = body.rindex(b'data.tar.xz')
    body = body[:at] + (f'{"data.tar.gz":16}{0:<12}{0:<6}{0:<6}{"100644":8}'
                        f'{len(data):<10}`\n').encode() + data
    report = scan(write(tmp_path, {'bomb.deb': body}))
    assert report['findings'] == []
    assert report['not_seen']


def test_files_that_were_damaged(tmp_path):
    """Whatever is told of them, the next file is looked into as well."""
    chance = random.Random(6)
    for name, data in make.samples().items():
        if name.endswith('.elf') or name.endswith('.macho'):
            continue
        for i in range(6):
            bad = bytearray(data)
            for _ in range(chance.randrange(1, 30)):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            if i % 2:
                del bad[chance.randrange(len(bad)):]
            write(tmp_path, {f'{i}-{name}': bytes(bad)})
    write(tmp_path, {'zzz.deb': make.deb('kesl')})
    report = scan(tmp_path)
    assert found(report)['kesl'] == ('installer_only', 'proven')
    assert not [n for n in report['not_seen'] if 'ended early' in n['why']]


def test_names_that_would_be_orders(tmp_path):
    write(tmp_path, {'a.exe': make.pe([make.signature(
        VENDOR, token='\x1b[31m<script>')], {
            'CompanyName': 'Kaspersky Lab\x1b[31m<script>',
            'ProductName': '\x1b]0;x\x07<script>'})})
    page = tmp_path.parent / 'files.html'
    done = run('ban', 'scan', '--root', tmp_path, '--report', page)
    assert done.code == 1 and b'\x1b' not in done.out
    assert '<script>' not in page.read_text()


def test_a_fifo_or_a_link_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / 'a.exe')
    (tmp_path / 'b.exe').symlink_to('/dev/zero')
    report = scan(tmp_path, '--contents')
    assert report['findings'] == []
    assert 'contents' not in report['looked_at']
