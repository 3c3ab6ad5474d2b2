"""The running daemon, as somebody sees it who trusts nothing of it: what it
says to the network, what it writes down of what it reads, what it does on a
kernel that lacks something and with files made to break it.  T-EGRESS-1 and -3,
T-SBX-5 to -8 of the trust design, for the whole of candord."""
# SPDX-License-Identifier: Apache-2.0
import ctypes
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import test_hostile
from conftest import BUILD, MARKER, ROOT, run
from daemon import CLEAN, CRASHED, INFECTED, UNSCANNED, Daemon, Front
from test_hang import SERVER

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason='needs root')
CORPUS = ROOT / 'tests/corpus'


def verdict(d, path):
    f = Front(d.folder / 'socket.sock')
    f.ask_path(path)
    _, said, reason = f.answer()
    f.close()
    return said, reason


# --- T-EGRESS-1 -----------------------------------------------------------------

CYCLE = r'''
set -e
cat /proc/net/dev > "$1/before"
"$2" --foreground --config "$1/candor.conf" 2> "$1/log" &
candord=$!
for i in $(seq 400); do
    "$3" status --socket "$1/control.sock" > "$1/status" 2>&1 && break
    sleep 0.05
done
"$3" scan --no-cache --daemon --socket "$1/socket.sock" "$4" > "$1/report" || true
"$3" scan --no-cache -d "$5" "$4" > "$1/report2" || true
printf 'zINSTREAM\0\0\0\0\004test\0\0\0\0' | timeout 5 \
    python3 -c 'import socket,sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read()); print(s.recv(99))' "$1/clamd.sock" \
    > "$1/stream"
kill -HUP $candord
sleep 0.5
kill $candord
wait $candord
cat /proc/net/dev > "$1/after"
'''


@needs_root
def test_not_one_packet_and_no_socket_but_unix(tmp_path, files, database):
    """A full cycle where the only interface is the loopback, and counts."""
    if shutil.which('strace') is None or subprocess.run(
            ['unshare', '-n', 'true'], capture_output=True).returncode != 0:
        pytest.skip('needs strace and network namespaces')
    corpus = files / 'corpus'
    shutil.copytree(CORPUS, corpus)
    d = Daemon.__new__(Daemon)
    d.folder, d.config, d.database = tmp_path, tmp_path / 'candor.conf', database
    d.text = '[scan]\nworkers = 2'
    d.write()
    calls = tmp_path / 'calls'
    done = subprocess.run(
        ['unshare', '-n', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh',
         'strace', '-f', '-qq', '-e', 'trace=network', '-o', calls,
         'sh', '-c', CYCLE, 'sh', tmp_path, BUILD / 'bin/candord',
         BUILD / 'bin/candor', files, database],
        timeout=200, capture_output=True)
    assert done.returncode == 0, (done.stderr, (tmp_path / 'log').read_text())
    assert b'FOUND' in (tmp_path / 'report').read_bytes() or \
        b'infected' in (tmp_path / 'report').read_bytes()
    assert b'infected' in (tmp_path / 'report2').read_bytes()
    assert b'stream: OK' in (tmp_path / 'stream').read_bytes()

    def packets(name):
        rows = (tmp_path / name).read_text().splitlines()[2:]
        return {r.split(':')[0].strip(): r.split(':')[1].split()[:2] +
                r.split(':')[1].split()[8:10] for r in rows}
    assert packets('before') == packets('after')
    assert all(set(counts) == {'0'} for counts in packets('after').values())
    made = re.findall(r'^\d+ +(socket|socketpair|bind|connect|sendto)\((.*)$',
                      calls.read_text(errors='replace'), re.M)
    assert len(made) > 10
    foreign = [m for m in made if 'AF_UNIX' not in m[1] and
               (m[0] in ('socket', 'socketpair') or 'sa_family' in m[1])]
    assert foreign == []


# --- T-EGRESS-3 -----------------------------------------------------------------

