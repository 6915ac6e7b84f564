"""mxtls, run from outside in the world of the tests."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fixtures/world"))

import description  # noqa: E402  (fixtures/world.json, as the world reads it)
import ports  # noqa: E402

PATIENCE = 60  # seconds; no case takes that long
WORLD = dict(line.split("=", 1) for line in (pathlib.Path(os.environ["MXTLS_WORLD"]) / "world.env").read_text().splitlines())
PROGRAM = WORLD["MXTLS_PROGRAM"]


def in_the_world(resolver="MXTLS_RESOLVER"):
    return [
        *("--resolver", WORLD[resolver]),
        *("--port", WORLD["MXTLS_PORT"]),
        *("--sts-port", WORLD["MXTLS_STS_PORT"]),
        *("--ca-file", WORLD["MXTLS_CA_FILE"]),
        *("--ehlo", "probe.test"),
    ]


IN_THE_WORLD = in_the_world()
# Nothing of the caller's: neither colours nor language, nor roots that OpenSSL would take from it.
ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


@dataclasses.dataclass(frozen=True)
class Result:
    status: int
    out: bytes
    err: bytes

    def verdicts(self):
        return json.loads(self.out)


def start(*arguments, **streams):
    return subprocess.Popen([PROGRAM, *arguments], env=ENVIRONMENT, stdin=subprocess.DEVNULL, **streams)


def run(*arguments):
    """mxtls with exactly these arguments."""
    with start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate(timeout=PATIENCE)
        return Result(process.returncode, out, err)


def probe(*arguments):
    """The same, in the world."""
    return run(*arguments, *IN_THE_WORLD)


def sockets_of(process):
    """The kernel's numbers of its sockets."""
    numbers = set()
    for entry in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            numbers.add(os.readlink(entry).removeprefix("socket:[").removesuffix("]"))
        except FileNotFoundError:
            pass  # closed meanwhile
    return numbers


def wait_for_connection(address, process):
    """Until the process has a connection to that address: other tests have theirs at the same time."""
    octets = bytes(map(int, address.split(".")))[::-1].hex().upper()
    remote = f"{octets}:{int(WORLD['MXTLS_PORT']):04X}"
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()]
        there = {row[9] for row in rows if row[2] == remote and row[3] == "01"}
        if there & sockets_of(process):
            return
        time.sleep(0.01)
    raise AssertionError(f"no connection to {address}")


def free_address(case):
    """HOST:PORT for a server of the test case, its own until that ends."""
    place = ports.Reservation(["127.0.0.1"])
    case.addCleanup(place.release)
    return f"127.0.0.1:{place.port}"


def all_domains():
    """The domains of the world around us, which may be a world without IPv6."""
    world = description.read()
    return (world if WORLD["MXTLS_IPV6"] == "yes" else world.without_ipv6()).domains


def findings(verdict):
    """Those of the domain, its hosts and their endpoints."""
    endpoints = [endpoint for host in verdict["hosts"] for endpoint in host["endpoints"]]
    return [finding for part in [verdict, *verdict["hosts"], *endpoints] for finding in part["findings"]]
