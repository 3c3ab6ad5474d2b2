"""Mocks of a banned product: packages under the real names and paths, whose
programs are harmless (mock/), and what is left when they are gone.

A Package is made into a .deb or .rpm; dpkg and rpm themselves install it into
a root to be thrown away.  Where it is to run, its programs are copies of perl,
so that processes have the real names."""
# SPDX-License-Identifier: Apache-2.0
import dataclasses
import os
import pathlib
import shutil
import subprocess

PARTS = pathlib.Path(__file__).resolve().parent / 'mock'
VERSION, RELEASE = '12.1.0', '1508'
SETTINGS = ('1.ini', '2.ini', '6.ini', 'schedule.2.ini', 'app.ini')
HARMLESS = '#!/bin/sh\n# A mock.\nexit 0\n'


@dataclasses.dataclass
class Package:
    name: str
    files: dict                     # path → (text or a file to copy, mode)
    scripts: dict = dataclasses.field(default_factory=dict)
    conffiles: tuple = ()
    depends: str = ''
    provides: str = ''
    maker: str = 'AO Kaspersky Lab'
    links: dict = dataclasses.field(default_factory=dict)

    @property
    def deb_name(self):
        return f'{self.name}_{VERSION}-{RELEASE}_all.deb'


def part(file, **words):
    text = (PARTS / file).read_text()
    for word, value in words.items():
        text = text.replace(f'@{word.upper()}@', value)
    return text


def can_run():
    """Is there a perl to be the programs of what runs?"""
    return shutil.which('perl') is not None


def _service(name, program, arguments='', groups='', state=None):
    """A unit, an init script and the scripts of a package that has them."""
    words = dict(name=name, program=program, arguments=arguments,
                 groups=groups, state=state or name)
    files = {
        f'/lib/systemd/system/{name}.service': (part('unit', **words), 0o644),
        f'/etc/init.d/{name}': (part('init', **words), 0o755)}
    scripts = {s: part(s, **words) for s in ('postinst', 'prerm', 'postrm')}
    return files, scripts


def product(name='kesl', runs=False):
    """KESL, or KICS or KESS, which have the same tree by another name."""
    base = f'/opt/kaspersky/{name}'
    program = f'{base}/libexec/{name}'
    files, scripts = _service(name, program, f'{base}/lib/service.pl {name}',
                              f'{name}admin')
    perl = pathlib.Path(shutil.which('perl')) if runs else None
    files |= {
        program: (perl or HARMLESS, 0o755),
        f'{base}/lib/service.pl': (part('service.pl'), 0o644),
        f'{base}/bin/{name}-control': (part('control', name=name), 0o755),
        f'{base}/bin/{name}-setup.pl': (HARMLESS, 0o755),
        f'{base}/perl/lib/mock.pm': ('1;\n', 0o644)}
    files |= {f'{base}/share/settings/{s}': (part(s), 0o644)
              for s in SETTINGS}
    return Package(name, files, scripts, (f'/etc/init.d/{name}',),
                   links={f'/usr/bin/{name}-control':
                          f'{base}/bin/{name}-control'})


def gui(name='kesl'):
    return Package(f'{name}-gui', {
        f'/opt/kaspersky/{name}/libexec/{name}-gui': (HARMLESS, 0o755),
        f'/usr/share/applications/{name}-gui.desktop':
            ('[Desktop Entry]\nName=A mock\n', 0o644)}, depends=name)


def agent(runs=False):
    base = '/opt/kaspersky/klnagent64'
    program = f'{base}/sbin/klnagent'
    files, scripts = _service('klnagent64', program, f'{base}/lib/agent.pl',
                              state='klnagent')
    perl = pathlib.Path(shutil.which('perl')) if runs else None
    files |= {
        program: (perl or HARMLESS, 0o755),
        f'{base}/lib/agent.pl': (part('agent.pl'), 0o644),
        f'{base}/bin/klnagchk': (HARMLESS, 0o755),
        f'{base}/sbin/klscflag': (HARMLESS, 0o755),
        f'{base}/lib/bin/setup/postinstall.pl': (HARMLESS, 0o755),
        '/etc/opt/kaspersky/klnagent/klnagent.conf': ('server=none\n', 0o644)}
    return Package('klnagent64', files, scripts,
                   ('/etc/init.d/klnagent64',
                    '/etc/opt/kaspersky/klnagent/klnagent.conf'))


# --- packages -----------------------------------------------------------------

def _lay(package, tree):
    for path, (what, mode) in package.files.items():
        at = tree / path[1:]
        at.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, pathlib.Path):
            shutil.copyfile(what, at)
        else:
            at.write_text(what)
        at.chmod(mode)
    for path, target in package.links.items():
        at = tree / path[1:]
        at.parent.mkdir(parents=True, exist_ok=True)
        at.symlink_to(target)


