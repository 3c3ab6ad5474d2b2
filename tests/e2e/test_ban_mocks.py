"""candor ban scan on mock installations, made as real ones are: by dpkg, rpm,
with services that run; and on what is clean, or full of names only."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import hive
import pytest

from ban import mocks
from conftest import CANDOR, ROOT, run

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason='needs root')
needs_dpkg = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which('dpkg-deb'),
    reason='needs root and dpkg')
needs_rpm = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which('rpmbuild'),
    reason='needs root and rpmbuild')


def scan(root, *options, code=1):
    done = run('ban', 'scan', '--root', root, '--format', 'json', *options)
    assert done.code == code, (done.out, done.err)
    return done.objects[0]


def found(report):
    return {f['product']: (f['state'], f['ground'])
            for f in report['findings']}


def signs(report, product):
    """What was seen → its state and strength, of the strongest sign."""
    [finding] = [f for f in report['findings'] if f['product'] == product]
    assert all(e['sources'] for e in finding['evidence']
               if e['confidence'] != 'low')
    rank = ['proof', 'strong', 'supporting']
    return {(e['type'], e['seen']): (e['state'], e['strength'])
            for e in sorted(finding['evidence'], reverse=True,
                            key=lambda e: rank.index(e['strength']))}


# --- dpkg ---------------------------------------------------------------------

@pytest.fixture(scope='module')
def debs(tmp_path_factory):
    folder = tmp_path_factory.mktemp('debs')
    return {p.name: mocks.deb(p, folder) for p in
            (mocks.product('kesl'), mocks.product('kics'),
             mocks.product('kess'), mocks.gui(), mocks.agent())}


@needs_dpkg
@pytest.mark.parametrize('name', ['kesl', 'kics', 'kess'])
def test_installed_removed_and_purged(tmp_path, debs, name):
    mocks.dpkg(tmp_path, '-i', debs[name])
    report = scan(tmp_path)
    assert found(report) == {name: ('installed', 'proven')}
    seen = signs(report, name)
    for proof in (('package', name),
                  ('path', f'/opt/kaspersky/{name}/libexec/{name}'),
                  ('path', f'/opt/kaspersky/{name}/bin/{name}-control'),
                  ('unit', f'/lib/systemd/system/{name}.service')):
        assert seen[proof] == ('installed', 'proof')
    assert seen['path', f'/etc/init.d/{name}'] == ('installed', 'strong')
    [package] = [e for e in report['findings'][0]['evidence']
                 if e['type'] == 'package']
    assert package['in'] == 'var/lib/dpkg/status'
    assert package['detail'] == '12.1.0-1508'

    # Its settings, its data and the link that started it are left, and dpkg
    # says so itself: nothing of that is an installation.
    mocks.dpkg(tmp_path, '-r', name)
    assert (tmp_path / f'etc/init.d/{name}').exists()
    assert (tmp_path / 'etc/systemd/system/multi-user.target.wants'
            / f'{name}.service').is_symlink()
    report = scan(tmp_path)
    assert found(report) == {name: ('residue', 'proven')}
    assert signs(report, name)['package', name] == ('residue', 'proof')
    mocks.dpkg(tmp_path, '-P', name)
    assert not (tmp_path / f'etc/init.d/{name}').exists()
    assert found(scan(tmp_path)) == {name: ('residue', 'proven')}

    shutil.rmtree(tmp_path / 'var/opt/kaspersky')
    shutil.rmtree(tmp_path / 'var/log/kaspersky')
    shutil.rmtree(tmp_path / 'etc/systemd')
    report = scan(tmp_path, code=0)     # a group's name alone is no finding
    assert report['findings'] == []


@needs_dpkg
def test_all_of_them_and_the_agent_last(tmp_path, debs):
    mocks.dpkg(tmp_path, '-i', debs['kesl'], debs['kesl-gui'],
               debs['klnagent64'])
    report = scan(tmp_path)
    assert found(report) == {'kesl': ('installed', 'proven'),
                             'klnagent-linux': ('installed', 'proven')}
    assert ('package', 'kesl-gui') in signs(report, 'kesl')
    mocks.dpkg(tmp_path, '-P', 'kesl-gui', 'kesl')
    shutil.rmtree(tmp_path / 'var/opt/kaspersky/kesl')
    report = scan(tmp_path)
    assert found(report)['klnagent-linux'] == ('installed', 'proven')
    [agent] = [f for f in report['findings']
               if f['product'] == 'klnagent-linux']
    assert 'not a removal' in agent['note']


# --- rpm ----------------------------------------------------------------------

@needs_rpm
def test_rpm(tmp_path):
    root = tmp_path / 'root'
    root.mkdir()
    packages = [mocks.rpm(p, tmp_path)
                for p in (mocks.product('kesl'), mocks.agent())]
    mocks.run_rpm(root, '-i', '--ignorearch', '--nodeps', *packages)
    report = scan(root)
    assert found(report) == {'kesl': ('installed', 'proven'),
                             'klnagent-linux': ('installed', 'proven')}
    assert report['not_seen'] == []
    assert ('package', 'kesl') in signs(report, 'kesl')
    assert report['looked_at']['packages'] == 2
    listed = tmp_path / 'rpm-qa'
    listed.write_text(mocks.run_rpm(root, '-qa'))
    done = run('ban', 'scan', '--inventory', listed, '--format', 'json')
    assert found(done.objects[0]) == {
        'kesl': ('installed', 'proven'),
        'klnagent-linux': ('installed', 'proven')}
    mocks.run_rpm(root, '-e', '--nodeps', 'kesl', 'klnagent64')
    assert {f[0] for f in found(scan(root)).values()} == {'residue'}
    shutil.rmtree(root / 'opt/kaspersky')
    shutil.rmtree(root / 'etc/opt/kaspersky')
    scan(root, code=0)
    # Files that no package has are left.
    mocks.plant(root, '/var/opt/kaspersky/kesl/common/kesl.ini',
                '/var/log/kaspersky/kesl/events.log')
    assert found(scan(root)) == {'kesl': ('residue', 'one sign')}


# --- what runs ----------------------------------------------------------------

@needs_root
@pytest.mark.parametrize('path,product', [
    ('kesl/libexec/kesl', 'kesl'), ('klnagent64/sbin/klnagent',
                                    'klnagent-linux'),
    ('ScanEngine/bin/kavhttpd', 'scanengine')])
def test_a_process_where_the_product_is(tmp_path, path, product):
    """In namespaces, so that it is in nobody's way."""
    if not mocks.can_have_a_namespace():
        pytest.skip('no namespaces are to be had here')
    at = tmp_path / path
    at.parent.mkdir(parents=True)
    shutil.copy(shutil.which('sleep'), at)
    script = (f'p=/opt/kaspersky/{path}; $p 60 & '
              'until [ "$(readlink /proc/$!/exe)" = $p ]; do sleep 0.01; done; '
              '"$@"; code=$?; kill $!; wait; exit $code')
    done = subprocess.run(
        mocks.in_namespace({'/opt/kaspersky': tmp_path}, 'sh', '-c', script,
                           'sh', CANDOR, 'ban', 'scan', '--format', 'json'),
        capture_output=True, timeout=60)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    states = found(report)
    assert set(states) == {product}
    assert states[product][0] == 'running' and states[product][1] != 'one sign'
    seen = signs(report, product)
    assert seen['path', f'/opt/kaspersky/{path}'] == ('running', 'proof')
    assert seen['process', Path(path).name] == ('running', 'strong')


