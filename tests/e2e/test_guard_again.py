"""On-access protection: what is looked at once, and not twice, and what must
be looked at again (docs/guard.md, "What is not asked again")."""
# SPDX-License-Identifier: Apache-2.0
import socket
import subprocess
import sys
import threading
import time

import pytest

from test_guard import (BAD, can_open, can_watch, guard,  # noqa: F401
                        judge, place, write)

pytestmark = pytest.mark.skipif(not can_watch(),
                                reason='needs root and fanotify')

GOOD = b'good'.ljust(len(BAD))


def judge_slowly(content):
    """Longer than a tick of any kernel's clock."""
    time.sleep(0.03)
    return judge(content)


# Writes argv[1] and keeps it open for writing; opens it to be read, does
# something, and opens it once more, as argv[2] says.  Says how often it could.
OPEN = r'''
import mmap, os, sys, threading, time
path, how, bad, good = sys.argv[1], sys.argv[2], *map(os.fsencode, sys.argv[3:])
if how == 'threads':
    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
fd = os.open(path, os.O_RDWR | os.O_CREAT)
os.write(fd, good)
opened = 0

def open_once():
    global opened
    os.open(path, os.O_RDONLY)
    opened += 1

def back():
    then = os.fstat(fd)
    os.pwrite(fd, bad, 0)
    os.utime(fd, ns=(then.st_atime_ns, then.st_mtime_ns))

def by_mapping():
    with mmap.mmap(fd, 0) as m:
        m[:len(bad)] = bad

def renamed():
    with open(path + ' new', 'wb') as f:
        f.write(bad)
    os.rename(path + ' new', path)

def other():
    global opened
    if os.fork() == 0:
        os.close(os.open(path, os.O_RDONLY))
        os._exit(0)
    opened += os.waitstatus_to_exitcode(os.wait()[1]) == 0

between = {'nothing': lambda: [open_once() for _ in range(8)],
           'threads': lambda: None, 'time': lambda: time.sleep(0.2),
           'write': lambda: os.pwrite(fd, bad, 0), 'back': back,
           'mapping': by_mapping, 'renamed': renamed, 'other': other}[how]
try:
    open_once()
    between()
    open_once()
except PermissionError:
    pass
print(opened)
'''


def open_twice(path, how):
    done = subprocess.run([sys.executable, '-c', OPEN, path, how, BAD, GOOD],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_who_was_just_told_asks_again(guard, place):  # noqa: F811
    """A file that is open for writing is looked at whenever it is opened; but
    not for every thread of who does nothing but open it, as git its packs."""
    g = guard(judge=judge_slowly)
    assert open_twice(place / 'pack', 'nothing') == 10
    assert 1 <= g.broker.asked.count(GOOD) < 10


@pytest.mark.parametrize('how, opens', [
    ('write', 1), ('back', 1), ('mapping', 1), ('renamed', 1)])
def test_what_he_was_told_is_not_of_what_he_writes(guard, place,  # noqa: F811
                                                   how, opens):
    g = guard(judge=judge_slowly)
    assert open_twice(place / 'file', how) == opens
    g.wait_for('blocked')


@pytest.mark.parametrize('how, asked', [('time', 2), ('other', 2),
                                        ('threads', 2)])
def test_it_was_said_to_him_and_for_a_moment(guard, place,  # noqa: F811
                                             how, asked):
    """Not to his child, nor later, nor to one of several threads."""
    g = guard(judge=judge_slowly)
    assert open_twice(place / 'file', how) == (3 if how == 'other' else 2)
    assert g.broker.asked.count(GOOD) >= asked


def test_opened_since_it_was_written(guard, place):  # noqa: F811
    """It was put aside to be looked at, and then somebody opened it: that is
    enough."""
    g = guard()
    for i in range(20):
        assert can_open(write(place / f'f{i}', b'%d' % i))
    write(place / 'last', b'last')
    end = time.monotonic() + 10
    while b'last' not in g.broker.asked and time.monotonic() < end:
        time.sleep(0.02)
    assert sorted(g.broker.asked) == sorted([b'%d' % i for i in range(20)] +
                                            [b'last'])


def test_written_while_it_is_looked_at(guard, place):  # noqa: F811
    """What was found before says nothing of that: it has its turn."""
    let, asked = threading.Event(), threading.Event()

    def wait(content):
        if content == GOOD:
            asked.set()
            let.wait(10)
        return judge(content)
    file = write(place / 'file', GOOD)
    g = guard(judge=wait)
    opener = subprocess.Popen(['cat', file], stdout=subprocess.DEVNULL)
    assert asked.wait(10)
    subprocess.run(['sh', '-c', 'printf "$1" 1<>"$0"', file, BAD], check=True)
    let.set()
    opener.wait(10)
    g.wait_for('blocked', path=str(file))
    assert not can_open(file)


def test_nothing_is_begun_while_somebody_waits(guard, place):  # noqa: F811
    """For a second: he may be the only one who works."""
    let, asked = threading.Event(), threading.Event()

    def wait(content):
        if content == b'held':
            asked.set()
            let.wait(10)
        return judge(content)
    held = write(place / 'held', b'held')
    g = guard(judge=wait)
    before = time.monotonic()
    write(place / 'written', b'written')
    opener = subprocess.Popen(['cat', held], stdout=subprocess.DEVNULL)
    assert asked.wait(10)
    time.sleep(0.3)
    try:  # the broker is busy with the first: is there another question?
        g.broker.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        assert time.monotonic() - before > 0.9
    except BlockingIOError:
        pass
    let.set()
    assert opener.wait(10) == 0
    end = time.monotonic() + 10
    while b'written' not in g.broker.asked and time.monotonic() < end:
        time.sleep(0.02)
    assert g.broker.asked.count(b'written') == 1
