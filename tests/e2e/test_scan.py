"""candor scan: what it says about files, and how it ends."""
# SPDX-License-Identifier: Apache-2.0
import base64
import fcntl
import hashlib
import io
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import termios
import threading
import zipfile

import pytest

from conftest import (CANDOR, HASHED, MARKER, NOBODY, ROOT, SECOND, UNWANTED,
                      run, run_as_nobody)


@pytest.fixture
def scan(database):
    return lambda *a, **k: run('scan', '-d', database, *a, **k)


@pytest.fixture
def scan_json(scan):
    return lambda *a, **k: scan('--format', 'json', *a, **k)


@pytest.fixture
def tree(tmp_path):
    """A folder with something of everything that is ordinary."""
    folder = tmp_path / 'tree'
    (folder / 'sub').mkdir(parents=True)
    (folder / 'clean').write_bytes(b'nothing here\n')
    (folder / 'bad').write_bytes(b'xx' + MARKER + b'yy')
    (folder / 'sub/deep').write_bytes(b'nothing here either\n')
    (folder / 'sub/hashed').write_bytes(HASHED)
    (folder / 'empty').write_bytes(b'')
    return folder


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, content)
    return out.getvalue()


# --- exit codes and verdicts -------------------------------------------------

def test_clean_is_0(scan, tree):
    assert scan(tree / 'clean').code == 0


def test_infected_is_1(scan, tree):
    assert scan(tree).code == 1


def test_absent_is_2(scan, tmp_path):
    done = scan(tmp_path / 'absent')
    assert done.code == 2
    assert b'absent: No such file or directory' in done.err
    assert b'Scanned      0 files' in done.out


def test_infected_beats_absent(scan, tree, tmp_path):
    assert scan(tmp_path / 'absent', tree).code == 1


@pytest.mark.parametrize('arguments', [
    [], ['--no-such-option', '/'], ['--jobs', '0', '/'],
    ['--jobs', 'many', '/'], ['--format', 'xml', '/'], ['--format'],
    ['--max-object-size', '-1', '/'], ['--max-object-size', '1Q', '/'],
    ['--max-object-size', '99999999999T', '/'], ['--max-scan-time', 'x', '/']])
def test_wrong_usage_is_64(arguments):
    done = run('scan', *arguments)
    assert done.code == 64
    assert b'candor scan' in done.err
    assert done.out == b''


def test_no_database_is_2(tree, tmp_path):
    done = run('scan', '-d', tmp_path / 'absent.cand', tree)
    assert done.code == 2
    assert b'absent.cand' in done.err


def test_unwanted_is_suspicious_and_1(scan_json, tmp_path):
    (tmp_path / 'f').write_bytes(UNWANTED)
    done = scan_json(tmp_path / 'f')
    assert done.code == 1
    assert done.files[0]['verdict'] == 'suspicious'
    assert done.files[0]['detections'][0]['pua'] is True


def test_first_detection_is_the_lowest_kind(scan_json, tmp_path):
    (tmp_path / 'f').write_bytes(SECOND + MARKER)
    found = scan_json(tmp_path / 'f').files[0]['detections']
    assert [d['name'] for d in found] == ['Test.Marker']


def test_all_matches_tells_all(scan_json, tmp_path):
    (tmp_path / 'f').write_bytes(SECOND + MARKER)
    found = scan_json('-z', tmp_path / 'f').files[0]['detections']
    assert [(d['name'], d['kind']) for d in found] == [
        ('Test.Marker', 'body'), ('Test.Second', 'body'),
        ('Test.Both', 'logical')]


# --- text ------------------------------------------------------------------

def test_text_is_a_line_per_finding(scan, tree):
    done = scan(tree)
    findings = done.out.split(b'\n\n')[0].split(b'\n')
    assert sorted(findings) == sorted([
        b'infected    ' + bytes(tree / 'bad') + b': Test.Marker',
        b'infected    ' + bytes(tree / 'sub/hashed') + b': Test.Hash'])
    assert b'Infected     2' in done.out


def test_text_shows_the_way_inside(scan, tmp_path):
    (tmp_path / 'a.zip').write_bytes(zipped('b/c.exe', MARKER))
    done = scan(tmp_path / 'a.zip')
    assert b'a.zip -> b/c.exe: Test.Marker' in done.out
    done = scan(tmp_path / 'a.zip', env={**os.environ, 'LC_ALL': 'C.UTF-8'})
    assert 'a.zip → b/c.exe: Test.Marker'.encode() in done.out


def test_no_summary(scan, tree):
    assert scan('--no-summary', tree / 'clean').out == b''


# --- json --------------------------------------------------------------------

FILE = {'type': str, 'path': str, 'size': int, 'verdict': str,
        'detections': list, 'unscanned': list}
DETECTION = {'name': str, 'kind': str, 'feed': str, 'where': list,
             'hits': list}
HIT = {'string': str, 'offset': int, 'length': int}
SUMMARY = {'type': str, 'version': str, 'files': int, 'folders': int,
           'bytes': int, 'bytes_searched': int, 'seconds': float,
           'infected': int, 'suspicious': int, 'clean': int, 'unscanned': int,
           'unscanned_by_reason': dict, 'passed_by': dict, 'signatures': int,
           'databases': list, 'cage': dict, 'interrupted': bool}


def check_shape(thing, shape):
    for key, kind in shape.items():
        assert type(thing[key]) is kind, key


def check_file(f):
    check_shape(f, FILE)
    assert f['verdict'] in ('infected', 'suspicious', 'unscanned', 'clean')
    assert (f['verdict'] in ('infected', 'suspicious')) == \
        bool(f['detections'])
    assert f['verdict'] != 'clean' or not f['unscanned']
    for d in f['detections']:
        check_shape(d, DETECTION)
        assert d['kind'] in ('hash', 'body', 'logical', 'yara', 'heuristic')
        for hit in d['hits']:
            check_shape(hit, HIT)
    for gap in f['unscanned']:
        assert gap['reason'] in (
            'limit', 'encrypted', 'corrupt', 'unsupported', 'changed',
            'crashed', 'denied', 'timeout')