@needs_root
def test_nothing_of_a_file_is_anywhere_afterwards(tmp_path, files, database):
    """64 KiB that are nowhere else: no 16 bytes of them in any output, log,
    state, socket, or in the memory of any process but a worker."""
    secret = os.urandom(1 << 16)
    target = files / 'secret'
    target.write_bytes(secret + MARKER)
    windows = {secret[i:i + 16] for i in range(len(secret) - 15)}
    heard = []

    def listen(s):
        with s, s.makefile('rb') as lines:
            heard.extend(lines)

    with Daemon(tmp_path, '[scan]\nworkers = 1\n[log]\nlevel = debug',
                database=database) as d:
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(tmp_path / 'events.sock'))
        listener = threading.Thread(target=listen, args=(s,), daemon=True)
        listener.start()
        outputs = []
        for more in (['--format', 'json'], ['-z'], []):
            done = d.scan(target, *more)
            assert b'Test.Marker' in done.out
            outputs += [done.out, done.err]
        assert verdict(d, target)[0] == INFECTED
        c = socket.socket(socket.AF_UNIX)
        c.connect(str(tmp_path / 'clamd.sock'))
        body = target.read_bytes()
        c.sendall(b'zINSTREAM\0' + struct.pack('>I', len(body)) + body +
                  struct.pack('>I', 0))
        outputs.append(c.recv(4096))
        c.close()
        assert b'FOUND' in outputs[-1]
        outputs.append(run('status', '--json', '--socket',
                           tmp_path / 'control.sock').out)
        # The clamd front was sent the stream, so that had to pass through it;
        # its file in memory is gone.
        assert not [p for p in (d.process.pid, d.pid('broker'))
                    if holds(p, windows)]
        for pid in (d.process.pid, d.pid('broker'), d.pid('clamd')):
            for fd in Path(f'/proc/{pid}/fd').iterdir():
                if os.readlink(fd).startswith('/memfd:'):
                    assert not has(fd.read_bytes(), windows)
    listener.join(10)
    assert heard
    for path in tmp_path.rglob('*'):
        if path.is_file() and path != target:
            assert not has(path.read_bytes(), windows), path
    for text in [*outputs, *heard]:
        assert not has(text, windows)
    # It would be seen.
    assert has(b'x' * 77 + secret[1000:1020], windows)
    assert holds(os.getpid(), windows)


def has(text, windows):
    return any(text[i:i + 16] in windows for i in range(len(text) - 15))


def holds(pid, windows):
    """Is a piece in the memory of a process?  16 bytes from each 4 KiB of the
    secret are looked for everywhere, and then it is enough."""
    some = re.compile(b'|'.join(re.escape(w) for w in sorted(windows)[::997]))
    with open(f'/proc/{pid}/mem', 'rb', buffering=0) as mem:
        for line in Path(f'/proc/{pid}/maps').read_text().splitlines():
            span, rights = line.split()[:2]
            start, end = (int(x, 16) for x in span.split('-'))
            if rights[0] != 'r' or '[v' in line:
                continue
            try:
                mem.seek(start)
                text = mem.read(end - start)
            except OSError:
                continue
            if some.search(text):
                return True
    return False


# --- T-SBX-5 --------------------------------------------------------------------

# struct sock_filter: BPF_LD|W|ABS, JEQ, RET
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000


def lacking(landlock, namespaces, mdwe, seccomp=False):
    """Give this process and all it starts a kernel that lacks those."""
    def line(code, k, yes=0, no=0):
        return struct.pack('<HBBI', code, yes, no, k)

    program = b''
    for number, error, lacks in ((444, 38, landlock), (272, 1, namespaces),
                                 (317, 38, seccomp)):
        if lacks:
            program += line(LOAD, 0) + line(EQUAL, number, 0, 1) + \
                line(RETURN, ERRNO | error)
    if mdwe:
        program += line(LOAD, 0) + line(EQUAL, 157, 0, 3) + \
            line(LOAD, 16) + line(EQUAL, 65, 0, 1) + line(RETURN, ERRNO | 22)
    program += line(RETURN, ALLOW)
    libc = ctypes.CDLL(None, use_errno=True)
    room = ctypes.create_string_buffer(program, len(program))

    class Prog(ctypes.Structure):
        _fields_ = [('len', ctypes.c_ushort), ('at', ctypes.c_void_p)]
    prog = Prog(len(program) // 8, ctypes.cast(room, ctypes.c_void_p).value)

    def apply():
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2,
                                                    ctypes.byref(prog)):
            os._exit(99)
    apply.room = room   # prog has only its address
    return apply


