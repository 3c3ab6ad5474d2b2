"""candor switch plan: what becomes of exported settings, and the steps."""
# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from conftest import run

# As kesl-control --get-settings 1 --file writes it, by its manual.
ON_ACCESS = '''ScanArchived=No
TimeLimit=60
FirstAction=Recommended
UseExcludeMasks=Yes
ExcludeMasks.item_0000=*.mdf
ScanByAccessType=SmartCheck
[ScanScope.item_0000]
AreaDesc=All objects
UseScanArea=Yes
Path=/
AreaMask.item_0000=*
[ExcludedFromScanScope.item_0000]
AreaDesc="oracle data"
UseScanArea=Yes
Path="/var/lib/oracle db"
AreaMask.item_0000=*
[ExcludedFromScanScope.item_0001]
AreaDesc=
UseScanArea=No
Path=/tmp/notchecked
AreaMask.item_0000=*
'''


@pytest.fixture
def plan(tmp_path):
    def make(*texts, task='', options=(), code=0):
        given = []
        for n, text in enumerate(texts):
            path = tmp_path / f'{n}.ini'
            path.write_bytes(text if isinstance(text, bytes)
                             else text.encode())
            given += ['--settings', f'{task}{path}']
        done = run('switch', 'plan', '--json', *given, *options)
        assert done.code == code, done.err
        return done.objects
    return make


def of(objects, kind):
    return [o for o in objects if o['type'] == f'switch_{kind}']


def test_settings_are_carried_over_and_read_by_candord(plan, tmp_path):
    conf = tmp_path / 'out.conf'
    objects = plan(ON_ACCESS, options=('-o', conf))
    taken = {(o['section'], o['key'], o['target']): o
             for o in of(objects, 'setting') if o['how'] != 'left out'}
    assert set(taken) == {
        ('scan', 'deadline', '60'), ('policy', 'infected', 'quarantine'),
        ('exclude', 'file', '/**.mdf'), ('guard', 'on_open', 'yes'),
        ('guard', 'on_write', 'yes'), ('guard', 'mounts', '/'),
        ('exclude', 'path', '/var/lib/oracle db')}
    oracle = taken['exclude', 'path', '/var/lib/oracle db']
    assert oracle['line'] == 15 and oracle['how'] == 'exact'
    assert oracle['look_at'] == ['there is no such file here']
    for o in of(objects, 'setting'):
        assert o['how'] == 'exact' or o['why']
    assert run('config', 'check', conf).code == 0
    shown = {(o['section'], o['key']): o['value']
             for o in run('config', 'show', '--json', conf).objects}
    assert shown['exclude', 'path'] == ['/var/lib/candor/*.cand',
                                        '/var/lib/oracle db']
    assert shown['exclude', 'file'] == ['/**.mdf']
    assert shown['policy', 'infected'] == 'quarantine'
    # It is never written over.
    plan(ON_ACCESS, options=('-o', conf), code=2)


def test_what_the_task_is_decides(plan):
    area = ON_ACCESS[ON_ACCESS.index('[Excl'):]
    for task, how in (('', 'left out'), ('2=', 'left out'), ('1=', 'exact'),
                      ('File_Threat_Protection=', 'exact')):
        objects = plan(area, task=task)
        assert of(objects, 'setting')[0]['how'] == how, task


def test_first_file_wins(plan, tmp_path):
    conf = tmp_path / 'out.conf'
    plan('FirstAction=Block\n', 'FirstAction=Skip\n', task='1=',
         options=('-o', conf))
    assert 'infected = block' in conf.read_text()
    assert 'infected = report' not in conf.read_text()
    assert 'says otherwise' in conf.read_text()
    assert run('config', 'check', conf).code == 0


@pytest.mark.parametrize('text, line', [
    ('A=1\nnonsense\n', 2), ('A="x\n', 1), (b'A=\0\n', 1), ('{"A": 1}', 0),
    ('A=\x1b[31mred\n', 1),
])
def test_what_is_not_understood_is_told(plan, text, line):
    trouble, = of(plan(text, code=2), 'trouble')
    assert trouble['line'] == line and trouble['why']


def test_more_than_a_configuration_may_hold_is_not_written(plan, tmp_path):
    conf = tmp_path / 'out.conf'
    plan('UseExcludeMasks=Yes\n' + ''.join(
        f'ExcludeMasks.item_{n:04}=*.a{n}\n' for n in range(1025)),
        task='1=', options=('-o', conf), code=2)
    assert not conf.exists()


def test_root_is_looked_at(plan, tmp_path):
    root = tmp_path / 'root'
    for path in ('opt/kaspersky/kesl', 'opt/kaspersky/klnagent64',
                 'var/lib/oracle db'):
        (root / path).mkdir(parents=True)
    objects = plan(ON_ACCESS, options=('--root', root))
    assert [o['path'] for o in of(objects, 'found')] == \
        ['/opt/kaspersky/kesl', '/opt/kaspersky/klnagent64']
    assert not any(o['look_at'] for o in of(objects, 'setting')
                   if o.get('key') == 'path')


def test_candor_protects_before_the_other_goes():
    done = run('switch', 'plan', '--json')
    assert done.code == 0
    names = [o['name'] for o in of(done.objects, 'step')]
    assert names.index('arm') < names.index('stop the old') \
        < names.index('probe') < names.index('remove packages') \
        < names.index('remove the agent') < names.index('clean residue')
    assert of(done.objects, 'loss')


def test_text_says_all(tmp_path):
    path = tmp_path / 'a.ini'
    path.write_text(ON_ACCESS + 'Odd=\u202e\n')
    done = run('switch', 'plan', '--settings', path)
    text = done.out.decode()
    assert done.code == 0
    for o in run('switch', 'plan', '--json', '--settings', path).objects:
        if o['type'] == 'switch_setting':
            assert f'{path}:{o["line"]}: ' in text
            assert json.dumps(o['target'])[1:-1] in text if 'target' in o \
                else o['why'] in text
    assert '\u202e' not in text
    assert 'Nothing on this machine was changed' in text


def test_no_file(tmp_path):
    done = run('switch', 'plan', '--settings', tmp_path / 'none')
    assert done.code == 2 and b'none' in done.err
    assert run('switch', 'plan', 'x').code == 64