def test_json_has_its_shape(scan_json, tree):
    (tree / 'a.zip').write_bytes(zipped('inner', MARKER))
    done = scan_json(tree, tree / 'absent')
    for f in done.files:
        check_file(f)
    check_shape(done.summary, SUMMARY)
    s = done.summary
    assert s['files'] == len(done.files) == 6
    assert [o['message'] for o in done.objects if o['type'] == 'error'] == [
        'No such file or directory']
    assert s['files'] == (s['infected'] + s['suspicious'] + s['clean'] +
                          s['unscanned'])
    assert s['bytes'] == sum(f['size'] for f in done.files)
    assert re.fullmatch('[0-9a-f]{64}', s['databases'][0]['id'])


def test_json_tells_offset_length_and_hash(scan_json, tree):
    f = scan_json(tree / 'bad').files[0]
    assert f['detections'][0]['hits'] == [
        {'string': '0', 'offset': 2, 'length': len(MARKER)}]
    assert f['detections'][0]['where'] == []
    assert f['detections'][0]['feed'] != ''
    assert f['sha256'] == hashlib.sha256(
        (tree / 'bad').read_bytes()).hexdigest()


def test_json_hashes_clean_files_when_asked(scan_json, tree):
    assert 'sha256' not in scan_json(tree / 'clean').files[0]
    assert scan_json('--hash', tree / 'clean').files[0]['sha256'] == \
        hashlib.sha256((tree / 'clean').read_bytes()).hexdigest()


def test_what_was_not_looked_at_has_its_hash(scan_json, tmp_path):
    cut = tmp_path / 'cut.gz'
    cut.write_bytes(b'\x1f\x8b\x08\0\0\0\0\0\0\3' + b'\xff' * 50)
    known = hashlib.sha256(cut.read_bytes()).hexdigest()
    f = scan_json(cut).files[0]
    assert f['verdict'] == 'unscanned' and f['sha256'] == known
    assert known[:8].encode() in run('explain', cut).out


def test_json_names_every_container(scan_json, tmp_path):
    inner = zipped('inner.exe', MARKER)
    (tmp_path / 'mail.zip').write_bytes(zipped('outer.zip', inner))
    f = scan_json(tmp_path / 'mail.zip').files[0]
    assert f['detections'][0]['where'] == ['outer.zip', 'inner.exe']


def test_json_is_in_the_order_of_names(scan_json, tmp_path):
    names = [b'B', b'a', b'a.d', b'ab', b'a\xff', b'z']
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(b'x' * (len(name) * 9999))
    done = scan_json('-j', '4', tmp_path)
    assert [os.fsencode(f['path'])[-3:] for f in done.files if
            'path_bytes' not in f] == \
        [os.fsencode(str(tmp_path / os.fsdecode(n)))[-3:]
         for n in sorted(names) if n != b'a\xff']


def test_any_number_of_workers_says_the_same(scan_json, tree):
    (tree / 'a.zip').write_bytes(zipped('inner', MARKER))
    one, four = scan_json('-j', '1', tree), scan_json('-j', '4', tree)
    assert one.files == four.files
    assert one.code == four.code == 1


def test_infected_only(scan_json, tree):
    done = scan_json('-i', tree)
    assert [f['verdict'] for f in done.files] == ['infected', 'infected']
    assert done.summary['clean'] == 3


# --- sarif and report --------------------------------------------------------

def test_sarif_has_its_shape(scan, tree):
    (tree / 'a b.zip').write_bytes(zipped('inner', MARKER))
    done = scan('--format', 'sarif', tree, tree / 'absent')
    log = json.loads(done.out)
    assert log['version'] == '2.1.0'
    assert len(log['runs']) == 1
    one = log['runs'][0]
    rules = {r['id'] for r in one['tool']['driver']['rules']}
    assert {r['ruleId'] for r in one['results']} == rules == {
        'Test.Marker', 'Test.Hash'}
    uris = [r['locations'][0]['physicalLocation']['artifactLocation']['uri']
            for r in one['results']]
    assert 'file://' + str(tree) + '/a%20b.zip' in uris
    notices = one['invocations'][0]['toolExecutionNotifications']
    assert len(notices) == 1


def test_report_is_one_harmless_page(scan, tmp_path):
    (tmp_path / '<script>alert(1)<b>"').write_bytes(MARKER)
    page = tmp_path / 'report.html'
    assert scan('--report', page, tmp_path).code == 1
    text = page.read_text()
    assert 'Test.Marker' in text
    assert '<script' not in text
    assert '&lt;script&gt;' in text
    assert not re.search(r'(src|href)\s*=|url\(|https?:|@import', text)


def test_output_goes_to_a_file(scan, tree, tmp_path):
    done = scan('-o', tmp_path / 'out', tree)
    assert done.out == b''
    assert b'Test.Marker' in (tmp_path / 'out').read_bytes()


def test_output_that_cannot_be_written_is_2(scan, tree, tmp_path):
    assert scan('-o', tmp_path / 'no/folder', tree).code == 2
    assert scan('-o', '/dev/full', tree / 'clean').code == 2


