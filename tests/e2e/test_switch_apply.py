"""candor switch apply, undo, status, evidence: on a machine of its own (an
overlay of this one) where mocks of the product run."""
# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import os
import pty
import re
import shutil
import subprocess
import time

import pytest

from ban import mocks
from conftest import BUILD, run
from switch_machine import Machine, can_be_made

WHY_NOT = can_be_made()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))

STATE = '/var/lib/candor/switch'
# Not /opt/kaspersky itself: that it was emptied changes its times.
TREES = ('/opt/kaspersky/kesl', '/opt/kaspersky/klnagent64',
         '/etc/opt/kaspersky', '/etc/init.d/kesl',
         '/usr/bin/kesl-control', '/usr/lib/systemd/system/kesl.service',
         '/etc/systemd/system/multi-user.target.wants/kesl.service')
QUIET = '/var/opt/kaspersky/kesl/common'    # nothing writes there
LONG = os.environ.get('CANDOR_MUTATIONS')    # as in make check-long
GO = ('switch', 'apply', '--yes', '--scan-only')


@pytest.fixture(scope='module')
def debs(tmp_path_factory):
    folder = tmp_path_factory.mktemp('debs')
    return [mocks.deb(p, folder) for p in
            (mocks.product('kesl', runs=True), mocks.gui(),
             mocks.agent(runs=True))]


@pytest.fixture
def machine(debs):
    with Machine(BUILD) as m:
        for deb in debs:
            shutil.copy(deb, m.path('/root'))
        done = m.run('sh', '-c', 'dpkg -i /root/*.deb && rm /root/*.deb && '
                     '/etc/init.d/kesl start && /etc/init.d/klnagent64 start')
        assert done.returncode == 0, done.stderr
        wait_for(m, 'kesl', 'klnagent')
        yield m


def processes(m):
    """number → name, as they are called inside."""
    found = {}
    for p in m.path('/proc').iterdir():
        try:
            if p.name.isdigit():
                found[p.name] = (p / 'comm').read_text().strip()
        except OSError:
            pass        # it has ended
    return found


def running(m):
    return set(processes(m).values())


def kill(m, name, signal='KILL'):
    pids = [p for p, n in processes(m).items() if n == name]
    if pids:
        m.run('sh', '-c', f'kill -{signal} {" ".join(pids)}')


def wait_for(m, *names):
    for _ in range(200):
        if set(names) <= running(m):
            return
        time.sleep(0.02)
    raise AssertionError(f'{names} do not run')


def installed(m):
    out = m.run('dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n')
    return {line.split()[0] for line in out.stdout.splitlines()
            if line.endswith(' installed') and line.startswith('k')} & \
        {'kesl', 'kesl-gui', 'klnagent64'}


def look(m, *tops):
    """Everything there is to say of files, but for what reading changes."""
    script = r'''
import hashlib, json, os, sys
out = {}
def see(p):
    s = os.lstat(p)
    e = [oct(s.st_mode), s.st_uid, s.st_gid, s.st_mtime_ns]
    if os.path.islink(p): e.append(os.readlink(p))
    elif os.path.isfile(p):
        e.append(hashlib.sha256(open(p, 'rb').read()).hexdigest())
    if not os.path.islink(p):
        e.append({x: os.getxattr(p, x).hex() for x in os.listxattr(p)})
    out[p] = e
for top in sys.argv[1:]:
    if os.path.lexists(top): see(top)
    for folder, dirs, files in os.walk(top):
        for name in dirs + files: see(os.path.join(folder, name))
print(json.dumps(out))
'''
    done = m.run('/usr/bin/python3', '-c', script, *tops)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def journal(m):
    text = m.path(f'{STATE}/journal.jsonl').read_text()
    return [json.loads(line) for line in text.splitlines()]


def acts(m, kind):
    return [(e['n'], e['act']) for e in journal(m)
            if e['event'] == 'intent' and e['act']['kind'] == kind]


def test_nothing_is_changed_unless_somebody_agrees(machine):
    before = look(machine, *TREES)
    done = machine.candor('switch', 'apply')
    assert done.returncode == 64 and '--yes' in done.stderr
    assert 'klnagent64 (agent: last)' in done.stdout
    assert look(machine, *TREES) == before
    assert machine.path(f'{STATE}/journal.jsonl').read_text() == ''
    assert not machine.path('/etc/candor').exists()
    done = machine.candor('switch', 'status', '--json')
    assert done.returncode == 1
    status = json.loads(done.stdout)
    assert status['round'] == 'not begun' and status['to_go'] == 2
    assert status['candor_protects_by'] == 'scan'
    assert machine.candor('switch', 'undo', '--yes').returncode == 0


