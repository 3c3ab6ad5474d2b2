"""On-access protection of a whole machine: a small Debian on a file system of
its own, in which candord runs; its `/`, and everything in it, is watched."""
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import signal
import subprocess
import time

import pytest

import smallroot
from conftest import BUILD
from test_guard import can_watch
from test_guard_live import EICAR

pytestmark = [
    pytest.mark.skipif(not can_watch(), reason='needs root and fanotify'),
    pytest.mark.skipif(not smallroot.can_be_made(),
                       reason='needs dpkg and loop devices'),
    pytest.mark.skipif(
        not all((BUILD / 'bin' / p).exists() for p in smallroot.PROGRAMS),
        reason='candord is not built')]


@pytest.fixture(scope='module')
def machine():
    root = smallroot.SmallRoot(['apt', 'gcc', 'libc6-dev', 'git'])
    process = None
    try:
        root.add_candor(BUILD, f'Test.Eicar:0:*:{EICAR.hex()}\n')
        process = root.start_candord('deadline = 30\nawake = yes\n[policy]\n'
                                     'infected = block')
        wait_for(root, lambda: 'guard works' in root.said() and
                 'broker works' in root.said())
        wait_for(root, lambda: denies(root))
        yield root
    finally:
        if process is not None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        root.close()


def wait_for(root, what):
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, root.said()[-2000:]
        time.sleep(0.02)


def denies(root):
    probe = root.root / 'home/probe'
    if not probe.exists():
        probe.write_bytes(EICAR)
    return root.run('cat', '/home/probe').returncode != 0


def its(root, name):
    """The number of its process of that name, or None."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.readlink(f'/proc/{pid}/exe') == f'/opt/candor/{name}' and \
                    os.path.samefile(f'/proc/{pid}/root', root.root):
                return int(pid)
        except OSError:
            pass
    return None


@pytest.mark.skipif(not os.path.exists(smallroot.LATENCY),
                    reason='this kernel does not let processors be kept awake')
def test_processors_can_be_kept_awake(machine):
    assert smallroot.can_keep_awake(its(machine, 'candor-guard'))
    assert machine.run('sh', '-c', 'mkdir /tmp/many && cd /tmp/many && '
                       'for i in $(seq 500); do echo $i >$i; done && '
                       'rm -r /tmp/many').returncode == 0


@pytest.mark.parametrize('folder', ['', 'usr/bin', 'etc', 'tmp', 'home'])
def test_eicar(machine, folder):
    """Denied when it is opened and executed; told when it was written."""
    bad = machine.root / folder / 'eicar.com'
    bad.write_bytes(EICAR)
    bad.chmod(0o755)
    inside = f'/{folder}/eicar.com'.replace('//', '/')
    wait_for(machine, lambda: f'{inside}' in machine.said())
    opened = machine.run('cat', inside)
    assert 'not permitted' in opened.stderr, opened.stdout
    script = machine.root / folder / 'script'
    script.write_bytes(b'#!/bin/sh\n# ' + EICAR + b'\ntrue\n')
    script.chmod(0o755)
    executed = machine.run('sh', '-c', f'exec {inside[:-9]}script')
    assert executed.returncode != 0
    assert 'not permitted' in executed.stderr
    bad.unlink()
    script.unlink()


def test_the_machine_works(machine):
    """A shell, a compiler, git and apt, with prevention on everything."""
    for i in range(20):
        (machine.root / f'tmp/f{i}.c').write_text(
            f'#include <stdio.h>\nint f{i}(void) {{ return puts("{i}"); }}\n')
    for script in (
            'for i in $(seq 20); do ls -l /usr/bin | sort | wc -l; id; done',
            'cd /tmp && for i in $(seq 0 19); do gcc -c f$i.c || exit 1; done'
            ' && gcc -shared -o all.so f*.o',
            'cd /tmp && git init -q a && cp -r /usr/include/linux a && cd a &&'
            ' git add -A && git -c user.name=a -c user.email=a@b commit -qm a'
            ' && git clone -q file:///tmp/a /tmp/b && diff -r linux '
            '/tmp/b/linux'):
        done = machine.run('sh', '-c', script)
        assert done.returncode == 0, done.stderr[-1000:]
    for deb in smallroot.packages_at_hand(machine.packages, 3):
        shutil.copy(deb, machine.root / 'var/cache/apt')
    if list((machine.root / 'var/cache/apt').glob('*.deb')):
        done = machine.run('sh', '-c', smallroot.APT)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr[-1000:]
    assert 'overrun' not in machine.said()
    assert denies(machine)


def test_guard_killed_and_the_machine_goes_on(machine, record_property):
    """How long it took is said, and measured in tests/bench/guard.py; here
    only that it does."""
    os.kill(its(machine, 'candor-broker'), signal.SIGSTOP)
    (machine.root / 'etc/new').write_text('new')
    waits = subprocess.Popen(machine.command('cat', '/etc/new'),
                             stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    assert waits.poll() is None
    first = its(machine, 'candor-guard')
    before = time.monotonic()
    os.kill(first, signal.SIGKILL)
    assert waits.wait(10) == 0
    took = (time.monotonic() - before) * 1000
    record_property('milliseconds', round(took, 1))
    print(f'who waited went on, and ended, {took:.1f} ms after the guard was '
          'killed')
    os.kill(its(machine, 'candor-broker'), signal.SIGCONT)
    wait_for(machine, lambda: its(machine, 'candor-guard') not in
             (None, first))
    wait_for(machine, lambda: denies(machine))
    assert 'died' in machine.said()


def is_known(root, path):
    """Has the kernel a mark that says it need not ask?  proc(5), fdinfo."""
    inode = f'ino:{os.stat(root.root / path[1:]).st_ino:x} '
    guard = its(root, 'candor-guard')
    for fd in os.listdir(f'/proc/{guard}/fd'):
        try:
            with open(f'/proc/{guard}/fdinfo/{fd}') as f:
                lines = [line for line in f if inode in line]
        except OSError:
            continue
        if any(not line.rstrip().endswith('ignored_mask:0')
               for line in lines if line.startswith('fanotify ino:')):
            return True
    return False


def test_new_signatures_and_what_was_clean(machine):
    """It is looked at again before anybody opens it: known again, or told."""
    good, bad = '/etc/clean-before', '/etc/bad-since'
    (machine.root / good[1:]).write_text('good')
    (machine.root / bad[1:]).write_text('not yet known to be bad')
    wait_for(machine, lambda: denies(machine))
    # Not from outside by chroot: other mount namespaces have other paths.
    inside = ['nsenter', '-m', '-t', str(its(machine, 'candord')), 'cat']
    for path in good, bad:
        subprocess.run([*inside, path], check=True)
        wait_for(machine, lambda: is_known(machine, path))
    machine.add_database(BUILD, f'Test.Eicar:0:*:{EICAR.hex()}\n'
                         f'Test.New:0:*:{b"not yet known".hex()}\n')
    os.kill(its(machine, 'candord'), signal.SIGHUP)
    wait_for(machine, lambda: bad in machine.said())
    wait_for(machine, lambda: is_known(machine, good))
    assert not is_known(machine, bad)
    assert subprocess.run([*inside, bad]).returncode != 0
