#!/usr/bin/env python3
"""vectors.py - make tests/trust/vectors: a small feed, written by nothing of ours.

The formats are those of docs/trust.md, the hashing RFC 6962, the signatures
python3-cryptography's; so what lib/trust makes of it is a second opinion.
The keys are public: a seed is SHA-256("candor test key: " LABEL).  The log
holds root 1, releases 1 to 3, root 2 (another release key) and release 5; in
fork it holds something else than release 2.
"""
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import struct
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = 'log.candor.example/db-main'
BEGIN = 1735689600
NOTE, COSIGNATURE = 1, 4


def sha(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


class Key:
    def __init__(self, label, name, kind):
        self.name, self.kind = name, kind
        self.secret = Ed25519PrivateKey.from_private_bytes(sha(b'candor test key: ' + label.encode()))
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha(name.encode() + b'\n' + bytes([kind]) + self.public)[:4]

    def vkey(self):
        return f'{self.name}+{self.id.hex()}+{b64(bytes([self.kind]) + self.public)}'

    def line(self, payload):
        return f'\u2014 {self.name} {b64(self.id + payload)}\n'

    def sign(self, text):
        return self.line(self.secret.sign(text.encode()))

    def cosign(self, text, time):
        signed = self.secret.sign(f'cosignature/v1\ntime {time}\n{text}'.encode())
        return self.line(struct.pack('>Q', time) + signed)


LOG = Key('log', ORIGIN, NOTE)
ROOTS = [Key(f'root{i}', f'root.candor.example/k{i}', NOTE) for i in range(1, 8)]
RELEASES = [Key(f'release{i}', f'release.candor.example/r{i}', NOTE) for i in range(1, 7)]
WITNESSES = [Key(f'witness{i}', f'witness{i}.example/w', COSIGNATURE) for i in range(1, 8)]
MIRRORS = [Key(f'mirror{i}', f'mirror{i}.example/m', COSIGNATURE) for i in range(1, 3)]


def subtree(leaves):
    """MTH of RFC 6962, 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha(b'')
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b'\1' + subtree(leaves[:k]) + subtree(leaves[k:]))


def path(m, leaves):
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) < 2:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return path(m, leaves[:k]) + [subtree(leaves[k:])]
    return path(m - k, leaves[k:]) + [subtree(leaves[:k])]


def growth(m, leaves, whole=True):
    """SUBPROOF of RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if whole else [subtree(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m <= k:
        return growth(m, leaves[:k], whole) + [subtree(leaves[k:])]
    return growth(m - k, leaves[k:], False) + [subtree(leaves[:k])]


def signed(text, keys):
    return text + '\n' + ''.join(k.sign(text) for k in keys)


def policy():
    lines = [f'log {LOG.vkey()}']
    lines += [f'witness w{i} {k.vkey()}' for i, k in enumerate(WITNESSES, 1)]
    lines += [f'witness m{i} {k.vkey()}' for i, k in enumerate(MIRRORS, 1)]
    lines += ['group wq 5 w1 w2 w3 w4 w5 w6 w7', 'group mq any m1 m2', 'group both all wq mq',
              'quorum both']
    return lines


def root(version, releases):
    text = (f'candor-root/v1\nfeed {ORIGIN}\nversion {version}\nepoch 1\ntime {BEGIN}\n'
            f'expires {BEGIN + 365 * 86400}\nroot-threshold 4\n')
    text += ''.join(f'root-key {k.vkey()}\n' for k in ROOTS)
    text += 'release-threshold 3\n'
    text += ''.join(f'release-key {v}\n' for v in sorted(k.vkey() for k in releases))
    text += ''.join(f'policy {line}\n' for line in policy())
    return signed(text, [ROOTS[i] for i in (0, 1, 3, 6)])


def release(serial, version, keys):
    time = BEGIN + 3600 * serial

    def named(what):
        return f'sha256:{sha(f"{what} {serial}".encode()).hex()}'
    text = (f'candor-release/v1\nfeed {ORIGIN}\nserial {serial}\ntime {time}\n'
            f'expires {time + 14 * 86400}\nroot {version}\nengine-min 1\n'
            f'source clean-feed {named("source")}\nrecipe sha256:{sha(b"recipe").hex()}\n'
            f'file main-1.cand 41943040 {named("file")}\n')
    if serial > 1:
        text += f'delta main-1.cand {serial - 1} 65536 {named("delta")}\n'
    return signed(text + 'note Made for tests.\n', keys)


def checkpoint(leaves, time):
    text = f'{ORIGIN}\n{len(leaves)}\n{b64(subtree(leaves))}\n'
    note = signed(text, [LOG])
    for i, key in enumerate(WITNESSES + MIRRORS):
        note += key.cosign(text, time + i)
    return note


def proof(index, leaves, time):
    hashes = ''.join(b64(h) + '\n' for h in path(index, leaves))
    return f'c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n' + checkpoint(leaves, time)


def ladder(base, leaves):
    text, at = f'candor-ladder/v1\nsize {base}\n', 0
    for height in range(63, -1, -1):
        if base >> height & 1:
            text += b64(subtree(leaves[at:at + (1 << height)])) + '\n'
            at += 1 << height
    return text + '\n' + ''.join(b64(h) + '\n' for h in leaves[base:])


def evidence(first, second, size, leaves):
    """That the tree of these leaves does not begin with that of first."""
    text = f'candor-evidence/v1\nlog {LOG.vkey()}\n'
    text += ''.join(f'cosigner {k.vkey()}\n' for k in WITNESSES + MIRRORS)
    text += f'first {len(first.encode())}\nsecond {len(second.encode())}\n'
    text += f'root {b64(subtree(leaves[:size]))}\n'
    text += ''.join(f'hash {b64(h)}\n' for h in growth(size, leaves))
    return text + '\n' + first + second


def join(*parts):
    return b''.join(struct.pack('>I', len(p)) + p for p in (p.encode() for p in parts))


def npath(n):
    text = f'{n % 1000:03d}'
    while n := n // 1000:
        text = f'x{n % 1000:03d}/{text}'
    return text


def main():
    one, two = root(1, RELEASES[:5]), root(2, RELEASES[1:])
    entries = [one, *(release(i, 1, [RELEASES[j] for j in (0, 2, 4)]) for i in (1, 2, 3)),
               two, release(5, 2, [RELEASES[j] for j in (1, 3, 5)])]
    leaves = [sha(b'\0' + e.encode()) for e in entries]
    time = BEGIN + 86400
    fork = leaves[:2] + [sha(b'\0another')] + leaves[3:]
    files = {
        'fork': join(entries[5], proof(5, fork, time), ladder(1, fork)),
        'evidence': evidence(checkpoint(leaves[:4], time - 7200), checkpoint(fork, time), 4, fork),
        'root1.note': one, 'root2.note': two, 'policy': '\n'.join(policy()) + '\n',
        'release5.note': entries[5], 'release5.proof': proof(5, leaves, time),
        'checkpoint': checkpoint(leaves, time), 'ladder': ladder(3, leaves),
        'latest3': join(entries[3], proof(3, leaves[:4], time - 7200), ladder(1, leaves[:4])),
        'roots3': join(one, proof(0, leaves[:4], time - 7200)),
        'latest5': join(entries[5], proof(5, leaves, time), ladder(3, leaves)),
        'roots5': join(one, proof(0, leaves[:4], time - 7200), two, proof(4, leaves, time)),
        f'tile/0/{npath(0)}.p/6': b''.join(leaves),
        f'tile/entries/{npath(0)}.p/6': b''.join(struct.pack('>H', len(e)) + e
                                               for e in (e.encode() for e in entries)),
    }
    folder = Path(__file__).parent / 'vectors'
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())


if __name__ == '__main__':
    main()
