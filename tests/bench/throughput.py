"""Sessions a second, beside what one would use instead, on the same server."""

import contextlib
import os
import resource
import subprocess
import time
import urllib.parse
import urllib.request

import packages
import ports
import scans
import servers
from measured import cpu_of, spoken
from processes import Failed, Processes
from results import median

AT_ONCE = 8
OURS, FINGERS, PROBES = 8000, 400, 4000  # sessions a round

# Postfix's programs want accounts of their own, which do nothing here.
POSTFIX = """compatibility_level = 3.6
queue_directory = {folder}
data_directory = {folder}
daemon_directory = {root}/usr/lib/postfix/sbin
command_directory = {root}/usr/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {root}/etc/postfix
mail_owner = daemon
setgid_group = mail
myhostname = probe.test
inet_protocols = ipv4
"""

BLACKBOX = """modules:
  starttls:
    prober: tcp
    timeout: 10s
    tcp:
      query_response:
        - expect: "^220 "
        - send: "EHLO probe.test\\r"
        - expect: "^250 STARTTLS"
        - send: "STARTTLS\\r"
        - expect: "^220 "
        - starttls: true
        - send: "EHLO probe.test\\r"
        - expect: "^250 "
        - send: "QUIT\\r"
        - expect: "^221 "
      tls_config:
        ca_file: {root}
        server_name: mx.test
"""


def rate(results, options):
    folder = options.certificates("EC P-256")
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(servers.NameServer(options.folder))
        server = stack.enter_context(servers.MailServer(folder, threads=2))
        scan = scans.Scan(names, server)
        addresses = options.file_of("addresses", servers.own_addresses(OURS))
        by_name = options.file_of("names", servers.own_targets(OURS))
        finger = _Finger(options, server)
        exporter = stack.enter_context(_Exporter(options, server))
        clients = {
            "mxtls scan": (OURS, lambda: scan.run(addresses, *scans.BY_ADDRESS).cpu),
            f"xargs -P{AT_ONCE} posttls-finger": (FINGERS, lambda: finger.run(FINGERS)),
            f"blackbox exporter, {AT_ONCE} connections": (PROBES, lambda: exporter.run(PROBES)),
            "mxtls scan of names, with their DNS": (OURS, lambda: scan.run(by_name).cpu),
        }
        rounds = [[_counted(server, *work) for work in clients.values()] for _ in range(options.rounds)]
    results.heading(f"Sessions a second with addresses of one server of two threads, EC P-256: {options.rounds} rounds")
    rates = []
    for name, measured in zip(clients, zip(*rounds)):
        per_second, cpu, server_cpu = zip(*measured)
        rates.append(median(per_second))
        results.figure(name, f"{rates[-1]:.0f}", per_second)
        results.note(f"  CPU of one session: {median(cpu) * 1e6:.0f} µs, and of the server {median(server_cpu) * 1e6:.0f} µs")
    ours, fingers, probes, _ = rates
    results.limit("mxtls scan / posttls-finger", ours / fingers, ".1f", "at least", 5)
    results.limit("mxtls scan / blackbox exporter", ours / probes, ".2f", "at least", 1.5)


def _counted(server, sessions, work):
    """Sessions a second of work that brings so many to the server, the CPU of each in seconds, and the server's."""
    server.take()
    server_cpu = server.cpu()
    start = time.monotonic()
    cpu = work()
    took = time.monotonic() - start
    scans.require_sessions(server.take()[0], sessions)
    return sessions / took, cpu / sessions, (server.cpu() - server_cpu) / sessions


class _Finger:
    def __init__(self, options, server):
        postfix = packages.unpacked(packages.SERVERS)
        folder = options.folder / "posttls-finger"
        folder.mkdir()
        (folder / "main.cf").write_text(POSTFIX.format(folder=folder, root=postfix.root))
        self.environment = postfix.environment() | {"MAIL_CONFIG": str(folder)}
        self.command = ["xargs", f"-P{AT_ONCE}", "-I{}", postfix.program("usr/sbin/posttls-finger")]
        self.command += ["-c", "-l", "verify", "-L", "summary", "-F", str(server.root), "{}", "mx.test"]
        self.target = f"[127.0.0.1]:{server.port}\n"

    def run(self, count):
        """Seconds of CPU."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            self.command,
            env=self.environment,
            input=self.target * count,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.stdout.count("Verified TLS connection established") != count:
            raise Failed(f"posttls-finger said: {done.stdout[-1000:]}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class _Exporter:
    def __init__(self, options, server):
        folder = options.folder / "exporter"
        folder.mkdir()
        (folder / "blackbox.yml").write_text(BLACKBOX.format(root=server.root))
        exporter = packages.unpacked(servers.OTHERS, servers.OTHER_PACKAGES).program("usr/bin/prometheus-blackbox-exporter")
        self.port = ports.Reservation(["127.0.0.1"]).port
        self.processes = Processes(folder)
        listen = f"--web.listen-address=127.0.0.1:{self.port}"
        self.processes.start("exporter", [exporter, listen, f"--config.file={folder}/blackbox.yml", "--log.level=error"], os.environ)
        self.processes.wait_for(["127.0.0.1"], self.port)
        self.path = "/probe?" + urllib.parse.urlencode({"target": f"127.0.0.1:{server.port}", "module": "starttls"})

    def __enter__(self):
        self._probe_once()
        return self

    def __exit__(self, *_):
        self.processes.stop()

    def run(self, count):
        """Seconds of CPU."""
        before = self._cpu()
        spoken([servers.CLIENT, "drive", self.port, self.path, count, AT_ONCE])
        return self._cpu() - before

    def _cpu(self):
        return cpu_of(self.processes.running[0][1].pid)

    def _probe_once(self):
        """With the exporter's own words, should its configuration not fit the server."""
        address = f"http://127.0.0.1:{self.port}{self.path}&debug=true"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=20) as answer:
            said = answer.read().decode()
        if "\nprobe_success 1\n" not in said:
            raise Failed(f"the exporter says:\n{said}")
