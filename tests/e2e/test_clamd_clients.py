"""Programs written for ClamAV's daemon, unmodified, with candord in its place.

Each skips where it is not installed: clamdscan, python3-pyclamd,
clamav-milter, c-icap with libc-icap-mod-virus-scan, rspamd, npm's clamscan.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import socket
import struct
import subprocess
import time
import urllib.request

import pytest

from clamd_daemons import free_port, start_candord
from conftest import MARKER, SECOND

# Mail is not opened yet: what clients send of it would be "Unsupported".
MAIL = {'unscanned_unsupported': 'ok'}


@pytest.fixture(scope='module')
def candord(database, tmp_path_factory):
    daemon = start_candord(tmp_path_factory.mktemp('candord'), database, **MAIL)
    yield daemon
    daemon.stop()


@pytest.fixture(scope='module')
def tree(tmp_path_factory):
    top = tmp_path_factory.mktemp('files')
    (top / 'clean').mkdir()
    (top / 'clean/a').write_bytes(b'nothing here\n')
    (top / 'infected').write_bytes(b'xx ' + MARKER + b' yy')
    (top / 'both').write_bytes(MARKER + SECOND)
    for path in (top, *top.rglob('*')):
        path.chmod(0o755)
    return top


def need(*programs):
    for program in programs:
        if shutil.which(program) is None and not os.path.exists(program):
            pytest.skip(f'{program} is not installed')


def wait_for(address, seconds=30):
    """Until somebody listens there."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    for _ in range(seconds * 10):
        with socket.socket(family) as s:
            try:
                s.connect(address)
                return
            except OSError:
                time.sleep(0.1)
    raise AssertionError(f'nobody listens at {address}')


@pytest.fixture
def started():
    """Start a program in the foreground; it ends with the test."""
    running = []

    def start(command, log, **more):
        with open(log, 'wb') as out:
            running.append(subprocess.Popen(command, stdout=out, stderr=out,
                                            **more))
        return running[-1]

    yield start
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# --- clamdscan ---------------------------------------------------------------

@pytest.fixture(scope='module')
def clamdscan(candord, tmp_path_factory):
    need('clamdscan')
    conf = tmp_path_factory.mktemp('clamdscan') / 'clamd.conf'
    conf.write_text(f'LocalSocket {candord.socket}\n')

    def run(*arguments):
        done = subprocess.run(['clamdscan', f'--config-file={conf}',
                               *map(str, arguments)], capture_output=True,
                              text=True, timeout=60)
        return done.returncode, done.stdout
    return run


@pytest.mark.parametrize('mode', ['--fdpass', '--stream', '--multiscan',
                                  '--fdpass --multiscan', '--stream -m', ''])
def test_clamdscan(clamdscan, tree, mode):
    code, out = clamdscan(*mode.split(), '--no-summary', tree / 'infected')
    assert (code, out) == (
        1, f'{tree}/infected: Test.Marker.UNOFFICIAL FOUND\n')
    code, out = clamdscan(*mode.split(), '--no-summary', tree / 'clean/a')
    assert (code, out) == (0, f'{tree}/clean/a: OK\n')
    code, out = clamdscan(*mode.split(), tree)
    assert code == 1
    assert f'{tree}/infected: Test.Marker.UNOFFICIAL FOUND\n' in out
    assert f'{tree}/both: ' in out
    assert 'Infected files: 2\n' in out


def test_clamdscan_all_matches(clamdscan, tree):
    code, out = clamdscan('--allmatch', '--no-summary', tree / 'both')
    assert code == 1
    assert set(out.splitlines()) == {
        f'{tree}/both: Test.{name}.UNOFFICIAL FOUND'
        for name in ('Marker', 'Second', 'Both')}


def test_clamdscan_asks_for_more(clamdscan, tree):
    assert clamdscan('--ping', '3:1')[0] == 0
    assert clamdscan('--version')[1].startswith('ClamAV ')
    assert clamdscan('--reload')[0] == 0
    assert clamdscan('--wait', '--ping', '10', tree / 'clean')[0] == 0
    code, out = clamdscan('--no-summary', tree / 'absent')
    assert code == 2


