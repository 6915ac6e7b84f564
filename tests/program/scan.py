#!/usr/bin/python3 -B
"""mxtls scan as a program: streams, signals, pipes, disks, descriptors and resolvers as they are."""

import collections
import contextlib
import csv
import itertools
import json
import os
import pathlib
import re
import resource
import selectors
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import program

WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
SANITIZED = re.search(rb"__[at]san_init", pathlib.Path(program.PROGRAM).read_bytes())  # such a program keeps what is freed
SUMMARY = re.compile(r"mxtls: ([\d,]+) targets?, ([\d,]+) connections?: (.*) in [\d.,]+ s(, [\d.,]+ targets a second)?\n\Z")


class Scan(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.output = self.folder / "output"

    def file(self, name, lines):
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return str(path)

    def start(self, *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more):
        process = subprocess.Popen(
            [program.PROGRAM, "scan", *arguments, *program.IN_THE_WORLD],
            env=program.ENVIRONMENT,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            bufsize=0,
            **more,
        )
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()

    def scan(self, lines, *arguments, **more):
        process = self.start(*arguments, self.file("list", lines), **more)
        out, err = process.communicate(timeout=program.PATIENCE)
        return program.Result(process.returncode, out, err)

    def verdicts(self, octets):
        """Each line of them is whole."""
        text = octets.decode()
        self.assertTrue(not text or text.endswith("\n"), msg=text[-200:])
        return [json.loads(line) for line in text.splitlines()]

    def targets(self, octets):
        return [verdict["target"] for verdict in self.verdicts(octets)]

    def summed_up(self, err):
        """Targets and connections, as the last line on standard error tells them."""
        match = SUMMARY.search(err.decode())
        self.assertTrue(match, msg=err.decode())
        return int(match[1].replace(",", "")), int(match[2].replace(",", ""))

    def until(self, condition):
        end = time.monotonic() + program.PATIENCE
        while not (found := condition()):
            self.assertLess(time.monotonic(), end, msg="it never came to pass")
            time.sleep(0.01)
        return found


class Host:
    """A mail host without TLS, which counts who comes."""

    def __init__(self, test, address="127.77.0.1", delay=0):
        self.connections = 0
        self.delay = delay
        self.server = socket.create_server((address, 0), backlog=4096)
        self.server.setblocking(False)
        self.name = "{}:{}".format(*self.server.getsockname())
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.server, selectors.EVENT_READ)
        self.waking, self.wake = socket.socketpair()
        self.selector.register(self.waking, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        test.addCleanup(self.stop)

    def stop(self):
        self.wake.close()
        self.thread.join()

    def serve(self):
        with contextlib.ExitStack() as opened:
            opened.enter_context(self.selector)
            opened.enter_context(self.server)
            opened.enter_context(self.waking)
            while True:
                for key, _ in self.selector.select():
                    if key.fileobj is self.waking:
                        return
                    if key.fileobj is self.server:
                        self.accept(opened)
                    else:
                        self.answer(key.fileobj)

    def accept(self, opened):
        client, _ = self.server.accept()
        opened.enter_context(client)
        self.connections += 1
        self.selector.register(client, selectors.EVENT_READ)
        client.sendall(b"220 mx.counted.test ESMTP\r\n")

    def answer(self, client):
        try:
            line = client.recv(4096)
            replies = {b"EHLO": b"250 mx.counted.test\r\n", b"MAIL": b"250 ok\r\n", b"QUIT": b"221 bye\r\n"}
            if line:
                client.sendall(replies.get(line[:4], b"500 what\r\n"))
        except OSError:
            line = b""
        if not line or line[:4] == b"QUIT":
            self.selector.unregister(client)
            client.close()


class Verdicts(Scan):
    def test_every_domain_has_the_verdict_of_a_check(self):
        options = ["--format", "ndjson", "--greeting-timeout", "8", "--command-timeout", "8"]
        domains = [domain.name for domain in program.all_domains()]
        # A check of many has seen the intermediates of all before it judges one of them.
        alone = {"incomplete.test", "gap.test"} & set(domains)
        scanning = self.start(*options, self.file("list", domains))
        results = [program.probe(*options, "--jobs", "64", *(set(domains) - alone))]
        results += [program.probe(*options, name) for name in alone]
        out, err = scanning.communicate(timeout=program.PATIENCE)

        scanned = {verdict["target"]: bare(verdict) for verdict in self.verdicts(out)}
        self.assertEqual(sorted(scanned), sorted(domains))
        for verdict in itertools.chain(*(self.verdicts(result.out) for result in results)):
            with self.subTest(verdict["target"]):
                self.assertEqual(scanned[verdict["target"]], bare(verdict))
        self.assertEqual(scanning.returncode, max(result.status for result in results if result.status < 3))
        counts = collections.Counter(verdict["status"] for verdict in scanned.values())
        self.assertEqual(self.summed_up(err)[0], len(domains))
        self.assertIn(", ".join(f"{counts[word]} {word}" for word in WORDS), err.decode())

    def test_the_status_is_the_worst_of_all(self):
        for status, lines in (
            (3, []),
            (0, ["good.test", "exim.test"]),
            (1, ["good.test", "wrong-name.test"]),
            (3, ["good.test", "wrong-name.test", "no target"]),
            (2, ["good.test", "no target", "plain.test"]),
        ):
            with self.subTest(lines):
                result = self.scan(["# some", "", *lines])
                self.assertEqual(result.status, status)
                self.assertEqual(sorted(self.targets(result.out)), sorted(lines))
                self.assertEqual(self.summed_up(result.err)[0], len(lines))

    def test_quiet_tells_only_of_what_is_not_well(self):
        self.assertEqual(self.scan(["good.test", "exim.test"], "-q"), program.Result(0, b"", b""))
        result = self.scan(["good.test", "wrong-name.test"], "-q")
        self.assertEqual((result.status, self.targets(result.out)), (1, ["wrong-name.test"]))
        self.assertEqual(self.summed_up(result.err)[0], 2)

    def test_ordered_results_stand_as_their_targets_do(self):
        lines = ["slow.test", "no target", "good.test", "absent.test", "called-otherwise.test", "exim.test", "wrong-name.test"] * 3
        result = self.scan(lines, "--ordered", "--format", "score")
        told = [line.split(" ", 1)[1] for line in result.out.decode().splitlines()]
        self.assertEqual(told, lines)

    def test_csv_has_one_head(self):
        result = self.scan(["good.test", "pair.test", "no, \"target\""], "--format", "csv")
        rows = list(csv.reader(result.out.decode().splitlines()))
        self.assertEqual([row[0] for row in rows].count("target"), 1)
        self.assertEqual(rows[0][:3], ["target", "status", "factor"])
        self.assertEqual(sorted(row[0] for row in rows[1:]), ["good.test", 'no, "target"', "pair.test", "pair.test"])


def bare(part):
    """What does not differ from run to run, nor between a check and a scan."""
    if isinstance(part, dict):
        varying = {"started", "elapsed_ms", "ms", "days_left", "shared", "reverse"}
        return {key: bare(value) for key, value in part.items() if key not in varying}
    if isinstance(part, list):
        return [bare(value) for value in part]
    if isinstance(part, str):
        return re.sub(r"within \d+\.\d s", "within its limit", part)
    return part


class Connections(Scan):
    def test_a_host_is_connected_to_once(self):
        host = Host(self)
        lines = [f"user{number}@good.test" for number in range(200)]
        result = self.scan(lines, "--mx", host.name)
        self.assertEqual(host.connections, 1)
        self.assertEqual(self.summed_up(result.err), (200, 1))
        shared = [verdict["hosts"][0]["endpoints"][0]["shared"] for verdict in self.verdicts(result.out)]
        self.assertEqual(collections.Counter(shared), {True: 199, False: 1})

    def test_for_each_target_where_it_is_asked_for(self):
        host = Host(self)
        lines = [f"user{number}@good.test" for number in range(50)]
        result = self.scan(lines, "--mx", host.name, "--no-share")
        self.assertEqual(host.connections, 50)
        self.assertEqual(self.summed_up(result.err), (50, 50))

    def test_who_is_excluded_is_not_contacted(self):
        host = Host(self)
        rules = self.file("optout", ["127.77.0.0/16  # asked us to", "", "*.out.test"])
        result = self.scan(["good.test", "user@below.out.test"], "--mx", host.name, "--exclude", rules)
        self.assertEqual(host.connections, 0)
        self.assertEqual(result.status, 3)
        for verdict in self.verdicts(result.out):
            self.assertIn("excluded", [finding["code"] for finding in program.findings(verdict)])

    def test_a_lack_of_descriptors_is_nobodys_fault(self):
        host = Host(self)
        lines = [f"user{number}@good.test" for number in range(300)]
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
        result = self.scan(lines, "--mx", host.name, "--no-share", "--per-host", "1000", preexec_fn=few)
        verdicts = self.verdicts(result.out)
        self.assertEqual(sorted(verdict["target"] for verdict in verdicts), sorted(lines))
        codes = collections.Counter(finding["code"] for verdict in verdicts for finding in program.findings(verdict))
        self.assertEqual(codes["starttls-not-supported"], 300, msg=codes)
        self.assertEqual((codes["connect-local"], host.connections), (0, 300))
        self.assertRegex(result.err.decode(), r"\Amxtls: no more than \d+ connections at once")

    def test_a_lack_of_descriptors_spoils_no_answer_and_no_policy(self):
        domains = [domain.name for domain in program.all_domains() if domain.name.endswith((".sts.test", ".dane.test"))]
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
        wide, narrow = (self.scan(domains, **more) for more in ({}, {"preexec_fn": few}))
        wide = {verdict["target"]: bare(verdict) for verdict in self.verdicts(wide.out)}
        for verdict in self.verdicts(narrow.out):
            with self.subTest(verdict["target"]):
                self.assertEqual(bare(verdict), wide.pop(verdict["target"]))
        self.assertEqual(wide, {})


class Endings(Scan):
    def stream(self, *arguments, **more):
        """A scan of what is written into it."""
        return self.start(*arguments, "-", stdin=subprocess.PIPE, **more)

    def feed(self, process, lines):
        process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        process.stdin.flush()

    def test_a_signal_ends_it_with_what_is_known(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                process = self.stream()
                lines = ["silent.test", *(f"user{number}@good.test" for number in range(100))]
                self.feed(process, lines)
                first = process.stdout.readline()
                process.send_signal(number)
                rest, err = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 3)
                targets = self.targets(first + rest)
                self.assertLessEqual(set(targets), set(lines[1:]))
                self.assertEqual(self.summed_up(err)[0], len(targets))
                self.assertRegex(err.decode(), r"\Amxtls: interrupted: .*\nmxtls: ")

    def test_a_hangup_asks_how_far_it_is(self):
        process = self.stream()
        self.feed(process, ["good.test", "no target"])
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGHUP)
        self.assertRegex(process.stderr.readline().decode(), r"\Amxtls: 2 done, 1 failed \(CRITICAL or UNKNOWN\)")
        process.send_signal(signal.SIGHUP)
        self.assertRegex(process.stderr.readline().decode(), r"\Amxtls: 2 done, 1 failed")
        self.feed(process, ["exim.test"])
        rest, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(sorted(self.targets(b"".join(lines) + rest)), ["exim.test", "good.test", "no target"])
        self.assertEqual(self.summed_up(err)[0], 3)

    def test_a_terminal_shows_how_far_it_is(self):
        lines = self.file("list", ["silent.test", "good.test", "no target"])
        processes, screens = [], []
        for quiet in ([], ["-q"]):
            screen, terminal = os.openpty()
            self.addCleanup(os.close, screen)
            options = ["--greeting-timeout", "1.3", "-o", os.devnull, *quiet]
            processes.append(self.start(*options, lines, stderr=terminal))
            os.close(terminal)
            screens.append(screen)
        for process in processes:
            process.wait(program.PATIENCE)
        shown, quietly = (all_of(screen).decode() for screen in screens)
        self.assertRegex(shown, r"\r\x1b\[K[12] done, 1 failed \(CRITICAL or UNKNOWN\)")
        self.assertTrue(SUMMARY.search(shown.replace("\r\n", "\n")), msg=shown)
        self.assertIn("\r\x1b[Kmxtls: 3 targets", shown, msg="the line is wiped before the last one")
        self.assertNotIn("\x1b", quietly)

    def test_a_reader_that_goes_ends_it_quietly(self):
        for form in ("ndjson", "csv", "score"):
            with self.subTest(form):
                reading, writing = os.pipe()
                os.close(reading)
                process = self.start("--format", form, self.file("list", ["good.test"] * 50), stdout=writing)
                os.close(writing)
                _, err = process.communicate(timeout=program.PATIENCE)
                self.assertEqual((process.returncode, err), (3, b""))

    def test_a_reader_that_stalls_is_waited_for(self):
        lines = [f"no target {number}" for number in range(10_000)]
        process = self.start(self.file("list", lines))
        first = process.stdout.readline()
        self.until(lambda: is_idle(process))
        before = high_water(process)
        out, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(sorted(self.targets(first + out)), sorted(lines))
        self.assertEqual(self.summed_up(err)[0], len(lines))
        if not SANITIZED:
            self.assertLess(before, 64 * 1024, msg="KiB, of which the program itself is the most")

    def test_a_reader_that_stalls_does_not_keep_it_from_ending(self):
        process = self.start(self.file("list", ["no target"] * 10_000))
        self.until(lambda: is_idle(process))
        process.send_signal(signal.SIGINT)
        self.assertIn(b"nobody reads", process.stderr.readline())
        process.wait(timeout=10)
        self.assertEqual(process.returncode, 3)

    @unittest.skipIf(SANITIZED, "what is freed is kept")
    def test_memory_does_not_grow_with_the_input(self):
        process = self.stream("--format", "csv", stdout=subprocess.DEVNULL)
        seen = []
        for begin in range(0, 50_000, 10_000):
            self.feed(process, (f"no target {number}" for number in range(begin, begin + 10_000)))
            seen.append(high_water(process))
        _, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(self.summed_up(err), (50_000, 0))
        self.assertLess(seen[-1], seen[0] + 8 * 1024, msg=seen)

    def test_a_full_disk_is_told(self):
        listed = self.file("list", ["good.test", "exim.test"])
        with open("/dev/full", "wb") as full:
            for name, arguments, stdout in (("'/dev/full'", ["-o", "/dev/full"], subprocess.DEVNULL), ("standard output", [], full)):
                with self.subTest(name):
                    process = self.start(*arguments, listed, stdout=stdout)
                    _, err = process.communicate(timeout=program.PATIENCE)
                    self.assertEqual(process.returncode, 3)
                    self.assertIn(f"mxtls: cannot write to {name}: No space left on device\n", err.decode())

    def test_on_a_full_disk_every_result_is_whole_and_the_rest_can_be_done_later(self):
        lines = [f"no target {number}" for number in range(100)]
        few = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        full = self.scan(lines, "-o", self.output, preexec_fn=few)
        self.assertEqual((full.status, full.out), (3, b""))
        self.assertIn(b"make room, and go on with --resume", full.err)
        done = self.targets(self.output.read_bytes())
        self.assertGreater(len(done), 10)
        self.assertEqual(self.scan(lines, "-o", self.output, "--resume", self.output).status, 3)
        self.assertEqual(sorted(self.targets(self.output.read_bytes())), sorted(lines))

    def test_what_was_killed_goes_on_where_it_was(self):
        domains = ("good.test", "pair.test", "absent.test")
        lines = ["=1+1", "two words", *(f"user{number}@{domain}" for number in range(150) for domain in domains)]
        for form in ("ndjson", "csv", "score"):
            with self.subTest(form):
                output = self.folder / form
                process = self.start("--format", form, "-o", output, self.file("list", lines), "--rate", "50", "--no-share")
                self.until(lambda: output.exists() and output.read_bytes().count(b"\n") > 10)
                process.kill()
                process.wait()
                with output.open("ab") as file:
                    file.write(b'{"schema":"mxtls/1","target":"user149@go')  # as if it had been cut short
                before = output.read_bytes().count(b"\n")
                result = self.scan(lines, "--format", form, "-o", output, "--resume", output)
                self.assertEqual(result.out, b"")
                self.assertLess(self.summed_up(result.err)[0], len(lines) - (before - 1) // 2 + 1)
                self.assertEqual(sorted(told(form, output.read_bytes().decode())), sorted(lines))

    def test_the_file_of_counters_is_whole_at_any_moment(self):
        stats = self.folder / "stats"
        process = self.stream("--stats", stats)
        begun = self.until(lambda: stats.exists() and stats.read_text())
        self.assertTrue(begun.endswith("\n# EOF\n"))
        self.feed(process, ["good.test", "no target"])
        _, err = process.communicate(timeout=program.PATIENCE)
        text = stats.read_text()
        self.assertTrue(text.endswith("\n# EOF\n"))
        self.assertEqual(sum(int(value) for value in re.findall(r"^mxtls_scan_targets_total\{.*\} (\d+)$", text, re.MULTILINE)), 2)
        self.assertEqual(sorted(os.listdir(self.folder)), ["stats"])

    def test_the_input_is_not_written_over(self):
        listed = self.file("list", ["good.test"])
        result = program.run("scan", "-o", listed, *program.IN_THE_WORLD, self.folder / "." / "list")
        self.assertEqual((result.status, result.out), (3, b""))
        self.assertEqual(pathlib.Path(listed).read_text(), "good.test\n")


def all_of(screen):
    """What was written to a terminal that nobody has open any more: at its end Linux says EIO. One read may give less."""
    octets = b""
    with contextlib.suppress(OSError):
        while some := os.read(screen, 65536):
            octets += some
    return octets


def told(form, text):
    """The target of each result."""
    if form == "ndjson":
        return [json.loads(line)["target"] for line in text.splitlines()]
    if form == "score":
        return [line.split(" ", 1)[1] for line in text.splitlines()]
    rows = list(csv.reader(text.splitlines()))
    assert [row[0] for row in rows].count("target") == 1
    first = lambda cell: re.sub(r"\A\\x(3d|2b|2d|40)", lambda match: chr(int(match[1], 16)), cell)
    return [first(target) for target, _ in itertools.groupby(row[0] for row in rows[1:])]


def status_of(process, name):
    return int(re.search(rf"^{name}:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)[1])


def high_water(process):
    return status_of(process, "VmHWM")


def is_idle(process):
    before = processor_time(process)
    time.sleep(0.2)
    return processor_time(process) == before > 0


def processor_time(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class LossyResolver:
    """Passes questions on to the resolver of the world, but the first of each name that it is to lose."""

    def __init__(self, test, loses):
        self.loses = loses
        self.lost = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.name = "127.0.0.1:{}".format(self.socket.getsockname()[1])
        address, port = program.WORLD["MXTLS_RESOLVER"].split(":")
        self.behind = (address, int(port))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        test.addCleanup(self.stop)

    def stop(self):
        self.socket.close()

    def serve(self):
        selector = selectors.DefaultSelector()
        selector.register(self.socket, selectors.EVENT_READ)
        with contextlib.suppress(OSError, ValueError):
            while True:
                for key, _ in selector.select(timeout=0.2):
                    if key.fileobj is self.socket:
                        self.pass_on(selector)
                    else:
                        self.socket.sendto(key.fileobj.recv(65535), key.data)

    def pass_on(self, selector):
        question, peer = self.socket.recvfrom(65535)
        asked = question[12:]
        if self.loses(asked) and asked not in self.lost:
            self.lost.add(asked)
            return
        upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        upstream.connect(self.behind)
        upstream.send(question)
        selector.register(upstream, selectors.EVENT_READ, peer)


class Resolver(Scan):
    def test_packets_that_are_lost_cost_no_verdict(self):
        expected = {
            **{name: "OK" for name in ("good.test", "exim.test", "signed.test")},
            **{"wrong-name.test": "WARNING", "plain.test": "CRITICAL", "absent.test": "UNKNOWN"},
        }
        of_domains = (b"\4good\4test", b"\4exim\4test", b"\6absent\4test")
        of_hosts = (b"\2mx\6signed", b"\2mx\x0awrong-name", b"\2mx\5plain")
        resolver = LossyResolver(self, lambda asked: asked.startswith((*of_domains, *of_hosts)))
        program.WORLD["LOSSY"] = resolver.name
        result = program.run("scan", *program.in_the_world("LOSSY"), self.file("list", expected))
        self.assertEqual({verdict["target"]: verdict["status"] for verdict in self.verdicts(result.out)}, expected)
        self.assertGreaterEqual(len(resolver.lost), len(expected))


if __name__ == "__main__":
    unittest.main()
