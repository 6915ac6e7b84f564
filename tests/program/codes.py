#!/usr/bin/python3 -B
"""Every finding code that there is a page for comes out of the program: some target here shows it."""

import collections
import contextlib
import pathlib
import socket
import unittest

import program

TESTS = pathlib.Path(__file__).resolve().parents[1]

# What a check on loopback cannot show, and which test of the judgement does.
JUDGED = {
    "target-invalid": "probe/untried_test.cpp",  # a line of a scan
    "target-abandoned": "probe/untried_test.cpp",  # an entry of a queue
    "excluded": "probe/endpoint_judge_test.cpp",  # likewise
    "mx-loop": "probe/route_judge_test.cpp",  # silent while the resolver is on loopback
    "connect-unreachable": "probe/step_judge_test.cpp",  # takes a router on the way that says so
}


class Codes(unittest.TestCase):
    maxDiff = None

    def test_every_code_is_shown_by_some_target(self):
        shown = codes_of_the_world() | codes_of_further_runs()
        self.assertEqual(sorted(shown), sorted(all_codes() - JUDGED.keys()))

    def test_what_a_check_on_loopback_cannot_show_is_judged_elsewhere(self):
        for code, file in JUDGED.items():
            self.assertIn("Code::" + code.replace("-", "_"), (TESTS / file).read_text())

    def test_every_finding_says_what_to_do(self):
        (verdict,) = program.probe("--format", "json", "everything.test").verdicts()
        for finding in program.findings(verdict):
            page = program.run("explain", finding["code"])
            self.assertEqual((page.status, page.err), (0, b""))
            self.assertRegex(finding["remedy"], r"\w\.$")


def all_codes():
    lines = program.run("explain").out.decode().splitlines()
    return {line.split()[0] for line in lines if line.startswith("  ")}


def codes_of(*arguments):
    verdicts = program.probe("--format", "json", *arguments).verdicts()
    return {finding["code"] for verdict in verdicts for finding in program.findings(verdict)}


def codes_of_the_world():
    names = collections.defaultdict(list)
    for domain in program.all_domains():
        names[tuple(domain.options)].append(domain.name)
    return set().union(*(codes_of(*options, *some) for options, some in names.items()))


def codes_of_further_runs():
    codes = codes_of("--rcpt", "user@rcpt-refused.test", "user@rcpt-deferred.test")
    codes |= codes_of("--known-good", "nobody.peer.test", "refusing.test")
    with a_port_that_lets_nobody_in() as (address, port):
        codes |= codes_of("--connect-timeout", "0.3", "--mx", f"{address}:{port}", "good.test")
    return codes


@contextlib.contextmanager
def a_port_that_lets_nobody_in():
    """Linux drops every SYN to a full backlog, and one of length 0 is full with one connection."""
    with socket.create_server(("127.25.7.11", 0), backlog=0) as server:
        with socket.create_connection(server.getsockname()):
            yield server.getsockname()


if __name__ == "__main__":
    unittest.main()
