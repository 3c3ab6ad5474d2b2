"""ClamAV's harmless test files: what is opened is found, the rest says why."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import BUILD

FILES = Path('/usr/share/clamav-testfiles')

# Each holds the same 544-byte program.
SIGNATURE = 'aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n'
OPENED = '''clam.7z clam.arj clam.bin-be.cpio clam.bin-le.cpio clam.bz2.zip
clam.cab clam.chm clam.d64.zip clam.exe clam.exe.bz2 clam.exe.szdd
clam.impl.zip clam.newc.cpio clam.odc.cpio clam.tar.gz clam.zip
clam_cache_emax.tgz'''.split()


@pytest.fixture(scope='module')
def scanned(tmp_path_factory):
    if not FILES.is_dir():
        pytest.skip('package clamav-testfiles is not installed')
    db = tmp_path_factory.mktemp('db') / 'test.hdb'
    db.write_text(SIGNATURE)
    run = subprocess.run([str(BUILD / 'bin/candor'), 'scan', '--format', 'json',
                          '-d', str(db), str(FILES)], capture_output=True,
                         timeout=120)
    lines = [json.loads(l) for l in run.stdout.splitlines()]
    return {os.path.basename(l['path']): l for l in lines if l['type'] == 'file'}


@pytest.mark.parametrize('name', OPENED)
def test_archive_is_opened_and_found(scanned, name):
    assert scanned[name]['verdict'] == 'infected'
    assert scanned[name]['detections'][0]['name'] == 'ClamAV-Test-File'


def test_no_file_that_was_not_opened_is_clean(scanned):
    assert {n: f['verdict'] for n, f in scanned.items()
            if f['verdict'] not in ('infected', 'unscanned')} == {}


def test_nothing_crashed(scanned):
    assert [n for n, f in scanned.items()
            if any(u['reason'] in ('crashed', 'timeout') for u in f['unscanned'])] == []