@pytest.mark.skipif(os.uname().machine != 'x86_64', reason='numbers of x86_64')
@pytest.mark.parametrize('lacks', range(8))
def test_on_a_kernel_that_lacks_something(tmp_path, files, database, lacks):
    """It scans, and says what is missing where the second wall is gone."""
    landlock, namespaces, mdwe = (bool(lacks & bit) for bit in (1, 2, 4))
    with Daemon(tmp_path, '[scan]\nworkers = 1', database=database,
                preexec=lacking(landlock, namespaces, mdwe)) as d:
        assert verdict(d, files / 'good')[0] == CLEAN
        assert verdict(d, files / 'bad')[0] == INFECTED

        def told():
            return re.search(rb'^Cage .*$', run(
                'status', '--socket', tmp_path / 'control.sock').out, re.M)
        d.wait_for(told)
        assert (b'DEGRADED' in told()[0]) == (landlock and namespaces)
        if os.geteuid() == 0 and not namespaces:
            (worker,) = d.workers()
            assert os.readlink(f'/proc/{worker}/ns/net') != \
                os.readlink('/proc/self/ns/net')


@pytest.mark.skipif(os.uname().machine != 'x86_64', reason='numbers of x86_64')
def test_without_seccomp_nothing_is_scanned(tmp_path, files, database):
    d = Daemon(tmp_path, '[scan]\nworkers = 1\ndeadline = 2',
               database=database,
               preexec=lacking(False, False, False, seccomp=True))
    try:
        d.wait_for(lambda: 'error: ' in d.said())
        assert 'could not enter its cage' in d.said()
        status = d.status()
        broker = next(p for p in status['processes'] if p['name'] == 'broker')
        assert broker['state'] != 'ready'
    finally:
        d.process.terminate()
        d.process.wait(30)


# --- T-SBX-6, T-SBX-7, T-SBX-8 ---------------------------------------------------


def crashes(d):
    return d.status()['metrics'].get('worker_crashes', 0)


def test_every_opener_under_the_real_filter(tmp_path, files, database):
    """T-SBX-8: all seeds, also the broken ones; a call too many is a crash."""
    seeds = list(test_hostile.seeds())
    chance = random.Random(8)
    seeds += [test_hostile.broken(chance, seeds) for _ in range(100)]
    with Daemon(tmp_path, '[scan]\nworkers = 2', database=database) as d:
        f = Front(d.folder / 'socket.sock')
        for seed in seeds:
            fd = os.memfd_create('seed')
            os.write(fd, seed)
            f.ask(fd)
            os.close(fd)
            _, said, reason = f.answer()
            assert reason != CRASHED
        assert verdict(d, files / 'bad')[0] == INFECTED
        assert crashes(d) == 0


BOMBS = {
    'zip64': lambda: test_hostile.zeros(8, test_hostile.pack_gzip),
    'members': test_hostile.many_members,
    'tar': test_hostile.many_in_tar,
}


def peak_of(pid):
    """The most memory a process had, in KiB; None if it is gone."""
    try:
        text = Path(f'/proc/{pid}/status').read_text()
    except OSError:
        return None
    found = re.search(r'VmHWM:\s+(\d+)', text)
    return int(found[1]) if found else None


