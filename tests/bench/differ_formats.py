#!/usr/bin/env python3
"""Archives and executables with a marker inside, changed: who still finds it?

usage: differ_formats.py BUILD [--seed N] [--variants N] [--only WORD] [--keep DIR]

Makes files with the tools that are installed, each holding a text that one
signature describes, then changes them: bits turned, ends cut off, bytes put in
front or behind, ranges zeroed.  What clamscan finds, candor must find or call
unscanned; what was cut off must not be clean.  Exit 0 if all of that holds.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import bz2
import collections
import gzip
import io
import json
import lzma
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

MARKER = b'Candor   DIFFER: harmless\tmarker'
SIGNATURE = 'Marker:7:*:' + b'candor differ: harmless marker'.hex()
FOUND = re.compile(rb'^(.*): .* FOUND$', re.M)


def words(r, size):
    """Text that compresses a little."""
    out = b''
    while len(out) < size:
        out += r.choice([b'lorem', b'ipsum', b'dolor', b'sit', b'amet']) + \
            r.choice([b' ', b'\n', b', ', b'%d ' % r.randrange(1000)])
    return out[:size]


def contents(r):
    """Two files: one without the marker, one with."""
    return {'first.txt': words(r, 900),
            'second.txt': words(r, 700) + MARKER + words(r, 1500)}


def tool(*command, out=None, stdin=None, names=('first.txt', 'second.txt')):
    """A maker: the command in a folder that holds the files."""
    def make(files):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in files.items():
                Path(folder, name).write_bytes(data)
            run = subprocess.run([*command, *names], cwd=folder, input=stdin,
                                 capture_output=True)
            if out is None:
                return run.stdout
            return Path(folder, out).read_bytes()
    make.needs = command[0]
    return make


def one(pack):
    """A maker for what holds a single file."""
    return lambda files: pack(files['second.txt'])


def zip_with(method, **more):
    def make(files):
        out = io.BytesIO()
        with zipfile.ZipFile(out, 'w', method, **more) as z:
            for name, data in files.items():
                z.writestr(name, data)
            z.comment = b'a comment'
        return out.getvalue()
    return make


class Pipe(io.RawIOBase):
    """Cannot seek: zipfile then writes data descriptors."""

    def __init__(self):
        super().__init__()
        self.data = b''

    def writable(self):
        return True

    def write(self, b):
        self.data += bytes(b)
        return len(b)


def zip_streamed(files):
    out = Pipe()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, data in files.items():
            with z.open(name, 'w', force_zip64=True) as member:
                member.write(data)
    return out.data


def tar_with(form):
    def make(files):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w', format=form) as t:
            for name, data in files.items():
                info = tarfile.TarInfo('long/' * 30 + name)
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
        return out.getvalue()
    return make


def raw_lzma(data):
    return lzma.compress(data, lzma.FORMAT_ALONE)


def multi(pack):
    """One member of the packer after the other."""
    return lambda files: pack(files['first.txt']) + pack(files['second.txt'])


def cpio(form):
    return tool('cpio', '-o', '-H', form, stdin=b'first.txt\nsecond.txt\n', names=())


def seven(*switches, out='x.7z'):
    return tool('7z', 'a', *switches, out, out=out)


def iso(*switches):
    return tool('genisoimage', '-quiet', *switches, '-o', 'x.iso', out='x.iso')


def rpm(files):
    spec = ('Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\n'
            'BuildArch: noarch\n%description\nx\n%install\nmkdir -p %{buildroot}/x\n'
            'cp %{_sourcedir}/*.txt %{buildroot}/x\n%files\n/x\n')
    with tempfile.TemporaryDirectory() as folder:
        for name, data in {**files, 'x.spec': spec.encode()}.items():
            Path(folder, name).write_bytes(data)
        subprocess.run(['rpmbuild', '-bb', '--quiet', '-D', f'_topdir {folder}/top',
                        '-D', f'_sourcedir {folder}', f'{folder}/x.spec'],
                       capture_output=True)
        return next(Path(folder, 'top/RPMS/noarch').glob('*.rpm')).read_bytes()


def deb(files):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f'{folder}/d/DEBIAN')
        Path(f'{folder}/d/DEBIAN/control').write_text(
            'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@y>\n'
            'Description: x\n')
        for name, data in files.items():
            Path(folder, 'd', name).write_bytes(data)
        subprocess.run(['dpkg-deb', '-b', f'{folder}/d', f'{folder}/x.deb'],
                       capture_output=True)
        return Path(folder, 'x.deb').read_bytes()


rpm.needs, deb.needs = 'rpmbuild', 'dpkg-deb'


def behind(head):
    """The archive behind a program or a picture."""
    return lambda files: head + zip_with(zipfile.ZIP_DEFLATED)(files)


MAKERS = {
    'zip-stored': zip_with(zipfile.ZIP_STORED),
    'zip-deflate': zip_with(zipfile.ZIP_DEFLATED),
    'zip-bzip2': zip_with(zipfile.ZIP_BZIP2),
    'zip-lzma': zip_with(zipfile.ZIP_LZMA),
    'zip-streamed': zip_streamed,
    'zip-deflate64': seven('-tzip', '-mm=Deflate64', out='x.zip'),
    'zip-ppmd': seven('-tzip', '-mm=PPMd', out='x.zip'),
    'zip-sfx': behind(b'MZ' + bytes(200)),
    'zip-script': behind(b'#!/bin/sh\nexit 0\n'),
    'zip-info': tool('zip', '-q', '-X', 'x.zip', out='x.zip'),
    'zip-split-mark': lambda f: b'PK\7\x08' + zip_with(zipfile.ZIP_DEFLATED)(f),
    'gzip': one(gzip.compress), 'gzip-multi': multi(gzip.compress),
    'bzip2': one(bz2.compress), 'bzip2-multi': multi(bz2.compress),
    'xz': one(lzma.compress), 'xz-multi': multi(lzma.compress),
    'lzma': one(raw_lzma), 'zlib-in-tar': lambda f: tar_with(tarfile.USTAR_FORMAT)(
        {'x.gz': gzip.compress(f['second.txt'])}),
    'zstd': tool('zstd', '-q', '-c', names=('second.txt',)),
    'lz4': tool('lz4', '-q', '-c', names=('second.txt',)),
    'lzip': tool('lzip', '-c', names=('second.txt',)),
    'tar-ustar': tar_with(tarfile.USTAR_FORMAT), 'tar-gnu': tar_with(tarfile.GNU_FORMAT),
    'tar-pax': tar_with(tarfile.PAX_FORMAT),
    'tar-v7': tool('tar', '--format=v7', '-cf', '-'),
    'tar.gz': lambda f: gzip.compress(tar_with(tarfile.GNU_FORMAT)(f)),
    'cpio-newc': cpio('newc'), 'cpio-crc': cpio('crc'), 'cpio-odc': cpio('odc'),
    'cpio-bin': cpio('bin'),
    'ar': tool('ar', 'rc', 'x.a', out='x.a'), 'deb': deb, 'rpm': rpm,
    '7z-lzma': seven('-m0=lzma'), '7z-lzma2-solid': seven('-m0=lzma2', '-ms=on'),
    '7z-bzip2': seven('-m0=bzip2'), '7z-ppmd': seven('-m0=ppmd'),
    '7z-deflate': seven('-m0=deflate'), '7z-copy': seven('-m0=copy'),
    '7z-head': seven('-mhc=off'),
    'cab': tool('gcab', '-c', 'x.cab', out='x.cab'),
    'cab-zip': tool('gcab', '-z', '-c', 'x.cab', out='x.cab'),
    'arj': tool('arj', 'a', '-y', 'x.arj', out='x.arj'),
    'xar': tool('bsdtar', '--format=xar', '-cf', '-'),
    'iso': iso(), 'iso-joliet': iso('-J'), 'iso-rock': iso('-R'), 'iso-both': iso('-J', '-R'),
    'bsd-7z': tool('bsdtar', '--format=7zip', '-cf', '-'),
}


def bases(r, only):
    for name, make in MAKERS.items():
        needs = getattr(make, 'needs', None)
        if only not in name:
            continue
        if needs and subprocess.run(['which', needs], capture_output=True).returncode:
            print(f'{name}: {needs} is not installed')
            continue
        try:
            data = make(contents(r))
        except (OSError, StopIteration) as e:
            print(f'{name}: {e}')
            continue
        yield name, data


def place(r, size):
    """Somewhere; more often in what are headers."""
    return r.choice([r.randrange(size), r.randrange(min(size, 120)),
                     size - 1 - r.randrange(min(size, 120))])


def turned(r, data):
    b = bytearray(data)
    for _ in range(r.choice([1, 1, 2, 4])):
        b[place(r, len(b))] ^= r.choice([1 << r.randrange(8), r.randrange(1, 256)])
    return bytes(b)


def zeroed(r, data):
    at = place(r, len(data))
    size = r.choice([1, 2, 4, 8, 64])
    return data[:at] + bytes(size) + data[at + size:]


def variants(r, data, count):
    """(what was done, the bytes), the file as it is first."""
    yield 'as it is', data
    for _ in range(count):
        kind = r.choice(['turned', 'turned', 'cut', 'front', 'behind', 'zeroed', 'lost'])
        at = place(r, len(data))
        if kind == 'turned':
            new = turned(r, data)
        elif kind == 'cut':
            at = r.choice([at, r.randrange(len(data))])
            new = data[:at]
        elif kind == 'front':
            new = words(r, r.choice([1, 7, 100, 5000])) + data
        elif kind == 'behind':
            new = data + r.choice([bytes(100), words(r, 3000), b'\0', r.randbytes(50)])
        elif kind == 'zeroed':
            new = zeroed(r, data)
        else:
            new = data[:at] + data[at + r.choice([1, 2, 10]):]
        if len(new) > 5:
            yield kind, new


def verdicts(build, folder, signatures):
    """{file: found by clamscan}, {file: candor's verdict}."""
    run = subprocess.run(['clamscan', '-r', '--no-summary', '-d', signatures, folder],
                         capture_output=True)
    theirs = {int(os.path.basename(f)) for f in FOUND.findall(run.stdout)}
    run = subprocess.run([os.path.join(build, 'bin/candor'), 'scan', '--no-cache',
                          '--format', 'json', '-d', signatures, folder],
                         capture_output=True, text=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return theirs, {int(os.path.basename(f['path'])): f['verdict'] for f in lines
                    if f['type'] == 'file'}


def judge(kind, is_theirs, verdict):
    """What is wrong, or None."""
    if verdict in ('infected', 'unscanned') and (kind != 'as it is' or
                                                 verdict == 'infected'):
        return None
    if is_theirs:
        return 'clamscan finds it'
    if kind == 'as it is':
        return 'not found'
    return f'clean though {kind}' if kind in ('cut', 'front', 'behind') else 'may be right'


def main():
    a = argparse.ArgumentParser()
    a.add_argument('build')
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--variants', type=int, default=60)
    a.add_argument('--only', default='')
    a.add_argument('--keep')
    o = a.parse_args()
    r = random.Random(o.seed)
    count, wrong = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as work:
        os.environ['XDG_CACHE_HOME'] = work
        signatures = os.path.join(work, 's.ndb')
        Path(signatures).write_text(SIGNATURE + '\n')
        folder = Path(work, 'files')
        folder.mkdir()
        files = []
        for name, base in bases(r, o.only):
            for kind, data in variants(r, base, o.variants):
                Path(folder, str(len(files))).write_bytes(data)
                files.append((name, kind, len(data), len(base)))
        theirs, ours = verdicts(o.build, str(folder), signatures)
        for i, (name, kind, size, was) in enumerate(files):
            verdict = ours.get(i, 'nothing')
            what = judge(kind, i in theirs, verdict)
            count[f'candor {verdict}, clamscan {"finds" if i in theirs else "-"}'] += 1
            if what is None:
                continue
            if what == 'may be right':
                count[f'{name}: {kind}, clean'] += 1
            else:
                wrong += 1
                print(f'{name}, {kind}, {size} of {was} bytes: {verdict}; {what}')
            if o.keep:
                os.makedirs(o.keep, exist_ok=True)
                Path(o.keep, f'{what}-{name}-{kind}-{i}'.replace(' ', '_')).write_bytes(
                    Path(folder, str(i)).read_bytes())
    for what, n in sorted(count.items()):
        print(f'{n:6} {what}')
    return wrong > 0


if __name__ == '__main__':
    sys.exit(main())