def deb(package, folder):
    tree = folder / f'{package.name}.deb.d'
    _lay(package, tree)
    (tree / 'DEBIAN').mkdir(parents=True)
    depends = f'Depends: {package.depends}\n' if package.depends else ''
    (tree / 'DEBIAN/control').write_text(
        f'Package: {package.name}\nVersion: {VERSION}-{RELEASE}\n'
        f'Architecture: all\nMaintainer: {package.maker}\n{depends}'
        'Description: a mock, harmless\n')
    (tree / 'DEBIAN/conffiles').write_text(
        ''.join(f'{c}\n' for c in package.conffiles))
    for name, text in package.scripts.items():
        (tree / 'DEBIAN' / name).write_text(text)
        (tree / 'DEBIAN' / name).chmod(0o755)
    out = folder / package.deb_name
    subprocess.run(['dpkg-deb', '-Znone', '--root-owner-group', '-b', tree,
                    out], check=True, capture_output=True)
    return out


def dpkg(root, *arguments):
    """dpkg on a root in which nothing need be able to run."""
    for path in 'info', 'updates', 'triggers':
        (root / 'var/lib/dpkg' / path).mkdir(parents=True, exist_ok=True)
    (root / 'var/lib/dpkg/status').touch()
    (root / 'etc').mkdir(exist_ok=True)
    (root / 'etc/group').touch()
    subprocess.run(
        ['dpkg', f'--root={root}', '--force-script-chrootless',
         '--force-depends', '--force-not-root', '--force-bad-path',
         *arguments], check=True, capture_output=True)


RPM_SCRIPTS = {'postinst': 'post', 'prerm': 'preun', 'postrm': 'postun'}


def rpm(package, folder, scripts=False):
    """With its scripts only where they can be run."""
    top = folder / f'{package.name}.rpm.d'
    tree = top / 'tree'
    _lay(package, tree)
    listed = ''.join(f'%config(noreplace) {p}\n' if p in package.conffiles
                     else f'{p}\n' for p in [*package.files, *package.links])
    more = ''.join(f'%{RPM_SCRIPTS[name]}\n{text}\n'
                   for name, text in package.scripts.items() if scripts)
    needs = ''.join(f'{tag}: {what}\n' for tag, what in
                    (('Requires', package.depends),
                     ('Provides', package.provides)) if what and scripts)
    spec = top / f'{package.name}.spec'
    spec.write_text(
        '%global debug_package %{nil}\n%global __os_install_post %{nil}\n'
        '%global _build_id_links none\n'
        f'Name: {package.name}\nVersion: {VERSION}\nRelease: {RELEASE}\n'
        f'Summary: a mock, harmless\nLicense: none\nVendor: {package.maker}\n'
        f'AutoReqProv: no\n{needs}%description\nA mock.\n{more}'
        f'%install\nmkdir -p %{{buildroot}}\ncp -a "{tree}/." '
        f'%{{buildroot}}/\n%files\n{listed}')
    subprocess.run(['rpmbuild', '-bb', '--define', f'_topdir {top}',
                    '--define', '_binary_payload w0.gzdio', spec], check=True,
                   capture_output=True)
    [out] = (top / 'RPMS').rglob('*.rpm')
    return pathlib.Path(shutil.copy(out, folder))


def run_rpm(root, *arguments):
    (root / 'var/lib/rpm').mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        ['rpm', '--root', root, '--dbpath', '/var/lib/rpm', *arguments],
        check=True, capture_output=True, text=True).stdout


# --- other things -------------------------------------------------------------

def plant(root, *paths):
    """Files with harmless content; a path that ends in / is a folder."""
    for path in paths:
        at = root / path.lstrip('/')
        (at if path.endswith('/') else at.parent).mkdir(parents=True,
                                                        exist_ok=True)
        if not path.endswith('/'):
            at.write_text('harmless\n')
    return root


# Mounts, sockets and processes of its own.
NAMESPACE = ('unshare', '-m', '-n', '-p', '-f', '--mount-proc',
             '--kill-child')


def can_have_a_namespace():
    return subprocess.run([*NAMESPACE, 'true'],
                          capture_output=True).returncode == 0


def in_namespace(mounts, *command):
    """A command for which folders stand somewhere else; nobody else sees it.
    mounts is {where: folder}; above where there is nothing else then, nor in
    /run."""
    lines = ['mount -t tmpfs mock /run']
    for where, folder in mounts.items():
        lines += [f'mount -t tmpfs mock {os.path.dirname(where)}',
                  f'mkdir {where}', f'mount --bind "{folder}" {where}']
    script = ' && '.join([*lines, 'exec "$@"'])
    return [*NAMESPACE, 'sh', '-c', script, 'sh', *map(str, command)]
