"""Quarantine: nothing infected stays, nothing is ever lost."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import time

import pytest

from conftest import CANDOR, MARKER, run, run_as_nobody

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason='needs root')


@pytest.fixture
def place(tmp_path):
    (tmp_path / 'in').mkdir()
    return tmp_path


def infect(path, extra=b''):
    path.write_bytes(b'#!/bin/sh\n' + MARKER + extra)
    return path


def scan(signatures, place, *more, **options):
    return run('scan', '-d', signatures, '--no-cache', '--quarantine',
               '--vault', place / 'vault', *more, place / 'in', **options)


def vault(place, verb, *more):
    return run('quarantine', verb, '--vault', place / 'vault', *more)


def held(place):
    return vault(place, 'list', '--json').objects


def test_there_and_back(place, signatures):
    file = infect(place / 'in/bad.sh')
    clean = place / 'in/good.sh'
    clean.write_text('#!/bin/sh\n')
    file.chmod(0o2750)
    os.setxattr(file, 'user.note', b'\0\xff=')
    os.utime(file, ns=(1_000_000_007, 2_000_000_009))
    before, content = file.stat(), file.read_bytes()
    done = scan(signatures, place)
    assert done.code == 1, done.err
    assert b'moved' in done.out and b'to quarantine as' in done.out
    assert not file.exists() and clean.exists()
    (one,) = held(place)
    assert one['path'] == str(file) and one['signatures'] == ['Test.Marker']
    assert one['sha256'] == hashlib.sha256(content).hexdigest()
    sealed = place / 'vault' / (one['id'] + '.age')
    assert MARKER not in sealed.read_bytes()
    assert stat.S_IMODE((place / 'vault').stat().st_mode) == 0o700
    assert vault(place, 'show', one['id'][:6]).code == 0
    assert vault(place, 'restore', one['id'][:6]).code == 0
    after = file.stat()
    assert file.read_bytes() == content
    for field in 'st_mode st_uid st_gid st_mtime_ns'.split():
        assert getattr(after, field) == getattr(before, field), field
    assert os.getxattr(file, 'user.note') == b'\0\xff='
    assert held(place) == [] and not sealed.exists()


def test_access_list(place, signatures):
    """POSIX access lists are extended attributes: user 1234 may read."""
    file = infect(place / 'in/bad')
    acl = bytes.fromhex('02000000' '01000600ffffffff' '02000400d2040000'
                        '04000400ffffffff' '10000400ffffffff'
                        '20000000ffffffff')
    try:
        os.setxattr(file, 'system.posix_acl_access', acl)
    except OSError:
        pytest.skip('no access lists on this file system')
    scan(signatures, place)
    assert vault(place, 'restore', held(place)[0]['id']).code == 0
    assert os.getxattr(file, 'system.posix_acl_access') == acl


def test_access_list_of_the_folder(place, signatures):
    """What others may with new files there, they may not with this one."""
    file = infect(place / 'in/bad')
    file.chmod(0o640)
    acl = bytes.fromhex('02000000' '01000700ffffffff' '02000700d2040000'
                        '04000500ffffffff' '10000700ffffffff'
                        '20000500ffffffff')
    try:
        os.setxattr(place / 'in', 'system.posix_acl_default', acl)
    except OSError:
        pytest.skip('no access lists on this file system')
    scan(signatures, place)
    assert vault(place, 'restore', held(place)[0]['id']).code == 0
    assert 'system.posix_acl_access' not in os.listxattr(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@ROOT_ONLY
def test_immutable(place, signatures):
    """chattr +i keeps malware in place against rm, not against this."""
    file = infect(place / 'in/bad')
    if subprocess.run(['chattr', '+i', file], capture_output=True).returncode:
        pytest.skip('no inode flags on this file system')
    try:
        scan(signatures, place)
        assert not file.exists()
        assert vault(place, 'restore', held(place)[0]['id']).code == 0
        shown = subprocess.run(['lsattr', file], capture_output=True, text=True)
        assert 'i' in shown.stdout.split()[0]
    finally:
        subprocess.run(['chattr', '-i', file], capture_output=True)


@ROOT_ONLY
def test_owner_comes_back(place, signatures):
    file = infect(place / 'in/bad')
    os.chown(file, 1234, 4321)
    file.chmod(0o6755)
    scan(signatures, place)
    assert vault(place, 'restore', held(place)[0]['id']).code == 0
    after = file.stat()
    assert (after.st_uid, after.st_gid) == (1234, 4321)
    assert stat.S_IMODE(after.st_mode) == 0o6755


def test_ordinary_user(signatures, tmp_path_factory):
    """Their own quarantine; what they may not remove is told and stays."""
    home = tmp_path_factory.mktemp('home')
    home.chmod(0o777)
    for parent in home.parents:
        if parent.owner() == 'root' and stat.S_IMODE(parent.stat().st_mode) == 0o700:
            parent.chmod(0o711)  # pytest's own
    mine, roots = home / 'mine', home / 'roots'
    mine.mkdir()
    roots.mkdir()
    mine.chmod(0o777)
    infect(mine / 'bad')
    infect(roots / 'bad')
    if os.geteuid() == 0:
        os.chown(mine / 'bad', 65534, 65534)
    done = run_as_nobody('scan', '-d', signatures, '--no-cache',
                         '--quarantine', mine, roots,
                         more_env={'HOME': str(home)})
    assert done.code == 1, done.err
    assert not (mine / 'bad').exists()
    if os.geteuid() == 0:
        assert (roots / 'bad').exists()
        assert b'not moved' in done.out
    listed = run_as_nobody('quarantine', 'list', '--json',
                           more_env={'HOME': str(home)})
    assert str(mine / 'bad') in [o['path'] for o in listed.objects]


def test_others_may_not_look(place):
    (place / 'vault').mkdir(mode=0o755)
    (place / 'vault').chmod(0o755)
    done = vault(place, 'list')
    assert done.code == 2 and b'0700' in done.err


@pytest.mark.skipif(shutil.which('age') is None, reason='age is not installed')
def test_age_opens_it(place, signatures):
    """Whatever becomes of us: a tool of somebody else's opens what is held."""
    for size in (0, 1, 65536 - len(MARKER) - 10, 65536, 200_000):
        content = infect(place / 'in/bad', bytes(size)).read_bytes()
        scan(signatures, place)
        (one,) = held(place)
        opened = subprocess.run(
            ['age', '-d', '-i', place / 'vault/identity',
             place / 'vault' / (one['id'] + '.age')],
            capture_output=True, check=True)
        assert opened.stdout == content
        assert vault(place, 'delete', one['id']).code == 0
        assert held(place) == []


