"""Who protects now?  A thread that writes the EICAR test file every 100 ms,
each time under another name, and sees who takes it away or denies it: the
product that is to go, Candor, or nobody.

What the old one took, its own log tells; whatever else cannot be opened any
more, Candor denies or has taken."""
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import dataclasses
import threading
import time

EICAR = (rb'X5O!P%@AP[4\PZX54(P^)7CC)7}$' + b'EICAR-STANDARD-ANTIVIRUS-'
         b'TEST-FILE!$H+H*')
INTERVAL = 0.1
PATIENCE = 10.0         # seconds after which nobody caught it
OLD, CANDOR, NOBODY = 'the old one', 'Candor', 'nobody'


@dataclasses.dataclass
class Probe:
    number: int
    phase: str
    at: float
    by: str = NOBODY
    took: float = PATIENCE      # seconds until it was caught
    is_at_once: bool = False    # the first who opened it was denied


class Prober(threading.Thread):
    """folder: where, as seen from here; old_log: the old one's log, which
    names files as they are called inside; scan: None, or what tells of a file
    whether Candor finds it, where nothing can be denied."""

    def __init__(self, folder, old_log, scan=None):
        super().__init__(daemon=True)
        self.folder, self.old_log, self.scan = folder, old_log, scan
        self.phase = 'before'
        self.probes = []
        self.checks = []
        self.ends = threading.Event()
        self.pool = concurrent.futures.ThreadPoolExecutor(8)

    def run(self):
        start = time.monotonic()
        while not self.ends.is_set():
            n = len(self.probes)
            probe = Probe(n, self.phase, time.monotonic())
            path = self.folder / f'probe-{n}.com'
            self.probes.append(probe)
            path.write_bytes(EICAR)
            self.checks.append(self.pool.submit(self.check, probe, path))
            self.ends.wait(max(0, start + (n + 1) * INTERVAL -
                               time.monotonic()))

    def check(self, probe, path):
        is_first = True
        while time.monotonic() < probe.at + PATIENCE:
            by = self.who(path)
            if by is not None:
                probe.by, probe.is_at_once = by, is_first
                probe.took = time.monotonic() - probe.at
                break
            is_first = False
            time.sleep(0.01)
        path.unlink(missing_ok=True)

    def who(self, path):
        try:
            with open(path, 'rb') as f:
                f.read()
        except FileNotFoundError:
            taken = self.old_log.exists() and \
                f'/{path.name}\n' in self.old_log.read_text()
            return OLD if taken else CANDOR
        except PermissionError:
            return CANDOR
        return CANDOR if self.scan is not None and self.scan(path) else None

    def enter(self, phase):
        """What is probed from now on is of that phase."""
        self.phase = phase

    def wait(self, count=5):
        """Until so many more were written, and all are decided."""
        wanted = len(self.probes) + count
        while len(self.probes) < wanted and self.is_alive():
            time.sleep(0.01)
        concurrent.futures.wait(list(self.checks))

    def stop(self):
        self.ends.set()
        self.join()
        self.pool.shutdown()
        for check in self.checks:
            check.result()
        return Measured(self.probes)


class Measured:
    def __init__(self, probes):
        self.probes = probes

    def of(self, phase):
        return [p for p in self.probes if p.phase == phase]

    @property
    def missed(self):
        return [p for p in self.probes if p.by == NOBODY]

    @property
    def unprotected(self):
        """Seconds, to a tenth."""
        return round(len(self.missed) * INTERVAL, 1)

    @property
    def longest_pause(self):
        """Between two probes: what was not measured at all."""
        times = [p.at for p in self.probes]
        return max((b - a for a, b in zip(times, times[1:])), default=0)

    def table(self):
        phases = list(dict.fromkeys(p.phase for p in self.probes))
        wide = max(map(len, phases))
        rows = [f'| {"while":{wide}} | probes | old | Candor | nobody | '
                'longest |']
        rows.append(f'| {"-" * wide} | -----: | --: | -----: | -----: | '
                    '------: |')
        for phase in phases:
            mine = self.of(phase)
            by = [sum(p.by == who for p in mine)
                  for who in (OLD, CANDOR, NOBODY)]
            longest = max(p.took for p in mine) * 1000
            rows.append(f'| {phase:{wide}} | {len(mine):6} | {by[0]:3} | '
                        f'{by[1]:6} | {by[2]:6} | {longest:4.0f} ms |')
        rows.append(f'{len(self.probes)} probes, one every '
                    f'{INTERVAL * 1000:.0f} ms (longest pause '
                    f'{self.longest_pause * 1000:.0f} ms): unprotected for '
                    f'{self.unprotected} s')
        return '\n'.join(rows)
