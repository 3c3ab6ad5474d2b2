"""candord: its processes, whoever asks them, and what goes wrong."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

from conftest import BUILD, MARKER, NOBODY, SECOND, run
from daemon import (ANSWER, ASK, CANDORD, CHANGED, CLEAN, CRASHED, DENIED,
                    EICAR, GENERATION, INFECTED, LEARN, LIMIT, TIMEOUT,
                    UNSCANNED, Daemon, Front, children)


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / 'files'
    folder.mkdir()
    (folder / 'bad').write_bytes(b'before ' + MARKER + b' after')
    (folder / 'two').write_bytes(MARKER + b' ' + SECOND)
    for n in range(40):
        (folder / f'good{n}').write_bytes(random.Random(n).randbytes(5000))
    return folder


def memfd(content):
    fd = os.memfd_create('test', os.MFD_ALLOW_SEALING)
    os.write(fd, content)
    return fd


# --- scanning ------------------------------------------------------------------


def test_scan_through_the_daemon_is_as_without_it(tmp_path, files, database):
    """Forms that do not show names of members are the same to the byte."""
    cut = b'\x1f\x8b\x08\0\0\0\0\0\0\3' + b'\xff' * 50
    (files / 'cut.gz').write_bytes(cut)
    with Daemon(tmp_path, database=database) as d:
        for options in ([], ['-z'], ['--hash']):
            mine = run('scan', '--no-cache', '-d', database, '--format',
                       'json', *options, files)
            its = d.scan('--format', 'json', *options, files)
            assert its.code == mine.code == 1
            assert hashlib.sha256(cut).hexdigest().encode() in its.out
            assert sorted(its.out.splitlines()[:-1]) == \
                sorted(mine.out.splitlines()[:-1])
            for key in ('files', 'infected', 'clean', 'signatures', 'cage'):
                assert its.summary[key] == mine.summary[key]
        assert d.scan(files / 'good1').code == 0
        done = d.scan('-', stdin=MARKER)
        assert done.code == 1 and b'Test.Marker' in done.out


def test_what_is_the_daemons_is_not_the_clients_to_choose(tmp_path):
    for option in (['-d', 'x.cand'], ['-j', '2'], ['--password', 'x'],
                   ['--max-depth', '2']):
        done = run('scan', '--daemon', '--socket', tmp_path / 'none', *option,
                   '/dev/null')
        assert done.code == 64, option


def test_without_a_daemon_the_client_says_so(tmp_path):
    done = run('scan', '--daemon', '--socket', tmp_path / 'none', '/dev/null')
    assert done.code == 2 and b'candord does not answer' in done.err
    done = run('status', '--socket', tmp_path / 'none')
    assert done.code == 2


def test_text_signatures_are_compiled_at_the_start(tmp_path, files, signatures):
    with Daemon(tmp_path, database=signatures) as d:
        assert b'Test.Marker' in d.scan(files / 'bad').out
        assert d.status()['databases'][0]['path'] == str(signatures)


def test_answers_on_the_local_socket(tmp_path, files, database):
    with Daemon(tmp_path, database=database) as d:
        f = Front(d.folder / 'socket.sock')
        kind, _, record = f.hear()
        assert kind == GENERATION
        assert struct.unpack_from('<QQ', record, 16)[0] == 1
        f.ask_path(files / 'bad')
        f.ask_path(files / 'good1')
        f.ask_path(files / 'two', flags=1)
        got = dict((a[0], a[1]) for a in (f.answer() for _ in range(3)))
        assert got == {1: INFECTED, 2: CLEAN, 3: INFECTED}
        assert f.names[1] == ['Test.Marker']
        assert {'Test.Marker', 'Test.Second', 'Test.Both'} == set(f.names[3])


def test_only_files_are_taken(tmp_path, database):
    with Daemon(tmp_path, database=database) as d:
        f = Front(d.folder / 'socket.sock')
        (tmp_path / 'written').touch()
        r, w = os.pipe()
        bad = [r, os.open('/', os.O_RDONLY), os.open('/dev/null', os.O_RDONLY),
               os.open('/etc/passwd', os.O_PATH),
               os.open(tmp_path / 'written', os.O_WRONLY)]
        for fd in bad:
            f.ask(fd, size=10)
            assert f.answer()[1:] == (UNSCANNED, DENIED)
        # No descriptor at all.
        f.number += 1
        f.s.send(struct.pack('<IIQQIIII', ASK, 0, f.number, 3, 0, 3, 0,
                             0).ljust(64, b'\0'))
        assert f.answer()[1:] == (UNSCANNED, DENIED)
        # Another size than it has.
        f.ask(memfd(b'12345'), size=3)
        assert f.answer()[1:] == (UNSCANNED, CHANGED)


def test_nonsense_is_hung_up_on_and_others_are_served(tmp_path, files,
                                                      database):
    good = struct.pack('<IIQ', LEARN, 0, 0).ljust(64, b'\0')
    nonsense = [b'x', b'\0' * 64, good + b'\0', good[:63],
                struct.pack('<IIQ', LEARN, 1, 0).ljust(64, b'\0'),
                struct.pack('<IIQ', ANSWER, 0, 1).ljust(128, b'\0'),
                b'\xff' * 64, b'A' * 4000]
    rng = random.Random(7)
    nonsense += [rng.randbytes(64) for _ in range(100)]
    with Daemon(tmp_path, database=database) as d:
        honest = Front(d.folder / 'socket.sock')
        for record in nonsense:
            f = Front(d.folder / 'socket.sock')
            f.s.send(record)
            while f.hear() is not None:
                pass
            f.close()
            honest.ask_path(files / 'bad')
            assert honest.answer()[1] == INFECTED
        assert d.status()['processes'][0]['restarts'] == 0


def test_a_client_that_does_not_read_holds_up_only_itself(tmp_path, files,
                                                          database):
    with Daemon(tmp_path, database=database) as d:
        silent = Front(d.folder / 'socket.sock')
        silent.s.setblocking(False)
        asked = 0
        try:
            while asked < 5000:
                silent.ask_path(files / 'good1')
                asked += 1
        except BlockingIOError:
            pass
        assert asked < 5000
        f = Front(d.folder / 'socket.sock')
        for _ in range(200):
            f.ask_path(files / 'bad')
            assert f.answer()[1] == INFECTED
        # And when it reads at last, all its answers are there.
        silent.s.setblocking(True)
        silent.s.settimeout(60)
        for _ in range(asked):
            assert silent.answer()[1] == CLEAN


def test_a_client_that_leaves_takes_its_requests_along(tmp_path, files,
                                                       database):
    with Daemon(tmp_path, database=database) as d:
        for _ in range(30):
            f = Front(d.folder / 'socket.sock')
            for _ in range(40):
                f.ask_path(files / 'good1')
            f.close()
        f = Front(d.folder / 'socket.sock')
        f.ask_path(files / 'bad')
        assert f.answer()[1] == INFECTED
        d.wait_for(lambda: d.status()['metrics']['requests_waiting'] == 0)
        fds = len(os.listdir(f'/proc/{d.pid("broker")}/fd'))
        assert fds < 60


def test_a_deadline_is_kept(tmp_path, database):
    """Of a file that takes long: zeros, sparse, gigabytes."""
    big = tmp_path / 'big'
    with big.open('wb') as out:
        out.truncate(20 << 30)
    with Daemon(tmp_path, '[scan]\nworkers=2', database=database) as d:
        f = Front(d.folder / 'socket.sock')
        f.ask_path(big, deadline=300)
        number, verdict, reason = f.answer()
        assert verdict == UNSCANNED and reason in (TIMEOUT, 1)
        f.ask(memfd(MARKER))
        assert f.answer()[1] == INFECTED


# --- processes that die ----------------------------------------------------------


def ask_all(d, path, count, seen, stop=None):
    """Ask count times with a client that connects again; what was answered."""
    f, waiting, number = None, {}, 0
    while len(seen) < count and not (stop and stop()):
        try:
            if f is None:
                f = Front(d.folder / 'socket.sock')
                for n in waiting:
                    f.ask_path(path, number=n)
            while len(waiting) < 20 and number < count:
                number += 1
                waiting[number] = True
                f.ask_path(path, number=number)
            got = f.answer()
        except OSError:
            got = None
        if got is None:
            if f:
                f.close()
            f = None
            time.sleep(0.02)
            continue
        del waiting[got[0]]
        seen.append(got)


def test_any_worker_killed_at_any_moment_costs_nothing(tmp_path, files,
                                                       database):
    with Daemon(tmp_path, '[scan]\nworkers=2', database=database) as d:
        seen = []
        t = threading.Thread(target=ask_all,
                             args=(d, files / 'bad', 3000, seen))
        t.start()
        killed = 0
        broker = d.pid('broker')
        while t.is_alive():
            for pid in children(broker):
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
            time.sleep(0.15)
        t.join()
        assert killed >= 1
        assert len(seen) == len({n for n, _, _ in seen}) == 3000
        # One that lost two workers to us is given up; no other word is right.
        lost = [(v, r) for _, v, r in seen if v != INFECTED]
        assert set(lost) <= {(UNSCANNED, CRASHED)}
        assert len(lost) <= killed // 2
        assert d.pid('broker') == broker


def test_the_broker_killed_under_load_is_replaced_and_all_is_answered(
        tmp_path, files, database):
    with Daemon(tmp_path, '[scan]\nworkers=2', database=database) as d:
        seen = []
        t = threading.Thread(target=ask_all,
                             args=(d, files / 'bad', 3000, seen))
        t.start()
        for _ in range(3):
            old = d.pid('broker')
            time.sleep(0.3)
            os.kill(old, signal.SIGKILL)
            d.wait_for(lambda: d.pid('broker') not in (0, old))
            d.wait_ready()
        t.join(120)
        assert not t.is_alive()
        assert {v for _, v, _ in seen} == {INFECTED}
        assert len({n for n, _, _ in seen}) == 3000
        assert 'candor-broker ended (signal 9' in d.said()
        assert d.status()['processes'][0]['restarts'] >= 3


def test_a_scan_outlives_its_broker(tmp_path, files, database):
    """candor scan --daemon asks again, and what it prints is whole."""
    with Daemon(tmp_path, '[scan]\nworkers=2', database=database) as d:
        for n in range(3000):
            (files / f'more{n}').write_bytes(b'%d' % n)
        result = []
        t = threading.Thread(target=lambda: result.append(
            d.scan('--format', 'json', files)))
        t.start()
        time.sleep(0.1)
        os.kill(d.pid('broker'), signal.SIGKILL)
        t.join(120)
        done, = result
        assert done.code == 1, done.err
        assert done.summary['files'] == 3042
        assert done.summary['infected'] == 2 and done.summary['clean'] == 3040


def test_the_clamd_front_killed_is_replaced(tmp_path, files, database):
    if not (BUILD / 'bin/candor-clamd').exists():
        pytest.skip('no clamd front in this build')
    with Daemon(tmp_path, database=database) as d:
        for _ in range(2):
            os.kill(d.pid('clamd'), signal.SIGKILL)

            def pong():
                try:
                    with socket.socket(socket.AF_UNIX) as s:
                        s.settimeout(5)
                        s.connect(str(d.folder / 'clamd.sock'))
                        s.sendall(b'zPING\0')
                        return s.recv(10) == b'PONG\0'
                except OSError:
                    return False
            d.wait_for(pong)
        assert b'Test.Marker' in d.scan(files / 'bad').out


def test_the_supervisor_killed_leaves_nobody(tmp_path, database):
    with Daemon(tmp_path, database=database) as d:
        left = [p['pid'] for p in d.status()['processes']] + d.workers()
        assert len(left) >= 3
        d.process.kill()
        d.process.wait()
        until = time.monotonic() + 10
        while any(os.path.exists(f'/proc/{p}/exe') for p in left):
            assert time.monotonic() < until
            time.sleep(0.02)
    # And the next one starts over its sockets.
    with Daemon(tmp_path, database=database) as d:
        (tmp_path / 'some').write_bytes(b'some file')
        assert d.scan(tmp_path / 'some').code == 0


def test_a_process_that_hangs_is_killed_and_replaced(tmp_path, files,
                                                     database):
    with Daemon(tmp_path, database=database) as d:
        broker = d.pid('broker')
        os.kill(broker, signal.SIGSTOP)
        d.wait_for(lambda: 'does not answer: killed' in d.said())
        d.wait_for(lambda: d.pid('broker') not in (0, broker))
        d.wait_ready()
        assert b'Test.Marker' in d.scan(files / 'bad').out


def test_the_end_is_in_order(tmp_path, database):
    with Daemon(tmp_path, database=database) as d:
        pids = [p['pid'] for p in d.status()['processes']]
        d.process.terminate()
        assert d.process.wait(30) == 0
        assert not any(os.path.exists(f'/proc/{p}') for p in pids)
        assert not (d.folder / 'socket.sock').exists()
        assert not (d.folder / 'control.sock').exists()


# --- reload ------------------------------------------------------------------------


def test_reload_under_load_fails_nothing(tmp_path, files, signatures):
    """Each answer is by the old databases or by the new ones, in this order."""
    base = tmp_path / 'use.cand'
    other = tmp_path / 'other.ndb'
    other.write_text(f'Other.Name:0:*:{MARKER.hex()}\n')
    assert run('db', 'build', '-o', base, signatures / 'test.ndb').code == 0
    fresh = tmp_path / 'fresh.cand'
    assert run('db', 'build', '-o', fresh, other).code == 0
    with Daemon(tmp_path, '[scan]\nworkers=2', database=base) as d:
        f = Front(d.folder / 'socket.sock')
        seen = []
        for n in range(4000):
            if n == 500:
                os.rename(fresh, base)
                d.reload()
            f.ask_path(files / 'bad')
            number, verdict, _ = f.answer()
            assert verdict == INFECTED
            seen.append(f.names[number][0])
            if n > 600 and seen[-50:] == ['Other.Name'] * 50:
                break
        d.wait_for(lambda: d.generation() == 2)
        while f.names[number] != ['Other.Name']:
            number = f.ask_path(files / 'bad')
            assert f.answer()[1] == INFECTED
        assert set(seen) <= {'Test.Marker', 'Other.Name'}
        d.wait_for(lambda: len(d.workers()) == 2)
        maps = open(f'/proc/{d.pid("broker")}/maps').read()
        assert maps.count('use.cand') == 1


def test_reload_often_leaks_nothing(tmp_path, files, database):
    with Daemon(tmp_path, '[scan]\nworkers=2', database=database) as d:
        def fds():
            return [len(os.listdir(f'/proc/{p}/fd')) for p in
                    (d.process.pid, d.pid('broker'))]
        before = fds()
        for n in range(2, 12):
            d.reload()
            d.wait_for(lambda: d.generation() == n)
        assert b'Test.Marker' in d.scan(files / 'bad').out
        d.wait_for(lambda: fds() <= before)


def test_limits_and_workers_change_at_a_reload(tmp_path, files, database):
    """No restart: other workers, and no request fails meanwhile."""
    large = tmp_path / 'large'
    large.write_bytes(bytes(3 << 20) + MARKER)
    with Daemon(tmp_path, '[scan]\nworkers = 1\nmax_object_size = 1M',
                database=database) as d:
        f = Front(d.folder / 'socket.sock')

        def answer(path):
            f.ask_path(path)
            return f.answer()[1:]
        broker = d.pid('broker')
        assert answer(large) == (UNSCANNED, LIMIT)
        for workers, limit, want in ((4, '4M', (INFECTED, 0)),
                                     (2, '2M', (UNSCANNED, LIMIT))):
            d.text = f'[scan]\nworkers = {workers}\nmax_object_size = {limit}'
            d.write()
            d.reload()
            for _ in range(200):
                assert answer(files / 'bad')[0] == INFECTED
            d.wait_for(lambda: len(d.workers()) == workers)
            d.wait_for(lambda: answer(large) == want)
            for _ in range(workers):
                assert answer(large) == want
        assert d.pid('broker') == broker


@pytest.mark.parametrize('what', ['configuration', 'database'])
def test_a_bad_reload_changes_nothing(tmp_path, files, database, what):
    mine = tmp_path / 'mine.cand'
    mine.write_bytes(database.read_bytes())
    with Daemon(tmp_path, database=mine) as d:
        if what == 'configuration':
            d.config.write_text('[scan]\nworkers = many\n')
        else:
            mine.unlink()
            mine.write_bytes(b'not a database')
        d.reload()
        d.wait_for(lambda: 'refused:' in d.said())
        assert d.generation() <= 2
        assert b'Test.Marker' in d.scan(files / 'bad').out


# --- means that run out ---------------------------------------------------------------


def test_without_descriptors_requests_wait(tmp_path, files, database):
    if os.geteuid() != 0:
        pytest.skip('descriptors on their way are counted by user: those of '
                    'the test would keep the broker from sending its own')

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
    with Daemon(tmp_path, '[scan]\nworkers=2', preexec=few,
                database=database) as d:
        fronts = [Front(d.folder / 'socket.sock') for _ in range(20)]
        for f in fronts:
            f.s.settimeout(60)
        asked = [0] * len(fronts)
        for _ in range(50):
            for n, f in enumerate(fronts):
                f.s.setblocking(False)
                try:
                    f.ask_path(files / 'bad')
                    asked[n] += 1
                except BlockingIOError:
                    pass
                f.s.setblocking(True)
                f.s.settimeout(60)
        answers = [f.answer() for n, f in enumerate(fronts)
                   for _ in range(asked[n])]
        assert len(answers) == sum(asked) > 100
        assert {a[1] for a in answers if a} <= {INFECTED, UNSCANNED}
        assert None not in answers
        assert d.status()['processes'][0]['restarts'] == 0


def test_started_where_another_listens_it_says_so(tmp_path, database):
    with Daemon(tmp_path, database=database):
        done = subprocess.run(
            [CANDORD, '--foreground', '--config', tmp_path / 'candor.conf'],
            capture_output=True, timeout=60)
        assert done.returncode == 2
        assert b'another program listens' in done.stderr


def test_started_without_a_good_database_it_says_so(tmp_path):
    (tmp_path / 'bad.cand').write_bytes(b'no database at all')
    for database in ('bad.cand', 'missing.cand'):
        d = Daemon(tmp_path, database=tmp_path / database)
        assert d.process.wait(30) == 2
        assert database in d.said()


def test_check(tmp_path):
    config = tmp_path / 'c'
    config.write_text('[scan]\nworkers = 3\n')
    assert subprocess.run([CANDORD, '--check', '--config', config]).returncode \
        == 0
    config.write_text('[scan]\nworkers = x\n[nowhere]\n')
    done = subprocess.run([CANDORD, '--check', '--config', config],
                          capture_output=True)
    assert done.returncode == 2
    assert b':2: workers: x is not a number' in done.stderr
    assert b':3: there is no section [nowhere]' in done.stderr
    assert subprocess.run([CANDORD, '--nonsense'],
                          capture_output=True).returncode == 64


# --- who may what ------------------------------------------------------------------------


def test_an_ordinary_user_runs_the_server_part(tmp_path, files, database):
    if os.geteuid() != 0:
        pytest.skip('is what all other tests do then')
    for folder in [tmp_path, files, *tmp_path.parents]:
        if folder.stat().st_uid == 0 and str(folder).startswith(
                ('/tmp/', str(tmp_path.parents[2]))):
            folder.chmod(folder.stat().st_mode | 0o055)
    os.chown(tmp_path, NOBODY, NOBODY)
    with Daemon(tmp_path, user=NOBODY, database=database) as d:
        assert os.stat(f'/proc/{d.process.pid}').st_uid == NOBODY
        assert b'Test.Marker' in d.scan(files / 'bad').out


def test_the_broker_is_not_root(tmp_path, database):
    if os.geteuid() != 0:
        pytest.skip('needs root')
    with Daemon(tmp_path, database=database) as d:
        text = open(f'/proc/{d.pid("broker")}/status').read()
        fields = dict(line.split(':\t', 1) for line in text.splitlines()
                      if ':\t' in line)
        assert '0' not in fields['Uid'].split()
        assert int(fields['CapEff'], 16) == 0
        assert fields['Groups'].split() in ([], [str(os.stat(
            f'/proc/{d.pid("broker")}').st_gid)])


def test_only_administrators_reload_stop_and_see_exclusions(tmp_path,
                                                            database):
    if os.geteuid() != 0:
        pytest.skip('needs another user')
    text = '[exclude]\npath = /srv/secret/**\n'
    for folder in tmp_path.parents:
        if str(folder).startswith('/tmp/'):
            folder.chmod(folder.stat().st_mode | 0o055)
    tmp_path.chmod(0o755)
    code = ('import socket,sys\ns=socket.socket(socket.AF_UNIX)\n'
            f's.connect("{tmp_path}/control.sock")\n'
            's.sendall(sys.argv[1].encode()+b"\\n")\nd=b""\n'
            'while True:\n x=s.recv(9999)\n if not x: break\n d+=x\n'
            'print(d.decode())')
    with Daemon(tmp_path, text, database=database) as d:
        def ask(line, **more):
            return subprocess.run(['/usr/bin/python3', '-c', code, line],
                                  capture_output=True, **more).stdout
        assert b'exclusion path file /srv/secret/**' in ask('status')
        other = ask('status', user=NOBODY, group=NOBODY, extra_groups=[])
        assert b'process broker ready' in other
        assert b'exclusion' not in other and b'config' not in other
        for line in ('reload', 'configure', 'stop', 'guard off 0',
                     'exclude path /x'):
            assert b'error not allowed' in ask(line, user=NOBODY, group=NOBODY,
                                               extra_groups=[])
        assert d.process.poll() is None
        assert b'done' in ask('stop')
        assert d.process.wait(30) == 0


def test_excluded_signatures_and_hashes_do_not_count(tmp_path, files,
                                                     database):
    known = hashlib.sha256((files / 'bad').read_bytes()).hexdigest()
    with Daemon(tmp_path, '[exclude]\nsignature = Test.Mark*\n',
                database=database) as d:
        assert d.scan(files / 'bad').code == 0
        # What is excluded hides nothing else.
        done = d.scan(files / 'two')
        assert done.code == 1 and b'Test.Marker' not in done.out
        d.text = f'[exclude]\nhash = {known}\n'
        d.write()
        d.reload()
        d.wait_for(lambda: d.generation() == 2)
        assert d.scan(files / 'bad').code == 0
        assert b'Test.' in d.scan(files / 'two').out


# --- telling ---------------------------------------------------------------------------------


def test_events_are_json_lines(tmp_path, database):
    with Daemon(tmp_path, database=database) as d:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(str(d.folder / 'events.sock'))
            # Connected is not yet listening.
            d.status()
            os.kill(d.pid('broker'), signal.SIGKILL)
            lines = s.makefile('rb')
            kinds = []
            while 'started' not in kinds:
                event = json.loads(lines.readline())
                assert event['process'] in ('candord', 'broker', 'clamd')
                assert event['time'].endswith('Z')
                kinds.append(event['event'])
            assert 'died' in kinds


def test_metrics_are_openmetrics(tmp_path, files, database):
    with Daemon(tmp_path, database=database) as d:
        d.scan(files)
        d.wait_for(lambda: d.status()['metrics']['requests'] >= 42)
        done = run('status', '--metrics', '--socket',
                   d.folder / 'control.sock')
        assert done.code == 0
        lines = done.out.decode().splitlines()
        assert lines[-1] == '# EOF'
        assert 'candor_infected_total{process="broker"} 2' in lines
        typed = {line.split()[2]: line.split()[3] for line in lines
                 if line.startswith('# TYPE')}
        for line in lines:
            if line.startswith('#'):
                continue
            name, value = line.rsplit(' ', 1)
            family = name.split('{')[0]
            if family.endswith('_total'):
                assert typed[family[:-6]] == 'counter'
            else:
                assert typed[family] == 'gauge'
            assert value.isdigit()


def test_another_reader_of_openmetrics_understands(tmp_path, files, database):
    parser = pytest.importorskip('prometheus_client.openmetrics.parser')
    with Daemon(tmp_path, database=database) as d:
        d.scan(files)
        d.wait_for(lambda: d.status()['metrics']['requests'] >= 42)
        text = run('status', '--metrics', '--socket',
                   d.folder / 'control.sock').out.decode()
    families = {f.name: f for f in parser.text_string_to_metric_families(text)}
    assert families['candor_process_up'].type == 'gauge'
    assert families['candor_infected'].type == 'counter'
    (sample,) = families['candor_infected'].samples
    assert (sample.name, sample.labels, sample.value) == (
        'candor_infected_total', {'process': 'broker'}, 2)
    assert all(f.documentation for f in families.values())


def test_the_service_manager_is_told(tmp_path, database):
    path = str(tmp_path / 'notify')
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    s.settimeout(60)

    def hear(what):
        while True:
            said = s.recv(4096).decode().splitlines()
            if what in said:
                return said

    env = {'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': '400000'}
    with Daemon(tmp_path, env=env, database=database) as d:
        hear('READY=1')
        hear('WATCHDOG=1')
        d.reload()
        assert any(line.startswith('MONOTONIC_USEC=')
                   for line in hear('RELOADING=1'))
        hear('READY=1')
        d.process.terminate()
        hear('STOPPING=1')


def test_sockets_come_from_the_service_manager(tmp_path, files, database):
    """LISTEN_FDS: what the unit opened is served, and left there."""
    path = tmp_path / 'given.sock'
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.bind(str(path))
    s.listen()

    config = tmp_path / 'c.conf'
    config.write_text(f'[daemon]\nsocket = {tmp_path}/no\n'
                      f'control = {tmp_path}/control.sock\n'
                      f'events = {tmp_path}/events.sock\n'
                      f'[clamd]\nenabled = no\n[quarantine]\nenabled = no\n'
                      f'[scan]\ndatabase = {database}\n')
    # The environment must name the process: through a shell that becomes it.
    process = subprocess.Popen(
        ['/bin/bash', '-c', 'export LISTEN_PID=$$ LISTEN_FDS=1 '
         f'LISTEN_FDNAMES=local; exec 3<&{s.fileno()}; '
         'exec "$0" --foreground --config "$1"',
         CANDORD, str(config)], pass_fds=[s.fileno()],
        stderr=(tmp_path / 'log').open('wb'))
    try:
        f = Front(path)
        f.ask_path(files / 'bad')
        assert f.answer()[1] == INFECTED
        assert not (tmp_path / 'no').exists()
    finally:
        process.terminate()
        assert process.wait(30) == 0
    assert path.exists()


def test_house_rules_without_a_configuration(tmp_path):
    with Daemon(tmp_path) as d:
        f = Front(d.folder / 'socket.sock')
        f.ask(memfd(EICAR))
        assert f.answer()[1] == INFECTED
        assert f.names[1] == ['Candor.Test.EICAR']


def test_all_processes_together_deny_what_is_infected(tmp_path, database):
    """Guard, broker and quarantine as candord starts them, on a file system
    of the test's own; and the guard is replaced when it dies."""
    if os.geteuid() != 0 or not (BUILD / 'bin/candor-guard').exists():
        pytest.skip('needs root and a guard')
    mount = tmp_path / 'mount'
    mount.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', 'none', mount],
                      capture_output=True).returncode != 0:
        pytest.skip('may not mount')
    try:
        (mount / 'bad').write_bytes(MARKER)
        (mount / 'good').write_bytes(b'good')
        text = (f'[guard]\nenabled = yes\nmounts = {mount}\nsweep = no\n')
        with Daemon(tmp_path, text, database=database) as d:
            d.wait_for(lambda: 'guard_state' in d.status()['metrics'])
            if d.status()['metrics']['guard_state'] != 2:
                pytest.skip(f'no fanotify here: {d.said()[-300:]}')

            def is_denied():
                try:
                    (mount / 'bad').read_bytes()
                    return False
                except PermissionError:
                    return True
            d.wait_for(is_denied)
            assert (mount / 'good').read_bytes() == b'good'
            os.kill(d.pid('guard'), signal.SIGKILL)
            assert (mount / 'good').read_bytes() == b'good'
            d.wait_for(is_denied)
            os.kill(d.pid('broker'), signal.SIGKILL)
            # Nobody is held longer than the guard's deadline.
            assert (mount / 'good').read_bytes() == b'good'
            d.wait_for(is_denied)
            assert 'blocked Test.Marker in ' in d.said()
    finally:
        subprocess.run(['umount', '-l', mount], check=True)


