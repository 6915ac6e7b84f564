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
    folder = options.certificates("EC P-256")
    own = options.file_of("own", servers.own_targets(count))
    same = options.file_of("same", servers.own_targets(1) * count)
    with servers.NameServer(options.folder) as names, servers.MailServer(folder) as server:
        scan = Scan(names, server)
        clients = {
            "floor": lambda: sessions.client("floor", server, count)[0],
            "floor that asks DNS": lambda: sessions.client("floor", server, count, 1, names.port)[0],
            "one name, --no-share": lambda: _cpu_us(scan, server, same, count, "--no-share", "--per-host", 32),
            "a name each": lambda: _cpu_us(scan, server, own, count),
        }
        rounds = [{name: measure() for name, measure in clients.items()} for _ in range(options.rounds)]
    took = {name: [each[name] for each in rounds] for name in clients}
    floor, asking, one_name, a_name_each = (median(values) for values in took.values())
    results.heading(f"CPU of one session in mxtls scan, start, input, DNS, judgement and ndjson in it: {options.rounds} rounds of {count}")
    results.figure("floor (bare blocking OpenSSL client)", f"{floor:.0f} µs", took["floor"])
    results.figure("floor that asks MX, A, AAAA before each", f"{asking:.0f} µs", took["floor that asks DNS"])
    results.figure("scan of one name, --no-share", f"{one_name:.0f} µs", took["one name, --no-share"])
    results.figure("scan of names with a host each", f"{a_name_each:.0f} µs", took["a name each"])
    results.limit("one name / floor", one_name / floor, ".2f", "at most", 1.10)
    results.limit("a name each / floor that asks", a_name_each / asking, ".2f", "at most", 1.10)
    results.figure("a name each / floor that asks nothing", f"{a_name_each / floor:.2f}")


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
        with servers.MailServer(folder, threads=2, delay=DELAY) as server:
            scan = Scan(names, server)
            one_took = [scan.run(one).wall for _ in range(options.rounds)]
            rounds = [_hold(scan, server, all_of_them) for _ in range(options.rounds)]
    bound = median(one_took) + AT_ONCE * median(floor)
    walls, peaks, open_at_once, ok = zip(*rounds)
    results.heading(f"{AT_ONCE} sessions at once, each reply held back {DELAY} ms: {options.rounds} rounds")
    results.limit("targets found OK, the least of the rounds", min(ok), "d", "exactly", AT_ONCE)
    results.figure("most connections open at once", f"{max(open_at_once)}", open_at_once)
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
        with servers.MailServer(options.certificates("EC P-256")) as server:
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
