#!/usr/bin/python3 -B
"""How the program behaves as a program: files, pipes, signals, deadlines, hostile text."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

import program

FORMATS = ["table", "detail", "score", "json", "ndjson", "csv", "nagios", "openmetrics", "junit", "html", "esa-log", "tlsrpt"]


class Output(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(self.folder.cleanup)
        self.file = pathlib.Path(self.folder.name) / "report"

    def test_a_file_is_replaced_in_one_step(self):
        self.file.write_text("the old report")
        reader = open(self.file)
        self.addCleanup(reader.close)
        result = program.probe("-o", str(self.file), "--format", "score", "good.test")
        self.assertEqual((result.status, result.out, result.err), (0, b"", b""))
        self.assertEqual(self.file.read_text(), "100 good.test\n")
        self.assertEqual(reader.read(), "the old report", msg="who had the old file open still has it whole")
        self.assertEqual(os.listdir(self.folder.name), ["report"])

    def test_bad_usage_leaves_the_file_alone(self):
        self.file.write_text("the old report")
        result = program.probe("-o", str(self.file), "--format", "runes", "good.test")
        self.assertEqual(result.status, 3)
        self.assertEqual(self.file.read_text(), "the old report")

    def test_a_folder_that_is_not_there_is_told_before_any_probe(self):
        result = program.probe("-o", str(self.file / "deeper"), "silent.test")
        self.assertEqual((result.status, result.out), (3, b""))
        self.assertRegex(result.err.decode(), rf"\Amxtls: .*{re.escape(str(self.file))}.*\n\Z")

    def test_quiet_is_silent_where_all_is_well_and_only_there(self):
        self.assertEqual(program.probe("-q", "good.test"), program.Result(0, b"", b""))
        self.assertIn(b"wrong-name.test", program.probe("-q", "wrong-name.test").out)

    def test_what_counts_targets_is_quiet_of_all_or_none(self):
        for name in ("html", "junit"):
            with self.subTest(name):
                self.assertEqual(program.probe("-q", "--format", name, "good.test").out, b"")
                told = program.probe("-q", "--format", name, "good.test", "wrong-name.test").out
                self.assertIn(b"good.test", told)
                program.probe("-q", "--format", name, "-o", str(self.file), "good.test")
                self.assertIn("good.test", self.file.read_text())

    def test_the_report_comes_where_complaints_cannot(self):
        for words in ("2>&-", "2>/dev/full"):
            with self.subTest(words):
                line = ["sh", "-c", f'exec "$@" {words}', "sh", program.PROGRAM, "--format", "nagios", "good.test", "bad..name"]
                result = subprocess.run([*line, *program.IN_THE_WORLD], env=program.ENVIRONMENT, stdout=subprocess.PIPE)
                self.assertEqual(result.returncode, 3)
                self.assertTrue(result.stdout.startswith(b"MXTLS UNKNOWN - factor 100 at the lowest of 2 targets, "), msg=result.stdout)

    def test_what_is_read_is_not_replaced_by_the_report(self):
        self.file.write_text("[[target]]\nname = 'good.test'\n")
        link = self.file.with_name("link")
        link.symlink_to(self.file)
        before = self.file.read_bytes()
        for command in (["--targets"], ["--history"], ["--ca-file"], ["--extra-certs"], ["log"], ["history", "--history"]):
            for output in (self.file, link):
                with self.subTest(" ".join(command), output=output.name):
                    rest = [] if command[0] in ("log", "history", "--targets") else ["good.test"]
                    result = program.run(*command, str(self.file), "-o", str(output), *rest)
                    self.assertEqual((result.status, result.out, self.file.read_bytes()), (3, b"", before))
                    self.assertRegex(result.err.decode(), r"\Amxtls: '.*/report' is .*: give -o another file\n\Z")
        result = program.run("--history", "new", "-o", "./new", "good.test")
        self.assertEqual((result.status, result.out), (3, b""))

    def test_no_configuration_of_openssl_has_a_say(self):
        """It is read where OpenSSL is first used, unless somebody asked it not to."""
        self.file.write_text("openssl_conf = all\n[all]\nproviders = some\n[some]\nlegacy = legacy\n[legacy]\nactivate = 1\n")
        targets = self.file.with_name("targets")
        targets.write_text("good.test\n")
        environment = program.ENVIRONMENT | {"OPENSSL_CONF": str(self.file)}
        for command in (["--format", "json", "good.test"], ["scan", "--format", "ndjson", str(targets)]):
            with self.subTest(command[0]):
                said = subprocess.run([program.PROGRAM, *command, *program.IN_THE_WORLD], env=environment, capture_output=True)
                self.assertIn(b"OK", said.stdout, msg=said.stderr)
                self.assertEqual(said.returncode, 0, msg=said.stderr)

    def test_a_pipe_closed_by_its_reader_ends_it_quietly(self):
        for arguments in (["good.test", *program.IN_THE_WORLD], ["explain"]):
            with self.subTest(arguments[0]):
                reading, writing = os.pipe()
                os.close(reading)
                with program.start(*arguments, stdout=writing, stderr=subprocess.PIPE) as process:
                    os.close(writing)
                    _, err = process.communicate(timeout=program.PATIENCE)
                self.assertEqual(err, b"")
                self.assertEqual(process.returncode, 0, msg="not killed by a SIGPIPE")


class Endings(unittest.TestCase):
    def test_a_signal_ends_it_with_what_is_known(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                targets = ["good.test", "silent.test"]
                streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
                with program.start("--format", "json", *targets, *program.IN_THE_WORLD, **streams) as process:
                    program.wait_for_connection("127.25.3.26", process)  # silent.test
                    process.send_signal(number)
                    out, _ = process.communicate(timeout=5)
                self.assertEqual(process.returncode, 3)
                self.assertEqual([verdict["target"] for verdict in json.loads(out)], targets)

    def test_no_peer_outlasts_the_timeout(self):
        for name in ("silent.test", "drip.test", "stuck.test"):
            with self.subTest(name):
                began = time.monotonic()
                (verdict,) = program.probe("--timeout", "0.5", "--format", "json", name).verdicts()
                self.assertLess(time.monotonic() - began, 5)
                self.assertNotEqual(verdict["status"], "OK")

    def test_addresses_are_probed_at_the_same_time(self):
        (one,) = program.probe("--format", "json", "slow.test").verdicts()
        (dozen,) = program.probe("--format", "json", "slow-dozen.test").verdicts()
        self.assertEqual(len(dozen["hosts"][0]["endpoints"]), 12)
        self.assertLess(dozen["elapsed_ms"], 3 * one["elapsed_ms"], msg="twelve times one, were they probed in turn")


class Names(unittest.TestCase):
    """Its sessions last the better part of a second: reverse DNS is long known by then."""

    def setUp(self):
        (verdict,) = program.probe("--format", "json", "called-otherwise.test").verdicts()
        self.status = verdict["status"]
        self.endpoint = verdict["hosts"][0]["endpoints"][0]

    def test_a_server_of_another_name_is_well_all_the_same(self):
        self.assertEqual(self.status, "OK")
        self.assertEqual(self.endpoint["greeting_name"], "mail.example.net")
        self.assertEqual(self.endpoint["ehlo_name"], "mail.example.net")

    def test_reverse_dns_is_shown_beside_it(self):
        self.assertEqual(
            self.endpoint["reverse"],
            {
                "state": "found",
                "names": [
                    {"name": "called-otherwise.peer.test", "confirmed": True},
                    {"name": "mx.good.test", "confirmed": False},
                    {"name": "nobody-at-all.test", "confirmed": False},
                ],
            },
        )
        text = program.probe("-v", "called-otherwise.test").out.decode()
        self.assertRegex(text, r"\n  greeting +mail\.example\.net +differs\n")
        self.assertRegex(text, r"\n  reverse DNS +called-otherwise\.peer\.test +agrees, leads back to the address\n")
        self.assertRegex(text, r"\n +mx\.good\.test +does not lead back to the address\n")

    def test_an_address_without_a_name_has_none(self):
        (verdict,) = program.probe("--format", "json", "nameless.test").verdicts()
        self.assertEqual(verdict["hosts"][0]["endpoints"][0]["reverse"], {"state": "none", "names": []})


class HostileText(unittest.TestCase):
    def test_no_control_character_comes_through(self):
        targets = ["hostile-text.test", "hostile-certificate.test"]
        for form in FORMATS:
            with self.subTest(form):
                out = program.probe("--format", form, *targets).out.replace(b"\r\n", b"\n")
                self.assertNotRegex(out, rb"[\x00-\x09\x0b-\x1f\x7f]")
                self.assertNotRegex(out.decode(), "[\x80-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

    def test_nor_through_the_strings_of_json(self):
        verdicts = program.probe("--format", "json", "hostile-text.test", "hostile-certificate.test").verdicts()
        text = "\n".join(strings(verdicts))
        self.assertIn(r"\x1b", text)
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def strings(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return []


if __name__ == "__main__":
    unittest.main()
