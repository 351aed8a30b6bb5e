"""An update of everything while wallets pay: each process is replaced, copy by copy, and nobody notices.

As in Kubernetes: a new copy must be ready before an old one is told to end (SIGTERM). Only of the scanner there is one
at a time. The web servers stand behind nginx with its configuration in deploy/nginx.
"""

import json
import os
import signal
import threading
import time
import unittest
import urllib.request
import uuid

from support import Client, Home, accepts, free_port, program, run, until
from test_nginx import ALL_IDS, upstream

PAYER, PAYEE, DEBTOR = 1, 2, 1
MONEY = 1_000_000
COPIES = ["consumer", "flusher", "ledger-processor", "log-processor"]
# A process that is told to end must do so before Kubernetes loses patience (base/pod.yaml).
GRACE = 45
AT_REST = """
    SELECT (SELECT count(*) FROM configure_account_signal) + (SELECT count(*) FROM prepare_transfer_signal)
        + (SELECT count(*) FROM finalize_transfer_signal) + (SELECT count(*) FROM updated_ledger_signal)
        + (SELECT count(*) FROM updated_policy_signal) + (SELECT count(*) FROM updated_flags_signal)
        + (SELECT count(*) FROM rejected_config_signal) + (SELECT count(*) FROM pending_log_entry)
        + (SELECT count(*) FROM pending_ledger_update)
"""


class Payments:
    """Two devices that pay one payment after the other, each over one connection, until they are stopped."""

    def __init__(self, port, recipient):
        self.recipient = recipient
        self.done = 0
        self.failures = []
        self.counted = threading.Lock()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(port,)) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def work(self, port):
        with Client(port) as client:
            while not self.stopped.is_set():
                try:
                    self.pay(client)
                except Exception as error:  # noqa: BLE001: whatever it is, the test shows it
                    self.failures.append(repr(error))

    def pay(self, client):
        name = str(uuid.uuid4())
        self.expect(201, client.post(f"/creditors/{PAYER}/transfers/", {
            "type": "TransferCreationRequest", "transferUuid": name, "amount": 1, "note": "",
            "recipient": {"type": "AccountIdentity", "uri": self.recipient}}))
        path = f"/creditors/{PAYER}/transfers/{name}"
        transfer = self.expect(200, client.get(path)).json()
        while "result" not in transfer:
            time.sleep(0.005)
            transfer = self.expect(200, client.get(path)).json()
        self.expect(204, client.ask("DELETE", path))
        if transfer["result"]["committedAmount"] != 1:
            raise AssertionError(transfer["result"])
        with self.counted:
            self.done += 1

    @staticmethod
    def expect(status, answer):
        if answer.status != status:
            raise AssertionError((answer.status, answer.body))
        return answer

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


class RollingUpdate(Home):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database_url = cls.database()
        cls.environment = {
            "POSTGRES_URL": cls.database_url, "PROTOCOL_BROKER_URL": cls.broker(),
            # Far more than is paid here.
            "APP_MAX_CREDITOR_TRANSFERS": "32767", "APP_MAX_CREDITOR_INITIATIONS": "32767", **ALL_IDS}
        run(program("agent"), "configure",
            env={"PATH": os.environ["PATH"], "SETUP_RABBITMQ_BINDINGS": "yes", **cls.environment})
        cls.control = free_port()
        cls.start("authority", [program("authority"), "--binding-key", "#", "--control-port", cls.control],
                  cls.environment)
        cls.running = {name: [cls.copy(name) for _ in range(2)] for name in COPIES}
        cls.running["scanner"] = [cls.copy("scanner")]
        cls.ports = [free_port(), free_port()]
        cls.webs = [cls.serve(index) for index in range(2)]
        cls.port = cls.nginx("nginx", "nginx.conf", {"upstreams.conf": upstream("web", *cls.ports)})
        until(lambda: accepts(cls.control), "the authority")

    @classmethod
    def copy(cls, name):
        return cls.service(name, name, cls.environment)

    @classmethod
    def serve(cls, index):
        return cls.web(f"web-{index}", cls.database_url, cls.ports[index], **cls.environment)

    def account(self, client, creditor_id):
        return client.get(f"/creditors/{creditor_id}/accounts/{DEBTOR}/").json()

    def prepare(self, client):
        """Two creditors, the first with money; returns where the second one can be sent money to."""
        for creditor_id in [PAYER, PAYEE]:
            self.assertEqual(client.post(f"/creditors/{creditor_id}/activate").status, 200)
            identity = {"type": "DebtorIdentity", "uri": f"swpt:{DEBTOR}"}
            self.assertEqual(client.post(f"/creditors/{creditor_id}/accounts/", identity).status, 201)
        for creditor_id in [PAYER, PAYEE]:
            until(lambda one=creditor_id: "identity" in self.account(client, one)["info"], "accounts")
        money = {"debtorId": DEBTOR, "creditorId": PAYER, "amount": MONEY}
        issue = urllib.request.Request(f"http://127.0.0.1:{self.control}/issue", json.dumps(money).encode(),
                                       {"Content-Type": "application/json"})
        urllib.request.urlopen(issue, timeout=30).close()
        until(lambda: self.account(client, PAYER)["ledger"]["principal"] == MONEY, "the money")
        return self.account(client, PAYEE)["info"]["identity"]["uri"]

    def progress(self, client, payments):
        """Payments end, reach the ledger, and are told in the log, with what is running now."""
        log = self.latest_entry(client)
        target = payments.done + 10
        until(lambda: payments.done >= target or payments.failures, "payments")
        self.assertEqual(payments.failures, [])
        until(lambda: self.account(client, PAYEE)["ledger"]["principal"] >= target, "the ledger")
        until(lambda: self.latest_entry(client) > log, "the log")

    @staticmethod
    def latest_entry(client):
        return client.get(f"/creditors/{PAYER}/wallet").json()["logLatestEntryId"]

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        process.wait(GRACE)

    def served_by(self, port):
        return (self.home / "nginx/access.log").read_text().count(f':{port}" 20')

    def replace_web(self, index, client, payments):
        self.end(self.webs[index])
        self.progress(client, payments)
        self.webs[index] = self.serve(index)
        before = self.served_by(self.ports[index])
        until(lambda: self.served_by(self.ports[index]) > before, "requests to the new server")

    def replace(self, name, index, client, payments):
        new = self.copy(name)
        self.end(self.running[name][index])
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
            self.end(self.running["scanner"][0])
            self.running["scanner"] = [self.copy("scanner")]
            self.progress(client, payments)
            payments.stop()
            self.assertEqual(payments.failures, [])
            until(lambda: self.account(client, PAYEE)["ledger"]["principal"] == payments.done, "the last payments")
            self.assertEqual(self.account(client, PAYER)["ledger"]["principal"], MONEY - payments.done)
        until(lambda: run("psql", self.database_url, "-Atc", AT_REST).strip() == "0", "nothing to be under way")
        for books in ["ledger", "log"]:
            self.assertEqual(run(program("agent"), "verify", books, env=self.environment), "")


if __name__ == "__main__":
    unittest.main()
