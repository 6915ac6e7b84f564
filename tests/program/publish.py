#!/usr/bin/python3 -B
"""What mxtls would have published: true of the world, readable by others, and honest about what it did not see."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import program

import dane_opinions
import packages

RECORD = re.compile(r"^(\S+)\. IN TLSA (\d+ \d+ \d+ [0-9a-f]+)$")
PORT = program.WORLD["MXTLS_PORT"]
# Neither command looks for a policy.
HERE = [part for part in program.IN_THE_WORLD if part not in ("--sts-port", program.WORLD["MXTLS_STS_PORT"])]
WITHOUT_DNSSEC = [part for part in HERE]
WITHOUT_DNSSEC[WITHOUT_DNSSEC.index("--resolver") + 1] = program.WORLD["MXTLS_RESOLVER_PLAIN"]


def printed(*arguments):
    """The records that it prints, each with its owner."""
    return records_of(program.run("tlsa", *arguments, *HERE).out)


def records_of(text):
    lines = [line for line in text.decode("ascii").splitlines() if line and not line.startswith("; ")]
    return [RECORD.match(line).groups() for line in lines]


def published(host):
    return [(f"_{PORT}._tcp.{host}", record) for record in dane_opinions.tlsa_records(host, PORT)[1]]


class Tlsa(unittest.TestCase):
    def test_it_prints_what_is_published_where_that_is_right(self):
        for host in ("mx.ee.dane.test", "mx.signed.test"):
            with self.subTest(host):
                self.assertEqual([record for record in printed(host) if " 3 1 1 " in f" {record[1]}"], published(host))
        self.assertEqual(printed("mx.ta-intermediate.dane.test")[1:], published("mx.ta-intermediate.dane.test"))

    def test_it_prints_those_of_both_certificates(self):
        records = printed("--key-types", "mx.two-keys.dane.test")
        self.assertEqual(sorted(records[:2]), sorted(published("mx.two-keys.dane.test")))
        self.assertEqual([record[1][:5] for record in records], ["3 1 1", "3 1 1", "2 1 1"])

    def test_openssl_accepts_each_record_by_itself(self):
        hosts = {
            "mx.ee.dane.test": ["3 1 1", "2 1 1"],
            "mx.ta.dane.test": ["3 1 1", "2 1 1", "2 1 1"],
            "mx.good.test": ["3 1 1", "2 1 1"],
            "mx.expired.dane.test": ["3 1 1"],
            "mx.self-signed.dane.test": ["3 1 1"],
            "mx.wrong-name-ta.dane.test": ["3 1 1"],
        }
        for host, kinds in hosts.items():
            with self.subTest(host):
                records = [record for _, record in printed(host)]
                self.assertEqual([record[:5] for record in records], kinds)
                for record in records:
                    self.assertTrue(dane_opinions.openssl_accepts(endpoint_of(host), [record], host), msg=record)

    def test_nsd_reads_it_as_part_of_a_zone(self):
        hosts = ["mx.rollover.dane.test", "mx.broken.dane.test", "mx.hostile-certificate.test", "nobody.test", "mx.odd.dane.test"]
        result = program.run("tlsa", *hosts, *HERE)
        self.assertEqual(result.status, 3, msg="one of them does not exist")
        self.assertGreaterEqual(len(records_of(result.out)), 6)
        soa = b"$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n"
        with tempfile.NamedTemporaryFile(dir=program.WORLD["MXTLS_WORLD"]) as zone:
            zone.write(soa + result.out)
            zone.flush()
            servers = packages.unpacked(packages.SERVERS)
            command = [servers.program("usr/sbin/nsd-checkzone"), "test", zone.name]
            done = subprocess.run(command, env=servers.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, msg=done.stdout)

    def test_it_says_what_is_spare_and_what_is_missing(self):
        text = program.run("tlsa", "mx.rollover.dane.test", *HERE).out.decode()
        self.assertRegex(text, r"\n; published already\n\S+ IN TLSA 3 1 1 ")
        self.assertRegex(text, r"\n; published, and matches nothing that was presented: spare, or old: 3 1 1 [0-9a-f]{64}\n")
        text = program.run("tlsa", "mx.mismatch.dane.test", *HERE).out.decode()
        self.assertRegex(text, r"\n; not published yet: publish this one[^\n]*\n\S+ IN TLSA 3 1 1 ")

    def test_it_says_where_the_records_would_be_worth_nothing(self):
        signed = program.run("tlsa", "mx.ee.dane.test", *HERE)
        self.assertIn(b"\n; DNSSEC protects this name\n", signed.out)
        self.assertEqual((signed.status, signed.err), (0, b""))
        self.assertIn(b"\n; DNSSEC DOES NOT PROTECT THIS NAME", program.run("tlsa", "mx.good.test", *HERE).out)
        unproved = program.run("tlsa", "mx.ee.dane.test", *WITHOUT_DNSSEC)
        self.assertIn(b"\n; WHETHER DNSSEC PROTECTS THIS NAME IS NOT KNOWN", unproved.out)
        self.assertEqual(records_of(unproved.out), records_of(signed.out))

    def test_the_owner_is_where_aliases_lead(self):
        self.assertEqual(printed("mx.alias.dane.test"), printed("mx.ee.dane.test"))
        self.assertEqual(printed("mx.tlsa-alias.dane.test")[0][0], "_key.tlsa-alias.dane.test")

    def test_an_address_takes_its_name(self):
        address = endpoint_of("mx.ee.dane.test")["address"]
        self.assertEqual(printed("--reference", "mx.ee.dane.test", address), printed("mx.ee.dane.test"))
        self.assertEqual(printed("--reference", "mx.ee.dane.test", f"{address}:{PORT}"), printed("mx.ee.dane.test"))

    def test_a_check_prints_them_below_its_table(self):
        result = program.probe("--tlsa", "two-keys.dane.test", "--key-types")
        self.assertEqual(result.status, 0)
        text = result.out.decode()
        records = records_of(text[text.index("; TLSA records for ") :].encode())
        self.assertEqual(records, printed("--key-types", "mx.two-keys.dane.test"))

    def test_what_was_not_seen_is_told_and_empties_no_file(self):
        for host, why in {
            "nobody.test": "nobody.test does not exist",
            "mx.plain.test": "does not offer STARTTLS",
            "nobody.peer.test": "refused the connection",
        }.items():
            with self.subTest(host), tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"]) as folder:
                file = pathlib.Path(folder) / "records"
                file.write_text("the old records")
                result = program.run("tlsa", "-o", str(file), host, *HERE)
                self.assertEqual((result.status, result.out), (3, b""))
                self.assertRegex(result.err.decode(), rf"\Amxtls: [^\n]*{why}[^\n]*\n\Z")
                self.assertEqual((file.read_text(), os.listdir(folder)), ("the old records", ["records"]))


class StsPolicy(unittest.TestCase):
    def test_it_prints_the_policy_that_is_published_where_that_is_right(self):
        result = program.run("sts-policy", "--mode", "enforce", "enforce.sts.test", *HERE)
        lines = ["version: STSv1", "mode: enforce", "mx: mx.sts.test", "max_age: 604800", ""]
        self.assertEqual((result.status, result.out.decode()), (0, "\r\n".join(lines)))

    def test_it_begins_with_testing_and_covers_every_host(self):
        result = program.run("sts-policy", "half-dead.test", *HERE)
        lines = ["version: STSv1", "mode: testing", "mx: nobody.peer.test", "mx: mx.good.test", "max_age: 604800", ""]
        self.assertEqual((result.status, result.out.decode()), (3, "\r\n".join(lines)))
        self.assertRegex(result.err.decode(), r"\Amxtls: nobody\.peer\.test \[\S+\] was not seen: [^\n]*refused[^\n]*\n; serve it")

    def test_the_records_beside_it_are_told_apart_from_it(self):
        result = program.run("sts-policy", "good.test", *HERE)
        self.assertRegex(result.err.decode(), r'\n_mta-sts\.good\.test\. IN TXT "v=STSv1; id=\d{14};"\n')
        self.assertIn(b'\n_smtp._tls.good.test. IN TXT "v=TLSRPTv1; rua=mailto:tls-reports@good.test"\n', result.err)
        quiet = program.run("sts-policy", "-q", "good.test", *HERE)
        self.assertEqual(quiet, program.Result(0, result.out, b""))

    def test_it_warns_where_mail_would_fail_it(self):
        for domain, why in {
            "wrong-name.test": "does not name mx.wrong-name.test",
            "plain.test": "does not offer STARTTLS",
            "self-signed.test": "self-signed",
        }.items():
            for mode, status in {"testing": 1, "enforce": 2, "none": 0}.items():
                with self.subTest(domain, mode=mode):
                    result = program.run("sts-policy", "-q", "--mode", mode, domain, *HERE)
                    self.assertEqual(result.status, status)
                    self.assertIn(f"mode: {mode}\r\n".encode(), result.out)
                    expected = r"\Z" if mode == "none" else rf"mxtls: [^\n]*{why}[^\n]*\n\Z"
                    self.assertRegex(result.err.decode(), rf"\A{expected}")

    def test_without_a_host_there_is_no_policy(self):
        for domain, why in {
            "null.test": "null MX",
            "nobody.test": "does not exist",
            "bogus.test": "failed|DNSSEC",
            "literal.test": "no mail host with a name",
        }.items():
            with self.subTest(domain):
                result = program.run("sts-policy", domain, *HERE)
                self.assertEqual((result.status, result.out), (3, b""))
                self.assertRegex(result.err.decode(), rf"\Amxtls: [^\n]*(?:{why})[^\n]*\n\Z")


class Mistakes(unittest.TestCase):
    def test_each_gets_one_line(self):
        for arguments, line in {
            ("tlsa",): "no host: give the name of a mail host, or see mxtls tlsa --help",
            ("tlsa", ""): "'' is empty: give a domain name",
            ("tlsa", "https://mx.good.test"): "'https://mx.good.test' is not a host: expected NAME, NAME:PORT, ADDRESS or [ADDRESS]:PORT",
            ("tlsa", "--format", "json", "mx.good.test"): "unknown option '--format': see mxtls tlsa --help",
            ("tlsa", "--port"): "--port needs a value: see mxtls tlsa --help",
            ("sts-policy",): "no domain: give one, or see mxtls sts-policy --help",
            ("sts-policy", "a.test", "b.test"): "sts-policy takes one domain: a policy is a file of its own",
            ("sts-policy", "--mode", "strict", "good.test"): "--mode: 'strict' is no mode: give testing, enforce or none",
            ("sts-policy", "--quick", "good.test"): "unknown option '--quick': see mxtls sts-policy --help",
        }.items():
            with self.subTest(" ".join(arguments)):
                self.assertEqual(program.run(*arguments), program.Result(3, b"", f"mxtls: {line}\n".encode()))


def endpoint_of(host):
    (verdict,) = program.probe("--format", "json", "--mx", host, "any.test").verdicts()
    return verdict["hosts"][0]["endpoints"][0]


if __name__ == "__main__":
    unittest.main()
