"""Addresses that the servers of a feed listen at."""
# SPDX-License-Identifier: Apache-2.0
import subprocess

import pytest

from conftest import BUILD


@pytest.mark.parametrize('program', ['candor-mirror', 'candor-witness'])
@pytest.mark.parametrize('port', ['65536', '99999', '-1', '+80', ' 80', ''])
def test_a_port_that_is_none_is_refused(program, port, tmp_path):
    words = {'candor-mirror': ['--tree', tmp_path],
             'candor-witness': ['--state', tmp_path / 'state', '--key',
                                tmp_path / 'key', '--log', 'unused']}[program]
    if program == 'candor-witness':
        made = subprocess.run(
            [BUILD / 'bin' / program, '--make-key', 'witness.example/w',
             '--key', tmp_path / 'key'], capture_output=True, check=True,
            text=True)
        words[-1] = made.stdout.strip()
    done = subprocess.run(
        [BUILD / 'bin' / program, *words, '--listen', f'127.0.0.1:{port}'],
        capture_output=True, timeout=10)
    assert done.returncode != 0
    assert b'not an address in numbers and a port' in done.stderr
