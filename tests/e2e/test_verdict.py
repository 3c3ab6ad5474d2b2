"""T-VERDICT-2: whoever doubts a detection can check it without Candor.

Every detection carries signature, string, offset and length; an independent
reading of the signature's source text (clam_pattern.py) must agree that the
bytes at that place match.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import random
import subprocess
from pathlib import Path

import clam_pattern
from conftest import CANDOR

COUNT = 150


def make(folder):
    """Signatures of both kinds, and a file for each that matches it."""
    r = random.Random(20261122)
    files = folder / 'files'
    files.mkdir()
    ndb, ldb = [], []
    for i in range(COUNT):
        body = clam_pattern.pattern(r)
        ndb.append(f'Test.Body-{i}:0:*:{body}')
        data = r.randbytes(r.randrange(2000)) + clam_pattern.example(body, r)
        (files / f'body-{i}').write_bytes(data + r.randbytes(r.randrange(2000)))
    for i in range(COUNT):
        bodies = [clam_pattern.pattern(r) for _ in range(r.randint(2, 5))]
        logic = '&'.join(str(n) for n in range(len(bodies)))
        ldb.append(f'Test.Logic-{i};Engine:81-255,Target:0;{logic};' + ';'.join(bodies))
        data = b''
        for body in r.sample(bodies, len(bodies)):
            data += r.randbytes(r.randrange(500)) + clam_pattern.example(body, r)
        (files / f'logic-{i}').write_bytes(data)
    (folder / 'test.ndb').write_text('\n'.join(ndb) + '\n')
    (folder / 'test.ldb').write_text('\n'.join(ldb) + '\n')
    return files


def bodies_of(text):
    """The body patterns of a source line, by string name."""
    if ';' in text:
        return {str(n): s for n, s in enumerate(text.split(';')[3:])}
    return {'0': text.split(':')[3]}


def test_detections_hold_without_candor(tmp_path):
    files = make(tmp_path)
    db = tmp_path / 'test.cand'
    subprocess.run([CANDOR, 'db', 'build', '-o', str(db), str(tmp_path / 'test.ndb'),
                    str(tmp_path / 'test.ldb')], check=True, capture_output=True)
    run = subprocess.run([CANDOR, 'scan', '-z', '--format', 'json', '-d', str(db),
                          str(files)], capture_output=True)
    assert run.returncode == 1
    checked = 0
    for line in run.stdout.splitlines():
        told = json.loads(line)
        if told['type'] != 'file':
            continue
        data = Path(told['path']).read_bytes()
        kind, number = Path(told['path']).name.split('-')
        own = {'body': 'Test.Body-', 'logic': 'Test.Logic-'}[kind] + number
        assert own in [d['name'] for d in told['detections']], told['path']
        for detection in told['detections']:
            shown = subprocess.run([CANDOR, 'db', 'show', str(db), detection['name']],
                                   check=True, capture_output=True, text=True).stdout
            text = next(l for l in shown.splitlines() if detection['name'] in l and
                        (';' in l or l.count(':') >= 3))
            text = text[text.index(detection['name']):]
            assert detection['hits'], detection
            for hit in detection['hits']:
                body = bodies_of(text)[hit['string']]
                found = clam_pattern.regex(body).match(data, hit['offset'])
                assert found, (told['path'], detection)
                assert hit['length'] > 0
                checked += 1
    assert checked >= 2 * COUNT
