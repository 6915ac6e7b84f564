#!/usr/bin/python3 -B
"""A list of partners from outside: a file of targets that are each held against something of their own."""

import json
import pathlib
import tempfile
import unittest

import program

PARTNERS = """
[defaults]
contact = "postmaster@probe.test"
policy = "preferred"
fail-below = 80
warn-below = 80

[[target]]
name = "good.test"
policy = "required-verify"
expiry-days = 1

[[target]]
name = "expired.test"
label = "Expired, as we allow it"

[[target]]
name = "expired.test"
label = "Expired, strictly"
contact = "Ann <ann@expired.test>"
policy = "required-verify"

[[target]]
name = "user@good.test"
label = "Good, in TLS 1.2"
max-tls = "1.2"
no-dane = true
"""


class Partners(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.write(PARTNERS)

    def write(self, text):
        path = self.folder / "partners.toml"
        path.write_text(text)
        return str(path)

    def check(self, *arguments):
        return program.probe("--targets", self.file, *arguments)

    def expect_refused(self, result, *lines):
        """All lines, status 3, and nothing else."""
        told = [f"mxtls: {self.file}:{line}" for line in lines]
        self.assertEqual((result.status, result.out, result.err.decode().splitlines()), (3, b"", told))

    def test_each_is_held_against_its_own(self):
        result = self.check("--format", "json")
        self.assertEqual((result.status, result.err), (2, b""))
        verdicts = result.verdicts()
        self.assertEqual(
            [(verdict["target"], verdict["label"], verdict["contact"]) for verdict in verdicts],
            [
                ("good.test", None, "postmaster@probe.test"),
                ("expired.test", "Expired, as we allow it", "postmaster@probe.test"),
                ("expired.test", "Expired, strictly", "Ann <ann@expired.test>"),
                ("user@good.test", "Good, in TLS 1.2", "postmaster@probe.test"),
            ],
        )
        self.assertEqual([verdict["status"] for verdict in verdicts], ["OK", "WARNING", "CRITICAL", "OK"])
        versions = [verdict["hosts"][0]["endpoints"][0]["tls"]["version"] for verdict in verdicts]
        self.assertEqual(versions, ["TLSv1.3", "TLSv1.3", "TLSv1.3", "TLSv1.2"])
        self.assertEqual(verdicts[3]["hosts"][0]["tlsa"], None)

    def test_only_those_that_are_named(self):
        result = self.check("--format", "score", "GOOD.test", "Expired, strictly")
        self.assertEqual((result.status, result.out, result.err), (2, b"100 good.test\n90 expired.test\n", b""))
        result = self.check("--format", "score", "good.test", "null.test")
        self.assertEqual((result.status, result.out), (3, b"100 good.test\n"))
        self.assertRegex(result.err, b"^mxtls: 'null.test' is no target of '[^\n]*\n$")

    def test_the_command_line_overrules(self):
        result = self.check("--policy", "none", "--max-tls", "1.2", "--format", "json")
        verdicts = result.verdicts()
        self.assertEqual([verdict["status"] for verdict in verdicts], ["OK", "WARNING", "WARNING", "OK"])
        versions = {verdict["hosts"][0]["endpoints"][0]["tls"]["version"] for verdict in verdicts}
        self.assertEqual(versions, {"TLSv1.2"})

    def test_targets_of_one_name_are_told_apart(self):
        table = self.check("Expired, strictly").out.decode()
        self.assertIn("\nExpired, strictly\nContact: Ann <ann@expired.test>\n", table)
        metrics = self.check("--format", "openmetrics").out.decode()
        for labels in ('target="good.test"', 'target="expired.test",label="Expired, strictly"'):
            self.assertIn(f"mxtls_factor{{{labels}}} ", metrics)
        data = self.check("--format", "nagios").out.decode()
        for label in ("good.test", "Expired, as we allow it", "Expired, strictly", "Good, in TLS 1.2"):
            self.assertIn(f"'{label} factor'=", data)

    def test_a_history_knows_them_by_their_labels(self):
        history = str(self.folder / "history.db")
        self.check("-q", "--history", history)
        result = program.run("history", "--history", history, "--format", "json")
        self.assertEqual(
            {told["target"] for told in json.loads(result.out)},
            {"good.test", "Expired, as we allow it", "Expired, strictly", "Good, in TLS 1.2"},
        )
        result = program.run("history", "--history", history, "Expired, strictly")
        self.assertEqual((result.status, result.err), (0, b""))
        self.assertTrue(result.out.startswith(b"Expired, strictly: 1 run "), msg=result.out)

    def test_a_file_with_errors_is_told_of_whole_and_nothing_is_checked(self):
        self.write('[[target]]\nname = "good.test"\nport = 0\npolisy = "dane"\n[[target]]\nname = "good.test"\n')
        errors = [
            "3:8: port: '0' is out of range: give a whole number from 1 to 65535",
            "4:1: unknown key 'polisy': did you mean policy?",
            "5:1: 'good.test' is what the target of line 1 is called: give this one a label",
        ]
        self.expect_refused(self.check("--format", "json"), *errors)
        self.expect_refused(program.run("config", "check", self.file), *errors)

    def test_keys_that_cannot_be_used_are_told_before_anything_is_checked(self):
        self.write('[[target]]\nname = "good.test"\n[[target]]\nname = "expired.test"\nclient-cert = "none.pem"\n')
        words = f"cannot read the client certificate {self.folder}/none.pem: give a PEM file that begins with it"
        self.expect_refused(self.check(), f"3:1: {words}")

    def test_config_check_counts(self):
        result = program.run("config", "check", self.file)
        self.assertEqual((result.status, result.out.decode(), result.err), (0, f"{self.file}: 4 targets\n", b""))
        self.write('[[target]]\nname = "good.test"\n')
        self.assertEqual(program.run("config", "check", self.file).out.decode(), f"{self.file}: 1 target\n")

    def test_the_example_of_its_help_is_well(self):
        page = program.run("config", "--help").out.decode()
        example = page.partition("\nExample:\n")[2].partition("\nExit status")[0]
        self.write(example)
        self.assertEqual(program.run("config", "check", self.file).out.decode(), f"{self.file}: 2 targets\n")

    def test_bad_usage(self):
        for arguments in ([], ["check"], ["look", self.file], ["check", self.file, self.file]):
            result = program.run("config", *arguments)
            self.assertEqual((result.status, result.out), (3, b""))
            self.assertRegex(result.err, b"^mxtls: config takes a word and a file, [^\n]*\n$")
        for file in (str(self.folder), str(self.folder / "none.toml")):
            for result in (program.run("config", "check", file), program.run("--targets", file)):
                self.assertEqual((result.status, result.out), (3, b""))
                self.assertRegex(result.err, b"^mxtls: cannot read '[^\n]*\n$")
        self.assertEqual(program.run("scan", "--targets", self.file).status, 3)


if __name__ == "__main__":
    unittest.main()
