"""T-MIRROR-5: with the publisher's hosts gone, whoever has a copy keeps it
fresh; and what a copy must be for that."""
# SPDX-License-Identifier: Apache-2.0
import re
import shutil
import time

import pytest

import net
from net import logs
from test_cont_other_group import Client

RULE = {'a.ndb': f'Test.A:0:*:{b"candor trust a".hex()}\n'}


@pytest.fixture
def feed(tmp_path):
    n = net.Net(tmp_path / 'n', witnesses=3, quorum=2, cosigners=1)
    n.begin(RULE)
    yield n
    n.stop()


def times(note, keys):
    """When each key cosigned."""
    import base64
    found = {}
    for name, payload in re.findall('\u2014 (\\S+) (\\S+)', note):
        raw = base64.b64decode(payload)
        for k in keys:
            if k.name == name and len(raw) == 76:
                found[name] = int.from_bytes(raw[4:12], 'big')
    return found


def test_t_mirror_5_heartbeat_by_a_third_party(feed, tmp_path):
    mine = tmp_path / 'copy'
    shutil.copytree(feed.tree, mine)      # rsync would do
    policy = feed.policy()
    feed.server.stop()
    shutil.rmtree(feed.feed / 'signed')   # the log's key is of no use either
    before = times((mine / 'checkpoint').read_text(), feed.witness_keys)
    while time.time() < max(before.values()) + 1.1:
        time.sleep(0.1)
    done = net.publish('cosign', '--policy', policy, mine)
    assert 'published 2 entries, cosigned by 4 of 4' in done.stdout
    after = times((mine / 'checkpoint').read_text(), feed.witness_keys)
    assert all(after[name] > before[name] for name in before)
    assert (mine / 'checkpoint').read_bytes() in (mine / 'latest').read_bytes()
    assert 'rules R1 to R6 hold' in net.publish('check', mine).stdout
    # Users ask the copy, and all is well.
    client = Client(tmp_path / 'client')
    client.add('main', feed.anchor, feed.mirror(mine).url)
    done = client.update()
    assert done.returncode == 0 and 'main: CURRENT' in done.stdout, done.stderr


def test_a_heartbeat_without_a_quorum_changes_nothing(feed, tmp_path):
    feed.witnesses[0].stop()
    feed.witnesses[1].stop()
    before = (feed.tree / 'latest').read_bytes()
    where = feed.release(RULE)
    assert where
    done = feed.cosign(check=False)
    assert done.returncode == 1 and 'no quorum' in done.stderr
    assert (feed.tree / 'latest').read_bytes() == before
    # With one more they are enough, and nothing was lost meanwhile.
    feed.witnesses[1].start(feed.witnesses[1].address)
    assert '3 entries' in feed.cosign().stdout
    assert 'rules R1 to R6 hold' in net.publish('check', feed.tree).stdout


def test_a_cosigner_that_is_away_keeps_its_word(feed):
    """What it cosigned of the same tree stays in the note."""
    feed.witnesses[0].stop()
    assert 'cosigned by 3 of 4' in feed.cosign().stdout
    assert 'cosigned by 4 of 4' in net.publish('check', feed.tree).stdout


def test_a_stale_copy_is_told_so(feed, tmp_path):
    mine = tmp_path / 'copy'
    shutil.copytree(feed.tree, mine)
    feed.publish(RULE)
    done = net.publish('cosign', '--policy', feed.policy(), mine, check=False)
    assert done.returncode == 1 and 'as fresh as before' in done.stderr
    assert 'has cosigned a log of 3 entries already' in done.stderr


def test_two_trees_of_one_size_get_no_second_quorum(feed, tmp_path):
    """A log that signs two histories: whoever comes second is alone."""
    twin = tmp_path / 'twin'
    shutil.copytree(feed.feed, twin)
    feed.publish(RULE)
    draft = feed.place / 'draft2'
    other = logs.note((draft / 'release.txt').read_bytes(),
                      *feed.release_keys[1:4])
    shutil.copytree(draft, tmp_path / 'other')
    (tmp_path / 'other/release.note').write_bytes(other)
    net.publish('append', twin, tmp_path / 'other')
    done = net.publish('cosign', twin, '--policy', feed.policy(), check=False)
    assert done.returncode == 1 and 'no quorum' in done.stderr
    assert done.stderr.count('answered 422') == 4, done.stderr


def test_a_mirror_follows(feed, tmp_path):
    """candor-mirror without a key: a checked copy, kept up to date."""
    mine = tmp_path / 'copy'
    mirror = feed.serve(net.BUILD / 'bin/candor-mirror', '--tree', mine,
                        '--from', feed.server.url, '--root', feed.anchor,
                        '--every', '1')

    def wait_for(size):
        end = time.time() + 20
        while time.time() < end:
            if (mine / 'latest').exists() and \
                    f'\n{size}\n' in (mine / 'checkpoint').read_text():
                return True
            time.sleep(0.1)
        return False

    assert wait_for(2)
    feed.publish({'b.ndb': f'Test.B:0:*:{b"candor trust b".hex()}\n'})
    assert wait_for(3)
    end = time.time() + 10
    while (mine / 'latest').read_bytes() != (feed.tree / 'latest').read_bytes():
        assert time.time() < end
        time.sleep(0.1)
    assert 'rules R1 to R6 hold' in net.publish(
        'check', '--all', '--root', feed.anchor, mirror.url).stdout
    assert 'what the log says' in net.publish(
        'rebuild', '--check', 2, mirror.url).stdout
