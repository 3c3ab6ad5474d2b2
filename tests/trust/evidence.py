#!/usr/bin/env python3
"""evidence.py FILE - does a text of evidence convict a log, or its cosigners?

By nothing of Candor's but the description of the format in docs/trust.md:
whoever doubts `candor log evidence` runs, or reads, this.  Exit 0 and what is
proved, or exit 1.
"""
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(data):
    return hashlib.sha256(data).digest()


class Key:
    def __init__(self, vkey):
        self.name, number, rest = vkey.split('+', 2)
        kind_and_key = base64.b64decode(rest, validate=True)
        self.id = sha(self.name.encode() + b'\n' + kind_and_key)[:4]
        if self.id.hex() != number:
            raise ValueError(f'the ID of {self.name} is not that of its key')
        self.public = Ed25519PublicKey.from_public_bytes(kind_and_key[1:])

    def said(self, note):
        """The time at which it signed a checkpoint (0: without one), or None."""
        text, lines = note.split('\n\n', 1)
        text += '\n'
        for line in lines.splitlines():
            dash, name, payload = line.split(' ')
            payload = base64.b64decode(payload, validate=True)
            if name != self.name or payload[:4] != self.id:
                continue
            time, signature = b'', payload[4:]
            if len(signature) == 72:
                time, signature = signature[:8], signature[8:]
                number, = struct.unpack('>Q', time)
                text = f'cosignature/v1\ntime {number}\n{text}'
            self.public.verify(signature, text.encode())
            return struct.unpack('>Q', time)[0] if time else 0
        return None


def begins_with(size, root, wanted_size, wanted_root, hashes):
    """RFC 9162, 2.1.4.2: is the tree of size and root the beginning of the other?"""
    hashes = list(hashes)
    if size & (size - 1) == 0:
        hashes.insert(0, root)
    fn, sn = size - 1, wanted_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = hashes[0]
    for h in hashes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = sha(b'\1' + h + old), sha(b'\1' + h + new)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = sha(b'\1' + new + h)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == root and new == wanted_root


def judge(data):
    head, rest = data.split(b'\n\n', 1)
    lines = [line.split(' ', 1) for line in head.decode().splitlines()[1:]]
    of = {word: value for word, value in lines}
    log = Key(of['log'])
    notes = rest[:int(of['first'])].decode(), rest[int(of['first']):].decode()
    if len(rest) != int(of['first']) + int(of['second']):
        raise ValueError('not as long as it says')
    if None in map(log.said, notes):
        raise ValueError('not signed by the log')
    (origin1, size1, root1), (origin2, size2, root2) = (n.splitlines()[:3] for n in notes)
    if {origin1, origin2} != {log.name}:
        raise ValueError('of another log')
    size1, size2 = int(size1), int(size2)
    hashes = [base64.b64decode(v, validate=True) for w, v in lines if w == 'hash']
    forked = (root1 != root2 if size1 == size2 else 'root' in of and of['root'] != root1 and
              begins_with(size1, base64.b64decode(of['root']), size2, base64.b64decode(root2), hashes))
    guilty = [f'{log.name} signed two trees, of {size1} and {size2} entries, of which neither '
              'is the beginning of the other'] if forked else []
    for key in (Key(v) for w, v in lines if w == 'cosigner'):
        times = [key.said(n) for n in notes]
        if None not in times and (forked or size1 < size2 and times[0] > times[1]):
            guilty.append(f'{key.name} cosigned both, at {times[0]} and at {times[1]}')
    return guilty


if __name__ == '__main__':
    try:
        proved = judge(Path(sys.argv[1]).read_bytes())
    except (ValueError, KeyError, IndexError, InvalidSignature) as error:
        sys.exit(f'no evidence: {error!r}')
    print('\n'.join(proved) or 'nothing is proved')
    sys.exit(not proved)
