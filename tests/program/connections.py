#!/usr/bin/python3 -B
"""Nothing that DNSSEC, DANE, MTA-STS or TLS-RPT have to say costs a connection to a mail server."""

import contextlib
import socket
import threading
import unittest

import program

# Nobody is there in fixtures/world.json, but DANE, MTA-STS and TLS-RPT have to say something of it.
DOMAIN, ADDRESS = "counted.dane.test", "127.25.12.1"
BEHIND = "127.25.10.1"  # the Postfix that answers
PORT = int(program.WORLD["MXTLS_PORT"])


class Connections(unittest.TestCase):
    def test_one_connection_yields_everything(self):
        verdict, connections = counted(DOMAIN)
        (endpoint,) = verdict["hosts"][0]["endpoints"]
        self.assertEqual((verdict["dns"]["dnssec"], endpoint["dane"]["state"]), ("secure", "valid"))
        self.assertEqual((verdict["mta_sts"]["state"], verdict["tls_rpt"]["state"]), ("ok", "ok"))
        self.assertEqual(verdict["confidence"]["factor"], 120)
        self.assertEqual(connections, 1)

    def test_as_many_as_without(self):
        _, connections = counted("--no-dane", "--no-mta-sts", DOMAIN)
        self.assertEqual(connections, 1)


def counted(*arguments):
    """The verdict, and how many connections to the host it took."""
    accepted = []
    with socket.create_server((ADDRESS, PORT)) as server:
        passing = threading.Thread(target=pass_on, args=(server, accepted))
        passing.start()
        try:
            (verdict,) = program.probe("--format", "json", *arguments).verdicts()
        finally:
            server.shutdown(socket.SHUT_RDWR)
            passing.join()
    return verdict, len(accepted)


def pass_on(server, accepted):
    """Connections to the server behind, until this one is shut."""
    with contextlib.ExitStack() as opened, contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            accepted.append(opened.enter_context(client))
            upstream = opened.enter_context(socket.create_connection((BEHIND, PORT)))
            for pair in ((client, upstream), (upstream, client)):
                pumping = threading.Thread(target=pump, args=pair)
                pumping.start()
                opened.callback(pumping.join)


def pump(source, sink):
    with contextlib.suppress(OSError):
        while octets := source.recv(65536):
            sink.sendall(octets)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    unittest.main()
