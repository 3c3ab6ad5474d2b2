"""candor ban scan: mocks of every sort are found in the right state, and
nothing is found where the names are only mentioned."""
# SPDX-License-Identifier: Apache-2.0
import csv
import io
import json
import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ban import mocks
from ban.mocks import plant
from conftest import CANDOR, ROOT, run

FOOTPRINT = json.loads(
    (ROOT / 'data/ban/footprint/kaspersky.json').read_text())
KESL = ('/opt/kaspersky/kesl/libexec/kesl', '/opt/kaspersky/kesl/bin/kesl-control',
        '/usr/bin/kesl-control', '/var/opt/kaspersky/kesl/common/kesl.ini',
        '/lib/systemd/system/kesl.service')


def deb(folder, root, name, *paths, maker='Nobody <nobody@example.org>'):
    """A package of that name, installed into root by dpkg itself."""
    if os.geteuid() != 0 or not shutil.which('dpkg-deb'):
        pytest.skip('needs root and dpkg')
    files = {path: ('harmless\n', 0o644) for path in paths}
    mocks.dpkg(root, '-i', mocks.deb(
        mocks.Package(name, files, maker=maker), folder))


def scan(root, *options, code=1):
    done = run('ban', 'scan', '--root', root, '--format', 'json', *options)
    assert done.code == code, (done.out, done.err)
    return done.objects[0]


def states(report):
    return {f['product']: f['state'] for f in report['findings']}


# --- this machine -------------------------------------------------------------

def alone(*command, code, via=''):
    """candor ban scan where only these processes are: others may be tests
    that run mocks.  command is a program that goes on, and its arguments."""
    if not mocks.can_have_a_namespace():
        pytest.skip('needs root and namespaces')
    script = ('program=$1; "$@" >/dev/null & until [ "$(readlink '
              '/proc/$!/exe)" = "$program" ]; do sleep 0.01; done; '
              f'cd /; {via} "{CANDOR}" ban scan --format json; '
              'code=$?; kill $!; wait; exit $code')
    done = subprocess.run([*mocks.NAMESPACE, 'sh', '-c', script, 'sh',
                           *map(str, command)], capture_output=True,
                          timeout=60)
    assert done.returncode == code, (done.stdout, done.stderr)
    return json.loads(done.stdout)


SLEEP = os.path.realpath(shutil.which('sleep'))


def test_nothing_on_a_clean_machine():
    report = alone(SLEEP, '60', code=0)
    assert report['findings'] == [] and report['not_seen'] == []
    counts = report['looked_at']
    assert counts['packages'] > 50 and counts['processes'] > 1
    assert counts['users'] > 3 and counts['names'] > 1000


def test_who_is_not_root_is_told_what_he_could_not_see():
    report = alone(SLEEP, '60', code=2, via='setpriv --reuid 65534 '
                   '--regid 65534 --clear-groups')
    assert report['findings'] == []
    assert 'processes' in {n['what'] for n in report['not_seen']}


def test_a_process_of_that_name(tmp_path):
    program = tmp_path / 'kesl'
    shutil.copy(SLEEP, program)
    report = alone(program, '60', code=1)
    [finding] = report['findings']
    assert (finding['product'], finding['state']) == ('kesl', 'running')
    assert finding['ground'] == 'one sign'
    assert finding['evidence'][0]['in'].startswith('/proc/')
    assert finding['evidence'][0]['detail'] == str(program)


# --- Linux --------------------------------------------------------------------

def test_packages_that_dpkg_installed(tmp_path):
    root = tmp_path / 'root'
    deb(tmp_path, root, 'kesl', *KESL)
    deb(tmp_path, root, 'klnagent64', '/opt/kaspersky/klnagent64/sbin/klnagent')
    deb(tmp_path, root, 'thing', maker='Kaspersky Lab')
    report = scan(root)
    assert states(report) == {'kesl': 'installed', 'other': 'installed',
                              'klnagent-linux': 'installed'}
    kesl = next(f for f in report['findings'] if f['product'] == 'kesl')
    assert kesl['ground'] == 'proven'
    seen = {(e['type'], e['seen']) for e in kesl['evidence']}
    assert ('package', 'kesl') in seen
    assert ('path', '/opt/kaspersky/kesl/libexec/kesl') in seen
    assert ('unit', '/lib/systemd/system/kesl.service') in seen
    assert all(e['sources'] for e in kesl['evidence'])


