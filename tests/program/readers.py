#!/usr/bin/python3 -B
"""The formats for monitoring and build servers, each put before a program that reads it, as Debian has that."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
import xml.etree.ElementTree

import program

import packages

READERS = packages.unpacked(packages.READERS, packages.READER_PACKAGES)
sys.path.append(READERS.program("usr/lib/python3/dist-packages"))

from prometheus_client.openmetrics import parser as openmetrics  # noqa: E402

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "fixtures/junit.xsd"
TARGETS = [
    *("good.test", "everything.test", "pair.test", "two-hosts.dane.test", "null.test", "nothing.test", "absent.test"),
    *("refusing.test", "lost-host.test", "plain.test", "expired.test", "wrong-name.test", "enforce.sts.test", "busy.test"),
    *("alert.test", "masked.test", "hostile-text.test", "hostile-certificate.test", '"a\'b|c=d"@good.test', "good.test"),
]
WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]


def read_by(command, octets=b"", **more):
    """What a program of READERS makes of them: its exit status, and what it says."""
    words = [READERS.program(command[0]), *command[1:]]
    done = subprocess.run(
        words, input=octets, env=READERS.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=program.PATIENCE, **more
    )
    return done.returncode, done.stdout.decode()


def told(form, *arguments):
    return program.probe("--format", form, *arguments)


def interrupted(form):
    """What is told of three targets, of which the second is under way when the end comes."""
    targets = ["good.test", "silent.test", "plain.test"]
    with program.start("--format", form, "--jobs", "1", *targets, *program.IN_THE_WORLD, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        program.wait_for_connection("127.25.3.26", process)  # silent.test
        process.send_signal(signal.SIGTERM)
        return process.communicate(timeout=program.PATIENCE)[0]


class Prometheus(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_promtool_has_nothing_to_say(self):
        self.assertEqual(read_by(["usr/bin/promtool", "check", "metrics"], told("openmetrics", *TARGETS).out), (0, ""))

    def test_it_is_openmetrics_and_says_what_the_json_report_says(self):
        families = {family.name: family for family in openmetrics.text_string_to_metric_families(told("openmetrics", *TARGETS).out.decode())}
        for name, family in families.items():
            self.assertRegex(name, "^(probe|mxtls)_")
            self.assertTrue(family.documentation)
            self.assertEqual(family.type, "gauge")
        verdicts = program.probe("--format", "json", *dict.fromkeys(TARGETS)).verdicts()
        expected = {verdict["target"]: verdict for verdict in verdicts}
        values = lambda name: {sample.labels["target"]: sample.value for sample in families[name].samples}
        self.assertEqual(values("probe_success"), {name: verdict["status"] in ("OK", "WARNING") for name, verdict in expected.items()})
        factors = {name: verdict["confidence"]["factor"] for name, verdict in expected.items()}
        self.assertEqual(values("mxtls_factor"), {name: factor for name, factor in factors.items() if factor is not None})
        for sample in families["mxtls_status"].samples:
            self.assertEqual(sample.value, sample.labels["status"] == expected[sample.labels["target"]]["status"])
        counted = sum(sample.value for sample in families["mxtls_findings"].samples)
        self.assertEqual(counted, sum(len(program.findings(verdict)) for verdict in verdicts))

    def test_of_the_counters_of_a_scan_promtool_misses_the_help_alone(self):
        """OpenMetrics describes a counter by its name without _total; promtool reads the older format, which has it there."""
        text = self.stats_of_a_scan().read_text()
        families = list(openmetrics.text_string_to_metric_families(text))
        self.assertEqual({family.type for family in families}, {"counter", "gauge"})
        self.assertTrue(all(family.documentation for family in families))
        status, said = read_by(["usr/bin/promtool", "check", "metrics"], text.encode())
        self.assertEqual((status, set(re.sub(r"\w+_total ", "", said).splitlines())), (3, {"no help text"}))

    def test_a_target_that_was_refused_is_no_success(self):
        out = told("openmetrics", "good.test", "no target").out.decode()
        self.assertIn('\nprobe_success{target="no target"} 0\n', out)
        self.assertIn('mxtls_findings{target="no target",host="",address="",port="",code="target-invalid",severity="warning"} 1\n', out)

    def test_a_target_that_had_no_turn_is_no_success(self):
        """Its series would end where the file is replaced, and with it the alert of yesterday."""
        out = interrupted("openmetrics").decode()
        values = dict(re.findall(r'\nprobe_success\{target="([a-z.]+)"\} (\d)', out))
        self.assertEqual(values, {"good.test": "1", "silent.test": "0", "plain.test": "0"})

    def test_quiet_keeps_the_series_of_what_is_well(self):
        self.assertIn(b'\nprobe_success{target="good.test"} 1\n', told("openmetrics", "-q", "good.test", "expired.test").out)

    def stats_of_a_scan(self):
        (self.folder / "list").write_text("good.test\n")
        stats = self.folder / "scan.prom"
        program.run("scan", "--stats", str(stats), "-o", os.devnull, *program.IN_THE_WORLD, str(self.folder / "list"))
        return stats

    def test_node_exporter_tells_what_is_in_the_files(self):
        """Of two cron jobs, which name the same families, and of a scan."""
        for name in ("good.test", "expired.test"):
            told("openmetrics", "-o", str(self.folder / f"{name}.prom"), name)
        self.stats_of_a_scan()
        scraped = self.scraped()
        self.assertIn("\nnode_textfile_scrape_error 0\n", scraped)
        for line in ('probe_success{target="good.test"} 1', 'mxtls_factor{target="expired.test"} 90', 'mxtls_scan_targets_total{status="OK"} 1'):
            self.assertIn(f"\n{line}\n", scraped)
        self.assertEqual(scraped.count("# HELP probe_success "), 1)
        for labels in re.findall(r"\nmxtls_certificate_not_after_timestamp_seconds(.*) ", scraped):
            self.assertRegex(labels, r"""^\{address="[0-9.:]+",host="mx\.[a-z.]+",port="\d+",position="\d+",target="[a-z.]+"\}$""")

    def scraped(self):
        address = program.free_address(self)
        command = [
            READERS.program("usr/bin/prometheus-node-exporter"),
            f"--web.listen-address={address}",
            *("--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={self.folder}"),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as exporter:
            try:
                return self.answer_of(f"http://{address}/metrics", exporter)
            finally:
                exporter.kill()

    def answer_of(self, url, exporter):
        end = time.monotonic() + program.PATIENCE
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while True:
            try:
                with direct.open(url, timeout=program.PATIENCE) as answer:
                    return answer.read().decode()
            except OSError as fault:
                self.assertIsNone(exporter.poll(), msg="it ended")
                self.assertLess(time.monotonic(), end, msg=fault)
                time.sleep(0.05)


class BuildServer(unittest.TestCase):
    def test_it_is_junit_by_the_schema(self):
        status, said = read_by(["usr/bin/xmllint", "--noout", "--nonet", "--schema", str(SCHEMA), "-"], told("junit", *TARGETS).out)
        self.assertEqual((status, said), (0, "- validates\n"))

    def test_a_suite_fails_where_the_status_is_not_ok(self):
        suites = {suite.get("name"): suite for suite in xml.etree.ElementTree.fromstring(told("junit", *TARGETS).out)}
        for verdict in program.probe("--format", "json", *dict.fromkeys(TARGETS)).verdicts():
            suite = suites.pop(verdict["target"])
            with self.subTest(verdict["target"]):
                self.assertEqual(int(suite.get("failures")) > 0, verdict["status"] != "OK")
                self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase[failure]")))
                self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
                serious = [finding["code"] for finding in program.findings(verdict) if finding["severity"] != "notice"]
                failed = [failure.get("type") for failure in suite.iter("failure") if failure.get("type") != "status"]
                self.assertEqual(sorted(failed), sorted(serious))
        self.assertEqual(suites, {})


    def test_a_target_without_result_fails(self):
        for out, name in ((told("junit", "good.test", "no target").out, "no target"), (interrupted("junit"), "plain.test")):
            suite = xml.etree.ElementTree.fromstring(out).find(f"testsuite[@name='{name}']")
            self.assertEqual(suite.get("failures"), "1")


class Plugin(unittest.TestCase):
    """As monitoring runs it: one line, performance data behind a bar, an exit status; more lines with the findings."""

    PERL = """
        use Monitoring::Plugin::Performance;
        for (Monitoring::Plugin::Performance->parse_perfstring($ARGV[0])) {
            printf "%s\\t%s\\t%s\\t%s\\n", $_->label, $_->value, $_->uom, $_->threshold->get_status($_->value);
        }
    """

    def plugin(self, *arguments):
        """The status by its word, the text of the line, what the performance data says, and the other lines."""
        result = told("nagios", *arguments)
        line, *others = result.out.decode().splitlines()
        self.assertEqual(result.out.count(b"|"), 1)
        text, data = line.split("|")
        match = re.match(r"MXTLS (\w+) - factor (\d+|n/a)\b", text)
        self.assertEqual(WORDS.index(match[1]), result.status)
        return match[1], text, self.performance(data), others

    def performance(self, data):
        root = READERS.root
        libraries = [root / "usr/share/perl5", *root.glob("usr/lib/*/perl5/*"), *root.glob("usr/lib/*/perl5-base")]
        environment = READERS.environment() | {"PERL5LIB": ":".join(map(str, libraries))}
        done = subprocess.run(["perl", "-e", self.PERL, data], env=environment, stdout=subprocess.PIPE, check=True, timeout=program.PATIENCE)
        rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
        self.assertEqual(len(rows), len(re.findall(r"=(?!U)", data)), msg=data)
        return {label: (float(value), unit, int(status)) for label, value, unit, status in rows}

    def test_the_ranges_say_what_the_status_says(self):
        for target, expected in {"good.test": 0, "expired.test": 1, "plain.test": 2, "wrong-name.test": 1}.items():
            with self.subTest(target):
                word, text, data, others = self.plugin(target)
                self.assertEqual(max(status for _, _, status in data.values()), expected)
                self.assertEqual(WORDS.index(word), expected)
                self.assertIn(target, text)
                self.assertEqual(bool(others), expected > 0)
        data = self.plugin("--warn-below", "90", "--fail-below", "80", "wrong-name.test")[2]
        self.assertEqual(data["factor"], (90, "", 0))
        self.assertEqual(self.plugin("--expiry-days", "400", "good.test")[2]["days_left"][2], 1)

    def test_times_are_seconds(self):
        data = self.plugin("pair.test")[2]
        self.assertEqual(list(data), ["factor", "days_left", "time", "answer", "connect", "helo", "tls", "cert", "secure", "from"])
        for label in list(data)[2:]:
            value, unit, status = data[label]
            self.assertEqual((unit, status), ("s", 0))
            self.assertTrue(0 <= value <= data["time"][0], msg=label)

    def test_every_target_has_a_line_and_labels_of_its_own(self):
        targets = ["good.test", "expired.test", "busy.test", "plain.test", '"a\'b|c=d"@good.test', "good.test"]
        word, text, data, others = self.plugin(*targets)
        self.assertEqual(word, "CRITICAL")
        counted = "factor 0 at the lowest of 6 targets, 1 CRITICAL, 1 UNKNOWN, 1 WARNING, 3 OK"
        self.assertRegex(text, rf" - {counted}; plain\.test, starttls-not-supported at mx\.plain\.test \[\S+\]$")
        for label in ("good.test factor", '"a\\x27b\\x7cc\\x3dd"@good.test factor', "good.test (2) factor"):
            self.assertEqual(data[label], (100, "", 0))
        lines = [line.split(" - ")[0] for line in others if " - factor " in line]
        self.assertEqual(lines, ["CRITICAL", "UNKNOWN", "WARNING", "OK", "OK", "OK"])

    def test_it_is_cut_by_wholes_where_nagios_would_cut_it(self):
        result = told("nagios", *TARGETS, *TARGETS)
        self.assertLess(len(result.out), 8192)
        self.assertTrue(result.out.endswith(b" more: too long for a plugin, but not for --format table\n"))
        line = result.out.decode().splitlines()[0]
        self.assertEqual(len(self.performance(line.split("|")[1])), len(re.findall(r"'=(?!U)", line)))

    def test_quiet_leaves_the_line(self):
        text, *others = told("nagios", "-q", "implicit.test").out.decode().splitlines()
        self.assertTrue(text.startswith("MXTLS OK - factor 100, implicit.test, "), msg=text)
        self.assertEqual(others, [])
        word, text, data, others = self.plugin("-q", "good.test", "expired.test")
        self.assertEqual(data["good.test factor"], (100, "", 0))
        self.assertEqual([line for line in others if line.startswith("OK")], [])

    def test_it_says_that_a_history_is_not_written(self):
        line = told("nagios", "--history", "/nonexistent/history", "good.test").out.decode()
        self.assertTrue(line.startswith("MXTLS UNKNOWN - the history could not be written; factor 100, good.test, "), msg=line)

    def test_every_kind_of_domain_has_a_line(self):
        for target in dict.fromkeys(TARGETS):
            with self.subTest(target):
                self.plugin(target)

    def test_it_says_why_there_is_nothing_to_tell(self):
        """Standard output is all that is shown."""
        for arguments, why in {
            (): "no target: give a domain or a mail address, or see mxtls --help",
            ("--porrt", "25", "good.test"): "unknown option '--porrt': see mxtls --help",
            ("--targets", "/nonexistent"): "cannot read '/nonexistent': No such file or directory; give a file of targets in TOML, as in mxtls config --help",
            ("-o", "/nonexistent/file", "good.test"): "cannot write to '/nonexistent/file': No such file or directory; give a writable file with -o",
        }.items():
            with self.subTest(arguments):
                result = program.run("--format", "nagios", *arguments)
                self.assertEqual((result.status, result.out.decode()), (3, f"MXTLS UNKNOWN - {why}\n"))
                self.assertEqual(result.err.decode(), f"mxtls: {why}\n")

    def test_a_file_with_errors_is_named(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write("[[target]]\n")
            file.flush()
            result = program.run("--format=nagios", "--targets", file.name)
        self.assertEqual((result.status, result.out.decode()), (3, f"MXTLS UNKNOWN - '{file.name}' has errors: see mxtls config check {file.name}\n"))

    def test_what_is_no_target_is_told(self):
        word, text, data, others = self.plugin("good.test", "no target")
        self.assertEqual(word, "UNKNOWN")
        self.assertIn("WARNING no target: target-invalid: 'no target' is not a domain name", others)
        self.assertIn("'no target' is not a domain name", self.plugin("no target")[3][0])

    def test_what_had_no_turn_is_told(self):
        line, *others = interrupted("nagios").decode().splitlines()
        self.assertTrue(line.startswith("MXTLS UNKNOWN - factor 100 at the lowest of 3 targets, 2 UNKNOWN, 1 OK; silent.test, interrupted|"), msg=line)
        self.assertIn("UNKNOWN - factor n/a, plain.test, interrupted", others)


class ApplianceLog(unittest.TestCase):
    """The recipes of Cisco's notes on TLS in the mail log of its gateway, by grep."""

    def grep(self, pattern, log):
        done = subprocess.run(["grep", pattern], input=log, stdout=subprocess.PIPE, timeout=program.PATIENCE)
        return done.stdout.decode().splitlines()

    def test_the_recipes_find_what_the_json_report_says(self):
        log = told("esa-log", *TARGETS).out
        endpoints = [
            endpoint
            for verdict in program.probe("--format", "json", *TARGETS).verdicts()
            for host in verdict["hosts"]
            for endpoint in host["endpoints"]
        ]
        result = lambda endpoint, stage: endpoint["stages"][stage]["result"]
        opened = [endpoint for endpoint in endpoints if result(endpoint, "answer") == "ok"]
        began = self.grep("New SMTP DCID", log)
        self.assertEqual(len(began), len(opened))
        for line in began:
            self.assertRegex(line, r"^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} Info: New SMTP DCID \d+ interface \S+ address \S+ port \d+$")
        succeeded = self.grep("DCID.*TLS success", log)
        self.assertEqual(len(succeeded), sum(result(endpoint, "secure") == "ok" for endpoint in endpoints))
        for line in succeeded:
            self.assertRegex(line, r" Info: DCID \d+ TLS success protocol TLSv1\.\d cipher [A-Z0-9_-]+$")
        failed = self.grep("DCID.*TLS failed", log)
        failures = {"starttls-not-supported", "tls-handshake-failed"}
        self.assertEqual(len(failed), sum(finding["code"] in failures for endpoint in endpoints for finding in endpoint["findings"]))
        self.assertTrue(any(line.endswith("TLS failed: STARTTLS unavailable") for line in failed))
        self.assertEqual(self.grep("ICID", log), [])

    def test_what_could_not_be_looked_at_has_a_line(self):
        for target in ("busy.test", "refusing.test", "lost-host.test", "absent.test", "no target"):
            with self.subTest(target):
                (line,) = self.grep("Connection Error:", told("esa-log", target).out)
                self.assertIn(f" domain: {target} IP:", line)

    def test_a_policy_keeps_mail_back(self):
        (line,) = self.grep("DCID.*TLS failed", told("esa-log", "--policy", "required-verify", "wrong-name.test").out)
        self.assertIn(" DCID 1 TLS failed: verify error: ", line)
        (line,) = self.grep("DCID.*TLS failed", told("esa-log", "--policy", "required", "plain.test").out)
        self.assertTrue(line.endswith(" DCID 1 TLS failed: TLS required, STARTTLS unavailable"), msg=line)


if __name__ == "__main__":
    unittest.main()