def test_what_is_looked_at_is_not_written_to(scan, tmp_path):
    bad = tmp_path / 'bad'
    bad.write_bytes(MARKER)
    link, other = tmp_path / 'link', tmp_path / 'other'
    link.symlink_to(bad)
    other.hardlink_to(bad)
    (tmp_path / 'list').write_text(f'{other}\n')
    for words in (('-o', bad, bad), ('-o', link, bad), ('--report', bad, other),
                  ('-o', bad, '--files-from', tmp_path / 'list')):
        done = scan(*words)
        assert done.code == 2
        assert b'would be emptied' in done.err
        assert bad.read_bytes() == MARKER
    (tmp_path / 'old').write_text('old')
    for one in ('new', './new', 'old'):
        done = scan('-o', one, '--report', 'new' if 'new' in one else 'old',
                    bad, cwd=tmp_path)
        assert done.code == 2
        assert b'one file' in done.err
    assert (tmp_path / 'old').read_text() == 'old'
    assert not (tmp_path / 'new').exists()
    # Folders are walked as they are, with what is printed in them.
    assert scan('-o', tmp_path / 'old', '--report', tmp_path / 'new',
                tmp_path).code == 1
    assert scan('-o', '/dev/null', '--report', '/dev/null', bad).code == 1



# --- names -------------------------------------------------------------------

ODD_NAMES = [b'new\nline', b'inv\xff\xfealid', b'\x1b[31mred', b'tab\there',
             'bidi\u202egpj.exe'.encode(), b'-rf', b'back\\slash', b' ',
             'ümläut'.encode(), b'"quoted"', b'caf\xe9',
             'overlong'.encode() + b'\xc0\xaf']


@pytest.mark.parametrize('name', ODD_NAMES)
def test_odd_names_in_text_are_one_line_and_harmless(scan, tmp_path, name):
    (tmp_path / os.fsdecode(name)).write_bytes(MARKER)
    findings = scan(tmp_path).out.split(b'\n\n')[0]
    assert findings.count(b'\n') == 0
    assert findings.startswith(b'infected    ')
    assert findings.endswith(b': Test.Marker')
    text = findings.decode('utf-8')
    assert '\x1b' not in text and '\u202e' not in text and '\t' not in text


@pytest.mark.parametrize('name', ODD_NAMES)
def test_odd_names_in_json_can_be_had_back(scan_json, tmp_path, name):
    (tmp_path / os.fsdecode(name)).write_bytes(MARKER)
    f = scan_json(tmp_path).files[0]
    path = base64.b64decode(f['path_bytes']) if 'path_bytes' in f else \
        f['path'].encode()
    assert path == os.fsencode(str(tmp_path)) + b'/' + name


def test_odd_names_given_by_name(scan_json, tmp_path):
    for name in ODD_NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(MARKER)
    done = scan_json(*[os.fsencode(str(tmp_path)) + b'/' + n
                       for n in ODD_NAMES])
    assert [f['verdict'] for f in done.files] == \
        ['infected'] * len(ODD_NAMES)


def test_odd_member_names_are_harmless(scan, tmp_path):
    (tmp_path / 'a.zip').write_bytes(zipped('x\n\x1b[2Jy', MARKER))
    findings = scan(tmp_path / 'a.zip').out.split(b'\n\n')[0]
    assert findings.count(b'\n') == 0
    assert b'\x1b' not in findings


# --- what is no file ---------------------------------------------------------

def test_sockets_and_fifos_are_passed_by(scan_json, tmp_path):
    os.mkfifo(tmp_path / 'fifo')
    with socket.socket(socket.AF_UNIX) as s:
        here = os.getcwd()
        os.chdir(tmp_path)
        s.bind('socket')
        os.chdir(here)
        (tmp_path / 'file').write_bytes(b'x')
        done = scan_json(tmp_path)
    assert done.code == 0
    assert [f['path'] for f in done.files] == [str(tmp_path / 'file')]
    assert done.summary['passed_by']['specials'] == 2


def test_devices_are_passed_by(scan_json, tmp_path):
    if os.geteuid() != 0:
        pytest.skip('only root makes devices')
    try:
        os.mknod(tmp_path / 'zero', 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip('this root may not make devices')
    done = scan_json(tmp_path)
    assert done.code == 0
    assert done.summary['passed_by']['specials'] == 1


@pytest.mark.parametrize('path', ['fifo', '/dev/zero', '/dev/null'])
def test_what_is_no_file_is_refused_by_name(scan_json, tmp_path, path):
    os.mkfifo(tmp_path / 'fifo')
    done = scan_json(tmp_path / path)
    assert done.code == 2
    assert [o.get('message') for o in done.objects[:-1]] == [
        'not a file or folder']


def test_unreadable_is_denied(database, tmp_path):
    tmp_path.chmod(0o755)
    for name in ('file', 'other'):
        (tmp_path / name).write_bytes(MARKER)
        (tmp_path / name).chmod(0)
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'folder').chmod(0)
    (tmp_path / 'other').chmod(0o644)
    done = run_as_nobody('scan', '-d', database, '--format', 'json', tmp_path)
    (tmp_path / 'folder').chmod(0o755)
    assert [(f['verdict'], f['unscanned']) for f in done.files] == [
        ('unscanned', [{'where': [], 'reason': 'denied',
                        'message': 'Permission denied'}]),
        ('unscanned', [{'where': [], 'reason': 'denied',
                        'message': 'Permission denied'}]),
        ('infected', [])]


def test_links_are_not_followed_below_a_folder(scan_json, tmp_path):
    (tmp_path / 'in').mkdir()
    (tmp_path / 'bad').write_bytes(MARKER)
    (tmp_path / 'in/link').symlink_to('../bad')
    (tmp_path / 'in/up').symlink_to('..')
    (tmp_path / 'in/self').symlink_to('self')
    (tmp_path / 'in/dangling').symlink_to('nowhere')
    done = scan_json(tmp_path / 'in')
    assert done.code == 0
    assert done.files == []
    assert done.summary['passed_by']['links'] == 4


def test_links_given_by_name_are_followed(scan_json, tmp_path):
    (tmp_path / 'bad').write_bytes(MARKER)
    (tmp_path / 'link').symlink_to('bad')
    assert scan_json(tmp_path / 'link').code == 1


