#!/usr/bin/python3 -B
"""Man pages before man, groff and mandoc, and completion in bash and zsh: each says what --help says."""

import os
import pathlib
import pty
import re
import subprocess
import tempfile
import unittest

import program

import packages

TOOLS = packages.unpacked(packages.TOOLS, packages.TOOL_PACKAGES)
FOLDER = pathlib.Path(program.PROGRAM).parent / "manual"
COMMANDS = ["check", "scan", "tlsa", "sts-policy", "explain", "history", "log", "config"]
GROFF = TOOLS.root / "usr/share/groff"
ENVIRONMENT = TOOLS.environment() | {
    "PATH": f"{TOOLS.root}/usr/bin:{os.environ['PATH']}",
    "GROFF_FONT_PATH": f"{GROFF}/current/font",
    "GROFF_TMAC_PATH": f"{GROFF}/current/tmac:{GROFF}/site-tmac",
    "LC_ALL": "C.UTF-8",
    "MANWIDTH": "80",
}


def page_of(command):
    return FOLDER / ("mxtls.1" if command == "check" else f"mxtls-{command}.1")


def help_of(command):
    return program.run(command, "--help").out.decode()


def options_of(command):
    """The options in --help, whose columns are fixed."""
    lines = re.findall(r"^  (-\S+)(?: .*)?$", help_of(command).partition("\nExamples:\n")[0], re.MULTILINE)
    return {name for line in lines for name in line.split(",")}


def run(*command, **more):
    words = [str(word) for word in command]
    done = subprocess.run(
        words, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=program.PATIENCE, **more
    )
    return done.returncode, done.stdout