def answer(m, text, *command):
    """At a terminal; what it said, and its exit code."""
    ours, theirs = pty.openpty()
    with m.start('/srv/build/bin/candor', *command, stdin=theirs,
                 stdout=theirs, stderr=theirs) as going:
        os.close(theirs)
        said = b''
        os.write(ours, text)
        try:
            while piece := os.read(ours, 4096):
                said += piece
        except OSError:     # nobody holds the other end any more
            pass
    os.close(ours)
    return said.decode(), going.returncode


def test_an_answer_at_the_terminal(machine):
    command = GO[:2] + GO[3:] + ('--until', '1')
    said, code = answer(machine, b'n\n', *command)
    assert code == 64 and 'nothing was changed' in said
    assert machine.path(f'{STATE}/journal.jsonl').read_text() == ''
    said, code = answer(machine, b'y\n', *command)
    assert code == 0 and '1. discover' in said
    assert journal(machine)[0]['options']['yes'] is False


def test_what_scans_only_is_no_protection_unasked(machine):
    done = machine.candor('switch', 'apply', '--yes')
    assert done.returncode == 2 and '--scan-only' in done.stderr
    assert {'kesl', 'klnagent'} <= running(machine)
    assert installed(machine) == {'kesl', 'kesl-gui', 'klnagent64'}
    # It goes on from there.
    done = machine.candor(*GO, '--until', 'stop the old')
    assert done.returncode == 0, done.stderr
    assert ' 4. verify: done before' in done.stdout
    assert 'kesl' not in running(machine) and 'klnagent' in running(machine)


def test_there_and_back_and_there(machine):
    machine.run('gpasswd', '-M', 'root,daemon', 'kesladmin')
    machine.run('/usr/bin/python3', '-c', 'import os; os.setxattr("'
                '/opt/kaspersky/kesl/lib/service.pl", "user.mock", b"x")')
    machine.run('sh', '-c', 'echo "# changed" >> /etc/init.d/kesl; '
                'echo new > /opt/kaspersky/kesl/mine; '
                'chown 7:9 /opt/kaspersky/kesl/mine; '
                'chmod 4751 /opt/kaspersky/kesl/mine')
    before = look(machine, *TREES, QUIET)
    group = machine.run('getent', 'group', 'kesladmin').stdout
    done = machine.candor(*GO)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert installed(machine) == set()
    assert not {'kesl', 'klnagent'} & running(machine)
    assert machine.candor('ban', 'scan').returncode == 0
    assert not machine.path('/opt/kaspersky').exists()
    assert machine.run('getent', 'group', 'kesladmin').stdout == ''

    # Candor was seen to work before anything was stopped, the agent last.
    order = [(e['event'], e['step'], e['act']['kind']) if 'act' in e
             else (e['event'], e.get('step')) for e in journal(machine)]
    first_probe = next(e['n'] for e in journal(machine)
                       if e.get('caught_by') == 'scan')
    stops = [n for n, a in acts(machine, 'run') if a['argv'][-1] == 'stop']
    purges = {tuple(a['packages']): n for n, a in acts(machine, 'purge')}
    assert first_probe < min(stops) and order[0] == ('begin', None)
    assert purges['kesl', 'kesl-gui'] < purges['klnagent64',]
    assert max(purges.values()) < acts(machine, 'move')[0][0]

    # Its settings are candord's now, and its programs are not left out.
    conf = '/etc/candor/candor.conf.d/switch.conf'
    assert machine.candor('config', 'check', conf).returncode == 0
    text = machine.path(conf).read_text()
    assert 'path = /var/lib/oracle' in text and 'process' not in text

    done = machine.candor('switch', 'undo', '--yes')
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert look(machine, *TREES, QUIET) == before
    assert machine.run('getent', 'group', 'kesladmin').stdout == group
    assert installed(machine) == {'kesl', 'kesl-gui', 'klnagent64'}
    assert not machine.path(conf).exists()
    wait_for(machine, 'kesl', 'klnagent')
    assert machine.run('dpkg', '--audit').stdout == ''

    done = machine.candor(*GO)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert installed(machine) == set()
    check_evidence(machine)


