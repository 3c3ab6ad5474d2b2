"""docs/publish.md: every command of it, in order, as it stands there."""
# SPDX-License-Identifier: Apache-2.0
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lonely
from net import BUILD, ROOT

PAGE = ROOT / 'docs/publish.md'


def commands():
    """Each with the lines that the page says it prints."""
    found = []
    for line in PAGE.read_text().splitlines():
        text = line[4:]
        if not line.startswith('    '):
            continue
        if text.startswith('$ '):
            found.append((text[2:], []))
        elif text.startswith('> '):
            command, said = found[-1]
            found[-1] = (command + '\n' + text[2:], said)
        else:
            found[-1][1].append(text)
    return found


def script():
    lines = ['set -eu', 'trap "kill 0" EXIT']
    for n, (command, _) in enumerate(commands()):
        if command.rstrip().endswith(('&', 'done')):
            lines.append(command)      # stays in the background
            if command.rstrip().endswith('done'):
                lines.append('sleep 1')
        else:
            lines.append('{ ' + command + f'\n}} > out{n} 2>&1')
    lines += ['trap - EXIT', 'kill $(jobs -p)', 'echo the end']
    return '\n'.join(lines)


def test_every_command(tmp_path):
    if lonely.words() is None:
        pytest.skip('no network namespace here')
    env = {**os.environ, 'PATH': f'{BUILD}/bin:{os.environ["PATH"]}',
           'LC_ALL': 'C', 'TMPDIR': str(tmp_path)}
    done = subprocess.run(
        [sys.executable, Path(lonely.__file__), 'bash', '-c', script()],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120,
        start_new_session=True)
    outs = {n: (tmp_path / f'out{n}').read_text()
            for n in range(len(commands()))
            if (tmp_path / f'out{n}').exists()}
    assert done.stdout.endswith('the end\n'), (
        done.stderr, max(outs.items(), default=None))
    for n, (command, said) in enumerate(commands()):
        for line in said:
            # Sizes are of today's layout of a database; … is anything.
            want = re.sub(r'\\ \d+\\ bytes', r' \\d+ bytes',
                          re.escape(line)).replace('…', '.*')
            if line.strip() != '…':
                assert re.search(f'^{want}$', outs[n], re.M), (command, outs[n])
