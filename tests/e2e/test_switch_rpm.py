"""candor switch apply and undo where the product came as packages of rpm: mocks
made by rpmbuild, installed and removed by rpm, on a machine of its own."""
# SPDX-License-Identifier: Apache-2.0
import copy
import shutil

import pytest

from ban import mocks
from conftest import BUILD
from switch_machine import Machine, can_be_made
from test_switch_apply import (GO, LONG, QUIET, STATE, TREES, acts,
                               check_evidence, journal, look, run_killed,
                               running, wait_for)

WHY_NOT = can_be_made() or next(
    (f'needs {tool}' for tool in ('rpm', 'rpmbuild')
     if not shutil.which(tool)), None)
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))

KESL, GUI, AGENT = (f'{name}-12.1.0-1508' for name in
                    ('kesl', 'kesl-gui', 'klnagent64'))
LINKED = '/srv/link/kesl.conf'      # the package's name of it
OTHERS = ('/srv/real/kesl.conf', '/usr/share/applications/kesl-gui.desktop')
ENTRY = ('%{NVRA} %{SHA256HEADER} %{SHA1HEADER} %{VENDOR} %{PREUN} '
         '[%{FILENAMES} %{FILEDIGESTS} %{FILECAPS} %{FILEFLAGS}\\n]')


def base():
    """What a whole system of rpm has."""
    return mocks.Package('base', {'/usr/share/base-mock': ('x\n', 0o644)},
                         provides='/bin/sh', maker='Nobody')


def product():
    package = mocks.product('kesl', runs=True)
    package.files[LINKED] = ('theirs\n', 0o640)
    package.conffiles += (LINKED,)
    return package


@pytest.fixture(scope='module')
def rpms(tmp_path_factory):
    folder = tmp_path_factory.mktemp('rpms')
    return [mocks.rpm(p, folder, scripts=True) for p in
            (base(), product(), mocks.gui(), mocks.agent(runs=True))]


def made():
    """A machine whose rpm has its database where others have it."""
    m = Machine(BUILD)
    m.path('/etc/rpm').mkdir(exist_ok=True)
    m.path('/etc/rpm/macros').write_text('%_dbpath /var/lib/rpm\n')
    m.path('/srv/real').mkdir()
    m.path('/srv/link').symlink_to('real')
    return m


def install(m, *packages):
    for package in packages:
        shutil.copy(package, m.path('/root'))
    done = m.run('sh', '-c', 'rpm -i /root/*.rpm && rm /root/*.rpm')
    assert done.returncode == 0, done.stderr


@pytest.fixture
def machine(rpms):
    with made() as m:
        install(m, *rpms)
        wait_for(m, 'kesl', 'klnagent')
        yield m


@pytest.fixture
def bare():
    with made() as m:
        yield m


def rpm(m, *arguments):
    return m.run('rpm', *arguments)


def installed(m):
    done = rpm(m, '-qa', '--qf', '%{NAME}-%{VERSION}-%{RELEASE}\n')
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split()) - {'base-12.1.0-1508'}


def entries(m):
    """What rpm has in its database, and what it says of the files."""
    names = sorted(installed(m))
    assert names
    return (rpm(m, '-q', '--qf', ENTRY, *names).stdout,
            rpm(m, '-V', *names).stdout)


def go(m, *more, code=0):
    done = m.candor(*GO, *more)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


def undo(m, code=0):
    done = m.candor('switch', 'undo', '--yes')
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


def test_there_and_back_and_there(machine):
    done = machine.run('sh', '-c', '''set -e
        echo "# changed" >> /etc/init.d/kesl
        echo ours > /srv/real/kesl.conf
        echo older > /etc/opt/kaspersky/klnagent/klnagent.conf.rpmsave
        echo new > /opt/kaspersky/kesl/mine
        chown 7:9 /opt/kaspersky/kesl/bin/kesl-setup.pl
        chmod 4751 /opt/kaspersky/kesl/bin/kesl-setup.pl
        touch -d 2020-02-02 /usr/share/applications/kesl-gui.desktop''')
    assert done.returncode == 0, done.stderr
    # cap_net_raw+ep, as capabilities(7) has it.
    done = machine.run(
        '/usr/bin/python3', '-c', 'import os; os.setxattr("/usr/share/'
        'applications/kesl-gui.desktop", "security.capability", '
        f'bytes.fromhex("0100000200200000{"00" * 12}"))')
    assert done.returncode == 0, done.stderr
    before = look(machine, *TREES, *OTHERS, QUIET)
    known = entries(machine)
    assert 'S.5' in known[1] and '/srv/link/kesl.conf' in known[1]
    done = go(machine)
    assert '- package  kesl (rpm)' in done.stdout
    assert installed(machine) == set()
    assert not {'kesl', 'klnagent'} & running(machine)
    assert machine.candor('ban', 'scan').returncode == 0
    for path in '/opt/kaspersky', '/etc/opt/kaspersky', *OTHERS:
        assert not machine.path(path).exists()
    assert list(machine.path('/srv/real').iterdir()) == []
    assert not machine.path('/etc/init.d/kesl.rpmsave').exists()

    # The agent last, and each kept before it is removed.
    erased = [(n, [p.rsplit('.', 1)[0] for p in a['packages']])
              for n, a in acts(machine, 'erase')]
    assert [sorted(p) for _, p in erased] == [[KESL, GUI], [AGENT]]
    assert [n for n, a in acts(machine, 'keep')
            if a['package'].startswith('kesl')][-1] < erased[0][0]
    assert all(a['argv'][:2] == ['/usr/bin/rpm', '-e'] and
               not [w for w in a['argv'] if w.startswith('--')]
               for _, a in acts(machine, 'erase'))

    done = undo(machine)
    assert 'scripts were not run' in done.stdout
    assert look(machine, *TREES, *OTHERS, QUIET) == before
    assert entries(machine) == known
    wait_for(machine, 'kesl', 'klnagent')
    # Nothing was forced.
    ran = [e['argv'] for e in journal(machine) if e['event'] == 'ran' and
           e['argv'][0] == '/usr/bin/rpm']
    assert len(ran) == 2 and not [a for a in ran if '--nodeps' in a]
    go(machine)
    assert installed(machine) == set()
    assert not machine.path('/opt/kaspersky').exists()
    check_evidence(machine)


