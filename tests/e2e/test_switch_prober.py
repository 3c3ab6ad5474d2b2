"""candor switch measured from outside: while a machine goes from the mock
product to Candor, back, and over again, somebody writes the EICAR test file
there every 100 ms.  Each one has to be caught by one or the other.

The machine is a small Debian on a file system of its own, with processes and
sockets of its own: what Candor's guard watches there is nobody else's."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import shutil
import subprocess
import time

import pytest

import smallroot
from ban import mocks
from ban.prober import CANDOR as BY_CANDOR
from ban.prober import EICAR, OLD, Prober
from conftest import BUILD, CANDOR, ROOT
from test_guard import can_watch

pytestmark = [
    pytest.mark.skipif(not smallroot.can_be_made(),
                       reason='needs root, dpkg and loop devices'),
    pytest.mark.skipif(not mocks.can_have_a_namespace(),
                       reason='needs namespaces'),
    pytest.mark.skipif(not mocks.can_run(), reason='needs perl'),
    pytest.mark.skipif(not (BUILD / 'bin/candord').exists(),
                       reason='candord is not built')]

# On-access protection, or what is done where there is none.
BY_SCAN = os.environ.get('CANDOR_PROBER') == 'scan' or not can_watch()
SETUP = '''set -e
cd "$1"
mount --rbind . .
cd "$1"
pivot_root . mnt
umount -l /mnt
umount /proc
mount -t proc proc /proc
mount -t tmpfs run /run
mkdir /run/candor
: > /run/ready
exec sleep infinity
'''
CONF = '''[daemon]
user = nobody
[scan]
database = /var/lib/candor/a.cand
workers = 2
[clamd]
enabled = no
[log]
journal = no
[guard]
sweep = no
deadline = 60
'''
STEPS = ('discover', 'export', 'stage', 'verify', 'arm', 'stop the old',
         'probe', 'remove packages', 'remove the agent', 'clean residue',
         'attest')


class Machine:
    def __init__(self, debs):
        self.small = smallroot.SmallRoot([], megabytes=400)
        self.root = self.small.root
        self.holder = self.daemon = None
        try:
            self.fill(debs)
            self.start()
        except BaseException:
            self.close()
            raise

    def fill(self, debs):
        for place in ('opt/candor/bin', 'etc/candor', 'var/lib/candor',
                      'home/probes'):
            (self.root / place).mkdir(parents=True)
        for program in (BUILD / 'bin').glob('candor*'):
            if program.is_file() and '.' not in program.name:
                self.small.add_program(program, 'opt/candor/bin')
        shutil.copytree(BUILD / 'data', self.root / 'opt/candor/data',
                        symlinks=True, ignore=shutil.ignore_patterns('*.p'))
        (self.root / 'etc/candor/candor.conf').write_text(
            CONF + 'enabled = no\n' * BY_SCAN)
        text = self.small.folder / 'a.ndb'
        text.write_text(f'Test.Eicar:0:*:{EICAR.hex()}\n')
        self.database = self.root / 'var/lib/candor/a.cand'
        subprocess.run([CANDOR, 'db', 'build', '-o', self.database, text],
                       check=True, capture_output=True)
        for deb in debs:
            shutil.copy(deb, self.root / 'root')

    def start(self):
        self.holder = subprocess.Popen(
            [*mocks.NAMESPACE, '--propagation', 'private', 'sh', '-c', SETUP,
             'sh', self.root], stdin=subprocess.DEVNULL)
        children = f'/proc/{self.holder.pid}/task/{self.holder.pid}/children'
        self.wait_until(lambda: self.run_first(children))
        done = self.run('sh', '-c', 'dpkg -i /root/*.deb && rm /root/*.deb')
        assert done.returncode == 0, done.stderr
        (self.root / 'var/opt/kaspersky/kesl/private/folders').write_text(
            '/home/probes\n')
        self.log = open(self.small.folder / 'log', 'w+')
        self.daemon = subprocess.Popen(
            self.command('/opt/candor/bin/candord', '--foreground'),
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.wait_until(lambda: self.run('cat', '/run/candor/x').returncode
                        and self.candor('status').returncode == 0)

    def run_first(self, children):
        with open(children) as f:
            self.inner = f.read().split()
        return bool(self.inner) and self.run(
            'test', '-e', '/run/ready').returncode == 0

    def command(self, *words):
        return ['nsenter', '-t', self.inner[0], '-m', '-p', '-n', 'env', '-i',
                'LC_ALL=C', 'HOME=/root',
                'PATH=/usr/sbin:/usr/bin:/sbin:/bin', *words]

    def run(self, *words, **options):
        return subprocess.run(self.command(*words), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, **options)

    def candor(self, *words):
        return self.run('/opt/candor/bin/candor', *words)

    def wait_until(self, what, seconds=30):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end and self.holder.poll() is None, \
                self.said()
            time.sleep(0.02)

    def said(self):
        path = self.small.folder / 'log'
        return path.read_text()[-2000:] if path.exists() else ''

    def installed(self):
        out = self.run('dpkg-query', '-W', '-f',
                       '${Package} ${db:Status-Status}\n').stdout
        return {line.split()[0] for line in out.splitlines()
                if line.endswith(' installed')} & \
            {'kesl', 'kesl-gui', 'klnagent64'}

    def caught(self):
        """By what candor switch saw the test file caught, each time."""
        text = (self.root / 'var/lib/candor/switch/journal.jsonl').read_text()
        return [entry['caught_by'] for entry in map(json.loads,
                                                    text.splitlines())
                if 'caught_by' in entry]

    def close(self):
        for process in self.daemon, self.holder:
            if process is not None:
                process.terminate()
        if self.holder is not None:
            self.holder.kill()
        for process in self.daemon, self.holder:
            if process is not None:
                process.wait(30)
        self.small.close()


@pytest.fixture
def machine(tmp_path):
    debs = [mocks.deb(p, tmp_path) for p in
            (mocks.product(runs=True), mocks.gui(), mocks.agent(runs=True))]
    m = Machine(debs)
    try:
        yield m
    finally:
        m.close()


def done(result):
    assert result.returncode == 0, (result.stdout, result.stderr)
    return result


def check_evidence(machine):
    """Candor says that it holds, and so do programs of everybody's."""
    done(machine.candor('switch', 'evidence', '-o', '/root/evidence'))
    assert done(machine.candor('switch', 'evidence', '--check',
                               '/root/evidence')).stdout.startswith('holds')
    recipe = re.search(r'<!-- recipe -->\n+((?:    .*\n|\n)+)',
                       (ROOT / 'docs/switch.md').read_text())[1]
    recipe = re.sub('^    ', '', recipe.replace('EVIDENCE', '/root/evidence'),
                    flags=re.M)
    assert done(machine.run('sh', '-c', recipe)).stdout.strip() == 'holds'


