#!/usr/bin/env python3
"""guard.py BUILD [ROUNDS [JOBS]] - what on-access protection costs.

A small Debian of what is installed here is made, on an ext4 of its own (loop
device, image in memory), and is the `/` of a candord, which runs all the time,
with everything watched: prevention, on open, exec and write.  In each round
each job runs there with the guard off and with it on, in turn who is first:

  plain   off: candord has no fanotify group, so the kernel no mark of it
          (looked for; nothing is measured else)
  again   the same once more, after bare
  bare    off, and tests/bench/listener.c watches, which looks into nothing and
          says yes to everything: the least that being asked costs here
  cold    on: a guard that has just begun, and knows no more than what runs
  reload  after new databases, of which the guard has made use: it looks again
          at what was clean
  warm    once more

Before each run candord is waited for until it has nothing to do.  Each run, the
listener and candord have sessions of their own, as work and services have: the
scheduler shares the processors among sessions.  Before plain, and before bare,
the job runs once unmeasured.

Prints the medians of ROUNDS (10): seconds unprotected (of plain and again
together), and the others' ratios to it; of again, its ratio to plain.  If that
is not 1.00, nothing else in the row is to be believed any further than that.
"look" is the processor time that workers took to look, in a cold run, into
what was opened: what no guard can do without, and what only another processor
can hide.

Last, the guard is killed while a program waits for it.

JOBS is a regular expression that the names of jobs are searched for.

Needs root, dpkg, gcc, git, and for the apt job packages in apt's cache.
"""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import glob
import mmap
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/e2e'))
import smallroot  # noqa: E402

PACKAGES = ['apt', 'gcc', 'libc6-dev', 'git']
SOURCES = 100
MEMORY = 1 << 30  # more than any job takes, in all
LIBC = '/lib/x86_64-linux-gnu/libc.so.6'  # by the path programs find it at
OPENS = r'''
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
static double now(void) { struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
int main(int argc, char **argv) { double then = 0; int i;
	for (i = 0; i < 220000 && argc == 2; i++) { if (i == 20000) then = now();
		close(open(argv[1], O_RDONLY)); }
	printf("%f\n", now() - then); return 0; }
'''
CREATES = r'''
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void) { char name[40], text[2048] = "text"; int i, fd;
	for (i = 0; i < 2000; i++) { sprintf(name, "/tmp/f/%d", i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
		if (write(fd, text, sizeof(text)) < 0) return 1;
		close(fd); } return 0; }
'''
BUILD_ALL = (f'rm -rf /tmp/b; mkdir /tmp/b; cd /tmp/b; for i in $(seq '
             f'{SOURCES}); do gcc -O1 -c /src/f$i.c -o f$i.o || exit 1; done; '
             'gcc -shared -o all.so *.o')
TICKS = os.sysconf('SC_CLK_TCK')
SHELL = ('for i in $(seq 30); do ls -l /usr/bin | grep python | sort | wc -l; '
         'cat /etc/known | sed s/a/b/ | head -1; id; date; done >/dev/null')
JOBS = {
    'open+close of a known file, 200,000': ['/opt/opens', '/etc/known'],
    'the same of the C library': ['/opt/opens', LIBC],
    'shell session, 300 programs': ['bash', '-c', SHELL],
    f'C build, {SOURCES} compiler runs': ['sh', '-c', BUILD_ALL],
    'git clone, this project': [
        'sh', '-c', 'rm -rf /tmp/c; git clone -q file:///repo /tmp/c'],
    "git clone, Python's library": [
        'sh', '-c', 'rm -rf /tmp/c; git clone -q file:///py /tmp/c'],
    'apt-get install': ['sh', '-c', smallroot.APT],
    'create 2,000 files, 2 KB each': [
        'sh', '-c', 'rm -rf /tmp/f; mkdir /tmp/f; /opt/creates'],
}
COLUMNS = 'plain', 'again', 'bare', 'cold', 'reload', 'warm', 'look'
IDLE = '/sys/devices/system/cpu/cpuidle/current_'
TOLD = {'cpuidle driver': IDLE + 'driver', 'governor': IDLE + 'governor',
        'guest_halt_poll_ns':
        '/sys/module/haltpoll/parameters/guest_halt_poll_ns'}


def add_program(root, name, source):
    (root / f'opt/{name}.c').write_text(source)
    subprocess.run(['gcc', '-O2', '-static', '-o', root / 'opt' / name,
                    root / f'opt/{name}.c'], check=True)


