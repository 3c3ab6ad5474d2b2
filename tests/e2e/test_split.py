"""candord as its units start it: guard and quarantine come to it by
themselves, with no more rights than their units give them, in mount namespaces
of their own; and nobody makes a system call his unit does not allow."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from conftest import BUILD, run
from smallroot import LATENCY, can_keep_awake
from test_guard import can_open
from test_guard_live import EICAR, Machine, pytestmark, write

UNITS = BUILD / 'data/systemd'
pytestmark = [*pytestmark, pytest.mark.skipif(
    not all(map(shutil.which, ('setpriv', 'unshare', 'strace',
                               'systemd-analyze'))),
    reason='setpriv, unshare, strace or systemd-analyze is not installed')]


def unit(name):
    """The settings of a unit, each with its values."""
    settings = {}
    for line in (UNITS / f'{name}.service').read_text().splitlines():
        if re.match(r'[A-Z]\w+=', line):
            key, value = line.split('=', 1)
            settings.setdefault(key, []).append(value)
    return settings


def capped(name):
    """A command that gives what follows the unit's capabilities."""
    (caps,) = unit(name)['CapabilityBoundingSet']
    names = [c.lower().removeprefix('cap_') for c in caps.split()]
    return ['setpriv', '--bounding-set',
            ','.join(['-all', *('+' + n for n in names)]),
            '--inh-caps', '-all', '--no-new-privs']


class Split(Machine):
    """The test is the service manager."""

    def start(self):
        self.helper = {}
        self.errors = open(f'{self.place}.errors', 'a+')
        self.posts = {}
        for name in 'guard', 'quarantine':
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.bind(str(self.place / f'post-{name}.sock'))
            s.listen()
            self.posts[name] = s
        self.begin('guard')
        self.begin('quarantine')
        self.log = open(f'{self.place}.log', 'w+')
        self.process = self.spawn_candord()
        end = time.monotonic() + 60
        while not (self.place / 'events.sock').exists():
            assert time.monotonic() < end and self.process.poll() is None
            time.sleep(0.05)
        self.listen()
        self.wait_until(self.denies)

    def spawn_candord(self):
        def inherit():
            # 3 and 4, wherever they were.
            fds = [os.dup2(os.dup(s.fileno()), 60 + i)
                   for i, s in enumerate(self.posts.values())]
            for i, fd in enumerate(fds):
                os.dup2(fd, 3 + i)
        env = {**os.environ, 'LISTEN_FDS': '2',
               'LISTEN_FDNAMES': 'post-guard:post-quarantine'}
        return subprocess.Popen(
            [*capped('candord'), *self.traced('candord'), 'sh', '-c',
             'LISTEN_PID=$$ exec "$0" "$@"', self.place / 'bin/candord',
             '--foreground', '--config', self.conf],
            stdout=self.log, stderr=self.log, env=env, preexec_fn=inherit,
            close_fds=False)

    def signal(self, number):
        """To candord, not to who writes down what it does."""
        (pid,) = self.pids('candord')
        os.kill(pid, number)

    def reload(self):
        seen = len(self.told('reloaded'))
        self.signal(signal.SIGHUP)
        self.wait_until(lambda: len(self.told('reloaded')) > seen)

    def traced(self, name):
        """What it does is written down."""
        return ['strace', '-f', '-qq', '-o',
                self.place.parent / f'{name}.{time.monotonic_ns()}.calls']

    def begin(self, name):
        # ProtectSystem=strict, for the guard: a view that is read-only.
        (program,) = unit(f'candor-{name}')['ExecStart']
        assert program.split()[0].endswith(f'/candor-{name}')
        strict = 'ProtectSystem' in unit(f'candor-{name}')
        script = ('mount -o remount,bind,ro "$0" && ' if strict else '') + \
            'exec "$@"'
        self.helper[name] = subprocess.Popen(
            ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c',
             script, self.place, *capped(f'candor-{name}'),
             *self.traced(f'candor-{name}'), self.place / f'bin/candor-{name}',
             self.place / f'post-{name}.sock'], stderr=self.errors)

    def mind(self):
        """Restart=always"""
        for name, process in self.helper.items():
            if process.poll() is not None:
                self.begin(name)

    def calls(self, name):
        made = set()
        for log in self.place.parent.glob(f'{name}.*.calls'):
            made |= set(re.findall(r'^\d+ +(\w+)\(', log.read_text(
                errors='replace'), re.M))
        return made

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            self.process.wait(60)
        for process in self.helper.values():
            process.kill()
            process.wait()
        for name in 'candor-guard', 'candor-quarantine':
            self.kill(name)
        for s in self.posts.values():
            s.close()
        self.errors.close()
        self.log.close()


@pytest.fixture
def split(tmp_path):
    place = tmp_path / 'watched'
    place.mkdir()
    for above in tmp_path, *tmp_path.parents[:2]:
        above.chmod(above.stat().st_mode | 0o011)
    subprocess.run(['mount', '-t', 'tmpfs', 'candor-test', place], check=True)
    m = None
    try:
        m = Split(place)
        yield m
    finally:
        if m is not None:
            m.stop()
        subprocess.run(['umount', '-l', place], check=True)


