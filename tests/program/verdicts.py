#!/usr/bin/python3 -B
"""Every domain of the world gets the verdict that fixtures/world.json says it should."""

import unittest

import program

STATUS = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}


class Verdicts(unittest.TestCase):
    maxDiff = None

    def test_every_domain(self):
        for domain in program.all_domains():
            with self.subTest(domain.name):
                result = program.probe(*domain.options, "--format", "json", domain.name)
                self.assertEqual(result.err, b"")
                (verdict,) = result.verdicts()
                self.assertEqual(seen(verdict, domain.expect), domain.expect, msg=program.findings(verdict))
                self.assertEqual(result.status, STATUS[verdict["status"]])

    def test_a_broken_target_hides_no_other(self):
        names = ["good.test", "broken.example", "plain.test", "good.test"]
        result = program.probe("--format", "json", *names)
        self.assertEqual([verdict["target"] for verdict in result.verdicts()], names)
        self.assertEqual([verdict["status"] for verdict in result.verdicts()], ["OK", "UNKNOWN", "CRITICAL", "OK"])
        self.assertEqual(result.status, STATUS["CRITICAL"])


def seen(verdict, expected):
    """What is expected of a verdict, as it is."""
    states = [endpoint["dane"] for host in verdict["hosts"] for endpoint in host["endpoints"]]
    parts = {
        "status": verdict["status"],
        "factor": verdict["confidence"]["factor"],
        "max": verdict["confidence"]["max"],
        "mx": verdict["dns"]["mx"],
        "dnssec": verdict["dns"]["dnssec"],
        "dane": [state_of(dane) for dane in states],
        "tlsa": sorted(record["state"] for dane in states if dane for record in dane["records"]),
        "mta_sts": state_of(verdict["mta_sts"]),
        "tls_rpt": state_of(verdict["tls_rpt"]),
        "outcomes": {policy: verdict["outcomes"][policy] for policy in expected.get("outcomes", [])},
        "codes": sorted({finding["code"] for finding in program.findings(verdict)}),
    }
    return {name: parts[name] for name in expected}


def state_of(part):
    """None where it is not known."""
    return part and part["state"]


if __name__ == "__main__":
    unittest.main()