@needs_dpkg
def test_its_service_runs(tmp_path, debs):
    """The mock that tests of candor switch use: it listens and it protects."""
    if not (mocks.can_have_a_namespace() and mocks.can_run()):
        pytest.skip('needs namespaces and perl')
    mocks.dpkg(tmp_path, '-i',
               mocks.deb(mocks.product('kesl', runs=True), tmp_path))
    for place in 'opt', 'var/opt':
        assert (tmp_path / place / 'kaspersky/kesl').is_dir()
    watched = tmp_path / 'watched'
    watched.mkdir()
    private = tmp_path / 'var/opt/kaspersky/kesl/private'
    (private / 'folders').write_text(f'{watched}\n')
    script = (f'"{tmp_path}/etc/init.d/kesl" start; for i in $(seq 200); do '
              '[ -S /run/bl4control ] && break; sleep 0.02; done; "$@"; code=$?; '
              f'for i in $(seq 200); do [ -e {watched}/x ] || break; '
              f'sleep 0.02; done; "{tmp_path}/etc/init.d/kesl" stop; '
              'exit $code')
    (watched / 'x').write_bytes(b'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-'
                                b'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*')
    (watched / 'y').write_text('harmless')
    done = subprocess.run(
        mocks.in_namespace(
            {'/opt/kaspersky': tmp_path / 'opt/kaspersky',
             '/var/opt/kaspersky': tmp_path / 'var/opt/kaspersky',
             '/var/log/kaspersky': tmp_path / 'var/log/kaspersky'},
            'sh', '-c', script, 'sh', CANDOR, 'ban', 'scan',
            '--format', 'json'), capture_output=True, timeout=60)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert found(report)['kesl'][0] == 'running'
    seen = signs(report, 'kesl')
    assert ('process', 'kesl') in seen
    assert ('socket', '/var/run/bl4control') in seen
    assert [f.name for f in watched.iterdir()] == ['y']


# --- macOS --------------------------------------------------------------------

PLIST = '''<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"
 "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleIdentifier</key><string>{}</string>
</dict></plist>
'''