def test_export(place, signatures):
    content = infect(place / 'in/bad').read_bytes()
    scan(signatures, place)
    one = held(place)[0]['id']
    assert vault(place, 'export', '-o', place / 'sealed', one).code == 0
    assert MARKER not in (place / 'sealed').read_bytes()
    assert vault(place, 'export', '--plain', '-o', place / 'plain', one).code == 0
    assert (place / 'plain').read_bytes() == content
    assert stat.S_IMODE((place / 'plain').stat().st_mode) == 0o600
    assert vault(place, 'export', '-o', place / 'plain', one).code == 2
    assert len(held(place)) == 1


def test_purge(place, signatures):
    for i in range(3):
        infect(place / f'in/bad{i}', bytes(1000 * i))
    scan(signatures, place)
    assert vault(place, 'purge', '--older-than', '1').out == b''
    assert len(held(place)) == 3
    assert vault(place, 'purge', '--max-size', '2K').code == 0
    assert 0 < len(held(place)) < 3
    record = next((place / 'vault').glob('*.held'))
    text = record.read_text()
    old = str(int(time.time()) - 2 * 86400)
    record.write_text(''.join(
        f'Time={old}\n' if line.startswith('Time=') else line + '\n'
        for line in text.splitlines()))
    assert vault(place, 'purge', '--older-than', '1').code == 0
    assert not record.exists()


def test_packages_stay(place, tmp_path):
    """A signature that is wrong about the shell must not take it away."""
    if not os.path.exists('/var/lib/dpkg/info/dash.list'):
        pytest.skip('dash is not installed from a package')
    shell = os.path.realpath('/bin/dash')
    digest = hashlib.md5(open(shell, 'rb').read()).hexdigest()
    (tmp_path / 'wrong.hdb').write_text(
        f'{digest}:{os.path.getsize(shell)}:Wrong\n')
    done = run('scan', '-d', tmp_path / 'wrong.hdb', '--no-cache',
               '--quarantine', '--vault', place / 'vault', shell)
    assert done.code == 1, done.err
    assert b'package dash' in done.out and b'kept' in done.out
    assert os.path.exists(shell)
    assert held(place) == []


def test_json(place, signatures):
    infect(place / 'in/bad')
    done = scan(signatures, place, '--format', 'json')
    moved = [o for o in done.objects if o['type'] == 'quarantine']
    assert [o['outcome'] for o in moved] == ['moved']
    assert moved[0]['id'] == held(place)[0]['id']


