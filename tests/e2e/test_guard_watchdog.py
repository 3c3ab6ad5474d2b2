"""The kernel's own watch over those who shall answer it
(fs.fanotify.watchdog_timeout, since Linux 6.18)."""
# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import sys
import time

import pytest

from test_guard_live import machine, opener, pytestmark, write  # noqa: F401

WATCHDOG = '/proc/sys/fs/fanotify/watchdog_timeout'
LIMIT = 5  # seconds

# Nothing of ours: holds every event for so long, and says the longest.
LISTENER = '''
import ctypes, os, struct, sys, time
folder, hold = sys.argv[1].encode(), float(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.fanotify_init(4 | 1 | 2, os.O_RDONLY)
mark = libc.fanotify_mark
mark.argtypes = (ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int,
                 ctypes.c_char_p)
assert mark(fd, 1 | 0x100, 0x10000, -100, folder) == 0
print('ready', flush=True)
held, longest, end = [], 0, time.monotonic() + float(sys.argv[3])
while time.monotonic() < end or held:
    time.sleep(0.01)
    try:
        events = os.read(fd, 4096)
    except BlockingIOError:
        events = b''
    for at in range(0, len(events), 24):
        held.append((struct.unpack_from('<i', events, at + 16)[0],
                     time.monotonic()))
    while held and time.monotonic() - held[0][1] >= hold:
        one, since = held.pop(0)
        longest = max(longest, time.monotonic() - since)
        os.write(fd, struct.pack('<iI', one, 1))
        os.close(one)
print(longest)
'''


def complaints():
    done = subprocess.run(['dmesg'], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines()
            if 'failed to respond to fanotify' in line]


@pytest.fixture
def watchdog():
    """It watches while a test runs."""
    if not os.path.exists(WATCHDOG):
        pytest.skip('this kernel has no watchdog')
    with open(WATCHDOG) as f:
        before = f.read()
    with open(WATCHDOG, 'w') as f:
        f.write(str(LIMIT))
    yield
    with open(WATCHDOG, 'w') as f:
        f.write(before)


def open_new_files(place, turn):
    """Ten at once; how long they waited."""
    before = time.monotonic()
    waiting = [opener(write(place / f'f{turn}.{i}', b'good %d' % i))
               for i in range(10)]
    assert [p.wait(60) for p in waiting] == [0] * 10
    return time.monotonic() - before


def complains_too_early(folder):
    """Does this kernel complain of waits that are shorter than its limit?
    (6.18 does: the memory of an event keeps the count of the one before it.)
    """
    folder.mkdir()
    subprocess.run(['mount', '-t', 'tmpfs', 'candor-test', folder], check=True)
    listener = subprocess.Popen(
        [sys.executable, '-c', LISTENER, folder, '4', '22'],
        stdout=subprocess.PIPE, text=True)
    try:
        assert listener.stdout.readline() == 'ready\n'
        then = complaints()
        for turn in range(6):
            if complaints() == then:
                open_new_files(folder, turn)
        longest = float(listener.stdout.read())
        return longest < LIMIT and complaints() != then
    finally:
        listener.kill()
        listener.wait()
        listener.stdout.close()
        subprocess.run(['umount', '-l', folder], check=True)


def check(then, folder):
    """No complaint since then, or one that the kernel makes of others too."""
    found = complaints()
    if found == then:
        return
    for turn in range(3):
        if complains_too_early(folder / f'other{turn}'):
            pytest.skip('this kernel complains of waits below its limit, also '
                        'of a listener that is not ours')
    assert found == then


def test_no_complaint_while_verdicts_come(watchdog, machine,  # noqa: F811
                                          tmp_path):
    """Work for longer than two of its looks take."""
    then = complaints()
    turn, end = 0, time.monotonic() + 2 * LIMIT + 2
    while time.monotonic() < end:
        open_new_files(machine.place, turn)
        turn += 1
    check(then, tmp_path)


def test_no_complaint_while_none_come(watchdog, machine,  # noqa: F811
                                      tmp_path):
    """With a deadline below its limit the answer is in time."""
    machine.write_config(guard='deadline = 3')
    machine.reload()
    then = complaints()
    for pid in machine.pids('candor-worker') + machine.pids('candor-broker'):
        os.kill(pid, signal.SIGSTOP)
    for turn in range(3):
        open_new_files(machine.place, turn)
    machine.kill('candor-broker')
    machine.wait_until(machine.denies)
    check(then, tmp_path)
