"""candor selftest: what a stranger can run, and the page that explains it."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import subprocess

import pytest

from conftest import BUILD, CANDOR, ROOT

NOBODY = 65534


def selftest(*words, **more):
    return subprocess.run([CANDOR, 'selftest', *words], capture_output=True,
                          text=True, timeout=600, **more)


def test_all_of_it_holds_for_an_ordinary_user():
    as_user = {}
    if os.geteuid() == 0:
        as_user = dict(user=NOBODY, group=NOBODY, extra_groups=[],
                       env={'PATH': os.environ['PATH']}, cwd='/')
    done = selftest(**as_user)
    assert done.returncode == 0, done.stdout
    told = dict(re.findall(r'^  ok +(\S+) +(.*)  \(', done.stdout, re.M))
    page = dict(re.findall(r'^\| `(\S+)` \| (.*?) \|',
                           (ROOT / 'docs/charges.md').read_text(), re.M))
    assert told == page
    assert [c for c in re.findall(r'^Charge (\d)', done.stdout, re.M)] == \
        list('123456')


def test_one_alone_and_words_that_are_none():
    done = selftest('charge-6')
    assert done.returncode == 0 and '\n1 trial\n' in done.stdout
    done = selftest('two-of-five')
    assert done.returncode == 0 and 'two-of-five' in done.stdout
    for word in ('nothing', 'charge-9', 'charge-0', ''):
        done = selftest('charge-6', word)
        assert done.returncode == 64
        assert 'there is no trial' in done.stderr and done.stdout == ''


def test_a_trial_fails_when_the_thing_does_not_work(tmp_path):
    """With an updater that says yes to everything."""
    place = tmp_path / 'bin'
    place.mkdir()
    for program in (BUILD / 'bin').iterdir():
        if program.name.startswith('candor') and program.is_file():
            (place / program.name).symlink_to(program)
    for name in ('candor', 'candor-selftest'):
        raw = (place / name).read_bytes()
        (place / name).unlink()
        (place / name).write_bytes(raw)
        (place / name).chmod(0o755)
    (place / 'candor').rename(place / 'real')
    (place / 'candor').write_text(
        f'#!/bin/sh\n[ "$1" = update ] && exit 0\nexec {CANDOR} "$@"\n')
    (place / 'candor').chmod(0o755)
    done = subprocess.run([place / 'candor-selftest', 'charges', 'bit', 'poison',
                           'keys', 'rollback', 'request', 'same', 'stick'],
                          capture_output=True, text=True)
    assert done.returncode == 1
    assert '  ok ' not in done.stdout, done.stdout
