"""candor-witness: cosigns a log that only grows, and nothing else."""
# SPDX-License-Identifier: Apache-2.0
import base64
import http.client
import signal
import subprocess
import sys
import threading

import pytest

from conftest import BUILD, ROOT, run

sys.path.insert(0, str(ROOT / 'tests/make'))
log = pytest.importorskip('log', reason='python3-cryptography is missing')

WITNESS = str(BUILD / 'bin/candor-witness')
LOG = log.Key('log.example/test')
OTHER = log.Key('log.example/other')
HASHES = [log.leaf(b'entry %d' % i) for i in range(40)]


def checkpoint(size, key=LOG, origin=None, hashes=HASHES):
    text = b'%s\n%d\n%s\n' % ((origin or key.name).encode(), size,
                              base64.b64encode(log.root(hashes[:size])))
    return log.note(text, key)


def request(old, size, proof=None, note=None, hashes=HASHES):
    if proof is None:
        proof = log.consistency(old, hashes[:size]) if 0 < old <= size else []
    return b'old %d\n' % old + b''.join(
        base64.b64encode(h) + b'\n' for h in proof) + b'\n' + \
        (note or checkpoint(size, hashes=hashes))


class Witness:
    def __init__(self, place, *more):
        self.place, self.more = place, more
        self.key = place / 'key'
        if not self.key.exists():
            made = subprocess.run([WITNESS, '--make-key', 'witness.example/w',
                                   '--key', self.key], capture_output=True,
                                  check=True, text=True)
            (place / 'vkey').write_text(made.stdout)
        self.vkey = (place / 'vkey').read_text().strip()
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [WITNESS, '--listen', '127.0.0.1:0', '--state',
             self.place / 'state', '--key', self.key, '--log', LOG.vkey,
             *self.more],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(':', 1)[1])

    def post(self, body, method='POST', path='/add-checkpoint'):
        c = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        c.request(method, path, body)
        r = c.getresponse()
        said = r.read()
        self.type = r.getheader('Content-Type')
        c.close()
        return r.status, said

    def code(self, *arguments, **more):
        return self.post(request(*arguments, **more))[0]

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(10)
        self.process.stdout.close()
        return code


@pytest.fixture
def witness(tmp_path):
    w = Witness(tmp_path)
    yield w
    if w.process.poll() is None:
        w.stop()


def test_cosigns_what_grows(witness, tmp_path):
    code, line = witness.post(request(0, 3))
    assert code == 200
    (tmp_path / 'note').write_bytes(checkpoint(3) + line)
    done = run('log', 'verify', 'note', '--key', LOG.vkey, '--key',
               witness.vkey, tmp_path / 'note')
    assert done.code == 0 and b'cosigned by witness.example/w' in done.out
    assert witness.code(3, 7) == 200
    assert witness.code(7, 7) == 200  # a fresher cosignature of the same
    assert witness.code(7, 40) == 200


def test_refuses_everything_else(witness):
    assert witness.code(0, 5) == 200
    code, size = witness.post(request(3, 7))
    assert (code, size, witness.type) == (409, b'5\n', 'text/x.tlog.size')
    assert witness.code(0, 7) == 409
    assert witness.code(7, 5) == 400
    assert witness.code(5, 7, proof=[]) == 422
    assert witness.code(5, 7, proof=[bytes(32)] * 3) == 422
    forged = [log.leaf(b'x'), *HASHES[1:]]
    assert witness.code(5, 7, hashes=forged) == 422
    assert witness.code(5, 5, hashes=forged) == 422
    assert witness.code(5, 7, note=checkpoint(7, OTHER)) == 404
    assert witness.code(5, 7, note=checkpoint(7, OTHER, LOG.name)) == 403
    bad = checkpoint(7)
    assert witness.code(5, 7, note=bad[:-9] + b'AAAAAAA=\n') in (400, 403)
    # Nothing of that moved it.
    assert witness.code(5, 7) == 200


