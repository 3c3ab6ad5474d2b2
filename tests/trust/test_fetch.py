"""candor-fetch alone: what it asks, and what it takes for an answer."""
# SPDX-License-Identifier: Apache-2.0
import gzip
import os
import tarfile

import pytest

from conftest import BUILD
from hand import (ABSENT, DONE, FAILED, LIMIT, REFUSED, Hand)
import mirrors

FETCH = BUILD / 'bin/candor-fetch'


@pytest.fixture
def web():
    hand = Hand(FETCH, 'web')
    yield hand
    hand.close()


def test_t_req_1_the_request_is_this_and_nothing_else(web):
    m = mirrors.saying(b'hello')
    assert web.get(m.url + '/a/latest')[0] == b'hello'
    assert m.asked == [b'GET /a/latest HTTP/1.1\r\n'
                       b'Host: 127.0.0.1:%d\r\n'
                       b'Connection: close\r\n\r\n' % m.port]


def test_t_req_1_through_a_proxy_too(web):
    m = mirrors.saying(b'hello')
    got, end = web.get('http://mirror.example/latest', proxy=m.url)
    assert got == b'hello' and end.a == DONE
    assert m.asked == [b'GET http://mirror.example/latest HTTP/1.1\r\n'
                       b'Host: mirror.example\r\n'
                       b'Connection: close\r\n\r\n']


@pytest.mark.parametrize('status,headers,body,want', [
    ('200 OK', ['Content-Encoding: gzip'], gzip.compress(b'x' * 9, mtime=0), REFUSED),
    ('200 OK', ['Content-Encoding: identity'], b'hello', DONE),
    ('206 Partial Content', ['Content-Range: bytes 0-4/9'], b'hello', REFUSED),
    ('301 Moved', ['Location: http://127.0.0.1:1/'], b'hello', REFUSED),
    ('302 Found', ['Location: /elsewhere'], b'', REFUSED),
    ('304 Not Modified', [], b'', REFUSED),
    ('403 Forbidden', [], b'not for your country', REFUSED),
    ('404 Not Found', [], b'no', ABSENT),
    ('500 Trouble', [], b'no', REFUSED),
])
def test_t_mirror_4_only_200_as_it_is_counts(web, status, headers, body,
                                             want):
    m = mirrors.saying(body, status, *headers)
    got, end = web.get(m.url + '/x')
    assert end.a == want, end.text
    assert got == (body if want == DONE else b'')


def test_t_mirror_4_chunks_are_put_together(web):
    def chunked(request, c):
        c.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
                  b'3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n')
    got, end = web.get(mirrors.Raw(chunked).url + '/x')
    assert got == b'abcdefg' and end.a == DONE


def test_t_mirror_4_a_file_that_is_cut_off_is_no_file(web):
    def short(request, c):
        c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
    assert web.get(mirrors.Raw(short).url + '/x')[1].a == FAILED


@pytest.mark.parametrize('answer', [mirrors.endless, mirrors.endless_headers])
def test_t_upd_7_endless_data_ends_at_the_limit(web, answer):
    m = mirrors.Raw(answer)
    got, end = web.get(m.url + '/x', most=100000)
    assert end.a == LIMIT, end.text
    assert len(got) <= 100000


@pytest.mark.parametrize('answer', [mirrors.dripping, mirrors.silent])
def test_t_upd_7_a_byte_a_minute_ends_in_time(web, answer):
    got, end = web.get(mirrors.Raw(answer).url + '/x', quiet=1000,
                       total=20000)
    assert end.a == LIMIT, end.text
    assert len(got) < 1000


def test_nobody_there_is_told(web):
    assert web.get('http://127.0.0.1:1/x')[1].a == FAILED


@pytest.mark.parametrize('url', ['file:///etc/passwd', 'ftp://127.0.0.1/',
                                 'gopher://127.0.0.1:1/_x',
                                 'dict://127.0.0.1/x'])
def test_it_speaks_http_only(web, url):
    got, end = web.get(url)
    assert got == b'' and end.a != DONE


@pytest.fixture
def folder(tmp_path):
    (tmp_path / 'blob').mkdir()
    (tmp_path / 'latest').write_bytes(b'hello')
    (tmp_path / 'blob/b').write_bytes(b'there')
    (tmp_path / 'link').symlink_to('/etc/passwd')
    (tmp_path / 'out').symlink_to('/etc')
    os.mkfifo(tmp_path / 'fifo')
    return tmp_path


def below(path):
    fd = os.open(path, os.O_RDONLY)
    hand = Hand(FETCH, 'below', lent=fd)
    os.close(fd)
    return hand


def test_a_folder_is_read_and_nothing_outside(folder):
    hand = below(folder)
    assert hand.get('latest')[0] == b'hello'
    assert hand.get('blob/b')[0] == b'there'
    assert hand.get('nothing')[1].a == ABSENT
    for name in ['link', 'out/passwd', '../x', './latest', '/etc/passwd',
                 'blob//b', 'blob/../latest', 'blob', 'fifo', '']:
        got, end = hand.get(name)
        assert got == b'' and end.a in (FAILED, REFUSED), name
    assert hand.get('latest', most=4)[1].a == LIMIT
    hand.close()


def test_an_archive_of_it_is_read_as_well(folder, tmp_path_factory):
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
        bundle = tmp_path_factory.mktemp('tar') / 'bundle.tar'
        with tarfile.open(bundle, 'w', format=form) as t:
            t.add(folder / 'latest', './latest')
            t.add(folder / 'blob', 'blob')
            t.add(folder / 'link', 'link')
        hand = below(bundle)
        assert hand.get('latest')[0] == b'hello'
        assert hand.get('blob/b')[0] == b'there'
        assert hand.get('link')[1].a == ABSENT
        hand.close()


def test_what_is_no_archive_is_told(tmp_path):
    (tmp_path / 'x').write_bytes(b'no archive' * 100)
    hand = below(tmp_path / 'x')
    assert hand.get('latest')[1].a == FAILED
    hand.close()
