#!/usr/bin/python3 -B
"""A second opinion on --protocols: what openssl s_client can agree on with a server, offering one thing at a time."""

import concurrent.futures
import subprocess
import unittest

import program

VERSIONS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
# Postfix with an ECDSA certificate, Exim with an RSA one, and peers that speak one old version each.
TARGETS = ["good.test", "exim.test", "tls10.test", "tls11.test"]
GROUPS = "X25519 X448 P-256 P-384 P-521 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192".split()
TLS13_SUITES = {
    *("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"),
    *("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"),
}
NAMES = {"P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}  # the ones that OpenSSL reports


class Survey(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        verdicts = program.probe("--protocols", "--format", "json", *TARGETS).verdicts()
        cls.endpoints = {verdict["target"]: verdict["hosts"][0]["endpoints"][0] for verdict in verdicts}

    def test_all_was_asked(self):
        for target, endpoint in self.endpoints.items():
            with self.subTest(target):
                self.assertIsNone(endpoint["offered"]["stopped"])
                self.assertTrue(all(version["state"] != "unknown" for version in endpoint["offered"]["versions"]))

    def test_openssl_agrees_on_versions_and_suites(self):
        for target, endpoint in self.endpoints.items():
            for version in endpoint["offered"]["versions"]:
                if version["version"] not in VERSIONS:
                    continue  # SSL 3, which OpenSSL does not speak
                with self.subTest(target, version=version["version"]):
                    known = suites(version["version"])
                    ours = set(version["ciphers"]) & known
                    self.assertEqual(ours, accepted(endpoint, version["version"], known, as_cipher))
                    self.assertEqual(version["state"] == "accepted", bool(ours))

    def test_openssl_agrees_on_groups(self):
        # An ECDSA certificate would need its own curve beside each group of TLS 1.2.
        for target, version in [("good.test", "TLSv1.3"), ("exim.test", "TLSv1.3"), ("exim.test", "TLSv1.2")]:
            with self.subTest(target, version=version):
                told = next(each for each in offered(self.endpoints[target]) if each["version"] == version)
                curves = GROUPS if version == "TLSv1.3" else [name for name in GROUPS if "ffdhe" not in name]
                theirs = accepted(self.endpoints[target], version, curves, as_group)
                self.assertEqual({group["name"] for group in told["groups"]}, {NAMES.get(name, name) for name in theirs})
                self.assertTrue(told["groups_complete"])

    def test_the_factor_stays_as_it_is(self):
        for target in TARGETS:
            plain = program.probe("--format", "json", target).verdicts()[0]
            told = program.probe("--format", "json", "--protocols", target).verdicts()[0]
            self.assertEqual(plain["confidence"], told["confidence"])
            self.assertEqual(plain["status"], told["status"])
            self.assertEqual(program.findings(plain), program.findings(told))
            self.assertIsNone(plain["hosts"][0]["endpoints"][0]["offered"])

    def test_it_is_left_out_without_starttls(self):
        verdict = program.probe("--format", "json", "--protocols", "plain.test").verdicts()[0]
        self.assertIsNone(verdict["hosts"][0]["endpoints"][0]["offered"])


def offered(endpoint):
    return endpoint["offered"]["versions"]


def suites(version):
    """Those that OpenSSL has for a version, without pre-shared keys."""
    if version == "TLSv1.3":
        return TLS13_SUITES
    every = "ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0"
    told = subprocess.run(
        ["openssl", "ciphers", "-s", VERSIONS[version], every], check=True, capture_output=True, text=True
    ).stdout
    return set(told.strip().split(":"))


def as_cipher(version, name):
    return ["-ciphersuites", name] if version == "TLSv1.3" else ["-cipher", f"{name}:@SECLEVEL=0"]


def as_group(version, name):
    suite = [] if version == "TLSv1.3" else ["-cipher", "ECDHE:@SECLEVEL=0"]
    return ["-groups", name, *suite]


def accepted(endpoint, version, names, offer):
    """Those that OpenSSL can shake hands with, each offered alone."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        agreed = pool.map(lambda name: shakes_hands(endpoint, version, offer(version, name)), sorted(names))
        return {name for name, done in zip(sorted(names), agreed) if done}


def shakes_hands(endpoint, version, options):
    address = f"{endpoint['address']}:{endpoint['port']}"
    command = ["openssl", "s_client", "-starttls", "smtp", "-connect", address, "-name", "probe.test", "-brief"]
    said = subprocess.run(
        [*command, VERSIONS[version], *options], input="QUIT\r\n", capture_output=True, text=True, timeout=30, errors="replace"
    )
    return "CONNECTION ESTABLISHED" in said.stderr


if __name__ == "__main__":
    unittest.main()
