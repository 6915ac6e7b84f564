"""Where the CPU of a session goes: instructions by callgrind, and, where perf is allowed, time with the kernel in it."""

import collections
import re
import subprocess

import scans
import servers
from measured import spoken
from processes import Failed

FEW, MANY = 50, 200  # sessions: the difference leaves the start out
TIMED = 4000  # sessions that perf looks at
SHOWN = 12
LIMIT = 10  # per cent of a session, for any part of ours

OBJECTS = {
    "OpenSSL": r"lib(crypto|ssl)\.",
    "c-ares": r"libcares\.",
    "libc, malloc, libstdc++": r"lib(c|m|pthread|stdc\+\+|gcc_s|jemalloc)[.-]|ld-linux|vgpreload|vdso",
    "kernel": r"\[kernel|\[unknown",
    "JSON, IDN, curl, fmt, zlib": r"lib(idn2|unistring|curl|fmt|z)\.",
    "ours": r"mxtls",
}


def profile(results, options):
    by_name = {count: options.file_of(f"names-{count}", servers.own_targets(count)) for count in (FEW, MANY, TIMED)}
    by_address = {count: options.file_of(f"addresses-{count}", servers.own_addresses(count)) for count in (FEW, MANY)}
    with servers.NameServer(options.folder) as names, servers.MailServer(options.certificates("EC P-256")) as server:
        scan = scans.Scan(names, server)
        commands = {
            "floor": lambda count: [servers.CLIENT, "floor", server.port, server.root, count, 1],
            "converse + judge": lambda count: [servers.CLIENT, "ours", server.port, server.root, count, 32],
            "scan of addresses": lambda count: scan.command(by_address[count], *scans.BY_ADDRESS),
            "scan of names": lambda count: scan.command(by_name[count]),
        }
        runs = {name: _per_session(options, command) for name, command in commands.items()}
        timed = _timed(options, scan.command(by_name[TIMED]))
    floor, whole = runs["floor"], runs["scan of names"]
    results.heading(f"Instructions of one session, by callgrind: {MANY} sessions less {FEW}")
    for name, run in runs.items():
        results.figure(name, _thousands(run))
        if run is not floor:
            results.figure(f"{name} / floor", f"{sum(run.values()) / sum(floor.values()):.2f}")
    results.note(f"floor: {_shares(floor)}")
    results.note(f"scan of names: {_shares(whole)}")
    results.note(f"scan of names less floor, in instructions of the floor: {_more(whole, floor)}")
    _parts(results, "instructions", whole)
    if timed:
        results.heading(f"CPU time by perf: {TIMED} sessions of a scan of names, its start in it")
        results.note(_shares(timed))
        _parts(results, "samples", timed)
    else:
        results.note("perf is not allowed here, or not installed: nothing is known of the kernel")


def _parts(results, unit, costs):
    """What is ours, by function and by part; a part is a namespace, with what was inlined into it."""
    whole = sum(costs.values())
    own = {function: cost for (place, function), cost in costs.items() if _place(place) == "ours"}
    parts = collections.Counter()
    for function, cost in own.items():
        parts[_part(function)] += cost
    for name, cost in parts.most_common(SHOWN):
        results.note(f"{100 * cost / whole:5.1f} %  {name}")
    name, cost = parts.most_common(1)[0]
    results.limit(f"the largest part of ours, by {unit}: {name}", 100 * cost / whole, ".1f", "at most", LIMIT, " %")
    results.note("the functions of ours that take most:")
    for function, cost in collections.Counter(own).most_common(SHOWN):
        results.note(f"{100 * cost / whole:5.1f} %  {function[:110]}")


def _per_session(options, command):
    """Instructions by (object, function) of one session."""
    few, many = (_instructions(options, command(count)) for count in (FEW, MANY))
    return collections.Counter({key: (cost - few.get(key, 0)) / (MANY - FEW) for key, cost in many.items()})


def _instructions(options, command):
    out = options.folder / "callgrind.out"
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        raise Failed(f"valgrind ended with status {done.returncode}: {done.stderr[-2000:]}")
    costs = collections.Counter()
    # A line: 1,234 (5.6%)  file:function [object], and the object is not there where glibc's files are known.
    for line in spoken(["callgrind_annotate", "--threshold=100", "--auto=no", out]).splitlines():
        if found := re.match(r"\s*([\d,]+) \(.*?%\)\s+[^:]*:(.*?)(?: \[([^\]\s]*\.so[^\]]*|/[^\]]*)\])?$", line):
            costs[(found.group(3) or "libc.so", found.group(2))] += int(found.group(1).replace(",", ""))
    return costs


def _timed(options, command):
    """Samples by (object, function); none where perf does not run."""
    data = options.folder / "perf.data"
    try:
        record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "2000", "-o", data, "--", *command]
        subprocess.run(list(map(str, record)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        said = spoken(["perf", "report", "-q", "-i", data, "--stdio", "-F", "sample,dso,sym", "-t", ";", "--percent-limit", "0"])
    except (OSError, subprocess.SubprocessError, Failed):
        return None
    costs = collections.Counter()
    for line in said.splitlines():
        if found := re.match(r"\s*(\d+)\s*;(.*?)\s*;\[.\] (.*?)\s*$", line):
            costs[(found.group(2), found.group(3))] += int(found.group(1))
    return costs


def _place(path):
    name = path.rpartition("/")[2]
    return next((place for place, pattern in OBJECTS.items() if re.search(pattern, name)), "other libraries")


def _part(function):
    """The namespace that a function is in, whatever it returns, takes and is a template of."""
    bare = re.sub(r" \[.*$|operator(\(\)|[<>=!*+\-&|]+)", "", function.replace("(anonymous namespace)", "anonymous"))
    while (inner := re.sub(r"<[^<>]*>|\([^()]*\)", "", bare)) != bare:
        bare = inner
    named = [word for word in bare.split() if "::" in word]
    return named[-1].partition("::")[0] if named else "(no namespace)"


def _shares(costs):
    whole = sum(costs.values())
    places = collections.Counter()
    for (place, _), cost in costs.items():
        places[_place(place)] += cost
    return "; ".join(f"{name} {100 * cost / whole:.1f} %" for name, cost in places.most_common())


def _more(costs, others):
    """What the first takes beyond the second, by place, as a share of all that the second takes."""
    whole = sum(others.values())
    places = collections.Counter()
    for sign, each in ((1, costs), (-1, others)):
        for (place, _), cost in each.items():
            places[_place(place)] += sign * cost
    return "; ".join(f"{name} {100 * cost / whole:+.1f} %" for name, cost in places.most_common())


def _thousands(costs):
    return f"{sum(costs.values()) / 1000:.0f} k"