@pytest.mark.parametrize('steps', [6, 8, 9] if LONG else [15])
def test_killed_again_and_again(machine, steps):
    before = look(machine, *TREES, *OTHERS, QUIET)
    known = entries(machine)
    code, kills, out = run_killed(machine, steps, *GO)
    assert code == 0 and kills > 0, (kills, out)
    assert installed(machine) == set()
    assert not machine.path('/opt/kaspersky').exists()
    assert machine.candor('ban', 'scan').returncode == 0
    code, kills, out = run_killed(machine, steps, 'switch', 'undo', '--yes')
    assert code == 0 and (kills > 1 or not LONG), (kills, out)
    assert look(machine, *TREES, *OTHERS, QUIET) == before
    assert entries(machine) == known
    wait_for(machine, 'kesl', 'klnagent')


def with_script(package, name, text):
    package = copy.deepcopy(package)
    package.scripts[name] = text
    return package


def test_a_script_that_fails(bare, rpms, tmp_path):
    """Before: nothing is removed, and that is said with its words.  After: the
    package is gone, and what failed is said."""
    failing = with_script(product(), 'prerm', '''#!/bin/sh
        [ ! -e /srv/fails ] || { echo "not today"; exit 3; }''')
    failing.scripts['postrm'] = '#!/bin/sh\necho "too late"; exit 4\n'
    install(bare, rpms[0], mocks.rpm(failing, tmp_path, scripts=True),
            rpms[3])
    bare.path('/srv/fails').touch()
    done = go(bare, code=2)
    assert 'rpm: not today' in done.stdout
    assert '%preun(kesl' in done.stdout and 'exit status 3' in done.stdout
    assert f'{KESL}.x86_64: NOT removed' in done.stdout
    assert 'yours to decide' in done.stderr
    assert {KESL, AGENT} == installed(bare)
    assert 'klnagent' in running(bare)
    assert bare.path('/opt/kaspersky/kesl/libexec/kesl').exists()
    bare.path('/srv/fails').unlink()
    done = go(bare)
    assert 'rpm: too late' in done.stdout and 'exit status 4' in done.stdout
    assert f'{KESL}.x86_64: removed' in done.stdout
    assert installed(bare) == set()
    undo(bare)
    assert {KESL, AGENT} == installed(bare)


@pytest.mark.parametrize('when', ['prerm', 'postrm'])
def test_rpm_is_ended_in_the_midst(bare, rpms, tmp_path, when):
    """Before it took the files away, or after, with its entry still there: it
    comes back whole from there, and goes on."""
    killing = with_script(product(), when, '''#!/bin/sh
        [ ! -e /srv/kill ] || { rm /srv/kill; kill -9 $PPID; }''')
    install(bare, rpms[0], mocks.rpm(killing, tmp_path, scripts=True),
            *rpms[2:])
    bare.run('sh', '-c', 'echo "# changed" >> /etc/init.d/kesl')
    before, known = look(bare, *TREES, *OTHERS, QUIET), entries(bare)
    for attempt in range(2):
        bare.path('/srv/kill').touch()
        done = go(bare, code=2)
        assert 'rpm was ended by signal 9' in done.stdout
        assert KESL in installed(bare)
        if attempt == 0:
            undo(bare)
            assert look(bare, *TREES, *OTHERS, QUIET) == before
            assert entries(bare) == known
    go(bare)
    assert installed(bare) == set()
    for path in '/opt/kaspersky', '/etc/init.d/kesl', *OTHERS:
        assert not bare.path(path).exists()