class Pages(unittest.TestCase):
    def test_none_of_those_who_read_them_warns(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(run("groff", "-man", "-ww", "-z", "-Tutf8", page_of(command)), (0, ""))
                self.assertEqual(run("mandoc", "-Tlint", page_of(command)), (0, ""))

    def test_man_shows_what_help_says(self):
        """Each paragraph and each option with its text, whatever the lines."""
        words = lambda text: " ".join(text.split())
        for command in COMMANDS:
            with self.subTest(command):
                status, page = run("man", "--warnings", "-C", TOOLS.root / "etc/manpath.config", "-P", "cat", "-l", page_of(command))
                self.assertEqual(status, 0, msg=page)
                for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
                    self.assertRegex(page, f"(?m)^{heading}$")
                usage, *parts = help_of(command).partition("\nExample")[0].split("\n\n")
                for part in [usage.removeprefix("Usage:"), *parts]:
                    entries = re.split(r"\n  (?=\S)", part)[1:] or [part]
                    for entry in entries:
                        self.assertIn(words(re.sub("^(-.),", r"\1, ", entry)), words(page))

    def test_each_option_has_an_entry(self):
        for command in COMMANDS:
            tags = re.findall(r"(?m)^\.TP\n(.*)$", page_of(command).read_text().replace("\\-", "-"))
            entries = {name for tag in tags for name in re.findall(r"\\fB(-[\w-]+)\\fR", tag)}
            with self.subTest(command):
                self.assertEqual(entries, options_of(command) - ({"-h", "--help"} if command in ("explain", "config") else set()))

    def test_whatis_finds_a_line(self):
        for command in COMMANDS:
            self.assertRegex(page_of(command).read_text(), r"\n\.SH NAME\nmxtls[a-z\\-]* \\- [a-z].{15,60}\n")


# Each is refused, for another reason than the value of an option.
WRONG = {"check": [], "scan": ["/absent/list"], "sts-policy": [], "history": ["--history", "/absent/history"], "log": ["--list", "/absent/log"]}


VALUES = {
    "check": ["--format", "--policy", "--color", "--min-tls", "--max-tls"],
    "scan": ["--format", "--policy"],
    "sts-policy": ["--mode"],
    "history": ["--format"],
    "log": ["--by", "--direction", "--only", "--format"],
}
ASKED = [(command, option) for command, names in VALUES.items() for option in names]
ASKED_LINES = [f"mxtls {command} {option} " for command, option in ASKED]


class Shell:
    """What both shells are asked."""

    def test_commands_and_options(self):
        lines = ["mxtls ", "mxtls sc", "mxtls --form", *(f"mxtls {command} -" for command in COMMANDS)]
        all_commands, some, one_option, *of_commands = self.completions(lines)
        self.assertTrue(all_commands.issuperset(COMMANDS), msg=all_commands)
        self.assertEqual(some, {"scan"})
        self.assertEqual(one_option, {"--format"})
        for command, offered in zip(COMMANDS, of_commands):
            self.assertEqual(offered, options_of(command) | {"-h", "--help"}, msg=command)

    def test_files_folders_and_words(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            (place / "list.txt").touch()
            (place / "lists").mkdir()
            files = [f"mxtls {words} {folder}/li" for words in ("--targets", "scan", "log --format csv", "history --history", "config check")]
            lines = [*files, f"mxtls --ca-path {folder}/li", "mxtls config ", "mxtls explain chain-inc", "mxtls explain chain-incomplete chain-r"]
            *of_files, of_folders, word, code, another = self.completions(lines)
        names = lambda paths: {pathlib.Path(path).name for path in paths}
        for line, offered in zip(files, of_files):
            self.assertEqual(names(offered), {"list.txt", "lists"}, msg=line)
        self.assertEqual(names(of_folders), {"lists"})
        self.assertEqual((word, code, another), ({"check"}, {"chain-incomplete"}, {"chain-root-included"}))


class Bash(Shell, unittest.TestCase):
    SCRIPT = """
        source "$1"
        shift
        complete -p mxtls >/dev/null || exit 1
        for line; do
            read -ra COMP_WORDS <<<"$line"
            [[ $line != *" " ]] || COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
            _mxtls
            printf '%s\\n' "${COMPREPLY[@]}" ''
        done
    """

    def completions(self, lines):
        status, said = run("bash", "--norc", "-uc", self.SCRIPT, "bash", FOLDER / "mxtls.bash", *lines)
        self.assertEqual(status, 0, msg=said)
        return [set(block.split("\n")) for block in said.removesuffix("\n\n").split("\n\n")]

    def test_values_of_a_list_are_those_that_the_program_takes(self):
        for (command, option), offered in zip(ASKED, self.completions(ASKED_LINES)):
            self.assertGreater(len(offered), 1, msg=f"{command} {option}")
            for value in offered:
                with self.subTest(f"{command} {option} {value}"):
                    self.assertIn(value, help_of(command))
                    refused = program.run(command, option, value, *WRONG[command]).err.decode()
                    self.assertNotIn(option, refused)
                    self.assertNotEqual(refused, "")

    def test_a_value_behind_an_equals_sign(self):
        policies, formats = self.completions(["mxtls --policy = required-", "mxtls --format ="])
        self.assertEqual(policies, {"required-verify"})
        self.assertIn("openmetrics", formats)


class Zsh(Shell, unittest.TestCase):
    """Its line editor wants a terminal; what it would offer is taken where it adds it."""

    SETTINGS = """
        module_path=({root}/usr/lib/*/zsh/*(/))
        fpath=({folder} {root}/usr/share/zsh/functions{{,/**/*(/)}})
        autoload -Uz compinit && compinit -u -D
        compadd() {{
            if [[ ${{@[1,(i)(-|--)]}} != *-(O|A|D)\\ * ]]; then
                local -a offered
                builtin compadd -A offered "$@"
                print -rl -- $offered >>{out}
            fi
            builtin compadd "$@"
        }}
        zle-line-init() {{
            local line
            for line in "${{(@f)$(<{asked})}}"; do
                BUFFER=$line CURSOR=$#line
                zle list-choices
                print -r -- "<$line>" >>{out}
            done
            exit
        }}
        zle -N zle-line-init
    """

    def test_values_of_a_list_are_those_in_bash(self):
        *offered, policies = self.completions([*ASKED_LINES, "mxtls --policy required"])
        self.assertEqual(offered, Bash().completions(ASKED_LINES))
        self.assertEqual(policies, {"required", "required-verify"})

    def completions(self, lines):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            (place / "asked").write_text("\n".join(lines))
            settings = self.SETTINGS.format(root=TOOLS.root, folder=FOLDER, out=place / "out", asked=place / "asked")
            (place / ".zshrc").write_text(settings)
            said = self.in_terminal([TOOLS.program("bin/zsh"), "-d", "-i"], ENVIRONMENT | {"ZDOTDIR": folder, "TERM": "dumb"})
            self.assertTrue((place / "out").exists(), msg=said)
            offered = [set()]
            for line in (place / "out").read_text().splitlines():
                if line == f"<{lines[len(offered) - 1]}>":
                    offered.append(set())
                elif line:
                    offered[-1].add(line.rstrip("/="))
        self.assertEqual(len(offered), len(lines) + 1, msg=said)
        return offered[:-1]

    def in_terminal(self, command, environment):
        terminal, end = pty.openpty()
        with subprocess.Popen(command, env=environment, stdin=end, stdout=end, stderr=end, start_new_session=True) as process:
            os.close(end)
            said = b""
            try:
                while octets := os.read(terminal, 4096):
                    said += octets
            except OSError:
                pass  # it has ended
            os.close(terminal)
            process.wait(program.PATIENCE)
        return said.decode(errors="replace")


if __name__ == "__main__":
    unittest.main()
