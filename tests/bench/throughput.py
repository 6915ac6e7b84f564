"""Sessions a second, beside what one would use instead, on the same server."""

import contextlib
import os
import subprocess
import time
import urllib.parse
import urllib.request

import packages
import ports
import scans
import servers
from measured import spoken
from processes import Failed, Processes
from results import median

AT_ONCE = 8
OURS = 8000  # sessions a round
THEIRS = {"posttls-finger": 200, "blackbox-exporter": 2000}

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
    with servers.NameServer(options.folder) as names, servers.MailServer(folder, threads=2) as server:
        with _Finger(options, server) as finger, _Exporter(options, server) as exporter, _Scan(options, names, server) as ours:
            rounds = [[each.sessions_a_second() for each in (ours, finger, exporter)] for _ in range(options.rounds)]
    ours, finger, exporter = map(list, zip(*rounds))
    results.heading(f"Sessions a second on one server of two threads, EC P-256: {options.rounds} rounds")
    results.figure("mxtls scan", f"{median(ours):.0f}", ours)
    results.figure(f"xargs -P{AT_ONCE} posttls-finger", f"{median(finger):.0f}", finger)
    results.figure(f"blackbox exporter, {AT_ONCE} connections", f"{median(exporter):.0f}", exporter)
    results.limit("mxtls scan / posttls-finger", median(ours) / median(finger), ".1f", "at least", 5)
    results.limit("mxtls scan / blackbox exporter", median(ours) / median(exporter), ".2f", "at least", 1.5)


def _counted(server, sessions, work):
    """Sessions a second of what the work brings to the server; all of them have to get to QUIT."""
    server.take()
    start = time.monotonic()
    work()
    took = time.monotonic() - start
    seen = server.take()[0]
    if seen != sessions:
        raise Failed(f"of {sessions} sessions, {seen} got to QUIT")
    return sessions / took


class _Scan(contextlib.nullcontext):
    def __init__(self, options, names, server):
        super().__init__(self)
        self.scan = scans.Scan(names, server)
        self.server = server
        self.targets = options.file_of("rate", servers.own_targets(OURS))

    def sessions_a_second(self):
        return _counted(self.server, OURS, lambda: self.scan.run(self.targets))


class _Finger(contextlib.nullcontext):
    def __init__(self, options, server):
        super().__init__(self)
        postfix = packages.unpacked(packages.SERVERS)
        folder = options.folder / "posttls-finger"
        folder.mkdir()
        (folder / "main.cf").write_text(POSTFIX.format(folder=folder, root=postfix.root))
        self.environment = postfix.environment() | {"MAIL_CONFIG": str(folder)}
        self.command = ["xargs", f"-P{AT_ONCE}", "-I{}", postfix.program("usr/sbin/posttls-finger")]
        self.command += ["-c", "-l", "verify", "-L", "summary", "-F", str(server.root), "{}", "mx.test"]
        self.server = server

    def sessions_a_second(self):
        count = THEIRS["posttls-finger"]
        return _counted(self.server, count, lambda: self._run(f"[127.0.0.1]:{self.server.port}\n" * count))

    def _run(self, targets):
        said = subprocess.run(
            self.command, env=self.environment, input=targets, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ).stdout
        if said.count("Verified TLS connection established") != targets.count("\n"):
            raise Failed(f"posttls-finger said: {said[-1000:]}")


class _Exporter:
    def __init__(self, options, server):
        self.server = server
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

    def sessions_a_second(self):
        count = THEIRS["blackbox-exporter"]
        return _counted(
            self.server, count, lambda: spoken([servers.CLIENT, "drive", self.port, self.path, count, AT_ONCE])
        )

    def _probe_once(self):
        """With the exporter's own words, should its configuration not fit the server."""
        address = f"http://127.0.0.1:{self.port}{self.path}&debug=true"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=20) as answer:
            said = answer.read().decode()
        if "\nprobe_success 1\n" not in said:
            raise Failed(f"the exporter says:\n{said}")