def bundle(root, path, identifier):
    at = root / path.lstrip('/') / 'Contents/Info.plist'
    at.parent.mkdir(parents=True)
    at.write_text(PLIST.format(identifier))


def clean_mac(root):
    bundle(root, '/Applications/Safari.app', 'com.apple.Safari')
    bundle(root, '/Library/Extensions/Usb.kext', 'com.example.usb')
    for path in ('/Library/LaunchDaemons/com.example.plist',
                 '/private/var/db/receipts/com.apple.pkg.Core.bom',
                 '/Library/Caches/x', '/Users/ann/Kaspersky notes.txt'):
        mocks.plant(root, path)
    (root / 'var').symlink_to('private/var')


def test_macos(tmp_path):
    clean_mac(tmp_path)
    assert scan(tmp_path, code=0)['findings'] == []
    bundle(tmp_path, '/Applications/Kaspersky Security.app',
           'com.kaspersky.kav.app')
    bundle(tmp_path, '/Library/SystemExtensions/0A1B/'
           'com.kaspersky.kav.sysext.systemextension',
           'com.kaspersky.kav.sysext')
    bundle(tmp_path, '/Library/Extensions/klif.kext',
           'com.kaspersky.kext.klif')
    receipt = '/private/var/db/receipts/com.kaspersky.kav.oas.bom'
    mocks.plant(tmp_path, '/Library/LaunchDaemons/com.kaspersky.kav.plist',
                '/Library/LaunchAgents/com.kaspersky.kav.gui.plist', receipt,
                '/Library/Application Support/Kaspersky Lab/KAV/Binaries/kav')
    report = scan(tmp_path)
    assert found(report) == {'mac': ('installed', 'proven')}
    seen = signs(report, 'mac')
    assert seen['path', '/Library/LaunchDaemons/com.kaspersky.kav.plist'] == \
        ('installed', 'proof')
    assert seen['path', receipt] == ('residue', 'strong')
    for path in ('/Library/SystemExtensions/0A1B/'
                 'com.kaspersky.kav.sysext.systemextension',
                 '/Applications/Kaspersky Security.app'):
        assert seen['path', path][0] == 'installed'


# --- Windows ------------------------------------------------------------------

UNINSTALL = 'Microsoft', 'Windows', 'CurrentVersion', 'Uninstall'


def keys(path, inner):
    for name in reversed(path):
        inner = {name: inner}
    return inner


def windows(root, programs, services, more=None):
    config = root / 'Windows/System32/config'
    hive.make(config / 'SOFTWARE', {**keys(UNINSTALL, programs),
                                    'WOW6432Node': more or {}})
    hive.make(config / 'SYSTEM', {'Select': {'Current': 1}, 'ControlSet001': {
        'Services': services}})
    return root


def clean_windows(root):
    mocks.plant(root, '/Windows/System32/drivers/tcpip.sys',
                '/Windows/explorer.exe', '/Program Files/7-Zip/7z.exe',
                '/Users/ann/Downloads/how to remove Kaspersky.txt')
    return windows(root, {'7-Zip': {'DisplayName': '7-Zip 23.01',
                                    'Publisher': 'Igor Pavlov'}},
                   {'Tcpip': {'ImagePath': r'System32\drivers\tcpip.sys'}})


def test_windows(tmp_path):
    """Installed, with its agent; after a removal; and gone for another."""
    root = clean_windows(tmp_path / 'clean')
    report = scan(root, code=0)
    assert report['findings'] == [] and report['not_seen'] == []
    assert report['looked_at']['keys'] > 5

    root = clean_windows(tmp_path / 'kes')
    base = '/Program Files (x86)/Kaspersky Lab'
    mocks.plant(root, f'{base}/KES.21.9/avp.exe',
                f'{base}/NetworkAgent/klnagent.exe',
                '/Windows/System32/drivers/klif.sys',
                '/ProgramData/Kaspersky Lab/KES.21.9/Bases/u0607g.xml')
    windows(root, {
        '{0A1B}': {'DisplayName': 'Kaspersky Endpoint Security for Windows',
                   'DisplayVersion': '12.1.0', 'Publisher':
                   'AO Kaspersky Lab'},
        '{0A1C}': {'DisplayName': 'Kaspersky Security Center Network Agent',
                   'Publisher': 'AO Kaspersky Lab'}},
        {'AVP.KES.21.9': {'ImagePath': rf'"C:{base}/KES.21.9/avp.exe" -r'
                          .replace('/', '\\')},
         'klnagent': {'ImagePath': rf'"C:{base}/NetworkAgent/klnagent.exe"'
                      .replace('/', '\\')},
         'KLIF': {'ImagePath': r'System32\drivers\klif.sys'}},
        {'KasperskyLab': {'KES21.9': {'environment': {
            'ProductName': 'Kaspersky Endpoint Security for Windows'}}}})
    report = scan(root)
    assert found(report)['win-common'] == ('installed', 'proven')
    assert found(report)['win-klnagent'] == ('installed', 'proven')
    assert {f['state'] for f in report['findings']} == {'installed'}
    seen = signs(report, 'win-common')
    assert seen['registry', r'HKLM\SOFTWARE\WOW6432Node\KasperskyLab'
                r'\KES21.9\environment'] == ('installed', 'proof')
    assert seen['service', 'AVP.KES.21.9'] == ('installed', 'proof')
    done = run('ban', 'scan', '--root', root)
    assert rb'HKLM\SOFTWARE\WOW6432Node' in done.out

    left = clean_windows(tmp_path / 'left')
    mocks.plant(left, '/ProgramData/Kaspersky Lab/KES.21.9/Data/x')
    windows(left, {}, {}, {'KasperskyLab': {'KES21.9': {}}})
    assert {f[0] for f in found(scan(left)).values()} == {'residue'}

    ultra = clean_windows(tmp_path / 'ultra')
    windows(ultra, {'UltraAV': {'DisplayName': 'UltraAV', 'Publisher':
                                'Pango Inc.'}}, {})
    assert found(scan(ultra)) == {'ultraav': ('successor', 'proven')}


