"""candor ban: what the rules say, who is listed, what data files may hold."""
# SPDX-License-Identifier: Apache-2.0
import copy
import json
import re
import xml.etree.ElementTree as ET

import pytest

from conftest import ROOT, run

FOLDER = ROOT / 'data/ban/policy'
BANS = {p.stem: json.loads(p.read_text()) for p in FOLDER.glob('*.json')}
VECTORS = json.loads((ROOT / 'tests/ban/vectors.json').read_text())
EXIT = {'prohibited': 1, 'needs_fact': 2, 'unclear': 2}


def ban(*arguments, code=0, **more):
    done = run('ban', *arguments, **more)
    assert done.code == code, done.err
    return done


def check(facts, *options, code):
    text = json.dumps(facts).encode()
    done = ban('check', '--json', '--facts', '-', *options, stdin=text,
               code=code)
    return done.objects[0]


def deciding(answer):
    return {record['id'] for one in answer['instruments']
            for record in (one['rule'], one['exemption']) if record}


# --- what the rules say -------------------------------------------------------

@pytest.mark.parametrize('vector', VECTORS, ids=lambda v: str(v['n']))
def test_vectors(vector):
    want = vector['expect']
    answer = check(vector['facts'], code=EXIT.get(want, 0))
    overall = answer['overall']
    assert overall['verdict'] == want
    if 'by' in vector:
        assert vector['by'] in deciding(answer)
    if 'needs' in vector:
        assert sorted(overall['needs']) == sorted(vector['needs'])
    if 'next' in vector:
        assert overall['changes']['at'] == vector['next']
    assert 'not legal advice' in answer['disclaimer'].lower()


def test_vectors_reach_every_rule_and_cite_what_is_there():
    for name, data in BANS.items():
        mine = [v for v in VECTORS if v['facts']['vendor'] == name]
        by = {v.get('by') for v in mine}
        for record in data['rules'] + data['exemptions']:
            assert record['id'] in by
        for v in mine:
            assert v['source']
            assert set(v['source']) <= set(data['sources'])
    assert len(VECTORS) >= 85


def test_facts_as_options_are_the_same_as_json():
    options = ['--act', 'resell', '--party', 'reseller', '--us-person', 'yes',
               '--product', 'antivirus', '--at', '2024-08-01',
               '--vendor', 'kaspersky']
    facts = {'act': 'resell', 'party': 'reseller', 'us_person': True,
             'product': 'antivirus', 'at': '2024-08-01', 'vendor': 'kaspersky'}
    one = ban('check', '--json', *options).objects[0]
    two = check(facts, code=0)
    assert one['instruments'] == two['instruments']
    more = check({'act': 'use'}, '--fact', 'mobile_device=yes', '--party',
                 'government', '--jurisdiction', 'CA', '--at', '2024-01-01',
                 '--product', 'antivirus', code=1)
    assert 'CA-2' in deciding(more)


def test_text_says_rule_source_and_the_minute():
    out = ban('check', '--act', 'resell', '--party', 'reseller',
              '--us-person', 'yes', '--product', 'antivirus',
              '--at', '2024-08-01').out.decode()
    assert 'Answer: allowed, until 2024-09-29 00:00 EDT' in out
    assert '04:00 UTC' in out
    assert 'ICTS-4' in out and 'https://www.thompsonhinesmartrade.com' in out
    assert 'Not legal advice' in out
    assert all(len(line) <= 80 for line in out.splitlines()
               if '://' not in line)


def test_what_is_not_certain_is_said():
    answer = check({'act': 'use', 'party': 'state-agency', 'at': '2024-01-01',
                    'jurisdiction': 'US-NH', 'product': 'antivirus'}, code=1)
    changes = answer['instruments'][0]['changes']
    assert [(c['local'][:10], c['exact'], c['after']) for c in changes] == [
        ('2018-01-01', False, 'unclear'), ('2019-01-01', False, 'prohibited')]
    out = ban('check', '--act', 'use', '--party', 'state-agency', '--product',
              'antivirus', '--jurisdiction', 'US-TX', '--at', '2024-01-01',
              code=1).out.decode()
    assert 'Answer: prohibited (unconfirmed)' in out
    assert 'Unconfirmed: low confidence' in out
    answer = check({'act': 'use', 'party': 'state_agency', 'at': '2024-01-01',
                    'jurisdiction': 'US-TX', 'product': 'antivirus'}, code=1)
    assert answer['instruments'][0]['rule']['confirmed'] is False