def test_a_ring_of_links_given_by_name_is_an_error(scan_json, tmp_path):
    (tmp_path / 'a').symlink_to('b')
    (tmp_path / 'b').symlink_to('a')
    assert scan_json(tmp_path / 'a').code == 2


def test_the_same_file_twice_is_told_twice(scan_json, tmp_path):
    (tmp_path / 'bad').write_bytes(MARKER)
    os.link(tmp_path / 'bad', tmp_path / 'hard')
    done = scan_json(tmp_path, tmp_path / 'bad')
    assert [f['verdict'] for f in done.files] == ['infected'] * 3


def test_a_folder_mounted_in_itself_ends(database, tmp_path):
    (tmp_path / 'in').mkdir()
    (tmp_path / 'bad').write_bytes(MARKER)
    script = 'mount --rbind "$1" "$1/in" && exec "$2" scan -d "$3" ' \
        '--format json "$1"'
    done = subprocess.run(
        ['unshare', '-m', 'sh', '-c', script, 'sh', tmp_path, CANDOR,
         database], capture_output=True, timeout=60)
    if b'unshare' in done.stderr or b'mount:' in done.stderr:
        pytest.skip('mounting is not allowed here')
    files = [json.loads(l) for l in done.stdout.splitlines()][:-1]
    assert [f['path'] for f in files] == [
        str(tmp_path / 'bad'), str(tmp_path / 'in/bad')]


def test_one_file_system(database, tmp_path):
    (tmp_path / 'in').mkdir()
    script = 'mount -t tmpfs none "$1/in" && cp "$4" "$1/in/bad" && ' \
        'exec "$2" scan -d "$3" --format json -x "$1"'
    (tmp_path / 'marker').write_bytes(MARKER)
    done = subprocess.run(
        ['unshare', '-m', 'sh', '-c', script, 'sh', tmp_path, CANDOR,
         database, tmp_path / 'marker'], capture_output=True, timeout=60)
    if b'unshare' in done.stderr or b'mount:' in done.stderr:
        pytest.skip('mounting is not allowed here')
    out = [json.loads(l) for l in done.stdout.splitlines()]
    assert [f['path'] for f in out[:-1]] == [str(tmp_path / 'marker')]
    assert out[-1]['passed_by']['other_file_systems'] == 1


def test_the_folders_of_the_kernel_are_passed_by(scan_json):
    done = scan_json('--include', 'no-such-name', '--exclude', 'etc',
                     '--exclude', 'usr', '--exclude', 'home', '--exclude',
                     'var', '--exclude', 'tmp', '--exclude', 'root',
                     '--exclude', 'dev', '--exclude', 'work', '--exclude',
                     'run', '--exclude', 'opt', '--exclude', 'srv',
                     '--exclude', 'mnt', '--exclude', 'media', '/')
    assert done.summary['passed_by']['kernel_folders'] >= 1
    assert done.files == []


def test_files_that_say_they_are_empty_and_are_not(scan_json):
    done = scan_json('/proc/version')
    assert done.code == 0
    assert done.files[0]['size'] == len(open('/proc/version', 'rb').read())


def test_very_deep_folders(scan_json, tmp_path):
    """Deeper than PATH_MAX allows to name at once."""
    depth, name = 120, 'd' * 60
    fd = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        for file in ('a-before', 'z-after'):
            with open(os.open(file, os.O_WRONLY | os.O_CREAT, dir_fd=fd),
                      'wb') as f:
                f.write(b'x')
        os.close(fd)
        fd = below
    with open(os.open('bad', os.O_WRONLY | os.O_CREAT, dir_fd=fd), 'wb') as f:
        f.write(MARKER)
    os.close(fd)
    done = scan_json(tmp_path)
    assert done.summary['files'] == 2 * depth + 1
    assert done.summary['unscanned'] == 0
    assert [f['path'].count('/' + name) for f in done.files
            if f['verdict'] == 'infected'] == [depth]
    subprocess.run(['rm', '-rf', tmp_path / name], check=True)


# --- files that move ---------------------------------------------------------

def busy(action):
    """Do action again and again beside the test, until told to stop."""
    stop = threading.Event()

    def loop():
        while not stop.is_set():
            action()
    thread = threading.Thread(target=loop)
    thread.start()

    def end():
        stop.set()
        thread.join()
    return end


def test_files_that_vanish_are_no_error(scan_json, tmp_path):
    def come_and_go():
        for i in range(20):
            (tmp_path / f'f{i}').write_bytes(b'x')
        for i in range(20):
            (tmp_path / f'f{i}').unlink()
    (tmp_path / 'zz').write_bytes(MARKER)
    end = busy(come_and_go)
    try:
        for _ in range(10):
            done = scan_json(tmp_path)
            assert done.code == 1
            assert {f['verdict'] for f in done.files} <= {
                'clean', 'infected', 'unscanned'}
            assert all(g['reason'] == 'changed' for f in done.files
                       for g in f['unscanned'])
    finally:
        end()


def test_folders_that_vanish_are_no_crash(scan_json, tmp_path):
    def come_and_go():
        os.makedirs(tmp_path / 'a/b/c', exist_ok=True)
        (tmp_path / 'a/b/c/f').write_bytes(b'x')
        os.rename(tmp_path / 'a/b', tmp_path / 'moved')
        (tmp_path / 'moved/c/f').unlink()
        os.rmdir(tmp_path / 'moved/c')
        os.rmdir(tmp_path / 'moved')
    end = busy(come_and_go)
    try:
        for _ in range(20):
            assert scan_json(tmp_path).code in (0, 2)
    finally:
        end()


@pytest.mark.parametrize('sizes', [(1 << 20, 4 << 20), (4 << 20, 0)],
                         ids=['growing', 'shrinking'])
