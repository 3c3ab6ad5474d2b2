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

from conftest import ROOT, run

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
           'mbr': bytes(510) + b'\x55\xaa' + bytes(600),
           'gpt': bytes(512) + b'EFI PART' + bytes(600),
           'riff': b'RIFF' + bytes(60)},
}


def test_every_target(tmp_path):
    signatures = [signature(f'T{t}', f'Target:{t},Container:CL_TYPE_ANY') for t in range(15)]
    files = {name: content + MARK + b' ' for kinds in TARGETS.values()
             for name, content in kinds.items()}
    assert found(tmp_path, signatures, files) == {
        name: {'T0'} if target is None else {'T0', f'T{target}'}
        for target, kinds in TARGETS.items() for name in kinds}


PROGRAM = (ROOT / 'tests/corpus/engine/32.exe').read_bytes() + DATA
TARGET_SIGNATURES = [signature(f'T{t}', f'Target:{t}') for t in range(15)]


def handler(name, target, kind, more=''):
    return signature(name, f'Target:{target},HandlerType:CL_TYPE_{kind}{more}')


@pytest.mark.parametrize('kind, target', [
    ('PDF', 10), ('MAIL', 4), ('HTML', 3), ('TEXT_ASCII', 7), ('GRAPHICS', 5), ('ELF', 6),
    ('MACHO', 9), ('SWF', 11), ('JAVA', 12), ('MSOLE2', 2), ('INTERNAL', 13),
    ('SCRIPT', 7), ('ZIP', None), ('GZ', None), ('RTF', None), ('ZIPSFX', None)])
def test_handler(tmp_path, kind, target):
    """It is looked at once more, as what the signature says, and not told."""
    more = set() if target is None else {f'T{target}'}
    assert found(tmp_path, [handler('H', 1, kind)] + TARGET_SIGNATURES,
                 {'exe': PROGRAM, 'gz': gzip.compress(PROGRAM), 'gif': b'GIF89a' + DATA}) == {
        'exe': {'T0', 'T1'} | more, 'gz': {'T0', 'T1'} | more, 'gif': {'T0', 'T5'}}


def test_handler_that_holds_again_is_told(tmp_path):
    """There is no second time."""
    assert found(tmp_path, [handler('H', 0, 'PDF')] + TARGET_SIGNATURES,
                 {'exe': PROGRAM, 'data': bytes(9) + DATA, 'text': TEXT, 'html': PAGE}) == {
        'exe': {'H', 'T0', 'T1', 'T10'}, 'data': {'H', 'T0', 'T10', 'T14'},
        'text': {'H', 'T0', 'T7', 'T10'}, 'html': {'H', 'T0', 'T3'}}


def test_handler_for_any_kind(tmp_path):
    """It is what it is, and the signature holds again."""
    assert found(tmp_path, [handler('H', 1, 'ANY')] + TARGET_SIGNATURES, {'exe': PROGRAM}) == \
        {'exe': {'H', 'T0', 'T1'}}


def test_only_the_first_handler_decides(tmp_path):
    assert found(tmp_path, [handler('A', 1, 'PDF'), handler('B', 1, 'HTML')] +
                 TARGET_SIGNATURES, {'exe': PROGRAM}) == {'exe': {'B', 'T0', 'T1', 'T10'}}


def test_what_is_looked_at_again_stands_in_itself(tmp_path):
    signatures = [signature(k, f'Target:10,Container:CL_TYPE_{k}')
                  for k in ('ANY', 'MSEXE', 'PDF', 'ZIP')]
    assert found(tmp_path, [handler('H', 1, 'PDF', ',Container:CL_TYPE_ANY'),
                            signature('Z/E', 'Target:10,Intermediates:CL_TYPE_ZIP>CL_TYPE_MSEXE')]
                 + signatures, {'exe': PROGRAM, 'zip': packed(PROGRAM)}) == {
        'exe': {'MSEXE'}, 'zip': set()}


