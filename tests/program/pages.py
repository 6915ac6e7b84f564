#!/usr/bin/python3 -B
"""The report as a page, in Chromium: on a screen, on a phone, on paper, and with text that would be more than text."""

import pathlib
import re
import tempfile
import unittest

import browser
import program

SCRIPT = '"<script>document.title=1</script>"@good.test'
TARGETS = [
    *("good.test", "everything.test", "pair.test", "two-hosts.dane.test", "enforce.sts.test", "null.test", "absent.test"),
    *("plain.test", "expired.test", "wrong-name.test", "self-signed.test", "incomplete.test", "unrelated.test", "lost-host.test"),
    *("alert.test", "busy.test", "hostile-text.test", "hostile-certificate.test", SCRIPT),
]

# Of each text that can be seen: how much lighter it is than what is behind it, or darker (WCAG 2.1 §1.4.3).
LEAST_CONTRAST = """
(() => {
  const channels = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => channels(color).slice(0, 3).map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = 21;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim()) continue;
    const element = node.parentElement;
    const style = getComputedStyle(element);
    const [one, other] = [light(element.closest('svg') ? style.fill : style.color), light(behind(element))];
    least = Math.min(least, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
  }
  return least;
})()
"""
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
TOO_WIDE = "[...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1 && each.offsetParent).length"

STAGES = """
[...document.querySelectorAll('{article} .stages tbody tr')]
  .map(row => [...row.cells].slice(2).map(cell => cell.textContent.split(' ')[0]))
"""
AGREEMENTS = """
[...document.querySelectorAll('{article} .tls tbody tr')].map(row => [...row.cells].slice(1).map(cell => cell.textContent))
"""
ROLES = """
[...document.querySelectorAll('.data, .data *')]
  .filter(each => getComputedStyle(each).display !== 'inline' && !each.hasAttribute('role')).map(each => each.tagName)
"""
LINKS = """
[...document.querySelectorAll('nav a')]
  .map(link => document.querySelector(link.getAttribute('href')).querySelector('h2').textContent)
"""


def texts(selector):
    return f"[...document.querySelectorAll({selector!r})].map(each => each.textContent)"


def setUpModule():
    global BROWSER
    BROWSER = browser.Browser()
    unittest.addModuleCleanup(BROWSER.close)