def group(name, known={}):
    """The calls of one of systemd's groups."""
    if name not in known:
        known[name] = set()
        out = subprocess.run(['systemd-analyze', 'syscall-filter', name],
                             capture_output=True, text=True, check=True).stdout
        for word in (line.strip() for line in out.splitlines()[1:]):
            if word.startswith('@'):
                known[name] |= group(word)
            elif word and not word.startswith('#'):
                known[name].add(word)
    return known[name]


def allowed(name):
    calls = set()
    for words in unit(name)['SystemCallFilter']:
        for word in words.removeprefix('~').split():
            these = group(word) if word.startswith('@') else {word}
            calls = calls - these if words[0] == '~' else calls | these
    return calls


def status(m, *words):
    done = run('guard', 'status', '--json', '--socket',
               m.place / 'control.sock')
    return done.objects[0] if done.code in (0, 1) else {}


def test_all_of_it(split):
    """Denied, excluded, moved away and back, killed, off and on."""
    place = split.place
    split.write_config(more='[policy]\ninfected = quarantine\n'
                       'rule = block path=/**/stays')
    split.reload()
    bad = write(place / 'bad', EICAR)
    split.wait_for('quarantined', path=str(bad))
    assert not bad.exists()
    (one,) = [x for x in run('quarantine', 'list', '--vault',
                             place / 'quarantine', '--json').objects
              if x['path'] == str(bad)]
    assert one['signatures'] == ['Test.Eicar']
    # Paths are those of process 1, whose view is not narrowed.
    stays = write(place / 'stays', EICAR)
    split.wait_until(lambda: not can_open(stays))
    assert stays.exists()
    (mount,) = [m for m in status(split)['mounts'] if m['path'] == str(place)]
    assert mount['watched']
    control = ('--socket', place / 'control.sock')
    assert run('guard', 'exclude', 'add', '--once', 'path', stays,
               *control).code == 0
    split.wait_until(lambda: can_open(stays))
    assert run('guard', 'exclude', 'remove', '--once', 'path', stays,
               *control).code == 0
    split.wait_until(lambda: not can_open(stays))
    # Killed: everybody goes on, and it comes again.
    for name in 'guard', 'quarantine':
        before = split.pids(f'candor-{name}')
        split.kill(f'candor-{name}')
        split.wait_until(lambda: split.mind() or split.pids(f'candor-{name}')
                         not in ([], before))
    split.wait_for('gap')
    split.wait_until(lambda: split.mind() or not can_open(stays))
    # Off: it waits at the socket, and watches nothing.
    assert run('guard', 'off', *control).code == 0
    split.wait_until(lambda: can_open(stays))
    split.wait_until(lambda: split.mind() or split.pids('candor-guard'))
    assert can_open(stays)
    assert run('guard', 'on', *control).code == 0
    split.wait_until(lambda: split.mind() or not can_open(stays))
    assert split.process.poll() is None
    split.signal(signal.SIGTERM)
    assert split.process.wait(60) == 0
    for name in 'candord', 'candor-guard', 'candor-quarantine':
        made = split.calls(name)
        assert len(made) > 20, name
        assert made - allowed(name) == set(), name


def test_a_hung_guard_is_killed(split):
    """By the number it had when it came, through a pidfd."""
    (guard,) = split.pids('candor-guard')
    subprocess.run(['kill', '-STOP', str(guard)], check=True)
    split.wait_until(lambda: split.mind() or
                     split.pids('candor-guard') not in ([], [guard]))
    split.wait_for('died')
    split.wait_until(lambda: split.mind() or split.denies())


@pytest.mark.skipif(not os.path.exists(LATENCY),
                    reason='this kernel does not let processors be kept awake')
def test_processors_can_be_kept_awake(split):
    """The channel to candord takes no place that is in use."""
    (guard,) = split.pids('candor-guard')
    split.write_config(guard='awake = yes')
    split.reload()
    assert can_keep_awake(guard)
    for i in range(1000):
        write(split.place / f'{i}.new', b'clean\n')
    split.wait_until(split.denies)
    assert split.pids('candor-guard') == [guard]


def test_who_is_not_root_is_no_guard(split):
    path = split.place / 'post-guard.sock'
    path.chmod(0o666)
    split.kill('candor-guard')
    split.wait_for('died')
    code = ('import socket, sys\n'
            's = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n'
            's.connect(sys.argv[1])\n'
            'print(s.recv(10))\n')
    done = subprocess.run([sys.executable, '-c', code, path], user=65534,
                          group=65534, extra_groups=[], capture_output=True,
                          timeout=60)
    assert done.stdout.strip() == b"b''"
    split.wait_for('denied')
    # Nobody else comes, either: that is told.
    split.wait_until(lambda: [e for e in split.told('gap')
                              if 'has not come' in e['text']])
    split.mind()
    split.wait_until(split.denies)