def test_a_package_that_was_removed_is_left_behind(tmp_path):
    status = tmp_path / 'var/lib/dpkg/status'
    status.parent.mkdir(parents=True)
    status.write_text('Package: kesl\nStatus: deinstall ok config-files\n'
                      'Version: 12\n')
    plant(tmp_path, '/var/opt/kaspersky/kesl/common/kesl.ini')
    assert states(scan(tmp_path)) == {'kesl': 'residue'}


@pytest.mark.parametrize('paths,want', [
    (['/opt/kaspersky/kesl/libexec/kesl'], {'kesl': 'installed'}),
    (['/var/opt/kaspersky/kesl/events.db'], {'kesl': 'residue'}),
    (['/usr/bin/kics-control'], {'kics': 'residue'}),
    (['/usr/bin/kics-control', '/etc/init.d/kics'], {'kics': 'installed'}),
    (['/etc/kavhttpd.xml', '/opt/kaspersky/ScanEngine/ppl/'],
     {'scanengine': 'residue'}),
    (['/opt/kaspersky/ScanEngine/bin/kavhttpd'], {'scanengine': 'installed'}),
    (['/var/opt/KVRT2020_Data/'], {'kvrt-linux': 'ran_here'}),
    (['/home/ann/KVRT_Data/Logs/'], {'kvrt-linux': 'ran_here'}),
    (['/home/ann/Downloads/kvrt.run'], {'kvrt-linux': 'installer_only'}),
    (['/srv/deb/kesl_12.1.0-1508_amd64.deb'], {'kesl': 'installer_only'}),
    (['/opt/gateway/av/ppl/arc.ppl', '/opt/gateway/av/bases/base001.kdc'],
     {'server-sdk': 'engine_embedded'}),
    (['/data/app/bank/lib/arm64/libkavsdk.so'],
     {'mobile-sdk': 'engine_embedded'}),
    # Its own engine is no engine in another product.
    (['/opt/kaspersky/kesl/libexec/kesl',
      '/var/opt/kaspersky/kesl/bases/base001.kdc'], {'kesl': 'installed'}),
])
def test_trees(tmp_path, paths, want):
    assert states(scan(plant(tmp_path, *paths))) == want


@pytest.mark.parametrize('outer', [
    '/var/lib/docker/overlay2/0a1b/diff', '/var/lib/lxc/mail/rootfs',
    '/var/lib/containers/storage/overlay/0a1b/diff', '/var/lib/machines/mail',
    '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs'])
def test_containers(tmp_path, outer):
    plant(tmp_path, outer + KESL[0], outer + '/home/ann/kvrt.run',
          outer + '/srv/opt/kaspersky/klnagent64/sbin/klnagent')
    report = scan(tmp_path)
    assert states(report) == {'kesl': 'installed',
                              'kvrt-linux': 'installer_only'}
    evidence = next(e for e in report['findings'][0]['evidence']
                    if e['strength'] == 'proof')
    assert (evidence['in'], evidence['seen']) == (outer, KESL[0])
    assert len(report['findings'][1]['evidence']) == 1


# --- Windows, macOS -----------------------------------------------------------

@pytest.mark.parametrize('paths,want', [
    (['/Program Files (x86)/Kaspersky Lab/Kaspersky 21.3/avp.exe',
      '/Windows/System32/drivers/klif.sys'], {'win-common': 'installed'}),
    (['/program files (x86)/KASPERSKY LAB/NetworkAgent/klnagent.exe'],
     {'win-klnagent': 'installed', 'win-common': 'residue'}),
    (['/ProgramData/Kaspersky Lab/AVP21.3/Data/'], {'win-common': 'residue'}),
    (['/Windows/System32/drivers/K4W-21-25/klflt.sys'],
     {'win-common': 'residue'}),
    (['/Program Files (x86)/UltraAV/UltraAV.exe'], {'ultraav': 'successor'}),
    (['/Library/LaunchDaemons/com.kaspersky.kav.plist',
      '/Library/Application Support/Kaspersky Lab/KAV/Binaries/kav'],
     {'mac': 'installed'}),
    (['/private/var/db/x', '/Library/Logs/Kaspersky Lab/'], {'mac': 'residue'}),
])
def test_other_systems(tmp_path, paths, want):
    assert states(scan(plant(tmp_path, *paths))) == want