def test_a_wrong_handler_leaves_no_gap(tmp_path):
    """What is no archive, though a signature says so, is no broken archive."""
    kinds = ['ZIP', 'GZ', 'MSCAB', '7Z', 'RAR', 'ISO9660', 'POSIX_TAR', 'XZ', 'BZ', 'ARJ', 'PDF',
             'MSOLE2', 'MSEXE', 'MACHO_UNIBIN', 'HTML', 'CPIO_NEWC', 'XAR', 'MSCHM']
    for i, kind in enumerate(kinds):
        database, file = tmp_path / f'{i}.ldb', tmp_path / 'file'
        database.write_text(handler('H', 6, kind))
        file.write_bytes(b'\x7fELF' + bytes(600) + MARK + bytes(600))
        result = run('scan', '-d', database, '--format', 'json', file)
        assert (kind, result.files[0]['verdict']) == (kind, 'clean')


def test_a_handler_for_a_member_that_is_not_in_memory(tmp_path):
    with gzip.open(tmp_path / 'file.gz', 'wb', 1) as out:
        out.write(PROGRAM + bytes(80 << 20) + b'the end')
    (tmp_path / 'test.ldb').write_text(
        handler('H', 1, 'PDF') +
        signature('Found', 'Target:10', '0&1;' + MARK.hex() + ';EOF-7:' + b'the end'.hex()))
    result = run('scan', '-d', tmp_path / 'test.ldb', '--format', 'clamscan', '--no-summary',
                 tmp_path / 'file.gz')
    assert result.lines[0].endswith(b': Found.UNOFFICIAL FOUND')


def test_handlers_all_the_way_down_end(tmp_path):
    """An archive in an archive in an archive, each looked at twice."""
    content = DATA
    for _ in range(15):
        content = gzip.compress(content)
    (tmp_path / 'file').write_bytes(content)
    (tmp_path / 'test.ldb').write_text(
        signature('H', 'Target:0,HandlerType:CL_TYPE_GZ', '0;0:1f8b08'))
    result = run('scan', '-d', tmp_path / 'test.ldb', tmp_path / 'file', '--all-matches',
                 timeout=60)
    assert result.code == 1


def test_icons(tmp_path):
    """No icon signature is there, so none is of the group."""
    assert found(tmp_path, [signature('I', 'Target:1,IconGroup1:X,IconGroup2:Y'),
                            signature('J', 'Target:1,IconGroup2:Y')] + TARGET_SIGNATURES,
                 {'exe': PROGRAM}) == {'exe': {'T0', 'T1'}}


def test_icon_signatures_are_reported(tmp_path):
    (tmp_path / 'a.idb').write_text('Name:X:Y:20' + '0' * 122 + '\n')
    result = run('db', 'build', '-o', tmp_path / 'a.cand', tmp_path / 'a.idb')
    assert b'icons are not compared' in result.err


# --- where a subsignature may stand ------------------------------------------

EXE = (ROOT / 'tests/corpus/engine/32.exe').read_bytes()
ENTRY, SECTION = 0x400, 0x200  # three sections, the entry point in the first


def at(off, content=EXE):
    return content[:off] + MARK + content[off + len(MARK):]


