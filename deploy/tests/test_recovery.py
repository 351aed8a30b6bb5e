"""deploy/recovery: a database that is set back to an earlier state, while everybody else knows what came later."""

import os
import subprocess
import unittest
import uuid
from urllib.parse import urlsplit

from shard import COPIES, PAYEE, PAYER, Shard, ask_for_payment, pay, stop
from support import DEPLOY, Client, program, run, until

SCRIPT = DEPLOY / "recovery/after-recovery.sql"
OBJECTS = ["config", "info", "ledger", "display", "exchange", "knowledge"]


class Recovery(Shard):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.name = urlsplit(cls.database_url).path[1:]
        cls.server = os.environ["CREDITORS_TEST_POSTGRES_URL"]
        cls.addClassCleanup(cls.sql, f"DROP DATABASE IF EXISTS {cls.name}_backup")
        cls.running = {}
        cls.proxy(1)

    @classmethod
    def sql(cls, *commands):
        run("psql", cls.server, "-q", *[word for command in commands for word in ("-c", command)])

    def begin(self, *names, **more):
        for name in names:
            self.running[name] = self.copy(name, **more)
        if "web" not in self.running:
            self.running["web"] = self.serve(0)

    def end(self, *names):
        for name in names or list(self.running):
            stop(self.running.pop(name))
        if not self.running:
            until(lambda: self.sessions() == 0, "the end of all sessions")

    def sessions(self):
        return int(run("psql", self.server, "-Atc", f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.name}'"))

    def recover(self):
        """Runs the script, and returns what it tells."""
        return run("psql", self.database_url, "-f", SCRIPT)

    def update_ids(self, client):
        account = self.account(client, PAYER)
        return {name: account[name]["latestUpdateId"] for name in OBJECTS} | {"account": account["latestUpdateId"]}

    def state_at_the_authority(self):
        return {account["creditorId"]: account["principal"] for account in self.command("accounts")}

    def test_nothing_is_paid_twice_and_everything_is_told_anew(self):
        self.begin(*COPIES)
        with Client(self.port) as client:
            recipient = self.prepare(client)
            for _ in range(3):
                pay(client, recipient)
            # A payment is asked for, and not yet sent when the state is kept that will be gone back to.
            self.end("flusher")
            doubtful = ask_for_payment(client, recipient, str(uuid.uuid4()))
            self.end()
            self.sql(f"CREATE DATABASE {self.name}_backup TEMPLATE {self.name}")

            self.begin(*COPIES)
            until(lambda: "result" in client.get(doubtful).json(), "the payment's result")
            for _ in range(3):
                pay(client, recipient)
            until(lambda: self.principal(client, PAYEE) == 7, "the ledger")
            self.rest()
            position, ids, truth = self.latest_entry(client), self.update_ids(client), self.state_at_the_authority()
            self.assertEqual(truth[PAYEE], 7)

            self.end()
            self.sql(f"DROP DATABASE {self.name}", f"ALTER DATABASE {self.name}_backup RENAME TO {self.name}")
            self.assertIn(doubtful.rsplit("/", 1)[1], self.recover())
            # As README.md tells, not to wait for two weeks.
            self.begin(*COPIES, "scanner", APP_MAX_TRANSFER_DELAY_DAYS="0", APP_ACCOUNTS_SCAN_HOURS="0.001")

            until(lambda: self.principal(client, PAYEE) == 7, "the ledger to be as the authority has it")
            until(lambda: self.principal(client, PAYER) == truth[PAYER], "the other ledger")
            self.rest()
            self.assertEqual(self.state_at_the_authority(), truth)
            self.assertEqual(run("psql", self.database_url, "-Atc",
                                 "SELECT DISTINCT is_config_effectual, config_error IS NULL FROM account_data"), "t|t\n")
            self.log_is_known_to_be_broken(client, position)
            for name, number in self.update_ids(client).items():
                self.assertGreater(number, ids[name], name)
            self.assertNotIn("result", client.get(doubtful).json())
            cancel = client.post(doubtful, {"type": "TransferCancelationRequest"})
            self.assertEqual(cancel.json()["result"]["error"]["errorCode"], "CANCELED_BY_THE_SENDER")

            pay(client, recipient)
            until(lambda: self.principal(client, PAYEE) == 8, "a new payment")
        self.rest()
        self.assertEqual(run(program("agent"), "verify", "ledger", env=self.environment), "")
        self.only_gaps_are_found()

    def log_is_known_to_be_broken(self, client, position):
        """Wallets ask for what follows the entry that they have seen last: it is not the next one."""
        page = client.get(f"/creditors/{PAYER}/log?prev={position}").json()
        self.assertGreater(page["items"][0]["entryId"], position + 1)
        self.assertEqual(page["items"][0]["objectType"], "AccountsList")
        found = client.get(f"/creditors/{PAYER}/accounts-list").json()
        self.assertEqual(page["items"][0]["objectUpdateId"], found["latestUpdateId"])
        self.assertEqual(page["items"][0]["addedAt"], found["latestUpdateAt"])

    def only_gaps_are_found(self):
        done = subprocess.run([program("agent"), "verify", "log"], env=self.environment, capture_output=True, text=True,
                              check=False)
        findings = [line for line in (done.stdout + done.stderr).splitlines() if "creditor" in line]
        self.assertEqual(len([line for line in findings if "gaps" in line]), 2, findings)
        self.assertEqual(len(findings), 2, findings)

    def test_it_refuses_to_run_beside_processes(self):
        self.begin("ledger-processor")
        with self.assertRaisesRegex(AssertionError, "others are connected"):
            self.recover()
        self.end()


if __name__ == "__main__":
    unittest.main()