def check_evidence(m):
    assert m.candor('switch', 'evidence', '-o', '/tmp/e').returncode == 0
    done = m.candor('switch', 'evidence', '--check', '/tmp/e')
    assert done.returncode == 0 and done.stdout.startswith('holds: ')
    # docs/switch.md, with nothing but a shell.
    recipe = re.search(r'<!-- recipe -->\n+((?:    .*\n|\n)+)',
                       (mocks.PARTS.parents[2] / 'docs/switch.md')
                       .read_text())[1].replace('EVIDENCE', '/tmp/e')
    done = m.run('sh', '-c', re.sub('^    ', '', recipe, flags=re.M))
    assert done.returncode == 0 and done.stdout.strip() == 'holds', done
    whole = m.path('/tmp/e').read_bytes()
    lines = whole.splitlines(keepends=True)
    for n, broken in enumerate((
            b''.join(lines[:-1]), b''.join(lines[:5] + lines[6:]),
            whole.replace(b'"uid":0', b'"uid":1', 1), whole[:-1], b'',
            whole.replace(b'"ok":true', b'"ok":false', 1))):
        m.path(f'/tmp/broken{n}').write_bytes(broken)
        done = m.candor('switch', 'evidence', '--check', f'/tmp/broken{n}')
        assert done.returncode == 1, (n, done)
    # A last line made anew does not help: the chain is inside.
    body = whole.replace(b'"ok":true', b'"ok":false', 1)
    body = body[:body.rstrip(b'\n').rindex(b'\n') + 1]
    end = {'sha256': hashlib.sha256(body).hexdigest(), 'type': 'switch_end'}
    m.path('/tmp/forged').write_bytes(
        body + json.dumps(end, separators=(',', ':')).encode() + b'\n')
    done = m.candor('switch', 'evidence', '--check', '/tmp/forged')
    assert done.returncode == 1, done


def run_killed(m, steps, *command):
    """Again and again, killed each time the journal has grown by so many
    lines; how often that was."""
    path, kills = m.path(f'{STATE}/journal.jsonl'), 0
    while True:
        size = path.read_bytes().count(b'\n') if path.exists() else 0
        with m.start('/srv/build/bin/candor', *command,
                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                     stderr=subprocess.STDOUT) as going:
            while going.poll() is None:
                now = path.read_bytes().count(b'\n') if path.exists() else 0
                if now >= size + steps:
                    kill(m, 'candor')
                    kills += 1
                    break
            out = going.stdout.read()
            code = going.wait()
        if code not in (-9, 137):
            return code, kills, out
        # A dpkg or rpm it had just started goes on, and has no lock yet.
        while {'candor', 'dpkg', 'rpm'} & running(m):
            time.sleep(0.02)


@pytest.mark.parametrize('steps', [3, 4, 5] if LONG else [8])
def test_killed_again_and_again(machine, steps):
    before = look(machine, *TREES, QUIET)
    code, kills, out = run_killed(machine, steps, *GO)
    assert code == 0 and kills > 0, (kills, out)
    assert installed(machine) == set()
    assert not machine.path('/opt/kaspersky').exists()
    assert machine.candor('ban', 'scan').returncode == 0
    code, kills, out = run_killed(machine, steps, 'switch', 'undo', '--yes')
    # On a busy machine it may be done before it is seen to have begun.
    assert code == 0 and (kills > 1 or not LONG), (kills, out)
    assert look(machine, *TREES, QUIET) == before
    assert installed(machine) == {'kesl', 'kesl-gui', 'klnagent64'}
    wait_for(machine, 'kesl', 'klnagent')
    assert machine.candor('switch', 'evidence', '-o',
                          '/tmp/e').returncode == 0
    assert machine.candor('switch', 'evidence', '--check',
                          '/tmp/e').returncode == 0


