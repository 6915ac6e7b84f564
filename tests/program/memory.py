#!/usr/bin/python3 -B
"""The program under valgrind: nothing is lost, nothing is read that was not written, and nothing is left open."""

import subprocess
import unittest

import program

FOUND = 99  # valgrind's status where it has something to say
VALGRIND = [
    *("valgrind", "-q", f"--error-exitcode={FOUND}", "--track-fds=yes"),
    "--soname-synonyms=somalloc=libjemalloc*",
    *("--leak-check=full", "--show-leak-kinds=definite,possible", "--errors-for-leak-kinds=definite,possible"),
]


class Memory(unittest.TestCase):
    def test_good_and_bad_in_every_shape(self):
        self.check(0, "--format", "json", "--protocols", "good.test", "exim.test")
        self.check(1, "-v", "--key-types", "--assure", "stale.test", "wrong-name.test", "everything.test")
        self.check(2, "--format", "detail", "injection.test", "garbage.test", "endless.test", "hostile-text.test")
        self.check(2, "odd.dane.test", "old-key.dane.test", "dane-first.dane.test", "tlsa-bogus.dane.test", "alias-out.dane.test")
        self.check(1, "--format", "json", "large.sts.test", "moved.sts.test", "host-expired.sts.test", "nobody.sts.test")
        self.check(3, "--greeting-timeout", "0.3", "silent.test", "absent.test")

    def check(self, status, *arguments):
        command = [*VALGRIND, program.PROGRAM, *arguments, *program.IN_THE_WORLD]
        done = subprocess.run(command, env=program.ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, timeout=240)
        self.assertEqual(done.stderr.decode(errors="replace"), "")
        self.assertEqual(done.returncode, status)


if __name__ == "__main__":
    unittest.main()