class Page:
    """What holds of every page. `write` makes one in a file."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])
        cls.addClassCleanup(folder.cleanup)
        cls.page = pathlib.Path(folder.name) / "page.html"
        cls.write()
        cls.browser = BROWSER
        cls.value = BROWSER.value

    def test_nothing_is_fetched_and_nothing_is_amiss(self):
        self.browser.open(self.page)
        self.value(OPEN_ALL)
        self.assertEqual([request["request"]["url"] for request in self.browser.of("Network.requestWillBeSent")], [self.page.as_uri()])
        for event in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.assertEqual(self.browser.of(event), [])
        self.assertEqual(self.value("document.compatMode"), "CSS1Compat")

    def test_it_fits_a_phone_and_a_screen(self):
        for width in (320, 390, 768, 1280):
            with self.subTest(width):
                self.browser.open(self.page, width=width)
                self.value(OPEN_ALL)
                self.assertEqual(self.value("document.documentElement.scrollWidth"), self.value("document.documentElement.clientWidth"))
                self.assertEqual(self.value("innerWidth"), width)
                self.assertEqual(self.value(TOO_WIDE), 0)

    def test_it_can_be_read_in_the_light_and_in_the_dark(self):
        ground = "getComputedStyle(document.body).backgroundColor"
        grounds = []
        for dark in (False, True):
            with self.subTest(dark=dark):
                self.browser.open(self.page, dark=dark)
                self.value(OPEN_ALL)
                self.assertGreaterEqual(self.value(LEAST_CONTRAST), 4.5)
                grounds.append(self.value(ground))
        self.assertNotEqual(*grounds)
        self.browser.open(self.page, dark=True, media="print")
        self.assertEqual(self.value(ground), grounds[0], msg="paper is light")

    def test_it_can_be_heard(self):
        """What programs go by that read a page aloud."""
        self.browser.open(self.page)
        ranks = self.value("[...document.querySelectorAll('h1, h2, h3')].map(each => Number(each.tagName[1]))")
        self.assertEqual(ranks[0], 1)
        for one, next_one in zip(ranks, ranks[1:]):
            self.assertLessEqual(next_one, one + 1)
        self.assertEqual(self.value("document.querySelectorAll('th:not([scope])').length"), 0)
        self.assertEqual(self.value("[...document.querySelectorAll('table')].every(each => each.querySelector('th[scope=row]'))"), True)
        self.assertEqual(self.value("document.querySelectorAll('svg:not([aria-hidden])').length"), 0)
        self.assertEqual(self.value("document.documentElement.lang"), "en")
        self.browser.open(self.page, width=390)
        self.assertEqual(self.value(ROLES), [])


class Report(Page, unittest.TestCase):
    @classmethod
    def write(cls):
        program.probe("--format", "html", "--key-types", "-o", str(cls.page), *TARGETS)

    def article(self, target):
        """The part of the page about a target, as a selector."""
        return f"#target-{TARGETS.index(target) + 1}"

    def test_what_others_said_is_text(self):
        self.browser.open(self.page)
        self.assertEqual(self.value("document.title"), f"mxtls: {len(TARGETS)} targets")
        self.assertEqual(self.value("document.querySelectorAll('script, img, iframe, object, link, base, form').length"), 0)
        names = set(self.value("[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())"))
        self.assertEqual({name for name in names if name.startswith("on") or name in ("src", "style")}, set())
        self.assertEqual(self.value("[...document.querySelectorAll('[href]')].every(each => each.getAttribute('href').startsWith('#'))"), True)
        self.assertIn(SCRIPT, self.value("document.querySelector('nav').textContent"))
        transcript = self.value(f"document.querySelector('{self.article('hostile-text.test')} pre').textContent")
        self.assertIn("250-<script>alert(1)</script>", transcript)
        self.assertIn(r"\x1b[2J\x1b]0;owned\x07", transcript)
        self.assertNotRegex(self.value("document.documentElement.textContent"), "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

    def test_even_a_page_with_a_script_runs_none(self):
        page = self.page.with_name("spoiled.html")
        spoil = '<body><script>document.title=1</script><img src="http://127.0.0.1:9/x" onerror="document.title=2">'
        page.write_text(self.page.read_text().replace("<body>", spoil))
        self.browser.open(page)
        self.assertEqual(self.value("document.querySelectorAll('script, img').length"), 2)
        self.assertEqual(self.value("document.title"), f"mxtls: {len(TARGETS)} targets")
        self.assertEqual([failure["blockedReason"] for failure in self.browser.of("Network.loadingFailed")], ["csp"])

    def test_it_can_be_printed(self):
        self.browser.open(self.page)
        pages = len(re.findall(rb"/Type\s*/Page\b", self.browser.printed()))
        self.assertGreaterEqual(pages, len(TARGETS), msg="each target begins a page")

    def test_the_list_leads_to_each_target(self):
        self.browser.open(self.page)
        links = self.value(LINKS)
        verdicts = program.probe("--format", "json", "--key-types", *TARGETS).verdicts()
        self.assertEqual(links, [f"{verdict['target']} {verdict['status']}" for verdict in verdicts])

    def test_it_says_what_the_json_report_says(self):
        self.browser.open(self.page)
        for verdict in program.probe("--format", "json", "--key-types", *TARGETS).verdicts():
            with self.subTest(verdict["target"]):
                article = self.article(verdict["target"])
                codes = {finding["code"] for finding in program.findings(verdict)}
                self.assertEqual(set(self.value(texts(f"{article} .findings code"))), codes)
                words = {"ok": "OK", "fail": "FAIL", "skip": "-"}
                expected = []
                for host in verdict["hosts"]:
                    stages = [endpoint["stages"] for endpoint in host["endpoints"]]
                    expected += [[words[result["result"]] for name, result in each.items() if name != "to"] for each in stages] or [["-"] * 7]
                rows = self.value(STAGES.format(article=article))
                self.assertEqual(rows[:-1], expected)
                agreed = [endpoint["tls"] for host in verdict["hosts"] for endpoint in host["endpoints"] if endpoint["tls"]]
                shown = self.value(AGREEMENTS.format(article=article))
                self.assertEqual(shown, [[tls["version"], tls["cipher"], tls["group"] or "-"] for tls in agreed])

    def test_the_path_breaks_where_the_chain_does(self):
        self.browser.open(self.page)
        for target, expected in {
            "good.test": [],
            "unrelated.test": [],
            "wrong-name.test": ["the certificate does not have this name"],
            "expired.test": ["certificate has expired"],
        }.items():
            with self.subTest(target):
                said = self.value(texts(f"{self.article(target)} .chain .broken .red"))
                self.assertEqual([text.removeprefix("The path breaks here: ") for text in said], expected)
        self.assertEqual(len(self.value(texts(f"{self.article('incomplete.test')} .chain .absent"))), 1)
        self.assertEqual(len(self.value(texts(f"{self.article('unrelated.test')} .chain .beside li"))), 1)


class History(Page, unittest.TestCase):
    RUNS = 3

    @classmethod
    def write(cls):
        file = str(cls.page.with_name("history"))
        for _ in range(cls.RUNS):
            program.probe("-q", "--history", file, "good.test", "plain.test", "hostile-certificate.test")
        program.run("history", "--history", file, "--format", "html", "-o", str(cls.page))

    def test_each_run_is_a_bar(self):
        self.browser.open(self.page)
        self.assertEqual(self.value(texts("h2")), ["good.test OK", "hostile-certificate.test OK", "plain.test CRITICAL"])
        bars = [self.value(f"document.querySelectorAll('#target-{number} rect').length") for number in (1, 2, 3)]
        self.assertEqual(bars, [2 * self.RUNS, 2 * self.RUNS, self.RUNS], msg="a host without TLS has no days left")


if __name__ == "__main__":
    unittest.main()
