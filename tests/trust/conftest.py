"""What the tests of the update system share: the built programs."""
# SPDX-License-Identifier: Apache-2.0
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reach import reachable  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = reachable(
    Path(os.environ.get('CANDOR_BUILD', ROOT / 'build')).resolve())
CANDOR = str(BUILD / 'bin/candor')


@pytest.fixture(scope='session', autouse=True)
def private_cache(tmp_path_factory):
    os.environ['LC_ALL'] = 'C'
    os.environ['XDG_CACHE_HOME'] = str(tmp_path_factory.mktemp('cache'))
