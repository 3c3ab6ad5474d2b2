#!/usr/bin/env python3
"""guard.py BUILD [ROUNDS [JOBS]] - what on-access protection costs.

Two small Debians of what is installed here are made, each on an ext4 of its
own (loop devices, images in memory).  candord runs in one of them, which is
its `/`, with everything watched: prevention, on open, exec and write.  Each
job runs in both, in turn: unprotected; cold (by a guard that has just begun,
and knows no more than what runs); after a reload (of which the guard has made
use: it looks again at what was clean); warm (again).  Between two runs candord
is waited for until it has nothing to do.  Prints the median of ROUNDS, and the
ratio to unprotected.

"root" compares the two roots, before anybody is watched: the ratio of the one
that will be to the other.  If it is not 1.00, nothing else in the row is to be
believed any further than that.

"bare" is the least that being asked costs on this machine: the unprotected
root, watched by tests/bench/listener.c, which looks into nothing and says yes
to everything.  "look" is the processor time that workers took to look, in a
cold run, into what was opened: what no guard can do without, and what only
another processor can hide.

Last, the guard is killed while a program waits for it.

JOBS is a regular expression that the names of jobs are searched for.

Needs root, dpkg, and for the apt job packages in apt's cache.
"""
# SPDX-License-Identifier: Apache-2.0
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

SOURCES = 100
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


def make_root(debs):
    r = smallroot.SmallRoot(['apt', 'gcc', 'libc6-dev', 'git'])
    (r.root / 'etc/known').write_text('a known clean file\n' * 100)
    add_program(r.root, 'opens', OPENS)
    add_program(r.root, 'creates', CREATES)
    (r.root / 'src').mkdir()
    for i in range(1, SOURCES + 1):
        (r.root / f'src/f{i}.c').write_text(
            '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n'
            f'int f{i}(int a) {{ return printf("%d", a + {i}); }}\n')
    subprocess.run(['git', 'clone', '-q', '--bare', f'file://{ROOT}',
                    r.root / 'repo'], check=True)
    add_ordinary_repository(r.root / 'py')
    (r.root / 'root/.gitconfig').write_text('[safe]\ndirectory = *\n')
    for d in debs:
        shutil.copy(d, r.root / 'var/cache/apt')
    return r


def run(root, command):
    before = time.perf_counter()
    done = root.run(*command)
    took = time.perf_counter() - before
    if done.returncode != 0:
        raise SystemExit(f'{command}: {done.stdout[-500:]}{done.stderr[-500:]}')
    return float(done.stdout) if 'opens' in command[0] else took


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
                with open(f'/proc/{pid}/schedstat') as f:
                    total += int(f.read().split()[0]) / 1e9
            elif int(pid) in brokers:  # who waited for those that are gone
                total += (int(fields[13]) + int(fields[14])) / TICKS
        except OSError:
            pass
    return total


def busy(root):
    """Seconds of processor they have had, and their workers."""
    total = looked(root)
    for pid in candors(root):
        try:
            with open(f'/proc/{pid}/schedstat') as f:
                total += int(f.read().split()[0]) / 1e9
        except OSError:
            pass
    return total


def wait_until_idle(root):
    before = busy(root)
    while True:
        time.sleep(0.15)
        now = busy(root)
        if abs(now - before) < 0.003:
            return
        before = now


def wait_for(root, text, count=1):
    end = time.monotonic() + 60
    while root.said().count(text) < count:
        if time.monotonic() > end:
            raise SystemExit(root.said())
        time.sleep(0.02)


def kill(root, name):
    """Its process of that name; a successor comes."""
    pids = [p for p, n in candors(root).items() if n == name]
    os.kill(pids[0], signal.SIGKILL)


def run_bare(root, listener, command):
    """Somebody says yes to everything; once before, so that all is known."""
    asked = subprocess.Popen([listener, root.root], stdout=subprocess.PIPE)
    try:
        asked.stdout.readline()
        run(root, command)
        return run(root, command)
    finally:
        asked.kill()
        asked.wait()
        asked.stdout.close()


def compare_roots(command, roots, rounds):
    """The second to the first, nobody being watched; in turn, and who is
    first in turn, too."""
    times = ([], [])
    for i in range(rounds):
        for at in (0, 1) if i % 2 == 0 else (1, 0):
            times[at].append(run(roots[at], command))
    first, second = map(statistics.median, times)
    return second / first


