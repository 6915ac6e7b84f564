#!/usr/bin/python3 -B
"""Alerts from outside: runs one after another, and what a command, a mailbox and a web server hear of them."""

import email
import email.policy
import http.server
import json
import os
import pathlib
import shlex
import signal
import ssl
import subprocess
import tempfile
import threading
import unittest
import unittest.mock

import program

import mail  # noqa: E402  (of the world)
import packages  # noqa: E402

GOOD = ("--mx", "mx.good.test")
NO_TLS = ("--mx", "mx.plain.test")
BUSY = ("--mx", "busy.peer.test")

COMMAND = r"""#!/bin/sh
[ -e "$0.fails" ] && exit 7
[ -e "$0.hangs" ] && sleep 1000
number=$(ls "$0".heard.* 2>/dev/null | wc -l)
{ echo MXTLS_=; env | grep ^MXTLS_ | sort; echo; echo "$@"; echo; cat; } >"$0.writing"
mv "$0.writing" "$0.heard.$number"
"""


class Web(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Alerts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = str(self.folder / "history.db")
        self.script = self.folder / "alert it"
        self.script.write_text(COMMAND)
        self.script.chmod(0o755)
        self.command = ("--notify", f"'{self.script}' \"two words\" $HOME")
        self.mail = ("--sendmail", str(self.script), "--notify-mail", "admin@example.net")

    def check(self, *arguments):
        return program.probe("-q", "-o", "/dev/null", "--history", self.file, *arguments)

    def quiet(self, status, *arguments):
        result = self.check(*arguments)
        self.assertEqual((result.status, result.out, result.err), (status, b"", b""))

    def heard(self):
        """What the script was run with, oldest first, each once: variables, arguments, and what it read."""
        files = sorted(self.folder.glob("*.heard.*"), key=lambda file: int(file.suffix[1:]))
        each = [file.read_bytes().decode().split("\n\n", 2) for file in files]
        for file in files:
            file.unlink()
        return [(dict(line.split("=", 1) for line in facts.splitlines()), words.strip(), text) for facts, words, text in each]

    def events(self):
        return [facts["MXTLS_EVENT"] for facts, _, _ in self.heard()]

    def serve(self, status=204, tls=None):
        server = http.server.HTTPServer(("127.0.0.1", 0), Web)
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.heard, server.status = [], status
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, ("--notify-url", f"http://user:secret@127.0.0.1:{server.server_port}/hook?token=secret")

    def test_a_target_with_a_label(self):
        file = self.folder / "partners.toml"
        for host in (GOOD, NO_TLS, GOOD):
            file.write_text(f'[[target]]\nname = "good.test"\nlabel = "By the relay"\nmx = "{host[1]}"\n')
            self.check(*self.command, "--targets", str(file))
        self.assertEqual(self.events(), ["worse", "recovery"])

    def test_good_bad_bad_good(self):
        for status, host in ((0, GOOD), (2, NO_TLS), (2, NO_TLS), (0, GOOD), (0, GOOD)):
            self.quiet(status, *self.command, *host, "good.test")
        (worse, words, report), (recovery, _, _) = self.heard()
        self.assertEqual(words, "two words $HOME")
        self.assertEqual(worse["MXTLS_TARGET"], "good.test")
        self.assertEqual((worse["MXTLS_EVENT"], worse["MXTLS_STATUS"], worse["MXTLS_PREVIOUS_STATUS"]), ("worse", "CRITICAL", "OK"))
        self.assertEqual((worse["MXTLS_FACTOR"], worse["MXTLS_FAILING_RUNS"]), ("0", "1"))
        self.assertEqual(worse["MXTLS_CODES"], "starttls-not-supported")
        self.assertEqual(worse["MXTLS_SUBJECT"], "good.test CRITICAL: STARTTLS is not offered (mx.plain.test)")
        self.assertTrue(report.startswith(worse["MXTLS_SUBJECT"] + "\n"))
        self.assertIn('CheckTLS-style confidence factor for "good.test": 0 of 100', report)
        self.assertEqual((recovery["MXTLS_EVENT"], recovery["MXTLS_PREVIOUS_STATUS"]), ("recovery", "CRITICAL"))

    def test_confirmation(self):
        for expected, host in (([], NO_TLS), ([], GOOD), ([], NO_TLS), ([], NO_TLS), (["worse"], NO_TLS), ([], NO_TLS)):
            self.check(*self.command, "--confirm", "3", *host, "good.test")
            self.assertEqual(self.events(), expected)

    def test_a_server_that_defers_is_no_change(self):
        for status, hosts in ((0, GOOD), (3, BUSY), (2, (*GOOD, *BUSY)), (0, GOOD)):
            self.assertEqual(self.check(*self.command, *hosts, "good.test").status, status)
        self.assertEqual(self.events(), [])

    def test_a_new_key(self):
        for host in (GOOD, ("--mx", "mx.exim.test"), GOOD):
            self.check(*self.command, *host, "--reference", host[1], "good.test")
        ((facts, _, report),) = self.heard()
        self.assertEqual((facts["MXTLS_EVENT"], facts["MXTLS_HOST"], facts["MXTLS_KEY"]), ("key", "mx.exim.test", "RSA 2048"))
        self.assertEqual(len(facts["MXTLS_SHA256"]), 64)
        self.assertIn("mx.exim.test presents a certificate that it was not seen with before", report)

    def test_an_end_that_comes_near(self):
        for _ in range(2):
            self.check(*self.command, "soon.test")
        ((facts, _, _),) = self.heard()
        self.assertEqual((facts["MXTLS_EVENT"], facts["MXTLS_EXPIRY_DAYS"]), ("worse,expiry", "14"))

    def test_what_an_appliance_alerts_on(self):
        causes = {
            "old.test": ("ehlo-refused", "no ESMTP: EHLO is refused"),
            "plain.test": ("starttls-not-supported", "STARTTLS is not offered"),
            "refused.test": ("starttls-refused", "STARTTLS is offered, and was answered with an error"),
        }
        for domain, (code, words) in causes.items():
            self.check(*self.mail, domain)
            ((_, _, text),) = self.heard()
            message = email.message_from_string(text, policy=email.policy.default)
            self.assertTrue(message["Subject"].startswith(f"mxtls: {domain} CRITICAL: {words} ("), msg=message["Subject"])
            self.assertTrue(message.get_content().startswith(f"{domain} CRITICAL: {words} ("))
            self.assertIn(f": {code}: {words}: ", message.get_content())

    def test_mail(self):
        self.check(*self.mail, "--notify-mail", "ops@example.org", *NO_TLS, "good.test")
        ((_, words, text),) = self.heard()
        self.assertEqual(words, "-i -f <> -- admin@example.net ops@example.org")
        message = email.message_from_string(text, policy=email.policy.default)
        self.assertEqual(message.defects, [])
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        self.assertEqual(str(message["To"]), "admin@example.net, ops@example.org")
        self.assertEqual(message["Date"].datetime.utcoffset().total_seconds(), 0)
        self.assertRegex(message["Message-ID"], r"^<[0-9a-f]{32}@probe\.test>$")
        self.assertEqual(message["Subject"], "mxtls: good.test CRITICAL: STARTTLS is not offered (mx.plain.test)")
        self.assertIn("good.test is CRITICAL now, and was OK before.", message.get_content())

    def test_postfix_takes_it(self):
        servers = packages.unpacked(packages.SERVERS)
        world = pathlib.Path(program.WORLD["MXTLS_WORLD"])
        variables = mail.postfix_environment(servers, world) | {"MAIL_CONFIG": str(self.folder)}
        for name in ("maildrop", "pid", "public", "private"):
            (self.folder / "queue" / name).mkdir(parents=True)
        settings = f"queue_directory = {self.folder}/queue\nexport_environment = {' '.join(variables.keys() - os.environ.keys())}\n"
        (self.folder / "main.cf").write_text((world / "postfix/main.cf").read_text() + settings)
        words = [f"{name}={value}" for name, value in variables.items() if name not in os.environ]
        self.script.write_text(f"#!/bin/sh\nexec env {shlex.join(words)} {servers.program('usr/sbin/sendmail')} \"$@\"\n")
        self.assertEqual(self.check(*self.mail, "--notify-mail", "ops@example.org", "expired.test").status, 1)
        (file,) = (self.folder / "queue/maildrop").iterdir()
        queued = subprocess.run([servers.program("usr/sbin/postcat"), file], env=variables, capture_output=True, check=True)
        self.assertIn(b"\nsender: \nrecipient: admin@example.net\nrecipient: ops@example.org\n", queued.stdout)
        self.assertIn(b"\nSubject: mxtls: expired.test WARNING: a certificate is past its date", queued.stdout)
        self.assertIn(b"\nAuto-Submitted: auto-generated\n", queued.stdout)

    def test_post(self):
        server, url = self.serve()
        for host in (GOOD, NO_TLS, NO_TLS):
            self.check(*url, *host, "good.test")
        ((path, kind, alert),) = server.heard
        self.assertEqual((path, kind), ("/hook?token=secret", "application/json"))
        self.assertEqual((alert["schema"], alert["target"], alert["events"]), ("mxtls-alert/1", "good.test", ["worse"]))
        self.assertEqual((alert["report"]["schema"], alert["report"]["status"]), ("mxtls/1", "CRITICAL"))

    def test_post_over_tls(self):
        key, certificate = str(self.folder / "key"), str(self.folder / "certificate")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=hook"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
        subprocess.run(command, check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        server, url = self.serve(tls=tls)
        url = (url[0], url[1].replace("http:", "https:"))
        result = self.check(*url, "expired.test")
        self.assertEqual(result.status, 3)
        self.assertRegex(result.err, rb"^mxtls: --notify-url: https://127\.0\.0\.1:\d+ was not reached: [^\n]*certificate[^\n]*\n$")
        with unittest.mock.patch.dict(program.ENVIRONMENT, SSL_CERT_FILE=certificate):
            self.quiet(1, *url, "expired.test")
        self.assertEqual([alert["events"] for _, _, alert in server.heard], [["worse"]])

    def test_what_cannot_be_sent_is_sent_at_the_next_run(self):
        fails = self.folder / "alert it.fails"
        fails.touch()
        server, url = self.serve(302)
        result = self.check(*self.command, *url, "expired.test")
        self.assertEqual((result.status, result.out), (3, b""))
        self.assertEqual(
            result.err.decode().splitlines(),
            [
                f"mxtls: --notify: '{self.script}' ended with status 7: the alert about expired.test waits for the next run",
                f"mxtls: --notify-url: http://127.0.0.1:{server.server_port} answered with status 302: "
                "the alert about expired.test waits for the next run",
            ],
        )
        self.assertEqual(self.check(*self.command, *url, *NO_TLS, "expired.test").status, 2, msg="CRITICAL is the worst")
        fails.unlink()
        server.status = 200
        self.quiet(1, *self.command, *url, "expired.test")
        self.quiet(1, *self.command, *url, "expired.test")
        self.assertEqual(self.events(), ["worse"])
        self.assertEqual(len(server.heard), 3)

    def test_kill_loses_no_alert(self):
        hangs = self.folder / "alert it.hangs"
        hangs.touch()
        arguments = ("-q", "-o", "/dev/null", "--history", self.file, *self.command, "expired.test", *program.IN_THE_WORLD)
        with program.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            children = self.wait_for_child(process.pid)
            process.send_signal(signal.SIGKILL)
            process.wait()
            for child in children:
                os.killpg(child, signal.SIGKILL)
        hangs.unlink()
        self.quiet(1, *self.command, "expired.test")
        self.quiet(1, *self.command, "expired.test")
        self.assertEqual(self.events(), ["worse"])

    def wait_for_child(self, process):
        file = pathlib.Path(f"/proc/{process}/task/{process}/children")
        while True:
            children = [int(child) for child in file.read_text().split()]
            if children and os.getpgid(children[0]) == children[0]:
                return children

    def test_a_run_that_is_to_end_ends(self):
        (self.folder / "alert it.hangs").touch()
        arguments = ("-q", "--history", self.file, *self.command, "expired.test", *program.IN_THE_WORLD)
        with program.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            self.wait_for_child(process.pid)
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(process.returncode, 3)
        self.assertIn(b"was killed, as this run is to end", err)
        self.assertIn(b"expired.test", out)

    def test_two_checks_at_the_same_moment(self):
        for host, event in ((NO_TLS, "worse"), (GOOD, "recovery")) * 4:
            arguments = ("-q", "-o", "/dev/null", "--history", self.file, *self.command, *host, "good.test")
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            both = [program.start(*arguments, *program.IN_THE_WORLD, **pipes) for _ in range(2)]
            for process in both:
                self.assertEqual(process.communicate(timeout=program.PATIENCE), (b"", b""))
            self.assertEqual(self.events(), [event])

    def test_without_a_history(self):
        for options in (self.command, self.mail, ("--notify-url", "http://127.0.0.1:9/")):
            result = program.run(*options, "good.test")
            self.assertEqual((result.status, result.out), (3, b""))
            self.assertRegex(result.err, b"^mxtls: --notify[a-z-]* tells what has changed since the last run: [^\n]*--history\n$")


if __name__ == "__main__":
    unittest.main()
