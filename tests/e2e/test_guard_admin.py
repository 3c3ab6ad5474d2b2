"""Root looks at the guard and changes it while it works: candor guard status,
on, off, exclude; with the whole of candord, as in test_guard_live."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import shutil
import subprocess
import time

import pytest

import test_guard_live
from conftest import CANDOR, NOBODY, run
from test_guard import can_open
from test_guard_live import EICAR, machine, pytestmark, write  # noqa: F401

assert pytestmark


def ask(machine, *words, **more):
    return run('guard', *words, '--socket', machine.place / 'control.sock',
               **more)


def status(machine, **more):
    done = ask(machine, 'status', '--json', **more)
    (told,) = done.objects
    return done.code, told


def test_status_tells_what_is_watched_and_what_is_not(machine):
    # Numbers are told once a second.
    machine.wait_until(
        lambda: status(machine)[1]['metrics'].get('guard_state') == 2)
    code, told = status(machine)
    assert code == 0
    assert told['enabled'] and not told['switched_off']
    assert told['state'] == 'ready' and told['pid']
    mounts = {m['path']: m for m in told['mounts']}
    assert mounts[str(machine.place)] == {
        'watched': True, 'path': str(machine.place), 'type': 'tmpfs'}
    assert mounts['/proc']['why'].startswith('the kernel shows itself')
    assert mounts['/']['why'] == 'not below [guard] mounts'
    # The same for people, without what the kernel shows of itself.
    text = ask(machine, 'status').out.decode()
    assert 'on, and denies what is infected' in text
    assert f'watched      {machine.place} (tmpfs)' in text
    assert ' /proc ' not in text
    assert ' /proc (' in ask(machine, 'status', '--all').out.decode()


def test_mounts_and_exclusions_are_for_root(machine):
    write(machine.place / 'x', b'')
    code, told = status(machine, user=NOBODY, group=NOBODY, extra_groups=[])
    assert code == 0
    assert told['mounts'] == [] and told['exclusions'] == []
    for words in (['off'], ['on'], ['exclude', 'add', 'path', '/srv/**'],
                  ['exclude', 'add', '--once', 'path', '/srv/**'],
                  ['exclude', 'list']):
        done = ask(machine, *words, user=NOBODY, group=NOBODY,
                   extra_groups=[])
        assert done.code == 2, words
    assert not can_open(write(machine.place / 'bad', EICAR))
    machine.wait_for('denied')


def test_off_for_a_time_and_on_again(machine):
    bad = write(machine.place / 'bad', EICAR)
    assert not can_open(bad)
    assert ask(machine, 'off', '--for', '2h').code == 0
    machine.wait_until(lambda: can_open(bad))
    code, told = status(machine)
    assert code == 1 and told['switched_off']
    assert 7100 < told['off_seconds'] <= 7200
    seen = run('status', '--socket', machine.place / 'control.sock')
    assert b'SWITCHED OFF' in seen.out
    (event,) = machine.told('changed')
    assert 'user 0 switched the guard off for 7200 s' in event['text']
    assert event['level'] == 'warning'
    # A reload does not switch it on behind somebody's back.
    machine.reload()
    assert can_open(bad)
    assert ask(machine, 'on').code == 0
    machine.wait_until(lambda: not can_open(bad))
    assert len(machine.told('changed')) == 2
    # On by itself when the time is over.
    assert ask(machine, 'off', '--for', '1').code == 0
    machine.wait_until(lambda: len(machine.told('changed')) == 4)
    machine.wait_until(lambda: not can_open(bad))
    assert status(machine)[0] == 0


def test_exclusions_of_every_kind_come_and_go(machine):
    place = machine.place
    (place / 'left out').mkdir()
    bad = write(place / 'left out' / 'bad', EICAR)
    digest = hashlib.sha256(EICAR).hexdigest()
    for kind, value in (('path', f'{place}/left out/**'), ('hash', digest),
                        ('file', f'{place}/*/bad'),
                        ('signature', 'Test.*'),
                        ('process', os.path.realpath(shutil.which('cat')))):
        assert not can_open(bad)
        done = ask(machine, 'exclude', 'add', '--once', kind, value)
        assert done.code == 0, done.err
        machine.wait_until(lambda: can_open(bad))
        (one,) = [e for e in status(machine)[1]['exclusions']
                  if e['from'] == 'added']
        assert (one['kind'], one['value']) == (kind, value)
        assert one['reach']
        assert ask(machine, 'exclude', 'remove', '--once', kind,
                   value).code == 0
        machine.wait_until(lambda: not can_open(bad))
    assert len(machine.told('changed')) == 10
    # A file's exclusion is not one of what is in a folder.
    assert ask(machine, 'exclude', 'add', '--once', 'file',
               f'{place}/left out').code == 0
    machine.wait_until(lambda: len(machine.told('changed')) == 11)
    assert not can_open(bad)
    # What the configuration has cannot be taken off that way.
    assert ask(machine, 'exclude', 'remove', '--once', 'path',
               f'{place}/*.cand').code == 2


def test_an_exclusion_is_kept_in_the_configuration(machine):
    place = machine.place
    bad = write(place / 'bad', EICAR)
    name = place / 'odd "name" \\ \u00e9'
    odd = write(name, EICAR)
    drop_in = place / 'candor.conf.d/exclude.conf'
    for path in bad, odd:
        done = ask(machine, 'exclude', 'add', 'path', path)
        assert done.code == 0, done.err
        machine.wait_until(lambda: can_open(path))
    assert drop_in.stat().st_mode & 0o022 == 0
    machine.wait_until(lambda: len(machine.told('changed')) == 2)
    told = ask(machine, 'exclude', 'list', '--json').objects
    assert {e['value'] for e in told} == {f'{place}/*.cand', str(bad),
                                          str(odd)}
    machine.reload()
    assert can_open(bad)
    # What candord refuses is not in the file afterwards.
    before = drop_in.read_bytes()
    assert ask(machine, 'exclude', 'add', 'path', 'srv').code == 2
    assert drop_in.read_bytes() == before
    machine.wait_for('refused')
    for path in bad, odd:
        assert ask(machine, 'exclude', 'remove', 'path', path).code == 0
        machine.wait_until(lambda: not can_open(path))
    assert ask(machine, 'exclude', 'remove', 'path', bad).code == 2
    assert b'path' not in drop_in.read_bytes().split(b'[exclude]')[1]


def test_a_folder_others_may_write_to_is_no_configuration(machine):
    bad = write(machine.place / 'bad', EICAR)
    folder = machine.place / 'candor.conf.d'
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    write(folder / 'a.conf', f'[exclude]\npath = {bad}\n'.encode())
    machine.process.send_signal(test_guard_live.signal.SIGHUP)
    machine.wait_for('refused')
    assert not can_open(bad)
    folder.chmod(0o755)
    machine.reload()
    machine.wait_until(lambda: can_open(bad))


def notifier(machine, tmp_path, name):
    """candor notify in the session of nobody, whose desktop writes down."""
    folder = tmp_path / name
    folder.mkdir()
    shown = folder / 'shown'
    shown.touch()
    shown.chmod(0o666)
    script = folder / 'notify-send'
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >> {shown}\n')
    script.chmod(0o755)
    folder.chmod(0o755)
    process = subprocess.Popen(
        [CANDOR, 'notify', '--socket', machine.place / 'events.sock'],
        user=NOBODY, group=NOBODY, extra_groups=[],
        env={**os.environ, 'PATH': f'{folder}:/usr/bin:/bin'},
        stderr=subprocess.PIPE)
    return process, shown


def end(process):
    process.kill()
    process.wait()
    process.stderr.close()


def test_people_see_what_they_opened_and_nothing_else(machine, tmp_path):
    process, _ = notifier(machine, tmp_path, 'none')
    assert process.wait(30) == 2  # they are not let hear
    end(process)
    text = machine.conf.read_text().replace('[log]\n',
                                            '[log]\ndesktop = yes\n')
    machine.conf.write_text(text)
    machine.reload()
    process, shown = notifier(machine, tmp_path, 'one')
    try:
        time.sleep(0.5)
        assert process.poll() is None
        others = write(machine.place / 'of root', EICAR)
        assert not can_open(others)
        machine.wait_for('blocked', path=str(others))
        # Written and opened by nobody.
        machine.place.chmod(0o777)
        own = machine.place / 'a <b> & c'
        subprocess.run(['sh', '-c', 'cat > "$0"; cat "$0"', own],
                       input=EICAR + b'2', user=NOBODY, group=NOBODY,
                       extra_groups=[], capture_output=True)
        machine.wait_until(lambda: 'Test.Eicar' in shown.read_text())
        assert f'{machine.place}/a &lt;b&gt; &amp; c' in shown.read_text()
        assert 'of root' not in shown.read_text()
        # So many listeners of one user, and no more.
        more = [notifier(machine, tmp_path, f'more{i}')[0] for i in range(2)]
        machine.wait_until(lambda: [p.poll() for p in more].count(2) == 1)
        for p in more:
            end(p)
    finally:
        end(process)


@pytest.mark.parametrize('words', [
    ['exclude', 'add'], ['exclude', 'add', 'path'], ['exclude', 'list', 'x'],
    ['exclude', 'forget', 'path', '/x'], ['exclude', 'add', 'colour', 'red'],
    ['exclude', 'add', 'path', '/a\nb'], ['off', 'now'],
    ['off', '--for', 'ever'], ['on', '1'], ['status', 'x']])
def test_wrong_usage(words):
    assert run('guard', *words).code == 64


@pytest.mark.parametrize('words', [
    ['status'], ['on'], ['off'], ['exclude', 'list'],
    ['exclude', 'add', 'path', '/x'], ['exclude', 'add', '--once', 'path',
                                       '/x']])
def test_without_candord(words, tmp_path):
    done = run('guard', *words, '--socket', tmp_path / 'none.sock')
    assert done.code == 2
    assert b'none.sock' in done.err