def test_what_another_package_needs(machine, tmp_path):
    needs = mocks.Package('backup', {'/srv/backup': ('x\n', 0o644)},
                          depends='kesl', maker='Nobody')
    install(machine, mocks.rpm(needs, tmp_path, scripts=True))
    before = installed(machine)
    done = go(machine, code=2)
    assert 'kesl is needed by (installed) backup' in done.stdout
    assert 'remove what needs it' in done.stderr
    assert installed(machine) == before
    # Somebody decides otherwise, and it goes on from there; and back.
    assert rpm(machine, '-e', '--nodeps', 'kesl', 'base').returncode == 0
    go(machine)
    assert installed(machine) == {'backup-12.1.0-1508'}
    # Of what it needs not all is there: as it was, which is said.
    assert '--nodeps --force' in undo(machine).stdout
    assert installed(machine) == before
    assert machine.path('/opt/kaspersky/kesl/libexec/kesl').exists()


def test_both_managers(bare, rpms, tmp_path):
    """Each package by its own, also where both have one of a name."""
    deb = mocks.deb(mocks.product('kesl', runs=True), tmp_path)
    small = mocks.rpm(mocks.Package(
        'kesl', {'/opt/kaspersky/kesl/share/rpm': ('x\n', 0o644)}), tmp_path)
    shutil.copy(deb, bare.path('/root'))
    done = bare.run('sh', '-c', 'dpkg -i /root/*.deb && rm /root/*.deb')
    assert done.returncode == 0, done.stderr
    install(bare, rpms[0], small, rpms[3])
    done = go(bare)
    assert '- package  kesl\n' in done.stdout
    assert '- package  kesl (rpm)\n' in done.stdout
    assert installed(bare) == set()
    assert [a['packages'] for _, a in acts(bare, 'purge')] == [['kesl']]
    assert len(acts(bare, 'erase')) == 2
    assert bare.run('dpkg-query', '-W', 'kesl').returncode == 1
    undo(bare)
    assert installed(bare) == {KESL, AGENT}
    assert bare.run('dpkg-query', '-W', 'kesl').returncode == 0
    assert bare.path('/opt/kaspersky/kesl/share/rpm').exists()


def test_a_database_that_no_rpm_reads(machine):
    hidden = machine.path('/usr/bin/rpm.away')
    machine.path('/usr/bin/rpm').rename(hidden)
    done = go(machine, code=2)
    assert 'kesl stands in /var/lib/rpm/rpmdb.sqlite' in done.stderr
    assert 'there is no /usr/bin/rpm' in done.stderr
    assert machine.path('/opt/kaspersky/kesl/libexec/kesl').exists()
    hidden.rename(machine.path('/usr/bin/rpm'))
    macros = machine.path('/etc/rpm/macros')
    macros.write_text('%_dbpath /var/lib/elsewhere\n')
    done = go(machine, code=2)
    assert 'rpm does not know it' in done.stderr
    macros.write_text('%_dbpath /var/lib/rpm\n')
    # A second one.
    machine.path('/usr/lib/sysimage/rpm').mkdir(parents=True)
    second = machine.path('/usr/lib/sysimage/rpm/rpmdb.sqlite')
    shutil.copy(machine.path('/var/lib/rpm/rpmdb.sqlite'), second)
    assert 'kesl stands in /usr/lib/sysimage/rpm/rpmdb.sqlite' in \
        go(machine, code=2).stderr
    second.unlink()
    assert not acts(machine, 'keep') and not acts(machine, 'erase')
    assert {KESL, GUI, AGENT} == installed(machine)
    # It warns with each answer.
    macros.write_text('%_dbpath /var/lib/rpm\n%mock\n')
    assert 'Macro %mock' in rpm(machine, '-qa').stderr
    go(machine)
    assert installed(machine) == set()
    undo(machine)
    assert {KESL, GUI, AGENT} == installed(machine)


def test_files_of_a_package_that_no_sign_names(bare, rpms, tmp_path):
    """Its maker is the vendor, but what it is nobody knows."""
    other = mocks.Package('thing', {
        '/opt/kaspersky/kesl/libexec/kesl': (mocks.HARMLESS, 0o755)})
    install(bare, rpms[0], mocks.rpm(other, tmp_path))
    done = go(bare, code=2)
    assert 'belongs to thing' in done.stderr
    assert bare.path('/opt/kaspersky/kesl/libexec/kesl').exists()
    assert installed(bare) == {'thing-12.1.0-1508'}
    assert rpm(bare, '-e', 'thing').returncode == 0
    go(bare)


def test_what_was_kept_was_changed_since(machine):
    """It does not come back, and that is told; the rest does."""
    go(machine)
    [number] = [n for n, a in acts(machine, 'keep')
                if a['package'].startswith('kesl-gui')]
    machine.path(f'{STATE}/keep/{number}.rpm').write_bytes(b'x')
    done = undo(machine, code=1)
    assert 'DID NOT COME BACK' in done.stdout
    assert f'keep/{number}.rpm is not what it was' in done.stdout
    assert installed(machine) == {KESL, AGENT}
