"""What a signature may ask of an object besides its bytes, each attribute.

Every expectation here was clamscan's answer; where clamscan is installed, it
is asked again.
"""
# SPDX-License-Identifier: Apache-2.0
import gzip
import io
import shutil
import subprocess
import tarfile
import zipfile

import pytest

from conftest import run

MARK = b'abcdefgh'
DATA = b'\1\2\xff' + MARK + b'\xfe' * 9
TEXT = b'hello plain text abcdefgh more\n'
PAGE = b'<html><body>abcdefgh</body></html>\n'


def packed(content, name='a'):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        z.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.USTAR_FORMAT) as t:
        info = tarfile.TarInfo('a')
        info.size = len(content)
        t.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue())


def signature(name, attributes, logic='0;' + MARK.hex()):
    return f'{name};Engine:51-255,{attributes};{logic}\n'


def found(folder, signatures, files):
    """{file: names of signatures}, from both scanners where there are two."""
    database, scanned = folder / 'db', folder / 'files'
    database.mkdir()
    scanned.mkdir()
    (database / 'test.ldb').write_text(''.join(signatures))
    for name, content in files.items():
        (scanned / name).write_bytes(content)
    result = run('scan', '-d', database, '--format', 'clamscan', '--no-summary',
                 '--all-matches', scanned)
    ours = parsed(result.out.decode(), files)
    if shutil.which('clamscan'):
        done = subprocess.run(
            ['clamscan', '-z', '--no-summary', '-d', database, '-r', scanned],
            capture_output=True, timeout=120)
        assert ours == parsed(done.stdout.decode(), files)
    return ours


def parsed(lines, files):
    names = {file: set() for file in files}
    for line in lines.splitlines():
        if line.endswith(' FOUND'):
            path, name = line[:-len(' FOUND')].rsplit(': ', 1)
            names[path.rsplit('/', 1)[1]].add(name.removesuffix('.UNOFFICIAL'))
    return names


KINDS = ['ANY', 'ZIP', 'GZ', 'POSIX_TAR', 'TEXT_ASCII', 'HTML', 'BINARY_DATA']


@pytest.mark.parametrize('target, content', [(0, DATA), (7, TEXT), (3, PAGE)])
def test_container(tmp_path, target, content):
    """The parent; a normalised view has that of what it is a view of."""
    signatures = [signature(k, f'Target:{target},Container:CL_TYPE_{k}') for k in KINDS]
    assert found(tmp_path, signatures, {
        'plain': content,
        'zip': packed(content),
        'gz': gzip.compress(content),
        'tgz': tarred(content),
    }) == {
        'plain': {'ANY'},
        'zip': {'ZIP'},
        'gz': {'GZ'},
        # a text in a tar is in its raw bytes as well, but they are no text
        'tgz': {'POSIX_TAR', 'GZ'} if target == 0 else {'POSIX_TAR'},
    }


def intermediates(*chains):
    return [signature(c, 'Target:0,Intermediates:' +
                      '>'.join('CL_TYPE_' + k for k in c.split('/')))
            for c in chains]


def test_intermediates(tmp_path):
    """The last is the parent; "any" takes no place, but has to have one."""
    right = ['ZIP', 'GZ/ZIP', 'ZIP/GZ/ZIP', 'GZ/ZIP/ANY', 'ANY/ZIP', 'GZ/ANY/ZIP',
             'ANY/ANY/ZIP', 'ANY', 'ANY/ANY/ANY', 'ZIP/ANY/ANY']
    wrong = ['GZ', 'ZIP/GZ', 'ZIP/ZIP', 'ANY/ZIP/GZ/ZIP', 'ANY/ANY/ANY/ANY', 'GZ/ANY/ANY',
             'ZIP/ANY/GZ', 'TEXT_ASCII']
    files = {'file': packed(gzip.compress(packed(DATA)))}
    assert found(tmp_path, intermediates(*right, *wrong), files) == {'file': set(right)}


def test_intermediates_of_the_file_itself(tmp_path):
    """Nothing is above it, not even anything."""
    files = {'data': DATA, 'text': TEXT}
    assert found(tmp_path, intermediates('ANY', 'BINARY_DATA', 'TEXT_ASCII'), files) == \
        {'data': set(), 'text': set()}


def office(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for name in ('[Content_Types].xml', '_rels/.rels', folder + 'a', 'b'):
            z.writestr(zipfile.ZipInfo(name), DATA if name == 'b' else b'x' * 9)
    return out.getvalue()


def test_office_documents(tmp_path):
    """They are ZIP files, too."""
    kinds = ['OOXML_WORD', 'OOXML_XL', 'OOXML_PPT', 'OOXML_HWP', 'ZIP', 'MSWORD']
    signatures = [signature(k, f'Target:0,Container:CL_TYPE_{k}') for k in kinds]
    assert found(tmp_path, signatures, {
        'docx': office('word/'), 'xlsx': office('xl/'), 'pptx': office('ppt/'),
        'hwpx': office('Contents/content.hpf'), 'zip': office('docs/'),
    }) == {
        'docx': {'OOXML_WORD', 'ZIP'}, 'xlsx': {'OOXML_XL', 'ZIP'},
        'pptx': {'OOXML_PPT', 'ZIP'}, 'hwpx': {'OOXML_HWP', 'ZIP'}, 'zip': {'ZIP'},
    }


TARGETS = {
    1: {'pe': b'MZ' + bytes(60)},
    2: {'ole2': bytes.fromhex('d0cf11e0a1b11ae1') + bytes(600)},
    3: {'html': b'<html>'},
    4: {'mail': b'Received: x\nSubject: y\n\n'},
    5: {'gif': b'GIF89a', 'png': b'\x89PNG', 'jpeg': b'\xff\xd8\xff\xe0', 'tiff': b'II*\0',
        'bmp': b'BM' + bytes(60)},
    6: {'elf': b'\x7fELF' + bytes(60)},
    7: {'text': b'words words\n'},
    9: {'macho': b'\xce\xfa\xed\xfe' + bytes(60), 'universal': b'\xca\xfe\xba\xbe\0\0\0\2'},
    10: {'pdf': b'%PDF-1.4\n'},
    11: {'swf': b'FWS\5' + bytes(60)},
    12: {'java': b'\xca\xfe\xba\xbe\0\0\0\x34' + bytes(60)},
    13: {'metadata': b'{\n  "Magic":"CLAMJSONv0", '},
    14: {'data': bytes(60), 'mpeg': b'\0\0\1\xba' + bytes(60), 'lzma': b'\x5d\0\0\x80\0' +
         b'\xff' * 8 + bytes(60)},
    None: {'zip': office('docs/'), 'docx': office('word/'), 'rtf': b'{\\rtf1 ',
           'wordml': b'<?xml version="1.0"?><w:wordDocument ', 'ps': b'%!PS-Adobe-3.0\n',
           'xdp': b'<xdp:xdp xmlns="">', 'workbook': b'<?xml version="1.0"?><Workbook>',
           'mbr': bytes(510) + b'\x55\xaa' + bytes(600), 'gpt': bytes(512) + b'EFI PART' + bytes(600),
           'riff': b'RIFF' + bytes(60)},
}


def test_every_target(tmp_path):
    signatures = [signature(f'T{t}', f'Target:{t},Container:CL_TYPE_ANY') for t in range(15)]
    files = {name: content + MARK + b' ' for kinds in TARGETS.values()
             for name, content in kinds.items()}
    assert found(tmp_path, signatures, files) == {
        name: {'T0'} if target is None else {'T0', f'T{target}'}
        for target, kinds in TARGETS.items() for name in kinds}