def test_first_requests(witness):
    assert witness.code(0, 5, proof=[HASHES[0]]) == 422
    wrong = log.note(b'%s\n0\n%s\n' % (LOG.name.encode(),
                                       base64.b64encode(bytes(32))), LOG)
    assert witness.code(0, 0, note=wrong) == 422
    assert witness.code(0, 0) == 200
    assert witness.code(0, 5) == 200


@pytest.mark.parametrize('body', [
    b'', b'old', b'old 0\n', b'old 0\n\n', b'old 00\n\n' + checkpoint(1),
    b'old -1\n\n' + checkpoint(1), b'old 0\r\n\r\n' + checkpoint(1),
    b'old 0\nAAAA\n\n' + checkpoint(1), b'\0' * 5000, b'old 0\n' + checkpoint(1),
    b'old 0\n' + (base64.b64encode(bytes(32)) + b'\n') * 64 + b'\n' +
    checkpoint(1), request(0, 1) + b'more\n'])
def test_malformed(witness, body):
    assert witness.post(body)[0] == 400


def test_other_requests(witness):
    assert witness.post(b'', method='GET')[0] == 405
    assert witness.post(b'', path='/other')[0] == 404
    assert witness.post(b'x' * 200_000)[0] == 413


def test_remembers(witness):
    assert witness.code(0, 5) == 200
    assert witness.stop(signal.SIGKILL) != 0
    witness.start()
    assert witness.code(0, 5) == 409
    assert witness.code(5, 6) == 200
    assert witness.stop() == 0


def test_damaged_memory_is_no_memory_loss(witness, tmp_path):
    """Not knowing what it cosigned, it does not start."""
    assert witness.code(0, 5) == 200
    witness.stop()
    for file in (tmp_path / 'state').glob('?' * 64):
        file.write_bytes(b'')
    done = subprocess.run([WITNESS, '--listen', '127.0.0.1:0', '--state',
                           tmp_path / 'state', '--key', witness.key, '--log',
                           LOG.vkey], capture_output=True, timeout=10)
    assert done.returncode == 1 and b'damaged' in done.stderr


def test_one_at_a_time(witness, tmp_path):
    done = subprocess.run([WITNESS, '--listen', '127.0.0.1:0', '--state',
                           tmp_path / 'state', '--key', witness.key, '--log',
                           LOG.vkey], capture_output=True, timeout=10)
    assert done.returncode == 1 and b'another witness' in done.stderr


def test_two_histories_at_once(witness):
    """Of many forks that come at the same time, one is cosigned."""
    assert witness.code(0, 4) == 200
    codes = []

    def fork(i):
        hashes = [*HASHES[:4], *(log.leaf(b'%d %d' % (i, k))
                                 for k in range(6))]
        codes.append(witness.code(4, 10, hashes=hashes))
    threads = [threading.Thread(target=fork, args=(i,)) for i in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(codes) == [200] + [409] * 15


def test_usage(tmp_path):
    for words in ([], ['--listen', 'x'], ['--key', tmp_path / 'k'], ['x']):
        done = subprocess.run([WITNESS, *words], capture_output=True)
        assert done.returncode == 64, words
    assert subprocess.run([WITNESS, '--make-key', 'a b', '--key',
                           tmp_path / 'k'], capture_output=True).returncode == 64


def test_many_logs(tmp_path):
    """A file of them, and more on the command line."""
    logs = tmp_path / 'logs'
    logs.write_text(f'# whom we watch\n\n{OTHER.vkey}\n')
    w = Witness(tmp_path, '--logs', logs)
    assert w.code(0, 5) == 200
    assert w.code(0, 3, note=checkpoint(3, OTHER)) == 200
    assert w.code(3, 3, note=checkpoint(3, OTHER)) == 200
    assert w.stop() == 0
    logs.write_text(f'{LOG.vkey}\n')  # twice
    done = subprocess.run([WITNESS, '--listen', '127.0.0.1:0', '--state',
                           tmp_path / 'state', '--key', tmp_path / 'key',
                           '--log', LOG.vkey, '--logs', logs],
                          capture_output=True)
    assert done.returncode == 64