def measure(name, command, roots, equal, listener, process, rounds):
    plain, watched = roots
    times = ([], [], [], [], [], [])
    for _ in range(rounds):
        wait_until_idle(watched)
        times[0].append(run(plain, command))
        times[1].append(run_bare(plain, listener, command))
        told = watched.said().count('guard works')
        kill(watched, 'candor-guard')
        wait_for(watched, 'guard works', told + 1)
        wait_until_idle(watched)
        before = looked(watched)
        times[2].append(run(watched, command))
        times[5].append(looked(watched) - before)
        told = watched.said().count('reloaded')
        process.send_signal(signal.SIGHUP)
        wait_for(watched, 'reloaded', told + 1)
        wait_until_idle(watched)
        times[3].append(run(watched, command))
        wait_until_idle(watched)
        times[4].append(run(watched, command))
    p, b, c, r, w, look = map(statistics.median, times)
    print(f'{name:36}{p:7.3f}{equal:7.2f}{b / p:7.2f}{c / p:7.2f}{r / p:7.2f}{w / p:7.2f}'
          f'{look:7.3f}', flush=True)


def kill_the_guard(watched):
    """How long somebody who waits for it is held up by its death."""
    times = []
    began = watched.said().count('guard works')
    for i in range(10):
        wait_for(watched, 'guard works', began + i)
        pids = {name: pid for pid, name in candors(watched).items()}
        os.kill(pids['candor-broker'], signal.SIGSTOP)
        (watched.root / f'etc/new{i}').write_text(f'{i}\n')
        time.sleep(0.1)
        waits = subprocess.Popen(watched.command('cat', f'/etc/new{i}'),
                                 stdout=subprocess.DEVNULL)
        time.sleep(0.3)
        before = time.perf_counter()
        os.kill(pids['candor-guard'], signal.SIGKILL)
        waits.wait()
        times.append(time.perf_counter() - before)
        os.kill(pids['candor-broker'], signal.SIGCONT)
    print(f'guard killed: who waited for it went on, and ended, after '
          f'{statistics.median(times) * 1000:.1f} ms (median of 10; at most '
          f'{max(times) * 1000:.1f})')


def main():
    build, rounds = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or ['10'])[0])
    names = (sys.argv[3:] or [''])[0]
    made, process = [], None
    # Or what was mounted would stay so.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('stopped'))
    try:
        known = smallroot.installed()
        debs = smallroot.packages_at_hand(smallroot.with_what_they_need(
            ['apt', 'gcc', 'libc6-dev', 'git'], known), 8)
        for _ in range(2):
            made.append(make_root(debs))
        plain, watched = made
        listener = plain.folder / 'listener'
        subprocess.run(['gcc', '-O2', '-o', listener,
                        ROOT / 'tests/bench/listener.c'], check=True)
        jobs = {name: command for name, command in JOBS.items()
                if re.search(names, name) and (debs or 'apt' not in name)}
        equal = {name: compare_roots(command, made, rounds)
                 for name, command in jobs.items()}
        watched.add_candor(build, 'Test.Bench:0:*:' +
                           b'benchmark, never there'.hex() + '\n')
        process = watched.start_candord('[policy]\ninfected = block')
        wait_for(watched, 'guard works')
        wait_for(watched, 'broker works')
        watched.enter(process)
        print(f'{os.cpu_count()} processors, load '
              f'{os.getloadavg()[0]:.1f}; {len(debs)} packages')
        print(f'{"median of " + str(rounds):36}' + ''.join(
            f'{word:>7}' for word in ('plain', 'root', 'bare', 'cold',
                                      'reload', 'warm', 'look')))
        print(f'{"":36}{"s":>7}{"ratio to plain":>35}{"s":>7}')
        if not debs:
            print('no packages in apt\'s cache: apt-get skipped')
        for name, command in jobs.items():
            measure(name, command, made, equal[name], listener, process,
                    rounds)
        print(f'overruns: {watched.said().count("overrun")}')
        kill_the_guard(watched)
        print(f'load {os.getloadavg()[0]:.1f}')
    finally:
        if process is not None:
            process.terminate()
            process.wait()
        for r in made:
            r.close()


if __name__ == '__main__':
    main()