def test_texts_that_cannot_be_compiled_are_the_end(tmp_path):
    """As a database that cannot be read is: nobody would be answered."""
    (tmp_path / 'none').mkdir()
    daemon = Daemon(tmp_path, database=tmp_path / 'none')
    assert daemon.process.wait(30) == 2
    assert 'could not be compiled' in daemon.log.read_text()


def test_a_reload_that_is_refused_says_so(database, tmp_path):
    with Daemon(tmp_path, database=database) as daemon:
        reload = ['status', '--socket', tmp_path / 'control.sock', '--reload']
        assert run(*reload).code == 0
        with daemon.config.open('a') as config:
            config.write('bogus = 1\n')
        assert run(*reload).code == 2
        assert 'the configuration has errors' in daemon.log.read_text()


def test_what_passes_unlooked_at_is_shown(database, tmp_path):
    text = '[clamd]\nunscanned_encrypted = ok\nunscanned_limit = found\n'
    with Daemon(tmp_path, text, database=database):
        status = ['status', '--socket', tmp_path / 'control.sock']
        shown = run(*status).out.decode()
        assert 'unscanned_encrypted ok: clamd' in shown
        assert 'unscanned_limit' not in shown
        (one,) = run(*status, '--json').objects
        assert [e['kind'] for e in one['exclusions']
                if e['kind'].startswith('unscanned')] == ['unscanned_encrypted']
