"""ClamAV's containers and differences, signed with keys of our own.

After docs/signatures.md; nobody else can sign for the published keys.
"""
# SPDX-License-Identifier: Apache-2.0
import gzip
import hashlib
import io
import tarfile

from cryptography.hazmat.primitives.asymmetric import rsa

DIGITS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/'


class Signer:
    def __init__(self, bits, exponent):
        while True:
            key = rsa.generate_private_key(65537, bits).private_numbers()
            phi = (key.p - 1) * (key.q - 1)
            try:
                self.d = pow(exponent, -1, phi)
                break
            except ValueError:
                pass
        self.n = key.p * key.q

    def raise_(self, number):
        value = pow(number, self.d, self.n)
        out = ''
        while value:
            out += DIGITS[value & 63]
            value >>= 6
        return out


LEGACY = Signer(1024, 100001027)
INFO = Signer(2048, 100002049)
DIFF = Signer(2048, 100002053)
KEYS = f'{LEGACY.n}\n{INFO.n}\n{DIFF.n}\n'


def mask(seed, size):
    out, counter = b'', 0
    while len(out) < size:
        out += hashlib.sha256(seed + counter.to_bytes(4, 'big')).digest()
        counter += 1
    return out[:size]


def pss(signer, digest):
    salt = b'candor tests'.ljust(32, b's')
    h = hashlib.sha256(bytes(8) + digest + salt).digest()
    block = bytes(223 - 33) + b'\1' + salt
    em = bytearray(a ^ b for a, b in zip(block, mask(h, 223)))
    em[0] &= 0x3f
    return signer.raise_(int.from_bytes(bytes(em) + h + b'\xbc', 'big'))


def info(name, version, members, count):
    head = f'ClamAV-VDB:22 Jun 2021 14-58 -0400:{version}:{count}:63:X:X:' \
        f'candor:{1624388313 + version}\n'
    lines = head + ''.join(
        f'{n}:{len(raw)}:{hashlib.sha256(raw).hexdigest()}\n'
        for n, raw in members.items())
    return (lines + 'DSIG:' + pss(INFO, hashlib.sha256(
        lines.encode()).digest()) + '\n').encode()


def tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.USTAR_FORMAT) as t:
        for name, raw in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(raw)
            t.addfile(one, io.BytesIO(raw))
    return out.getvalue()


def whole(name, version, members):
    """All members, .info first."""
    count = sum(raw.count(b'\n') for raw in members.values())
    return {f'{name}.info': info(name, version, members, count)} | members


def cvd(name, version, members, signer=LEGACY):
    members = whole(name, version, members)
    body = gzip.compress(tar(members), mtime=0)
    md5 = hashlib.md5(body).hexdigest()
    sig = signer.raise_(int.from_bytes(bytes.fromhex(md5), 'big'))
    count = sum(raw.count(b'\n') for n, raw in members.items()
                if not n.endswith('.info'))
    return (f'ClamAV-VDB:22 Jun 2021 14-58 -0400:{version}:{count}:63:{md5}:'
            f'{sig}:candor:{1624388313 + version}').encode().ljust(
                512, b' ') + body


def cld(name, version, members):
    members = whole(name, version, members)
    head = members[f'{name}.info'].split(b'\n')[0]
    return head.ljust(512, b' ') + tar(members)


def cdiff(version, script, signer=DIFF):
    raw = script.encode() if isinstance(script, str) else script
    head = f'ClamAV-Diff:{version}:{len(raw)}:'.encode() + \
        gzip.compress(raw, mtime=0)
    return head + b':' + pss(signer, hashlib.sha256(head).digest()).encode()


def replace_info(name, old, new):
    """What a script says to put a new .info in place of the old."""
    lines = [f'OPEN {name}.info']
    for n, line in enumerate(old[f'{name}.info'].decode().splitlines(), 1):
        lines.append(f'DEL {n} {line[:8]}')
    lines += ['ADD ' + line
              for line in new[f'{name}.info'].decode().splitlines()]
    return '\n'.join(lines + ['CLOSE', ''])