# --- lists and logs -----------------------------------------------------------

def given(option, text, code=1, more=()):
    done = run('ban', 'scan', option, '-', '--format', 'json', *more,
               stdin=text if isinstance(text, bytes) else text.encode())
    assert done.code == code, (done.out, done.err)
    return done.objects[0]


def component(name, **more):
    return {'type': 'application', 'name': name, **more}


def cyclonedx(*components):
    return json.dumps({'bomFormat': 'CycloneDX', 'specVersion': '1.5',
                       'components': components})


def spdx(**package):
    return json.dumps({'spdxVersion': 'SPDX-2.3', 'packages': [package]})


@pytest.mark.parametrize('text,want', [
    ('ii  kesl  12.1.0-1508  amd64  x\nii  bash  5  amd64  x\n',
     {'kesl': 'installed'}),
    ('rc  kesl  12.1.0-1508  amd64  x\n', {'kesl': 'residue'}),
    ('bash-5.1-9.el9.x86_64\nklnagent64-15.1.0-20748.x86_64\n',
     {'klnagent-linux': 'installed'}),
    (cyclonedx(component('kesl', purl='pkg:deb/debian/kesl@12.1.0')),
     {'kesl': 'installed'}),
    (cyclonedx(component('appliance', components=[component(
        'engine', supplier={'name': 'AO Kaspersky Lab'})])),
     {'other': 'installed'}),
    (cyclonedx(component('x', cpe='cpe:2.3:a:kaspersky:anti-virus:1:*:*')),
     {'other': 'installed'}),
    (cyclonedx(component(
        'kaspresso', purl='pkg:maven/com.kaspersky.android-components/k@1')),
     {'libraries': 'installed'}),
    (spdx(name='sdk', supplier='Organization: Kaspersky Lab'),
     {'other': 'installed'}),
    (json.dumps([{'name': 'Kaspersky Endpoint Security for Windows',
                  'version': '12', 'publisher': 'AO Kaspersky Lab',
                  'install_location': 'C:\\Program Files (x86)\\x'}]),
     {'win-common': 'installed'}),
    (json.dumps({'name': 'pack', 'snapshot': [
        {'key': 'HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\KasperskyLab\\'
                'AVP21.3\\environment', 'name': 'ProductName'}]}),
     {'win-common': 'installed'}),
    (json.dumps({'columns': {'name': 'AVP.KES.21.9', 'start_type': 'AUTO'}})
     + '\n' + json.dumps({'columns': {'name': 'klnagent', 'pid': '4',
                                      'path': ''}}) + '\n',
     {'win-common': 'installed', 'klnagent-linux': 'running'}),
    ('DisplayName,Publisher\r\n"UltraAV, Premium",Pango\r\n',
     {'ultraav': 'successor'}),
    ('Name;Vendor\nPassword thing;Kaspersky\n', {'other': 'installed'}),
    ('common_name,path\nKaspersky Anti-Virus Personal Root Certificate,ROOT\n',
     {}),
])
def test_inventories(text, want):
    report = given('--inventory', text, code=1 if want else 0)
    assert states(report) == want


@pytest.mark.parametrize('text', [
    cyclonedx(component('kics', purl='pkg:golang/github.com/checkmarx/kics')),
    cyclonedx(component('kesl')),
    spdx(name='detector', supplier='Person: Kaspersky Fan',
         description='finds Kaspersky Lab'),
    'Name,Vendor,Note\nscanner,Someone,finds Kaspersky Lab\n',
    json.dumps([{'name': 'rule', 'path': '/srv/opt/kaspersky/kesl'}]),
])
def test_lists_that_only_mention_it(text):
    assert given('--inventory', text, code=0)['findings'] == []


@pytest.mark.parametrize('text', [
    b'', b'{', b'\0\1\2', b'just words\n', b'[' * 100000, b'{"a":' * 5000,
    b'[' + b'[],' * 3000000 + b'[]]'],
    ids=['empty', 'open', 'binary', 'words', 'deep', 'deeper', 'wide'])
def test_lists_that_are_none(text):
    report = given('--inventory', text, code=2)
    assert report['not_seen'][0]['what'] == '-'


