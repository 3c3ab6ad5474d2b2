"""A transparency log on disk, after the definitions of RFC 6962 and C2SP's
tlog-tiles, and its notes: made slowly and plainly, to check against."""
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)


class Key:
    """A key of a name; type 1 signs notes, type 4 cosigns checkpoints."""

    def __init__(self, name, kind=1, seed=None):
        self.name, self.kind = name, kind
        seed = seed or hashlib.sha256(
            f'candor test {name} {kind}'.encode()).digest()
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self.private.public_key().public_bytes(Encoding.Raw,
                                                        PublicFormat.Raw)
        self.bytes = bytes([kind]) + public
        self.id = hashlib.sha256(name.encode() + b'\n' +
                                 self.bytes).digest()[:4]

    @property
    def vkey(self):
        return '+'.join([self.name, self.id.hex(),
                         base64.b64encode(self.bytes).decode()])

    def line(self, text, time=1735715400):
        if self.kind == 4:
            signed = b'cosignature/v1\ntime %d\n' % time + text
            payload = struct.pack('>Q', time) + self.private.sign(signed)
        else:
            payload = self.private.sign(text)
        return '\u2014 '.encode() + self.name.encode() + b' ' + \
            base64.b64encode(self.id + payload) + b'\n'


def note(text, *keys):
    return text + b'\n' + b''.join(k.line(text) for k in keys)


def leaf(entry):
    return hashlib.sha256(b'\0' + entry).digest()


def node(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(hashes):
    if not hashes:
        return hashlib.sha256(b'').digest()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return node(root(hashes[:k]), root(hashes[k:]))


def inclusion(index, hashes):
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return inclusion(index, hashes[:k]) + [root(hashes[k:])]
    return inclusion(index - k, hashes[k:]) + [root(hashes[:k])]


def consistency(old, hashes, whole=True):
    if old == len(hashes):
        return [] if whole else [root(hashes)]
    k = split(len(hashes))
    if old <= k:
        return consistency(old, hashes[:k], whole) + [root(hashes[k:])]
    return consistency(old - k, hashes[k:], False) + [root(hashes[:k])]


def path(number):
    groups = [f'{number % 1000:03}']
    while number >= 1000:
        number //= 1000
        groups.insert(0, f'x{number % 1000:03}')
    return '/'.join(groups)


def put(folder, name, width, content):
    file = folder / (name if width == 256 else f'{name}.p/{width}')
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def write(folder, entries, origin, *keys):
    """The whole log, and its checkpoint signed by keys."""
    for at in range(0, len(entries), 256):
        some = entries[at:at + 256]
        put(folder, f'tile/entries/{path(at // 256)}', len(some),
            b''.join(struct.pack('>H', len(e)) + e for e in some))
    hashes = [leaf(e) for e in entries]
    text = b'%s\n%d\n%s\n' % (origin.encode(), len(entries),
                              base64.b64encode(root(hashes)))
    level = 0
    while hashes:
        for at in range(0, len(hashes), 256):
            some = hashes[at:at + 256]
            put(folder, f'tile/{level}/{path(at // 256)}', len(some),
                b''.join(some))
        hashes = [root(hashes[at:at + 256])
                  for at in range(0, len(hashes) - 255, 256)]
        level += 1
    (folder / 'checkpoint').write_bytes(note(text, *keys))
