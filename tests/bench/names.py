"""DNS alone, beside dnsperf on the same server."""

import re

import packages
import scans
import servers
from measured import spoken
from results import median

TARGETS = 60000  # a round
QUESTIONS = ("MX", "A", "AAAA")  # what a target without MX takes
SECONDS = 3


def dns(results, options):
    targets = servers.empty_targets(TARGETS)
    file = options.file_of("empty", targets)
    questions = options.file_of("questions", (f"{target} {kind}" for target in targets for kind in QUESTIONS))
    with servers.NameServer(options.folder) as names, servers.MailServer(options.certificates("EC P-256")) as server:
        scan = scans.Scan(names, server)
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(_dnsperf(names, questions))
            names.take()
            wall = scan.run(file, statuses=None).wall
            asked = names.take()["all"]
            ours.append(asked / wall)
    results.heading(f"DNS alone: {options.rounds} rounds of {TARGETS} targets that exist without MX and address")
    results.figure("dnsperf, questions a second", f"{median(theirs):.0f}", theirs)
    results.figure("mxtls scan, questions a second", f"{median(ours):.0f}", ours)
    results.figure("questions of one target", f"{asked / TARGETS:.3f}")
    results.limit("mxtls scan / dnsperf", median(ours) / median(theirs), ".2f", "at least", 0.5)


def _dnsperf(names, questions):
    dnsperf = packages.unpacked(servers.OTHERS, servers.OTHER_PACKAGES)
    command = [dnsperf.program("usr/bin/dnsperf"), "-s", "127.0.0.1", "-p", names.port, "-d", questions, "-l", SECONDS]
    said = spoken(command, dnsperf.environment())
    return float(re.search(r"Queries per second:\s+([\d.]+)", said).group(1))
