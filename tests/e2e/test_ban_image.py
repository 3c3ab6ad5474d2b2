"""candor ban scan --file: images of disks, and what is in them."""
# SPDX-License-Identifier: Apache-2.0
import lzma
import os
import random
import shutil
import subprocess
from pathlib import Path

import disk
import hive
import pytest

from conftest import run
from test_ban_read import look_into
from test_ban_scan import KESL, plant, states

# 3 MiB of NTFS with three registries (hive.make), klif.sys and avp.exe of
# harmless text, a name with umlauts and one that was deleted: mkntfs -c 512.
WINDOWS = lzma.decompress(
    (Path(__file__).parent / 'windows.ntfs.xz').read_bytes())


@pytest.fixture(scope='module')
def linux(tmp_path_factory):
    """A file system with a mock of KESL, as dpkg would have it."""
    folder = tmp_path_factory.mktemp('linux')
    tree = plant(folder / 'tree', *KESL, '/etc/x', '/home/ann/')
    status = tree / 'var/lib/dpkg/status'
    status.parent.mkdir(parents=True)
    status.write_text('Package: kesl\nStatus: install ok installed\n'
                      'Version: 12.1\n\n')
    (tree / 'etc/passwd').write_text('root:x:0:0::/:/bin/sh\nkluser:x:1:1::/:\n')
    (tree / 'opt/klnagent').symlink_to('/elsewhere')
    return disk.ext4(folder / 'linux.img', tree)


@pytest.fixture(scope='module')
def empty(tmp_path_factory):
    folder = tmp_path_factory.mktemp('empty')
    plant(folder / 'tree', '/etc/fstab')
    return disk.ext4(folder / 'empty.img', folder / 'tree', 4)


def put(path, content):
    path.write_bytes(content)
    return path


def seen(report, product):
    [finding] = [f for f in report['findings'] if f['product'] == product]
    return {(e['type'], e['seen'], e['in']) for e in finding['evidence']}


def test_linux(tmp_path, linux):
    path = put(tmp_path / 'disk.img', linux)
    report = look_into(path)
    assert states(report) == {'kesl': 'installed'}
    assert {('path', KESL[0], f'{path}:0'),
            ('package', 'kesl', f'{path}:0:/var/lib/dpkg/status'),
            ('unit', '/lib/systemd/system/kesl.service', f'{path}:0'),
            } <= seen(report, 'kesl')
    assert report['not_seen'] == []
    assert report['looked_at']['packages'] == 1
    assert report['looked_at']['users'] == 2
    assert report['looked_at']['file systems'] == 1
    assert report['looked_at']['names'] > 20


def test_windows(tmp_path):
    path = put(tmp_path / 'disk.img', WINDOWS)
    report = look_into(path)
    assert states(report) == {'win-common': 'installed'}
    found = seen(report, 'win-common')
    config = f'{path}:0:/Windows/System32/config/'
    assert {('path', '/Windows/System32/drivers/KLIF.sys', f'{path}:0'),
            ('program', 'Kaspersky Endpoint Security for Windows',
             config + 'SOFTWARE'),
            ('registry', r'HKLM\SOFTWARE\KasperskyLab\AVP21.3\environment',
             config + 'SOFTWARE')} <= found
    # What klif starts is there, by another case; what klim6 starts is not.
    [finding] = report['findings']
    services = {e['seen']: e['state'] for e in finding['evidence']
                if e['type'] == 'service'}
    assert services == {'klif': 'installed', 'klim6': 'residue'}
    assert report['not_seen'] == []


@pytest.mark.parametrize('table', [disk.mbr, disk.gpt])
def test_partitions(tmp_path, linux, empty, table):
    path = put(tmp_path / 'disk.img', table(empty, linux, WINDOWS))
    report = look_into(path)
    assert states(report) == {'kesl': 'installed', 'win-common': 'installed'}
    assert {e[2].split(':')[1] for e in seen(report, 'kesl')} == {'2'}
    assert {e[2].split(':')[1] for e in seen(report, 'win-common')} == {'3'}
    assert report['looked_at']['file systems'] == 3


