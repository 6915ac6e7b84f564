#!/usr/bin/python3 -B
"""What DNSSEC and DANE come to with a resolver that does not validate, one that hides it, and one that fails."""

import unittest

import program

SILENT = ["MXTLS_RESOLVER_PLAIN", "MXTLS_RESOLVER_STRIPS"]


class Resolvers(unittest.TestCase):
    def test_nothing_is_known_of_dnssec_without_proof_that_a_resolver_validates(self):
        for resolver in SILENT:
            for name in ("ee.dane.test", "mismatch.dane.test", "half-dane.test", "good.test"):
                with self.subTest(resolver, name=name):
                    verdict = self.probe(resolver, name)
                    self.assertEqual(verdict["dns"]["dnssec"], "unknown")
                    self.assertIsNone(dane_of(verdict))
                    self.assertEqual(verdict["outcomes"]["dane"], "n/a")
                    self.assertEqual((verdict["confidence"]["factor"], verdict["confidence"]["max"]), (100, 100))

    def test_nor_where_its_word_is_not_trusted(self):
        verdict = self.probe("MXTLS_RESOLVER", "--no-trust-ad", "ee.dane.test")
        self.assertEqual(verdict["dns"]["dnssec"], "unknown")
        self.assertIsNone(dane_of(verdict))

    def test_a_policy_that_asks_for_dane_is_not_met(self):
        verdict = self.probe("MXTLS_RESOLVER_PLAIN", "--policy", "dane", "ee.dane.test")
        self.assertEqual(verdict["status"], "CRITICAL")

    def test_mta_sts_needs_no_dnssec(self):
        verdict = self.probe("MXTLS_RESOLVER_PLAIN", "enforce.sts.test")
        self.assertEqual(verdict["outcomes"]["mta-sts"], "encrypted-verified")

    def test_one_that_fails_leaves_everything_unknown(self):
        for name in ("good.test", "ee.dane.test", "enforce.sts.test", "absent.test"):
            with self.subTest(name):
                verdict = self.probe("MXTLS_RESOLVER_FAILS", name)
                self.assertEqual((verdict["status"], verdict["dns"]["mx"]), ("UNKNOWN", "error"))
                self.assertEqual({finding["code"] for finding in program.findings(verdict)}, {"dns-no-answer"})

    def test_a_bogus_zone_is_bogus_only_to_who_validates(self):
        self.assertEqual(self.probe("MXTLS_RESOLVER", "bogus.test")["dns"], {"mx": "error", "dnssec": "bogus"})
        self.assertEqual(self.probe("MXTLS_RESOLVER_PLAIN", "bogus.test")["dns"], {"mx": "found", "dnssec": "unknown"})

    def probe(self, resolver, *arguments):
        result = program.run("--format", "json", *arguments, *program.in_the_world(resolver))
        (verdict,) = result.verdicts()
        return verdict


def dane_of(verdict):
    (endpoint,) = [endpoint for host in verdict["hosts"] for endpoint in host["endpoints"]]
    return endpoint["dane"]


if __name__ == "__main__":
    unittest.main()
