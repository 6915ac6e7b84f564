#!/usr/bin/python3 -B
"""The TLS report of the world: what RFC 8460 section 4.4 wants of it, and every session counted once."""

import datetime
import ipaddress
import json
import unittest

import program

RESULT_TYPES = {  # RFC 8460, section 6.6
    *("starttls-not-supported", "certificate-host-mismatch", "certificate-not-trusted", "certificate-expired"),
    *("validation-failure", "tlsa-invalid", "dnssec-invalid", "dane-required"),
    *("sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"),
}
# What keeps a sender from having an MTA-STS policy is told beside the sessions, which go on without it.
BESIDE = {"sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"}
# None: may be left out. Whatever else there is, is not of the RFC.
REPORT = {"organization-name": str, "date-range": dict, "contact-info": str, "report-id": str, "policies": list}
POLICY = {"policy-type": str, "policy-string": list, "policy-domain": str, "mx-host": list}
SUMMARY = {"total-successful-session-count": int, "total-failure-session-count": int}
DETAIL = {
    **{"result-type": str, "sending-mta-ip": str, "receiving-mx-hostname": str, "receiving-mx-helo": str},
    **{"receiving-ip": str, "failed-session-count": int, "additional-information": str, "failure-reason-code": str},
}
# The codes with which an endpoint came to the point where TLS could be judged, and failed there.
TLS_FAILED = {"starttls-not-supported", "starttls-refused", "starttls-injection", "tls-handshake-failed", "tls-timeout", "tls-not-tls"}


def report(*arguments):
    return json.loads(program.probe("--format", "tlsrpt", *arguments).out)


def outline(policy):
    """As "sts good.test 1/0" and the result types of the failures."""
    described, summary = policy["policy"], policy["summary"]
    head = f"{described['policy-type']} {described['policy-domain']} {'/'.join(map(str, summary.values()))}"
    return " ".join([head, *(detail["result-type"] for detail in policy["failure-details"])])


