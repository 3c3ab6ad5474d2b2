"""clamd's replies, recorded here and now from ClamAV's own daemon, and ours."""
# SPDX-License-Identifier: Apache-2.0
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from clamd_daemons import start_candord, start_clamav
from clamd_talk import (END, FD, PAUSE, chunk, connect, masked, stream,
                        talk)
from conftest import MARKER, SECOND

BOTH = MARKER + b' and ' + SECOND


@pytest.fixture(scope='module')
def clamav(signatures, tmp_path_factory):
    daemon = start_clamav(tmp_path_factory.mktemp('clamav'), signatures)
    yield daemon
    daemon.stop()


@pytest.fixture(scope='module')
def candord(database, tmp_path_factory):
    daemon = start_candord(tmp_path_factory.mktemp('candord'), database,
                           tcp_paths='yes')
    yield daemon
    daemon.stop()


@pytest.fixture(scope='module')
def tree(tmp_path_factory):
    top = tmp_path_factory.mktemp('tree')
    for folder in ('one', 'clean/deeper', 'empty'):
        (top / folder).mkdir(parents=True)
    (top / 'infected').write_bytes(b'xx ' + MARKER + b' yy')
    (top / 'both').write_bytes(BOTH)
    (top / 'one/infected').write_bytes(MARKER)
    (top / 'one/clean').write_bytes(b'nothing to see\n')
    (top / 'clean/a').write_bytes(b'nothing here\n')
    (top / 'clean/deeper/b').write_bytes(b'nor here\n')
    (top / 'nothing').write_bytes(b'')
    (top / 'tiny').write_bytes(b'abc')
    (top / 'with space').write_bytes(MARKER)
    (top / 'new\nline').write_bytes(MARKER)
    (top / '\u00fc').write_bytes(MARKER)
    os.mkfifo(top / 'clean/fifo')
    deep = top / 'deep' / '/'.join('d' * 15)
    deep.mkdir(parents=True)
    (deep / 'infected').write_bytes(MARKER)
    for path in (top, *top.rglob('*')):
        path.chmod(0o755)
    return top


def text_exchanges():
    """Commands in each of their forms, and what is no command."""
    for prefix, end in (('n', '\n'), ('z', '\0'), ('', ''), ('', '\n'),
                        ('', '\r\n')):
        for command in ('PING', 'VERSION', 'VERSIONCOMMANDS', 'STATS', 'END',
                        'STREAM', 'SESSION', 'DETSTATS', 'DETSTATSCLEAR',
                        'RAWSCAN', 'ALLMATCHSCAN', 'SCAN', 'ping', 'QUITE'):
            yield f'{prefix}{command}{end}'.encode()
    yield from (
        b'nPING x\n', b'nPING \n', b'nVERSION x\n', b'nPINGx\n', b'nSTATS x\n',
        b'nINSTREAM x\n', b'nFILDES x\n', b'RELOAD x', b'QUIT x', b'SHUTDOWNS',
        b'n\n', b'z\0', b'\n', b'\r\n', b'\0', b' PING', b'PING\rxx', b'PING\r',
        b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', b'\xff\xfe\x00\x01',
        b'nPING\r\n', b'nPING\r\r\n', b'zPING\r\0', b'zPING\n\0', b'nPING\0x\n',
        b'PING\0xx', b'PING\0xx\n', b'nPING\nnPING\n', b'zPING\0zVERSION\0',
        b'PING\nPING\n', b'nPING\nVERSION')


