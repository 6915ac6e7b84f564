"""`mxtls scan` as a whole: what a session costs in it, ten thousand at once, and a million targets."""

import os
import subprocess

import servers
import sessions
from measured import run
from processes import Failed
from results import median

MIB = 1024 * 1024
SESSIONS = 4000  # a round
AT_ONCE = 10000
DELAY = 200  # ms, of every reply
BY_ADDRESS = ("--reference", "mx.test")  # for targets that are addresses: no name, no DNS
SAMPLE = 40000  # targets of the million that are scanned with a server name


class Scan:
    """The command as all the measures run it."""

    def __init__(self, names, server):
        self.options = ["--resolver", names.address, "--port", server.port, "--ca-file", server.root]
        self.options += ["--ehlo", "probe.test", "--no-mta-sts", "--no-dane"]

    def command(self, file, *more):
        return [servers.MXTLS, "scan", *self.options, *more, file]

    def run(self, file, *more, out=os.devnull, statuses=(0,)):
        """Throws where it ends with another status; `statuses` None: any will do."""
        ended = run(self.command(file, *more), out)
        if ended.status < 0 or (statuses and ended.status not in statuses):
            raise Failed(f"mxtls scan ended with status {ended.status}: {ended.errors[-2000:]}")
        return ended


def cpu(results, options):
    count = SESSIONS
    names_each = options.file_of("names", servers.own_targets(count))
    addresses = options.file_of("addresses", servers.own_addresses(count))
    with servers.NameServer(options.folder) as names, servers.MailServer(options.certificates("EC P-256")) as server:
        scan = Scan(names, server)
        clients = {
            "floor (bare blocking OpenSSL client)": lambda: sessions.client("floor", server, count)[0],
            "scan of addresses": lambda: _cpu_us(scan, server, addresses, count, *BY_ADDRESS),
            "floor that asks MX, A, AAAA before each": lambda: sessions.client("floor", server, count, 1, names.port)[0],
            "scan of names, each with a host of its own": lambda: _cpu_us(scan, server, names_each, count),
        }
        rounds = [[measure() for measure in clients.values()] for _ in range(options.rounds)]
    took = list(zip(*rounds))
    results.heading(f"CPU of one session in mxtls scan, start, input, DNS, judgement and ndjson in it: {options.rounds} rounds of {count}")
    for name, values in zip(clients, took):
        results.figure(name, f"{median(values):.0f} µs", values)
    floor, by_address, asking, by_name = map(median, took)
    results.limit("scan of addresses / floor", by_address / floor, ".2f", "at most", 1.10)
    results.limit("scan of names / floor that asks", by_name / asking, ".2f", "at most", 1.10)
    results.figure("scan of names / floor that asks nothing", f"{by_name / floor:.2f}")


def _cpu_us(scan, server, file, count, *more):
    server.take()
    ended = scan.run(file, *more)
    require_sessions(server.take()[0], count)
    return ended.cpu / count * 1e6


def require_sessions(seen, wanted):
    if seen != wanted:
        raise Failed(f"of {wanted} sessions, {seen} got to QUIT")


def held(results, options):
    folder = options.certificates("EC P-256")
    all_of_them = options.file_of("held", servers.own_targets(AT_ONCE))
    one = options.file_of("one", servers.own_targets(1))
    with servers.NameServer(options.folder) as names:
        with servers.MailServer(folder) as server:
            floor = [sessions.client("floor", server, sessions.SESSIONS)[0] / 1e6 for _ in range(options.rounds)]
        with servers.MailServer(folder, delay=DELAY) as server:
            one_took = [Scan(names, server).run(one).wall for _ in range(options.rounds)]
        with servers.MailServer(folder, threads=2, leaves=AT_ONCE, delay=DELAY, together=AT_ONCE) as server:
            scan = Scan(names, server)
            rounds = [_hold(scan, server, all_of_them) for _ in range(options.rounds)]
    bound = median(one_took) + AT_ONCE * median(floor)
    walls, peaks, open_at_once, ok = zip(*rounds)
    results.heading(f"{AT_ONCE} sessions at once, each reply held back {DELAY} ms: {options.rounds} rounds")
    results.note("no server greets before all are connected; the wall time is held against what one session takes at such a")
    results.note("server plus the CPU of all by the floor, on one core; the server, which takes as much, is on the same two cores")
    results.limit("targets found OK, the least of the rounds", min(ok), "d", "exactly", AT_ONCE)
    results.limit("connections open at once", min(open_at_once), "d", "exactly", AT_ONCE)
    results.limit("resident memory at its peak", median(peaks) / MIB, ".0f", "at most", 320, " MiB", [peak / MIB for peak in peaks])
    results.figure("wall time of one such session", f"{median(one_took):.2f} s", one_took)
    results.figure(f"CPU floor of {AT_ONCE} sessions", f"{median(floor) * AT_ONCE:.2f} s")
    results.figure("wall time", f"{median(walls):.2f} s", walls)
    results.limit("wall time / (one session + CPU floor of all)", median(walls) / bound, ".2f", "at most", 1.3)


