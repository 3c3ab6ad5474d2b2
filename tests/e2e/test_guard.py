"""On-access protection: the guard alone, between a supervisor, a broker and a
quarantine that the test is.  Only a small file system of the test's own is
watched, so that a mistake stops the test and not the machine."""
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from stage import (BROKER, CLEAN, INFECTED, QUARANTINE, SUSPICIOUS,
                   UNSCANNED, Broker, Stage, pair, send)

BAD = b'bad bytes, harmless: '
SLOW = b'slow'


def can_watch():
    """Is fanotify with answers to be had here?"""
    if os.geteuid() != 0:
        return False
    source = ('import ctypes, os, sys\n'
              'fd = ctypes.CDLL(None).fanotify_init(4, 0)\n'
              'sys.exit(fd < 0)\n')
    return subprocess.run([sys.executable, '-c', source]).returncode == 0


pytestmark = pytest.mark.skipif(not can_watch(),
                                reason='needs root and fanotify')


def judge(content):
    if content.startswith(SLOW):
        return None
    if content.startswith(b'odd'):
        return UNSCANNED, None
    if content.startswith(b'pua'):
        return SUSPICIOUS, 'Test.PUA'
    return (INFECTED, 'Test.Bad') if BAD in content else (CLEAN, None)


class Guard(Stage):
    def __init__(self, place, more='', judge=judge, quarantine=None,
                 mounts=None):
        self.text = f'[guard]\nenabled = yes\nmounts = {mounts or place}\n'
        for usual in ('sweep = no', 'deadline = 20'):
            if usual.split()[0] not in more.split('[')[0]:
                self.text += usual + '\n'
        self.text += more + '\n'
        super().__init__('candor-guard', self.text)
        self.judge = judge
        self.link_broker()
        if quarantine is not None:
            self.link(QUARANTINE, quarantine)
        self.go()

    def link_broker(self):
        mine, theirs = pair()
        self.broker = Broker(mine, self.judge)
        self.broker.start()
        self.link(BROKER, theirs)


@pytest.fixture
def place(tmp_path):
    """A file system to be watched."""
    folder = tmp_path / 'watched'
    folder.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', 'candor-test', folder],
                      capture_output=True).returncode != 0:
        pytest.skip('cannot mount')
    yield folder
    subprocess.run(['umount', '-l', folder], check=True)


@pytest.fixture
def guard(place):
    started = []

    def start(more='', **options):
        started.append(Guard(place, more, **options))
        return started[-1]
    yield start
    for g in started:
        g.close()


def write(path, content):
    path.write_bytes(content)
    return path


def can_open(path):
    """From another process: what candord's own do is let pass."""
    return subprocess.run(['cat', path], capture_output=True).returncode == 0


def test_bad_is_denied_and_good_is_not(guard, place):
    bad = write(place / 'bad', BAD)
    good = write(place / 'good', b'good')
    g = guard()
    assert not can_open(bad)
    assert can_open(good)
    told = g.wait_for('blocked', path=str(bad))
    assert told['name'] == 'Test.Bad'
    assert [e for e in g.events if e['path'] == str(good)] == []


def test_execution(guard, place):
    script = write(place / 'run.sh', b'#!/bin/sh\n# ' + BAD + b'\ntrue\n')
    script.chmod(0o755)
    program = place / 'true'
    shutil.copy('/bin/true', program)
    guard('on_open = no')
    # By way of a shell: between vfork and exec Python holds the lock that the
    # broker, a thread of this process, needs to answer.
    run = ['sh', '-c', 'exec "$0"']
    assert subprocess.run([*run, script], capture_output=True).returncode != 0
    assert subprocess.run([*run, program]).returncode == 0


def test_what_is_written_is_looked_at(guard, place):
    g = guard('on_open = no\non_exec = no')
    write(place / 'new', BAD)
    g.wait_for('blocked', path=str(place / 'new'))


