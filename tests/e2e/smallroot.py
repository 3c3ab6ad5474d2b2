"""A small Debian on a file system of its own, made of what is installed here,
to be the `/` of a test or a benchmark: watched as a whole, and thrown away.

Needs root, loop devices and dpkg.
"""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ADMIN = pathlib.Path('/var/lib/dpkg')
LEFT_OUT = re.compile(r'/usr/share/(doc|man|locale|info|lintian)/|/lto1$|'
                      r'/cc1plus$|/git-core/mergetools/')
PLACES = ('tmp proc sys dev run root home mnt srv var/tmp var/log var/cache '
          'var/cache/apt/archives/partial var/lib/apt/lists/partial '
          'var/lib/dpkg/updates var/lib/dpkg/triggers opt/candor').split()
DEVICES = (('null', 3), ('zero', 5), ('full', 7), ('random', 8),
           ('urandom', 9))
LATENCY = '/dev/cpu_dma_latency'  # what the guard keeps processors awake by
PROGRAMS = ('candord', 'candor', 'candor-broker', 'candor-worker',
            'candor-guard', 'candor-quarantine')
APT = ('apt-get install -qq -y --reinstall -o Dpkg::Use-Pty=0 '
       '/var/cache/apt/*.deb')
COPIED = ('/etc/passwd', '/etc/group', '/etc/nsswitch.conf',
          '/etc/ld.so.cache', '/etc/alternatives')


def can_keep_awake(pid):
    """Has that guard the device open?  What else it has comes and goes."""
    for fd in os.listdir(f'/proc/{pid}/fd'):
        with contextlib.suppress(OSError):
            if os.readlink(f'/proc/{pid}/fd/{fd}') == LATENCY:
                return True
    return False


def can_be_made():
    return os.geteuid() == 0 and ADMIN.is_dir() and \
        os.path.exists('/dev/loop-control') and \
        all(map(shutil.which, ('mkfs.ext4', 'pivot_root', 'apt-get')))


def installed():
    """name → paragraph of dpkg's status."""
    found = {}
    for paragraph in (ADMIN / 'status').read_text().split('\n\n'):
        name = re.search(r'^Package: (.+)$', paragraph, re.M)
        if name and ' installed\n' in paragraph:
            found[name[1]] = paragraph
    return found


def names_in(paragraph, field):
    found = re.search(rf'^{field}: (.+)$', paragraph, re.M)
    return [re.split(r'[ :(]', one.strip())[0] for one in
            re.split(r'[,|]', found[1] if found else '') if one.strip()]


def with_what_they_need(wanted, all_packages):
    """Those packages and the essential ones, and all they depend on."""
    provided = {}
    for name, paragraph in all_packages.items():
        for other in names_in(paragraph, 'Provides'):
            provided.setdefault(other, name)
    todo = [n for n, p in all_packages.items() if 'Essential: yes' in p]
    todo += ['mount', *wanted]
    chosen = set()
    while todo:
        name = todo.pop()
        name = name if name in all_packages else provided.get(name)
        if name is None or name in chosen:
            continue
        chosen.add(name)
        for field in 'Depends', 'Pre-Depends':
            todo += names_in(all_packages[name], field)
    return chosen


def info_of(packages):
    return [f for f in (ADMIN / 'info').iterdir()
            if f.name.rsplit('.', 1)[0].split(':')[0] in packages]


def files_of(packages):
    """Paths without a link on the way: /bin is /usr/bin."""
    found = {str(f) for f in info_of(packages)}
    found.update(COPIED)
    for alternative in (ADMIN / 'alternatives').iterdir():
        found.add(alternative.read_text().split('\n')[1])
    for listing in info_of(packages):
        if listing.suffix == '.list':
            found.update(listing.read_text().split('\n'))
    return sorted({os.path.join(os.path.realpath(os.path.dirname(p)),
                                os.path.basename(p))
                   for p in found if p.startswith('/') and p != '/.' and
                   not LEFT_OUT.search(p) and os.path.lexists(p)})


def packages_at_hand(packages, count):
    """Packages that apt fetched once, which need no others and run nothing."""
    found = []
    for deb in sorted(pathlib.Path('/var/cache/apt/archives').glob('*.deb')):
        if len(found) == count or not 50_000 < deb.stat().st_size < 2_000_000:
            continue
        control = subprocess.run(['dpkg-deb', '-f', deb], text=True,
                                 capture_output=True).stdout + '\n'
        scripts = subprocess.run(['dpkg-deb', '-I', deb], text=True,
                                 capture_output=True).stdout
        if set(names_in(control, 'Depends')) <= packages and \
                not names_in(control, 'Pre-Depends') and \
                'inst ' not in scripts and 'rm ' not in scripts:
            found.append(deb)
    return found