# --- nothing ------------------------------------------------------------------

@pytest.mark.parametrize('folder', ['/usr', '/etc', '/var/lib'])
def test_a_clean_debian_as_a_tree(folder):
    """Names wherever they are; below another root no place is the real one."""
    done = run('ban', 'scan', '--root', folder, '--format', 'json')
    report = done.objects[0]
    assert report['findings'] == []
    # Root may see all of it.
    assert os.geteuid() != 0 or report['not_seen'] == []
    assert done.code == (2 if report['not_seen'] else 0)


@pytest.mark.parametrize('packages', [
    ('clamav', 'clamav-daemon', 'clamav-testfiles', 'libclamav-dev'),
    ('yara', 'libyara-dev', 'python3-yara')], ids=['ClamAV', 'YARA'])
def test_packages_of_others_that_know_the_names(tmp_path, packages):
    """Unpacked to where they would be installed, with a record of them."""
    if not shutil.which('apt-get'):
        pytest.skip('no apt-get')
    if os.geteuid() == 0:
        tmp_path.chmod(0o777)       # _apt writes here
    done = subprocess.run(
        ['apt-get', 'download', '-qq', '-o', 'Acquire::Retries=0',
         '-o', 'Acquire::http::Timeout=5', *packages], cwd=tmp_path,
        capture_output=True, timeout=120)
    if done.returncode != 0:
        pytest.skip('apt-get cannot fetch packages here')
    root = tmp_path / 'root'
    status = root / 'var/lib/dpkg/status'
    status.parent.mkdir(parents=True)
    records = []
    for package in tmp_path.glob('*.deb'):
        subprocess.run(['dpkg-deb', '-x', package, root], check=True)
        control = subprocess.run(['dpkg-deb', '-f', package], check=True,
                                 capture_output=True, text=True).stdout
        records.append(control.rstrip() + '\nStatus: install ok installed\n')
    assert len(records) == len(packages)
    status.write_text('\n'.join(records))
    report = scan(root, code=0)
    assert report['findings'] == [] and report['not_seen'] == []
    assert report['looked_at']['packages'] == len(packages)


def test_our_own_tree_is_full_of_mentions():
    """Data files that name everything, these tests, and whatever was built."""
    done = run('ban', 'scan', '--root', ROOT, '--format', 'json')
    report = done.objects[0]    # some files of ours are broken on purpose
    assert report['findings'] == [] and done.code in (0, 2)
    assert report['looked_at']['names'] > 1000


def test_a_tree_full_of_mentions(tmp_path):
    footprint = json.loads(
        (ROOT / 'data/ban/footprint/kaspersky.json').read_text())
    values = [s['value'] for p in footprint['products'] for s in p['signs']]
    text = '\n'.join(values)
    for path in ('etc/hosts', 'etc/adblock.list', 'srv/rules/av.yar',
                 'usr/share/doc/detector/README', 'home/ann/Mail/cur/1:2,S',
                 'home/ann/src/detect.py', 'var/log/syslog',
                 'var/lib/apt/lists/example_Packages', 'root/.bash_history',
                 'usr/share/edr/products.json', 'etc/apt/sources.list'):
        at = tmp_path / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)
    # Their paths, below another folder: somebody's collection of names.
    for value in values:
        if value.startswith('/') and '*' not in value:
            mocks.plant(tmp_path / 'home/ann/collection', value + '.txt')
    report = scan(tmp_path, code=0)
    assert report['findings'] == [] and report['not_seen'] == []
