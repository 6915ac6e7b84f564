#!/usr/bin/python3 -B
"""--format csv read back by Python's csv module: the rows say what the JSON report says."""

import csv
import io
import unittest

import program

STAGES = ["answer", "connect", "helo", "tls", "cert", "secure", "from", "to"]
POLICIES = ["none", "preferred", "required", "preferred-verify", "required-verify", "dane", "mta-sts"]
COLUMNS = [
    *("target", "status", "factor", "host", "preference", "address", "port"),
    *(column for stage in STAGES for column in (stage, f"{stage}_ms")),
    *("version", "cipher", "days_left"),
    *(f"outcome_{policy.replace('-', '_')}" for policy in POLICIES),
    *("codes", "label"),
]
TARGETS = [
    *("good.test", "everything.test", "pair.test", "two-hosts.dane.test", "null.test", "nothing.test", "absent.test"),
    *("refusing.test", "lost-host.test", "lost-second.test", "plain.test", "expired.test", "enforce.sts.test"),
    *("hostile-text.test", "hostile-certificate.test", '"a,b"@good.test', "=1+1@good.test"),
]


class Spreadsheet(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.out = program.probe("--format", "csv", *TARGETS).out.decode()
        self.header, *self.rows = csv.reader(io.StringIO(self.out, newline=""), strict=True)

    def test_every_line_has_a_cell_for_each_column(self):
        self.assertEqual(self.header, COLUMNS)
        self.assertEqual({len(row) for row in self.rows}, {len(COLUMNS)})
        self.assertEqual(self.out.count("\n"), self.out.count("\r\n"))
        self.assertEqual(self.out.count("\n"), 1 + len(self.rows))

    def test_the_rows_say_what_the_json_report_says(self):
        verdicts = program.probe("--format", "json", *TARGETS).verdicts()
        self.assertEqual({verdict["target"] for verdict in verdicts}, set(TARGETS))
        told = [without_times(dict(zip(self.header, row))) for row in self.rows]
        self.assertEqual(told, [row for verdict in verdicts for row in rows_of(verdict)])

    def test_times_are_numbers_where_a_stage_was_reached(self):
        for row in (dict(zip(self.header, row)) for row in self.rows):
            for stage in STAGES:
                if row[stage] == "ok":
                    self.assertGreaterEqual(float(row[f"{stage}_ms"]), 0)
                if row[stage] in ("", "skip"):
                    self.assertEqual(row[f"{stage}_ms"], "")

    def test_no_cell_is_a_formula(self):
        for row in self.rows:
            for cell in row:
                self.assertNotRegex(cell, r"^[=+@\t\r]|^-(?![0-9]+$)")


def without_times(row):
    return {column: cell for column, cell in row.items() if not column.endswith("_ms")}


def rows_of(verdict):
    hosts = verdict["hosts"]
    lonely = not any(host["endpoints"] for host in hosts)
    for host in hosts or [{"endpoints": [], "findings": []}]:
        for endpoint in host["endpoints"] or [{}]:
            yield row_of(verdict, host, endpoint, endpoint.get("outcomes", verdict["outcomes"] if lonely else {}))


def row_of(verdict, host, endpoint, outcomes):
    tls = endpoint.get("tls") or {}
    chain = endpoint.get("chain") or [{}]
    findings = [*verdict["findings"], *host["findings"], *endpoint.get("findings", [])]
    row = {"target": unformulated(verdict["target"]), "status": verdict["status"], "factor": verdict["confidence"]["factor"]}
    row |= {column: host.get(column) for column in ("host", "preference")}
    row |= {column: endpoint.get(column) for column in ("address", "port")}
    row |= {stage: endpoint.get("stages", {}).get(stage, {}).get("result") for stage in STAGES}
    row |= {"version": tls.get("version"), "cipher": tls.get("cipher"), "days_left": chain[0].get("days_left")}
    row |= {f"outcome_{policy.replace('-', '_')}": outcomes.get(policy) for policy in POLICIES}
    row["codes"] = " ".join(dict.fromkeys(finding["code"] for finding in findings))
    row["label"] = verdict["label"]
    return {column: "" if cell is None else str(cell) for column, cell in row.items()}


def unformulated(text):
    return rf"\x{ord(text[0]):02x}{text[1:]}" if text[0] in "=+-@" else text


if __name__ == "__main__":
    unittest.main()