def test_what_was_deleted_is_asked_about_when_it_is_opened(guard, place):
    """What was written and is gone is left until somebody opens it after all,
    by a descriptor that was kept."""
    g = guard()
    gone = place / 'gone'
    with open(gone, 'wb+') as f:
        f.write(BAD)
        f.flush()
        gone.unlink()
        assert not can_open(f'/proc/{os.getpid()}/fd/{f.fileno()}')
    g.wait_for('blocked', path=f'{gone} (deleted)')


def test_opened_at_once_after_it_was_written(guard, place):
    """Its turn to be looked at has not come; who opens it does not wait for
    that, and is not let pass either."""
    guard()
    for i in range(20):
        assert not can_open(write(place / f'bad{i}', BAD + b'%d' % i))
        assert can_open(write(place / f'good{i}', b'good %d' % i))


def test_what_is_written_does_not_wait_for_ever(guard, place):
    """It is looked at when nothing happens, but also when it never does."""
    g = guard()
    busy = subprocess.Popen(['sh', '-c', f'cd {place}; while :; do echo >busy; '
                             'done'])
    try:
        time.sleep(0.2)
        write(place / 'bad', BAD)
        g.wait_for('blocked', path=str(place / 'bad'))
    finally:
        busy.kill()
        busy.wait()


def test_opened_to_write_only(guard, place):
    """Nothing can be read that way: nobody waits for a verdict, and it is
    looked at when it is closed, or opened to be read."""
    slow = write(place / 'slow', SLOW)
    g = guard('deadline = 20')
    before = time.monotonic()
    done = subprocess.run(['sh', '-c', 'echo more >>"$0"', slow])
    assert done.returncode == 0 and time.monotonic() - before < 15
    bad = write(place / 'bad', b'good')
    done = subprocess.run(['sh', '-c', f'printf "{BAD.decode()}" >>"$0" && '
                           'exec 3>>"$0" && cat /proc/self/fd/3', bad],
                          capture_output=True)
    assert done.returncode != 0 and b'good' not in done.stdout
    g.wait_for('blocked', path=str(bad))
    done = subprocess.run(['sh', '-c', 'echo >>"$0"', bad],
                          capture_output=True)
    assert done.returncode != 0  # known to be bad: not even that


# Runs in a process of its own: opens argv[1], of which nothing is known yet,
# to write only, which is let pass, and tries to get at its bytes.  Says what
# it got.
GET = r'''
import mmap, os, socket, sys, threading, time
path, how = sys.argv[1:]
if how == 'threads':  # which of them asks cannot be told: nobody is let pass
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
fd = os.open(path, os.O_WRONLY)
if how == 'threads':
    sys.exit('it was opened')

def passed():
    a, b = socket.socketpair()
    socket.send_fds(a, [b'x'], [fd])
    if os.fork() == 0:
        (other,) = socket.recv_fds(b, 1, 1)[1]
        try:
            os._exit(bool(os.open(f'/proc/self/fd/{other}', os.O_RDONLY)))
        except PermissionError:
            os._exit(0)
    if os.waitstatus_to_exitcode(os.wait()[1]) == 0:
        raise PermissionError
    return 'opened by another'

def link():
    os.link(path, path + ' too')
    return os.open(path + ' too', os.O_RDONLY)

def renamed():
    os.rename(path, path + ' now')
    return os.open(path + ' now', os.O_RDONLY)

got = {'read': lambda: os.pread(fd, 1, 0),
       'map': lambda: mmap.mmap(fd, 4, prot=mmap.PROT_READ)[0],
       'copy': lambda: os.copy_file_range(fd, os.memfd_create('m'), 4, 0, 0),
       'proc': lambda: os.open(f'/proc/self/fd/{fd}', os.O_RDONLY),
       'both': lambda: os.open(path, os.O_RDWR),
       'passed': passed, 'link': link, 'renamed': renamed}[how]
try:
    sys.exit(f'{got()}')
except OSError as e:
    print(e)
'''


@pytest.mark.parametrize('how', ['read', 'map', 'copy', 'proc', 'both',
                                 'passed', 'link', 'renamed', 'threads'])
