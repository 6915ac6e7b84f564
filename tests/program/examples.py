#!/usr/bin/python3 -B
"""The units and the examples that are installed: each before the program that it is for, and run."""

import contextlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import program

import packages

TOOLS = packages.unpacked(packages.TOOLS, packages.TOOL_PACKAGES)
READERS = packages.unpacked(packages.READERS, packages.READER_PACKAGES)
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
EXAMPLES = FIXTURES / "examples"
TARGETS = """
[[target]]
name = "good.test"

[[target]]
name = "plain.test"
policy = "required"
"""


def run(command, environment=program.ENVIRONMENT):
    """Its status, and what it says: both streams in one."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=program.PATIENCE
    )
    return done.returncode, done.stdout


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "targets.toml").write_text(TARGETS)

    def mxtls(self, command, **places):
        """A command line of an example: mxtls, in the world, with other files."""
        for place, other in {"/etc/mxtls/targets.toml": "targets.toml", **places}.items():
            command = command.replace(place, str(self.folder / other))
        first, *words = shlex.split(command)
        self.assertEqual(first.removeprefix("/usr/bin/"), "mxtls")
        result = program.probe(*words)
        self.assertEqual(result.err, b"")
        return result


class Units(InFolder):
    def setUp(self):
        super().setUp()
        self.units = self.folder / "usr/lib/systemd/system"
        self.units.mkdir(parents=True)
        for unit in [*FIXTURES.glob("package/mxtls.*"), *TOOLS.root.glob("lib/systemd/system/*.target")]:
            shutil.copy(unit, self.units)
        (self.folder / "usr/bin").mkdir()
        shutil.copy("/bin/true", self.folder / "usr/bin/mxtls")

    def analyze(self, *words):
        return run([TOOLS.program("usr/bin/systemd-analyze"), f"--root={self.folder}", *words], TOOLS.environment())

    def options(self, text):
        return dict(re.findall(r"(?m)^(\w+)=(.*)$", text))

    def test_systemd_has_nothing_to_say(self):
        self.assertEqual(self.analyze("verify", "--man=no", "mxtls.service", "mxtls.timer"), (0, ""))
        place = self.folder / "etc/systemd/system/mxtls.service.d"
        place.mkdir(parents=True)
        for example in (EXAMPLES / "systemd").iterdir():
            shutil.copy(example, place)
        self.assertEqual(self.analyze("verify", "--man=no", "mxtls.service"), (0, ""))

    def test_it_is_exposed_to_little(self):
        status, said = self.analyze("security", "--offline=true", "--no-pager", "--threshold=15", self.units / "mxtls.service")
        self.assertEqual(status, 0, msg=said)

    def test_the_service_does_what_it_is_to_do(self):
        service = self.options((FIXTURES / "package/mxtls.service").read_text())
        self.assertEqual(service["Environment"], "MXTLS_OPTIONS=-q")
        command = service["ExecStart"].replace("$MXTLS_OPTIONS", "-q")
        result = self.mxtls(command, **{"${STATE_DIRECTORY}/history": "history"})
        self.assertEqual(result.status, 2)
        self.assertIn(b'"plain.test"', result.out)
        recorded = program.run("history", "--history", str(self.folder / "history"))
        self.assertEqual(recorded.status, 0)
        self.assertIn(b"good.test", recorded.out)

    def test_the_options_of_the_examples_are_some(self):
        for example in (EXAMPLES / "systemd").iterdir():
            options = re.search(r'(?m)^Environment="MXTLS_OPTIONS=(.*)"$', example.read_text())[1]
            places = {"/var/lib/prometheus/node-exporter/mxtls.prom": "mxtls.prom"}
            result = self.mxtls(f"mxtls --history {self.folder}/history {options} good.test", **places)
            self.assertEqual((result.status, result.out), (0, b""), msg=example)
        self.assertIn('probe_success{target="good.test"} 1', (self.folder / "mxtls.prom").read_text())


class Jobs(InFolder):
    def jobs(self, file):
        """Also those that are there to be chosen."""
        for line in file.read_text().splitlines():
            if job := re.match(r"#?((?:[\d*/]+ ){5})([\w-]+) (.*)$", line):
                self.assertNotIn("%", line, msg="cron would end the line there")
                yield job[3]

    def test_of_cron(self):
        of_changes, of_a_table = self.jobs(EXAMPLES / "cron")
        self.assertIn("--notify-mail", of_changes)
        places = {"/var/lib/mxtls-cron/history": "history"}
        result = self.mxtls(of_changes + " --sendmail /bin/true", **places)
        self.assertEqual((result.status, result.out), (2, b""))
        result = self.mxtls(of_a_table, **places)
        self.assertEqual(result.status, 2)
        self.assertNotIn(b'"good.test"', result.out)
        self.assertIn(b'"plain.test"', result.out)

    def test_of_the_textfile_collector(self):
        (job,) = self.jobs(EXAMPLES / "prometheus/cron")
        result = self.mxtls(job, **{"/var/lib/prometheus/node-exporter/mxtls.prom": "mxtls.prom"})
        self.assertEqual((result.status, result.out), (2, b""))
        self.assertIn('probe_success{target="plain.test"} 0', (self.folder / "mxtls.prom").read_text())

    def test_targets(self):
        self.assertEqual(run([program.PROGRAM, "config", "check", EXAMPLES / "targets.toml"]), (0, f"{EXAMPLES}/targets.toml: 3 targets\n"))


class Plugins(InFolder):
    def test_of_nagios(self):
        text = (EXAMPLES / "nagios/mxtls.cfg").read_text()
        command = re.search(r"command_line +(.*)", text)[1]
        name, *arguments = re.search(r"check_command +(.*)", text)[1].split("!")
        self.assertEqual(name, re.search(r"command_name +(.*)", text)[1])
        self.assertEqual(arguments[0], "example.com")
        for target, status in {"good.test": 0, "wrong-name.test": 2}.items():
            result = self.mxtls(command.replace("$ARG1$", target).replace("$ARG2$", arguments[1]))
            self.assertEqual((result.status, result.out[:8]), (status, b"MXTLS OK" if status == 0 else b"MXTLS CR"))

    def test_of_icinga(self):
        text = (EXAMPLES / "icinga/mxtls.conf").read_text()
        command = json.loads(re.search(r"command = (\[.*\])", text)[1])
        options = re.findall(r'^    "(--[\w-]+)" = ', text, re.MULTILINE)
        help_page = program.run("--help").out.decode()
        self.assertTrue(options)
        for option in options:
            self.assertRegex(help_page, rf"(?m)^  {option} ", msg="it takes a value")
        self.assertEqual(self.mxtls(shlex.join([*command, "--timeout", "120", "good.test"])).status, 0)


class Prometheus(InFolder):
    def promtool(self, *words):
        return run([READERS.program("usr/bin/promtool"), *words], READERS.environment())

    def test_promtool_accepts_the_rules_and_they_do_what_they_are_to_do(self):
        place = EXAMPLES / "prometheus"
        for words in (("check", "config", place / "prometheus.yml"), ("test", "rules", place / "rules_test.yml")):
            status, said = self.promtool(*words)
            self.assertEqual(status, 0, msg=said)
            self.assertIn("SUCCESS", said)
        rules = set(re.findall(r"alert: (\w+)", (place / "rules.yml").read_text()))
        self.assertEqual(rules, set(re.findall(r"alertname: (\w+)", (place / "rules_test.yml").read_text())))

    def test_a_target_that_fails_is_an_alert(self):
        """From mxtls over a file, node_exporter and Prometheus, which looks more often than in the example."""
        program.probe("--format", "openmetrics", "-o", str(self.folder / "mxtls.prom"), "--targets", str(self.folder / "targets.toml"))
        exporter, prometheus = program.free_address(self), program.free_address(self)
        settings = (EXAMPLES / "prometheus/prometheus.yml").read_text()
        (self.folder / "prometheus.yml").write_text(settings.replace("localhost:9100", exporter).replace(": 1m", ": 250ms"))
        shutil.copy(EXAMPLES / "prometheus/rules.yml", self.folder)
        with contextlib.ExitStack() as servers:
            self.serve(
                servers,
                *("usr/bin/prometheus-node-exporter", f"--web.listen-address={exporter}"),
                *("--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={self.folder}"),
            )
            self.serve(
                servers,
                *("usr/bin/prometheus", f"--web.listen-address={prometheus}", f"--config.file={self.folder}/prometheus.yml"),
                f"--storage.tsdb.path={self.folder}/data",
            )
            alerts = self.answer(prometheus, "alerts", lambda data: [one for one in data["alerts"] if one["state"] == "firing"])
            found = {(one["labels"]["alertname"], one["labels"].get("target")) for one in alerts}
            self.assertEqual(found, {("MailTlsCritical", "plain.test")})
            success = self.answer(prometheus, "query?query=probe_success", lambda data: data["result"])
            self.assertEqual({one["metric"]["target"]: one["value"][1] for one in success}, {"good.test": "1", "plain.test": "0"})

    def serve(self, servers, command, *options):
        log = servers.enter_context(open(self.folder / "servers.log", "ab"))
        server = subprocess.Popen([READERS.program(command), *options], env=READERS.environment(), stdout=log, stderr=log)
        servers.callback(server.wait)
        servers.callback(server.kill)

    def answer(self, address, question, wanted):
        """What is wanted of the answer, once there is any."""
        end = time.monotonic() + program.PATIENCE
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while True:
            said = "nothing"
            with contextlib.suppress(OSError):
                with direct.open(f"http://{address}/api/v1/{question}", timeout=program.PATIENCE) as answer:
                    said = json.load(answer)["data"]
                if found := wanted(said):
                    return found
            if time.monotonic() > end:
                self.fail(f"it says {said}, and:\n{(self.folder / 'servers.log').read_text()}")
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
