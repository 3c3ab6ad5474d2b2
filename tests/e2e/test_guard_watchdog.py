"""The kernel's own watch over those who shall answer it
(fs.fanotify.watchdog_timeout, since Linux 6.18)."""
# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import time

import pytest

from test_guard_live import machine, opener, pytestmark, write  # noqa: F401

WATCHDOG = '/proc/sys/fs/fanotify/watchdog_timeout'
LIMIT = 5  # seconds

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


def check(then, longest):
    """No complaint since then; or one that is wrong, because nobody waited for
    as long as that.  (6.18 makes such ones, of any listener: the memory of an
    event keeps the count of the one before it.)"""
    found = complaints()
    if found != then and longest < LIMIT:
        pytest.skip(f'this kernel complains though nobody waited for {LIMIT} '
                    f'seconds, but {longest:.2f} at most')
    assert found == then


def test_no_complaint_while_verdicts_come(watchdog, machine):  # noqa: F811
    """Work for longer than two of its looks take."""
    then = complaints()
    turn, longest, end = 0, 0, time.monotonic() + 2 * LIMIT + 2
    while time.monotonic() < end:
        longest = max(longest, open_new_files(machine.place, turn))
        turn += 1
    check(then, longest)


def test_no_complaint_while_none_come(watchdog, machine):  # noqa: F811
    """With a deadline below its limit the answer is in time."""
    machine.write_config(guard='deadline = 3')
    machine.reload()
    then = complaints()
    for pid in machine.pids('candor-worker') + machine.pids('candor-broker'):
        os.kill(pid, signal.SIGSTOP)
    longest = max(open_new_files(machine.place, turn) for turn in range(3))
    machine.kill('candor-broker')
    machine.wait_until(machine.denies)
    check(then, longest)
