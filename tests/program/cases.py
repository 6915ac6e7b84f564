#!/usr/bin/python3 -B
"""cases.py [--update] FILE: runs the command lines of a case file and compares all that they show.

    # what this is about
    $ mxtls good.test          in the world: its resolver, port, roots and EHLO name are added
    % mxtls --version          exactly as it stands
      standard output
    ! standard error
    = exit status

What differs from run to run is written as a word: PORT, STS_PORT, N ms, N s, TIME, DATE, HEX, and NAME for reverse DNS, which
a quick session does not wait for. Runs of spaces count as two,
since the width of a column depends on the times in it. --update writes down what the program does now.
"""

import dataclasses
import pathlib
import re
import shlex
import sys

import program


def ports_of(prefix):
    return [place.split(":")[1] for name, place in program.WORLD.items() if name.startswith(prefix)]


VARYING = [
    (re.escape(program.WORLD["MXTLS_WORLD"]), "WORLD"),
    (rf"(?<![^\W_]){program.WORLD['MXTLS_PORT']}\b", "PORT"),  # not of X25519, where it is 25519
    (rf"\b{program.WORLD['MXTLS_STS_PORT']}\b", "STS_PORT"),
    (rf"\b({'|'.join(ports_of('MXTLS_RESOLVER'))})\b", "RESOLVER"),
    (r"\d[\d,]*(\.\d+)?ms", "N ms"),
    (r"\bin \d[\d,]*(\.\d)? s, \d[\d,]*(\.\d)? targets a second", "in N s, N targets a second"),
    (r"^\[\d{3}\.\d{3}\]", "[TIME]"),
    (r"^  reverse DNS  .*$", "  reverse DNS  NAME"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT", "DATE"),
    (r"\bserial [0-9a-f]+\b", "serial HEX"),
    (r"\b[0-9a-f]{64}\b", "HEX"),
    (r"(?<=\S) {2,}", "  "),
    (r" +$", ""),
]


@dataclasses.dataclass
class Case:
    comment: list
    command: str
    expected: list = dataclasses.field(default_factory=list)

    def text(self, body):
        return "\n".join([*self.comment, self.command, *body])


def read(file):
    cases, comment = [], []
    for line in file.read_text().splitlines():
        if line.startswith(("$ ", "% ")):
            cases.append(Case(comment, line))
            comment = []
        elif line.startswith("#"):
            comment.append(line)
        elif cases and not ended(cases[-1]):
            cases[-1].expected.append(line)
    return cases


def ended(case):
    return case.expected and case.expected[-1].startswith("= ")


def shown(case):
    """What the command line shows now, in the form of the file."""
    in_the_world = case.command.startswith("$")
    name, *arguments = shlex.split(case.command[2:].format(**program.WORLD))
    if name != "mxtls":
        raise SystemExit(f"not a command line of mxtls: {case.command}")
    result = program.probe(*arguments) if in_the_world else program.run(*arguments)
    out = ["  " + line if line else "" for line in steady(result.out)]
    return [*out, *("! " + line for line in steady(result.err)), f"= {result.status}"]


def steady(octets):
    text = octets.decode()
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text.splitlines()


def main(arguments):
    file = pathlib.Path(arguments[-1])
    cases = read(file)
    if "--update" in arguments:
        file.write_text("\n".join(f"{case.text(shown(case))}\n" for case in cases))
        return 0
    failed = 0
    for case in cases:
        now = shown(case)
        if now != case.expected:
            failed += 1
            print("\n".join(["FAILED", case.command, "expected:", *case.expected, "shown:", *now, ""]))
    print(f"{file.name}: {len(cases)} cases, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
