"""On-access protection by the whole of candord: supervisor, broker, caged
workers, guard and quarantine.  Its programs, database, sockets and quarantine
all lie on the one small file system that is watched, so whatever could wait
for itself does so here, and only here."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from conftest import BUILD, run
from daemon import Front
from test_hang import SERVER
from test_guard import can_open, can_watch

EICAR = (rb'X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-' +
         b'ANTIVIRUS-TEST-FILE!$H+H*')
LATER = b'bad by the next database'
PROGRAMS = ('candord', 'candor', 'candor-broker', 'candor-worker',
            'candor-guard', 'candor-quarantine')

pytestmark = [
    pytest.mark.skipif(not can_watch(), reason='needs root and fanotify'),
    pytest.mark.skipif(
        not all((BUILD / 'bin' / p).exists() for p in PROGRAMS),
        reason='candord is not built')]


class Machine:
    def __init__(self, place):
        self.place = place
        self.events = []
        (place / 'bin').mkdir()
        for p in PROGRAMS:
            shutil.copy(BUILD / 'bin' / p, place / 'bin')
        self.make_database()
        self.write_config()
        self.start()

    def make_database(self, later=False):
        folder = self.place.parent / 'signatures'
        folder.mkdir(exist_ok=True)
        (folder / 'a.ndb').write_text(
            f'Test.Eicar:0:*:{EICAR.hex()}\n' +
            (f'Test.Later:0:*:{LATER.hex()}\n' if later else ''))
        done = run('db', 'build', '-o', self.place.parent / 'new.cand', folder)
        assert done.code == 0, done.err
        shutil.copy(self.place.parent / 'new.cand', self.place / 'new.cand')
        (self.place / 'new.cand').rename(self.place / 'a.cand')

    def write_config(self, guard='', more=''):
        p = self.place
        self.conf = p / 'candor.conf'
        text = (
            f'[daemon]\nuser = nobody\nsocket = {p}/candor.sock\n'
            f'control = {p}/control.sock\nevents = {p}/events.sock\n'
            f'[scan]\ndatabase = {p}/a.cand\nworkers = 2\n'
            f'[clamd]\nenabled = no\n[log]\njournal = no\n'
            f'[quarantine]\ndir = {p}/quarantine\n'
            f'[exclude]\npath = {p}/*.cand\n'
            f'[guard]\nenabled = yes\nsweep = no\n'
            f'socket = {p}/guard.sock\n')
        if 'mounts' not in guard:
            guard += f'\nmounts = {p}'
        if 'deadline' not in guard:
            guard += '\ndeadline = 60'
        self.conf.write_text(text + guard + '\n' + more + '\n')

    def start(self):
        self.log = open(f'{self.place}.log', 'w+')
        self.process = subprocess.Popen(
            [self.place / 'bin/candord', '--foreground', '--config',
             self.conf], stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while not (self.place / 'events.sock').exists():
            assert time.monotonic() < end and self.process.poll() is None, \
                open(self.log.name).read()
            time.sleep(0.05)
        self.listen()
        for name in ('broker', 'guard', 'quarantine'):
            self.wait_until(lambda: self.pids('candor-' + name))
        self.wait_until(self.denies)

    def denies(self):
        probe = self.place / 'probe'
        if not probe.exists():
            write(probe, EICAR)
        return not can_open(probe)

    def listen(self):
        sock = socket.socket(socket.AF_UNIX)
        path = str(self.place / 'events.sock')
        # It has its name a moment before it listens.
        self.wait_until(lambda: sock.connect_ex(path) == 0)

        def hear():
            with sock.makefile() as f:
                for line in f:
                    self.events.append(json.loads(line))
        threading.Thread(target=hear, daemon=True).start()

    def pids(self, name):
        """Those of ours of that name, the youngest last."""
        found = []
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                exe = os.readlink(f'/proc/{pid}/exe')
            except OSError:
                continue
            if exe == f'{self.place}/bin/{name}':
                found.append(int(pid))
        return sorted(found)

    def wait_until(self, what, seconds=60):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, (self.events[-20:],
                                            open(self.log.name).read()[-2000:])
            time.sleep(0.02)

    def told(self, kind, **want):
        return [e for e in self.events if e['event'] == kind and
                all(e.get(k) == v for k, v in want.items())]

    def wait_for(self, kind, **want):
        self.wait_until(lambda: self.told(kind, **want))
        return self.told(kind, **want)[0]

    def kill(self, name):
        for pid in self.pids(name):
            os.kill(pid, signal.SIGKILL)

    def reload(self):
        """As after an update or a change of the configuration."""
        seen = len(self.told('reloaded'))
        self.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: len(self.told('reloaded')) > seen)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            for p in PROGRAMS:
                self.kill(p)
            self.process.wait()
        self.log.close()


@pytest.fixture
def machine(tmp_path):
    place = tmp_path / 'watched'
    place.mkdir()
    for above in tmp_path, *tmp_path.parents[:2]:
        above.chmod(above.stat().st_mode | 0o011)  # nobody must pass
    subprocess.run(['mount', '-t', 'tmpfs', 'candor-test', place], check=True)
    m = None
    try:
        m = Machine(place)
        yield m
    finally:
        if m is not None:
            m.stop()
        subprocess.run(['umount', '-l', place], check=True)


def write(path, content):
    path.write_bytes(content)
    return path


def executes(path):
    return subprocess.run(['sh', '-c', 'exec "$0"', path],
                          capture_output=True).returncode == 0


def opener(path):
    return subprocess.Popen(['cat', path], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def test_eicar(machine):
    """Denied at open and exec, told after write."""
    bad = write(machine.place / 'eicar.com', EICAR)
    machine.wait_for('blocked', path=str(bad), name='Test.Eicar')
    assert not can_open(bad)
    script = write(machine.place / 'run', b'#!/bin/sh\n# ' + EICAR + b'\n')
    script.chmod(0o755)
    assert not executes(script)
    program = machine.place / 'true'
    shutil.copy('/bin/true', program)
    assert executes(program)
    assert can_open(write(machine.place / 'good', b'good'))
    assert machine.told('blocked', path=str(script))


def test_guard_test(machine, tmp_path):
    """The command tells a protected folder from another."""
    done = run('guard', 'test', machine.place)
    assert (done.code, b'was denied' in done.out) == (0, True), done.out
    done = run('guard', 'test', tmp_path)
    assert (done.code, b'was opened' in done.out) == (1, True), done.out
    assert run('guard', 'test', tmp_path / 'nowhere').code == 2
    assert not list(machine.place.glob('candor-test-*'))
    assert not list(tmp_path.glob('candor-test-*'))


def test_quarantine_and_back(machine):
    machine.write_config(more='[policy]\ninfected = quarantine')
    machine.reload()
    bad = machine.place / 'eicar.com'
    with open(bad, 'wb') as f:
        f.write(EICAR)
    machine.wait_for('quarantined', path=str(bad))
    assert not bad.exists()
    vault = ('--vault', machine.place / 'quarantine')
    (one,) = [x for x in run('quarantine', 'list', *vault, '--json').objects
              if x['path'] == str(bad)]
    assert one['signatures'] == ['Test.Eicar']
    done = run('quarantine', 'restore', *vault, one['id'])
    assert done.code == 0, done.err
    assert bad.stat().st_size == len(EICAR)


def test_guard_killed(machine):
    """Everybody goes on; it is told; a successor asks about all again."""
    (broker,) = machine.pids('candor-broker')
    good = write(machine.place / 'good', LATER)
    assert can_open(good)
    os.kill(broker, signal.SIGSTOP)
    waiting = opener(write(machine.place / 'held', b'held up'))
    time.sleep(0.3)
    assert waiting.poll() is None
    first = machine.pids('candor-guard')
    machine.kill('candor-guard')
    assert waiting.wait(10) == 0
    os.kill(broker, signal.SIGCONT)
    machine.wait_until(lambda: machine.pids('candor-guard') not in
                       ([], first))
    assert machine.told('died')
    machine.wait_for('gap')
    bad = write(machine.place / 'bad', EICAR)
    machine.wait_until(lambda: not can_open(bad))


@pytest.mark.parametrize('name', ['candor-broker', 'candor-worker'])
def test_killed_while_somebody_waits(machine, name):
    """Its successor answers; nobody sees more than a delay."""
    place = machine.place
    openers = []
    for i in range(40):
        openers.append((i % 2 == 0, opener(write(
            place / f'f{i}', (EICAR if i % 2 else b'') + b'%d' % i))))
        if i % 10 == 5:
            machine.kill(name)
        if i % 10 == 9:  # what kills two workers is given up
            for _, p in openers:
                p.wait(90)
    assert [p.wait(90) == 0 for _, p in openers] == [ok for ok, _ in openers]


def test_stopped_workers_and_new_ones(machine):
    """All workers hang, and everybody waits: the successors start although
    their program, their libraries and the database are watched as well."""
    for pid in machine.pids('candor-worker'):
        os.kill(pid, signal.SIGSTOP)
    files = [write(machine.place / f'f{i}', b'good %d' % i) for i in range(20)]
    waiting = [opener(f) for f in files]
    time.sleep(0.5)
    machine.kill('candor-worker')
    assert [p.wait(90) for p in waiting] == [0] * 20


def test_reload_asks_again(machine):
    """What was clean may be bad by a new database."""
    good = write(machine.place / 'good', LATER)
    assert can_open(good) and can_open(good)
    machine.make_database(later=True)
    machine.reload()
    machine.wait_until(lambda: not can_open(good))


def test_huge_sparse_file(machine):
    """Is answered at the deadline, and others are answered meanwhile."""
    machine.write_config(guard='deadline = 1')
    machine.reload()
    huge = machine.place / 'huge'
    with open(huge, 'wb') as f:
        f.truncate(8 << 40)
    bad = write(machine.place / 'bad', EICAR)
    reader = subprocess.Popen(['head', '-c1', huge],
                              stdout=subprocess.DEVNULL)
    assert reader.wait(30) == 0
    machine.wait_until(lambda: not can_open(bad))


def test_bombs_of_others(machine):
    """As many files as programs like, each of which would take hours: what is
    opened is judged all the same."""
    bomb = os.memfd_create('bomb')
    os.truncate(bomb, 1 << 44)
    machine.write_config(more='[scan]\ndeadline = 600\n'
                         'max_object_size = 16000G\nmax_total_size = 16000G')
    machine.reload()
    bomber = Front(machine.place / 'candor.sock')
    for _ in range(30):
        bomber.ask(bomb)
    for i in range(10):
        assert not can_open(write(machine.place / f'bad{i}', EICAR))
        assert can_open(write(machine.place / f'good{i}', b'good %d' % i))
    assert not machine.told('overrun')
    bomber.s.setblocking(False)
    with pytest.raises(BlockingIOError):
        bomber.answer()
    bomber.close()
    os.close(bomb)


def test_candord_opens_what_is_watched(machine):
    """Its own opens pass, also of what is bad: a reload reads configuration
    and database there while others wait."""
    machine.write_config(more=f'# {EICAR.decode()}')
    assert not can_open(machine.conf)
    machine.reload()
    assert not can_open(write(machine.place / 'bad', EICAR))


def test_fuse_is_left_out(machine):
    if not os.path.exists('/dev/fuse'):
        pytest.skip('no FUSE here')
    folder = machine.place / 'fuse'
    folder.mkdir()
    tree = write(machine.place / 'tree', json.dumps(
        {'bad': {'content': EICAR.decode()}}).encode())
    server = subprocess.Popen([sys.executable, SERVER, folder, tree],
                              stdout=subprocess.PIPE)
    try:
        assert server.stdout.readline() == b'ready\n'
        machine.write_config(guard=f'mounts = {machine.place} {folder}')
        machine.reload()
        machine.wait_until(lambda: [
            e for e in machine.told('note')
            if f'{folder} (fuse' in e.get('text', '') and
            'not watched' in e['text']])
        assert can_open(folder / 'bad')
        assert not can_open(write(machine.place / 'bad', EICAR))
    finally:
        subprocess.run(['umount', '-l', folder])
        server.kill()
        server.wait()
        server.stdout.close()


def test_all_at_once_under_load(machine):
    """Many openers, new files, reloads and deaths: every answer is right."""
    place = machine.place
    for i in range(100):
        write(place / f'f{i}', (EICAR if i % 5 == 0 else b'good ') +
              str(i).encode())
    script = (f'n=0; for f in {place}/f*; do cat $f >/dev/null 2>&1 || '
              'n=$((n+1)); done; exit $n')
    many = [subprocess.Popen(['sh', '-c', script]) for _ in range(6)]
    machine.reload()
    machine.kill('candor-worker')
    machine.reload()
    machine.kill('candor-broker')
    assert [p.wait(200) for p in many] == [20] * 6