def _hold(scan, server, file):
    server.take()
    out = file.with_suffix(".ndjson")
    ended = scan.run(file, "--jobs", AT_ONCE, out=out, statuses=None)
    seen, _, most = server.take()
    require_sessions(seen, AT_ONCE)
    return ended.wall, ended.peak, most, _count(out, '"status":"OK"')


def _count(file, text):
    said = subprocess.run(["grep", "-c", text, file], stdout=subprocess.PIPE, text=True).stdout
    return int(said)


def million(results, options):
    hosts = min(servers.HOSTS, max(1, options.targets // 50))
    endpoints = min(servers.ENDPOINTS, hosts)
    targets = options.file_of("targets", servers.shared_targets(options.targets, hosts))
    sample_size = min(SAMPLE, options.targets)
    sample = options.file_of("sample", servers.shared_targets(sample_size, hosts))
    with servers.NameServer(options.folder) as names:
        with servers.MailServer(options.certificates("EC P-256"), leaves=hosts) as server:
            scan = Scan(names, server)
            names.take()
            ended = scan.run(targets, "--no-sni")
            asked = names.take()
            seen, addresses, _ = server.take()
            names.take()
            scan.run(sample)
            asked_for_sample = names.take()
            seen_of_sample, addresses_of_sample, _ = server.take()
    results.heading(f"{options.targets} targets over {hosts} MX names and {endpoints} endpoints, --no-sni")
    results.note(ended.errors.strip().rpartition("\n")[2])
    results.figure("targets a second", f"{options.targets / ended.wall:.0f}")
    results.figure("wall time", f"{ended.wall:.0f} s")
    results.figure("CPU of one target", f"{ended.cpu / options.targets * 1e6:.0f} µs")
    results.limit("resident memory at its peak", ended.peak / MIB, ".0f", "at most", 256, " MiB")
    results.limit("its growth over the last half", _growth(ended.resident), ".1f", "at most", 2, " %")
    results.limit("sessions", seen, "d", "exactly", endpoints)
    results.limit("addresses that they were held with", addresses, "d", "exactly", endpoints)
    _questions(results, asked, options.targets, hosts)
    results.heading(f"{sample_size} targets of this kind, with a server name")
    results.limit("sessions: pairs of an MX name and its address", seen_of_sample, "d", "exactly", hosts)
    results.limit("addresses that they were held with", addresses_of_sample, "d", "exactly", endpoints)
    _questions(results, asked_for_sample, sample_size, hosts)


def _questions(results, asked, targets, hosts):
    results.limit("questions for MX, one a target", asked.get("MX", 0), "d", "exactly", targets)
    results.limit("questions for A, one an MX name", asked.get("A", 0), "d", "exactly", hosts)
    results.limit("questions for AAAA, one an MX name", asked.get("AAAA", 0), "d", "exactly", hosts)
    other = {name: count for name, count in asked.items() if name not in ("MX", "A", "AAAA", "all")}
    results.figure("other questions", " ".join(f"{count} {name}" for name, count in other.items()) or "none")


def _growth(resident):
    """Per cent, from the tenth behind the middle to the last tenth."""
    tenth = max(1, len(resident) // 10)
    middle = len(resident) // 2
    before, after = resident[middle : middle + tenth], resident[-tenth:]
    return (sum(after) / len(after)) / (sum(before) / len(before)) * 100 - 100
