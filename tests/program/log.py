#!/usr/bin/python3 -B
"""mxtls log as a program: files as they lie about, what breaks in them, and what its readers are given."""

import csv
import gzip
import io
import json
import pathlib
import subprocess
import tempfile
import unittest

import program

LOGS = pathlib.Path(__file__).resolve().parents[2] / "fixtures/logs"
STAMP = "Sat Feb 14 19:20:28 2026 Info: "


def piped(octets, *arguments):
    done = subprocess.run(
        [program.PROGRAM, "log", *arguments], input=octets, env=program.ENVIRONMENT, capture_output=True, timeout=program.PATIENCE
    )
    return program.Result(done.returncode, done.stdout, done.stderr)


def lines(*texts):
    return "".join(f"{STAMP}{text}\n" for text in texts).encode()


class Log(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, octets):
        path = self.folder / name
        path.write_bytes(octets)
        return path

    def read(self, *arguments):
        result = program.run("log", "--format", "json", *map(str, arguments))
        self.assertEqual((result.status, result.err), (0, b""))
        return json.loads(result.out)

    def test_gzip_by_its_octets_from_file_and_standard_input(self):
        plain = (LOGS / "postfix.log").read_bytes()
        packed = gzip.compress(plain[:500]) + gzip.compress(plain[500:])  # as logrotate may have appended
        expected = self.read(LOGS / "postfix.log")
        self.assertEqual(self.read(self.file("mail.log.2", packed)), expected)
        for octets in (plain, packed):
            result = piped(octets, "--format", "json", "-")
            self.assertEqual(json.loads(result.out), expected)

    def test_rotated_files_in_the_order_of_time(self):
        """The connection goes on in the next file, which the shell names first."""
        older = gzip.compress(lines("New SMTP ICID 5 interface X (192.0.2.9) address 192.0.2.1", "ICID 5 TLS success protocol TLSv1.3 cipher C"))
        newer = lines("Start MID 7 ICID 5", "MID 7 ICID 5 From: <a@b.example>").replace(b"19:20:28", b"19:20:29")
        told = self.read(self.file("mail.log", newer), self.file("mail.log.1.gz", older))["receiving"]
        self.assertEqual((told["connections"], told["messages"], told["messages_tls"]), (1, 1, 1))
        self.assertEqual([row["name"] for row in told["names"]], ["b.example"])

    def test_servers_may_be_mixed(self):
        mixed = b"".join((LOGS / f"{name}.log").read_bytes() for name in ("appliance-2018", "postfix", "exim"))
        told = self.read(self.file("mixed", mixed))
        self.assertEqual(told["delivery"]["messages"], 1 + 2 + 4)
        self.assertEqual(told["receiving"]["connections_failed"], 1 + 2 + 2)

    def test_loopback_is_left_out_and_counted(self):
        told = self.read(LOGS / "postfix-quiet.log")
        self.assertEqual((told["messages_local"], told["connections_local"]), (1, 1))
        self.assertIn("Connections over loopback, left out: 1.", told["remarks"])
        exim = b"2026-02-14 19:21:00 1rVcYy-0000Ab-Cd <= <> H=(x) [127.0.0.1] P=esmtps X=TLS1.3:C:256\n"
        told = self.read(self.file("local", exim + lines("New SMTP ICID 5 interface X (127.0.0.1) address 127.0.0.1")))
        self.assertEqual((told["messages_local"], told["connections_local"]), (1, 2))
        self.assertEqual(told["receiving"]["connections"], 0)

    def test_remarks_are_told_where_rows_have_no_place_for_them(self):
        remark = b"mxtls: Postfix logs no TLS of its deliveries here, so that they count as plaintext: set smtp_tls_loglevel = 1.\n"
        for arguments in (["--list"], ["--format", "csv"]):
            with self.subTest(arguments):
                result = program.run("log", *arguments, str(LOGS / "postfix-quiet.log"))
                self.assertEqual(result.status, 0)
                self.assertIn(remark, result.err)
        self.assertEqual(program.run("log", str(LOGS / "postfix-quiet.log")).err, b"")

    def test_broken_lines_are_counted(self):
        broken = b"\x00\x01\xff\n" + b"half a li\n" + b"\n" + b"x" * 70000 + b"\n" + STAMP.encode() * 3000 + b"\n"
        octets = broken + lines("ICID 5 TLS success").replace(b"\n", b"\r\n") + b"Sat Feb 14 19:2"
        told = self.read(self.file("broken", octets))
        self.assertEqual((told["lines"], told["lines_too_long"], told["lines_unrecognised"]), (7, 2, 3))
        self.assertEqual(told["receiving"]["connections_tls"], 1)

    def test_a_line_without_an_end_that_is_too_long(self):
        told = self.read(self.file("endless", b"y" * 1_000_000))
        self.assertEqual((told["lines"], told["lines_too_long"]), (1, 1))

    def test_remote_text_is_escaped(self):
        octets = lines("ICID 5 TLS failed: \x1b[31mred\x07", "Start MID 7 ICID 5", "MID 7 ICID 5 From: <a@\x1b]0;b.example>", "ICID 5 close")
        file = self.file("hostile", octets)
        for arguments in ([], ["--list"]):
            for name in ("table", "json", "csv"):
                out = program.run("log", "--format", name, *arguments, str(file)).out
                self.assertNotIn(b"\x1b", out)
                self.assertNotIn(b"\x07", out)
                self.assertIn(b"\\x1b" if name != "json" else b"\\\\x1b", out)

    def test_csv_is_read_by_others(self):
        result = program.run("log", "--format", "csv", str(LOGS / "postfix.log"))
        rows = list(csv.DictReader(io.StringIO(result.out.decode(), newline="")))
        told = {(row["direction"], row["name"]): row for row in rows}
        self.assertEqual(told["delivery", "dest.example"]["share"], "100.0")
        self.assertEqual(told["delivery", "dest.example"]["TLSv1.3"], "1")
        self.assertEqual(told["delivery", "strict.example"]["failures"], "1 TLS is required, but was not offered")

    def test_a_list_answers_what_grep_was_asked(self):
        """grep "DCID.*TLS failed" and grep "ICID.*TLS success"."""
        log = str(LOGS / "appliance-2018.log")
        failed = program.run("log", "--list", "--direction", "delivery", "--only", "failed", "--format", "json", log)
        told = [json.loads(line) for line in failed.out.splitlines()]
        self.assertEqual([(each["connection"], each["reason"]) for each in told], [("DCID 40986669", "STARTTLS unexpected response")])
        secured = program.run("log", "--list", "--direction", "receiving", "--only", "tls", "--format", "csv", log)
        told = list(csv.DictReader(io.StringIO(secured.out.decode(), newline="")))
        self.assertEqual([(each["connection"], each["version"], each["ids"]) for each in told], [("ICID 590125205", "TLSv1.0", "179701980")])

    def test_top_leaves_the_sum(self):
        told = self.read("--top", "1", LOGS / "exim.log")["delivery"]
        self.assertEqual([row["name"] for row in told["names"]], ["broken.example", None])
        self.assertEqual(sum(row["messages"] for row in told["names"]), told["messages"])

    def test_what_cannot_be_read_is_told_beside_the_rest(self):
        cut = self.file("cut.gz", gzip.compress((LOGS / "exim.log").read_bytes())[:-40])
        packed = self.file("packed.bz2", b"BZh91AY&SY")
        missing = self.folder / "missing\x1b"
        result = program.run("log", "--format", "json", str(missing), str(cut), str(packed), str(self.folder), str(LOGS / "postfix.log"))
        self.assertEqual(result.status, 3)
        self.assertGreaterEqual(json.loads(result.out)["delivery"]["messages"], 2)
        said = result.err.decode().splitlines()
        self.assertEqual(len(said), 4)
        for line, words in zip(said, ("missing\\x1b': No such file", "middle of what gzip", "compressed by bzip2", "directory")):
            self.assertIn(words, line)

    def test_bad_usage(self):
        log = str(LOGS / "exim.log")
        for arguments in ([], ["--by", "year", log], ["--format", "html", log], ["--only", "tls", log], ["--direction", "up", log],
                          ["--top", "x", log], ["--list", "--only", "x", log], ["--nonsense", log], ["-o", str(self.folder), log]):
            with self.subTest(arguments):
                result = program.run("log", *arguments)
                self.assertEqual((result.status, result.out), (3, b""))
                self.assertEqual(len(result.err.splitlines()), 1)
                self.assertTrue(result.err.startswith(b"mxtls: "))

    def test_bad_usage_is_told_as_of_other_commands(self):
        for word, operand in (("log", "-"), ("history", "good.test")):
            for arguments, words in ((["--foo"], "unknown option '--foo'"), (["-o"], "-o needs a value")):
                result = program.run(word, operand, *arguments)
                self.assertEqual((result.status, result.err.decode()), (3, f"mxtls: {words}: see mxtls {word} --help\n"))
        result = program.run("log", "--top", "x", "-")
        self.assertRegex(result.err, rb"^mxtls: --top: 'x' is no number: give a whole number from 0 to \d+\n$")
        result = program.run("log", "--", "--foo")
        self.assertEqual(result.err, b"mxtls: cannot read '--foo': No such file or directory\n")
        result = program.run("history", "--history", str(self.folder / "none"), "--", "--foo")
        self.assertIn(b"No such file or directory", result.err)

    def test_a_file_is_replaced_and_a_reader_may_leave(self):
        out = self.folder / "out"
        result = program.run("log", "-o", str(out), "--list", str(LOGS / "exim.log"))
        self.assertEqual((result.status, result.out), (0, b""))
        self.assertEqual(len(out.read_text().splitlines()), 11)
        many = self.file("many", lines(*(f"DCID {number} TLS success" for number in range(1, 20_000))))
        process = program.start("log", "--list", str(many), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process:
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            self.assertEqual(process.wait(program.PATIENCE), 0)

    def test_help(self):
        page = program.run("log", "--help")
        self.assertEqual((page.status, page.err), (0, b""))
        self.assertTrue(page.out.startswith(b"Usage: mxtls log "))


if __name__ == "__main__":
    unittest.main()
