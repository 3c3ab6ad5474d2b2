"""The units: systemd understands them, and how much they are allowed."""
# SPDX-License-Identifier: Apache-2.0
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT

UNITS = BUILD / 'data/systemd'
pytestmark = pytest.mark.skipif(shutil.which('systemd-analyze') is None,
                                reason='systemd-analyze is not installed')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """The units, with programs that are there."""
    folder = tmp_path_factory.mktemp('units')
    for unit in UNITS.iterdir():
        text = re.sub(r'=\S*/(candord?)(?=\s)', rf'={BUILD}/bin/\1',
                      unit.read_text()) if unit.is_file() else None
        if text is not None:
            (folder / unit.name).write_text(text)
    return folder


@pytest.mark.parametrize('unit', [
    'candord.service', 'candord.socket', 'candord-guard.socket',
    'candord-quarantine.socket', 'candor-guard.service',
    'candor-quarantine.service', 'candord-server.service',
    'candor-scan.timer', 'candor-scan.service', 'candor-media@sdb1.service',
    'candor-notify.service',
    'candor-update.service', 'candor-update.timer', 'candor-witness.service',
    'candor-mirror.service'])
def test_systemd_understands(folder, unit):
    done = subprocess.run(
        ['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no',
         folder / unit], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if 'candor' in line
            and 'not executable' not in line]
    assert ours == []


# Who starts namespaces, the guard, the others.
@pytest.mark.parametrize('unit, most', [('candord.service', 3.0),
                                        ('candor-guard.service', 2.2),
                                        ('candor-quarantine.service', 2.0),
                                        ('candord-server.service', 2.0),
                                        ('candor-scan.service', 3.7),
                                        ('candor-update.service', 4.5),
                                        ('candor-witness.service', 1.8),
                                        ('candor-mirror.service', 2.0)])
def test_exposure(folder, unit, most):
    done = subprocess.run(
        ['systemd-analyze', '--offline=yes', 'security', '--no-pager',
         folder / unit], capture_output=True, text=True)
    score = re.search(r'Overall exposure level for .*: ([0-9.]+)', done.stdout)
    if score is None:
        pytest.skip(f'this systemd cannot tell offline: {done.stderr}')
    assert float(score[1]) <= most, done.stdout


def test_udev_rule_names_a_unit_that_is_there():
    text = (ROOT / 'data/systemd/60-candor-media.rules').read_text()
    wanted = set(re.findall(r'SYSTEMD_WANTS}\+="([^$"]*)', text))
    assert wanted == {'candor-media@'}
    assert (UNITS / 'candor-media@.service').exists()
