#!/usr/bin/python3 -B
"""What becomes of mail under each policy of a sender: a domain for each outcome that there is."""

import unittest

import program

TABLE = {
    "none": {"plaintext": "good.test", "deferred": "refusing.test", "n/a": "null.test"},
    "preferred": {"encrypted": "wrong-name.test", "plaintext": "plain.test", "deferred": "refusing.test", "n/a": "null.test"},
    "required": {"encrypted": "wrong-name.test", "not-sent": "plain.test", "deferred": "refusing.test", "n/a": "null.test"},
    "preferred-verify": {
        "encrypted-verified": "good.test",
        "encrypted": "wrong-name.test",
        "plaintext": "plain.test",
        "deferred": "refusing.test",
        "n/a": "null.test",
    },
    "required-verify": {
        "encrypted-verified": "good.test",
        "not-sent": "wrong-name.test",
        "deferred": "refusing.test",
        "n/a": "null.test",
    },
    "dane": {
        "encrypted-verified": "self-signed.dane.test",
        "encrypted": "pkix.dane.test",
        "deferred": "mismatch.dane.test",
        "n/a": "bare.dane.test",
    },
    "mta-sts": {"encrypted-verified": "enforce.sts.test", "deferred": "not-listed.sts.test", "n/a": "testing.sts.test"},
}
ENOUGH = {
    "none": {"plaintext", "encrypted", "encrypted-verified"},
    "preferred": {"plaintext", "encrypted", "encrypted-verified"},
    "preferred-verify": {"plaintext", "encrypted", "encrypted-verified"},
    "required": {"encrypted", "encrypted-verified"},
    "required-verify": {"encrypted-verified"},
    "dane": {"encrypted-verified"},
    "mta-sts": {"encrypted-verified"},
}


class Outcomes(unittest.TestCase):
    def test_each_outcome_of_each_policy(self):
        for policy, domains in TABLE.items():
            for outcome, name in domains.items():
                with self.subTest(policy, outcome=outcome):
                    (verdict,) = program.probe("--format", "json", name).verdicts()
                    self.assertEqual(verdict["outcomes"][policy], outcome)

    def test_a_policy_that_is_not_met_is_critical(self):
        for policy, domains in TABLE.items():
            for outcome, name in domains.items():
                if name == "null.test":
                    continue  # takes no mail, and says so
                with self.subTest(policy, outcome=outcome):
                    (plain,) = program.probe("--format", "json", name).verdicts()
                    (under,) = program.probe("--format", "json", "--policy", policy, name).verdicts()
                    self.assertEqual(under["status"], plain["status"] if outcome in ENOUGH[policy] else "CRITICAL")

    def test_no_domain_shows_any_other(self):
        names = [domain.name for domain in program.all_domains() if not domain.options]
        seen = {policy: set() for policy in TABLE}
        for verdict in program.probe("--format", "json", *names).verdicts():
            for policy, outcome in verdict["outcomes"].items():
                seen[policy].add(outcome)
        self.assertEqual(seen, {policy: set(domains) for policy, domains in TABLE.items()})


if __name__ == "__main__":
    unittest.main()
