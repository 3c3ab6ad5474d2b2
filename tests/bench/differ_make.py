"""Random signatures in ClamAV's formats, and files made to nearly match them.

Every alphabet is small, so that patterns meet, repeat and overlap by accident
where nobody would have put them on purpose.  Nothing here knows Candor's code.
"""
# SPDX-License-Identifier: Apache-2.0
import bz2
import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile

ALPHABETS = [b'abAB', b'ab \n', b'a1_-/. \r\n=', bytes([0, 1, 0x61, 0xff]),
             b'aA\0', b'xyz', bytes(range(256)), b'"\'<>@_- \n', b'k\xe9K\xc9']
SEAMS = [4096, 131072, 1 << 19, 1 << 20]  # where either scanner cuts a file
TARGETS = [0] * 12 + list(range(1, 16))


class Maker:
    """One round's signatures and files, all from one seed."""

    def __init__(self, random):
        self.r = random
        self.alphabet = random.choice(ALPHABETS)
        self.samples = []  # bytes that ought to match something

    # --- patterns: each piece is its text and a function that makes bytes --

    def byte(self):
        return self.r.choice(self.alphabet)

    def literal(self, low=1, high=4):
        b = bytes(self.byte() for _ in range(self.r.randint(low, high)))
        return b.hex(), lambda: b

    def noise(self, low, high):
        return bytes(self.byte() for _ in range(self.r.randint(low, high)))

    def nibble(self):
        b = f'{self.byte():02x}'
        if self.r.random() < .5:
            return b[0] + '?', lambda: bytes([int(b[0] + '0', 16) |
                                              self.r.randrange(16)])
        return '?' + b[1], lambda: bytes([int('0' + b[1], 16) |
                                          self.r.randrange(16) << 4])

    def gap(self, opening='{', closing='}'):
        n, m = sorted((self.r.choice([0, 1, 2, 3, 5, 9, 31, 32, 127, 130]),
                       self.r.choice([0, 1, 2, 3, 5, 9, 31, 32, 128, 200])))
        low, high, text = self.r.choice([
            (n, n, f'{n}'), (n, m, f'{n}-{m}'), (0, m, f'-{m}'), (n, n + 20, f'{n}-')])
        if high == 0:
            high = 20
        return opening + text + closing, lambda: self.noise(low, high)

    def alternatives(self, depth=0):
        r = self.r
        if r.random() < .5:  # all of one length
            size = r.randint(1, 3)
            branches = [self.literal(size, size) for _ in range(r.randint(1, 4))]
        else:
            branches = [self.sequence(r.randint(1, 3), depth + 1)
                        for _ in range(r.randint(1, 3))]
        text = '(' + '|'.join(b[0] for b in branches) + ')'
        if depth == 0 and r.random() < .25:
            size = len(branches[0][1]())
            return '!' + text, lambda: self.noise(size, size)
        return text, lambda: r.choice(branches)[1]()

    def edge(self, is_first=False):
        kind = self.r.choice('BLW')
        # clamscan dies of "!(B)" at the front of a signature.
        negated = not is_first and self.r.random() < .2
        text = '!' * negated + f'({kind})'
        near = {'B': b' -/_.<@\n>"', 'L': b'\n\r', 'W': b' _.\n\0'}[kind]
        return text, lambda: bytes([self.r.choice(near)])

    def piece(self, depth=0):
        r = self.r
        kind = r.choices(range(8), [9, 2, 2, 3 * (depth == 0), 2 * (depth == 0),
                                    2 * (depth < 4), depth == 0, .5])[0]
        if kind == 0:
            return self.literal()
        if kind == 1:
            return '??', lambda: self.noise(1, 1)
        if kind == 2:
            return self.nibble()
        if kind == 3:
            return self.gap()
        if kind == 4:
            return '*', lambda: self.noise(0, 12)
        if kind == 5:
            return self.alternatives(depth)
        if kind == 6:
            return self.edge()
        n = r.randint(1, 5)
        return f'{{{n}}}', lambda: self.noise(n, n)

    def sequence(self, count, depth=0):
        pieces = [self.piece(depth) for _ in range(count)]
        return (''.join(p[0] for p in pieces),
                lambda: b''.join(p[1]() for p in pieces))

    def near(self):
        """aa[n-m]… or …[n-m]aa."""
        n, m = sorted(self.r.choice([0, 1, 2, 4, 9, 31, 32]) for _ in range(2))
        text = f'[{n}-{m}]' if self.r.random() < .8 else f'[{n}]'
        return text, lambda: self.noise(n, m if '-' in text else n)

    def body(self):
        """A pattern: mostly one that loads."""
        r = self.r
        pieces = [self.literal(2, 4)]
        for _ in range(r.choice([0, 0, 1, 1, 2, 3, 6])):
            pieces.append(self.piece())
            if r.random() < .8:
                pieces.append(self.literal(2, 3))
        if r.random() < .1:
            pieces.insert(0, self.edge(is_first=True))
        if r.random() < .1:
            pieces.append(self.edge())
        if r.random() < .06:
            pieces[:0] = [self.literal(1, 1), self.near()]
        if r.random() < .06:
            pieces += [self.near(), self.literal(1, 1)]
        text = ''.join(p[0] for p in pieces)
        sample = b''.join(p[1]() for p in pieces)
        self.samples.append(sample)
        return text.upper() if r.random() < .1 else text

    # --- the rest of a signature -------------------------------------------

    def offset(self, target):
        r = self.r
        if r.random() < .6:
            return '*'
        n = r.choice([0, 1, 2, 3, 5, 8, 16, 64, 512, 513])
        forms = [f'{n}', f'{n}', f'EOF-{n}']
        if target == 7:
            # One of these in a database, and clamscan takes normalised text for
            # a file of its own and lets conditions hold that only say "not".
            forms.pop()
        if target in (1, 6, 9) or r.random() < .03:
            forms += [f'EP+{n}', f'EP-{n}', f'S{r.randrange(4)}+{n}', f'SL+{n}',
                      f'SE{r.randrange(3)}', 'VI']
        text = r.choice(forms)
        return text + f',{r.choice([0, 1, 3, 10, 600])}' if r.random() < .4 else text

    def ndb(self, name):
        target = self.r.choice(TARGETS)
        return f'{name}:{target}:{self.offset(target)}:{self.body()}'

    def logic(self, ids, depth=0):
        """An expression that speaks of all of ids, perhaps twice of one."""
        r = self.r
        compare = f'{r.choice("=<>")}{r.choice([0, 0, 1, 1, 2, 3, 5])}'
        if len(ids) == 1:
            return str(ids[0]) + (compare if r.random() < .3 else '')
        cut = r.randrange(1, len(ids))
        text = (self.logic(ids[:cut], depth + 1) + r.choice('&|') +
                self.logic(ids[cut:] + ids[:1] * (r.random() < .1), depth + 1))
        if r.random() < .4:
            text = f'({text})'
            if r.random() < .5:
                text += compare
                if r.random() < .4:
                    text += f',{r.randint(0, len(ids))}'
        return text

    def tdb(self, target):
        r = self.r
        fields = [f'Target:{target}']
        if r.random() < .25:
            a, b = sorted(r.choice([0, 10, 64, 100, 600, 5000, 1 << 21]) for _ in '12')
            fields.append(f'FileSize:{a}-{b}')
        if r.random() < .15:
            fields.append('Container:CL_TYPE_' + r.choice(
                ['ANY', 'ZIP', 'GZ', 'POSIX_TAR', 'BZ', 'XZ', 'MSEXE', 'TEXT_ASCII']))
        if r.random() < .08:
            fields.append('Intermediates:' + '>'.join(
                'CL_TYPE_' + r.choice(['ANY', 'ZIP', 'GZ', 'POSIX_TAR'])
                for _ in range(r.randint(1, 2))))
        if target in (1, 6, 9) and r.random() < .3:
            a, b = sorted(r.choice([0, 1, 2, 3, 64, 512, 700, 1024]) for _ in '12')
            fields.append(r.choice([f'NumberOfSections:{a}-{b}',
                                    f'EntryPoint:{a}-{b}']))
        if len(fields) > 1 or r.random() < .5:
            fields.insert(0, 'Engine:51-255')
        return ','.join(fields)

    def ldb(self, name):
        r = self.r
        target = r.choice(TARGETS)
        count = r.choice([1, 1, 2, 2, 3, 4, 7])
        ids = list(range(count))
        r.shuffle(ids)
        subs = []
        for _ in range(count):
            sub = self.body()
            if r.random() < .25:
                sub = f'{self.offset(target)}:{sub}'
            if r.random() < .35:
                mods = ''.join(m for m in 'iwfa' if r.random() < .4)
                if mods:
                    sub += '::' + mods
                    self.modify(mods)
            subs.append(sub)
        return ';'.join([name, self.tdb(target), self.logic(ids)] + subs)

    def modify(self, mods):
        """Let the last sample look as the modifiers want it."""
        s = self.samples[-1]
        if 'w' in mods and not ('a' in mods and self.r.random() < .5):
            s = b''.join(bytes([c, 0]) for c in s)
        if 'i' in mods:
            s = s.swapcase()
        self.samples[-1] = s

    def hash_line(self, name, files):
        """A line of .hdb or .hsb for a file it takes out, right or nearly."""
        r = self.r
        data = files.pop(r.randrange(len(files)))  # clamscan tells one of two
        digest = hashlib.new(r.choice(['md5', 'sha1', 'sha256']), data).hexdigest()
        if r.random() < .2:
            digest = digest.upper()
        size = r.choice([len(data), len(data), len(data) + 1, '*'])
        line = f'{digest}:{size}:{name}'
        return line + ':73' if size == '*' else line

    # --- files ---------------------------------------------------------------

    def damaged(self, s):
        """s with a byte changed, lost, doubled, or as it is."""
        if not s or self.r.random() < .6:
            return s
        at = self.r.randrange(len(s))
        return self.r.choice([s[:at] + bytes([self.byte()]) + s[at + 1:],
                              s[:at] + s[at + 1:],
                              s[:at] + s[at:at + 1] + s[at:], s[:at], s + s,
                              s[:at] + s])

    def content(self):
        """Some samples, side by side or with noise between."""
        r = self.r
        out = self.noise(0, 3) if r.random() < .5 else b''
        for _ in range(r.choice([1, 2, 3, 6])):
            if self.samples:
                out += self.damaged(r.choice(self.samples))
            out += self.noise(0, r.choice([0, 0, 2, 8, 40]))
        return out + b'' if len(out) > 5 else out + b'......'

    def straddling(self):
        """Content that lies across a border of windows."""
        seam, content = self.r.choice(SEAMS), self.content()
        at = seam - self.r.randint(0, len(content)) + self.r.choice([0, 0, -4096, 4096])
        filler = self.r.choice([b'\x01', bytes([self.byte()])])
        return filler * max(at, 0) + content + filler * self.r.choice([0, 3, 70000])

    def file(self):
        r = self.r
        data = self.straddling() if r.random() < .04 else self.content()
        return r.choices(
            [lambda: data, lambda: self.pe(data), lambda: self.elf(data),
             lambda: self.marked(data), lambda: self.wrapped(data)],
            [8, 3, 2, 2, 2])[0]()

    def marked(self, data):
        """Behind the magic number of some kind of file."""
        return self.r.choice([
            b'GIF89a\1\0\1\0\0\0\0', b'\x89PNG\r\n\x1a\n', b'\xff\xd8\xff\xe0',
            b'BM\1\1\1\1', b'II*\0', b'Ok: a\n\n',
            b'%PDF-1.4\n', b'FWS\x09', b'\xca\xfe\xba\xbe\0\0\0\x34',
            b'\xfe\xed\xfa\xce\0\0\0\1', b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
            b'\x01\x02\x03\x04', b'#!/bin/sh\n', b'\xff\xfe', b'{\\rt', b'text ',
            b'RIFF\0\0\0\0', b'ITSF', b'MSCF', b'\x1f\x8b']) + data

    def wrapped(self, data):
        """In one or two containers."""
        for _ in range(self.r.choice([1, 1, 1, 2, 3])):
            data = self.r.choice([gzip_of, zip_of, tar_of, bz2.compress, xz_of])(data)
        return data

    def pe(self, data):
        """A small PE with the data in its sections, at the entry point, behind."""
        r = self.r
        count = r.randint(1, 4)
        raws = [self.content() if i else data for i in range(count)]
        is_64 = r.random() < .2
        optional = 240 if is_64 else 224
        head = 64 + 24 + optional + 40 * count
        align = r.choice([512, 512, 512, 4, 32, 4096])
        at = -(-head // 512) * 512
        table, body, entry = b'', b'', 0x1000
        for i, raw in enumerate(raws):
            size = -(-len(raw) // align) * align
            rva = 0x1000 * (i + 1)
            table += struct.pack('<8sIIIIIIHHI', b'.s%d' % i,
                                 r.choice([len(raw), size, 0x1000]), rva, size,
                                 at + len(body), 0, 0, 0, 0, 0x60000020)
            if r.random() < .4:
                entry = rva + r.choice([0, 1, 2, 16])
            body += raw.ljust(size, b'\0')
        header = struct.pack('<HBBIIIII', 0x20b if is_64 else 0x10b, 8, 0, len(body),
                             0, 0, entry, 0x1000)
        header += (struct.pack('<Q', 0x400000) if is_64
                   else struct.pack('<II', 0x1000, 0x400000))
        header += struct.pack('<IIHHHHHHIIIIHH', 0x1000, align, 4, 0, 0, 0, 4, 0, 0,
                              0x1000 * (count + 1), at, 0, 2, 0)
        header = header.ljust(optional - 128 - 4, b'\0') + struct.pack('<I', 16)
        header = header.ljust(optional, b'\0')
        file = b'MZ'.ljust(60, b'\0') + struct.pack('<I', 64)
        file += struct.pack('<IHHIIIHH', 0x4550, 0x8664 if is_64 else 0x14c, count, 0,
                            0, 0, optional, 0x102)
        file = (file + header + table).ljust(at, b'\0') + body
        return file + (self.content() if r.random() < .4 else b'')

    def elf(self, data):
        """A small ELF: one segment, a section table, the entry in the data."""
        r = self.r
        is_64 = r.random() < .5
        head, segment, section = (64, 56, 64) if is_64 else (52, 32, 40)
        at = head + segment + r.choice([0, 3, 16])
        size, sections = len(data), r.randint(1, 3)
        entry = 0x400000 + at + r.choice([0, 0, 1, 5])
        table_at = at + size
        ident = b'\x7fELF' + bytes([2 if is_64 else 1, 1, 1]).ljust(12, b'\0')
        if is_64:
            out = ident + struct.pack('<HHIQQQIHHHHHH', 2, 62, 1, entry, head, table_at,
                                      0, head, segment, 1, section, sections, 0)
            out += struct.pack('<IIQQQQQQ', 1, 5, 0, 0x400000, 0x400000, at + size,
                               at + size, 0x1000)
        else:
            out = ident + struct.pack('<HHIIIIIHHHHHH', 2, 3, 1, entry, head, table_at,
                                      0, head, segment, 1, section, sections, 0)
            out += struct.pack('<IIIIIIII', 1, 0, 0x400000, 0x400000, at + size,
                               at + size, 5, 0x1000)
        out = out.ljust(at, b'\0') + data
        for i in range(sections):
            off = at + i * r.choice([0, 1, 7])
            form = '<IIQQQQIIQQ' if is_64 else '<IIIIIIIIII'
            out += struct.pack(form, 0, 1, 6, 0x400000 + off, off, size, 0, 0, 1, 0)
        return out


def gzip_of(data):
    return gzip.compress(data, mtime=0)


def xz_of(data):
    return lzma.compress(data)


def zip_of(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('member', data)
    return out.getvalue()


def tar_of(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        info = tarfile.TarInfo('member')
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    return out.getvalue()