def test_opened_to_write_only_gives_nothing_to_read(guard, place, how):
    """Whatever is done with the descriptor, or beside it."""
    bad = write(place / 'bad', BAD)
    g = guard()
    done = subprocess.run([sys.executable, '-c', GET, bad, how],
                          capture_output=True, text=True)
    if how == 'threads':
        assert 'PermissionError' in done.stderr
        assert 'it was opened' not in done.stderr
    else:
        assert done.returncode == 0 and done.stdout, done.stderr
    g.wait_for('blocked')  # at the latest when it was closed


def test_only_root_is_believed_to_write_only(guard, place):
    """What was given to io_uring is opened while another call is shown."""
    bad = write(place / 'bad', BAD)
    bad.chmod(0o666)
    place.chmod(0o755)
    guard()
    done = subprocess.run(
        [sys.executable, '-c', 'import os, sys\nos.chdir(sys.argv[1])\n'
         'os.setuid(65534)\nos.open("bad", os.O_WRONLY)', place],
        capture_output=True, text=True)
    assert 'PermissionError' in done.stderr


def test_unchanged_costs_nothing_the_second_time(guard, place):
    good = write(place / 'good', b'good')
    g = guard()
    for _ in range(5):
        assert can_open(good)
    assert g.broker.asked == [b'good']
    write(good, b'better')
    assert can_open(good)
    end = time.monotonic() + 5
    while g.broker.asked[-1:] != [b'better'] and time.monotonic() < end:
        time.sleep(0.01)
    assert g.broker.asked[1:] == [b'better']


def test_a_name_is_not_what_is_known(guard, place):
    """A file keeps its mark under another name; another file under its name
    does not get it."""
    good = write(place / 'good', b'good')
    g = guard()
    assert can_open(good)
    good.rename(place / 'moved')
    os.link(place / 'moved', place / 'linked')
    (place / 'moved').chmod(0o444)
    assert can_open(place / 'moved') and can_open(place / 'linked')
    assert g.broker.asked == [b'good']
    write(place / 'bad', BAD).rename(place / 'moved')
    assert not can_open(place / 'moved')
    assert can_open(place / 'linked')


def test_modified_while_it_is_open_elsewhere(guard, place):
    """A good file turns bad under the mark: the mark is gone."""
    file = write(place / 'file', b'good')
    guard()
    assert can_open(file)
    with open(file, 'r+b') as f:
        f.write(BAD)
        f.flush()
        assert not can_open(file)
    assert not can_open(file)


def test_written_through_a_mapping(guard, place):
    """Of which the kernel tells at the close only."""
    import mmap
    file = write(place / 'file', b'good' * 1024)
    guard()
    assert can_open(file)
    with open(file, 'r+b') as f:
        with mmap.mmap(f.fileno(), 0) as m:
            m[:len(BAD)] = BAD
    end = time.monotonic() + 5
    while can_open(file) and time.monotonic() < end:
        time.sleep(0.05)
    assert not can_open(file)


@pytest.mark.skipif(tuple(map(int, os.uname().release.split('.')[:2])) <
                    (6, 13), reason='before Linux 6.13 the event vanishes '
                    'without a word')
