"""Programs for tests that start them as somebody else."""
# SPDX-License-Identifier: Apache-2.0
import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NOBODY = 65534


def reachable(build):
    """The build, where ordinary users can execute it.  Tests that root runs
    start programs as somebody else too, who cannot enter a clone in root's
    home: a copy is made for him, and used by whatever the tests start."""
    as_nobody = dict(user=NOBODY, group=NOBODY, extra_groups=[])
    if os.geteuid() != 0 or subprocess.run(
            ['test', '-x', build / 'bin/candor'], **as_nobody).returncode == 0:
        return build
    copy = Path(tempfile.mkdtemp(prefix='candor-build-'))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    for part in ('bin', 'data', 'tests'):
        if (build / part).is_dir():
            shutil.copytree(build / part, copy / part, symlinks=True,
                            ignore=shutil.ignore_patterns('*.p'))
    # Also for processes that run tests side by side.
    os.environ.setdefault('CANDOR_OBJECTS', str(build))
    os.environ['CANDOR_BUILD'] = str(copy)
    return copy
