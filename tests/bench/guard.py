#!/usr/bin/env python3
"""guard.py BUILD [ROUNDS] - what on-access protection costs.

Two copies of a small system (a compiler, its headers, a shell, git, dpkg-deb)
are made on two tmpfs; candord watches one of them, with prevention, on open,
exec and write.  Each job runs in a chroot of each, in turn: unprotected; cold
(after a reload, which makes the kernel forget what is clean); warm (again).
Prints the median of ROUNDS, and the ratio to unprotected.  Needs root.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ('sh bash cat ls true env grep sed head wc gcc as ld git tar xz '
            'dpkg-deb python3 sort rm mkdir touch date id').split()
OPENS = ('import os,time\n'
         'for i in range(2000): os.close(os.open("/etc/known", 0))\n'
         't=time.perf_counter()\n'
         'for i in range(20000): os.close(os.open("/etc/known", 0))\n'
         'print(time.perf_counter()-t)\n')
JOBS = {
    'open+close of a known file, 20000 times': ['python3', '-S', '-c', OPENS],
    'shell session': ['bash', '-c', 'for i in $(seq -s " " 30 2>/dev/null || '
                      'echo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20'
                      '); do ls -l /usr/bin | grep python | sort | wc -l; '
                      'cat /etc/known | sed s/a/b/ | head -1; id; date; done '
                      '>/dev/null'],
    'C build, 40 compiler runs': [
        'sh', '-c', 'rm -rf /tmp/b; mkdir /tmp/b; cd /tmp/b; for f in /src/*.c;'
        ' do gcc -O1 -c $f -o $(echo $f | sed "s,.*/,,;s,c$,o,"); done; '
        'gcc -shared -o all.so *.o'],
    'git clone': ['sh', '-c', 'rm -rf /tmp/c; git clone -q --no-hardlinks '
                  '/repo /tmp/c'],
    'dpkg-deb -x, 3 packages': [
        'sh', '-c', 'rm -rf /tmp/d; mkdir /tmp/d; for p in /deb/*.deb; do '
        'dpkg-deb -x $p /tmp/d; done'],
}


def copy(path, root):
    """A file with what it is linked to, and the links on the way."""
    to = root / str(path).lstrip('/')
    if to.exists():
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, to)
    out = subprocess.run(['ldd', path], capture_output=True, text=True).stdout
    for lib in re.findall(r'(/\S+) \(0x', out):
        copy(lib, root)


def make_system(root, debs):
    for name in PROGRAMS:
        found = shutil.which(name, path='/usr/bin:/bin:/usr/sbin:/sbin')
        if found:
            copy(found, root)
    for folder in ('/usr/lib/gcc', '/usr/include', '/usr/lib/git-core',
                   '/usr/lib/python3.11/encodings'):
        if os.path.isdir(folder):
            shutil.copytree(folder, root / folder.lstrip('/'), symlinks=True,
                            dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns('lto*', 'cc1plus',
                                                          'python*'))
    for f in pathlib.Path('/usr/lib/python3.11').glob('*.py'):
        copy(f, root)
    for tool in ('cc1', 'collect2'):
        for f in root.glob('usr/lib/gcc/*/*/' + tool):
            for lib in re.findall(r'(/\S+) \(0x', subprocess.run(
                    ['ldd', f], capture_output=True, text=True).stdout):
                copy(lib, root)
    for f in pathlib.Path('/usr/lib/x86_64-linux-gnu').glob('*crt*.o'):
        copy(f, root)
    for f in ('libc.so', 'libc_nonshared.a', 'libc.so.6', 'libgcc_s.so.1',
              'ld-linux-x86-64.so.2'):
        copy('/usr/lib/x86_64-linux-gnu/' + f, root)
    for name in ('tmp', 'etc', 'src', 'deb', 'dev', 'proc'):
        (root / name).mkdir(exist_ok=True)
    (root / 'etc/known').write_text('a known clean file\n' * 100)
    (root / 'etc/passwd').write_text('root:x:0:0::/:/bin/sh\n')
    for name, minor in (('null', 3), ('urandom', 9), ('random', 8)):
        os.mknod(root / 'dev' / name, 0o20666, os.makedev(1, minor))
        (root / 'dev' / name).chmod(0o666)
    for i in range(40):
        (root / f'src/f{i}.c').write_text(
            '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n'
            f'int f{i}(int a) {{ return printf("%d", a + {i}); }}\n')
    subprocess.run(['git', 'clone', '-q', '--bare', '--no-hardlinks',
                    '--depth', '1', f'file://{ROOT}', root / 'repo'],
                   check=True)
    for d in debs:
        shutil.copy(d, root / 'deb')
    if not (root / 'bin').exists():
        (root / 'bin').symlink_to('usr/bin')
    if not (root / 'lib64').exists():
        (root / 'lib64').symlink_to('lib/x86_64-linux-gnu')


def run(root, command):
    before = time.perf_counter()
    done = subprocess.run(
        ['chroot', root, 'env', '-i', 'PATH=/usr/bin:/bin', 'HOME=/tmp',
         'PYTHONHOME=/usr', 'GIT_CONFIG_COUNT=1', 'GIT_CONFIG_KEY_0='
         'safe.directory', 'GIT_CONFIG_VALUE_0=*', *command],
        capture_output=True, text=True)
    took = time.perf_counter() - before
    if done.returncode != 0:
        raise SystemExit(f'{command}: {done.stderr[-500:]}')
    return float(done.stdout) if command[0] == 'python3' else took


def start(build, place, watched):
    conf = place / 'candor.conf'
    conf.write_text(f'[daemon]\nuser = nobody\nsocket = {place}/s\ncontrol = '
                    f'{place}/c\nevents = {place}/e\n[clamd]\nenabled = no\n'
                    f'[quarantine]\nenabled = no\n[scan]\ndatabase = '
                    f'{place}/a.cand\n[guard]\nenabled = yes\nmounts = '
                    f'{watched}\n')
    (place / 'a.ndb').write_text('Test.Bench:0:*:' + b'benchmark, never there'
                                 .hex() + '\n')
    subprocess.run([build / 'bin/candor', 'db', 'build', '-o',
                    place / 'a.cand', place / 'a.ndb'], check=True,
                   capture_output=True)
    log = open(place / 'log', 'w+')
    process = subprocess.Popen([build / 'bin/candord', '--foreground',
                                '--config', conf], stderr=log, stdout=log)
    wait_for(place, 'guard works', 1)
    wait_for(place, 'broker works', 1)
    return process


def wait_for(place, text, count):
    end = time.monotonic() + 60
    while (place / 'log').read_text().count(text) < count:
        if time.monotonic() > end:
            raise SystemExit((place / 'log').read_text())
        time.sleep(0.02)


def main():
    build, rounds = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or ['10'])[0])
    place = pathlib.Path(tempfile.mkdtemp(prefix='guard-bench-'))
    place.chmod(0o755)
    debs = sorted(pathlib.Path('/var/cache/apt/archives').glob('*.deb'))[:3]
    roots = [place / 'plain', place / 'watched']
    process = None
    try:
        for r in roots:
            r.mkdir()
            subprocess.run(['mount', '-t', 'tmpfs', 'candor-bench', r],
                           check=True)
            subprocess.run(['mount', '-o', 'remount,dev', r])
            make_system(r, debs)
        process = start(build, place, roots[1])
        print(f'{"median of " + str(rounds):42}{"plain":>9}{"cold":>9}'
              f'{"warm":>9}{"cold/p":>8}{"warm/p":>8}')
        for name, command in JOBS.items():
            if 'dpkg' in name and not debs:
                print(f'{name:42} no packages in apt\'s cache: skipped')
                continue
            times = ([], [], [])
            for _ in range(rounds):
                times[0].append(run(roots[0], command))
                log = (place / 'log').read_text()
                process.send_signal(1)
                wait_for(place, 'reloaded', log.count('reloaded') + 1)
                time.sleep(0.2)
                times[1].append(run(roots[1], command))
                times[2].append(run(roots[1], command))
            p, c, w = map(statistics.median, times)
            print(f'{name:42}{p:9.3f}{c:9.3f}{w:9.3f}{c / p:8.2f}{w / p:8.2f}',
                  flush=True)
        overruns = (place / 'log').read_text().count('overrun')
        print(f'overruns: {overruns}')
    finally:
        if process is not None:
            process.terminate()
            process.wait()
        for r in roots:
            subprocess.run(['umount', '-l', r], capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


main()
