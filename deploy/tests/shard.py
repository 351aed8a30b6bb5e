"""A whole shard: database, virtual host, every service as a process, a simulated authority, nginx; and who pays there."""

import json
import os
import re
import signal
import threading
import time
import urllib.request
import uuid

from proxies import ALL_IDS, upstream
from support import Client, Home, accepts, free_port, program, run, until

PAYER, PAYEE, DEBTOR = 1, 2, 1
MONEY = 1_000_000
# Of which several copies may run; besides web servers.
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


def stop(process):
    """Ends a process as Kubernetes does."""
    process.send_signal(signal.SIGTERM)
    process.wait(GRACE)


class Shard(Home):
    """What the tests of a whole shard are made of."""

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
        until(lambda: accepts(cls.control), "the authority")
        cls.ports = [free_port(), free_port()]
        cls.port = None

    @classmethod
    def copy(cls, name, **more):
        return cls.service(name, name, {**cls.environment, **more})

    @classmethod
    def serve(cls, index):
        return cls.web(f"web-{index}", cls.database_url, cls.ports[index], **cls.environment)

    @classmethod
    def proxy(cls, count):
        """nginx before so many web servers."""
        cls.port = cls.nginx("nginx", "nginx.conf", {"upstreams.conf": upstream("web", *cls.ports[:count])})

    @staticmethod
    def account(client, creditor_id):
        return client.get(f"/creditors/{creditor_id}/accounts/{DEBTOR}/").json()

    def principal(self, client, creditor_id):
        return self.account(client, creditor_id)["ledger"]["principal"]

    @staticmethod
    def latest_entry(client):
        return client.get(f"/creditors/{PAYER}/wallet").json()["logLatestEntryId"]

    def command(self, path, body=None):
        """Tells the authority to do something, or asks it."""
        body = body and json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.control}/{path}", body,
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def prepare(self, client):
        """Two creditors, the first with money; returns where the second one can be sent money to."""
        for creditor_id in [PAYER, PAYEE]:
            self.assertEqual(client.post(f"/creditors/{creditor_id}/activate").status, 200)
            identity = {"type": "DebtorIdentity", "uri": f"swpt:{DEBTOR}"}
            self.assertEqual(client.post(f"/creditors/{creditor_id}/accounts/", identity).status, 201)
        for creditor_id in [PAYER, PAYEE]:
            until(lambda one=creditor_id: "identity" in self.account(client, one)["info"], "accounts")
        self.command("issue", {"debtorId": DEBTOR, "creditorId": PAYER, "amount": MONEY})
        until(lambda: self.principal(client, PAYER) == MONEY, "the money")
        return self.account(client, PAYEE)["info"]["identity"]["uri"]

    def unsuccessful(self):
        """What the proxy and the web servers know of requests that were not successful."""
        answers = [line for line in (self.home / "nginx/access.log").read_text().splitlines()
                   if not re.search(r'HTTP/1.1" 2', line)]
        logs = [line for name in ["nginx", "web-0", "web-1"] for line in self.log_of(name).splitlines()[-20:]]
        return "\n".join(["", *answers[-20:], *logs])

    def rest(self):
        until(lambda: run("psql", self.database_url, "-Atc", AT_REST).strip() == "0", "nothing to be under way")


def expect(status, answer):
    if answer.status != status:
        raise AssertionError((answer.status, answer.body))
    return answer


def ask_for_payment(client, recipient, name):
    expect(201, client.post(f"/creditors/{PAYER}/transfers/", {
        "type": "TransferCreationRequest", "transferUuid": name, "amount": 1, "note": "",
        "recipient": {"type": "AccountIdentity", "uri": recipient}}))
    return f"/creditors/{PAYER}/transfers/{name}"


def pay(client, recipient):
    """A payment, until its result is there; then it is forgotten."""
    path = ask_for_payment(client, recipient, str(uuid.uuid4()))
    transfer = expect(200, client.get(path)).json()
    while "result" not in transfer:
        time.sleep(0.005)
        transfer = expect(200, client.get(path)).json()
    expect(204, client.ask("DELETE", path))
    if transfer["result"]["committedAmount"] != 1:
        raise AssertionError(transfer["result"])


class Payments:
    """Two devices that pay one payment after the other, each over one connection, until they are stopped."""

    def __init__(self, port, recipient):
        self.done = 0
        self.failures = []
        self.counted = threading.Lock()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(port, recipient)) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def work(self, port, recipient):
        with Client(port) as client:
            while not self.stopped.is_set() and not self.failures:
                try:
                    pay(client, recipient)
                except Exception as error:  # noqa: BLE001: whatever it is, the test shows it
                    self.failures.append(repr(error))
                else:
                    with self.counted:
                        self.done += 1

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
