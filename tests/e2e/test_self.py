"""What is ours is not found: databases, their sources beside them, the cache,
the repository and what is built of it.  (A database says what to look for, so
one that held it as it is would be found by its own rules.)"""
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
from pathlib import Path

import pytest

from conftest import BUILD, ROOT, run

RULES = ROOT / 'data/rules'
LONG = b'a long run of bytes that many variants of one program have in common'


def wide(text):
    return bytes(b for c in text for b in (c, 0))


# Text that stands in a file as it stands in a rule, in every way one can be
# written: an element, an alternative, what many share, and its pieces.
TEXTS = {
    'Plain': (b'plainly the very text that is looked for', '{hex}'),
    'Folded': (b'Regardless Of Case This Is Looked For', '{hex}::i'),
    'Shared.One': (b'first: ' + LONG, '{hex}'),
    'Shared.Two': (b'and second: ' + LONG + b', really', '{hex}'),
    'Shared.Folded': (b'AND THIRD: ' + LONG.upper(), '{hex}::i'),
    'Shared.Wide': (wide(LONG), LONG.hex() + '::w'),
    'Shared.Wider': (wide(b'more ' + LONG), (b'more ' + LONG).hex() + '::w'),
    'Branch': (b'begin: one way or the other :end',
               b'begin: '.hex() + '(' + b'one way or the other'.hex() + '|' +
               b'yet another way'.hex() + ')' + b' :end'.hex()),
    'Gap': (b'what is before it and what is behind it',
            b'what is before it'.hex() + '{1-9}' + b'what is behind it'.hex()),
    'Masked': (b'nearly all of this text is fixed',
               b'nearly all of '.hex() + '????' + b'is text is fixed'.hex()),
    'Short': (b'short: x', '{hex}'),
}


@pytest.fixture(scope='module')
def literal(tmp_path_factory):
    """Signatures of literal text, compiled, and a file for each."""
    base = tmp_path_factory.mktemp('literal')
    for name in ('rules', 'files', 'database'):
        (base / name).mkdir()
    lines = []
    for name, (text, body) in TEXTS.items():
        lines.append(f'Test.{name};Engine:51-255,Target:0;0;' +
                     body.replace('{hex}', text.hex()) + '\n')
        (base / 'files' / name).write_bytes(b'before ' + text + b' behind')
    (base / 'rules/text.ldb').write_text(''.join(lines))
    done = run('db', 'build', '-o', base / 'database/text.cand',
               base / 'rules')
    assert done.code == 0, done.err
    return base


def infected(done):
    assert done.code in (0, 1, 2) and done.summary
    return {(Path(f['path']).name, d['name']) for f in done.files
            for d in f.get('detections', [])}


def scan(rules, *paths, **more):
    return run('scan', '--format', 'json', '-z', '-d', rules, *paths, **more)


def test_the_texts_are_found(literal):
    """Else the tests below show nothing."""
    found = infected(scan(literal / 'database/text.cand', literal / 'files'))
    assert found == {(name, 'Test.' + name) for name in TEXTS} | {
        ('Shared.Wider', 'Test.Shared.Wide')}


def test_a_database_and_its_sources_are_not_found(literal):
    files = sorted((literal / 'database').iterdir())
    assert [f.name for f in files] == ['text.cand', 'text.cand.src']
    done = scan(literal / 'database/text.cand', literal)
    assert {f for f, _ in infected(done)} == set(TEXTS)
    # No text is there, by the plainest way to look.
    for file in files:
        content = file.read_bytes().lower()
        for text, _ in TEXTS.values():
            for piece in (text, text.hex().encode(), LONG, LONG.hex().encode()):
                assert piece.lower() not in content
                assert piece.lower()[4:20] not in content


def test_the_cache_is_not_found(literal, tmp_path):
    home = {**os.environ, 'XDG_CACHE_HOME': str(tmp_path / 'cache')}
    rules = literal / 'rules'
    os.utime(rules / 'text.ldb', (1, 1))
    os.utime(rules, (1, 1))
    scan(rules, literal / 'files', env=home)
    scan(RULES, literal / 'files', env=home)
    kept = [p for p in (tmp_path / 'cache').rglob('*') if p.is_file()]
    assert [p for p in kept if p.suffix == '.cand']
    shutil.copytree(tmp_path / 'cache', tmp_path / 'copy')
    for which in (rules, RULES):
        assert infected(scan(which, tmp_path / 'copy')) == set()


def test_the_house_rules_compiled_are_not_found(tmp_path):
    out = tmp_path / 'house.cand'
    assert run('db', 'build', '-o', out, RULES).code == 0
    assert infected(scan(out, tmp_path, RULES)) == set()


def test_the_repository_and_what_is_built_are_not_found():
    """Nothing in it stands there as a rule of ours looks for it."""
    ours = [p for p in ROOT.iterdir() if p.name not in ('.git', 'build')]
    built = [BUILD / n for n in ('bin', 'cmd', 'lib', 'proc', 'sys', 'tests')]
    assert infected(scan(RULES, *ours, *(p for p in built if p.exists()),
                         timeout=600)) == set()


def test_a_source_is_shown_as_it_was_written(literal):
    """The veil over the side file is lifted for who asks."""
    source = (literal / 'rules/text.ldb').read_bytes().splitlines()
    for name, line in zip(TEXTS, source):
        done = run('db', 'show', literal / 'database/text.cand',
                   f'Test.{name}')
        assert done.code == 0 and line in done.lines
