#!/usr/bin/python3 -B
"""A second opinion on DANE: OpenSSL, given the TLSA records as drill finds them, says of each host what mxtls says."""

import re
import subprocess
import unittest

import program

import packages

STATES = {"valid", "invalid"}  # of these OpenSSL has an opinion


class DaneOpinions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        domains = [domain.name for domain in program.all_domains() if not domain.options]
        cls.seen = judged(program.probe("--format", "json", *domains).verdicts())

    def test_there_is_something_to_compare(self):
        states = [endpoint["dane"]["state"] for _, _, endpoint in self.seen]
        self.assertGreaterEqual(states.count("valid"), 20)
        self.assertGreaterEqual(states.count("invalid"), 4)

    def test_openssl_agrees(self):
        for domain, host, endpoint in self.seen:
            with self.subTest(domain, host=host):
                base, records = tlsa_records(host, endpoint["port"])
                # Any of these names will do, where the records need one; RFC 7672 3.2.2.
                opinions = {openssl_accepts(endpoint, records, name) for name in (base, host, domain)}
                self.assertEqual(endpoint["dane"]["state"], "valid" if True in opinions else "invalid")


def judged(verdicts):
    """The endpoints with a DANE verdict, each with its domain and host."""
    return [
        (verdict["domain"], host["host"], endpoint)
        for verdict in verdicts
        for host in verdict["hosts"]
        for endpoint in host["endpoints"]
        if endpoint["dane"] and endpoint["dane"]["state"] in STATES
    ]


def tlsa_records(host, port):
    """The base domain and its records that mail can use: those where the host's aliases lead, else its own."""
    aliases = re.findall(r"^\S+\s+\d+\s+IN\s+CNAME\s+(\S+)\.$", looked_up(host, "A"), re.MULTILINE)
    for base in [*aliases[-1:], host]:
        said = looked_up(f"_{port}._tcp.{base}", "TLSA")
        records = re.findall(r"^\S+\s+\d+\s+IN\s+TLSA\s+([23] \d+ \d+ \w+)$", said, re.MULTILINE)
        if records and re.search(r"flags: [a-z ]*\bad\b", said):
            return base, records
    raise AssertionError(f"no TLSA records for {host}")


def looked_up(name, kind):
    address, port = program.WORLD["MXTLS_RESOLVER"].split(":")
    servers = packages.unpacked(packages.SERVERS)
    command = [servers.program("usr/bin/drill"), "-D", "-p", port, f"@{address}", name, kind]
    done = subprocess.run(command, env=servers.environment(), stdout=subprocess.PIPE, text=True, timeout=program.PATIENCE)
    return done.stdout


def openssl_accepts(endpoint, records, name):
    command = [
        *("openssl", "s_client", "-starttls", "smtp", "-connect", f"{endpoint['address']}:{endpoint['port']}"),
        *("-name", "probe.test", "-servername", name, "-no-CAfile", "-no-CApath", "-no-CAstore"),
        *("-dane_tlsa_domain", name, "-dane_ee_no_namechecks", "-verify", "9", "-verify_return_error"),
        *(part for record in records for part in ("-dane_tlsa_rrdata", record)),
    ]
    done = subprocess.run(
        command, input="QUIT\r\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=program.PATIENCE, text=True
    )
    code = re.search(r"Verify return code: (\d+)", done.stdout)
    refused = "verify error:" in done.stdout
    if not code and not refused:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout}")
    return not refused and code.group(1) == "0"


if __name__ == "__main__":
    unittest.main()