class SmallRoot:
    def __init__(self, wanted, megabytes=1500):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='root-',
                                                    dir='/dev/shm'))
        self.folder.chmod(0o755)
        self.root = self.folder / 'r'
        self.way = ['chroot', self.root]
        self.root.mkdir()
        image = self.folder / 'image'
        with open(image, 'wb') as f:
            f.truncate(megabytes << 20)
        try:
            subprocess.run(['mkfs.ext4', '-q', '-F', image], check=True)
            subprocess.run(['mount', '-o', 'loop', image, self.root],
                           check=True)
            self.fill(wanted)
        except BaseException:
            self.close()
            raise

    def fill(self, wanted):
        known = installed()
        self.packages = with_what_they_need(wanted, known)
        files = files_of(self.packages)
        for top in os.listdir('/'):
            if os.path.islink('/' + top):
                (self.root / top).symlink_to(os.readlink('/' + top))
        pack = subprocess.Popen(
            ['tar', '-C', '/', '--no-recursion', '--null', '-T', '-', '-c'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        unpack = subprocess.Popen(['tar', '-C', self.root, '-x'],
                                  stdin=pack.stdout)
        pack.stdout.close()
        pack.stdin.write('\0'.join(f[1:] for f in files).encode())
        pack.stdin.close()
        if unpack.wait() != 0:
            raise RuntimeError('tar')
        pack.wait()
        shutil.copytree('/etc/alternatives', self.root / 'etc/alternatives',
                        symlinks=True, dirs_exist_ok=True)
        for place in PLACES:
            (self.root / place).mkdir(parents=True, exist_ok=True)
        for place in 'tmp', 'var/tmp':
            (self.root / place).chmod(0o1777)
        for name, minor in DEVICES:
            if not (self.root / 'dev' / name).exists():
                os.mknod(self.root / 'dev' / name, 0o20666,
                         os.makedev(1, minor))
            (self.root / 'dev' / name).chmod(0o666)
        if os.path.exists(LATENCY):
            os.mknod(self.root / LATENCY[1:], 0o20600,
                     os.stat(LATENCY).st_rdev)
        admin = self.root / 'var/lib/dpkg'
        (admin / 'status').write_text('\n\n'.join(
            p for n, p in known.items() if n in self.packages) + '\n\n')
        for name in 'arch-native', 'arch':
            if (ADMIN / name).exists():
                shutil.copy(ADMIN / name, admin)
        subprocess.run(['mount', '-t', 'proc', 'proc', self.root / 'proc'],
                       check=True)

    def command(self, *words):
        return [*self.way, 'env', '-i', 'LC_ALL=C', 'HOME=/root',
                'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
                'DEBIAN_FRONTEND=noninteractive', *words]

    def run(self, *words, **options):
        return subprocess.run(self.command(*words), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              **options)

    def add_candor(self, build, signatures):
        """The programs, with the libraries they need, and a database."""
        self.add_database(build, signatures)
        for name in PROGRAMS:
            self.add_program(build / 'bin' / name, 'opt/candor')

    def add_program(self, program, folder):
        """A program, with the libraries it needs."""
        shutil.copy(program, self.root / folder)
        out = subprocess.run(['ldd', program], text=True,
                             capture_output=True).stdout
        for library in re.findall(r'(/\S+) \(0x', out):
            to = self.root / os.path.realpath(os.path.dirname(
                library))[1:] / os.path.basename(library)
            if not to.exists():
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(library, to)

    def add_database(self, build, signatures):
        text = self.folder / 'a.ndb'
        text.write_text(signatures)
        subprocess.run([build / 'bin/candor', 'db', 'build', '-o',
                        self.root / 'opt/candor/a.cand', text], check=True,
                       capture_output=True)

    def start_candord(self, more=''):
        """candord with this root as its `/`, and everything in it watched.
        Not chroot: what is chrooted may not make namespaces, as the cage of
        workers does."""
        candor = self.root / 'opt/candor'
        (candor / 'candor.conf').write_text(
            '[daemon]\nuser = nobody\nsocket = /run/s\ncontrol = /run/c\n'
            'events = /run/e\n[scan]\ndatabase = /opt/candor/a.cand\n'
            '[clamd]\nenabled = no\n[log]\njournal = no\n[quarantine]\n'
            'dir = /var/quarantine\n[guard]\nenabled = yes\n'
            + more + '\n')
        self.log = open(self.folder / 'log', 'w+')
        inside = ('cd "$0" && mount --rbind . . && cd "$0" && '
                  'pivot_root . mnt && umount -l /mnt && '
                  'exec /opt/candor/candord --foreground '
                  '--config /opt/candor/candor.conf')
        return subprocess.Popen(
            ['unshare', '-m', '--propagation', 'private', 'sh', '-c', inside,
             self.root], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, start_new_session=True)

    def enter(self, process):
        """From now on, run things in the mount namespace of that candord, as
        whoever works at such a machine does; chroot comes from outside."""
        self.way = ['nsenter', '-m', '-t', str(process.pid)]

    def said(self):
        return (self.folder / 'log').read_text()

    def close(self):
        for place in self.root / 'proc', self.root:
            subprocess.run(['umount', '-l', place], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