PLACES = {
    'pe0': EXE, 'pe_ep': at(ENTRY), 'pe_ep16': at(ENTRY + 16), 'pe_s1': at(ENTRY + SECTION),
    'pe_s1e': at(ENTRY + 2 * SECTION - 8), 'pe_s2': at(ENTRY + 2 * SECTION + 256),
    'pe_over': EXE + MARK, 'pe_mid': at(ENTRY + SECTION - 4), 'pe_hdr': at(ENTRY - 16),
    'data0': MARK + bytes(100), 'data5': bytes(5) + MARK + bytes(100),
    'data_e': bytes(100) + MARK, 'data_e3': bytes(100) + MARK + b'\1\2\3',
}
OFFSETS = {
    0: {
        '*': 'pe_ep pe_ep16 pe_s1 pe_s1e pe_s2 pe_over pe_mid pe_hdr data0 data5 data_e data_e3',
        '0': 'data0',
        '5': 'data5',
        '4': '',
        '': 'data0',
        'EOF-8': 'pe_over data_e',
        'EOF-11': 'data_e3',
        'EOF-9': '',
        'EOF-0': '',
        '0,5': 'data0 data5',
        '0,4': 'data0',
        '5,0': 'data5',
        '4,1': 'data5',
        'EOF-20,12': 'pe_over data_e data_e3',
        'EOF-20,11': 'data_e3',
        'EOF-108,100': 'pe_over data0 data5 data_e data_e3',
        'EOF-8,0': 'pe_over data_e',
        '0,': 'data0',
        '1000000': '',
    },
    1: {
        'EP+0': 'pe_ep',
        'EP-16': 'pe_hdr',
        'EP+16': 'pe_ep16',
        'EP+15': '',
        'EP+': 'pe_ep',
        'EP-0': 'pe_ep',
        'S0+0': 'pe_ep',
        'S1+0': 'pe_s1',
        'S1+504': 'pe_s1e',
        'S2+256': 'pe_s2',
        'S2+0': '',
        'S3+0': '',
        'SL+0': '',
        'SL+256': 'pe_s2',
        'SL+100,200': 'pe_s2',
        'S0+508': 'pe_mid',
        'SE0': 'pe_ep pe_ep16 pe_s1 pe_mid',
        'SE1': 'pe_s1 pe_s1e',
        'SE2': 'pe_s2',
        'SE3': '',
        'EP+0,16': 'pe_ep pe_ep16',
        'EP-16,16': 'pe_ep pe_hdr',
        'S0+0,508': 'pe_ep pe_ep16 pe_mid',
        'S0+500,8': 'pe_mid',
        'EOF-8': 'pe_over',
        '0,1008': 'pe_hdr',
        '0,1007': '',
    },
}


@pytest.mark.parametrize('target', OFFSETS)
def test_offsets(tmp_path, target):
    """Both ends of a shift are in it; a section's end belongs to it."""
    rows = OFFSETS[target]
    signatures = [signature(f'<{off}>', f'Target:{target}', f'0;{off}:{MARK.hex()}')
                  for off in rows]
    assert found(tmp_path, signatures, PLACES) == {
        name: {f'<{off}>' for off, names in rows.items() if name in names.split()}
        for name in PLACES}


# --- numbers -----------------------------------------------------------------

def test_sizes_entry_points_and_sections(tmp_path):
    """Ranges with both ends in them; the last two of executables only."""
    right = ['FileSize:2598-2598', 'FileSize:0-4294967295', 'FileSize:2500-2600',
             'EntryPoint:1024-1024', 'EntryPoint:0-9999', 'NumberOfSections:3-3',
             'NumberOfSections:0-99', 'FileSize:1-9999,EntryPoint:1-9999,NumberOfSections:1-9']
    wrong = ['FileSize:2599-', 'FileSize:-2597', 'FileSize:2599-4294967295', 'FileSize:0-2597',
             'FileSize:9-1', 'EntryPoint:0-1023', 'EntryPoint:1025-9999', 'NumberOfSections:1-2',
             'NumberOfSections:4-9', 'FileSize:1-9999,EntryPoint:1-9999,NumberOfSections:4-9']
    assert len(EXE) == 2598
    signatures = [signature(a.replace(':', '='), f'Target:1,{a}', '0;4d5a') for a in right + wrong]
    assert found(tmp_path, signatures, {'exe': EXE}) == {
        'exe': {a.replace(':', '=') for a in right}}


def test_levels(tmp_path):
    """Of a whole signature; 216 is the level of ClamAV 1.4."""
    right = ['0-255', '216-216', '1-216', '-216', '51-4294967295']
    wrong = ['217-255', '1-215', '51-', '255-51']
    signatures = [f'<{r}>;Engine:{r},Target:0;0;{MARK.hex()}\n' for r in right + wrong]
    assert found(tmp_path, signatures, {'data': DATA}) == {'data': {f'<{r}>' for r in right}}
