#!/usr/bin/python3 -B
"""A history from outside: checks that record at once, are killed, or cannot write, and what mxtls history tells of them."""

import csv
import io
import json
import os
import pathlib
import resource
import signal
import sqlite3
import subprocess
import tempfile
import unittest

import program


class History(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(folder.cleanup)
        self.file = str(pathlib.Path(folder.name) / "history.db")

    def check(self, *arguments):
        return program.probe("--format", "score", "--history", self.file, *arguments)

    def told(self, *arguments):
        result = program.run("history", "--history", self.file, "--format", "json", *arguments)
        self.assertEqual((result.status, result.err), (0, b""))
        return {each["target"]: each for each in json.loads(result.out)}

    def sound(self):
        with sqlite3.connect(self.file) as database:
            return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def values(self, target, what):
        return [change["value"] for change in self.told(target)[target]["changes"] if change["what"] == what]

    def expect_report_without_history(self, words):
        """The report is there, one line says what is wrong, and the status is that nothing is known."""
        result = self.check("good.test")
        self.assertEqual((result.status, result.out), (3, b"100 good.test\n"))
        self.assertRegex(result.err.decode(), f"^mxtls: the history '.*' {words}.*\n$")

    def test_a_run_is_told_of(self):
        self.assertEqual(self.check("good.test", "user@expired.test", "null.test").status, 1)
        told = self.told()
        self.assertEqual(sorted(told), ["good.test", "null.test", "user@expired.test"])
        self.assertEqual(told["user@expired.test"]["status"], "WARNING")
        self.assertLess(told["user@expired.test"]["days_left"], 0)
        self.assertEqual(self.values("null.test", "mx"), ["null"])
        self.assertEqual(self.values("good.test", "mx"), ["10 mx.good.test"])
        self.assertEqual(self.values("good.test", "protocol"), ["TLSv1.3"])
        certificate = [change for change in told["good.test"]["changes"] if change["what"] == "certificate"][0]
        seen = program.probe("--format", "json", "good.test").verdicts()[0]["hosts"][0]["endpoints"][0]
        for key in ("serial", "issuer", "key", "sha256", "spki_sha256", "not_after"):
            self.assertEqual(certificate["certificate"][key], seen["chain"][0][key])
        self.assertEqual((certificate["address"], certificate["port"]), (seen["address"], seen["port"]))

    def test_only_changes_are_told_of(self):
        for options in ([], [], ["--max-tls", "1.2"], ["--max-tls", "1.2", "--fail-below", "100"], []):
            self.check("good.test", *options)
        told = self.told()["good.test"]
        self.assertEqual(told["runs"], 5)
        self.assertEqual(self.values("good.test", "protocol"), ["TLSv1.3", "TLSv1.2", "TLSv1.3"])
        self.assertEqual(len(self.values("good.test", "certificate")), 1)
        result = program.run("history", "--history", self.file, "--since", "1d", "GOOD.test", "good.test")
        self.assertTrue(result.out.startswith(b"good.test: 5 runs from "), msg=result.out)
        self.assertEqual(result.out.count(b" protocol "), 3)
        for wrong in ("1h", "+30d", "7", "yesterday"):
            result = program.run("history", "--history", self.file, "--since", wrong)
            self.assertEqual(result.status, 3, msg=wrong)
            self.assertIn(f"--since: '{wrong}' is no time: give 2027-01-31,".encode(), result.err)
        result = program.run("history", "--history", self.file, "--since", "2126-01-01", "good.test")
        self.assertTrue(result.out.endswith(b"Nothing has changed in the time asked for.\n"), msg=result.out)

    def test_csv_is_read_by_others(self):
        self.check("good.test")
        result = program.run("history", "--history", self.file, "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(result.out.decode())))
        self.assertEqual({row["target"] for row in rows}, {"good.test"})
        self.assertEqual([row["value"] for row in rows if row["what"] == "factor"], ["100"])

    def test_targets_that_were_never_recorded(self):
        self.check("good.test")
        result = program.run("history", "--history", self.file, "bad.test", "good.test")
        self.assertEqual(result.status, 3)
        self.assertIn(b"good.test: 1 run ", result.out)
        self.assertRegex(result.err, b"^mxtls: no run of 'bad.test' is recorded in '.*': [^\n]*\n$")

    def test_quiet_checks_are_recorded_too(self):
        result = self.check("-q", "good.test")
        self.assertEqual((result.status, result.out, result.err), (0, b"", b""))
        self.assertEqual(self.told()["good.test"]["runs"], 1)

    def test_two_checks_at_the_same_moment(self):
        targets = ["good.test", "expired.test", "null.test"]
        arguments = ["--format", "score", "--history", self.file, *targets, *program.IN_THE_WORLD]
        rounds = 6
        for _ in range(rounds):
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            both = [program.start(*arguments, **pipes) for _ in range(2)]
            for process in both:
                out, err = process.communicate(timeout=program.PATIENCE)
                self.assertEqual((process.returncode, err), (1, b""))
                self.assertEqual(len(out.splitlines()), len(targets))
        for told in self.told().values():
            self.assertEqual(told["runs"], 2 * rounds)
        self.assertTrue(self.sound())

    def test_a_reader_that_pauses_keeps_nobody_from_recording(self):
        self.check("good.test")
        with sqlite3.connect(self.file) as database:
            fact = "INSERT INTO fact (target, aspect, host, address, port, value, first_seen, last_seen, ended)"
            for number in range(2000):  # more than a pipe holds
                database.execute(f"{fact} VALUES (1, 'factor', '', '', 0, '50', {number}, {number}, {number})")
        with program.start("history", "--history", self.file, stdout=subprocess.PIPE) as reader:
            self.assertEqual(reader.stdout.read(1), b"g")
            result = self.check("good.test")
            self.assertEqual((result.status, result.err), (0, b""))
            reader.stdout.read()

    def test_kill_loses_nothing_that_was_recorded(self):
        self.assertEqual(self.check("good.test").status, 0)
        recorded = 1
        for delay in range(24):  # milliseconds: a check takes about as long
            with program.start("-q", "--history", self.file, "good.test", *program.IN_THE_WORLD) as process:
                try:
                    process.wait(delay / 1000)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                recorded += process.wait() == 0
            runs = self.told()["good.test"]["runs"]
            self.assertGreaterEqual(runs, recorded)
            recorded = runs
            self.assertTrue(self.sound())
        self.assertEqual(self.check("good.test").status, 0)
        self.assertEqual(self.told()["good.test"]["runs"], recorded + 1)

    def test_a_disk_that_is_full(self):
        self.check("good.test")
        before = pathlib.Path(self.file).read_bytes()
        command = [program.PROGRAM, "--format", "score", "--history", self.file, "good.test", *program.IN_THE_WORLD]
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))  # noqa: E731
        done = subprocess.run(command, env=program.ENVIRONMENT, preexec_fn=limit, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (3, b"100 good.test\n"))
        self.assertRegex(done.stderr, b"^mxtls: the history '.*' cannot be written to: [^\n]*\n$")
        self.assertTrue(self.sound())
        self.assertEqual(pathlib.Path(self.file).read_bytes(), before)
        self.assertEqual(self.told()["good.test"]["runs"], 1)

    def test_files_that_are_no_history(self):
        self.expect_other("an ordinary text\n" * 100, "is no history")
        os.remove(self.file)
        with sqlite3.connect(self.file) as database:
            database.execute("CREATE TABLE other (a)")
        self.expect_report_without_history("is an SQLite database of another program")
        os.remove(self.file)
        self.check("good.test")
        whole = pathlib.Path(self.file).read_bytes()
        self.expect_other(whole[:4096] + b"\xff" * (len(whole) - 4096), "is damaged")
        self.expect_other(whole[: len(whole) // 2], "is damaged")

    def expect_other(self, octets, words):
        octets = octets if isinstance(octets, bytes) else octets.encode()
        pathlib.Path(self.file).write_bytes(octets)
        self.expect_report_without_history(words)
        self.assertEqual(pathlib.Path(self.file).read_bytes(), octets)

    def test_a_folder_that_is_not_there(self):
        self.file = str(pathlib.Path(self.file).parent / "none" / "history.db")
        self.expect_report_without_history("cannot be opened: No such file or directory")

    def test_old_runs_are_forgotten(self):
        self.check("good.test")
        with sqlite3.connect(self.file) as database:
            database.execute("UPDATE run SET began = began - 86400000 * 20")
        self.check("good.test")
        self.assertEqual(self.told()["good.test"]["runs"], 2)
        self.check("--keep", "2w", "good.test")
        self.assertEqual(self.told()["good.test"]["runs"], 2, msg="the one that is new, and the one before")


if __name__ == "__main__":
    unittest.main()
