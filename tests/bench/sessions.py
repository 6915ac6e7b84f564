"""One session: its CPU and memory, without a scan around it; and what a start and a domain take."""

import servers
from measured import Ended, run, spoken
from processes import Failed
from results import median

SESSIONS = 2000  # a round
AT_ONCE = 32
HELD = 1000
STARTS = 20
MANY = 12  # endpoints of a domain


def client(name, server, sessions, at_once=1, dns_port=None):
    """Microseconds of CPU and of wall time of one session, and the TLS that was agreed on."""
    command = [servers.CLIENT, name, server.port, server.root, sessions, at_once, *([dns_port] if dns_port else [])]
    cpu, wall, agreed = spoken(command).strip().split(" ", 2)
    return float(cpu), float(wall), agreed


def cpu(results, options):
    for algorithm in ("EC P-256", "RSA 2048"):
        with servers.MailServer(options.certificates(algorithm)) as server:
            floor, ours = [], []
            for _ in range(options.rounds):
                floor.append(client("floor", server, SESSIONS))
                ours.append(client("ours", server, SESSIONS, AT_ONCE))
        agreed = {each[2] for each in floor + ours}
        if len(agreed) != 1:
            raise Failed(f"the two speak different TLS: {agreed}")
        results.heading(
            f"CPU of one session, {algorithm}: {options.rounds} rounds of {SESSIONS} sessions each, leaf + intermediate, {agreed.pop()}"
        )
        floor_cpu, our_cpu = ([each[0] for each in both] for both in (floor, ours))
        results.figure("floor (bare blocking OpenSSL client)", f"{median(floor_cpu):.0f} µs", floor_cpu)
        results.figure("mxtls (converse + judge)", f"{median(our_cpu):.0f} µs", our_cpu)
        ratios = [one / other for one, other in zip(our_cpu, floor_cpu)]
        results.limit("ratio of the medians", median(our_cpu) / median(floor_cpu), ".2f", "at most", 1.10, rounds=ratios)


def memory(results, options):
    with servers.MailServer(options.certificates("EC P-256"), silent=True) as server:
        command = [servers.CLIENT, "memory", server.port, server.root, HELD]
        one_more, all_at_once = (float(spoken([*command, at_once])) / 1024 for at_once in (AT_ONCE, HELD))
    results.heading(f"Memory of one more open session: {HELD} held inside TLS")
    results.limit("mxtls", one_more, ".1f", "at most", 40, " KiB")
    results.figure("where all shake hands at the same moment", f"{all_at_once:.1f} KiB")


def latency(results, options):
    with servers.MailServer(options.certificates("EC P-256"), delay=100) as server:
        one, twelve = [], []
        for _ in range(options.rounds):
            one.append(_time_of_domain(server, 1))
            twelve.append(_time_of_domain(server, MANY))
    results.heading(f"Time of a domain whose every reply is held back 100 ms: {options.rounds} rounds")
    results.figure("1 endpoint", f"{median(one):.0f} ms", one)
    results.figure(f"{MANY} endpoints", f"{median(twelve):.0f} ms", twelve)
    results.limit("ratio", median(twelve) / median(one), ".2f", "at most", 1.15)


def _time_of_domain(server, endpoints):
    command = [servers.MXTLS, "--ca-file", server.root, "--reference", "mx.test", "--ehlo", "probe.test", "mx.test"]
    command += [part for number in range(endpoints) for part in ("--mx", f"127.0.1.{number + 1}:{server.port}")]
    return finished(run(command)).wall * 1000


def start(results, options):
    results.heading(f"CPU of a start: {STARTS} of each")
    for option in ("--version", "--help"):
        cpu_ms = [finished(run([servers.MXTLS, option])).cpu * 1000 for _ in range(STARTS)]
        results.limit(f"mxtls {option}", median(cpu_ms), ".1f", "at most", 10, " ms")


def finished(ended: Ended):
    if ended.status != 0:
        raise Failed(f"mxtls ended with status {ended.status}: {ended.errors}")
    return ended
