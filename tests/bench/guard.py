#!/usr/bin/env python3
"""guard.py BUILD [ROUNDS] - what on-access protection costs.

Two small Debians of what is installed here are made, each on an ext4 of its
own (loop devices, images in memory).  candord runs in one of them, which is
its `/`, with everything watched: prevention, on open, exec and write.  Each
job runs in both, in turn: unprotected; cold (after a reload, which makes the
kernel forget what is clean); warm (again).  Between two runs candord is waited
for until it has nothing to do.  Prints the median of ROUNDS, and the ratio to
unprotected.  Last, the guard is killed while a program waits for it.

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
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/e2e'))
import smallroot  # noqa: E402

SOURCES = 100
OPENS = r'''
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
static double now(void) { struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
int main(void) { double then = 0; int i;
	for (i = 0; i < 220000; i++) { if (i == 20000) then = now();
		close(open("/etc/known", O_RDONLY)); }
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
SHELL = ('for i in $(seq 30); do ls -l /usr/bin | grep python | sort | wc -l; '
         'cat /etc/known | sed s/a/b/ | head -1; id; date; done >/dev/null')
JOBS = {
    'open+close of a known file, 200,000': ['/opt/opens'],
    'shell session, 300 programs': ['bash', '-c', SHELL],
    f'C build, {SOURCES} compiler runs': ['sh', '-c', BUILD_ALL],
    'git clone, this project': [
        'sh', '-c', 'rm -rf /tmp/c; git clone -q file:///repo /tmp/c'],
    'apt-get install': ['sh', '-c', smallroot.APT],
    'create 2,000 files, 2 KB each': [
        'sh', '-c', 'rm -rf /tmp/f; mkdir /tmp/f; /opt/creates'],
}


def add_program(root, name, source):
    (root / f'opt/{name}.c').write_text(source)
    subprocess.run(['gcc', '-O2', '-static', '-o', root / 'opt' / name,
                    root / f'opt/{name}.c'], check=True)


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


def busy(root):
    """Nanoseconds of processor they have had."""
    total = 0
    for pid in candors(root):
        try:
            with open(f'/proc/{pid}/schedstat') as f:
                total += int(f.read().split()[0])
        except OSError:
            pass
    return total


def wait_until_idle(root):
    before = busy(root)
    while True:
        time.sleep(0.15)
        now = busy(root)
        if abs(now - before) < 3_000_000:
            return
        before = now


def wait_for(root, text, count=1):
    end = time.monotonic() + 60
    while root.said().count(text) < count:
        if time.monotonic() > end:
            raise SystemExit(root.said())
        time.sleep(0.02)


def measure(name, command, plain, watched, process, rounds):
    times = ([], [], [])
    for _ in range(rounds):
        wait_until_idle(watched)
        times[0].append(run(plain, command))
        told = watched.said().count('reloaded')
        process.send_signal(signal.SIGHUP)
        wait_for(watched, 'reloaded', told + 1)
        wait_until_idle(watched)
        times[1].append(run(watched, command))
        wait_until_idle(watched)
        times[2].append(run(watched, command))
    p, c, w = map(statistics.median, times)
    print(f'{name:37}{p:8.3f}{c:8.3f}{w:8.3f}{c / p:8.2f}{w / p:8.2f}',
          flush=True)


def kill_the_guard(watched):
    """How long somebody who waits for it is held up by its death."""
    times = []
    for i in range(10):
        wait_for(watched, 'guard works', i + 1)
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
    try:
        known = smallroot.installed()
        debs = smallroot.packages_at_hand(smallroot.with_what_they_need(
            ['apt', 'gcc', 'libc6-dev', 'git'], known), 8)
        for _ in range(2):
            made.append(make_root(debs))
        plain, watched = made
        watched.add_candor(build, 'Test.Bench:0:*:' +
                           b'benchmark, never there'.hex() + '\n')
        process = watched.start_candord('[policy]\ninfected = block')
        wait_for(watched, 'guard works')
        wait_for(watched, 'broker works')
        print(f'{os.cpu_count()} processors, load '
              f'{os.getloadavg()[0]:.1f}; {len(debs)} packages')
        print(f'{"median of " + str(rounds) + ", seconds":37}{"plain":>8}'
              f'{"cold":>8}{"warm":>8}{"cold/p":>8}{"warm/p":>8}')
        for name, command in JOBS.items():
            if not re.search(names, name):
                continue
            if 'apt' in name and not debs:
                print(f'{name:37} no packages in apt\'s cache: skipped')
                continue
            measure(name, command, plain, watched, process, rounds)
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
