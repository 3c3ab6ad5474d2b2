"""The house rules: each finds its own sample, and nothing of the system."""
# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

import pytest

from conftest import CANDOR, ROOT

RULES = str(ROOT / 'data/rules')

sys.path.insert(0, str(ROOT / 'tests/make'))
import house_samples  # noqa: E402


def scan(*arguments):
    run = subprocess.run([CANDOR, 'scan', '--format', 'json', *arguments],
                         capture_output=True, timeout=600)
    return run.returncode, [json.loads(l) for l in run.stdout.splitlines()]


def rule_names():
    lines = (ROOT / 'data/rules/house.ldb').read_text().splitlines()
    return [l.split(';')[0] for l in lines if l and l[0] != '#']


def test_every_rule_has_a_sample():
    assert sorted(rule_names()) == sorted(house_samples.samples())


@pytest.mark.parametrize('name', rule_names())
def test_rule_finds_its_sample_and_only_that(name, tmp_path):
    (tmp_path / 'sample').write_bytes(house_samples.samples()[name])
    code, out = scan('-z', '-d', RULES, str(tmp_path / 'sample'))
    assert code == 1
    found = [d['name'] for d in out[0]['detections']]
    assert found == [name]


def test_nothing_of_the_system_is_found():
    code, out = scan('-z', '-d', RULES, '/usr/bin', '/usr/share/doc', '/etc')
    assert [f for f in out if f.get('verdict') in ('infected', 'suspicious')] == []