@pytest.mark.parametrize('options', [
    [], ['--act', 'dance'], ['--act', 'use', '--party', 'nobody-we-know'],
    ['--act', 'use', '--at', 'yesterday'], ['--act', 'use', '--zone', 'Mars'],
    ['--act', 'use', '--zone', 'Mars', '--at', '2024-01-01'],
    ['--act', 'use', '--us-person', 'perhaps'],
    ['--act', 'use', '--fact', 'moon=full'], ['--act', 'use', '--fact', 'x'],
    ['--act', 'use', '--vendor', 'acme'],
    ['--act', 'use', '--product', 'toaster'], ['--act', 'use', 'more'],
    ['--act', 'use', '--product', 'clamav'],
    ['--act', 'use', '--product', 'Kasper'],
])
def test_usage(options):
    ban('check', *options, code=64)


def test_facts_that_cannot_be_read(tmp_path):
    done = ban('check', '--facts', tmp_path / 'no', code=2)
    assert done.err.endswith(b'/no: No such file or directory\n')


def test_words_that_are_told_are_told_once():
    """Several bans have many words in common."""
    done = ban('check', '--act', 'dance', code=64)
    told = done.err.split(b'some are: ')[1].split(b';')[0].split(b', ')
    assert len(told) > 3 and len(told) == len(set(told))


@pytest.mark.parametrize('text', [
    b'', b'[]', b'{"act":', b'{"act":1}', b'{"act":"use","act":"buy"}',
    b'{"act":"use","at":"\\u0000"}', b'\xff', b'{"act":["use",["buy"]]}',
])
def test_facts_that_are_none(text):
    done = ban('check', '--facts', '-', stdin=text, code=64)
    assert done.out == b''


@pytest.mark.parametrize('name, why', [
    ('UltraAV', 'Pango'), ('ultra-av', 'Pango'), ('Kaspersky Foo', 'found out'),
    ('unclassified', 'found out'), ('ZoneAlarm 15', '--embeds'),
    ('Kaspersky VPN', 'Appendix B')])
def test_a_product_of_which_too_little_is_known(name, why):
    """Never "allowed": an answer that says what is to be found out."""
    out = ban('check', '--act', 'resell', '--party', 'reseller',
              '--us-person', 'yes', '--product', name, '--at', '2026-01-01',
              code=2).out.decode()
    assert 'Answer: unclear' in out and why in re.sub(r'\s+', ' ', out)


def test_what_a_scan_calls_a_product_can_be_asked_about():
    footprint = json.loads(
        (ROOT / 'data/ban/footprint/kaspersky.json').read_text())
    for word in {p['class'] for p in footprint['products']}:
        assert ban('list', '--words').out.count(word.encode())
        done = run('ban', 'check', '--act', 'resell', '--party', 'reseller',
                   '--us-person', 'yes', '--product', word, '--at',
                   '2026-01-01')
        assert done.code in (0, 1, 2), done.err


# --- lists --------------------------------------------------------------------

@pytest.mark.parametrize('name, grade, who', [
    ('Anton Mikhaylovich Ivanov', 'match', 'ofac-10'),
    ('Антон Михайлович Иванов', 'match', 'ofac-10'),
    ('ИВАНОВ Антон Михайлович', 'match', 'ofac-10'),
    ('Ivanov, Anton Michajlovič', 'possible', 'ofac-10'),
    ('A. M. Ivanov', 'possible', 'ofac-10'),
    ('Kulashova A.V.', 'possible', 'ofac-12'),
    ('АО «Лаборатория Касперского»', 'match', 'ao-kl'),
    ('Kaspersky Lab JSC', 'match', 'ao-kl'),
    ('kaspersky lab', 'match', 'kl-inc'),
    ('Huawei Technologies', 'match', 'huawei'),
])
def test_screen_finds(name, grade, who):
    code = 1 if grade == 'match' else 2
    o = ban('screen', '--json', name, code=code).objects[0]
    assert o['grade'] == grade
    assert who in [f['id'] for f in o['found'] if f['grade'] == grade]