def test_report(place, signatures):
    infect(place / 'in/bad')
    assert scan(signatures, place, '--report', place / 'page.html').code == 1
    moved = held(place)[0]['id']
    assert f'<p>moved to quarantine as {moved}</p>' in \
        (place / 'page.html').read_text()


def test_all_is_moved_though_nobody_reads(place, signatures):
    """Without --quarantine such a scan ends early."""
    for i in range(600):
        (place / f'in/{i}').write_bytes(b'%d' % i)
    infect(place / 'in/z')
    p = subprocess.Popen(
        [CANDOR, 'scan', '-d', signatures, '--no-cache', '--format', 'clamscan',
         '--quarantine', '--vault', place / 'vault', '--', place / 'in', '-'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdout.close()
    p.stdin.write(b'x')
    p.stdin.close()
    assert b'could not be written' in p.stderr.read()
    p.stderr.close()
    assert p.wait(60) == 1
    assert len(held(place)) == 1


def test_restore_by_way_of_a_link(place, signatures, tmp_path):
    """The folder became a link to another: nothing is written there."""
    infect(place / 'in/bad')
    scan(signatures, place)
    (place / 'in').rmdir()
    (place / 'elsewhere').mkdir()
    (place / 'in').symlink_to(place / 'elsewhere')
    one = held(place)[0]['id']
    done = vault(place, 'restore', one)
    assert done.code == 2 and b'--to' in done.err
    assert list((place / 'elsewhere').iterdir()) == []
    assert vault(place, 'restore', '--to', place / 'here', one).code == 0
    assert (place / 'here').exists()


def test_damaged_record(place, signatures):
    for i in range(2):
        infect(place / f'in/bad{i}')
    scan(signatures, place)
    record = sorted((place / 'vault').glob('*.held'))[0]
    record.write_bytes(record.read_bytes()[:100])
    done = vault(place, 'list', '--json')
    assert done.code == 2 and len(done.objects) == 1
    assert b'damaged' in done.err
    assert vault(place, 'show', record.stem).code == 2
    assert vault(place, 'delete', record.stem).code == 0


def whereabouts(place, content):
    """In how many places the bytes are: where they were, and sealed."""
    kept = len(held(place))  # opening it finishes what was begun
    there = sum(f.read_bytes() == content
                for f in (place / 'in').rglob('*') if f.is_file())
    return there, kept


def test_killed_at_any_moment(place, signatures):
    """kill -9 while it is at it: the bytes are in one place, not in none."""
    random.seed(11)
    content = b'#!/bin/sh\n' + MARKER + bytes(3_000_000)
    for _ in range(12):
        (place / 'in/bad').write_bytes(content)
        process = subprocess.Popen(
            [CANDOR, 'scan', '-d', signatures, '--no-cache', '--quarantine',
             '--vault', place / 'vault', place / 'in'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.01, 0.15))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if not (place / 'vault').exists():
            continue
        there, kept = whereabouts(place, content)
        assert there + kept == 1, (there, kept)
        assert not list((place / 'in').glob('.candor-*'))
        for one in held(place):
            assert vault(place, 'delete', one['id']).code == 0


@ROOT_ONLY
def test_disk_full(place, signatures):
    """No room to hold it: it stays where it is, and that is said."""
    (place / 'small').mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=256k,mode=700',
                       'none', place / 'small'],
                      capture_output=True).returncode != 0:
        pytest.skip('cannot mount')
    try:
        big = infect(place / 'in/big', os.urandom(1_000_000))
        content = big.read_bytes()
        done = run('scan', '-d', signatures, '--no-cache', '--quarantine',
                   '--vault', place / 'small/vault', place / 'in')
        assert done.code == 1
        assert b'not moved' in done.out and b'No space' in done.out
        assert big.read_bytes() == content
        assert not list((place / 'small/vault').glob('*.age*'))
        assert run('quarantine', 'list', '--vault',
                   place / 'small/vault').out == b''
        # What is on another file system goes as well: by its own folder.
        small = infect(place / 'in/small')
        big.unlink()
        run('scan', '-d', signatures, '--no-cache', '--quarantine',
            '--vault', place / 'small/vault', place / 'in')
        assert not small.exists()
    finally:
        subprocess.run(['umount', place / 'small'], check=True)


def test_usage(place):
    assert run('quarantine', 'show').code == 64
    assert run('quarantine').code == 64
    (place / 'vault').mkdir(mode=0o700)
    assert vault(place, 'show', 'ffff').code == 2
    assert vault(place, 'list').out == b''
    assert json.loads('[]') == held(place)