def test_nobody_is_unprotected_for_a_moment(machine):
    """By the guard; where the kernel has no on-access protection, or it is
    wanted so, by candor scan, which says so itself."""
    apply = ['switch', 'apply', '--yes', *(['--scan-only'] * BY_SCAN)]

    def finds(path):
        return subprocess.run([CANDOR, 'scan', '-d', machine.database, path],
                              capture_output=True).returncode == 1

    prober = Prober(machine.root / 'home/probes',
                    machine.root / 'var/log/kaspersky/kesl/events.log',
                    finds if BY_SCAN else None)
    prober.start()
    try:
        prober.wait()
        for step in STEPS:
            prober.enter(step)
            done(machine.candor(*apply, '--until', step))
            prober.wait(3)
        assert machine.installed() == set()
        caught = machine.caught()
        prober.enter('undo')
        done(machine.candor('switch', 'undo', '--yes'))
        assert 'oracle' not in machine.candor('status').stdout
        assert machine.installed() == {'kesl', 'kesl-gui', 'klnagent64'}
        prober.enter('the old one again')
        prober.wait()
        prober.enter('apply, at one go')
        done(machine.candor(*apply))
        prober.enter('Candor alone')
        prober.wait()
    finally:
        measured = prober.stop()
        print('\n' + measured.table())
    assert measured.unprotected == 0, measured.missed
    # It was the one or the other where it had to be.
    if not BY_SCAN:
        for phase in 'before', 'the old one again':
            assert {p.by for p in measured.of(phase)} == {OLD}
    for phase in *STEPS[6:], 'Candor alone':
        assert {p.by for p in measured.of(phase)} == {BY_CANDOR}, phase
        assert BY_SCAN or all(p.is_at_once for p in measured.of(phase))
    status = json.loads(machine.candor('switch', 'status', '--json').stdout)
    assert status['candor_protects_by'] == ('scan' if BY_SCAN else 'guard')
    # Before it is armed it is only seen to find it.
    assert caught == ['scan'] + [status['candor_protects_by']] * 5
    assert machine.installed() == set()
    check_evidence(machine)