def test_written_through_a_mapping_and_leased(guard, place):
    """The kernel cannot open it for us to tell that it was closed."""
    import fcntl
    import mmap
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # says that it is taken away
    guard()
    for i in range(20):
        file = write(place / f'file{i}', b'good' * 1024)
        assert can_open(file)
        with open(file, 'rb') as other:
            with open(file, 'r+b') as f, mmap.mmap(f.fileno(), 0) as m:
                m[:len(BAD)] = BAD
            try:
                fcntl.fcntl(other, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            except BlockingIOError:
                pass
            time.sleep(0.05)
        end = time.monotonic() + 5
        while can_open(file) and time.monotonic() < end:
            time.sleep(0.05)
        assert not can_open(file)


def test_bad_is_told_once_and_denied_always(guard, place):
    bad = write(place / 'bad', BAD)
    g = guard()
    for _ in range(4):
        assert not can_open(bad)
    assert len(g.broker.asked) == 1
    assert len([e for e in g.events if e['kind'] == 'blocked']) == 1
    with pytest.raises(PermissionError):  # to overwrite it is to open it
        write(bad, b'good now')
    bad.unlink()
    assert can_open(write(bad, b'good now'))


def test_deadline_allows_or_denies(guard, place):
    slow = write(place / 'slow', SLOW)
    g = guard('deadline = 1')
    before = time.monotonic()
    assert can_open(slow)
    assert time.monotonic() - before > 0.5
    assert g.wait_for('overrun')['path'] == str(slow)
    g.stop()
    g = guard('deadline = 1\noverrun = deny')
    assert not can_open(slow)


def test_a_verdict_that_comes_late_is_told(guard, place):
    let = threading.Event()

    def wait(content):
        let.wait(10)
        return judge(content)
    bad = write(place / 'bad', BAD)
    g = guard('deadline = 1', judge=wait)
    assert can_open(bad)
    g.wait_for('overrun')
    let.set()
    assert 'had been allowed' in g.wait_for('blocked')['text']
    assert not can_open(bad)


def test_the_broker_is_replaced(guard, place):
    """What it had not answered is asked of its successor."""
    silent = threading.Event()
    g = guard('deadline = 20', judge=lambda content: silent.set())
    bad = write(place / 'bad', BAD)
    opener = subprocess.Popen(['cat', bad], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    assert silent.wait(10)
    g.broker.sock.shutdown(socket.SHUT_RDWR)
    g.judge = judge
    g.link_broker()
    assert opener.wait(15) != 0


def test_no_broker_comes(guard, place):
    """Beyond the deadline nobody waits for one any more."""
    g = guard('deadline = 1')
    bad = write(place / 'bad', BAD)
    assert not can_open(bad)
    g.broker.sock.shutdown(socket.SHUT_RDWR)
    g.wait_for('gap', text='nobody looks at files: nobody waits for that any '
                           'more')
    new = [write(place / f'new{i}', BAD + b'%d' % i) for i in range(30)]
    before = time.monotonic()
    assert all(can_open(n) for n in new)
    assert time.monotonic() - before < 20  # not 30 deadlines
    g.link_broker()
    g.wait_for('gap', text='files are looked at again before they are opened')
    assert not can_open(write(place / 'another', BAD + b'another'))
    end = time.monotonic() + 10
    while can_open(new[0]) and time.monotonic() < end:
        time.sleep(0.05)
    assert not can_open(new[0])


def test_killed_and_the_machine_goes_on(guard, place):
    slow = write(place / 'slow', SLOW)
    g = guard('deadline = 60')
    opener = subprocess.Popen(['cat', slow], stdout=subprocess.DEVNULL)
    time.sleep(0.3)
    assert opener.poll() is None
    g.kill()
    assert opener.wait(5) == 0


def test_stopped_in_order(guard, place):
    slow = write(place / 'slow', SLOW)
    g = guard('deadline = 60')
    opener = subprocess.Popen(['cat', slow], stdout=subprocess.DEVNULL)
    time.sleep(0.3)
    assert g.stop() == 0
    assert opener.wait(5) == 0


def test_who_waits_can_be_killed(guard, place):
    slow = write(place / 'slow', SLOW)
    guard('deadline = 60')
    opener = subprocess.Popen(['cat', slow], stdout=subprocess.DEVNULL)
    time.sleep(0.3)
    opener.kill()
    assert opener.wait(5) != 0


def test_report_only(guard, place):
    bad = write(place / 'bad', BAD)
    g = guard('prevent = no')
    assert can_open(bad)
    g.wait_for('detected', path=str(bad))


@pytest.mark.parametrize('policy, opens, kind', [
    ('[policy]\ninfected = report', True, 'detected'),
    ('[policy]\nrule = report path=**/bad', True, 'detected'),
    ('[policy]\nrule = report path=/elsewhere/**', False, 'blocked'),
    ('[policy]\nrule = report signature=Test.*', True, 'detected'),
])
def test_policy(guard, place, policy, opens, kind):
    bad = write(place / 'bad', BAD)
    g = guard(policy)
    assert can_open(bad) == opens
    g.wait_for(kind)


def test_suspicious_is_reported(guard, place):
    pua = write(place / 'pua', b'pua')
    g = guard()
    assert can_open(pua)
    assert g.wait_for('detected')['verdict'] == SUSPICIOUS
    g.configure(g.text + '[policy]\nsuspicious = block\n')
    end = time.monotonic() + 5
    while can_open(pua) and time.monotonic() < end:
        time.sleep(0.05)
    assert not can_open(pua)


def test_unscanned(guard, place):
    odd = write(place / 'odd', b'odd')
    g = guard()
    assert can_open(odd)
    g.wait_for('unscanned')
    g.stop()
    guard('unscanned = deny')
    assert not can_open(odd)


@pytest.mark.parametrize('rule', [
    'path = /**/x/**', 'signature = Test.B*', 'process = %s'])
def test_exclusions(guard, place, rule):
    (place / 'x').mkdir()
    bad = write(place / 'x/bad', BAD)
    if '%s' in rule:
        rule %= os.path.realpath(shutil.which('cat'))
    guard('[exclude]\n' + rule)
    assert can_open(bad)
    if 'process' in rule:
        assert subprocess.run(['tail', bad],
                              capture_output=True).returncode != 0


def test_exclusions_of_paths_that_others_made(guard, place):
    """Whoever makes a mount namespace of his own chooses paths in it."""
    (place / 'x').mkdir()
    (place / 'y').mkdir()
    write(place / 'y/bad', BAD)
    write(place / 'x/bad', BAD + b'excluded')
    guard(f'[exclude]\npath = {place}/x')
    assert can_open(place / 'x/bad')
    done = subprocess.run(['unshare', '-m', 'sh', '-c', f'mount --bind '
                           f'{place}/y {place}/x && cat {place}/x/bad'],
                          capture_output=True)
    assert b'not permitted' in done.stderr


def test_new_signatures_are_asked_again(guard, place):
    good = write(place / 'good', b'good')
    g = guard()
    assert can_open(good) and can_open(good)
    assert len(g.broker.asked) == 1
    g.broker.generation = 2
    send(g.broker.sock, g.broker.generation_frame())
    end = time.monotonic() + 5
    while len(g.broker.asked) < 2 and time.monotonic() < end:
        assert can_open(good)
        time.sleep(0.02)
    assert len(g.broker.asked) == 2


def test_bind_mounts_and_namespaces(guard, place):
    """A file system is watched, whatever path leads into it."""
    bad = write(place / 'bad', BAD)
    guard()
    for script in ('mount --bind %s /mnt && cat /mnt/bad',
                   'mount --bind %s /mnt && chroot / cat /mnt/bad'):
        done = subprocess.run(['unshare', '-m', 'sh', '-c', script % place],
                              capture_output=True)
        assert done.returncode != 0
        assert b'not permitted' in done.stderr
    assert not can_open(bad)


def test_mounted_in_another_namespace(guard, place):
    """Where the guard does not see it: not watched (docs/guard.md says so).
    Its neighbour is."""
    bad = write(place / 'bad', BAD)
    guard()
    script = (f'mount -t tmpfs candor-test /mnt && printf %s "{BAD.decode()}" '
              f'>/mnt/bad && cat /mnt/bad && cat {bad}')
    done = subprocess.run(['unshare', '-m', 'sh', '-c', script],
                          capture_output=True)
    assert done.stdout == BAD and done.returncode != 0


def test_mounted_later(guard, place, tmp_path):
    """A file system that comes while the guard is there is watched, too."""
    (place / 'more').mkdir()
    g = guard()
    subprocess.run(['mount', '-t', 'tmpfs', 'candor-test', place / 'more'],
                   check=True)
    try:
        g.wait_for('note', text=f'watching {place}/more (tmpfs)')
        bad = write(place / 'more/bad', BAD)
        assert not can_open(bad)
    finally:
        subprocess.run(['umount', '-l', place / 'more'], check=True)


@pytest.fixture
def merged(place):
    """An overlay on the watched file system, as containers have them."""
    for name in ('lower', 'upper', 'work', 'merged'):
        (place / name).mkdir()
    write(place / 'lower/bad', BAD)
    shutil.copy('/bin/true', place / 'lower/true')
    done = subprocess.run(
        ['mount', '-t', 'overlay', 'candor-test', '-o',
         f'lowerdir={place}/lower,upperdir={place}/upper,'
         f'workdir={place}/work', place / 'merged'], capture_output=True)
    if done.returncode != 0:
        pytest.skip('no overlay here')
    yield place / 'merged'
    subprocess.run(['umount', '-l', place / 'merged'], check=True)


def test_overlay(guard, place, merged):
    """Its files are looked at, and looking at them makes nobody wait for
    himself: the kernel opens the layer's file when the overlay's is opened,
    also when it is the guard that opens it."""
    g = guard()
    assert not can_open(merged / 'bad')
    assert g.wait_for('blocked')['path'] in (
        f'{merged}/bad', '/bad')  # as seen from the top of its layer
    write(merged / 'good', b'good')
    assert can_open(merged / 'good')
    assert subprocess.run(['sh', '-c', 'exec "$0"',
                           merged / 'true']).returncode == 0
    write(merged / 'new', BAD)
    assert not can_open(merged / 'new')


def test_overlay_named(guard, place, merged):
    """To name it changes nothing, and that is said."""
    g = guard(mounts=f'{place} {merged}')
    assert not can_open(merged / 'bad')
    assert can_open(merged / 'true')
    assert [e for e in g.events if 'its layers are' in e['text'] or
            f'watching {merged}' in e['text']]


def test_somebody_holds_a_lease(guard, place):
    """Opening a file that is leased makes the opener wait for the holder, up
    to 45 seconds; it must not make the guard wait, too."""
    leased = write(place / 'leased', b'leased')
    bad = write(place / 'bad', BAD)
    guard('deadline = 2')
    source = ('import fcntl, os, signal, sys, time\n'
              'signal.signal(signal.SIGIO, signal.SIG_IGN)\n'
              'fd = os.open(sys.argv[1], os.O_RDWR)\n'
              'while True:\n'
              '    try:\n'
              '        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)\n'
              '        break\n'
              '    except BlockingIOError:  # the guard has it open\n'
              '        time.sleep(0.01)\n'
              'print(flush=True)\n'
              'time.sleep(60)\n')
    holder = subprocess.Popen([sys.executable, '-c', source, leased],
                              stdout=subprocess.PIPE)
    assert holder.stdout.readline()
    opener = subprocess.Popen(['cat', leased], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        before = time.monotonic()
        assert not can_open(bad)
        assert time.monotonic() - before < 20
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
        opener.wait(50)


def test_fifos_and_folders_pass(guard, place):
    os.mkfifo(place / 'fifo')
    guard()
    fd = os.open(place / 'fifo', os.O_RDWR)
    os.close(fd)
    assert os.listdir(place) == ['fifo']


def test_a_hard_link_is_the_same_file(guard, place):
    bad = write(place / 'bad', BAD)
    os.link(bad, place / 'other')
    guard()
    assert not can_open(place / 'other')


def test_sweep_finds_what_runs(guard, place):
    """Programs that were deleted, and ones that never had a name."""
    program = place / 'sleeper'
    shutil.copy('/bin/sleep', program)
    with open(program, 'ab') as f:
        f.write(BAD)
    program.chmod(0o755)
    running = subprocess.Popen([program, '60'])
    nameless = os.memfd_create('nameless', 0)
    os.write(nameless, program.read_bytes())
    hidden = subprocess.Popen([f'/proc/self/fd/{nameless}', '60'],
                              pass_fds=[nameless])
    program.unlink()
    try:
        g = guard('sweep = yes')
        for p in (running, hidden):
            told = g.wait_for('blocked', pid=p.pid)
            assert 'running' in told['text']
    finally:
        running.kill()
        hidden.kill()


class Vault(threading.Thread):
    """Answers JUDGE and TAKE."""

    def __init__(self, owner=0, changed=0):
        super().__init__(daemon=True)
        self.mine, self.theirs = pair()
        self.owner, self.heard = owner, []
        self.changed = changed  # how often a file is found to have changed
        self.stamps = []  # of what was to be taken

    def run(self):
        import array
        import struct
        while True:
            record, more, _, _ = self.mine.recvmsg(1024, socket.CMSG_SPACE(4))
            if not record:
                return
            kind, _, token = struct.unpack_from('<IIQ', record)
            (fd,) = array.array('i', more[0][2][:4])
            self.heard.append((kind, os.readlink(f'/proc/self/fd/{fd}')))
            os.close(fd)
            what = self.owner if kind == 1 else 0
            if kind == 2:
                self.stamps.append(struct.unpack_from('<QQQqqII', record, 560))
                what = 3 if len(self.stamps) <= self.changed else 0
            reply = struct.pack('<IIQIIII', kind + 15, 0, token, what, 0, 0,
                                2 if kind == 2 and what == 0 else 0)
            reply += (b'id' if kind == 2 and what == 0 else b'').ljust(16, b'\0')
            self.mine.send(reply.ljust(608, b'\0'))


def test_quarantine_takes_it(guard, place):
    bad = write(place / 'bad', BAD)
    vault = Vault()
    vault.start()
    g = guard('[policy]\ninfected = quarantine', quarantine=vault.theirs)
    assert not can_open(bad)
    g.wait_for('quarantined', path=str(bad))
    assert vault.heard == [(1, str(bad)), (2, str(bad))]
    assert vault.stamps == [stamp(bad)]


def stamp(path):
    s = path.stat()
    m, c = divmod(s.st_mtime_ns, 10**9), divmod(s.st_ctime_ns, 10**9)
    return s.st_dev, s.st_ino, s.st_size, m[0], c[0], m[1], c[1]


def test_changed_before_it_could_be_taken(guard, place):
    """Then it is looked at again: a new name alone brings no event."""
    bad = write(place / 'bad', BAD)
    seen = []

    def judge_and_change(content):
        seen.append(content)
        if len(seen) == 1:
            bad.chmod(0o600)  # its time of change
        return INFECTED, 'Test.Bad'
    vault = Vault(changed=1)
    vault.start()
    g = guard('[policy]\ninfected = quarantine', quarantine=vault.theirs,
              judge=judge_and_change)
    assert not can_open(bad)
    g.wait_for('quarantined', path=str(bad))
    assert len(seen) == 2 and len(vault.stamps) == 2
    assert vault.stamps[0] != vault.stamps[1] == stamp(bad)


@pytest.mark.parametrize('owner, opens', [(0, False), (1, True), (2, False),
                                          (3, True)])
def test_files_of_packages(guard, place, owner, opens):
    """As shipped: reported. Changed: blocked."""
    bad = write(place / 'bad', BAD)
    vault = Vault(owner)
    vault.start()
    guard(quarantine=vault.theirs)
    assert can_open(bad) == opens


def test_quarantine_that_does_not_answer(guard, place):
    bad = write(place / 'bad', BAD)
    mine, theirs = pair()
    g = guard('deadline = 1', quarantine=theirs)
    assert not can_open(bad)  # at the deadline: it is no file of the system
    mine.close()
    g.wait_for('blocked')
    assert not can_open(bad)


def test_off_and_on(guard, place):
    bad = write(place / 'bad', BAD)
    g = guard()
    assert not can_open(bad)
    g.configure(g.text.replace('enabled = yes', 'enabled = no'))
    end = time.monotonic() + 5
    while not can_open(bad) and time.monotonic() < end:
        time.sleep(0.02)
    assert can_open(bad)
    g.configure(g.text)
    end = time.monotonic() + 5
    while can_open(bad) and time.monotonic() < end:
        time.sleep(0.02)
    assert not can_open(bad)


def test_many_at_once(guard, place):
    """Thousands of opens of hundreds of files by many processes."""
    for i in range(300):
        write(place / f'f{i}', (BAD if i % 10 == 0 else b'good ') +
              str(i).encode())
    guard('deadline = 30')
    script = ('n=0; for f in %s/f*; do cat $f >/dev/null 2>&1 || n=$((n+1)); '
              'done; exit $n' % place)
    many = [subprocess.Popen(['sh', '-c', script]) for _ in range(8)]
    assert [p.wait(120) for p in many] == [30] * 8

