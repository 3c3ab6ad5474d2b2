"""candor db: build databases, and look into them."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import CANDOR, MARKER, SECOND, run


@pytest.fixture
def built(signatures, tmp_path):
    out = tmp_path / 'x.cand'
    assert run('db', 'build', '-o', out, signatures).code == 0
    return out


def test_build_prints_a_table(signatures, tmp_path):
    done = run('db', 'build', '-o', tmp_path / 'x.cand', signatures)
    assert done.code == 0
    rows = {l.split()[0]: l.split()[1:] for l in done.out.splitlines()
            if l.strip()}
    assert rows[b'ndb'][:2] == [b'2', b'0']
    assert rows[b'ldb'][:2] == [b'1', b'0']
    assert rows[b'hdb'][:2] == [b'1', b'0']
    assert rows[b'bytes'][0].replace(b',', b'') == \
        str((tmp_path / 'x.cand').stat().st_size).encode()


def test_same_inputs_same_bytes_wherever_they_lie(signatures, tmp_path,
                                                  built):
    shutil.copytree(signatures, tmp_path / 'elsewhere')
    other = tmp_path / 'y.cand'
    assert run('db', 'build', '-o', other, tmp_path / 'elsewhere').code == 0
    assert other.read_bytes() == built.read_bytes()
    assert (tmp_path / 'y.cand.src').read_bytes() == \
        (tmp_path / 'x.cand.src').read_bytes()


def test_what_lies_there_already_changes_nothing(signatures, tmp_path, built):
    """Lines come, change, go and move; an older database is no base for the new."""
    text = tmp_path / 'in'
    shutil.copytree(signatures, text)
    out, fresh = tmp_path / 'a.cand', tmp_path / 'b.cand'
    assert run('db', 'build', '-o', out, text).code == 0

    def again(what):
        assert run('db', 'build', '-o', out, text).code == 0, what
        assert run('db', 'build', '-o', fresh, text).code == 0, what
        for end in ('', '.src'):
            new = Path(f'{out}{end}').read_bytes()
            assert new == Path(f'{fresh}{end}').read_bytes(), what
            Path(f'{fresh}{end}').unlink()
        return out.read_bytes()

    seen = {built.read_bytes()}
    lists = [p for p in sorted(text.iterdir()) if p.suffix in ('.hdb', '.ndb', '.ldb')]
    for path in lists:
        lines = path.read_text().splitlines()
        for what, new in (('moved', lines[::-1]), ('gone', lines[1:]),
                          ('twice', lines + lines), ('as before', lines)):
            path.write_text('\n'.join(new) + '\n')
            seen.add(again(f'{path.name}: {what}'))
    assert again('as before') == built.read_bytes()
    assert len(seen) > 3 # they did differ in between
    for end in ('', '.src'): # somebody meddles
        whole = Path(f'{out}{end}').read_bytes()
        for bad in (whole[:len(whole) // 2], whole[:8] + whole[:7:-1],
                        b''):
            Path(f'{out}{end}').write_bytes(bad)
            assert again('damaged') == built.read_bytes()


def test_files_larger_than_what_is_read_at_once(tmp_path):
    """Lines on both sides of every border, a line longer than that, edits anywhere."""
    text = tmp_path / 'in'
    text.mkdir()
    hashes = [f'{hashlib.md5(b"%d" % i).hexdigest()}:{i % 5000}:Hash.Number-{i}'
              for i in range(60000)]
    bodies = [f'Body.Number-{i}:0:*:{i:08x}{"70" * 60}{i * 7919:08x}' for i in range(12000)]
    bodies.insert(7000, f'Body.Long:0:*:{"70" * 1200000}')

    def build(out):
        (text / 'a.hdb').write_text('\n'.join(hashes) + '\n')
        (text / 'b.ndb').write_text('\r\n'.join(bodies))
        done = run('db', 'build', '-o', tmp_path / out, text)
        assert done.code == 0
        assert [l.split(b': ', 1)[0] for l in done.err.splitlines()] == [
            os.fsencode(f'{text}/b.ndb:7001:65536')]
        return (tmp_path / out).read_bytes(), (tmp_path / f'{out}.src').read_bytes()

    first = build('x.cand')
    assert run('db', 'check', tmp_path / 'x.cand').code == 0
    for i in (0, 255, 256, 23000, 59999):
        shown = run('db', 'show', tmp_path / 'x.cand', f'Hash.Number-{i}')
        assert f'a.hdb:{i + 1}'.encode() in shown.lines[0]
        assert shown.lines[1] == hashes[i].encode()
    for i in (0, 6999, 7001, 11999):
        shown = run('db', 'show', tmp_path / 'x.cand', f'Body.Number-{i}')
        assert f'b.ndb:{i + 1 + (i >= 7000)}'.encode() in shown.lines[0]
        assert shown.lines[1].startswith(f'Body.Number-{i}:0:*:{i:08x}70'.encode())
    # A change and the change back: nothing is left of it.
    kept = hashes[30000], bodies[3000]
    hashes[30000], bodies[3000] = hashes[30001], 'Body.New:0:*:0123456789abcdef99'
    assert build('y.cand')[0] != first[0]
    hashes[30000], bodies[3000] = kept
    assert build('y.cand') == first


BAD = f'Good.One:0:*:{MARKER.hex()}\nBad.Hex:0:*:4x41424344\n' \
    f'Good.Two:0:*:{SECOND.hex()}\n'


def test_a_bad_line_is_reported_and_costs_only_itself(tmp_path):
    (tmp_path / 'a.ndb').write_text(BAD)
    out = tmp_path / 'a.cand'
    done = run('db', 'build', '-o', out, tmp_path / 'a.ndb')
    assert done.code == 0
    assert done.err.startswith(os.fsencode(str(tmp_path / 'a.ndb')) + b':2:')
    assert run('db', 'list', out).lines == [b'Good.One', b'Good.Two']


def test_strict_makes_it_an_error_and_writes_nothing(tmp_path):
    (tmp_path / 'a.ndb').write_text(BAD)
    out = tmp_path / 'a.cand'
    out.write_bytes(b'CANDORDB as it was')
    done = run('db', 'build', '--strict', '-o', out, tmp_path / 'a.ndb')
    assert done.code == 2
    assert out.read_bytes() == b'CANDORDB as it was'
    assert sorted(os.listdir(tmp_path)) == ['a.cand', 'a.ndb']


def test_only_a_database_is_replaced(tmp_path):
    text = f'Good.One:0:*:{MARKER.hex()}\n'
    for name in ('a.ndb', 'b.ndb', 'notes', 'c.cand'):
        (tmp_path / name).write_text(text)
    (tmp_path / 'link.ndb').hardlink_to(tmp_path / 'a.ndb')
    (tmp_path / 'd.src').write_text(text)
    os.mkfifo(tmp_path / 'pipe')
    before = sorted(os.listdir(tmp_path))
    for out in ('a.ndb', 'link.ndb', './b.ndb', 'notes', 'c.cand', 'd', 'pipe'):
        done = run('db', 'build', '-o', out, 'a.ndb', cwd=tmp_path)
        assert done.code == 2, out
        assert b'replaced' in done.err and out.encode() in done.err
    assert sorted(os.listdir(tmp_path)) == before
    for name in ('a.ndb', 'b.ndb', 'notes', 'c.cand', 'd.src'):
        assert (tmp_path / name).read_text() == text
    # What is empty may be; and a database, also one in the folder it is of.
    for name in ('c.cand', 'd.src', 'notes'):
        (tmp_path / name).write_bytes(b'')
        (tmp_path / 'pipe').unlink(missing_ok=True)
        for _ in range(2):
            assert run('db', 'build', '-o', name.removesuffix('.src'), '.',
                       cwd=tmp_path).code == 0
    assert (tmp_path / 'notes').read_bytes()[:8] == b'CANDORDB'


def test_ignore_lists_hold_for_hashes_and_rules_before_them(tmp_path):
    """Two processes read them, and both are told first."""
    digest = hashlib.md5(MARKER).hexdigest()
    (tmp_path / 'in').mkdir()
    for name, text in (
            ('a.hdb', f'{digest}:8:Hash.Off\n{digest}:9:Hash.On\n'),
            ('b.ndb', f'Body.Off:0:*:{MARKER.hex()}\nbroken\n'
                      f'Body.On:0:*:{SECOND.hex()}\n'),
            ('z.ign2', 'Hash.Off\nBody.Off\n')):
        (tmp_path / 'in' / name).write_text(text)
    out = tmp_path / 'x.cand'
    done = run('db', 'build', '-o', out, tmp_path / 'in')
    assert done.code == 0
    assert run('db', 'list', out).lines == [b'Hash.On', b'Body.On']
    rows = {l.split()[0]: l.split()[1:] for l in done.out.splitlines()
            if l.strip()}
    assert rows[b'hdb'] == [b'1', b'1', b'ignored', b'1']
    assert rows[b'ndb'][:2] == [b'1', b'2']
    assert rows[b'ign2'] == [b'2', b'0']
    assert len(done.err.splitlines()) == 1
    shown = run('db', 'show', out, 'Body.On')
    assert b'b.ndb:3' in shown.lines[0]
    assert shown.lines[1] == f'Body.On:0:*:{SECOND.hex()}'.encode()


SLOW = 'Slow.Three:0:*:200020\n' \
    'Slow.Zero:0:*:00000000000000\n' \
    'Slow.Only.In.Pe:1:*:00000000000000\n' \
    'Good.Anchored:0:0:4d5a20\n' \
    f'Good.One:0:*:{MARKER.hex()}\n'


def test_slow_signatures_are_named(tmp_path):
    (tmp_path / 'a.ndb').write_text(SLOW)
    out = tmp_path / 'a.cand'
    done = run('db', 'build', '-o', out, tmp_path / 'a.ndb')
    assert done.code == 0
    name = os.fsencode(str(tmp_path / 'a.ndb'))
    lines = done.err.splitlines()
    assert [l.split(b': slow: ')[0] for l in lines] == [
        name + b':1: warning', name + b':2: warning']
    assert run('db', 'list', out).lines == [
        b'Slow.Three', b'Slow.Zero', b'Slow.Only.In.Pe', b'Good.Anchored',
        b'Good.One']
    out.unlink()
    done = run('db', 'build', '--strict', '-o', out, tmp_path / 'a.ndb')
    assert done.code == 2
    assert not out.exists()


def test_plan(tmp_path):
    (tmp_path / 'a.ndb').write_text(SLOW)
    out = tmp_path / 'a.cand'
    assert run('db', 'build', '-o', out, tmp_path / 'a.ndb').code == 0
    plan = json.loads(run('db', 'info', '--plan', '--json', out).out)
    why = {a['signature']: a['why'] for a in plan['always']}
    assert why['Slow.Zero'] == 'its bytes are in too many files'
    assert why['Slow.Three'] == why['Good.Anchored'] == \
        '2 or 3 bytes, and few rules have so few'
    assert [w['signature'] for w in plan['worst']] == ['Good.One']
    assert plan['worst'][0]['hits_per_mb'] < 0.01
    assert plan['all']['literals'] == 1
    assert [s['objects'] for s in plan['sets']] == ['others']
    assert plan['sets'][0]['planes'][0]['windows'] >= 1
    text = run('db', 'info', '--plan', out)
    assert text.code == 0
    assert b'Slow.Zero' in text.out and b'Good.One' in text.out


def test_plan_of_many(tmp_path):
    """Each set has the literals of its targets; the worst come first."""
    lines = [f'N{i}:{1 if i % 2 else 7}:*:{i:08x}{i * 7919:08x}'
             '6e6f74207365656e\n' for i in range(1, 10001)]
    lines.append('Common:1:*:686520746f20\n')
    (tmp_path / 'a.ndb').write_text(''.join(lines))
    out = tmp_path / 'a.cand'
    assert run('db', 'build', '-q', '-o', out, tmp_path / 'a.ndb').code == 0
    plan = json.loads(run('db', 'info', '--plan', '--json', out).out)
    sets = {s['objects']: s['literals'] for s in plan['sets']}
    assert sets == {'PE': 5001, 'text': 5000, 'others': 0}
    assert plan['worst'][0]['signature'] == 'Common'
    assert len(plan['worst']) == 20


@pytest.mark.parametrize('arguments,code', [
    ([], 64), (['-o', 'x.cand'], 64), (['absent.ndb'], 64),
    (['-o', 'x.cand', 'absent.ndb'], 2),
    (['-o', 'no/such/folder/x.cand', '.'], 2)])
def test_build_called_wrongly(tmp_path, arguments, code):
    (tmp_path / 'a.ndb').write_text(BAD)
    assert run('db', 'build', *arguments, cwd=tmp_path).code == code
    assert sorted(os.listdir(tmp_path)) == ['a.ndb']


def test_a_database_is_no_input(built, tmp_path):
    done = run('db', 'build', '-o', tmp_path / 'y.cand', built)
    assert done.code == 2
    assert not (tmp_path / 'y.cand').exists()


def test_info(built):
    info = json.loads(run('db', 'info', '--json', built).out)
    assert info['signatures'] == 5
    assert info['hashes'] == 1
    assert info['body'] == 3
    assert info['logical'] == 1
    assert info['size'] == built.stat().st_size
    text = run('db', 'info', built)
    assert text.code == 0
    assert info['id'].encode() in text.out


def test_list(built):
    assert sorted(run('db', 'list', built).lines) == [
        b'PUA.Test.Unwanted', b'Test.Both', b'Test.Hash', b'Test.Marker',
        b'Test.Second']


def test_show(built):
    done = run('db', 'show', built, 'Test.Second')
    assert done.code == 0
    assert b'test.ndb:2' in done.lines[0]
    assert done.lines[1] == f'Test.Second:0:*:{SECOND.hex()}'.encode()
    assert run('db', 'show', built, 'Test.Absent').code == 2


def test_show_without_the_texts(built):
    (built.parent / 'x.cand.src').unlink()
    done = run('db', 'show', built, 'Test.Second')
    assert done.code == 2
    assert b'x.cand.src' in done.err


def test_texts_of_another_database_are_not_believed(built, tmp_path):
    (tmp_path / 'a.ndb').write_text(BAD)
    run('db', 'build', '-o', tmp_path / 'a.cand', tmp_path / 'a.ndb')
    shutil.copy(tmp_path / 'a.cand.src', tmp_path / 'x.cand.src')
    assert run('db', 'show', built, 'Test.Second').code == 2


def test_check(built):
    assert run('db', 'check', built).code == 0


def test_a_damaged_database_is_refused_or_found_out(built, tmp_path):
    good = built.read_bytes()
    bad = tmp_path / 'bad.cand'
    step = max(1, len(good) // 60)
    for at in range(0, len(good), step):
        bad.write_bytes(good[:at] + bytes([good[at] ^ 0x41]) + good[at + 1:])
        assert run('db', 'check', bad).code == 2, at


def test_a_cut_database_is_refused(built, tmp_path):
    good = built.read_bytes()
    bad = tmp_path / 'bad.cand'
    for size in (0, 1, 8, 127, 128, len(good) // 2, len(good) - 1):
        bad.write_bytes(good[:size])
        for command in (['check'], ['info'], ['list']):
            assert run('db', *command, bad).code == 2, size
        assert run('scan', '-d', bad, '/etc/hostname').code == 2


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / 'fifo.cand')
    for path in (tmp_path, tmp_path / 'fifo.cand', '/dev/null', '/absent'):
        assert run('db', 'info', path).code == 2


def test_a_forged_container_is_refused_and_nothing_is_written(tmp_path):
    """A CVD whose signature does not hold must not become a database."""
    body = b'not even a tar'
    header = ('ClamAV-VDB:22 Jun 2021 14-58 -0400:1:1:63:' +
              hashlib.md5(body).hexdigest() + ':' + 'a' * 171 + ':nobody:1624388320')
    forged = tmp_path / 'main.cvd'
    forged.write_bytes(header.encode().ljust(512) + body)
    good = tmp_path / 'good.hdb'
    good.write_text('aa15bcf478d165efd2065190eb473bcb:544:Good\n')
    out = tmp_path / 'out.cand'
    done = subprocess.run([CANDOR, 'db', 'build', '-o', str(out), str(forged), str(good)],
                          capture_output=True, text=True)
    assert done.returncode == 2
    assert 'refused' in done.stderr and 'signature does not hold' in done.stderr
    assert not out.exists()
    scanned = subprocess.run([CANDOR, 'scan', '-d', str(forged), str(good)],
                             capture_output=True, text=True)
    assert scanned.returncode == 2 and 'refused' in scanned.stderr
