#!/usr/bin/env python3
"""Random signatures and files: where do candor and clamscan differ?

usage: differ.py BUILD [--seed N] [--rounds N] [--signatures N] [--files N]
                       [--keep DIR] [--no-shrink] [--mutate SHARE]

Every round makes signatures and files (differ_make.py), asks both scanners
which lines they refuse and, with the lines that both take, which of the files
they find.  Differences are shrunk and printed as a signature and a file in
hexadecimal.  The same seed makes the same rounds.  Exit 0 without differences.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from differ_make import Maker

FOUND = re.compile(rb'^(.*): (.*?)(?:\.UNOFFICIAL)? FOUND$', re.M)
CLAM_WINDOW = 128 << 10
CLAM_LINE = re.compile(rb'Problem parsing database at line (\d+)')
SIGN = re.compile(r'\{[^}]*\}|\[[^\]]*\]|!?\([BLW]\)|[0-9a-fA-F?]{2}|.')


class Scanners:
    """Both programs, in a folder of their own."""

    def __init__(self, build, folder):
        self.candor = os.path.join(build, 'bin/candor')
        self.folder = Path(folder)
        self.nothing = str(self.folder / 'nothing')
        Path(self.nothing).write_bytes(b'')

    def write(self, lines):
        """Signatures {kind: [line]} to files; their paths."""
        paths = []
        for kind, text in lines.items():
            if text:
                path = self.folder / f'd.{kind}'
                path.write_text(''.join(f'{t}\n' for t in text))
                paths.append(str(path))
        return paths

    def refused_by_clamscan(self, kind, lines):
        """Numbers of the lines it takes for malformed (or dies of)."""
        refused, left = set(), list(enumerate(lines))
        while left:
            path = self.write({kind: [t for _, t in left]})[0]
            run = subprocess.run(['clamscan', '--no-summary', '-d', path,
                                  self.nothing], capture_output=True)
            if run.returncode in (0, 1):
                return refused
            at = CLAM_LINE.search(run.stderr)
            at = int(at[1]) - 1 if at else self.killer(kind, left)
            refused.add(left.pop(at)[0])
        return refused

    def killer(self, kind, left):
        """The line of which clamscan dies without naming it."""
        for i, (_, text) in enumerate(left):
            path = self.write({kind: [text]})[0]
            run = subprocess.run(['clamscan', '--no-summary', '-d', path,
                                  self.nothing], capture_output=True)
            if run.returncode not in (0, 1):
                return i
        sys.exit('clamscan refuses the lines together and none alone')

    def refused_by_candor(self, kind, lines):
        """{number: the complaint} of lines left out, loaded or not."""
        path = self.write({kind: lines})[0]
        run = subprocess.run([self.candor, 'db', 'build', '-q', '-o',
                              str(self.folder / 'd.cand'), path],
                             capture_output=True, text=True)
        out = {}
        for line in (run.stdout + run.stderr).splitlines():
            m = re.match(r'.*?\.%s:(\d+):(.*)' % kind, line)
            if m:
                out[int(m[1]) - 1] = m[2]
        return out

    def found(self, lines, files):
        """What each finds: two sets of (file, signature)."""
        databases = [x for p in self.write(lines) for x in ('-d', p)]
        folder = self.folder / 'files'
        for old in folder.glob('*'):
            old.unlink()
        folder.mkdir(exist_ok=True)
        for i, data in enumerate(files):
            (folder / str(i)).write_bytes(data)
        self.drop_killers(folder, databases)
        ours = [self.candor, 'scan', '--no-cache', '--format', 'clamscan']
        return [pairs_of(scan(command, databases, folder))
                for command in (['clamscan', '-r'], ours)]

    def drop_killers(self, folder, databases):
        """Leave out files of which clamscan dies; it does of some."""
        if scan(['clamscan', '-r'], databases, folder).returncode in (0, 1, 2):
            return
        for path in folder.iterdir():
            if scan(['clamscan'], databases, path).returncode not in (0, 1, 2):
                path.unlink()


def scan(command, databases, path):
    return subprocess.run(command + ['-z', '--no-summary'] + databases +
                          [str(path)], capture_output=True)


def pairs_of(run):
    if run.returncode not in (0, 1, 2):
        print(f'{run.args[0]} ends with {run.returncode}')
    return {(int(os.path.basename(f)), s.decode())
            for f, s in FOUND.findall(run.stdout)}


def differs(scanners, kind, line, file):
    """Does exactly one of them find the only signature in the file?"""
    theirs, ours = scanners.found({kind: [line]}, [file])
    return bool(theirs) != bool(ours)


def first_that_differs(scanners, kind, line, files):
    theirs, ours = scanners.found({kind: [line]}, files)
    numbers = [i for i, _ in theirs ^ ours]
    return files[min(numbers)] if numbers else None


def shrink_file(scanners, kind, line, file):
    """Leave out ever smaller pieces while the difference stays."""
    step = max(len(file) // 2, 1)
    while step:
        cut = [file[:at] + file[at + step:]
               for at in range(0, len(file), step)][:600]
        smaller = first_that_differs(scanners, kind, line,
                                     [c for c in cut if len(c) > 5])
        if smaller is None:
            step //= 2
        else:
            file = smaller
    return file


def shrink_line(scanners, kind, line, file):
    """Leave out signs of the patterns while the difference stays."""
    cut, ends = (';', 3) if kind == 'ldb' else (':', 3)
    fields = line.split(cut)
    for n in range(ends, len(fields)):
        signs, at = SIGN.findall(fields[n]), 0
        while at < len(signs):
            fewer = signs[:at] + signs[at + 1:]
            new = cut.join(fields[:n] + [''.join(fewer)] + fields[n + 1:])
            if not scanners.refused_by_clamscan(kind, [new]) and \
                    not scanners.refused_by_candor(kind, [new]) and \
                    differs(scanners, kind, new, file):
                signs, line = fewer, new
                fields = line.split(cut)
            else:
                at += 1
    return line


def mutated(r, line):
    """A line with a character changed, lost or more."""
    at = r.randrange(line.index(line[1]), len(line))
    sign = r.choice('0123456789abcdef?*{}[]()|!-&;:,=<>+SEPOFVLBW $x')
    return r.choice([line[:at] + sign + line[at + 1:], line[:at] + line[at + 1:],
                     line[:at] + sign + line[at:]])


# Intended, see docs/signatures.md: (kind, who refuses, what the line is like,
# or candor's complaint).
KNOWN_REFUSALS = [
    ('ldb', 'clamscan', re.compile(r'![(][^;]*::')),
    (None, 'clamscan', re.compile(r'(^|[;:*}])(..|{\d+}|\([^()]*\)){1,3}!?\(', re.I)),
    (None, 'clamscan', re.compile(r'Target:15')),
    (None, 'candor', re.compile(r'not a distance|not a range|unexpected text')),
]


def is_known_refusal(kind, who, line):
    return any(k in (kind, None) and who == w and like.search(line)
               for k, w, like in KNOWN_REFUSALS)


def is_known_find(who, line):
    """Only candor finds these: see docs/signatures.md."""
    if who != 'candor':
        return False
    fields = line.split(':') if ';' not in line else []
    in_text = re.search('Target:0', line) or fields[1:2] == ['0']
    has_offset = fields[2:3] != ['*']
    uneven = any(len(set(map(len, inner.split('|')))) > 1
                 for inner in re.findall(r'\(([^()]*)\)', line)) or '((' in line
    in_section = re.search(':1:SE', line)  # ClamAV's own tests call that a bug
    return bool(in_text and 'EOF-' in line or in_section or
                uneven and (has_offset or '?' in line))


def is_at_an_edge(scanners, kind, line, file):
    """Does clamscan find it only because it hangs over an end of the file, or
    of one of its windows?"""
    return '(' in line and (len(file) > CLAM_WINDOW or not differs(
        scanners, kind, line, b'q' * 70 + file + b'q' * 70))


def make_lines(maker, r, count, mutate):
    lines = {'ndb': [], 'ldb': []}
    for i in range(count):
        kind = r.choice(('ndb', 'ldb'))
        name = f'N{i}' if kind == 'ndb' else f'L{i}'
        line = getattr(maker, kind)(name)
        if r.random() < mutate:
            line = mutated(r, line)
        lines[kind].append(line)
    return lines


def compare_loading(scanners, lines, seed, count):
    """Print lines only one refuses; return those both take."""
    for kind, text in lines.items():
        theirs = scanners.refused_by_clamscan(kind, text)
        ours = scanners.refused_by_candor(kind, text)
        for i in sorted(theirs ^ set(ours)):
            who = 'candor' if i in ours else 'clamscan'
            if 'not loaded: ' in ours.get(i, '') or \
                    is_known_refusal(kind, who, ours.get(i, text[i])):
                continue
            count['load'] += 1
            print(f'seed {seed} {kind}: only {who} refuses' +
                  ours.get(i, '') + f'\n  {text[i]}', flush=True)
        lines[kind] = [t for i, t in enumerate(text)
                       if i not in theirs and i not in ours]
        count['lines'] += len(text)
        count['loaded'] += len(lines[kind])
    return lines


def report(scanners, o, seed, kind, line, file, who):
    if o.shrink and differs(scanners, kind, line, file):
        file = shrink_file(scanners, kind, line, file)
        line = shrink_line(scanners, kind, line, file)
        file = shrink_file(scanners, kind, line, file)
    shown = file.hex() if len(file) < 400 else f'{file[:200].hex()}… {len(file)} bytes'
    print(f'seed {seed}: only {who} finds\n  {line}\n  {shown}', flush=True)
    if o.keep:
        os.makedirs(o.keep, exist_ok=True)
        name = os.path.join(o.keep, f'{seed}-{re.split("[:;]", line)[0]}')
        Path(name).write_bytes(file)
        Path(f'{name}.{kind}').write_text(line + '\n')


def play(scanners, o, seed, count):
    """One round."""
    r = random.Random(seed)
    maker = Maker(r)
    lines = make_lines(maker, r, o.signatures, o.mutate)
    files = [maker.file() for _ in range(o.files)]
    rest = list(dict.fromkeys(files))
    lines['hdb'] = [maker.hash_line(f'H{i}', rest) for i in range(len(rest) // 8)]
    lines = compare_loading(scanners, lines, seed, count)
    theirs, ours = scanners.found(lines, files)
    count['pairs'] += len(theirs | ours)
    count['tried'] += len(files) * sum(map(len, lines.values()))
    shown = set()
    for i, name in sorted(theirs ^ ours):
        kind, line = next((k, t) for k, text in lines.items() for t in text
                          if name in re.split('[:;]', t))
        who = 'clamscan' if (i, name) in theirs else 'candor'
        if is_known_find(who, line) or who == 'clamscan' and \
                is_at_an_edge(scanners, kind, line, files[i]):
            count['known'] += 1
            continue
        count['differ'] += 1
        if name not in shown:
            report(scanners, o, seed, kind, line, files[i], who)
        shown.add(name)


def main():
    a = argparse.ArgumentParser()
    a.add_argument('build')
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--rounds', type=int, default=20)
    a.add_argument('--signatures', type=int, default=120)
    a.add_argument('--files', type=int, default=80)
    a.add_argument('--mutate', type=float, default=.08)
    a.add_argument('--keep')
    a.add_argument('--no-shrink', dest='shrink', action='store_false')
    o = a.parse_args()
    count = dict.fromkeys(('lines', 'loaded', 'load', 'tried', 'pairs', 'differ',
                           'known'), 0)
    with tempfile.TemporaryDirectory() as folder:
        os.environ['XDG_CACHE_HOME'] = folder
        scanners = Scanners(o.build, folder)
        for seed in range(o.seed, o.seed + o.rounds):
            play(scanners, o, seed, count)
    print(f'{count["lines"]} lines, {count["loaded"]} loaded by both, '
          f'{count["load"]} by one alone; {count["tried"]} (file, signature) '
          f'tried, {count["pairs"]} found, {count["differ"]} by one alone, '
          f'{count["known"]} as docs/signatures.md says')
    return count['load'] + count['differ'] > 0


if __name__ == '__main__':
    sys.exit(main())
