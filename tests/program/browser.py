"""Chromium from Debian's archive without a window, led by its DevTools protocol over a pipe. It reaches no network."""

import base64
import json
import os
import pathlib
import select
import subprocess
import tempfile
import time

import program

import packages

BROWSER = packages.unpacked(packages.BROWSER, packages.BROWSER_PACKAGES)
FONTS = """<fontconfig><dir>{root}/usr/share/fonts</dir><cachedir>{folder}/fonts</cachedir></fontconfig>"""
OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-crash-reporter", "--no-pings"),
    # Whatever it would ask for by name or through a proxy, it finds nobody.
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>"),
]


def with_sound(environment):
    """With the library that a library of its sound keeps aside. Nothing sounds."""
    folders = [str(folder) for folder in BROWSER.root.glob("usr/lib/*/pulseaudio")]
    return environment | {"LD_LIBRARY_PATH": ":".join([environment["LD_LIBRARY_PATH"], *folders])}


class Browser:
    """One page at a time. What it was told about that page is in `events`."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(dir=program.WORLD["MXTLS_WORLD"], ignore_cleanup_errors=True)
        fonts = pathlib.Path(self.folder.name) / "fonts.conf"
        fonts.write_text(FONTS.format(root=BROWSER.root, folder=self.folder.name))
        reading, self.commands = os.pipe()
        self.answers, writing = os.pipe()
        words = [BROWSER.program("usr/lib/chromium/chromium-headless-shell"), *OPTIONS, f"--user-data-dir={self.folder.name}/data", "about:blank"]
        places = f'exec "$0" "$@" 3<&{reading} 4>&{writing}'
        environment = with_sound(BROWSER.environment()) | {"FONTCONFIG_FILE": str(fonts), "HOME": self.folder.name, "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            ["sh", "-c", places, *words], env=environment, pass_fds=(reading, writing), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(reading)
        os.close(writing)
        self.received = b""
        self.number = 0
        self.session = None
        self.events = []
        self._attach()

    def close(self):
        os.close(self.commands)  # upon which it ends, with the processes of its own
        try:
            self.process.wait(program.PATIENCE)
        finally:
            self.process.kill()
            os.close(self.answers)
        self.folder.cleanup()

    def call(self, method, **parameters):
        """The result of a command of the protocol."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters} | ({"sessionId": self.session} if self.session else {})
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        answer = self._wait(lambda message: message.get("id") == self.number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, path, width=1280, dark=False, media=""):
        """Shows a file as a screen of that many pixels does. On a narrow one it is a phone."""
        self.events = []
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600)
        self.call("Page.navigate", url=path.as_uri())
        self._wait(lambda message: message.get("method") == "Page.loadEventFired")

    def value(self, expression):
        """Of JavaScript, as the page has it."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    def picture(self):
        """The whole page as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def printed(self):
        """The page as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"])

    def of(self, method):
        """What was told of that since the page was opened."""
        return [event["params"] for event in self.events if event["method"] == method]

    def _attach(self):
        (target,) = [each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def _wait(self, is_it):
        end = time.monotonic() + program.PATIENCE
        while True:
            message = self._next(end)
            if "method" in message:
                self.events.append(message)
            if is_it(message):
                return message

    def _next(self, end):
        while b"\0" not in self.received:
            if not select.select([self.answers], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError("the browser does not answer")
            octets = os.read(self.answers, 1 << 20)
            if not octets:
                raise AssertionError(f"the browser ended: {self.process.wait()}")
            self.received += octets
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)