def test_a_log(tmp_path):
    log = tmp_path / 'dns.log'
    log.write_text(
        'dnsmasq[1]: query[A] example.org from 10.0.0.9\n'
        + 'dnsmasq[1]: query[A] DNL-07.geo.kaspersky.com. from 10.0.0.9\n' * 3
        + '{"query":"ksn-url.geoksn.kaspersky.com","id.orig_h":"10.0.0.9"}\n'
        + 'x' * 3000000 + '\n'
        + '1 2 10.0.0.9 TCP_MISS GET http://s00.upd.kaspersky.com/a - x')
    done = run('ban', 'scan', '--log', log, '--format', 'json')
    assert done.code == 1
    [finding] = done.objects[0]['findings']
    assert (finding['product'], finding['state']) == ('network', 'running')
    seen = {e['seen']: e for e in finding['evidence']}
    assert seen['DNL-07.geo.kaspersky.com']['detail'] == \
        '3 times, first on line 2'
    assert seen['ksn-url.geoksn.kaspersky.com']['purpose'] == 'cloud'
    assert seen['s00.upd.kaspersky.com']['purpose'] == 'update'


@pytest.mark.parametrize('line', [
    'query[A] www.kaspersky.com from 10.0.0.9',
    '0.0.0.0 dnl-01.geo.kaspersky.com', '||dnl-01.geo.kaspersky.com^',
    'dnl-01.geo.kaspersky.com', '# dnl-01.geo.kaspersky.com is blocked',
    'query[A] dnl-01.geo.kaspersky.com.example.org from 10.0.0.9',
    'query[A] notkaspersky.com from 10.0.0.9'])
def test_logs_and_lists_to_block_by_that_only_mention_it(line):
    report = given('--log', line + '\n', code=0)
    assert report['findings'] == []
    assert len(report['mentions']) <= 2


# --- what is not found --------------------------------------------------------

def test_mentions_are_no_findings(tmp_path):
    plant(tmp_path, '/etc/hosts', '/srv/av/detect.yar', '/var/log/syslog',
          '/home/ann/notes/opt/kaspersky/kesl/libexec/kesl',
          '/usr/share/doc/kesl/README', '/srv/klnagent.txt', '/srv/kesl',
          '/home/ann/avp.exe', '/home/ann/kesl.service', '/srv/ppl/a.txt',
          '/home/ann/passwords.kdb', '/srv/Kaspersky report.pdf')
    (tmp_path / 'etc/hosts').write_text('0.0.0.0 dnl-01.geo.kaspersky.com\n')
    (tmp_path / 'srv/av/detect.yar').write_text(
        'KL_PLUGINS_PATH /opt/kaspersky/kesl kesl.service AO Kaspersky Lab')
    status = tmp_path / 'var/lib/dpkg/status'
    status.parent.mkdir(parents=True)
    status.write_text(
        'Package: detector\nStatus: install ok installed\nVersion: 1\n'
        'Maintainer: Jan Kaspersky <jan@example.org>\n'
        'Description: finds kesl\n Package: kesl\n\n'
        'Package: kesl\nStatus: purge ok not-installed\n\n')
    report = scan(tmp_path, code=0)
    assert report['findings'] == [] and report['not_seen'] == []


def test_hostile_trees(tmp_path):
    """Links lead nowhere, names are escaped, a FIFO is not waited for."""
    (tmp_path / 'opt').mkdir()
    (tmp_path / 'var/lib/dpkg').mkdir(parents=True)
    os.mkfifo(tmp_path / 'var/lib/dpkg/status')
    (tmp_path / 'etc').symlink_to('/etc')
    (tmp_path / 'loop').symlink_to('.')
    (tmp_path / os.fsdecode(b'opt/\xff\n<b>')).mkdir()
    plant(tmp_path, '/opt/x/ppl/<script>\n.ppl', '/opt/x/bases/a.kdc')
    page = tmp_path.parent / 'page.html'
    done = run('ban', 'scan', '--root', tmp_path, '--report', page)
    assert done.code == 1
    assert b'var/lib/dpkg/status' in done.out
    assert b'<script>\\n.ppl' in done.out.replace(b'\n', b'').replace(b' ', b'')
    assert '<script>' not in page.read_text()
    report = scan(tmp_path)
    assert 'users' not in report['looked_at']
    assert {'etc/passwd', '/etc'} <= {n['what'] for n in report['not_seen']}