def test_screen_keeps_quiet():
    names = ['Lab', 'Security', 'Group', 'Government Security Solutions, Inc.',
             'Sergey Petrovich Ivanov', 'Anton', 'Casper', 'Open Group',
             'Natalya Kaspersky', 'Gerber Products Company', 'Dystrybucja',
             'Laboratory Corporation', 'Internet Security', 'Suvorov Museum']
    done = ban('screen', '--json', *names)
    assert [o['grade'] for o in done.objects] == ['no match'] * len(names)


def test_screen_says_who_is_not_listed():
    for name in 'Eugene Kaspersky', 'Евгений Касперский':
        out = ban('screen', name).out.decode()
        assert 'not designated' in re.sub(r'\s+', ' ', out)


def test_screen_usage():
    ban('screen', code=64)
    ban('screen', '', code=64)
    ban('screen', 'x' * 1001, code=64)


# --- list, show, timeline -----------------------------------------------------

def test_list_and_show():
    objects = ban('list', '--json').objects
    assert len(objects) == sum(len(b['instruments']) for b in BANS.values())
    for o in objects:
        shown = ban('show', '--json', o['id']).objects
        assert shown[0]['id'] == o['id']
        assert all(s['source'] or s['confidence'] == 'low' for s in shown)
    assert b'$368,136' not in ban('show', 'IEEPA-CIVIL-2024').out
    assert b'368136' in ban('show', 'ICTS-2021-002').out
    assert b'ICTS-1' in ban('show', 'kaspersky').out
    ban('show', 'nothing-of-the-kind', code=2)
    ban('show', code=64)
    assert b'new_agreement' in ban('list', '--words').out


def test_timeline_is_in_order():
    rows = ban('timeline', '--json').objects
    assert [r['at'] for r in rows] == sorted(r['at'] for r in rows)
    assert {'event', 'begins', 'due', 'ends'} == {r['kind'] for r in rows}
    assert b'2024-09-29 00:00 EDT' in ban('timeline').out
    assert b'889A-1' not in ban('timeline', '--vendor', 'kaspersky').out


def test_timeline_draws(tmp_path):
    file = tmp_path / 't.svg'
    ban('timeline', '--svg', file, '--at', '2026-01-01')
    root = ET.parse(file).getroot()
    text = ''.join(root.itertext())
    for data in BANS.values():
        for i in data['instruments']:
            assert i['id'] in text
        for r in data['rules']:
            assert r['text'] in text
    assert 'script' not in file.read_text()
    assert ban('timeline', '--svg', '-', '--at', '2026-01-01').out == \
        file.read_bytes()


# --- data files ---------------------------------------------------------------

def test_shipped_data_is_good():
    assert all(o['type'] == 'ban_data'
               for o in ban('check-data', '--json', FOLDER).objects)


BROKEN = [
    (lambda b: b.pop('rules'), 'rules', 'missing'),
    (lambda b: b.update(schema='candor-ban/2'), 'schema', 'not one of'),
    (lambda b: b.update(extra=1), 'extra', 'no such field'),
    (lambda b: b['rules'][0].update(form='x'), 'rules[0].form', 'no such'),
    (lambda b: b['rules'][0].pop('from'), 'rules[0].from', 'missing'),
    (lambda b: b['rules'][0].update({'from': 'soon'}), 'rules[0].from',
     'not a time'),
    (lambda b: b['rules'][0].update(to='2001-01-01'), 'rules[0].to',
     'not after'),
    (lambda b: b['rules'][0].update(act=['fly']), 'rules[0].act', 'fly'),
    (lambda b: b['rules'][0].update(party=['fly']), 'rules[0].party', 'fly'),
    (lambda b: b['rules'][0].update(any=['fly']), 'rules[0].any', 'fly'),
    (lambda b: b['rules'][0].update({'if': {'licensed': ['so']}}),
     'rules[0].if', 'not a value'),
    (lambda b: b['rules'][0].update(source=['FLY']), 'rules[0].source', 'FLY'),
    (lambda b: b['rules'][0].update(source=[]), 'rules[0].source', 'cited'),
    (lambda b: b['rules'][0].update(instrument='FLY'), 'rules[0].instrument',
     'no such'),
    (lambda b: b['rules'][1].update(id=b['rules'][0]['id']), 'rules[0].id',
     'only'),
    (lambda b: b['rules'][0].update(confidence='sure'),
     'rules[0].confidence', 'not one of'),
    (lambda b: b['instruments'][0].update(zone='Mars'),
     'instruments[0].zone', 'offset'),
    (lambda b: b['instruments'][0].update(binding='yes'),
     'instruments[0].binding', 'true or false'),
    (lambda b: b['exemptions'][0].update(beats=['FLY']),
     'exemptions[0].beats', 'no such'),
    (lambda b: b['sources'].update(X={'title': 't', 'url': 'ftp://x'}),
     'sources.X.url', 'address'),
    (lambda b: b['sources'].update(X={'title': 't', 'url': 'https://x'}),
     'sources.X', 'cited by nothing'),
    (lambda b: b.update(rules={}), 'rules', 'not a list'),
    (lambda b: b.update(words=[]), 'words', 'not an object'),
]


