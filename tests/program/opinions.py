#!/usr/bin/python3 -B
"""A second opinion: OpenSSL's client and Postfix's own say of each chain and name of the world what mxtls says."""

import os
import pathlib
import re
import subprocess
import unittest

import program

import mail  # of the world: how Postfix is run
import packages

HOST_NAME_MISMATCH = 62  # X509_V_ERR_HOSTNAME_MISMATCH


class Opinions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        domains = program.all_domains()
        plain = [domain.name for domain in domains if not domain.options]
        cls.endpoints = endpoints(program.probe("--format", "json", *plain).verdicts())

    def test_there_is_something_to_compare(self):
        verified = [endpoint["stages"]["cert"]["result"] == "ok" for endpoint in self.endpoints]
        self.assertGreaterEqual(verified.count(True), 9)
        self.assertGreaterEqual(verified.count(False), 9)

    def test_openssl_agrees(self):
        for endpoint in self.endpoints:
            with self.subTest(endpoint["host"]):
                faults = openssl_faults(endpoint)
                self.assertEqual(stands(endpoint), not faults, msg=faults)
                self.assertEqual(endpoint["identity"]["matched"] is not None, HOST_NAME_MISMATCH not in faults, msg=faults)

    def test_postfix_agrees(self):
        for endpoint in self.endpoints:
            if endpoint["host"] in OUT_OF_POSTFIX_S_REACH:
                continue
            with self.subTest(endpoint["host"]):
                level = postfix_level(endpoint)
                self.assertEqual(stands(endpoint), level == "Verified", msg=level)


# Debian's OpenSSL lets Postfix neither speak these versions nor trust that signature; mxtls judges them all.
OUT_OF_POSTFIX_S_REACH = {"tls10.peer.test", "tls11.peer.test", "sha1.peer.test"}


def endpoints(verdicts):
    """One for each host that has a name and finished a handshake."""
    found = {}
    for verdict in verdicts:
        for host in verdict["hosts"]:
            for endpoint in host["endpoints"]:
                if endpoint["tls"] and endpoint["identity"]["reference"]:
                    found.setdefault(host["host"], endpoint | {"host": host["host"]})
    return list(found.values())


def stands(endpoint):
    """Whether the certificate is good, but for a revocation: neither of the two looks at the staple."""
    codes = {finding["code"] for finding in endpoint["findings"]}
    return endpoint["stages"]["cert"]["result"] == "ok" or codes == {"certificate-revoked"}


def openssl_faults(endpoint):
    """The numbers of OpenSSL's verification errors."""
    address = f"[{endpoint['address']}]" if ":" in endpoint["address"] else endpoint["address"]
    command = [
        *("openssl", "s_client", "-starttls", "smtp", "-connect", f"{address}:{endpoint['port']}", "-name", "probe.test"),
        *("-CAfile", program.WORLD["MXTLS_CA_FILE"], "-no-CApath", "-no-CAstore", "-purpose", "sslserver"),
        *("-servername", endpoint["host"], "-verify_hostname", endpoint["host"], "-auth_level", "0"),
        *("-min_protocol", "TLSv1", "-cipher", "ALL:@SECLEVEL=0"),
    ]
    said = spoken(command)
    if "Verify return code:" not in said:
        raise AssertionError(f"{' '.join(command)}\n{said}")
    return {int(number) for number in re.findall(r"verify error:num=(\d+):", said)}


def postfix_level(endpoint):
    """Anonymous, Untrusted, Trusted or Verified: what Postfix calls the connection."""
    world = pathlib.Path(program.WORLD["MXTLS_WORLD"])
    servers = packages.unpacked(packages.SERVERS)
    command = [
        *(servers.program("usr/sbin/posttls-finger"), "-c", "-l", "verify", "-L", "summary", "-F", program.WORLD["MXTLS_CA_FILE"]),
        *("-o", "myhostname=probe.test", f"[{endpoint['address']}]:{endpoint['port']}", endpoint["host"]),
    ]
    said = spoken(command, mail.postfix_environment(servers, world))
    level = re.search(r"(\w+) TLS connection established", said)
    if not level:
        raise AssertionError(f"{' '.join(command)}\n{said}")
    return level.group(1)


def spoken(command, environment=None):
    done = subprocess.run(
        command,
        env=environment or os.environ,
        input=b"QUIT\r\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=program.PATIENCE,
    )
    return done.stdout.decode(errors="replace")


if __name__ == "__main__":
    unittest.main()