class Report(unittest.TestCase):
    maxDiff = None

    def test_every_domain(self):
        for domain in program.all_domains():
            with self.subTest(domain.name):
                self.check(report(*domain.options, domain.name))

    def test_all_in_one(self):
        names = [domain.name for domain in program.all_domains() if not domain.options]
        whole = report(*names)
        self.check(whole)
        described = [json.dumps(policy["policy"]) for policy in whole["policies"]]
        self.assertEqual(len(described), len(set(described)))
        verdicts = program.probe("--format", "json", *names).verdicts()
        counts = [sum(policy["summary"].values()) for policy in whole["policies"]]
        self.assertEqual(sum(counts), sum(map(judged_sessions, verdicts)))

    def check(self, whole):
        self.check_keys(whole, REPORT, REPORT)
        self.assertEqual(whole["organization-name"], "mxtls")
        start, end = map(datetime.datetime.fromisoformat, (text.replace("Z", "+00:00") for text in whole["date-range"].values()))
        self.assertEqual(list(whole["date-range"]), ["start-datetime", "end-datetime"])
        self.assertLessEqual(start, end)
        for policy in whole["policies"]:
            self.assertEqual(list(policy), ["policy", "summary", "failure-details"])
            self.check_policy(policy["policy"])
            self.check_keys(policy["summary"], SUMMARY, SUMMARY)
            for detail in policy["failure-details"]:
                self.check_detail(detail)
            failed = sum(d["failed-session-count"] for d in policy["failure-details"] if is_of_a_session(d))
            self.assertEqual(failed, policy["summary"]["total-failure-session-count"], msg=policy)

    def check_policy(self, policy):
        self.check_keys(policy, POLICY, {"policy-type", "policy-domain"})
        self.assertIn(policy["policy-type"], {"tlsa", "sts", "no-policy-found"})
        self.assertEqual("policy-string" in policy, policy["policy-type"] != "no-policy-found")
        for text in policy.get("policy-string", []) + policy.get("mx-host", []):
            self.assertIsInstance(text, str)

    def check_detail(self, detail):
        self.check_keys(detail, DETAIL, {"result-type", "failed-session-count"})
        self.assertIn(detail["result-type"], RESULT_TYPES)
        self.assertGreater(detail["failed-session-count"], 0)
        for key in {"sending-mta-ip", "receiving-ip"} & detail.keys():
            ipaddress.ip_address(detail[key])

    def check_keys(self, thing, types, needed):
        self.assertLessEqual(set(needed), thing.keys())
        for key, value in thing.items():
            self.assertIsInstance(value, types[key])

    def test_what_each_kind_of_domain_comes_to(self):
        expected = {
            "good.test": ["no-policy-found good.test 1/0"],
            "expired.test": ["no-policy-found expired.test 1/0"],
            "plain.test": ["no-policy-found plain.test 0/1 starttls-not-supported"],
            "alert.test": ["no-policy-found alert.test 0/1 validation-failure"],
            "lost.test": ["no-policy-found lost.test 0/1 validation-failure"],
            "busy.test": [],
            "masked.test": [],
            "refusing.test": [],
            "null.test": [],
            "absent.test": [],
            "bogus.test": ["no-policy-found bogus.test 0/0 dnssec-invalid"],
            "enforce.sts.test": ["sts enforce.sts.test 1/0"],
            "mode-none.sts.test": ["no-policy-found mode-none.sts.test 1/0"],
            "two-records.sts.test": ["no-policy-found two-records.sts.test 1/0"],
            "not-listed.sts.test": ["sts not-listed.sts.test 0/1 validation-failure"],
            "testing-untrusted.sts.test": ["sts testing-untrusted.sts.test 0/1 certificate-not-trusted"],
            "wrong-name.sts.test": ["sts wrong-name.sts.test 0/1 certificate-host-mismatch"],
            "cn-only.sts.test": ["sts cn-only.sts.test 0/1 certificate-host-mismatch"],
            "plain.sts.test": ["sts plain.sts.test 0/1 starttls-not-supported"],
            "missing.sts.test": ["sts missing.sts.test 1/0 sts-policy-fetch-error"],
            "host-expired.sts.test": ["sts host-expired.sts.test 1/0 sts-webpki-invalid"],
            "no-mx.sts.test": ["sts no-mx.sts.test 1/0 sts-policy-invalid"],
            "tlsa-lost.dane.test": [],
        }
        for name, outlines in expected.items():
            with self.subTest(name):
                self.assertEqual([outline(policy) for policy in report(name)["policies"]], outlines)

    def test_dane_counts_for_the_host(self):
        for name, kinds in {
            "ee.dane.test": ["tlsa 1/0"],
            "mismatch.dane.test": ["tlsa 0/1 tlsa-invalid"],
            "tlsa-bogus.dane.test": ["tlsa 0/1 dnssec-invalid"],
            "plain.dane.test": ["tlsa 0/1 starttls-not-supported"],
            "two-hosts.dane.test": ["tlsa 1/0", "no-policy-found 1/0"],
            "pkix.dane.test": ["no-policy-found 1/0"],
            "both.dane.test": ["sts 0/0", "tlsa 1/0"],
            "dane-first.dane.test": ["sts 0/0", "tlsa 0/1 tlsa-invalid"],
        }.items():
            with self.subTest(name):
                policies = report(name)["policies"]
                found = [outline(policy).replace(f" {policy['policy']['policy-domain']} ", " ") for policy in policies]
                self.assertEqual(found, kinds)

    def test_the_policy_stands_there_as_it_was_sent(self):
        (good,) = report("crlf.sts.test")["policies"]
        self.assertEqual(good["policy"]["policy-string"][0], "version: STSv1")
        self.assertEqual(good["policy"]["mx-host"], [line[4:] for line in good["policy"]["policy-string"] if line.startswith("mx: ")])
        (bad,) = report("bad-mode.sts.test")["policies"]
        self.assertTrue(any(line.startswith("mode: ") for line in bad["policy"]["policy-string"]))
        self.assertNotIn("mx-host", bad["policy"])

    def test_the_contact_is_whoever_the_mail_is_from(self):
        self.assertEqual(report("good.test")["contact-info"], "")
        self.assertEqual(report("--mail-from", "tls@probe.test", "good.test")["contact-info"], "tls@probe.test")

    def test_nothing_is_said_where_all_is_well(self):
        self.assertEqual(program.probe("-q", "--format", "tlsrpt", "good.test", "exim.test").out, b"")
        (policy,) = report("-q", "good.test", "plain.test")["policies"]
        self.assertEqual(policy["policy"]["policy-domain"], "plain.test")


def is_of_a_session(detail):
    """What is bogus where no session could follow names no address."""
    return detail["result-type"] not in BESIDE and "receiving-ip" in detail


def judged_sessions(verdict):
    """Those in which TLS came up, was not offered, or failed to come up, seen from the stages."""
    count = 0
    for host in verdict["hosts"]:
        lost = any(finding["code"] == "dns-no-answer" for finding in host["findings"])
        for endpoint in host["endpoints"]:
            failed = any(finding["code"] in TLS_FAILED for finding in endpoint["findings"])
            behind_220 = endpoint["stages"]["secure"]["result"] != "skip"
            is_deferred = lost and (endpoint["dane"] or {}).get("state") == "error"
            count += (failed or behind_220) and not is_deferred
    return count


if __name__ == "__main__":
    unittest.main()
