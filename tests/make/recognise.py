#!/usr/bin/env python3
"""recognise - make programs, installers and apps that say who made them.

Everything here is made from nothing; the programs do nothing.  Signatures
have names and no valid signature value: names are all that is read of them.

    tests/make/recognise.py FOLDER    the seeds of recognise_fuzz
"""
# SPDX-License-Identifier: Apache-2.0
import io
import lzma
import pathlib
import struct
import sys
import tarfile
import zipfile


# --- DER ----------------------------------------------------------------------

def der(tag, *parts):
    body = b''.join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = (n.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + n.to_bytes(size, 'big') + body


def ber(tag, *parts):
    """The same without a length: two zeros end it."""
    return bytes([tag, 0x80]) + b''.join(parts) + b'\0\0'


def oid(text):
    numbers = [int(n) for n in text.split('.')]
    out = bytes([40 * numbers[0] + numbers[1]])
    for n in numbers[2:]:
        part = [n & 0x7f]
        while n > 0x7f:
            n >>= 7
            part.append(n & 0x7f | 0x80)
        out += bytes(reversed(part))
    return der(6, out)


def string(text, kind=12):
    encoding = {12: 'utf-8', 19: 'ascii', 20: 'latin-1', 30: 'utf-16-be',
                28: 'utf-32-be'}[kind]
    return der(kind, text.encode(encoding))


def name(common, organisation=None, kind=12):
    rows = [('2.5.4.3', common), ('2.5.4.10', organisation)]
    return der(0x30, *(der(0x31, der(0x30, oid(o), string(text, kind)))
                       for o, text in rows if text is not None))


ISSUER = name('A Test CA', 'Nobody')


def certificate(common, organisation=None, serial=1, kind=12):
    sha256 = der(0x30, oid('1.2.840.113549.1.1.11'), der(5))
    times = der(0x30, der(23, b'250101000000Z'), der(23, b'350101000000Z'))
    key = der(0x30, der(0x30, oid('1.2.840.113549.1.1.1'), der(5)),
              der(3, bytes(9)))
    body = der(0x30, der(0xa0, der(2, b'\2')), der(2, bytes([serial])), sha256,
               ISSUER, times, name(common, organisation, kind), key)
    return der(0x30, body, sha256, der(3, bytes(9)))


def attribute(object_id, value):
    return der(0x30, oid(object_id), der(0x31, value))


def signer(serial, unsigned=()):
    digest = der(0x30, oid('2.16.840.1.101.3.4.2.1'), der(5))
    return der(0x30, der(2, b'\1'),
               der(0x30, ISSUER, der(2, bytes([serial]))), digest,
               der(0xa0, attribute('1.2.840.113549.1.9.4', der(4, bytes(32)))),
               der(0x30, oid('1.2.840.113549.1.1.1'), der(5)),
               der(4, bytes(64)),
               *([der(0xa1, *unsigned)] if unsigned else []))


def signed_data(certificates, signers, wrap=der):
    return wrap(0x30, oid('1.2.840.113549.1.7.2'), wrap(0xa0, wrap(
        0x30, der(2, b'\1'), der(0x31),
        wrap(0x30, oid('1.3.6.1.4.1.311.2.1.4')),
        wrap(0xa0, *certificates), der(0x31, *signers))))


def signature(common='AO Kaspersky Lab', organisation=None, counter=None,
              token=None, nested=None, kind=12, wrap=der):
    """Who signed; who vouched for the time, in the old way or with a token;
    another signature inside."""
    certificates = [certificate('Some CA', serial=9),
                    certificate(common, organisation, 1, kind)]
    unsigned = []
    if counter:
        certificates.append(certificate(counter, serial=2))
        unsigned.append(attribute('1.2.840.113549.1.9.6', signer(2)))
    if token:
        unsigned.append(attribute('1.3.6.1.4.1.311.3.3.1',
                                  signature(token)))
    if nested:
        unsigned.append(attribute('1.3.6.1.4.1.311.2.4.1',
                                  signature(nested)))
    return signed_data(certificates, [signer(1, unsigned)], wrap)


# --- PE -----------------------------------------------------------------------

def version_node(key, value=b'', children=(), is_text=True):
    head = struct.pack('<HHH', 0, len(value) // (2 if is_text else 1),
                       is_text) + key.encode('utf-16-le') + b'\0\0'
    for part in [value, *children]:
        head += bytes(-len(head) % 4) + part
    return struct.pack('<H', len(head)) + head[2:]


def version_info(strings):
    rows = [version_node(k, v.encode('utf-16-le') + b'\0\0')
            for k, v in strings.items()]
    return version_node('VS_VERSION_INFO', bytes(52), [version_node(
        'StringFileInfo', b'', [version_node('040904b0', b'', rows)])], False)


def resources(data, rva):
    def folder(ident, to, is_folder):
        return struct.pack('<IIHHHH', 0, 0, 0, 0, 0, 1) + struct.pack(
            '<II', ident, to | (0x80000000 if is_folder else 0))
    head = folder(16, 24, True) + folder(1, 48, True) + folder(1033, 72, False)
    return head + struct.pack('<IIII', rva + 88, len(data), 0, 0) + data


def pe(signatures=(), strings=None, text=b'', is_dll=False, table=None):
    """A 64-bit program of two sections; table replaces where the signatures
    are said to be."""
    code = b'\xc3' + text
    code += bytes(-len(code) % 512)
    rsrc = resources(version_info(strings), 0x100000) if strings else b''
    rsrc += bytes(-len(rsrc) % 512)
    blob = b''
    for one in signatures:
        entry = struct.pack('<IHH', 8 + len(one), 0x200, 2) + one
        blob += entry + bytes(-len(entry) % 8)
    end = 1024 + len(code) + len(rsrc)
    directory = [(0, 0)] * 16
    if rsrc:
        directory[2] = (0x100000, len(rsrc))
    if blob:
        directory[4] = (end, len(blob))
    if table:
        directory[4] = table
    flags = 0x22 | (0x2000 if is_dll else 0)
    head = b'MZ' + bytes(58) + struct.pack('<I', 64) + b'PE\0\0'
    head += struct.pack('<HHIIIHH', 0x8664, 2, 0, 0, 0, 240, flags)
    head += struct.pack('<HBBIIIII', 0x20b, 14, 0, len(code), 0, 0, 0x1000,
                        0x1000)
    head += struct.pack('<QIIHHHHHHIIIIHH', 0x140000000, 0x1000, 512, 6, 0, 0,
                        0, 6, 0, 0, 0x200000, 1024, 0, 3, 0)
    head += struct.pack('<QQQQII', 1 << 20, 4096, 1 << 20, 4096, 0, 16)
    for row in directory:
        head += struct.pack('<II', *row)
    for label, rva, data, at in ((b'.text', 0x1000, code, 1024),
                                 (b'.rsrc', 0x100000, rsrc,
                                  1024 + len(code))):
        head += struct.pack('<8sIIIIIIHHI', label, len(data), rva, len(data),
                            at, 0, 0, 0, 0, 0x60000020)
    return head + bytes(1024 - len(head)) + code + rsrc + blob


def cab(blob, member='a.txt', data=b'harmless\n'):
    """A cabinet of one stored file, with a signature."""
    label = member.encode() + b'\0'
    at_data = 60 + 8 + 16 + len(label)
    size = at_data + 8 + len(data)
    out = struct.pack('<4sIIIIIBBHHHHH', b'MSCF', 0, size, 0, 68, 0, 3, 1, 1,
                      1, 4, 0, 0)
    out += struct.pack('<HBBIIIII', 20, 0, 0, 0x00100000, size, len(blob), 0,
                       0)
    out += struct.pack('<IHH', at_data, 1, 0)
    out += struct.pack('<IIHHHH', len(data), 0, 0, 0, 0, 0x20) + label
    out += struct.pack('<IHH', 0, len(data), len(data)) + data
    return out + blob


# --- Windows Installer --------------------------------------------------------

def summary(author, subject):
    rows = [(3, subject), (4, author)]
    at, head, body = 8 + 8 * len(rows), b'', b''
    for number, text in rows:
        head += struct.pack('<II', number, at + len(body))
        text = text.encode() + b'\0'
        text += bytes(-len(text) % 4)
        body += struct.pack('<II', 30, len(text)) + text
    size = 8 + len(head) + len(body)
    return struct.pack('<HHI16sI16sI', 0xfffe, 0, 0, bytes(16), 1, bytes(16),
                       48) + struct.pack('<II', size, len(rows)) + head + body


def compound(streams):
    """A compound file of those streams, each of any size."""
    end, free = 0xfffffffe, 0xffffffff
    sectors, table = [], []

    def add(data):
        if not data:
            return end
        first = len(sectors)
        for i in range(0, len(data), 512):
            sectors.append(data[i:i + 512].ljust(512, b'\0'))
            table.append(len(sectors))
        table[-1] = end
        return first
    mini, mini_table, entries = b'', [], []
    for label, data in streams.items():
        if len(data) < 4096:
            first = len(mini) // 64
            count = -(-len(data) // 64)
            mini += data.ljust(64 * count, b'\0')
            mini_table += [*range(first + 1, first + count), end]
        else:
            first = add(data)
        entries.append((label, 2, first, len(data)))
    root = ('Root Entry', 5, add(mini), len(mini))
    mini_first = add(struct.pack(f'<{len(mini_table)}I', *mini_table))
    rows = b''
    # A tree in which each is the right one of the one before it.
    entries.sort(key=lambda e: (len(e[0]), e[0].upper()))
    for at, (label, kind, first, size) in enumerate([root, *entries]):
        text = label.encode('utf-16-le') + b'\0\0'
        rows += text.ljust(64, b'\0') + struct.pack(
            '<HBBIII16sIQQIQ', len(text), kind, 1, free,
            at + 1 if 0 < at < len(entries) else free,
            1 if at == 0 and entries else free, bytes(16), 0, 0, 0, first,
            size)
    first = add(rows)
    at, count = len(sectors), 1
    while 128 * count < len(table) + count:
        count += 1
    table += [0xfffffffd] * count
    table += [free] * (-len(table) % 128)
    sectors += [struct.pack('<128I', *table[i:i + 128])
                for i in range(0, len(table), 128)]
    where = [at + i for i in range(len(table) // 128)]
    assert len(where) <= 109
    head = bytes.fromhex('d0cf11e0a1b11ae1') + bytes(16) + struct.pack(
        '<HHHHH6sIIIIIIIII', 0x3e, 3, 0xfffe, 9, 6, bytes(6), 0, len(where),
        first, 0, 4096, mini_first, 1, end, 0)
    assert len(head) == 76
    head += struct.pack(
        '<109I', *(where + [free] * (109 - len(where))))
    return head + b''.join(sectors)


def msi(author='AO Kaspersky Lab', subject='A program', blob=None, more=b''):
    streams = {'\5SummaryInformation': summary(author, subject)}
    if more:
        streams['Table'] = more
    if blob:
        streams['\5DigitalSignature'] = blob
    return compound(streams)


# --- Android ------------------------------------------------------------------

def dex(classes, types=(), texts=()):
    """A dex file that defines classes; types it only uses; texts it holds."""
    def descriptor(c):
        return 'L' + c.replace('.', '/') + ';'
    defined = [descriptor(c) for c in classes]
    used = sorted({*defined, *(descriptor(t) for t in types)})
    strings = sorted({*used, *texts})
    at_types = 112 + 4 * len(strings)
    at_classes = at_types + 4 * len(used)
    at_data = at_classes + 32 * len(defined)
    data, offsets = b'', []
    for s in strings:
        offsets.append(at_data + len(data))
        n, length = len(s), b''
        while n > 127:
            length += bytes([n & 127 | 128])
            n >>= 7
        data += length + bytes([n]) + s.encode() + b'\0'
    head = b'dex\n035\0' + bytes(24) + struct.pack(
        '<IIIIIIIIIIIIIIIIIIII', at_data + len(data), 112, 0x12345678, 0, 0, 0,
        len(strings), 112, len(used), at_types, 0, 0, 0, 0, 0, 0,
        len(defined), at_classes, len(data), at_data)
    body = struct.pack(f'<{len(offsets)}I', *offsets)
    body += b''.join(struct.pack('<I', strings.index(u)) for u in used)
    for c in defined:
        body += struct.pack('<8I', used.index(c), 1, 0, 0, 0, 0, 0, 0)
    return head + body + data


def manifest(package, is_utf8=False):
    strings = ['manifest', 'package', package, 'versionCode']
    texts, offsets = b'', []
    for s in strings:
        offsets.append(len(texts))
        if is_utf8:
            texts += bytes([len(s), len(s)]) + s.encode() + b'\0'
        else:
            texts += struct.pack('<H', len(s)) + s.encode('utf-16-le') + b'\0\0'
    texts += bytes(-len(texts) % 4)
    at = 28 + 4 * len(strings)
    pool = struct.pack('<HHIIIIII', 1, 28, at + len(texts), len(strings), 0,
                       0x100 if is_utf8 else 0, at, 0)
    pool += struct.pack(f'<{len(offsets)}I', *offsets) + texts
    element = struct.pack('<HHIII', 0x102, 16, 36 + 40, 1, 0xffffffff)
    element += struct.pack('<IIHHHHHH', 0xffffffff, 0, 20, 20, 2, 0, 0, 0)
    element += struct.pack('<IIIHBBI', 0xffffffff, 3, 0xffffffff, 8, 0, 16, 7)
    element += struct.pack('<IIIHBBI', 0xffffffff, 1, 2, 8, 0, 3, 2)
    body = pool + element
    return struct.pack('<HHI', 3, 8, 8 + len(body)) + body


def proto(number, body):
    return bytes([number << 3 | 2, len(body)]) + body


def proto_manifest(package):
    attribute_ = proto(2, b'package') + proto(3, package.encode())
    return proto(1, proto(3, b'manifest') + proto(4, attribute_))


def apk(package='com.example.bank', classes=('com.example.bank.Main',),
        members=(), signed=None, block=None, texts=(), types=()):
    parts = {'AndroidManifest.xml': manifest(package),
             'classes.dex': dex(classes, types, texts)}
    parts |= {member: b'harmless\n' for member in members}
    if signed:
        parts['META-INF/CERT.RSA'] = signature(signed)
    app = archive(parts)
    return with_block(app, block) if block else app


def sized(*parts):
    body = b''.join(parts)
    return struct.pack('<I', len(body)) + body


def with_block(app, common):
    """An APK signature scheme v2 block with a certificate of that name."""
    end = app.rindex(b'PK\5\6')
    at = struct.unpack_from('<I', app, end + 16)[0]
    data = sized(sized(), sized(sized(certificate(common))), sized())
    value = struct.pack('<I', 0x7109871a) + sized(sized(data, sized(),
                                                        sized()))
    pairs = struct.pack('<Q', len(value)) + value
    size = struct.pack('<Q', len(pairs) + 24)
    block = size + pairs + size + b'APK Sig Block 42'
    tail = bytearray(app[end:])
    struct.pack_into('<I', tail, 16, at + len(block))
    return app[:at] + block + app[at:end] + bytes(tail)


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for label, data in members.items():
            z.writestr(zipfile.ZipInfo(label), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def bundle(*apps):
    """Apps in an app (XAPK, APKS)."""
    return archive({f'part{i}.apk': one for i, one in enumerate(apps)})


# --- packages -----------------------------------------------------------------

def tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.GNU_FORMAT) as t:
        for path, data in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def deb(package, maintainer='Nobody <nobody@example.org>', files=(),
        has_list=False):
    control = {'./control': (f'Package: {package}\nVersion: 1.0-1\n'
                             f'Architecture: all\nMaintainer: {maintainer}\n'
                             'Description: a mock\n').encode()}
    if has_list:
        control['./md5sums'] = ''.join(
            f'd41d8cd98f00b204e9800998ecf8427e  {f}\n' for f in files).encode()
    out = b'!<arch>\n'
    for label, data in (
            ('debian-binary', b'2.0\n'),
            ('control.tar.xz', lzma.compress(tar(control))),
            ('data.tar.xz', lzma.compress(
                tar({f'./{f}': b'harmless\n' for f in files})))):
        out += (f'{label:16}{0:<12}{0:<6}{0:<6}{"100644":8}{len(data):<10}`\n'
                .encode())
        out += data + b'\n' * (len(data) % 2)
    return out


def rpm(package, vendor='Nobody', files=()):
    """An rpm of headers alone."""
    folders = sorted({f.rpartition('/')[0] + '/' for f in files})
    rows, data = [], b''

    def add(tag, kind, count, value):
        nonlocal data
        if kind == 4:
            data += bytes(-len(data) % 4)
        rows.append(struct.pack('>IIII', tag, kind, len(data), count))
        data += value
    add(1000, 6, 1, package.encode() + b'\0')
    add(1001, 6, 1, b'1.0\0')
    add(1011, 6, 1, vendor.encode() + b'\0')
    if files:
        add(1116, 4, len(files), b''.join(struct.pack(
            '>I', folders.index(f.rpartition('/')[0] + '/')) for f in files))
        add(1117, 8, len(files), b''.join(
            f.rpartition('/')[2].encode() + b'\0' for f in files))
        add(1118, 8, len(folders), b''.join(
            f.encode() + b'\0' for f in folders))

    def header(entries, body):
        return (b'\x8e\xad\xe8\1' + bytes(4) +
                struct.pack('>II', len(entries), len(body)) +
                b''.join(entries) + body)
    lead = b'\xed\xab\xee\xdb\3\0' + bytes(90)
    first = header([], b'')
    return lead + first + bytes(-len(first) % 8) + header(rows, data)


# --- others -------------------------------------------------------------------

def elf(text=b''):
    head = b'\x7fELF\2\1\1' + bytes(9) + struct.pack(
        '<HHIQQQIHHHHHH', 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    head += struct.pack('<IIQQQQQQ', 1, 5, 0, 0x400000, 0x400000, 4096, 4096,
                        4096)
    return head + b'\xc3' + text + bytes(64)


def macho(identifier, team, common=None):
    ident_at = 52
    team_at = ident_at + len(identifier) + 1
    names = identifier.encode() + b'\0' + team.encode() + b'\0'
    directory = struct.pack('>IIIIIIIIIIIII', 0xfade0c02, ident_at + len(names),
                            0x20200, 0, 0, ident_at, 0, 0, 0, 0, 0, 0,
                            team_at) + names
    blobs = [(0, directory)]
    if common:
        cms = signature(common, wrap=ber)
        blobs.append((0x10000, struct.pack('>II', 0xfade0b01,
                                           8 + len(cms)) + cms))
    at, index, body = 12 + 8 * len(blobs), b'', b''
    for kind, blob in blobs:
        index += struct.pack('>II', kind, at + len(body))
        body += blob
    signed = struct.pack('>III', 0xfade0cc0, at + len(body),
                         len(blobs)) + index + body
    head = struct.pack('<IIIIIIII', 0xfeedfacf, 0x01000007, 3, 2, 1, 16, 0, 0)
    head += struct.pack('<IIII', 0x1d, 16, 4096, len(signed))
    return head.ljust(4096, b'\0') + signed


SETUP = {'CompanyName': 'AO Kaspersky Lab', 'ProductName': 'Kaspersky Thing',
         'FileDescription': 'Kaspersky Thing Setup', 'ProductVersion': '21.3'}


def samples():
    return {
        'signed.exe': pe([signature('AO Example Lab', counter='A Clock', nested='Another')],
                         {k: v.replace('Kaspersky', 'Example')
                          for k, v in SETUP.items()}),
        'token.dll': pe([signature('Nobody', 'No Body', token='A Token')],
                        is_dll=True, text=b'KITE_PLUGINS\0'),
        'bmp.exe': pe([signature('Example Lab', kind=30)]),
        'signed.cab': cab(signature('AO Example Lab')),
        'signed.msi': msi('AO Example Lab', blob=signature('AO Example Lab'), more=bytes(5000)),
        'app.apk': apk(classes=('com.kite.Engine', 'a.B'),
                       members=('lib/arm64-v8a/libkite.so',),
                       signed='Somebody', block='Somebody Else'),
        'bundle.xapk': bundle(apk('com.example.inner')),
        'bundle.aab': archive({
            'base/manifest/AndroidManifest.xml':
                proto_manifest('com.example.bundle'),
            'base/dex/classes.dex': dex(['a.B'])}),
        'utf8.apk': archive({
            'AndroidManifest.xml': manifest('com.example.utf8', True)}),
        'thing.deb': deb('thing', 'A Maker <a@example.org>',
                         ('opt/thing/a', 'opt/thing/ppl/b.ppl')),
        'listed.deb': deb('thing', 'A Maker <a@example.org>',
                          ('opt/thing/a',), True),
        'thing.rpm': rpm('thing', 'A Maker', ('/opt/thing/a', '/usr/bin/b')),
        'engine.elf': elf(b'KITE_PATH'),
        'wide.exe': pe(text='KITE_PATH'.encode('utf-16-le')),
        'outside.pe': pe(table=(1 << 30, 4096)),
        'huge.pe': pe(table=(512, 0xffffffff)),
        'overlap.pe': pe(table=(0, 1024)),
        'signed.macho': macho('com.example.tool', 'ABCDE12345', 'A Developer'),
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for label, data in samples().items():
        (folder / label).write_bytes(data)


if __name__ == '__main__':
    main()
