#!/usr/bin/python3 -B
"""mxtls scan as one worker of many, with a real redis-server between them."""

import collections
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import program
import redis

SERVERS = redis.unpacked()
TARGETS, RESULTS, GROUP = "mxtls:targets", "mxtls:results", "mxtls"
SILENT = [f"user{number}@silent.test" for number in range(3)]
PROMPT = [f"user{number}@{domain}" for number in range(100) for domain in ("good.test", "exim.test", "wrong-name.test")]


class Server:
    """In a folder of its own, asked through redis-cli."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = pathlib.Path(folder) / "redis.sock"
        self.start()

    def start(self):
        """Also again, with what it had stored."""
        self.process = subprocess.Popen(
            [
                *(SERVERS.program("usr/bin/redis-server"), "--port", "0", "--unixsocket", self.socket),
                *("--save", "", "--appendonly", "yes", "--appendfsync", "always"),
            ],
            env=SERVERS.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        for line in self.process.stdout:
            if b"eady to accept connections" in line:
                return
        raise RuntimeError(f"redis-server ended with status {self.process.wait()}")

    def end(self):
        self.process.kill()
        self.process.communicate()

    def url(self, **parameters):
        return f"unix://{self.socket}?" + "&".join(f"{name.replace('_', '-')}={value}" for name, value in parameters.items())

    def ask(self, *words):
        return json.loads(self.client("--json", *words))

    def feed(self, targets):
        """As the README does it."""
        self.client(text="".join(f"XADD {TARGETS} * target {target}\n" for target in targets))

    def client(self, *arguments, text=""):
        command = [SERVERS.program("usr/bin/redis-cli"), "-e", "-s", self.socket, *arguments]
        done = subprocess.run(
            command, env=SERVERS.environment(), input=text, capture_output=True, text=True, timeout=program.PATIENCE, check=True
        )
        return done.stdout

    def results(self):
        entries = self.ask("XRANGE", RESULTS, "-", "+")
        return [dict(zip(fields[::2], fields[1::2])) for _, fields in entries]

    def held_by(self, worker):
        """The ids of the entries that it has not finished."""
        return [entry[0] for entry in self.ask("XPENDING", TARGETS, GROUP, "-", "+", "10000", worker)]

    def target(self, identity):
        ((_, fields),) = self.ask("XRANGE", TARGETS, identity, identity)
        return fields[1]


class Fleet(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(folder.cleanup)
        self.server = Server(folder.name)
        self.addCleanup(self.server.end)

    def start(self, worker, *options, **parameters):
        url = self.server.url(consumer=worker, **parameters)
        process = program.start(
            *("scan", "--queue", url, "--no-share", "--greeting-timeout", "3", *options), *program.IN_THE_WORLD, stderr=subprocess.PIPE
        )
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def until(self, condition):
        end = time.monotonic() + program.PATIENCE
        while not (found := condition()):
            self.assertLess(time.monotonic(), end, msg="it never came to pass")
        return found

    def ended(self, process):
        process.wait(program.PATIENCE)
        said = process.stderr.read().decode()
        self.assertGreaterEqual(process.returncode, 0, msg=said)
        return said

    def stopped_at_work(self, workers):
        """One that was stopped with work in its hands, and the ids of that."""
        for name, process in workers.items():
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            self.server.client(text="PING\n" * 100)  # what it sent before is done with by then
            if held := self.server.held_by(name):
                return name, held
            process.send_signal(signal.SIGCONT)
        return None

    def test_a_worker_killed_in_mid_run_costs_no_result(self):
        self.server.feed(SILENT + PROMPT)
        self.server.feed(PROMPT[:20])  # again
        self.server.ask("XADD", TARGETS, "*", "domain", "good.test")
        workers = {name: self.start(name, hold=20, take_over=2, drain=1) for name in ("one", "two", "three")}
        self.until(lambda: self.server.ask("XLEN", RESULTS) >= 60)

        victim, held = self.until(lambda: self.stopped_at_work(workers))
        left = {self.server.target(identity) for identity in held}
        workers[victim].kill()
        for name, process in workers.items():
            if name != victim:
                self.ended(process)

        results = self.server.results()
        fed = collections.Counter([*SILENT, *PROMPT, ""])
        self.assertEqual(collections.Counter(result["target"] for result in results), fed)
        self.assertEqual(len({result["worker"] for result in results}), 3)
        for result in results:
            if result["target"] in left and result["target"] not in PROMPT[:20]:
                self.assertNotEqual(result["worker"], victim)
            verdict = json.loads(result["result"])
            self.assertEqual((verdict["target"], verdict["status"]), (result["target"], result["status"]))
        self.assertEqual(self.server.ask("XPENDING", TARGETS, GROUP)[0], 0)
        self.assertEqual([one["name"] for one in self.server.ask("XINFO", "CONSUMERS", TARGETS, GROUP)], [victim])

    def test_a_worker_that_is_ended_gives_back_what_it_has(self):
        self.server.feed(SILENT)
        leaving = self.start("leaving", "--greeting-timeout", "60")
        self.until(lambda: self.server.ask("XINFO", "GROUPS", TARGETS))
        self.until(lambda: len(self.server.held_by("leaving")) == len(SILENT))
        leaving.terminate()
        self.assertIn("interrupted", self.ended(leaving))
        self.assertEqual(leaving.returncode, 3)
        self.assertEqual(self.server.ask("EXISTS", RESULTS), 0)

        self.ended(self.start("other", drain=1))  # long before the time to take over what was abandoned
        self.assertEqual(sorted(result["target"] for result in self.server.results()), SILENT)

    def test_a_server_that_is_away_for_a_while_costs_no_result(self):
        self.server.feed(PROMPT[:100])
        worker = self.start("patient", hold=20, drain=1)
        self.until(lambda: self.server.ask("XLEN", RESULTS) >= 20)
        self.server.end()
        said = worker.stderr.readline().decode()
        self.assertRegex(said, r"\Amxtls: cannot work with Redis at /.*redis.sock: .*; trying again, nothing is lost\n\Z")
        self.server.start()
        self.ended(worker)
        self.assertEqual(sorted(result["target"] for result in self.server.results()), sorted(PROMPT[:100]))


class AtTheStart(unittest.TestCase):
    def test_one_line_says_what_is_wrong(self):
        for url, words in (
            ("redis://:hush@127.0.0.1:1", "Redis at 127.0.0.1:1: Connection refused"),
            ("unix:///nonexistent/redis.sock", "No such file or directory"),
            ("rediss://:hush@127.0.0.1", "TLS tunnel"),
            ("redis://:hush/@127.0.0.1", "%2F"),
        ):
            result = program.run("scan", "--queue", url)
            self.assertEqual((result.status, result.out), (3, b""))
            self.assertRegex(result.err.decode(), rf"\Amxtls: .*{words}.*\n\Z")
            self.assertNotIn("hush", result.err.decode())


if __name__ == "__main__":
    unittest.main()
