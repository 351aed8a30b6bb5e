"""An update of everything while wallets pay: each process is replaced, copy by copy, and nobody notices.

As in Kubernetes: a new copy must be ready before an old one is told to end (SIGTERM). Only of the scanner there is one
at a time. The web servers stand behind nginx with its configuration in deploy/nginx.
"""

import unittest

from shard import COPIES, MONEY, PAYEE, PAYER, Payments, Shard, stop
from support import Client, program, run, until


class RollingUpdate(Shard):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.running = {name: [cls.copy(name) for _ in range(2)] for name in COPIES}
        cls.running["scanner"] = [cls.copy("scanner")]
        cls.webs = [cls.serve(index) for index in range(2)]
        cls.proxy(2)

    def progress(self, client, payments):
        """Payments end, reach the ledger, and are told in the log, with what is running now."""
        log = self.latest_entry(client)
        target = payments.done + 10
        until(lambda: payments.done >= target or payments.failures, "payments")
        self.assertEqual(payments.failures, [], self.unsuccessful())
        until(lambda: self.principal(client, PAYEE) >= target, "the ledger")
        until(lambda: self.latest_entry(client) > log, "the log")

    def served_by(self, port):
        return (self.home / "nginx/access.log").read_text().count(f':{port}" 20')

    def replace_web(self, index, client, payments):
        stop(self.webs[index])
        self.progress(client, payments)
        self.webs[index] = self.serve(index)
        before = self.served_by(self.ports[index])
        until(lambda: self.served_by(self.ports[index]) > before, "requests to the new server")

    def replace(self, name, index, client, payments):
        new = self.copy(name)
        stop(self.running[name][index])
        self.running[name][index] = new
        self.progress(client, payments)

    def test_no_request_and_no_payment_fails_while_everything_is_replaced(self):
        with Client(self.port) as client:
            payments = Payments(self.port, self.prepare(client))
            self.addCleanup(payments.stop)
            self.progress(client, payments)
            for index in range(2):
                for name in COPIES:
                    self.replace(name, index, client, payments)
                self.replace_web(index, client, payments)
            stop(self.running["scanner"][0])
            self.running["scanner"] = [self.copy("scanner")]
            self.progress(client, payments)
            payments.stop()
            self.assertEqual(payments.failures, [], self.unsuccessful())
            until(lambda: self.principal(client, PAYEE) == payments.done, "the last payments")
            until(lambda: self.principal(client, PAYER) == MONEY - payments.done, "the payer's ledger")
        self.rest()
        for books in ["ledger", "log"]:
            self.assertEqual(run(program("agent"), "verify", books, env=self.environment), "")


if __name__ == "__main__":
    unittest.main()