def add_ordinary_repository(to):
    """Some hundred source files, and none that is meant to be hard to look
    into: this project's tests are full of those, and so is a clone of it."""
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder) / 'work'
        shutil.copytree(sysconfig.get_path('stdlib'), work, symlinks=True,
                        ignore=shutil.ignore_patterns(
                            '__pycache__', '*-packages', '*.so', '*.a'))
        git = ['git', '-C', work, '-c', 'user.name=b', '-c', 'user.email=b']
        for words in (['init', '-q'], ['add', '-A'], ['commit', '-qm', 'all']):
            subprocess.run(git + words, check=True)
        subprocess.run(['git', 'clone', '-q', '--bare', f'file://{work}', to],
                       check=True)


def add_work(root, debs):
    """What the jobs need."""
    (root / 'etc/known').write_text('a known clean file\n' * 100)
    add_program(root, 'opens', OPENS)
    add_program(root, 'creates', CREATES)
    (root / 'src').mkdir()
    for i in range(1, SOURCES + 1):
        (root / f'src/f{i}.c').write_text(
            '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n'
            f'int f{i}(int a) {{ return printf("%d", a + {i}); }}\n')
    subprocess.run(['git', 'clone', '-q', '--bare', f'file://{ROOT}',
                    root / 'repo'], check=True)
    add_ordinary_repository(root / 'py')
    (root / 'root/.gitconfig').write_text('[safe]\ndirectory = *\n')
    for d in debs:
        shutil.copy(d, root / 'var/cache/apt')


@contextlib.contextmanager
def protected_root(build, debs):
    """A root with the jobs in it, and candord, which works; both are gone
    afterwards, whatever happens."""
    root, process = smallroot.SmallRoot(PACKAGES), None
    try:
        add_work(root.root, debs)
        root.add_candor(build, 'Test.Bench:0:*:' +
                        b'benchmark, never there'.hex() + '\n')
        process = root.start_candord('[policy]\ninfected = block')
        wait_for(root, lambda: 'broker works' in root.said() and
                 'guard works' in root.said())
        root.enter(process)
        yield root, process
    finally:
        if process is not None:
            process.terminate()
            process.wait()
        root.close()