def test_a_hostile_folder(machine):
    machine.run('sh', '-c', '''cd /opt/kaspersky/kesl
        ln -s /etc out; ln -s ../../../etc/passwd passwd; mkfifo waits
        ln /etc/hostname hard; mkdir "$(printf 'n\\377\\nl')"
        rm -r /var/opt/kaspersky/kesl; ln -s /etc /var/opt/kaspersky/kesl
        touch fixed; chattr +i fixed''')
    etc = look(machine, '/etc/passwd', '/etc/hostname', '/etc/ssl')
    before = look(machine, '/opt/kaspersky/kesl/out', '/var/opt/kaspersky')
    done = machine.candor(*GO)
    assert look(machine, '/etc/passwd', '/etc/hostname', '/etc/ssl') == etc
    if done.returncode == 2:    # what is immutable dpkg does not remove
        assert 'purge' in done.stdout + done.stderr or \
            'dpkg' in done.stderr, done
        machine.run('chattr', '-i', '/opt/kaspersky/kesl/fixed')
        done = machine.candor(*GO)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert not machine.path('/opt/kaspersky').exists()
    done = machine.candor('switch', 'undo', '--yes')
    assert done.returncode == 0, (done.stdout, done.stderr)
    after = look(machine, '/opt/kaspersky/kesl/out', '/var/opt/kaspersky')
    assert after['/opt/kaspersky/kesl/out'] == \
        before['/opt/kaspersky/kesl/out']
    assert look(machine, '/etc/passwd', '/etc/hostname', '/etc/ssl') == etc


def test_what_is_mounted_there_stays(machine):
    machine.run('sh', '-c', 'mkdir /opt/kaspersky/kesl/m && '
                'mount --bind /etc /opt/kaspersky/kesl/m')
    done = machine.candor(*GO)
    assert done.returncode == 2
    assert 'something is mounted there' in done.stderr
    assert 'kesl' in installed(machine)
    assert machine.path('/etc/passwd').exists()
    machine.run('umount', '/opt/kaspersky/kesl/m')
    assert machine.candor(*GO).returncode == 0


def test_what_is_not_confirmed_stays_unless_asked_for(machine):
    machine.run('sh', '-c', 'groupadd kesluser; '
                'mkdir -p /var/opt/kaspersky/kav4fs /usr/bin/mine')
    done = machine.candor(*GO)
    assert '? group    kesluser' in done.stdout
    assert machine.run('getent', 'group', 'kesluser').stdout != ''
    assert machine.path('/var/opt/kaspersky/kav4fs').exists()
    assert machine.path('/usr/bin/mine').exists()
    machine.candor('switch', 'undo', '--yes')
    done = machine.candor(*GO, '--unconfirmed', '--until', '1')
    assert '- group    kesluser' in done.stdout


def test_no_room_and_no_writing(machine):
    machine.run('sh', '-c', 'mkdir /small /fixed && '
                'mount -t tmpfs -o size=512k m /small && '
                'mount -t tmpfs -o ro m /fixed')
    for state in '/small/state', '/fixed/state':
        done = machine.candor(*GO, '--state', state)
        assert done.returncode == 2, (state, done)
        assert installed(machine) == {'kesl', 'kesl-gui', 'klnagent64'}
        assert machine.path('/opt/kaspersky/kesl/libexec/kesl').exists()
    done = machine.candor('switch', 'undo', '--yes', '--state',
                          '/small/state')
    assert done.returncode == 0, (done.stdout, done.stderr)
    wait_for(machine, 'kesl')


def test_a_journal_that_was_cut_or_changed(machine):
    assert machine.candor(*GO, '--until', '4').returncode == 0
    path = machine.path(f'{STATE}/journal.jsonl')
    whole = path.read_bytes()
    # The power went while a line was written: nothing was done upon it.
    path.write_bytes(whole + b'{"act":{"kind":"move","pa')
    done = machine.candor(*GO, '--until', '5')
    assert done.returncode == 0, done.stderr
    assert path.read_bytes().startswith(whole + b'{')
    whole = path.read_bytes()
    for changed in (whole.replace(b'"step":"verify"', b'"step":"arm"', 1),
                    whole[whole.index(b'\n') + 1:]):
        path.write_bytes(changed)
        for command in GO, ('switch', 'undo', '--yes'), ('switch', 'status'):
            done = machine.candor(*command)
            assert done.returncode == 2 and 'line' in done.stderr
        assert path.read_bytes() == changed
    path.write_bytes(whole)
    assert machine.candor('switch', 'undo', '--yes').returncode == 0