def test_files_that_change_size_get_a_sensible_verdict(scan_json, tmp_path,
                                                       sizes):
    path = tmp_path / 'f'
    path.write_bytes(b'\0' * sizes[0])
    end = busy(lambda: [os.truncate(path, s) for s in sizes])
    try:
        for _ in range(10):
            done = scan_json(path)
            f = done.files[0]
            check_file(f)
            assert f['verdict'] in ('clean', 'unscanned')
            assert all(g['reason'] == 'changed' for g in f['unscanned'])
            assert done.code == (2 if f['verdict'] == 'unscanned' else 0)
    finally:
        end()


# --- standard input ----------------------------------------------------------

@pytest.mark.parametrize('content,code', [
    (MARKER, 1), (b'clean', 0), (b'', 0), (b'x' * 3000000 + MARKER, 1)],
    ids=['infected', 'clean', 'empty', 'long'])
def test_stdin(scan_json, content, code):
    done = scan_json('-', stdin=content)
    assert done.code == code
    assert done.files[0]['path'] == 'stdin'
    assert done.files[0]['size'] == len(content)


def test_stdin_that_is_a_file(database, tree):
    with open(tree / 'bad', 'rb') as f:
        done = subprocess.run([CANDOR, 'scan', '-d', database, '-'], stdin=f,
                              capture_output=True)
    assert done.returncode == 1
    assert b'stdin: Test.Marker' in done.stdout


def test_stdin_beyond_the_limit_is_unscanned(scan_json):
    done = scan_json('--max-object-size', '64K', '-', stdin=b'x' * 100000)
    assert done.code == 2
    assert {g['reason'] for g in done.files[0]['unscanned']} == {'limit'}


def test_what_was_read_of_a_long_stdin_was_searched(scan_json):
    done = scan_json('--max-object-size', '64K', '-',
                     stdin=MARKER + b'x' * 100000)
    assert done.code == 1
    assert done.files[0]['verdict'] == 'infected'
    assert done.files[0]['unscanned'] != []


def test_pipes_of_the_shell(database, tree):
    done = subprocess.run(
        ['bash', '-c', '"$0" scan -d "$1" <(cat "$2")', CANDOR, database,
         tree / 'bad'], capture_output=True)
    assert done.returncode == 1


