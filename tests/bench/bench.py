#!/usr/bin/env python3
"""Measures what the project promises and prints it beside its limits; see tests/bench/run."""

import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile

import servers  # first: it says where the parts of the world are
import logs
import names
import profiles
import results
import scans
import sessions
import throughput
from processes import Failed

MEASURES = {
    "cpu": sessions.cpu,
    "memory": sessions.memory,
    "latency": sessions.latency,
    "start": sessions.start,
    "scan-cpu": scans.cpu,
    "profile": profiles.profile,
    "rate": throughput.rate,
    "held": scans.held,
    "dns": names.dns,
    "log": logs.log,
    "million": scans.million,
}


class Options:
    def __init__(self, arguments, folder):
        self.rounds = arguments.rounds
        self.targets = arguments.targets
        self.log_size = arguments.log_size
        self.folder = folder

    def certificates(self, algorithm):
        """A folder with good.pem and root.crt."""
        made = self.folder / algorithm.replace(" ", "-")
        if not made.exists():
            made.mkdir()
            subprocess.run([servers.CLIENT, "certificates", made, algorithm], check=True)
        return made

    def file_of(self, name, targets):
        """A file with these targets."""
        file = self.folder / name
        file.write_text("".join(f"{target}\n" for target in targets))
        return file


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description="Measures what the project promises.")
    parser.add_argument("measures", nargs="*", metavar="NAME", help=f"all where none is given: {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, default=5, help="of what is measured more than once (%(default)s)")
    parser.add_argument("--targets", type=int, default=1_000_000, help="of the measure 'million' (%(default)s)")
    parser.add_argument("--log-size", type=float, default=1, help="GiB of the file of the measure 'log' (%(default)s)")
    arguments = parser.parse_args()
    if unknown := set(arguments.measures) - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found = results.Results()
    with tempfile.TemporaryDirectory(prefix="mxtls-bench-") as folder:
        options = Options(arguments, pathlib.Path(folder))
        for name in arguments.measures or MEASURES:
            MEASURES[name](found, options)
    found.table()
    return 0 if found.all_met else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError, subprocess.SubprocessError, ValueError) as fault:
        print(f"bench: {fault}", file=sys.stderr)
        sys.exit(2)