@contextlib.contextmanager
def begun(command):
    """It runs in a session of its own; whatever ends this ends it, too."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def candors(root):
    """The processes of its candord: number → name."""
    found = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            exe = os.readlink(f'/proc/{pid}/exe')
            same = os.path.samefile(f'/proc/{pid}/root', root.root)
        except OSError:
            continue
        if same and exe.startswith('/opt/candor/'):
            found[int(pid)] = os.path.basename(exe)
    return found


def its(root, name):
    return next(pid for pid, n in candors(root).items() if n == name)


def had(pid):
    """Seconds of processor; none if it is gone."""
    try:
        with open(f'/proc/{pid}/schedstat') as f:
            return int(f.read().split()[0]) / 1e9
    except OSError:
        return 0


def looked(root):
    """Seconds of processor that workers have had, also those that are gone."""
    brokers = [p for p, name in candors(root).items()
               if name == 'candor-broker']
    total = 0
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/stat') as f:
                name, rest = f.read().rsplit(')', 1)
            fields = rest.split()
            if name.endswith('(candor-worker') and int(fields[1]) in brokers:
                total += had(pid)
            elif int(pid) in brokers:  # who waited for those that are gone
                total += (int(fields[13]) + int(fields[14])) / TICKS
        except OSError:
            pass
    return total


def busy(root):
    """Seconds of processor they have had, and their workers."""
    return looked(root) + sum(map(had, candors(root)))


def wait_until_idle(root):
    before = busy(root)
    while True:
        time.sleep(0.15)
        now = busy(root)
        if abs(now - before) < 0.003:
            return
        before = now


def wait_for(root, what):
    end = time.monotonic() + 60
    while not what():
        if time.monotonic() > end:
            raise SystemExit('waited in vain: ' + root.said()[-2000:])
        time.sleep(0.02)


def wait_for_word(root, word, act):
    """Act, and wait until candord says once more what it says then."""
    told = root.said().count(word)
    act()
    wait_for(root, lambda: root.said().count(word) > told)


def is_watched(root):
    """Has a process of its candord a fanotify group?  proc(5), fdinfo."""
    for pid in candors(root):
        for info in glob.glob(f'/proc/{pid}/fdinfo/*'):
            with contextlib.suppress(OSError), open(info) as f:
                if any(line.startswith('fanotify ') for line in f):
                    return True
    return False


def switch(root, *words):
    """The guard on or off: then it watches, or the kernel has no mark."""
    root.run('/opt/candor/candor', 'guard', *words, '--socket',
             '/run/c').check_returncode()
    wait_for(root, lambda: is_watched(root) == (words[0] == 'on'))


def take_memory():
    """So that the next who takes memory has that of this machine: pages that
    were free for a while may have been given back to a host, and to get one
    again takes several times as long as all else of a page fault."""
    mmap.mmap(-1, MEMORY, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS |
              mmap.MAP_POPULATE).close()


def run(root, command):
    wait_until_idle(root)
    take_memory()
    before = time.perf_counter()
    with begun(root.command(*command)) as job:
        said = job.communicate()[0]
    took = time.perf_counter() - before
    if job.returncode != 0:
        raise SystemExit(f'{command}: {said[-1000:]}')
    return float(said) if 'opens' in command[0] else took


def run_unprotected(root, command, listener):
    switch(root, 'off', '--for', '1h')
    run(root, command)  # the first after a switch is slower
    plain = run(root, command)
    with begun([listener, root.root]) as who_says_yes:
        if who_says_yes.stdout.readline() != 'watching\n':
            raise SystemExit('the listener does not watch')
        run(root, command)  # so that all is known
        bare = run(root, command)
    return {'plain': plain, 'bare': bare, 'again': run(root, command)}


def run_protected(root, command, process):
    switch(root, 'on')
    wait_for_word(root, 'guard works', lambda: os.kill(
        its(root, 'candor-guard'), signal.SIGKILL))
    wait_for(root, lambda: is_watched(root))
    wait_until_idle(root)
    before = looked(root)
    cold = run(root, command)
    look = looked(root) - before
    wait_for_word(root, 'reloaded',
                  lambda: process.send_signal(signal.SIGHUP))
    return {'cold': cold, 'look': look, 'reload': run(root, command),
            'warm': run(root, command)}


def measure(name, rounds, *halves):
    """Each half of a round gives seconds by column."""
    found = []
    for _ in range(rounds):
        found.append(halves[0]() | halves[1]())
        halves = halves[::-1]
    median = {column: statistics.median(times[column] for times in found)
              for column in COLUMNS}
    unprotected = statistics.median(
        times[column] for times in found for column in ('plain', 'again'))
    print(f'{name:36}{unprotected:7.3f}'
          f'{median["again"] / median["plain"]:7.2f}' + ''.join(
              f'{median[column] / unprotected:7.2f}'
              for column in COLUMNS[2:-1]) +
          f'{median["look"]:7.3f}', flush=True)


def hold_up(root, name):
    """How long somebody who waits for the guard is held up by its death."""
    broker, guard = its(root, 'candor-broker'), its(root, 'candor-guard')
    os.kill(broker, signal.SIGSTOP)
    try:
        (root.root / name).write_text(f'{name}\n')
        time.sleep(0.1)
        with begun(root.command('cat', '/' + name)) as waits:
            time.sleep(0.3)
            if waits.poll() is not None:
                raise SystemExit('nobody waited for the guard')
            before = time.perf_counter()
            os.kill(guard, signal.SIGKILL)
            waits.communicate()
            return time.perf_counter() - before
    finally:
        os.kill(broker, signal.SIGCONT)


def kill_the_guard(root):
    times = []
    switch(root, 'on')
    for i in range(10):
        wait_until_idle(root)
        wait_for_word(root, 'guard works',
                      lambda: times.append(hold_up(root, f'etc/new{i}')))
    print(f'guard killed: who waited for it went on, and ended, after '
          f'{statistics.median(times) * 1000:.1f} ms (median of 10; at most '
          f'{max(times) * 1000:.1f})')


def machine():
    """What of it decides how long it takes to be asked."""
    told = [f'{os.cpu_count()} processors', f'load {os.getloadavg()[0]:.1f}',
            f'Linux {os.uname().release}']
    for name, path in TOLD.items():
        with contextlib.suppress(OSError):
            told.append(f'{name} {pathlib.Path(path).read_text().strip()}')
    return ', '.join(told)


def print_head(rounds, debs):
    print(machine())
    print(f'{len(debs)} packages' if debs else
          'no packages in apt\'s cache: apt-get skipped')
    print(f'{"median of " + str(rounds):36}' +
          ''.join(f'{column:>7}' for column in COLUMNS))
    print(f'{"":36}{"s":>7}{"ratio to plain":>35}{"s":>7}', flush=True)


def main():
    build, rounds = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or ['10'])[0])
    names = (sys.argv[3:] or [''])[0]
    # Or what was mounted would stay so.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('stopped'))
    debs = smallroot.packages_at_hand(smallroot.with_what_they_need(
        PACKAGES, smallroot.installed()), 8)
    with protected_root(build, debs) as (root, process):
        listener = root.folder / 'listener'
        subprocess.run(['gcc', '-O2', '-o', listener,
                        ROOT / 'tests/bench/listener.c'], check=True)
        print_head(rounds, debs)
        for name, command in JOBS.items():
            if not re.search(names, name) or (not debs and 'apt' in name):
                continue
            measure(name, rounds,
                    lambda: run_unprotected(root, command, listener),
                    lambda: run_protected(root, command, process))
        print(f'overruns: {root.said().count("overrun")}')
        kill_the_guard(root)
        print(f'load {os.getloadavg()[0]:.1f}')


if __name__ == '__main__':
    main()
