"""What the tests of the update system share: the built programs."""
# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get('CANDOR_BUILD', ROOT / 'build')).resolve()
CANDOR = str(BUILD / 'bin/candor')


@pytest.fixture(scope='session', autouse=True)
def private_cache(tmp_path_factory):
    os.environ['LC_ALL'] = 'C'
    os.environ['XDG_CACHE_HOME'] = str(tmp_path_factory.mktemp('cache'))