@pytest.mark.parametrize('packed', [False, True])
def test_qcow2(tmp_path, linux, packed):
    whole = disk.gpt(linux)
    for bits in (9, 12, 16):
        path = put(tmp_path / 'disk.qcow2', disk.qcow2(whole, packed, bits))
        assert path.stat().st_size < len(whole)
        report = look_into(path)
        assert states(report) == {'kesl': 'installed'}
        assert ('package', 'kesl', f'{path}:1:/var/lib/dpkg/status') in seen(
            report, 'kesl')


@pytest.mark.parametrize('options', [[], ['-c'], ['-o', 'compat=0.10'],
                                     ['-o', 'cluster_size=2M']])
def test_qcow2_of_qemu(tmp_path, linux, options):
    if shutil.which('qemu-img') is None:
        pytest.skip('no qemu-img')
    put(tmp_path / 'raw', disk.mbr(linux, WINDOWS))
    subprocess.run(['qemu-img', 'convert', '-O', 'qcow2', *options,
                    tmp_path / 'raw', tmp_path / 'disk'], check=True)
    assert states(look_into(tmp_path / 'disk')) == {
        'kesl': 'installed', 'win-common': 'installed'}


@pytest.mark.parametrize('header,word', [
    ({'version': 1}, 'version'), ({'backing': 300}, 'backing file'),
    ({'crypt': 2}, 'encrypted'), ({'features': 2}, 'corrupt'),
    ({'features': 4}, 'another file'), ({'features': 16}, 'subclusters'),
    ({'features': 1 << 40}, 'not known'), ({'cluster_bits': 40}, 'broken'),
    ({'size': 1 << 63}, 'broken'), ({'l1': 0}, 'no file system'),
])
def test_qcow2_that_is_not_read(tmp_path, empty, header, word):
    path = put(tmp_path / 'disk', disk.qcow2(empty, **header))
    [blind] = look_into(path, 2)['not_seen']
    assert word in blind['why']


def test_a_clean_disk(tmp_path, empty):
    report = look_into(put(tmp_path / 'disk', disk.gpt(empty)), 0)
    assert report['findings'] == [] and report['not_seen'] == []


@pytest.mark.parametrize('content,word', [
    (b'LUKS\xba\xbe', 'LUKS'), (b'\xeb\x58\x90-FVE-FS-', 'BitLocker'),
    (b'XFSB', 'XFS'), (b'\0' * 512 + b'LABELONE', 'LVM'),
    (b'\0' * 65600 + b'_BHRfS_M', 'Btrfs'), (b'\0' * 32 + b'NXSB', 'APFS'),
    (b'something else', 'not a file system that is known'),
], ids=lambda value: value if isinstance(value, str) else '')
def test_partitions_that_are_not_read(tmp_path, empty, content, word):
    path = put(tmp_path / 'disk', disk.mbr(
        empty, content.ljust(5 << 20, b'\0')))
    [blind] = look_into(path, 2)['not_seen']
    assert word in blind['why'] and 'file system 2' in blind['what']


def test_partitions_that_hold_nothing(tmp_path, empty):
    swap = (b'\0' * 4086 + b'SWAPSPACE2').ljust(5 << 20, b'\0')
    path = put(tmp_path / 'disk', disk.gpt(
        b'boot loader'.ljust(1 << 20, b'x'), empty, swap, bytes(5 << 20)))
    assert look_into(path, 0)['not_seen'] == []


def test_a_journal_that_was_not_replayed(tmp_path, empty):
    content = bytearray(empty)
    content[1024 + 0x60] |= 4
    [blind] = look_into(put(tmp_path / 'disk', content), 2)['not_seen']
    assert 'journal' in blind['why']


def test_a_link_that_could_hide_something(tmp_path):
    tree = plant(tmp_path / 'tree', '/etc/x')
    (tree / 'opt').symlink_to('/elsewhere')
    path = put(tmp_path / 'disk', disk.ext4(tmp_path / 'fs', tree))
    [blind] = look_into(path, 2)['not_seen']
    assert blind['what'] == f'{path}:0:/opt' and 'link' in blind['why']


def test_a_container_in_it(tmp_path):
    outer = '/var/lib/docker/overlay2/0a1b/diff'
    tree = plant(tmp_path / 'tree', outer + KESL[0])
    path = put(tmp_path / 'disk', disk.ext4(tmp_path / 'fs', tree))
    report = look_into(path)
    assert ('path', KESL[0], f'{path}:0:{outer}') in seen(report, 'kesl')
    assert {sign[2] for sign in seen(report, 'kesl')} == {f'{path}:0:{outer}'}


