"""The machine in a bad way: a full disk, little memory, few descriptors, a
clock that is moved, files of candord's own that are damaged.  docs/reliability.md
says what a user sees; whatever it is, nothing infected becomes clean."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import resource
import shutil
import signal
import subprocess
import time

import pytest

from conftest import BUILD, ROOT, run
from daemon import CLEAN, INFECTED, UNSCANNED, Daemon, Front
from test_guard import can_open, can_watch
from test_guard_live import EICAR, machine, write  # noqa: F401

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason='needs root')
needs_guard = pytest.mark.skipif(not can_watch(),
                                 reason='needs root and fanotify')


@pytest.fixture
def small(tmp_path):
    """A file system of 256 KiB, and how to fill it to the last byte."""
    place = tmp_path / 'small'
    place.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=256k,mode=755',
                       'candor-test', place],
                      capture_output=True).returncode != 0:
        pytest.skip('cannot mount')
    yield place
    subprocess.run(['umount', '-l', place], check=True)


def fill(place):
    with open(place / 'full', 'wb', buffering=0) as f:
        with pytest.raises(OSError):
            while True:
                f.write(bytes(4096))


def verdicts(d, files):
    """What a daemon says of both files, patiently."""
    f = Front(d.folder / 'socket.sock')
    said = {}
    for name in 'good', 'bad':
        f.ask_path(files / name)
        said[name] = f.answer()[1]
    f.close()
    return said


RIGHT = {'good': CLEAN, 'bad': INFECTED}


def refused(d):
    return 'refused' in d.said()


# --- a full disk -------------------------------------------------------------


def test_disk_full_where_texts_are_compiled(small, files, signatures):
    """At a reload the old databases stay, and an event says why."""
    with Daemon(small, '[scan]\nworkers = 1', database=signatures) as d:
        assert verdicts(d, files) == RIGHT
        fill(small)
        d.reload()
        d.wait_for(lambda: refused(d))
        assert verdicts(d, files) == RIGHT
        assert not list(small.glob('database-*'))
        (small / 'full').unlink()
        d.reload()
        d.wait_for(lambda: d.generation() == 2)


@needs_guard
def test_disk_full_at_the_quarantine(machine, small):  # noqa: F811
    """What cannot be held stays where it is, is denied, and that is told."""
    machine.write_config(more='[policy]\ninfected = quarantine')
    text = machine.conf.read_text().replace(
        f'dir = {machine.place}/quarantine', f'dir = {small}/quarantine')
    machine.conf.write_text(text)
    machine.reload()
    fill(small)
    bad = machine.place / 'bad'
    # More than fits, and on another file system than the quarantine.
    bad.write_bytes(EICAR + os.urandom(1 << 20))
    machine.wait_for('blocked', path=str(bad))
    machine.wait_until(lambda: [
        e for e in machine.told('detected', path=str(bad))
        if 'No space' in e['text'] or 'cannot' in e['text']])
    assert bad.exists() and not can_open(bad)
    (small / 'full').unlink()
    tiny = write(machine.place / 'tiny', EICAR)
    machine.wait_for('quarantined', path=str(tiny))


@needs_guard
def test_disk_full_where_exclusions_are_kept(machine, small):  # noqa: F811
    """It is said, and nothing is excluded."""
    (machine.place / 'candor.conf.d').symlink_to(small)
    machine.reload()
    fill(small)
    bad = write(machine.place / 'bad', EICAR)
    done = run('guard', 'exclude', 'add', 'path', bad, '--socket',
               machine.place / 'control.sock')
    assert done.code == 2 and b'No space' in done.err
    assert not can_open(bad)
    assert not list(small.glob('*.conf'))


# --- little of everything ----------------------------------------------------


def limited(kind, most):
    return lambda: resource.setrlimit(kind, (most, most))


def survey(tmp_path, files, database, preexec):
    """candord with little of something: it works, or says what it lacks."""
    folder = tmp_path / 'daemon'
    folder.mkdir()
    folder.chmod(0o755)
    d = Daemon(folder, '[scan]\nworkers = 1\ndeadline = 3', preexec=preexec,
               database=database)
    try:
        end = time.monotonic() + 3
        while time.monotonic() < end and d.process.poll() is None:
            status = d.status()
            if status and status['processes'] and all(
                    p['state'] == 'ready' for p in status['processes']):
                said = verdicts(d, files)
                assert all(said[n] in (RIGHT[n], UNSCANNED) for n in said)
                return 'works' if said == RIGHT else 'unscanned'
            time.sleep(0.05)
        assert d.process.poll() is not None or 'error: ' in d.said(), d.said()
        return 'says so'
    finally:
        d.process.terminate()
        try:
            d.process.wait(30)
        except subprocess.TimeoutExpired:
            d.process.kill()
            d.process.wait()
            raise
        shutil.rmtree(folder)


def test_little_memory(tmp_path, files, database):
    """Address space, of each process: RLIMIT_AS."""
    ends = {}
    for mb in (8, 64, 200, 8000):
        ends[mb] = survey(tmp_path, files, database,
                          limited(resource.RLIMIT_AS, mb << 20))
    assert ends[8000] == 'works', ends
    assert ends[8] == 'says so', ends


def test_few_descriptors(tmp_path, files, database):
    ends = {}
    for count in (4, 12, 24, 100):
        ends[count] = survey(tmp_path, files, database,
                             limited(resource.RLIMIT_NOFILE, count))
    assert ends[100] == 'works', ends
    assert ends[4] == 'says so', ends


# --- a clock that is moved ----------------------------------------------------

# Who may ask what time of day it is: for what is written down or printed, for
# the age of what is held (proc/quarantine/steady.c), for dates of ours and of
# others.  Nothing is waited for by it.
WALL_CLOCK = {
    'proc/supervisor/events.c', 'proc/supervisor/main.c',
    'proc/quarantine/main.c', 'proc/quarantine/take.c',
    'cmd/candor/cmd_quarantine.c', 'cmd/candor/verdicts.c',
    'cmd/candor/cmd_status.c', 'cmd/candor/compiled.c',
    'cmd/candor/cmd_explain.c', 'cmd/candor/scan.c'}


def test_the_daemon_waits_by_the_clock_that_only_goes_forward():
    # (How coarse that clock is, clock_getres() says without asking for it.)
    wall = re.compile(r'\btime\((NULL|&)|(?<!getres\()CLOCK_REALTIME|'
                      r'\bgettimeofday\(|'
                      r'\bftime\(|\btimespec_get\(')
    found = {str(p.relative_to(ROOT))
             for folder in ('lib', 'sys', 'proc', 'cmd/candor')
             for p in (ROOT / folder).rglob('*.c')
             if not p.name.endswith(('_test.c', '_fuzz.c')) and
             wall.search(p.read_text())}
    daemon = {p for p in found if p.startswith(('lib/', 'sys/', 'proc/'))}
    assert daemon <= WALL_CLOCK


@needs_root
def test_in_a_time_of_its_own(tmp_path, files, database):
    """Both clocks that go forward stand elsewhere: thirty years on."""
    if subprocess.run(['unshare', '-T', '--monotonic', '1', 'true'],
                      capture_output=True).returncode != 0:
        pytest.skip('no time namespaces')
    d = Daemon.__new__(Daemon)
    d.folder, d.config, d.log = tmp_path, tmp_path / 'c', tmp_path / 'log'
    d.database, d.text = database, '[scan]\nworkers = 1\ndeadline = 2'
    d.write()
    years = str(30 * 365 * 86400)
    d.process = subprocess.Popen(
        ['unshare', '-T', '--monotonic', years, '--boottime', years,
         str(BUILD / 'bin/candord'), '--foreground', '--config', d.config],
        stderr=d.log.open('ab'))
    with d:
        assert verdicts(d, files) == RIGHT
        huge = files / 'huge'
        with open(huge, 'wb') as f:
            f.truncate(1 << 40)
        f = Front(d.folder / 'socket.sock')
        f.ask_path(huge)
        assert f.answer()[1] == UNSCANNED


@needs_guard
def test_a_wrong_clock_deletes_nothing(machine, tmp_path):  # noqa: F811
    """What is held for years, as the clock has it, when candord starts."""
    vault = machine.place / 'quarantine'
    machine.write_config(more='[policy]\ninfected = quarantine\n'
                         '[quarantine]\nkeep_days = 1')
    machine.reload()
    bad = write(machine.place / 'bad', EICAR)
    machine.wait_for('quarantined', path=str(bad))
    (one,) = [x for x in run('quarantine', 'list', '--vault', vault,
                             '--json').objects if x['path'] == str(bad)]
    # As if the clock had been moved: it was held long ago.
    record = vault / f'{one["id"]}.held'
    text = record.read_text()
    old = re.sub(r'(?m)^Time=\d+$', 'Time=1000000000', text)
    assert old != text
    record.write_text(old)
    before = machine.pids('candor-quarantine')
    machine.kill('candor-quarantine')
    machine.wait_until(lambda: machine.pids('candor-quarantine')
                       not in ([], before))
    # It has gone through what is held once another file is.
    again = write(machine.place / 'again', EICAR)
    machine.wait_for('quarantined', path=str(again))
    time.sleep(1.5)
    assert record.exists() and not machine.told('deleted')
    # A person who asks for it has it done.
    done = run('quarantine', 'purge', '--older-than', '1', '--vault', vault)
    assert done.code == 0 and not record.exists(), done.err


# --- what is damaged -----------------------------------------------------------


def test_a_database_cut_off_under_a_running_daemon(tmp_path, files, database):
    """Written over in place, which nobody should do: what is mapped is gone.
    Nothing is clean by it, and a good one at a reload ends it."""
    used = tmp_path / 'used.cand'
    shutil.copy(database, used)
    whole = used.read_bytes()
    with Daemon(tmp_path, '[scan]\nworkers = 1\ndeadline = 2',
                database=used) as d:
        assert verdicts(d, files) == RIGHT
        used.write_bytes(whole[:100])
        for p in d.workers():
            os.kill(p, signal.SIGKILL)
        for _ in range(3):
            try:
                said = verdicts(d, files)
            except (TypeError, OSError):
                continue  # the broker died of it, and is started again
            assert said['good'] in (UNSCANNED, CLEAN)
            assert said['bad'] in (UNSCANNED, INFECTED)
        d.reload()
        d.wait_for(lambda: refused(d))
        fresh = tmp_path / 'fresh'
        fresh.write_bytes(whole)
        fresh.rename(used)
        d.reload()
        d.wait_for(lambda: d.status() and verdicts_or_none(d, files) == RIGHT)


def verdicts_or_none(d, files):
    try:
        return verdicts(d, files)
    except (TypeError, OSError):
        return None


@pytest.mark.parametrize('damage', ['cut', 'noise', 'empty', 'header'])
def test_a_damaged_database_is_refused(tmp_path, files, database, damage):
    used = tmp_path / 'used.cand'
    whole = bytearray(database.read_bytes())
    if damage == 'cut':
        del whole[len(whole) // 2:]
    elif damage == 'noise':
        whole[:] = os.urandom(len(whole))
    elif damage == 'header':
        whole[8] ^= 0xff
    else:
        whole.clear()
    used.write_bytes(whole)
    d = Daemon(tmp_path, '', database=used)
    try:
        assert d.process.wait(30) == 2
    finally:
        d.process.kill()
    assert str(used) in d.said()