@pytest.mark.parametrize('spoil, where, what', BROKEN)
def test_broken_data_is_told(tmp_path, spoil, where, what):
    data = copy.deepcopy(BANS['huawei'])
    spoil(data)
    (tmp_path / 'b.json').write_text(json.dumps(data))
    told = [o for o in ban('check-data', '--json', tmp_path, code=1).objects
            if o['type'] == 'ban_complaint']
    assert any(o['where'] == where and what in o['what'] for o in told), told
    done = ban('check', '--act', 'use', '--data', tmp_path, code=2)
    assert where.encode() in done.err and done.out == b''


def test_folders_that_are_none(tmp_path):
    ban('check-data', tmp_path, code=2)
    ban('check-data', tmp_path / 'not-there', code=2)
    ban('list', '--data', tmp_path, code=2)
    (tmp_path / 'a.json').write_bytes(b'\xff\x00')
    ban('check-data', tmp_path, code=1)
    (tmp_path / 'a.json').write_bytes(b' ' * (4 << 20) + b'{}')
    assert b'4 MiB' in ban('check-data', tmp_path, code=1).out


def test_a_new_ban_needs_no_code(tmp_path):
    """A vendor, an act, a party, a product and a fact nobody thought of."""
    cited = {'source': ['S'], 'confidence': 'high'}
    data = {
        'schema': 'candor-ban/1', 'id': 'acme', 'title': 'Acme', 'as_of': '2026',
        'vendor': 'Acme', 'disclaimer': 'Not legal advice.', 'zone': '+09:00',
        'sources': {'S': {'title': 'A law', 'url': 'https://law.example/1'}},
        'words': {
            'act': {'fly': {'means': 'fly', 'also': ['soar']}},
            'party': {'pilot': {'means': 'a pilot'}},
            'product': {'kite': {'means': 'a kite'}},
            'facts': {'windy': {'means': 'Is it windy?',
                                'values': ['yes', 'no']}}},
        'entities': [{'id': 'acme', 'name': 'Acme Kites Co., Ltd.', 'country': 'JP',
                      'lists': ['KITES'], **cited}],
        'persons': [], 'not_listed': [],
        'instruments': [{'id': 'KITES', 'title': 'Kites', 'jurisdiction': 'JP',
                         'issuer': 'Wind', 'kind': 'statute', 'binding': True,
                         'zone': '+09:00', 'since': '2030-01-01', **cited}],
        'rules': [{'id': 'K-1', 'instrument': 'KITES', 'kind': 'prohibit',
                   'act': ['fly'], 'party': ['pilot'], 'product': ['kite'],
                   'if': {'windy': ['yes']}, 'from': '2030-01-01T12:30',
                   'text': 'No kites in the wind.', **cited}],
        'exemptions': [], 'penalties': [], 'events': []}
    (tmp_path / 'acme.json').write_text(json.dumps(data))
    ban('check-data', tmp_path)
    facts = {'act': 'soar', 'party': 'pilot', 'product': 'kite'}
    answer = check({**facts, 'at': '2030-06-01'}, '--data', tmp_path, code=2)
    assert answer['overall']['needs'] == ['windy']
    facts['windy'] = True
    check({**facts, 'at': '2030-06-01'}, '--data', tmp_path, code=1)
    answer = check({**facts, 'at': '2029-06-01'}, '--data', tmp_path, code=0)
    assert answer['overall']['changes']['local'] == '2030-01-01 12:30 +09:00'
    ban('screen', 'ACME Kites', '--data', tmp_path, code=1)
