#!/usr/bin/env python3
"""Do candor and clamscan say the same of the same files with the same signatures?

usage: agree.py BUILD SIGNATURES PATH... [--list-from FILE] [--show N]

Runs both with every match reported, compares (file, signature) pairs and says
what only one of them found. Exit 0 when at least 99.5 % agree.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import collections
import os
import re
import subprocess
import sys
import time

FOUND = re.compile(r'^(.*): (.*?)(?:\.UNOFFICIAL)? FOUND$')


def pairs(command):
    """The (file, signature) pairs a scanner prints, and how long it took."""
    start = time.monotonic()
    run = subprocess.run(command, capture_output=True, text=True,
                         errors='surrogateescape')
    took = time.monotonic() - start
    found = set()
    for line in run.stdout.splitlines():
        m = FOUND.match(line)
        if m:
            found.add((m[1], m[2]))
    if run.returncode not in (0, 1, 2):
        sys.exit(f'{command[0]}: exit {run.returncode}\n{run.stderr[-2000:]}')
    return found, took


def main():
    a = argparse.ArgumentParser()
    a.add_argument('build')
    a.add_argument('signatures')
    a.add_argument('path', nargs='*')
    a.add_argument('--list-from')
    a.add_argument('--show', type=int, default=20)
    o = a.parse_args()
    where = o.path
    clam = ['clamscan', '-r', '-z', '-d', o.signatures, '--no-summary']
    ours = [os.path.join(o.build, 'bin/candor'), 'scan', '-z', '--no-cache', '-d',
            o.signatures, '--format', 'clamscan', '--no-summary']
    if o.list_from:
        clam += ['-f', o.list_from]
        ours += ['--files-from', o.list_from]
    theirs, their_time = pairs(clam + where)
    mine, my_time = pairs(ours + where)
    both = theirs & mine
    every = theirs | mine
    share = 100 * len(both) / len(every) if every else 100.0
    print(f'clamscan {len(theirs)} pairs in {their_time:.1f} s, '
          f'candor {len(mine)} pairs in {my_time:.1f} s')
    print(f'agree on {len(both)} of {len(every)} pairs: {share:.3f} %')
    for title, only in (('only clamscan', theirs - mine),
                        ('only candor', mine - theirs)):
        print(f'{title}: {len(only)}')
        for path, name in sorted(only)[:o.show]:
            print(f'  {path}: {name}')
    kinds = collections.Counter(n.split('.')[0] for _, n in theirs ^ mine)
    if kinds:
        print('by family:', dict(kinds))
    return 0 if share >= 99.5 else 1


if __name__ == '__main__':
    sys.exit(main())
