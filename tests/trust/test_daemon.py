"""candord uses what feeds install, names them, and is told of updates."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import BUILD, CANDOR
from paper import Client
from test_cont import TEXT
from test_update import db, feed, served  # noqa: F401


def candor(*words):
    return subprocess.run([CANDOR, *map(str, words)], capture_output=True,
                          text=True, timeout=60)


def scan(path):
    """What candord says: name of a file to (feed, signature)."""
    done = candor('scan', '--daemon', '--format', 'json', path)
    found = {}
    for line in done.stdout.splitlines():
        o = json.loads(line)
        if o['type'] == 'file':
            found[os.path.basename(o['path'])] = [
                (d['feed'], d['name']) for d in o['detections']]
    return found


def wait_for(what, want, seconds=30):
    end = time.monotonic() + seconds
    got = what()
    while got != want and time.monotonic() < end:
        time.sleep(0.2)
        got = what()
    return got


def guarded(path):
    """Open what is watched; the events that say so, as (event, feed, name).
    None where the kernel cannot watch."""
    def state():
        return json.loads(candor('status', '--json').stdout)['metrics'].get(
            'guard_state')
    if wait_for(state, 2) != 2:
        return None
    events = socket.socket(socket.AF_UNIX)
    events.settimeout(20)
    events.connect('/run/candor/events.sock')
    lines = events.makefile()
    try:
        open(path).close()
    except PermissionError:
        e = json.loads(next(line for line in lines if '"blocked"' in line))
        return [e['event'], e.get('feed'), e['name']]
    return 'not denied'


def machine(settings, samples, next_mirror, clock, watched):
    """With /var/lib/candor and /run/candor of its own."""
    config = Path('/run/candor/candor.conf')
    config.write_text(f'[guard]\nenabled = yes\nmounts = {watched}\n'
                      'sweep = no\n')
    daemon = subprocess.Popen([BUILD / 'bin/candord', '--foreground',
                               '--config', config],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        one = [('main', 'Feed.Test.One')]
        first = wait_for(lambda: scan(samples).get('one'), one)
        denied = guarded(f'{watched}/one')
        status = candor('status').stdout
        done = candor('update', '--settings', settings, '--from', next_mirror,
                      '--clock', clock)
        second = wait_for(lambda: scan(samples).get('two'),
                          [('main', 'Feed.Test.Two')])
        print(json.dumps({'first': first, 'denied': denied, 'second': second,
                          'code': done.returncode, 'status': status}))
    finally:
        daemon.terminate()
        daemon.wait(30)


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root: mounts')
def test_candord_takes_over_what_an_update_brings(feed, served, db, tmp_path):
    if subprocess.run(['unshare', '-m', 'true'],
                      capture_output=True).returncode != 0:
        pytest.skip('no mount namespaces here')
    c = Client(tmp_path / 'c', served, feed=feed, clock=feed.time + 120)
    assert c.update() == 0, c.said.stderr
    feed.release({'main-1.cand': db['two']})
    coming = feed.write(tmp_path / 'coming')
    samples = tmp_path / 'samples'
    samples.mkdir()
    for name, text in TEXT.items():
        (samples / name).write_bytes(b'x' * 100 + text)
    watched = tmp_path / 'watched'
    watched.mkdir()
    for above in [c.place, *tmp_path.parents]:
        if str(above).startswith('/tmp/'):
            above.chmod(above.stat().st_mode | 0o055)
    script = ('mkdir -p /var/lib/candor /run/candor; '
              'mount --bind "$1" /var/lib/candor && '
              'mount -t tmpfs none /run/candor && '
              'mount -t tmpfs none "$3" && cp "$2/one" "$3" || exit 9; '
              'shift 3; exec "$@"')
    done = subprocess.run(
        ['unshare', '-m', 'sh', '-c', script, 'sh', c.place, samples, watched,
         sys.executable, __file__, c.settings, samples, coming,
         str(feed.time + 120), watched],
        capture_output=True, text=True, timeout=180,
        env={**os.environ, 'PYTHONPATH': str(Path(__file__).parent)})
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert said['first'] == [['main', 'Feed.Test.One']], said
    assert said['denied'] in (None, ['blocked', 'main', 'Feed.Test.One']), said
    assert '/var/lib/candor/feeds/main/current/main-1.cand' in said['status']
    assert said['code'] == 0
    assert said['second'] == [['main', 'Feed.Test.Two']], said


if __name__ == '__main__':
    machine(*sys.argv[1:])
