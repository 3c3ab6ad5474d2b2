"""candor config: shown, checked, and made of clamd's."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess

import pytest

from conftest import BUILD, run

GOOD = """[scan]
workers = 3
[exclude]
path = "/srv/a b" /var/cache/**
[policy]
rule = report path=/srv/samples/** signature=Test.*
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / 'candor.conf'
        path.write_text(text)
        return path
    return write


def test_check(file):
    assert run('config', 'check', file(GOOD)).code == 0
    assert run('config', 'check', file('')).code == 0


@pytest.mark.parametrize('text, line, why', [
    ('[scan]\nworkers = many\n', ':2:', 'workers'),
    ('[scan]\nwrokers = 1\n', ':2:', 'wrokers'),
    ('[policy]\nrule = allow path=/x\n', '', 'report, block or quarantine'),
    ('[exclude]\nhash = abc\n', '', 'SHA-256'),
])
def test_check_says_where_and_why(file, text, line, why):
    path = file(text)
    done = run('config', 'check', path)
    assert done.code == 2
    assert f'{path}{line}' in done.err.decode() and why in done.err.decode()


def test_show_tells_where_from(file):
    path = file(GOOD)
    shown = {(o['section'], o['key']): o
             for o in run('config', 'show', '--json', path).objects}
    assert shown['scan', 'workers']['value'] == '3'
    assert shown['scan', 'workers']['line'] == 2
    assert shown['exclude', 'path']['value'] == ['/srv/a b', '/var/cache/**']
    assert shown['clamd', 'socket']['from'] == 'default'
    text = run('config', 'show', path)
    assert text.code == 0
    again = file(text.out.decode())
    assert run('config', 'check', again).code == 0
    assert [o['value'] for o in run('config', 'show', '--json', again).objects] \
        == [o['value'] for o in shown.values()]


def test_import_takes_over_or_says_why_not(tmp_path):
    theirs = tmp_path / 'clamd.conf'
    theirs.write_text('# a comment\nLocalSocket /run/clamd.ctl\n'
                      'StreamMaxLength 25M\nAlertEncrypted yes\n'
                      'DetectPUA yes\n'
                      'ExcludePath ^/srv/backup/\nExcludePath .*\\.iso$\n'
                      'OnAccessExcludeUname clamav\nVirusEvent /bin/true\n')
    made = tmp_path / 'candor.conf'
    done = run('config', 'import', theirs, '-o', made)
    assert done.code == 0 and b'6 settings taken over, 3 not' in done.err
    text = made.read_text()
    for number in (6, 7, 8):
        assert f'# line {number + 1}: ' in text
    shown = {(o['section'], o['key']): o['value'] for o in
             run('config', 'show', '--json', made).objects}
    assert shown['clamd', 'socket'] == '/run/clamd.ctl'
    assert shown['clamd', 'stream_max'] == '25M'
    assert shown['clamd', 'unscanned_encrypted'] == 'found'
    # The first line of a list replaces the default, which is wanted as well.
    assert shown['exclude', 'path'] == ['/var/lib/candor/*.cand', '/srv/backup']
    assert shown['clamd', 'suspicious'] == 'found'
    assert run('config', 'import', theirs, '-o', made).code == 2


@pytest.mark.skipif(not os.path.exists('/etc/clamav/clamd.conf'),
                    reason='clamd is not installed')
def test_import_of_what_debian_ships(tmp_path):
    made = tmp_path / 'candor.conf'
    assert run('config', 'import', '-o', made).code == 0
    assert run('config', 'check', made).code == 0
    text = made.read_text()
    assert 'Not carried over' in text and 'no such option' not in text


@pytest.mark.parametrize('lines', [
    'AlertEncryptedArchive yes\nAlertEncryptedDoc yes',
    'ArchiveBlockEncrypted no\nAlertEncrypted yes',
    'LocalSocket /a\nLocalSocket /b\nReadTimeout 0\nMaxScanTime 1000\n'
    'MaxScanTime 2000\nMaxDirectoryRecursion 0\n'
    'OnAccessExcludePath relative'])
def test_what_is_imported_is_good(tmp_path, lines):
    (tmp_path / 'clamd.conf').write_text(lines + '\n')
    made = tmp_path / 'candor.conf'
    assert run('config', 'import', tmp_path / 'clamd.conf', '-o',
               made).code == 0
    done = run('config', 'check', made)
    assert done.code == 0, done.err


def test_hostile_values_cannot_become_lines(tmp_path):
    theirs = tmp_path / 'clamd.conf'
    theirs.write_bytes(b'LocalSocket "/run/a\x01\\" b # [guard]\n'
                       b'User a"b\\c\n')
    made = tmp_path / 'candor.conf'
    assert run('config', 'import', theirs, '-o', made).code == 0
    assert run('config', 'check', made).code == 0


def test_usage(tmp_path):
    assert run('config', 'check', 'a', 'b').code == 64
    assert run('config', 'check', tmp_path / 'none').code == 2
    assert json.loads(run('config', 'show', '--json', os.devnull).lines[0])


def test_parts_of_a_configuration_are_shown_and_checked(tmp_path):
    """FILE.d adds to lists, also to one at its default, as for candord."""
    main = tmp_path / 'x.conf'
    main.write_text('[scan]\nworkers = 2\n')
    parts = tmp_path / 'x.conf.d'
    parts.mkdir()
    (parts / 'b.conf').write_text('[exclude]\npath = /srv/b\n')
    (parts / 'a.conf').write_text('[exclude]\npath = /srv/a\n')
    (parts / 'no.txt').write_text('nonsense\n')
    shown = {(o['section'], o['key']): o
             for o in run('config', 'show', '--json', main).objects}
    path = shown['exclude', 'path']
    assert path['value'] == ['/var/lib/candor/*.cand', '/srv/a', '/srv/b']
    assert (path['from'], path['line']) == (str(parts / 'b.conf'), 2)
    assert shown['scan', 'workers']['from'] == str(main)
    assert run('config', 'check', main).code == 0
    (parts / 'c.conf').write_text('[scan]\nworkers = 3\n')
    done = run('config', 'check', main)
    assert done.code == 2
    assert b'c.conf:2: workers: was given in line 2 already' in done.err
    assert run('config', 'show', tmp_path / 'none').out == b''


@pytest.mark.parametrize('line', ['[policy]\nrule = frob path=/x',
                                  '[exclude]\nhash = 1234'])
def test_candord_refuses_what_the_check_refuses(tmp_path, line):
    made = tmp_path / 'candor.conf'
    made.write_text(line + '\n')
    assert run('config', 'check', made).code == 2
    done = subprocess.run([BUILD / 'bin/candord', '--check', '-c', made],
                          capture_output=True, text=True)
    assert done.returncode == 2 and line.split()[1] in done.stderr


def test_a_file_that_others_may_write_is_refused(tmp_path):
    made = tmp_path / 'candor.conf'
    made.write_text('')
    command = [BUILD / 'bin/candord', '--check', '-c', made]
    made.chmod(0o644)
    assert subprocess.run(command).returncode == 0
    made.chmod(0o666)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and 'others may write to it' in done.stderr