def test_names_that_were_deleted_are_not_told(tmp_path, linux):
    debugfs = shutil.which('debugfs', path='/usr/sbin:/sbin')
    if debugfs is None:
        pytest.skip('no debugfs')
    path = put(tmp_path / 'disk', linux)
    request = ''.join(f'rm {name}\n' for name in KESL)
    request += 'rm /var/lib/dpkg/status\n'
    subprocess.run([debugfs, '-w', '-f', '-', path], input=request.encode(),
                   check=True, capture_output=True)
    report = look_into(path)
    assert states(report) == {'kesl': 'residue'}    # of empty folders
    assert not any(sign[1] in KESL for sign in seen(report, 'kesl'))
    assert 'packages' not in report['looked_at']


# --- what is wrong ------------------------------------------------------------

def test_disks_that_were_cut_off(tmp_path, linux):
    """What is missing is said, or what is there was enough."""
    whole = disk.mbr(linux, WINDOWS)
    packed = disk.qcow2(whole, True)
    chance = random.Random(2)
    for content in (whole, packed):
        for _ in range(4):
            size = chance.randrange(600, len(content))
            done = run('ban', 'scan', '--format', 'json', '--file',
                       put(tmp_path / 'disk', content[:size]))
            assert done.code in (1, 2), (size, done.out)


@pytest.mark.parametrize('which', ['ext', 'ntfs', 'qcow2'])
def test_disks_that_are_broken(tmp_path, linux, which):
    """None kills candor, hangs, or gets a report that is not one."""
    content = {'ext': linux, 'ntfs': WINDOWS,
               'qcow2': disk.qcow2(disk.gpt(linux), True)}[which]
    used = [at for at in range(0, len(content), 512)
            if any(content[at:at + 512])]
    chance = random.Random(3)
    for _ in range(8):
        broken = bytearray(content)
        for _ in range(chance.choice((3, 30, 300))):
            at = chance.choice(used[:200]) + chance.randrange(512)
            if at < len(broken):
                broken[at] = chance.choice((0, 0xff, chance.randrange(256)))
        done = run('ban', 'scan', '--format', 'json', '--file',
                   put(tmp_path / 'disk', broken))
        assert done.code in (0, 1, 2)
        assert done.objects[0]['schema'] == 'candor-ban-report/1'


def test_folders_that_go_in_circles(tmp_path):
    """A folder that has the root in it, by another name."""
    tree = plant(tmp_path / 'tree', '/a/b/c', *KESL)
    content = bytearray(disk.ext4(tmp_path / 'fs', tree))
    at = content.index(b'\x01\x02b\0')    # length, type, name of /a/b
    content[at - 6:at - 2] = (2).to_bytes(4, 'little')
    report = look_into(put(tmp_path / 'disk', content), 1)
    assert states(report) == {'kesl': 'installed'}
    assert report['looked_at']['names'] < 100


def test_as_an_ordinary_user(tmp_path, linux):
    from conftest import run_as_nobody
    path = put(tmp_path / 'disk', linux)
    for at in (path, *(p for p in path.parents if 'pytest-' in str(p))):
        at.chmod(0o755)
    done = run_as_nobody('ban', 'scan', '--file', path, '--format', 'json')
    if b'Permission denied' in done.out:
        pytest.skip('the folder for tests is closed to others')
    assert os.access(path, os.R_OK)
    assert states(done.objects[0]) == {'kesl': 'installed'}


def test_a_registry_whose_logs_are_in_the_image(tmp_path):
    config = tmp_path / 'tree/Windows/System32/config'
    hive.make(config / 'SOFTWARE', {'Microsoft': {}})
    hive.unfinished(config / 'SOFTWARE', {'Microsoft': {}, 'KasperskyLab': {
        'AVP21.3': {'environment': {'ProductName': 'x'}}}})
    report = look_into(put(tmp_path / 'disk.img', disk.ext4(
        tmp_path / 'made.img', tmp_path / 'tree')))
    assert states(report) == {'win-common': 'installed'}
    assert report['not_seen'] == []