def test_links_behind_which_signs_may_be_are_told(tmp_path):
    plant(tmp_path / 'root', '/srv/opt/kaspersky/kesl/libexec/kesl')
    (tmp_path / 'root/opt').symlink_to('srv/opt')
    (tmp_path / 'root/lib').symlink_to('usr/lib')
    (tmp_path / 'root/srv/x').symlink_to('/opt')
    report = scan(tmp_path / 'root', code=2)
    assert [n['what'] for n in report['not_seen']] == ['/opt']
    plant(tmp_path / 'mac', '/private/var/db/receipts/com.kaspersky.kav.oas.bom')
    (tmp_path / 'mac/var').symlink_to('private/var')
    report = scan(tmp_path / 'mac')
    assert states(report) == {'mac': 'residue'} and report['not_seen'] == []


def test_a_place_full_of_signs(tmp_path):
    plant(tmp_path, '/opt/a/base.kdc',
          *(f'/opt/a/ppl/{n}.ppl' for n in range(300)))
    [finding] = scan(tmp_path)['findings']
    assert len(finding['evidence']) + finding['more'] == 301
    assert len(finding['evidence']) < 100


# --- many machines ------------------------------------------------------------

def test_merge(tmp_path):
    found, clean = tmp_path / 'a.json', tmp_path / 'b.json'
    old, other = tmp_path / 'old.json', tmp_path / 'c.json'
    report = scan(plant(tmp_path / 'root', *KESL))
    report.update(machine='first', at='2026-02-02T00:00:00Z')
    found.write_text(json.dumps(report))
    before = {**report, 'at': '2026-01-01T00:00:00Z', 'findings': [
        {**report['findings'][0], 'name': 'older'}]}
    old.write_text(json.dumps(before))
    empty = scan(plant(tmp_path / 'empty', '/a'), code=0)
    empty['machine'] = 'second'
    clean.write_text(json.dumps(empty))
    blind = {**empty, 'machine': 'third', 'not_seen': [
        {'what': '/opt', 'why': '<b>no'}]}
    other.write_text(json.dumps(blind))

    for order in ([found, old, clean, other], [other, old, clean, found]):
        done = run('ban', 'merge', '--format', 'json', *order)
        assert done.code == 1
        merged = done.objects[0]
        [finding] = merged['findings']
        assert (finding['machine'], finding['product']) == ('first', 'kesl')
        assert finding['name'] != 'older'
        assert {m['machine']: m['findings'] for m in merged['machines']} == \
            {'first': 1, 'second': 0, 'third': 0}
        assert merged['not_seen'] == [{'what': 'third: /opt', 'why': '<b>no'}]
    page = tmp_path / 'page.html'
    done = run('ban', 'merge', found, other, '--report', page)
    assert b'    On first\n' in done.out and b'third: /opt' in done.out
    assert 'on <bdi>first<' in page.read_text()
    assert '<b>no' not in page.read_text()
    assert run('ban', 'merge', clean).code == 0
    assert run('ban', 'merge', clean, other).code == 2
    for name in ('csv', 'sarif', 'vex'):
        done = run('ban', 'merge', found, '--format', name)
        assert done.code == 1 and b'first' in done.out


@pytest.mark.parametrize('text', [
    '', '{}', '[1]', '{"type":"ban_scan"}', '[' * 9999,
    json.dumps({'type': 'ban_scan', 'schema': 'candor-ban-report/9',
                'machine': 'm', 'findings': [], 'not_seen': []})],
    ids=['empty', 'object', 'list', 'bare', 'deep', 'later'])
def test_what_is_no_report_is_said(tmp_path, text):
    (tmp_path / 'r.json').write_text(text)
    done = run('ban', 'merge', tmp_path / 'r.json')
    assert done.code == 2 and b'no report' in done.err
    assert run('ban', 'merge', tmp_path / 'no').code == 2
    assert run('ban', 'merge').code == 64


def test_a_report_with_odd_things_in_it(tmp_path):
    odd = [1, None, 'x', [], {}, {'evidence': 3, 'name': 7},
           {'evidence': [1, {}, {'sources': [3], 'seen': '\x1b[2J'}],
            'more': 'x', 'state': '\n', 'name': '\x1b]0;x\x07'}]
    (tmp_path / 'r.json').write_text(json.dumps({
        'type': 'ban_scan', 'schema': 'candor-ban-report/1', 'machine': 'm',
        'findings': odd, 'not_seen': odd, 'looked_at': {'x': -5, 'y': 'z'}}))
    for name in ('text', 'json', 'csv', 'sarif', 'vex'):
        done = run('ban', 'merge', tmp_path / 'r.json', '--format', name,
                   '--report', tmp_path / 'page.html')
        assert done.code == 1 and b'\x1b' not in done.out