def test_clamdscan_reads_a_pipe(candord, clamdscan, tmp_path):
    conf = tmp_path / 'clamd.conf'
    conf.write_text(f'LocalSocket {candord.socket}\n')
    done = subprocess.run(['clamdscan', f'--config-file={conf}',
                           '--no-summary', '-'], input=MARKER,
                          capture_output=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == b'stream: Test.Marker.UNOFFICIAL FOUND\n'


# --- python3-pyclamd ---------------------------------------------------------

def test_pyclamd(candord, tree):
    pyclamd = pytest.importorskip('pyclamd')
    client = pyclamd.ClamdUnixSocket(candord.socket)
    found = ('FOUND', 'Test.Marker.UNOFFICIAL')
    infected = str(tree / 'infected')
    assert client.ping()
    assert client.version().startswith('ClamAV ')
    assert client.reload() == 'RELOADING'
    assert client.stats().startswith('POOLS: 1')
    assert client.scan_file(infected) == {infected: found}
    assert client.scan_file(str(tree / 'clean/a')) is None
    assert client.contscan_file(str(tree))[infected] == found
    assert client.multiscan_file(str(tree))[infected] == found
    assert client.allmatchscan(infected) == {infected: [found]}
    assert client.scan_stream(MARKER) == {'stream': found}
    assert client.scan_stream(b'hello') is None


def test_pyclamd_over_tcp(candord):
    pyclamd = pytest.importorskip('pyclamd')
    client = pyclamd.ClamdNetworkSocket(*candord.tcp)
    assert client.ping()
    assert client.scan_stream(MARKER) == {
        'stream': ('FOUND', 'Test.Marker.UNOFFICIAL')}


# --- clamav-milter -----------------------------------------------------------

class Milter:
    """A mail server, as far as a milter sees it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))

    def say(self, command, content=b''):
        self.socket.sendall(struct.pack('>I', 1 + len(content)) + command +
                            content)

    def read(self, size):
        got = b''
        while len(got) < size:
            more = self.socket.recv(size - len(got))
            assert more, 'the milter hung up'
            got += more
        return got

    def hear(self):
        answer = self.read(struct.unpack('>I', self.read(4))[0])
        return answer[:1], answer[1:]

    def step(self, command, content):
        self.say(command, content)
        assert self.hear() == (b'c', b'')

    def deliver(self, body):
        """The answer to the end of a message, and what came before it."""
        self.say(b'O', struct.pack('>III', 6, 0x1ff, 0x1fffff))
        assert self.hear()[0] == b'O'
        self.step(b'C', b'example.org\0004' + struct.pack('>H', 25) +
                  b'192.0.2.1\0')
        self.step(b'H', b'example.org\0')
        self.step(b'M', b'<a@example.org>\0')
        self.step(b'R', b'<b@example.org>\0')
        self.step(b'L', b'Subject\0a test\0')
        self.step(b'L', b'From\0a@example.org\0')
        self.step(b'N', b'')
        self.step(b'B', body)
        self.say(b'E')
        heard = []
        while True:
            heard.append(self.hear())
            if heard[-1][0] in b'cartyd':
                return heard


@pytest.fixture
def milter(candord, started, tmp_path):
    need('clamav-milter')
    path = tmp_path / 'milter.sock'
    conf = tmp_path / 'milter.conf'
    conf.write_text(f'MilterSocket unix:{path}\n'
                    f'ClamdSocket unix:{candord.socket}\n'
                    'Foreground yes\nOnInfected Reject\nOnFail Defer\n'
                    'AddHeader Replace\nRejectMsg infected: %v\n'
                    f'TemporaryDirectory {tmp_path}\n'
                    f'LogFile {tmp_path}/milter.log\n' +
                    ('User root\n' if os.geteuid() == 0 else ''))
    started(['clamav-milter', '-c', conf], tmp_path / 'log')
    wait_for(str(path))
    return path


def test_milter_lets_clean_mail_pass(milter):
    heard = Milter(milter).deliver(b'Hello.\r\n')
    assert heard[-1] == (b'a', b'') or heard[-1] == (b'c', b'')
    headers = [value for kind, value in heard if kind in b'hi']
    assert any(b'X-Virus-Status\0Clean\0' in value for value in headers)


def test_milter_rejects_infected_mail(milter):
    heard = Milter(milter).deliver(b'Hello.\r\n' + MARKER + b'\r\n')
    kind, answer = heard[-1]
    assert kind == b'y' and answer.startswith(b'550 ')
    assert b'infected: Test.Marker.UNOFFICIAL' in answer


# --- c-icap ------------------------------------------------------------------

@pytest.fixture
def icap(candord, started, tmp_path):
    modules = '/usr/lib/x86_64-linux-gnu/c_icap'
    need('c-icap', f'{modules}/clamd_mod.so', f'{modules}/virus_scan.so')
    port = free_port()
    conf = tmp_path / 'c-icap.conf'
    conf.write_text(f'''
PidFile {tmp_path}/pid
CommandsSocket {tmp_path}/ctl
Port 127.0.0.1:{port}
StartServers 1
MaxServers 2
MinSpareThreads 1
MaxSpareThreads 5
ThreadsPerChild 5
TmpDir {tmp_path}
ModulesDir {modules}
ServicesDir {modules}
TemplateDir /usr/share/c_icap/templates/
TemplateDefaultLanguage en
LoadMagicFile /etc/c-icap/c-icap.magic
ServerLog {tmp_path}/server.log
AccessLog {tmp_path}/access.log
Module common clamd_mod.so
clamd_mod.ClamdSocket {candord.socket}
Service antivirus_module virus_scan.so
ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple
virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE
virus_scan.DefaultEngine clamd
virus_scan.MaxObjectSize 5M
''')
    started(['c-icap', '-N', '-f', conf], tmp_path / 'log')
    wait_for(('127.0.0.1', port))
    return port


def respmod(port, body):
    """What an ICAP server makes of a response of the web."""
    http = (b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
            b'Content-Length: %d\r\n\r\n' % len(body))
    ask = b'GET http://example.org/x HTTP/1.1\r\nHost: example.org\r\n\r\n'
    with socket.create_connection(('127.0.0.1', port), 30) as s:
        s.sendall(b'RESPMOD icap://127.0.0.1/avscan ICAP/1.0\r\n'
                  b'Host: 127.0.0.1\r\nAllow: 204\r\nConnection: close\r\n'
                  b'Encapsulated: req-hdr=0, res-hdr=%d, res-body=%d\r\n\r\n'
                  % (len(ask), len(ask) + len(http)) + ask + http +
                  b'%x\r\n%s\r\n0\r\n\r\n' % (len(body), body))
        answer = b''
        while True:
            more = s.recv(65536)
            if not more:
                return answer
            answer += more


def test_c_icap(icap):
    for _ in range(50):
        clean = respmod(icap, b'Hello, nothing to see here.\n')
        if not clean.startswith(b'ICAP/1.0 5'):
            break
        time.sleep(0.2)
    assert clean.startswith(b'ICAP/1.0 204 ')
    found = respmod(icap, b'Hello.\n' + MARKER + b'\n')
    assert found.startswith(b'ICAP/1.0 200 ')
    assert b'Test.Marker.UNOFFICIAL' in found


# --- rspamd ------------------------------------------------------------------

@pytest.fixture
def rspamd(candord, started, tmp_path):
    need('rspamd', '/etc/rspamd/modules.d/antivirus.conf')
    port = free_port()
    conf = tmp_path / 'rspamd.conf'
    (tmp_path / 'domains').write_text('org\n')
    conf.write_text(f'''
options {{
  pidfile = "{tmp_path}/pid"; tempdir = "{tmp_path}"; filters = [];
  hs_cache_dir = "{tmp_path}"; dynamic_conf = "{tmp_path}/dynamic";
  control_socket = "{tmp_path}/control mode=0600";
  cache_file = "{tmp_path}/cache"; url_tld = "{tmp_path}/domains";
  dns {{ nameserver = ["127.0.0.1:1"]; }}
}}
logging {{ type = "console"; level = "info"; }}
lua = "/usr/share/rspamd/rules/rspamd.lua";
modules {{ path = "/usr/share/rspamd/plugins/antivirus.lua"; }}
actions {{ reject = 15; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
antivirus {{
  clamav {{
    type = "clamav"; symbol = "CLAM_VIRUS"; servers = "{candord.socket}";
    scan_mime_parts = false; log_clean = true;
  }}
}}
''')
    as_root = ['-i'] if os.geteuid() == 0 else []
    started(['rspamd', '-f', '-c', conf, *as_root], tmp_path / 'log')
    wait_for(('127.0.0.1', port), 60)
    return port


def check_mail(port, body):
    mail = (b'From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n'
            b'Message-ID: <1@example.org>\r\nDate: Mon, 01 Jan 2024 00:00:00 '
            b'+0000\r\n\r\n' + body)
    ask = urllib.request.Request(f'http://127.0.0.1:{port}/checkv2', mail)
    with urllib.request.urlopen(ask, timeout=60) as answer:
        return json.load(answer)


def test_rspamd(rspamd):
    found = check_mail(rspamd, b'Hello.\r\n' + MARKER + b'\r\n')
    assert found['symbols']['CLAM_VIRUS']['options'] == [
        'Test.Marker.UNOFFICIAL']
    clean = check_mail(rspamd, b'Hello.\r\n')
    assert not [name for name in clean['symbols'] if 'CLAM' in name]


# --- npm's clamscan ----------------------------------------------------------

NODE = '''
const NodeClam = require('clamscan');
const { Readable } = require('stream');
const [socket, infected, clean] = process.argv.slice(2);
(async () => {
  const clam = await new NodeClam().init({
    removeInfected: false,
    clamscan: { active: false },
    clamdscan: { socket, localFallback: false, active: true },
    preference: 'clamdscan',
  });
  const out = [];
  out.push(await clam.ping().then((s) => { s.end(); return true; }));
  out.push((await clam.getVersion()).startsWith('ClamAV '));
  for (const path of [infected, clean])
    out.push(await clam.isInfected(path));
  for (const text of [process.env.MARKER, 'hello'])
    out.push(await clam.scanStream(Readable.from([text])));
  console.log(JSON.stringify(out));
  process.exit(0);
})().catch((e) => { console.error(e); process.exit(1); });
'''


def test_node_clamscan(candord, tree, tmp_path_factory):
    need('node', 'npm')
    folder = tmp_path_factory.mktemp('node')
    try:
        done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund',
                               '--silent', 'clamscan@2'], cwd=folder,
                              capture_output=True, timeout=90)
        is_there = done.returncode == 0
    except subprocess.TimeoutExpired:
        is_there = False
    if not is_there:
        pytest.skip("npm's clamscan cannot be installed")
    (folder / 'ask.js').write_text(NODE)
    done = subprocess.run(['node', 'ask.js', candord.socket,
                           tree / 'infected', tree / 'clean/a'], cwd=folder,
                          capture_output=True, text=True, timeout=60,
                          env={**os.environ, 'MARKER': MARKER.decode()})
    assert done.returncode == 0, done.stderr
    ping, version, infected, clean, stream, hello = json.loads(done.stdout)
    viruses = ['Test.Marker.UNOFFICIAL']
    assert ping and version
    assert infected['isInfected'] is True and infected['viruses'] == viruses
    assert clean['isInfected'] is False
    assert stream['isInfected'] is True and stream['viruses'] == viruses
    assert hello['isInfected'] is False
