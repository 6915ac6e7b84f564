"""What the benchmarks run against, all on loopback: the mail server of mxtls_bench, and NSD with zones of a million targets."""

import contextlib
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "fixtures/world"))

import measured
import packages
import ports
import processes

CLIENT = str(ROOT / "build/release/tests/bench/mxtls_bench")
MXTLS = str(ROOT / "build/release/mxtls")
OTHERS = ROOT / "build/others"  # what one would use instead, from Debian's archive
OTHER_PACKAGES = ["dnsperf", "prometheus-blackbox-exporter"]

HOSTS = 20000  # MX names that many domains share
ENDPOINTS = 5000  # addresses that the hosts share
OWN = 20000  # MX names with an address that they share with nobody
LEAVES = 2500  # certificates of the server that differ: more than any client remembers
PATIENCE = 20  # seconds


class MailServer:
    """SMTP with STARTTLS on every loopback address, a process of its own; ends with the context."""

    def __init__(self, folder, threads=1, leaves=LEAVES, delay=0, together=1, silent=False):
        command = [CLIENT, "serve", folder, threads, leaves, delay, together, *(["silent"] if silent else [])]
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.root = folder / "root.crt"
        self.port = int(self.process.stdout.readline() or "0")
        if self.port == 0:
            raise processes.Failed("the mail server does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def cpu(self):
        return measured.cpu_of(self.process.pid)

    def take(self):
        """Since the call before: sessions that got to QUIT, addresses that they were held with, most open at once."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return tuple(map(int, self.process.stdout.readline().split()))


class NameServer:
    """NSD with the zones of all benchmarks; wildcards stand for any number of targets."""

    def __init__(self, folder):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dns-", dir=folder))
        servers = packages.unpacked(packages.SERVERS)
        self.environment = servers.environment()
        self.control = servers.program("usr/sbin/nsd-control")
        self.port = ports.Reservation(["127.0.0.1"]).port
        (self.folder / "test.zone").write_text(_zone("test", [*_shared(), *_own(), '*.none TXT "no mail"']))
        # For the question by which a resolver is tried: an answer that says that nothing validates.
        (self.folder / "com.zone").write_text(_zone("com", []))
        (self.folder / "nsd.conf").write_text(self._configuration())
        self.processes = processes.Processes(self.folder)
        self.processes.start("nsd", [servers.program("usr/sbin/nsd"), "-d", "-c", self.folder / "nsd.conf"], self.environment)
        self._wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.processes.stop()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def take(self):
        """The questions since the call before, by type: {"MX": 3}; under "all" their sum."""
        command = [self.control, "-c", self.folder / "nsd.conf", "stats"]
        said = subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        counted = dict(line.split("=") for line in said.splitlines())
        questions = {name.removeprefix("num.type."): int(value) for name, value in counted.items() if name.startswith("num.type.")}
        return {name: count for name, count in questions.items() if count} | {"all": int(counted["num.queries"])}

    def _configuration(self):
        return f"""server:
    ip-address: 127.0.0.1@{self.port}
    do-ip6: no
    server-count: 1
    username: ""
    zonesdir: "{self.folder}"
    database: ""
    pidfile: "{self.folder}/nsd.pid"
    xfrdfile: "{self.folder}/xfrd.state"
    zonelistfile: "{self.folder}/zone.list"
    xfrdir: "{self.folder}"
    rrl-ratelimit: 0
remote-control:
    control-enable: yes
    control-interface: "{self.folder}/nsd.ctl"
zone:
    name: "test."
    zonefile: "test.zone"
zone:
    name: "com."
    zonefile: "com.zone"
"""

    def _wait(self):
        question = b"\0\1\1\0\0\1\0\0\0\0\0\0\4test\0\0\6\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            client.connect(("127.0.0.1", self.port))
            for _ in range(PATIENCE * 5):
                self.processes.check()
                with contextlib.suppress(OSError):
                    client.send(question)
                    if client.recv(512)[3] & 15 == 0:
                        return
                time.sleep(0.1)
        raise processes.Failed("NSD gives no answer")


def _zone(name, lines):
    head = [f"$ORIGIN {name}.", "$TTL 86400", "@ SOA ns hostmaster 1 3600 600 86400 86400", "@ NS ns", "ns A 127.0.0.1"]
    return "\n".join([*head, *lines]) + "\n"


def _shared():
    for number in range(HOSTS):
        yield f"*.g{number} MX 10 mx{number}.mx"
        yield f"mx{number}.mx A {_address(1, number % ENDPOINTS)}"


def _own():
    for number in range(OWN):
        yield f"*.own{number} MX 10 own{number}.mx"
        yield f"own{number}.mx A {_address(2, number)}"


def _address(second, number):
    return f"127.{second}.{number // 250}.{number % 250 + 1}"


def own_targets(count):
    """Each with an MX name and an address of its own."""
    return [f"d.own{number}.test" for number in range(count)]


def own_addresses(count):
    """The same without names: nothing is asked of any DNS server."""
    return [f"d@[{_address(2, number)}]" for number in range(count)]


def shared_targets(count, hosts):
    """Targets over the first hosts: each of these at least once, and beyond that as Zipf has it. The same every time."""
    chance = random.Random(5)
    weights = [1 / rank for rank in range(1, hosts + 1)]
    chosen = [*range(hosts), *chance.choices(range(hosts), weights, k=count - hosts)]
    chance.shuffle(chosen)
    return [f"d{number}.g{host}.test" for number, host in enumerate(chosen)]


def empty_targets(count):
    """Names that exist, without MX and without address."""
    return [f"d{number}.none.test" for number in range(count)]