# --- forms --------------------------------------------------------------------

@pytest.fixture(scope='module')
def kesl(tmp_path_factory):
    return plant(tmp_path_factory.mktemp('kesl'), *KESL,
                 '/srv/=cmd/ppl/a.ppl',
                 '/srv/=cmd/base.kdc')


def form(root, name):
    done = run('ban', 'scan', '--root', root, '--format', name)
    assert done.code == 1
    return done.out


def test_sarif(kesl):
    sarif = json.loads(form(kesl, 'sarif'))
    assert sarif['version'] == '2.1.0'
    [ran] = sarif['runs']
    rules = {r['id'] for r in ran['tool']['driver']['rules']}
    assert {r['ruleId'] for r in ran['results']} == rules == \
        {'kesl', 'server-sdk'}
    uris = [where['physicalLocation']['artifactLocation']['uri']
            for r in ran['results'] for where in r['locations']]
    assert '/opt/kaspersky/kesl/libexec/kesl' in uris
    assert '/srv/%3Dcmd/ppl/a.ppl' in uris


def test_vex(kesl):
    vex = json.loads(form(kesl, 'vex'))
    assert (vex['bomFormat'], vex['specVersion']) == ('CycloneDX', '1.5')
    refs = {c['bom-ref'] for c in vex['components']}
    for v in vex['vulnerabilities']:
        assert {a['ref'] for a in v['affects']} <= refs
    assert {v['analysis']['state'] for v in vex['vulnerabilities']} == \
        {'exploitable'}


def test_csv(kesl):
    rows = list(csv.DictReader(io.StringIO(form(kesl, 'csv').decode())))
    assert {r['product'] for r in rows} == {'kesl', 'server-sdk'}
    assert {r['state'] for r in rows if r['product'] == 'kesl'} == {'installed'}


def test_text_and_page(kesl, tmp_path):
    page = tmp_path / 'page.html'
    done = run('ban', 'scan', '--root', kesl, '--report', page)
    assert done.code == 1
    assert b'Kaspersky Endpoint Security for Linux: installed' in done.out
    text = page.read_text()
    assert 'Kaspersky Endpoint Security for Linux' in text
    assert '<script' not in text and "default-src 'none'" in text


