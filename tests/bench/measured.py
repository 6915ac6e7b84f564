"""Programs run to their end, and what they took."""

import dataclasses
import os
import pathlib
import subprocess
import tempfile
import threading
import time

from processes import Failed

PATIENCE = 1800  # seconds that a program may take
INTERVAL = 0.1  # seconds between two looks at its memory


@dataclasses.dataclass
class Ended:
    wall: float  # seconds
    cpu: float  # seconds, user and system
    status: int
    peak: int  # octets of resident memory
    resident: list  # octets, from its start to its end
    errors: str  # what it wrote to standard error


def run(command, out=os.devnull, environment=None):
    """Runs a program whatever its status; its standard output goes to a file."""
    with open(out, "wb") as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment
        )
        memory = _Memory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        memory.end()
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    return Ended(wall, usage.ru_utime + usage.ru_stime, process.returncode, memory.peak, memory.resident, said)


def spoken(command, environment=None):
    """What a program writes that has to end well."""
    done = subprocess.run(
        list(map(str, command)), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE
    )
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def cpu_of(pid):
    """Seconds of CPU of a process that runs, user and system."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Memory:
    """Looks again and again how much memory a process has. Its ru_maxrss would not do: that begins with what its parent had."""

    def __init__(self, pid):
        self.file = pathlib.Path(f"/proc/{pid}/status")
        self.peak = 0
        self.resident = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def end(self):
        self.ended.set()
        self.thread.join()

    def _watch(self):
        while not self.ended.is_set():
            try:
                lines = dict(line.split(":", 1) for line in self.file.read_text().splitlines())
                self.peak = int(lines["VmHWM"].split()[0]) * 1024
                self.resident.append(int(lines["VmRSS"].split()[0]) * 1024)
            except (OSError, KeyError):
                return
            self.ended.wait(INTERVAL)
