"""A machine of its own to switch over: what is installed here, below an
overlay in memory, with processes, sockets and mounts of its own; nothing of it
stays.  Candor's guard must not run there: the file systems it would watch are
this machine's (test_switch_prober.py has one that has its own).

Needs root, namespaces, overlayfs and dpkg.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

SETUP = '''set -e
mount --make-rprivate /
mount -t tmpfs -o size=2g m "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" \
    m "$1/root"
mount -t proc proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount --rbind /sys "$1/root/sys"
mount -t tmpfs m "$1/root/run"
mount -t tmpfs m "$1/root/tmp"
mkdir -p "$1/root/srv/build"
mount --bind "$2" "$1/root/srv/build"
rm -rf "$1/root/var/lib/candor" "$1/root/etc/candor"
: > "$1/root/run/ready"
exec chroot "$1/root" /usr/bin/perl -e '$SIG{CHLD} = "IGNORE"; sleep while 1'
'''
ENVIRONMENT = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C',
               'HOME': '/root'}


def can_be_made():
    """Why it cannot, or None."""
    if os.geteuid() != 0:
        return 'needs root'
    for tool in 'unshare', 'nsenter', 'dpkg', 'dpkg-deb', 'perl':
        if not shutil.which(tool):
            return f'needs {tool}'
    with tempfile.TemporaryDirectory(dir='/dev/shm') as folder:
        tried = subprocess.run(
            ['unshare', '-m', 'sh', '-c',
             f'mount --make-rprivate / && mount -t tmpfs m {folder} && '
             f'mkdir {folder}/u {folder}/w {folder}/r && mount -t overlay -o '
             f'lowerdir=/,upperdir={folder}/u,workdir={folder}/w m '
             f'{folder}/r'], capture_output=True, text=True)
    return None if tried.returncode == 0 else \
        f'an overlay of / cannot be mounted: {tried.stderr.strip()}'


class Machine:
    """run() is for what is done inside; path() is where it lies outside."""

    def __init__(self, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='machine-',
                                                    dir='/dev/shm'))
        self.holder = subprocess.Popen(
            ['unshare', '-m', '-p', '-n', '-f', '--kill-child', 'sh', '-c', SETUP,
             'sh', self.folder, build], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.inner = int(pathlib.Path(
                    f'/proc/{self.holder.pid}/task/{self.holder.pid}/children'
                ).read_text())
                if self.path('/run/ready').exists():
                    break
            except (ValueError, OSError):
                pass
            if self.holder.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError('the machine did not start')
            time.sleep(0.02)

    def path(self, path):
        return pathlib.Path(f'/proc/{self.inner}/root{path}')

    def enter(self, *command):
        return ['nsenter', '-t', str(self.inner), '-m', '-p', '-n', '-r', '-w',
                *map(str, command)]

    def start(self, *command, **more):
        return subprocess.Popen(self.enter(*command), env=ENVIRONMENT,
                                **more)

    def run(self, *command, timeout=120, **more):
        return subprocess.run(self.enter(*command), env=ENVIRONMENT,
                              stdin=subprocess.DEVNULL, timeout=timeout,
                              capture_output=True, text=True, **more)

    def candor(self, *arguments, **more):
        return self.run('/srv/build/bin/candor', *arguments, **more)

    def close(self):
        if self.holder.poll() is None:
            self.holder.send_signal(signal.SIGKILL)
        self.holder.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