def path_exchanges():
    for command in ('SCAN', 'CONTSCAN', 'MULTISCAN', 'ALLMATCHSCAN'):
        for path in ('/infected', '/one', '/one/', '/one/clean', '/clean',
                     '/clean/', '/clean//deeper', '/clean/../one/infected',
                     '/absent', '/one/clean/x', '/with space', '/nothing',
                     '/tiny', '/\u00fc', '/infected ', '/deep'):
            yield f'n{command} {{top}}{path}\n'
        yield f'n{command} \n'
        yield f'z{command} relative\0'
    yield from (
        'SCAN {top}/infected', 'SCAN {top}/infected\n',
        'SCAN {top}/infected\r\n', 'CONTSCAN {top}/one', 'MULTISCAN {top}/one',
        'nSCAN  {top}/infected\n', 'nSCAN\t{top}/infected\n',
        'nSCANx{top}/infected\n', 'zSCAN {top}/new\nline\0',
        'zSCAN {top}/one/clean\n\0', 'nSCAN {top}/empty\n',
        'nCONTSCAN {top}/empty\n', 'zSCAN /' + 'a' * 300 + '\0')


def stream_exchanges():
    big = b'a' * (1 << 20)
    yield 'nothing', [b'zINSTREAM\0', stream()]
    yield 'clean', [b'nINSTREAM\n', stream(b'hello')]
    yield 'infected', [b'zINSTREAM\0', stream(MARKER)]
    yield 'one packet', [b'zINSTREAM\0' + stream(MARKER)]
    yield 'two chunks', [b'nINSTREAM\n' + stream(MARKER[:9], MARKER[9:])]
    yield 'byte by byte', [bytes([b]) for b in b'zINSTREAM\0' + stream(MARKER)]
    yield 'torn size', [b'zINSTREAM\0\0', PAUSE, b'\0\0\5he', PAUSE,
                        b'llo\0\0\0', PAUSE, b'\0']
    yield 'more behind', [b'zINSTREAM\0' + stream(b'hello') + b'zPING\0']
    yield 'as large as may be', [b'zINSTREAM\0', stream(big)]
    yield 'in pieces', [b'nINSTREAM\n', stream(*[big[:65536]] * 16)]
    yield 'too large', [b'zINSTREAM\0', stream(big, b'a')]
    yield 'too large at once', [b'nINSTREAM\n', stream(big + b'a')]
    yield 'four gigabytes', [b'zINSTREAM\0\xff\xff\xff\xffabc']
    for at in range(9, 15):
        torn = b'zINSTREAM\0\xff\xff\xff\xffx'
        yield f'four gigabytes, torn at {at}', [torn[:at], PAUSE, torn[at:]]
    for at in range(10, 14):
        torn = b'zINSTREAM\0' + stream()
        yield f'nothing, torn at {at}', [torn[:at], PAUSE, torn[at:]]
    yield 'no more sent', [b'zINSTREAM\0' + stream(MARKER), END]
    yield 'two gigabytes', [b'nINSTREAM\n\x80\0\0\0']
    yield 'given up in a size', [b'zINSTREAM\0\0\0', END]
    yield 'given up in a chunk', [b'zINSTREAM\0\0\0\0\x0aabc', END]
    yield 'given up after one', [b'zINSTREAM\0' + chunk(b'abc'), END]
    yield 'no command at all', [END]
    yield 'half a command', [b'nPI', END]
    yield 'half an old one', [b'PING', END]
    yield 'torn command', [b'nPI', PAUSE, b'NG\n']
    yield 'torn old one', [b'PI', PAUSE, b'NG\n']


