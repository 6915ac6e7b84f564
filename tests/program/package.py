#!/usr/bin/python3 -B
"""What is installed: by cmake --install, and by the package, which dpkg puts into a folder and takes away again."""

import gzip
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

import program

import packages

TOOLS = packages.unpacked(packages.TOOLS, packages.TOOL_PACKAGES)
SOURCES = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(program.PROGRAM).parent
COMMANDS = ["scan", "tlsa", "sts-policy", "explain", "history", "log", "config"]
PAGES = ["mxtls", *(f"mxtls-{command}" for command in COMMANDS)]


def run(*command, status=0, **more):
    """What it says, both streams in one."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=program.PATIENCE, **more
    )
    if done.returncode != status:
        raise AssertionError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def files(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def in_folder():
    return tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"])


class ByCmake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = in_folder()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        run("cmake", "--install", BUILD, "--prefix", "/opt/mxtls", "--strip", env=os.environ | {"DESTDIR": str(cls.root)})
        cls.prefix = cls.root / "opt/mxtls"

    def test_everything_is_below_the_prefix(self):
        self.assertEqual([str(path.relative_to(self.root)) for path in self.root.glob("*/*")], ["opt/mxtls"])
        there = files(self.prefix)
        expected = {
            *("bin/mxtls", "lib/systemd/system/mxtls.service", "lib/systemd/system/mxtls.timer"),
            *("share/bash-completion/completions/mxtls", "share/zsh/site-functions/_mxtls"),
            *("share/doc/mxtls/README.md", "share/doc/mxtls/CHANGELOG.md", "share/doc/mxtls/LICENSE"),
            *(f"share/man/man1/{page}.1.gz" for page in PAGES),
        }
        examples = {f"share/doc/mxtls/examples/{path}" for path in files(SOURCES / "fixtures/examples")}
        self.assertEqual(there, expected | examples)

    def test_nothing_knows_where_it_was_built(self):
        for path in self.prefix.rglob("*"):
            if path.is_file():
                text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
                self.assertNotIn(str(BUILD).encode(), text, msg=path)
        self.assertNotRegex(run("readelf", "--dynamic", self.prefix / "bin/mxtls"), "RPATH|RUNPATH")

    def test_it_runs_where_it_is(self):
        away = {"cwd": self.root, "env": program.ENVIRONMENT}
        self.assertRegex(run(self.prefix / "bin/mxtls", "--version", **away), r"^mxtls \d")
        self.assertRegex(run(self.prefix / "bin/mxtls", *program.IN_THE_WORLD, "good.test", **away), r'for "good.test": 100 ')
        self.assertIn("no target: ", run(self.prefix / "bin/mxtls", status=3, **away))


class ByDpkg(unittest.TestCase):
    """In a folder of its own, with a database of its own: the machine's is not touched. Scripts run with DPKG_ROOT."""

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0 and not shutil.which("fakeroot"):
            raise unittest.SkipTest("dpkg gives files to root: that takes root, or fakeroot")
        folder = in_folder()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        run("cpack", "-G", "DEB", "-B", cls.folder, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip", cwd=BUILD)
        (cls.package,) = cls.folder.glob("*.deb")

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        for folder in ("updates", "info", "triggers"):
            (self.root / "var/lib/dpkg" / folder).mkdir(parents=True)
        for file in ("status", "available"):
            (self.root / "var/lib/dpkg" / file).touch()

    def dpkg(self, *words):
        as_root = [] if os.geteuid() == 0 else ["fakeroot"]
        # Of what it depends on nothing is in the folder: the machine has that.
        forced = "--force-depends,script-chrootless,not-root,unsafe-io"
        path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
        command = [*as_root, "dpkg", f"--root={self.root}", f"--log={self.root}/dpkg.log", forced, *words]
        return run(*command, env=os.environ | {"PATH": path, "LC_ALL": "C"})

    def state(self):
        return run("dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-W", "-f", "${db:Status-Status}", "mxtls")

    def ours(self):
        """What is there beside dpkg's own."""
        return {path for path in files(self.root) if not path.startswith(("var/lib/dpkg/", "dpkg.log"))}

    def test_it_installs_and_runs_and_goes(self):
        self.dpkg("-i", self.package)
        self.assertEqual(self.state(), "installed")
        self.assertRegex(run(self.root / "usr/bin/mxtls", "--version", cwd=self.root, env=program.ENVIRONMENT), r"^mxtls \d")
        self.assertIn("Usage: mxtls scan ", run(self.root / "usr/bin/mxtls", "scan", "--help", cwd=self.root))
        self.assertEqual([path for path in self.ours() if path.startswith("etc/")], [], msg="the timer is off")
        state = self.root / "var/lib/mxtls"
        state.mkdir()
        (state / "history").touch()
        self.dpkg("-r", "mxtls")
        self.assertTrue((state / "history").exists())
        self.dpkg("-P", "mxtls")
        self.assertEqual(self.ours(), set())

    def test_a_timer_that_is_on_is_so_after_an_upgrade_and_gone_with_the_package(self):
        self.dpkg("-i", self.package)
        run(TOOLS.program("bin/systemctl"), f"--root={self.root}", "enable", "mxtls.timer", env=TOOLS.environment())
        link = self.root / "etc/systemd/system/timers.target.wants/mxtls.timer"
        self.assertTrue(link.is_symlink())
        self.dpkg("-i", self.package)
        self.assertTrue(link.is_symlink())
        state = self.root / "var/lib/private/mxtls"
        state.mkdir(parents=True)
        (state / "history").touch()
        (self.root / "var/lib/mxtls").symlink_to("private/mxtls")
        self.dpkg("-r", "mxtls")
        self.assertTrue((state / "history").exists())
        self.dpkg("-P", "mxtls")
        self.assertEqual(self.ours(), set())
        self.assertFalse(state.exists())

    def test_it_says_what_it_is_and_needs(self):
        field = lambda name: run("dpkg-deb", "-f", self.package, name).strip()
        version = re.search(r"project\(mxtls VERSION ([\d.]+)", (SOURCES / "CMakeLists.txt").read_text())[1]
        self.assertEqual((field("Package"), field("Version"), field("Section")), ("mxtls", f"{version}-1", "net"))
        self.assertIn("libssl3", field("Depends"))
        synopsis, *text = field("Description").splitlines()
        self.assertRegex(synopsis, "^[a-z][^.]{20,70}$")
        self.assertTrue(all(re.match(r" (\.|[^ .].{10,79})$", line) for line in text), msg=text)

    def test_its_documents_are_as_policy_wants_them(self):
        run("dpkg-deb", "-x", self.package, self.root)
        documents = self.root / "usr/share/doc/mxtls"
        changes = gzip.decompress((documents / "changelog.Debian.gz").read_bytes()).decode()
        version = run("dpkg-deb", "-f", self.package, "Version").strip()
        self.assertTrue(changes.startswith(f"mxtls ({version}) "), msg="the changelog is of another version")
        self.assertEqual(gzip.decompress((documents / "changelog.gz").read_bytes()), (SOURCES / "CHANGELOG.md").read_bytes())
        lines = lambda text: re.sub(r"\W+", " ", text)
        licence = (SOURCES / "LICENSE").read_text().split("\n\n", 2)
        self.assertIn(lines(licence[2]).strip(), lines((documents / "copyright").read_text()))
        self.assertIn(licence[1].replace("Copyright (c) ", "Copyright: "), (documents / "copyright").read_text())
        self.assertFalse((documents / "LICENSE").exists())
        for path in self.root.glob("usr/**/*"):
            mode = stat.S_IMODE(path.stat().st_mode)
            self.assertEqual(mode, 0o755 if path.is_dir() or path.parent.name == "bin" else 0o644, msg=path)


if __name__ == "__main__":
    unittest.main()