@pytest.mark.parametrize('bomb', sorted(BOMBS))
def test_a_bomb_costs_itself(tmp_path, files, database, bomb):
    """T-SBX-6: an answer in time, little memory, and the next file is right."""
    (files / 'bomb').write_bytes(BOMBS[bomb]())
    with Daemon(tmp_path, '[scan]\nworkers = 1\ndeadline = 10\nmax_ratio = 100',
                database=database) as d:
        broker = d.pid('broker')
        said, _ = verdict(d, files / 'bomb')  # or it waits too long
        assert said == UNSCANNED or (said == INFECTED and bomb != 'zip64')
        assert verdict(d, files / 'bad')[0] == INFECTED
        assert verdict(d, files / 'good')[0] == CLEAN
        assert d.pid('broker') == broker
        # Those that have not ended just now.
        peaks = [peak_of(pid) for pid in (broker, *d.workers())]
        assert peaks[0] and all(p < 600 * 1024 for p in peaks if p)


def test_files_that_never_end(tmp_path, files, database):
    """T-SBX-6: the largest there can be, one that grows, one that hangs."""
    huge = Path('/dev/shm') / f'candor-{os.getpid()}'
    with Daemon(tmp_path, '[scan]\nworkers = 1\ndeadline = 2',
                database=database) as d:
        try:
            with open(huge, 'wb') as f:
                f.truncate((1 << 63) - 1)
            assert verdict(d, huge)[0] == UNSCANNED
        finally:
            huge.unlink()
        grows = files / 'grows'
        grows.write_bytes(bytes(1 << 27))
        stop = threading.Event()

        def grow():
            with open(grows, 'ab') as f:
                while not stop.is_set():
                    f.write(b'x')
                    f.flush()
        t = threading.Thread(target=grow)
        t.start()
        try:
            assert verdict(d, grows)[0] == UNSCANNED
        finally:
            stop.set()
            t.join()
        assert verdict(d, files / 'bad')[0] == INFECTED


@needs_root
def test_a_read_that_hangs(tmp_path, files, database):
    """T-SBX-6: a FUSE file whose server never answers a read"""
    if not os.path.exists('/dev/fuse'):
        pytest.skip('no FUSE here')
    folder = files / 'fuse'
    folder.mkdir()
    tree = tmp_path / 'tree'
    tree.write_text('{"slow": {"content": "x", "hang": "read"}}')
    server = subprocess.Popen([sys.executable, SERVER, folder, tree],
                              stdout=subprocess.PIPE)
    try:
        assert server.stdout.readline() == b'ready\n'
        with Daemon(tmp_path, '[scan]\nworkers = 2\ndeadline = 2',
                    database=database) as d:
            fd = os.open(folder / 'slow', os.O_RDONLY)
            f = Front(d.folder / 'socket.sock')
            f.ask(fd)
            assert f.answer()[1] == UNSCANNED
            assert verdict(d, files / 'bad')[0] == INFECTED
            os.close(fd)
            subprocess.run(['umount', '-l', folder])
            server.kill()
    finally:
        subprocess.run(['umount', '-l', folder], capture_output=True)
        server.kill()
        server.wait()
        server.stdout.close()


def test_no_file_has_a_worker_another_was_odd_in(tmp_path, files, database):
    """T-SBX-7: after a limit, a crash, a deadline, the next has a new one."""
    (files / 'deep.gz').write_bytes(
        test_hostile.zeros(1, test_hostile.pack_gzip))
    with Daemon(tmp_path, '[scan]\nworkers = 1\nmax_ratio = 10\ndeadline = 2',
                database=database) as d:
        d.wait_for(lambda: len(d.workers()) == 1)
        before = d.workers()
        assert verdict(d, files / 'good')[0] == CLEAN
        assert d.workers() == before
        assert verdict(d, files / 'deep.gz')[0] == UNSCANNED
        d.wait_for(lambda: d.workers() and d.workers() != before)
        assert verdict(d, files / 'good')[0] == CLEAN
        before = d.workers()
        os.kill(before[0], signal.SIGKILL)
        d.wait_for(lambda: d.workers() and d.workers() != before)
        assert verdict(d, files / 'bad')[0] == INFECTED
        before = d.workers()
        with open(files / 'huge', 'wb') as f:
            f.truncate(1 << 42)
        assert verdict(d, files / 'huge')[0] == UNSCANNED
        d.wait_for(lambda: d.workers() and d.workers() != before)
        assert verdict(d, files / 'good')[0] == CLEAN