def session_exchanges():
    yield 'empty', [b'zIDSESSION\0zEND\0']
    yield 'ping', [b'zIDSESSION\0zPING\0zEND\0']
    yield 'two forms', [b'nIDSESSION\nzPING\0nVERSION\nzEND\0']
    yield 'no more sent', [b'nIDSESSION\nnPING\n', END]
    yield 'scan', [b'zIDSESSION\0zSCAN {top}/infected\0', b'zEND\0']
    yield 'scan a folder', [b'nIDSESSION\nnSCAN {top}/one\nnEND\n']
    yield 'three hundred', [b'zIDSESSION\0' + b'zPING\0' * 300 + b'zEND\0']
    yield 'a hundred scans', [b'nIDSESSION\n' +
                              b'nSCAN {top}/clean/a\n' * 99 +
                              b'nSCAN {top}/infected\nnEND\n']
    yield '64 scans', [b'nIDSESSION\n' + b'nSCAN {top}/clean/a\n' * 64 +
                       b'nEND\n']
    yield '200 streams', [b'nIDSESSION\n' + (b'nINSTREAM\n' + stream(
        MARKER)) * 200 + b'nEND\n']
    yield 'absent', [b'nIDSESSION\nnSCAN {top}/absent\nnPING\nnEND\n']
    yield 'streams', [b'zIDSESSION\0zINSTREAM\0' + stream(MARKER) +
                      b'zPING\0zINSTREAM\0' + stream(b'ok') + b'zEND\0']
    yield 'twenty', [b'nIDSESSION\n' + b'nSCAN {top}/clean/a\n' * 20 +
                     b'nEND\n']
    yield 'too large', [b'zIDSESSION\0zINSTREAM\0\0\x20\0\0abc']
    yield 'after the end', [b'zIDSESSION\0zPING\0zEND\0zPING\0']
    yield 'torn', [b'nIDSESSION\n', PAUSE, b'nPING', PAUSE, b'\nnEND', PAUSE,
                   b'\n']
    yield 'version', [b'zIDSESSION\0zVERSIONCOMMANDS\0zSTATS\0', b'zEND\0']
    for bad in (b'CONTSCAN /', b'MULTISCAN /', b'ALLMATCHSCAN /', b'RELOAD',
                b'QUIT', b'SHUTDOWN', b'STREAM', b'IDSESSION', b'DETSTATS',
                b'ping', b'SCAN', b''):
        yield f'not {bad.decode()}', [b'nIDSESSION\nn' + bad +
                                      b'\nnPING\nnEND\n']
    yield 'later', [b'zIDSESSION\0zPING\0zBLAH\0zPING\0zEND\0']
    yield 'old form', [b'zIDSESSION\0', PAUSE, b'PING\n']
    yield 'old form without end', [b'nIDSESSION\n', PAUSE, b'PING']
    yield 'old form later', [b'nIDSESSION\nnPING\n', PAUSE, b'PING\r\n']


def descriptor_exchanges(top):
    infected, clean = str(top / 'infected'), str(top / 'clean/a')
    yield 'with its byte', [b'zFILDES\0', FD(infected, b'\0')]
    yield 'any byte', [b'nFILDES\n', FD(clean, b'x')]
    yield 'all at once', [FD(infected, b'zFILDES\0\0')]
    yield 'old form', [b'FILDES\n', FD(infected, b'\0')]
    yield 'a folder', [b'nFILDES\n', FD(str(top), b'\0')]
    yield 'a device', [b'nFILDES\n', FD('/dev/null', b'\0')]
    yield 'none', [b'nFILDES\n\0']
    yield 'none, later', [b'zFILDES\0', PAUSE, b'\0']
    yield 'too early', [FD(infected, b'zFILDES\0')]
    yield 'unasked', [FD(infected, b'n'), PAUSE, b'PING\n']
    yield 'unasked, in time', [FD(infected, b'nPING\n')]
    yield 'two', [b'zFILDES\0', FD(infected, b'\0', count=2)]
    yield 'in a stream', [b'zINSTREAM\0', PAUSE, FD(infected, chunk(b'abc')),
                          PAUSE, stream(MARKER)]
    yield 'in a stream of a session', [
        b'zIDSESSION\0zINSTREAM\0', PAUSE, FD(infected, chunk(b'abc')), PAUSE,
        stream(MARKER), PAUSE, b'zPING\0', PAUSE, b'zEND\0']
    yield 'in a session', [b'zIDSESSION\0', PAUSE, FD(infected, b'zFILDES\0\0'),
                           PAUSE, b'zFILDES\0', FD(clean, b'\0'), PAUSE,
                           b'zEND\0']
    yield 'none in a session', [b'nIDSESSION\nnFILDES\n', PAUSE,
                                b'xnPING\nnEND\n']
    yield 'unasked in a session', [b'nIDSESSION\n', PAUSE,
                                   FD(infected, b'nPING\n')]