class Page(HTMLParser):
    """What is in a page: its tags, where links lead, and its words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.ids, self.words = set(), [], [], ''
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            assert not name.startswith('on')
            if name == 'href':
                self.links.append(value)
            if name == 'id':
                self.ids.append(value)

    def handle_data(self, data):
        self.words += data


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&amp;'


def fleet(folder, machines, name):
    for n in range(machines):
        sources = [{'title': f'source {k}', 'url': 'https://example.org/'}
                   for k in range(3)]
        sources.append({'title': name, 'url': 'javascript:alert(1)'})
        evidence = [{'type': name, 'seen': name + 'x' * 500, 'in': name,
                     'detail': name, 'strength': name, 'sources': sources}]
        findings = [{'product': name, 'name': name, 'state': state,
                     'ground': name, 'note': name, 'more': 2 ** 62,
                     'evidence': evidence}
                    for state in ('running', 'residue', name)]
        (folder / f'{n}.json').write_text(json.dumps({
            'type': 'ban_scan', 'schema': 'candor-ban-report/1',
            'machine': f'{name}{n}', 'at': '2026-02-02T00:00:00Z',
            'findings': findings, 'looked_at': {name: 1},
            'not_seen': [{'what': name, 'why': name}]}))
    done = run('ban', 'merge', *(folder / f'{n}.json' for n in range(machines)),
               '--report', folder / 'page.html')
    assert done.code == 1
    return Page((folder / 'page.html').read_text())


@pytest.mark.parametrize('name', [HOSTILE, '\u202e\u05e9 \x1b[2J', '\\\n'])
def test_a_page_with_hostile_names(tmp_path, name):
    page = fleet(tmp_path, 2, name)
    assert not {'script', 'img', 'link', 'iframe'} & page.tags
    assert all(link[0] == '#' or link.startswith('https://')
               for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link[0] == '#'} <= set(page.ids)
    assert '\u202e' not in page.words and '\x1b' not in page.words
    if name == HOSTILE:
        assert page.words.count(HOSTILE) > 20


def test_a_page_of_a_fleet_is_short_where_it_is_looked_at_first(tmp_path):
    """Each product once in each state, evidence folded away."""
    page = fleet(tmp_path, 100, 'kite')
    assert page.words.count('100 times') == 3
    text = (tmp_path / 'page.html').read_text()
    assert '<details open' not in text and text.count('<details>') == 300
    assert '300 found, and not everything could be seen' in page.words
    assert len(text) < 400_000


@pytest.mark.parametrize('arguments', [
    ['extra'], ['--root', '/', '--everywhere'], ['--format', 'xml'],
    ['--log', 'x', '--root', '/'], ['--inventory', 'x', '--everywhere']])
def test_wrong_usage(arguments):
    assert run('ban', 'scan', *arguments).code == 64


def test_what_is_not_there(tmp_path):
    for option in ('--root', '--inventory', '--log'):
        assert run('ban', 'scan', option, tmp_path / 'no').code == 2


# --- the data -----------------------------------------------------------------

def test_the_footprint_is_good_and_cites_what_is_there(tmp_path):
    done = run('ban', 'check-data')
    assert done.code == 0 and b'footprint/kaspersky.json: good' in done.out
    cited = {s for p in FOOTPRINT['products'] for sign in p['signs']
             for s in sign['source']}
    cited |= {s for e in FOOTPRINT['embeds'] for s in e['source']}
    assert cited == set(FOOTPRINT['sources'])


def test_products_that_hold_the_engine_are_listed():
    done = run('ban', 'scan', '--embeds')
    assert done.code == 0
    for one in FOOTPRINT['embeds']:
        assert one['vendor'].encode() in done.out
    listed = run('ban', 'scan', '--embeds', '--format', 'json').objects
    assert [o['name'] for o in listed] == \
        [e['name'] for e in FOOTPRINT['embeds']]
    assert all(o['source'][0]['title'] for o in listed)
    assert run('ban', 'scan', '--embeds', '--format', 'csv').code == 64


@pytest.mark.parametrize('change,where', [
    (lambda p: p['signs'][0].update(value='*'), b'products[0].signs[0]'),
    (lambda p: p['signs'][0].update(type='smell'), b'signs[0].type'),
    (lambda p: p['signs'][0].update(source=['no']), b'products[0].signs[0]'),
    (lambda p: p.update(id='kics'), b'two products'),
    (lambda p: p.update(colour='red'), b'products[0].colour'),
    (lambda p: p.pop('class'), b'products[0].class'),
])
def test_bad_data_is_complained_of(tmp_path, change, where):
    for kind in ('policy', 'footprint'):
        (tmp_path / kind).mkdir()
    for source in (ROOT / 'data/ban/policy').glob('*.json'):
        shutil.copy(source, tmp_path / 'policy')
    bad = json.loads(json.dumps(FOOTPRINT))
    change(bad['products'][0])
    (tmp_path / 'footprint/bad.json').write_text(json.dumps(bad))
    done = run('ban', 'check-data', tmp_path)
    assert done.code == 1 and where in done.out
    done = run('ban', 'scan', '--data', tmp_path, '--root', tmp_path)
    assert done.code == 2 and where in done.err


def test_another_vendor_is_another_file(tmp_path):
    data = json.loads(json.dumps(FOOTPRINT))
    data.update(id='kites', vendor='kites')
    data['products'] = [{
        'id': 'kite', 'name': 'a kite', 'platform': ['linux'],
        'class': 'antivirus', 'signs': [{
            'type': 'path', 'value': '/opt/kite', 'strength': 'proof',
            'state': 'installed', 'source': ['collect'],
            'confidence': 'high'}]}]
    (tmp_path / 'footprint').mkdir()
    (tmp_path / 'footprint/kites.json').write_text(json.dumps(data))
    report = scan(plant(tmp_path / 'root', '/opt/kite/'), '--data', tmp_path)
    assert states(report) == {'kite': 'installed'}
    assert report['findings'][0]['vendor'] == 'kites'