def test_only_one_at_a_time_and_only_root(machine):
    machine.run('mkdir', '-p', STATE)
    machine.run('chmod', '700', STATE)
    with machine.start('flock', STATE, 'sleep', '20'):
        time.sleep(0.2)
        done = machine.candor(*GO)
        assert done.returncode == 2 and 'another' in done.stderr
        kill(machine, 'sleep')
    machine.run('chmod', '755', STATE)
    assert machine.candor(*GO).returncode == 2
    done = machine.run('setpriv', '--reuid=65534', '--clear-groups',
                       '/srv/build/bin/candor', *GO)
    assert done.returncode == 2 and 'root' in done.stderr


# Says what it was asked, and keeps what units are in files.
SYSTEMCTL = '''#!/bin/sh
echo "$*" >> /root/asked
for unit; do :; done
case $1 in
cat) [ "$unit" = candord.service ] ;;
is-active) [ -e "/root/active-$unit" ] ;;
is-enabled) [ -e "/root/enabled-$unit" ] ;;
start) touch "/root/active-$unit" ;;
stop) rm "/root/active-$unit" ;;
disable) rm -f "/root/enabled-$unit"
    [ "$2" != --now ] || rm "/root/active-$unit" ;;
enable) touch "/root/enabled-$unit"
    [ "$2" != --now ] || touch "/root/active-$unit" ;;
esac
'''


def test_with_systemd(machine):
    """What systemctl is asked for: there is no systemd inside."""
    machine.path('/usr/bin/systemctl').unlink(missing_ok=True)
    machine.path('/usr/bin/systemctl').write_text(SYSTEMCTL)
    machine.path('/usr/bin/systemctl').chmod(0o755)
    machine.run('mkdir', '-p', '/run/systemd/system')
    units = ['active-kesl.service', 'enabled-kesl.service',
             'active-klnagent64.service']
    for unit in units:
        machine.path(f'/root/{unit}').touch()
    done = machine.candor(*GO)
    assert done.returncode == 0, (done.stdout, done.stderr)
    asked = machine.path('/root/asked').read_text().splitlines()
    assert 'enable --now -- candord.service' in asked
    assert asked.index('enable --now -- candord.service') < \
        asked.index('stop -- kesl.service') < \
        asked.index('stop -- klnagent64.service')
    assert 'disable -- kesl.service' in asked
    assert 'disable -- klnagent64.service' not in asked
    left = {p.name for p in machine.path('/root').iterdir()}
    assert not set(units) & left and 'active-candord.service' in left
    # What no unit stops is ended.
    assert not {'kesl', 'klnagent'} & running(machine)
    done = machine.candor('switch', 'undo', '--yes')
    assert done.returncode == 0, (done.stdout, done.stderr)
    left = {p.name for p in machine.path('/root').iterdir()}
    assert {n for n in left if '.service' in n} == set(units)


def test_whose_processes_are_ended(machine):
    """Those of its programs and scripts, not those that look at them."""
    machine.path('/opt/kaspersky/kesl/script').write_text('sleep 1000\nwait\n')
    with machine.start('tail', '-f', '/opt/kaspersky/kesl/script',
                       stdout=subprocess.DEVNULL) as tail, \
            machine.start('sh', '/opt/kaspersky/kesl/script') as script, \
            machine.start('/usr/bin/python3', '-c', 'import time;'
                          'time.sleep(1000)', '/opt/kaspersky/kesl') as other:
        time.sleep(0.2)
        done = machine.candor(*GO, '--until', '6')
        assert done.returncode == 0, done.stderr
        script.wait(10)
        assert tail.poll() is None and other.poll() is None
        for name in 'tail', 'python3', 'sleep':
            kill(machine, name)
    ended = [a['program'] for _, a in acts(machine, 'end')]
    assert '/opt/kaspersky/kesl/script' in ended
    assert not [p for p in ended if not p.startswith('/opt/kaspersky/kesl')]


def test_a_control_program_of_somebody_else_is_not_run(machine):
    machine.run('sh', '-c', 'chmod 777 /opt/kaspersky/kesl/bin')
    done = machine.candor(*GO, '--until', '2')
    assert done.returncode == 0, done.stderr
    assert not acts(machine, 'run') and 'task' not in done.stdout


def test_evidence_of_nothing(tmp_path):
    done = run('switch', 'evidence', '--state', tmp_path / 'none')
    assert done.code == 2 and b'no switch-over' in done.err
    assert run('switch', 'apply', '--until', '12').code == 64