def filled(step, top):
    if isinstance(step, bytes):
        return step.replace(b'{top}', str(top).encode())
    return step


def arranged(reply, how):
    return how(reply.split(b'\0' if b'\0' in reply else b'\n'))


def same(theirs, ours, steps, top, how=list):
    """how: list, sorted where replies may come in any order, set where a reply
    may come twice"""
    steps = [filled(step, top) for step in steps]
    want, want_closed = talk(theirs, steps)
    got, got_closed = talk(ours, steps)
    want, got = masked(want), masked(got)
    assert arranged(got, how) == arranged(want, how), steps
    assert got_closed and want_closed, steps


def test_texts(clamav, candord, tree):
    """Every command and no command, in five forms."""
    count = 0
    for sent in text_exchanges():
        same(clamav.socket, candord.socket, [sent], tree)
        count += 1
    assert count > 60


def test_paths(clamav, candord, tree):
    for sent in path_exchanges():
        same(clamav.socket, candord.socket, [sent.encode()], tree,
             set if 'ALLMATCH' in sent else
             sorted if 'MULTI' in sent else list)


def test_lines_of_any_length(clamav, candord, tree):
    """Up to the last byte that fits, and beyond."""
    for size in (100, 300, 4000, 4095, 4096, 4103, 4104, 4105, 5000, 70000):
        same(clamav.socket, candord.socket,
             [b'nSCAN /' + b'a' * (size - 8) + b'\n'], tree)
    same(clamav.socket, candord.socket, [b'SCAN /' + b'a' * 4300], tree)


@pytest.mark.parametrize('steps', [pytest.param(steps, id=name)
                                   for name, steps in stream_exchanges()])
def test_streams(clamav, candord, tree, steps):
    same(clamav.socket, candord.socket, steps, tree)


@pytest.mark.parametrize('steps', [pytest.param(steps, id=name)
                                   for name, steps in session_exchanges()])
def test_sessions(clamav, candord, tree, steps):
    same(clamav.socket, candord.socket, steps, tree, sorted)


def test_descriptors(clamav, candord, tree):
    for _, steps in descriptor_exchanges(tree):
        same(clamav.socket, candord.socket, steps, tree)


def test_two_states_in_one_packet(candord):
    got, closed = talk(candord.socket, [b'zIDSESSION\0zSTATS\0zSTATS\0zEND\0'])
    assert closed and got.count(b': POOLS: ') == 2


def test_many_replies_are_read_late(candord):
    """clamd waits half a second for who does not read (SendBufTimeout), and
    then leaves a reply out."""
    with connect(candord.socket) as s:
        s.sendall(b'nIDSESSION\n' + b'nPING\n' * 10000 + b'nEND\n')
        time.sleep(0.5)
        got = b''
        while more := s.recv(65536):
            got += more
    assert got.count(b': PONG\n') == 10000


def test_over_tcp(clamav, candord, tree):
    for steps in ([b'zPING\0'], [b'PING'], [b'nVERSION\n'],
                  [b'zINSTREAM\0' + stream(MARKER)], [b'zFILDES\0\0'],
                  [b'nSCAN {top}/infected\n'],
                  [b'zIDSESSION\0zPING\0zFILDES\0\0zEND\0']):
        same(clamav.tcp, candord.tcp, steps, tree, sorted)


def test_every_match_of_a_file(clamav, candord, tree):
    """The same ones; which comes first is the scanner's own."""
    same(clamav.socket, candord.socket,
         [b'nALLMATCHSCAN {top}/both\n'], tree, set)


def test_silence(clamav, candord, tree):
    """Who says nothing, in a command or between two, is told the time."""
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(same, clamav.socket, candord.socket, steps,
                                 tree)
                     for steps in ([], [b'nPI'], [b'zFILDES\0'],
                                   [b'nIDSESSION\nnPING\n'],
                                   [b'nINSTREAM\n\0\0\0\x0aabc'],
                                   [b'zIDSESSION\0'])]:
            done.result()