@pytest.mark.parametrize('times', [1, 2])
@pytest.mark.parametrize('sig', [signal.SIGINT, signal.SIGTERM])
def test_interrupted_is_2_and_says_so(database, sig, times):
    """Also when timeout(1) sends two in a row."""
    p = subprocess.Popen(
        [CANDOR, 'scan', '-d', database, '--format', 'json', '-'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    p.stdin.write(b'x' * 2000000)  # more than a pipe holds: it is reading
    p.stdin.flush()
    for _ in range(times):
        p.send_signal(sig)
    out = p.stdout.read()
    p.stdin.close()
    assert p.wait(timeout=60) == 2
    assert json.loads(out.splitlines()[-1])['interrupted'] is True


@pytest.mark.parametrize('form', [['clamscan'], ['clamscan', '--no-summary'],
                                  ['text', '--no-summary']])
def test_interrupted_is_said_beside_what_scripts_read(database, form):
    p = subprocess.Popen(
        [CANDOR, 'scan', '-d', database, '--format', *form, '-'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(b'x' * 2000000)
    p.stdin.flush()
    p.send_signal(signal.SIGINT)
    _, err = p.stdout.read(), p.stderr.read()
    p.stdin.close()
    assert p.wait(60) == 2
    assert b'candor: incomplete' in err


@pytest.mark.parametrize('form', ['clamscan', 'json'])
def test_a_scan_that_nobody_reads_ends_early(database, tmp_path, form):
    for i in range(3000):
        (tmp_path / f'{i:099}').write_bytes(b'%d' % i)
    p = subprocess.Popen(
        [CANDOR, 'scan', '-d', database, '--no-cache', '--format', form,
         tmp_path, '-'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    p.stdout.close()
    # Standard input stays open: nobody comes to its end.
    assert p.wait(60) == 2
    assert b'could not be written' in p.stderr.read()
    p.stdin.close()
    p.stderr.close()


# --- what to walk ------------------------------------------------------------

def names(done):
    return [os.path.basename(f['path']) for f in done.files]


def test_exclude(scan_json, tree):
    assert names(scan_json('--exclude', 'sub', tree)) == \
        ['bad', 'clean', 'empty']
    assert names(scan_json('--exclude', '*/sub/d*', tree)) == \
        ['bad', 'clean', 'empty', 'hashed']
    assert scan_json('--exclude', 'b*', '--exclude', 'h*', tree).code == 0


def test_include(scan_json, tree):
    assert names(scan_json('--include', '*d', tree)) == ['bad', 'hashed']
    assert names(scan_json('--include', '*d', '--exclude', 'sub', tree)) == \
        ['bad']


@pytest.mark.parametrize('stop', [b'\n', b'\0'])
def test_files_from(scan_json, tree, tmp_path, stop):
    paths = [os.fsencode(str(tree / n)) for n in ('bad', 'sub', 'absent')]
    (tmp_path / 'list').write_bytes(stop.join(paths) + stop)
    done = scan_json('--files-from', tmp_path / 'list')
    assert names(done) == ['bad', 'deep', 'hashed']
    done = scan_json('--files-from', '-', stdin=stop.join(paths))
    assert names(done) == ['bad', 'deep', 'hashed']


def test_files_from_a_name_with_a_line_feed(scan_json, tmp_path):
    (tmp_path / 'a\nb').write_bytes(MARKER)
    (tmp_path / 'list').write_bytes(bytes(tmp_path / 'a\nb') + b'\0')
    assert scan_json('-f', tmp_path / 'list').code == 1


def test_files_from_another_system(scan_json, tree, tmp_path):
    """Where all lines end with CR LF, the CR is none of the names'."""
    (tmp_path / 'with\r').write_bytes(MARKER)
    both = [bytes(tmp_path / 'with\r'), bytes(tree / 'bad') + b'\r']
    (tmp_path / 'list').write_bytes(bytes(tree / 'bad') + b'\r\n')
    assert scan_json('-f', tmp_path / 'list').code == 1
    (tmp_path / 'list').write_bytes(b'\n'.join(both[:1]) + b'\n' +
                                    bytes(tree / 'bad') + b'\n')
    assert len(scan_json('-f', tmp_path / 'list').files) == 2


@pytest.mark.parametrize('arguments, said', [
    (['--no-such', '/'], b"unrecognized option '--no-such'"),
    (['-Q', '/'], b"invalid option -- 'Q'"),
    (['/', '-d'], b"option requires an argument -- 'd'"),
    (['/', '--db'], b"option '--db' requires an argument"),
    (['--hash=1', '/'], b"option '--hash' doesn't allow an argument"),
])
def test_usage_is_told_as_gnu_tools_do(arguments, said):
    done = run('scan', *arguments)
    assert done.code == 64
    assert b'candor scan: ' + said in done.err


def test_files_from_nowhere_is_2(scan_json, tmp_path):
    assert scan_json('-f', tmp_path / 'absent').code == 2


# --- limits ------------------------------------------------------------------

def nested(depth):
    content = MARKER
    for i in range(depth):
        content = zipped(f'{i}.zip', content)
    return content


def test_max_depth_is_unscanned(scan_json, tmp_path):
    (tmp_path / 'f.zip').write_bytes(nested(6))
    assert scan_json('--max-depth', '10', tmp_path).code == 1
    done = scan_json('--max-depth', '3', tmp_path)
    assert done.code == 2
    assert {g['reason'] for g in done.files[0]['unscanned']} == {'limit'}


def test_max_objects_is_unscanned(scan_json, tmp_path):
    with zipfile.ZipFile(tmp_path / 'f.zip', 'w', zipfile.ZIP_DEFLATED) as z:
        for i in range(50):
            z.writestr(f'm{i:02}', MARKER if i == 49 else b'x%d' % i)
    assert scan_json(tmp_path).code == 1
    done = scan_json('--max-objects', '10', tmp_path)
    assert done.code == 2
    assert {g['reason'] for g in done.files[0]['unscanned']} == {'limit'}


def test_max_object_size_is_unscanned(scan_json, tmp_path):
    (tmp_path / 'f').write_bytes(b'x' * 5000 + MARKER)
    assert scan_json('--max-object-size', '1M', tmp_path).code == 1
    done = scan_json('--max-object-size', '4K', tmp_path)
    assert done.code == 2
    assert {g['reason'] for g in done.files[0]['unscanned']} == {'limit'}


@pytest.mark.parametrize('limit', [['--max-ratio', '10'],
                                   ['--max-total-size', '1M']])
def test_bombs_are_unscanned(scan_json, tmp_path, limit):
    (tmp_path / 'f.zip').write_bytes(zipped('zeros', b'\0' * (64 << 20)))
    done = scan_json(*limit, tmp_path)
    assert done.code == 2
    assert {g['reason'] for g in done.files[0]['unscanned']} == {'limit'}


def test_password(scan_json, tmp_path):
    (tmp_path / 'bad').write_bytes(MARKER)
    subprocess.run(['zip', '-q', '-j', '-P', 'secret', tmp_path / 'f.zip',
                    tmp_path / 'bad'], check=True)
    done = scan_json(tmp_path / 'f.zip')
    assert done.code == 2
    assert done.files[0]['unscanned'] == [
        {'where': ['bad'], 'reason': 'encrypted'}]
    done = scan_json('--password', 'wrong', '--password', 'secret',
                     tmp_path / 'f.zip')
    assert done.code == 1


# --- databases ---------------------------------------------------------------

def test_text_and_compiled_together(database, tmp_path):
    (tmp_path / 'more.ndb').write_text(f'Test.More:0:*:{b"more!!".hex()}\n')
    (tmp_path / 'f').write_bytes(b'more!!' + MARKER)
    done = run('scan', '-z', '--format', 'json', '-d', database, '-d',
               tmp_path / 'more.ndb', tmp_path / 'f')
    assert {d['name'] for d in done.files[0]['detections']} == {
        'Test.Marker', 'Test.More'}
    assert len(done.summary['databases']) == 2


def test_bad_lines_are_reported_and_cost_only_themselves(tmp_path):
    (tmp_path / 'x.ndb').write_text(
        f'Bad.Hex:0:*:4x\nTest.Good:0:*:{MARKER.hex()}\n')
    (tmp_path / 'f').write_bytes(MARKER)
    done = run('scan', '-d', tmp_path / 'x.ndb', tmp_path / 'f')
    assert done.code == 1
    assert os.fsencode(str(tmp_path / 'x.ndb')) + b':1:' in done.err


def test_texts_are_compiled_once(tmp_path):
    cache = tmp_path / 'cache'
    env = {**os.environ, 'XDG_CACHE_HOME': str(cache)}
    rules = ROOT / 'data/rules'
    (tmp_path / 'f').write_bytes(b'x')
    (cache).mkdir()
    for _ in range(2):
        assert run('scan', '-d', rules, tmp_path / 'f', env=env).code == 0
    kept = list((cache / 'candor').glob('*.cand'))
    if not kept:
        pytest.skip('the rules were changed within the last two seconds')
    assert len(kept) == 1
    assert (cache / 'candor').stat().st_mode & 0o777 == 0o700
    # Another writer's file is not taken for ours.
    kept[0].write_bytes(b'CANDORDB' + bytes(100))
    assert run('scan', '-d', rules, tmp_path / 'f', env=env).code == 2


def test_a_cache_others_can_write_to_is_not_used(tmp_path):
    cache = tmp_path / 'cache'
    (cache / 'candor').mkdir(parents=True)
    (cache / 'candor').chmod(0o777)
    env = {**os.environ, 'XDG_CACHE_HOME': str(cache)}
    (tmp_path / 'f').write_bytes(b'x')
    assert run('scan', '-d', ROOT / 'data/rules', tmp_path / 'f',
               env=env).code == 0
    assert list((cache / 'candor').iterdir()) == []


# --- beside clamscan ---------------------------------------------------------

def clamscan(*arguments, **more):
    try:
        return subprocess.run(['clamscan', *map(str, arguments)],
                              capture_output=True, timeout=300, **more)
    except FileNotFoundError:
        pytest.skip('clamscan is not installed')


def clam_tree(tree):
    (tree / 'new\nline').write_bytes(MARKER)
    (tree / os.fsdecode(b'inv\xff')).write_bytes(b'fine, longer than five')
    (tree / 'link').symlink_to('bad')
    (tree / 'dangling').symlink_to('nowhere')
    os.mkfifo(tree / 'fifo')
    (tree / 'a.zip').write_bytes(zipped('b/c', MARKER * 3))
    (tree / 'both').write_bytes(MARKER + SECOND)


def clam_blocks(out):
    """Sorted findings, and the summary as a dictionary."""
    findings, _, summary = out.partition(
        b'\n----------- SCAN SUMMARY -----------\n')
    # A name may hold a line feed: cut where lines end as clamscan ends them.
    lines = re.findall(rb'(.*?: (?:\S+ FOUND|OK|Empty file|Symbolic link|'
                       rb'Access denied))\n', findings, re.S)
    assert b''.join(l + b'\n' for l in lines) == findings
    return sorted(lines), dict(
        l.split(b': ', 1) for l in summary.splitlines() if b': ' in l)


SAME = [b'Known viruses', b'Scanned directories', b'Scanned files',
        b'Infected files']


@pytest.mark.parametrize('more', [[], ['-i']], ids=['all', 'infected'])
def test_clamscan_says_the_same(signatures, database, tree, more):
    clam_tree(tree)
    theirs = clamscan('-r', '--detect-pua=yes', '-d', signatures, *more, tree)
    ours = run('scan', '--format', 'clamscan', '-d', database, *more, tree)
    their_lines, their_summary = clam_blocks(theirs.stdout)
    our_lines, our_summary = clam_blocks(ours.out)
    assert our_lines == their_lines
    assert our_summary.keys() == their_summary.keys()
    assert [our_summary[k] for k in SAME] == [their_summary[k] for k in SAME]
    assert ours.code == theirs.returncode == 1


def test_clamscan_says_the_same_of_all_matches(signatures, database, tree):
    clam_tree(tree)
    theirs = clamscan('-r', '-z', '--detect-pua=yes', '-d', signatures, tree)
    ours = run('scan', '--format', 'clamscan', '-z', '-d', database, tree)
    # clamscan names a signature again for each layer and view.
    assert set(clam_blocks(ours.out)[0]) == set(clam_blocks(theirs.stdout)[0])


def test_clamscan_says_the_same_of_stdin(signatures, database):
    for content in (MARKER, b'nothing to see here', b''):
        theirs = clamscan('--no-summary', '-d', signatures, '-',
                          input=content)
        ours = run('scan', '--format', 'clamscan', '--no-summary', '-d',
                   database, '-', stdin=content)
        assert ours.out == theirs.stdout
        assert ours.code == theirs.returncode


def test_clamscan_says_the_same_of_what_is_unreadable(signatures, database,
                                                      tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / 'secret').write_bytes(MARKER)
    (tmp_path / 'secret').chmod(0)
    more = {}
    if os.geteuid() == 0:
        more = dict(user=NOBODY, group=NOBODY, extra_groups=[])
    theirs = clamscan('--no-summary', '-r', '-d', signatures, tmp_path,
                      **more)
    ours = run_as_nobody('scan', '--format', 'clamscan', '--no-summary', '-d',
                         database, tmp_path)
    assert ours.out == theirs.stdout
    assert ours.code == theirs.returncode == 2


@pytest.mark.parametrize('words, code', [
    (['--help'], 2), (['--version'], 2), (['help', 'scan'], 2),
    (['db', 'info', 'DATABASE'], 2), (['db', 'list', 'DATABASE'], 2),
    (['explain', '-d', 'DATABASE', 'BAD'], 1), (['ban', 'list'], 2),
    (['config', 'show', '/dev/null'], 2), (['scan', '-d', 'DATABASE', 'BAD'], 1),
    (['scan', '-d', 'DATABASE', 'CLEAN'], 2)])
def test_output_that_is_lost_is_told_once(database, tree, words, code):
    place = {'DATABASE': database, 'BAD': tree / 'bad', 'CLEAN': tree / 'clean'}
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([CANDOR, *(place.get(w, w) for w in words)],
                              stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == code
    assert done.stderr == b'candor: the output could not be written\n'


def test_one_is_not_many(tmp_path):
    (tmp_path / 'one.ndb').write_text(f'One:0:*:{MARKER.hex()}\nbad line\n')
    (tmp_path / 'in').mkdir()
    (tmp_path / 'in/link').symlink_to('nowhere')
    os.mkfifo(tmp_path / 'in/pipe')
    done = run('scan', '-d', tmp_path / 'one.ndb', tmp_path / 'in')
    assert b'\nPassed by    1 link, 1 socket, pipe or device\n' in done.out
    assert b'candor: 1 bad line was left out\n' in done.err
    run('db', 'build', '-o', tmp_path / 'x.cand', tmp_path / 'one.ndb')
    assert b' of 1 signature is well' in run(
        'db', 'check', tmp_path / 'x.cand').out
    (tmp_path / 'in/link2').symlink_to('nowhere')
    os.mkfifo(tmp_path / 'in/pipe2')
    done = run('scan', '-d', tmp_path / 'x.cand', tmp_path / 'in')
    assert b'\nPassed by    2 links, 2 sockets, pipes and devices\n' in done.out


@pytest.mark.parametrize('columns, has_bar', [(100, True), (60, False),
                                              (20, False), (0, True)])
def test_progress_stays_on_one_line(database, tmp_path, columns, has_bar):
    for i in range(2):
        with open(tmp_path / f'{i}', 'wb') as f:
            f.truncate(300 << 20)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack('HHHH', 24, columns, 0, 0))
    p = subprocess.Popen([CANDOR, 'scan', '-d', database, '--no-cache', '-j1',
                          tmp_path], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    said = b''
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:
        pass  # nobody holds the other end any more
    os.close(ours)
    p.wait(60)
    lines = [l.decode() for l in said.split(b'\r\x1b[K') if l]
    assert lines
    assert any('[' in l for l in lines) == has_bar
    if columns:
        assert max(map(len, lines)) < columns


# --- the command itself ------------------------------------------------------

def made_of(path):
    text = (ROOT / path).read_text()
    return re.findall(r'\.\\" made by: candor (help --man [a-z -]+)\n(.*?)'
                      r'\.\\" end\n', text, re.S)


@pytest.mark.parametrize('path', ['docs/candor-scan.1', 'docs/candor-db.1',
                                  'docs/candor-explain.1',
                                  'docs/candor-quarantine.1',
                                  'docs/candor-guard.1',
                                  'docs/candor-selftest.1',
                                  'docs/candor-update.1',
                                  'docs/candor-config.1',
                                  'docs/candor-log.1', 'docs/candor-ban.1',
                                  'docs/candor-switch.1',
                                  'docs/candor-status.1',
                                  'docs/candord.conf.5'])
def test_manuals_are_made_of_the_option_tables(path):
    blocks = made_of(path)
    assert blocks
    for command, text in blocks:
        assert run(*command.split()).out.decode() == text


def test_manuals_name_pages_that_are_there():
    pages = {p.name for p in (ROOT / 'docs').glob('*.[158]')}
    for page in (ROOT / 'docs').glob('*.[158]'):
        text = page.read_text()
        also = re.search(r'^\.SH "?SEE ALSO"?\n(.*?)(?=^\.SH|\Z)', text,
                         re.M | re.S)
        assert also, page.name
        for name, section in re.findall(r'^\.BR (candor\S*) \((\d)\)',
                                        also[1], re.M):
            name = name.replace('\\-', '-')
            assert f'{name}.{section}' in pages, page.name
        assert not re.search(r'\?\.$|\.{4}', text, re.M), page.name


def test_completion_is_made_of_the_option_tables():
    assert run('help', '--completion').out == \
        (ROOT / 'completion/candor.bash').read_bytes()


def complete(*words):
    done = subprocess.run(
        ['bash', '-c', 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1));'
         ' _candor; printf "%s\\n" "${COMPREPLY[@]}"',
         ROOT / 'completion/candor.bash', 'candor', *words],
        capture_output=True, text=True)
    assert done.stderr == ''
    return done.stdout.split()


def test_completion_of_options():
    assert complete('scan', '--form') == ['--format']
    assert complete('scan', '--format', 's') == ['sarif']
    assert complete('--') == ['--help', '--version']


def test_completion_knows_every_command():
    """Also those of groups, with their options."""
    text = run('help').out.decode()
    names = [line.split('  ')[1].split() for line in text.splitlines()
             if re.match('  [a-z]', line)]
    assert ['quarantine', 'restore'] in names and ['scan'] in names
    for name in names:
        for i in range(len(name)):
            assert name[i] in complete(*name[:i], '')
        wanted = re.findall('^  (?:-., |    )(--[a-z-]+)',
                            run('help', *name).out.decode(), re.M)
        assert set(complete(*name, '--')) == set(wanted)


@pytest.mark.parametrize('command', [
    ['scan'], ['explain'], ['db', 'build'], ['db', 'info'], ['db', 'check'],
    ['log', 'verify'], ['db', 'list'], ['db', 'show'], *(['quarantine', verb] for verb in (
        'list', 'show', 'restore', 'delete', 'export', 'purge')),
    *(['config', verb] for verb in ('check', 'show', 'import'))])
def test_every_command_has_help(command):
    done = run(*command, '--help')
    assert done.code == 0
    assert done.out.startswith(b'Usage: candor ' + ' '.join(command).encode())
    assert done.out == run('help', *command).out
    assert max(map(len, done.out.decode().splitlines())) <= 80


@pytest.mark.parametrize('words', [['--help'], ['help'], ['guard', '--help'],
                                   ['help', 'quarantine'], ['ban', '-h']])
def test_lists_of_commands_stand_in_columns(words):
    done = run(*words)
    assert done.code == 0 and not done.err
    rows = re.findall(rb'^(  [a-z].*?)  +[A-Z]', done.out, re.M)
    starts = {re.search(rb'  (?=[A-Z])', l).end()
              for l in done.out.splitlines() if re.match(rb'  [a-z]', l)}
    assert len(rows) > 2 and len(starts) == 1
    assert max(map(len, done.out.splitlines())) < 80


def test_version_and_unknown_commands():
    assert run('db', 'build', '--version').out == run('--version').out
    assert re.fullmatch(rb'candor \d+\.\d+\.\d+\n', run('--version').out)
    for words in ([], ['no-such'], ['db'], ['db', 'no-such']):
        assert run(*words).code == 64


def test_stdout_that_closes_early_is_no_crash(database, tree):
    p = subprocess.Popen([CANDOR, 'scan', '-d', database, '--format', 'json',
                          '/usr/share/doc'], stdout=subprocess.PIPE)
    p.stdout.close()
    assert p.wait(timeout=300) == 2
